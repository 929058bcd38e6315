from __future__ import annotations

import pytest
from hypothesis import given
from unit.core.strategies import specs

from cnn_explorer.core.architecture import L1L2, Architecture, Conv2D, Dense, Flatten
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.training import TrainingConfig


@given(specs(TrainingConfig))
def test_that_a_configuration_survives_its_file(config: TrainingConfig) -> None:
    assert TrainingConfig.from_json(config.to_json()) == config


WRONG = [
    ('{"epochs": 0}', "epochs: expected an integer from 1 to 100000, got 0."),
    ('{"seed": -1}', "seed: expected an integer from 0 to 2147483647, got -1."),
    ('{"learning_rate": 0}', "learning_rate: expected a number above 0 and up to 100, got 0."),
    ('{"momentum": 1}', "momentum: expected a number of 0 or more, below 1, got 1."),
    ('{"train_limit": 0}', "train_limit: expected an integer from 1 to 1000000000 or null, got 0."),
    ('{"device": "tpu"}', 'device: expected auto, cpu, gpu or gpu:1, got "tpu".'),
    ('{"device": "cpu\\n"}', 'device: expected auto, cpu, gpu or gpu:1, got "cpu\\n".'),
    ('{"optimizer": "Adam"}', (
        'optimizer: expected one of "rmsprop", "adam", "adamw", "nadam", "adamax", "sgd", got "Adam".'
    )),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WRONG, ids=lambda value: value[:30])
def test_that_a_wrong_value_is_named(text: str, message: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        TrainingConfig.from_json(text)
    assert caught.value.message == message
    assert "configuration file" in caught.value.hint


def test_that_an_empty_file_is_the_default_configuration() -> None:
    assert TrainingConfig.from_json("{}") == TrainingConfig()


def test_that_the_regularizer_goes_to_dense_layers_without_one_of_their_own() -> None:
    own = L1L2(l1=0.5)
    architecture = Architecture(
        input_shape=(8, 8, 1),
        layers=(
            Conv2D(name="c", filters=1, kernel_size=(3, 3)),
            Flatten(name="f"),
            Dense(name="d", units=2, kernel_regularizer=own),
            Dense(name="e", units=2),
        ),
    )
    layers = TrainingConfig(regularizer="l2", regularizer_strength=0.25).regularized(architecture).layers
    penalties = [getattr(layer, "kernel_regularizer", None) for layer in layers]
    assert penalties == [L1L2(), None, own, L1L2(l2=0.25)]
    assert TrainingConfig().regularized(architecture) is architecture
