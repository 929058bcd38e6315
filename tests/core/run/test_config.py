from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import (
    L1L2,
    Architecture,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    SeparableConv2D,
)
from cnn_explorer.core.run.config import RuntimeOptions, TrainingConfig
from tests.core.network.strategies import specs


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
        'optimizer: expected one of "rmsprop", "adam", "adamw", "nadam", "adamax", "sgd", "lion", got "Adam".'
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


def test_that_the_regularizer_may_go_to_all_kernels_and_may_be_of_both_kinds() -> None:
    architecture = Architecture(
        input_shape=(8, 8, 1),
        layers=(
            SeparableConv2D(name="s", filters=1, kernel_size=(3, 3)),
            Conv2DTranspose(name="t", filters=1, kernel_size=(3, 3)),
            Flatten(name="f"),
            Dense(name="d", units=2),
        ),
    )
    config = TrainingConfig(regularizer="l1_l2", regularizer_strength=0.5, regularizer_scope="all")
    separable, transposed, flat, dense = config.regularized(architecture).layers
    assert isinstance(separable, SeparableConv2D)
    assert isinstance(transposed, Conv2DTranspose)
    assert isinstance(dense, Dense)
    both = L1L2(l1=0.5, l2=0.5)
    assert (separable.depthwise_regularizer, separable.pointwise_regularizer, dense.kernel_regularizer) == (both,) * 3
    assert transposed.kernel_regularizer == both
    assert flat == architecture.layers[2]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"schedule": "piecewise", "values": (0.1,)}, ("values", "Expected 2 values, one for each boundary, got 1.")),
        ({"schedule": "piecewise", "boundaries": (2, 2)}, ("boundaries", "Expected each boundary to be larger")),
        ({"class_weight": "custom", "class_weight_values": (1.0, 2.0)}, ("class_weight_values", "Expected 3 numbers")),
        (
            {"class_weight": "custom", "class_weight_values": (0.0,) * 3},
            ("class_weight_values", "Expected at least one"),
        ),
        ({"class_weight": "custom"}, ("class_weight_values", "Expected 3 numbers")),
    ],
)
def test_that_settings_that_do_not_go_together_are_named(changes: dict[str, Any], problem: tuple[str, str]) -> None:
    config = msgspec.structs.replace(TrainingConfig(), **changes)
    (found,) = config.problems(classes=3)
    assert found.field == problem[0]
    assert found.message.startswith(problem[1])
    with pytest.raises(ExplorerError) as refused:
        config.check(classes=3)
    assert refused.value.message == f"{found.field}: {found.message}"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"values": (0.1,)},  # of another schedule
        {"class_weight_values": (1.0,)},  # nobody asks for them
        {"schedule": "piecewise", "boundaries": (), "values": ()},
        {"class_weight": "custom", "class_weight_values": (0.0, 1.0, 0.0)},
    ],
)
def test_that_settings_that_go_together_are_no_problem(changes: dict[str, Any]) -> None:
    assert msgspec.structs.replace(TrainingConfig(), **changes).problems(classes=3) == ()


def test_that_the_number_of_weights_waits_for_the_number_of_classes() -> None:
    assert TrainingConfig(class_weight="custom", class_weight_values=(1.0, 2.0)).problems() == ()


def test_that_the_best_epoch_is_that_of_early_stopping_else_of_the_accuracy() -> None:
    assert TrainingConfig().monitor == "val_accuracy"
    assert TrainingConfig(early_stopping="val_loss").monitor == "val_loss"


def test_that_the_options_of_the_process_are_the_three_that_cannot_change_later() -> None:
    config = TrainingConfig(gpu_memory=0.35, intra_op_threads=2, inter_op_threads=1)
    assert config.runtime == RuntimeOptions(gpu_memory=0.35, intra_op_threads=2, inter_op_threads=1)
    assert TrainingConfig().runtime == RuntimeOptions()


@pytest.mark.parametrize(
    "changes",
    [
        {"augment_shift": 0.1}, {"augment_rotation": 1.0}, {"augment_zoom": 0.1}, {"augment_flip": "vertical"},
        {"augment_noise": 0.1},
    ],
)  # fmt: skip
def test_that_each_kind_of_augmentation_is_one(changes: dict[str, Any]) -> None:
    assert not TrainingConfig().augments
    assert msgspec.structs.replace(TrainingConfig(), **changes).augments
