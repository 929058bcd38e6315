from __future__ import annotations

import inspect
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.optimizers import NEUTRAL, Optimizer, optimizers_with
from cnn_explorer.engine.models.compiling import optimizer_of, uses_xla
from cnn_explorer.engine.training.rates import Rates
from tests.core.run.optimizers import EACH_OPTIMIZER, OTHER_VALUES, arguments_of, taken

OTHER_DEFAULTS = {"lion": ("weight_decay",)}
"""Settings whose default is knowingly not Keras': Lion decays nothing there, here as much as AdamW: one setting."""


def test_that_the_learning_rate_is_a_plain_variable_that_keras_saves() -> None:
    for config in (TrainingConfig(schedule="power"), TrainingConfig(schedule="power", precision="mixed_float16")):
        optimizer = optimizer_of(config)
        optimizer.learning_rate.assign(0.25)
        assert float(optimizer.learning_rate) == 0.25
        again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
        assert float(again.learning_rate) == 0.25


def test_that_the_article_s_rate_at_step_75_040_is_the_one_that_is_assigned() -> None:
    config = TrainingConfig(schedule="power", learning_rate=0.001, decay_steps=1, decay_rate=0.001)
    assert Rates(config).of_steps(75_040, 1)[0] == np.float32(1.31509732e-05)


@EACH_OPTIMIZER
def test_that_each_optimizer_is_the_one_that_keras_knows_by_this_name(row: Optimizer) -> None:
    ours = optimizer_of(TrainingConfig(optimizer=row.name, learning_rate=0.5))
    plain = keras.optimizers.get(row.name)
    assert type(ours) is type(plain)
    differing = {key for key, value in ours.get_config().items() if value != plain.get_config()[key]}
    assert differing <= {"learning_rate", "name", *OTHER_DEFAULTS.get(row.name, ())}


@EACH_OPTIMIZER
def test_that_an_optimizer_gets_the_settings_of_its_row_and_no_others(row: Optimizer) -> None:
    ours = optimizer_of(TrainingConfig(optimizer=row.name, learning_rate=0.5, **OTHER_VALUES))
    assert type(ours) is getattr(keras.optimizers, row.keras_class)
    plain = arguments_of(keras.optimizers.get(row.name))
    assert arguments_of(ours) == plain | taken(row) | {"learning_rate": 0.5}


@EACH_OPTIMIZER
def test_that_neutral_values_are_defaults_of_keras(row: Optimizer) -> None:
    defaults = inspect.signature(getattr(keras.optimizers, row.keras_class)).parameters
    for name in row.settings:
        assert name not in NEUTRAL or defaults[name].default == NEUTRAL[name]


@EACH_OPTIMIZER
def test_that_an_optimizer_keeps_up_to_two_numbers_for_each_weight_as_the_estimate_of_memory_says(
    row: Optimizer,
) -> None:
    optimizer = optimizer_of(TrainingConfig(optimizer=row.name, **OTHER_VALUES))
    optimizer.build([keras.Variable(np.zeros((3, 5)))])
    assert sum(variable.shape == (3, 5) for variable in optimizer.variables) in {0, 1, 2}


@pytest.mark.parametrize(("name", "has"), [("rmsprop", True), ("sgd", True), ("adam", False)])
def test_that_momentum_goes_to_the_optimizers_that_have_it(name: str, has: bool) -> None:
    config = optimizer_of(TrainingConfig(optimizer=name, momentum=0.9)).get_config()
    assert config.get("momentum") == (0.9 if has else None)


def test_that_nesterov_and_weight_decay_go_to_the_optimizers_that_have_them() -> None:
    assert optimizer_of(TrainingConfig(optimizer="sgd", nesterov=True)).get_config()["nesterov"] is True
    assert optimizer_of(TrainingConfig(optimizer="rmsprop", nesterov=True)).get_config().get("nesterov") is None
    assert optimizer_of(TrainingConfig(optimizer="adamw", weight_decay=0.1)).get_config()["weight_decay"] == 0.1
    assert optimizer_of(TrainingConfig(optimizer="adam", weight_decay=0.1)).get_config()["weight_decay"] is None


@pytest.mark.parametrize("name", optimizers_with("weight_decay"))
def test_that_weight_decay_takes_its_share_times_the_rate_off_each_weight_where_no_gradient_pulls(name: str) -> None:
    optimizer = optimizer_of(TrainingConfig(optimizer=name, learning_rate=0.5, weight_decay=0.25))
    weights = keras.Variable(np.array([2.0, -1.0, 0.0]))
    optimizer.apply([keras.ops.zeros(3)], [weights])
    np.testing.assert_allclose(weights.numpy(), np.array([2.0, -1.0, 0.0]) * (1 - 0.5 * 0.25))


def test_that_lion_steps_by_the_rate_along_the_sign_of_mixed_old_and_new_gradients() -> None:
    optimizer = optimizer_of(TrainingConfig(optimizer="lion", learning_rate=0.5, weight_decay=0.0))
    weights = keras.Variable(np.zeros(3))
    kept, expected = np.zeros(3), np.zeros(3)
    for gradient in ([1.0, -1e-6, 0.0], [-0.05, 0.3, 0.0], [-0.5, -0.01, -2.0]):
        optimizer.apply([keras.ops.array(gradient, "float32")], [weights])
        expected -= 0.5 * np.sign(0.9 * kept + 0.1 * np.array(gradient))
        kept = 0.99 * kept + 0.01 * np.array(gradient)
    np.testing.assert_allclose(weights.numpy(), expected)


@pytest.mark.parametrize(
    ("setting", "device", "xla"),
    [
        ("on", "/CPU:0", True), ("on", "/GPU:0", True), ("off", "/GPU:0", False), ("auto", "/CPU:0", False),
        ("auto", "/GPU:0", True),
    ],
)  # fmt: skip
def test_that_auto_compiles_where_keras_would_but_never_for_a_processor(setting: str, device: str, xla: bool) -> None:
    resolved = SimpleNamespace(jit_compile=True)  # as Keras says on a machine with a GPU
    assert uses_xla(resolved, TrainingConfig(jit_compile=setting), device) is xla
    unfit = SimpleNamespace(jit_compile=False)  # as it says in deterministic mode
    assert uses_xla(unfit, TrainingConfig(jit_compile="auto"), device) is False


def test_that_half_precision_with_few_exponents_scales_the_loss() -> None:
    optimizer = optimizer_of(TrainingConfig(precision="mixed_float16", optimizer="adam"))
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(optimizer.inner_optimizer, keras.optimizers.Adam)
    assert not isinstance(optimizer_of(TrainingConfig(precision="mixed_bfloat16")), keras.optimizers.LossScaleOptimizer)
