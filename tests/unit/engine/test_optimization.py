from __future__ import annotations

import keras
import pytest

from cnn_explorer.core.schedules import schedule_of
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.engine.optimization import optimizer_of

NAMES = ("rmsprop", "adam", "adamw", "nadam", "adamax", "sgd")


def rate_at(optimizer: keras.optimizers.Optimizer, step: int) -> float:
    optimizer.build([keras.Variable([1.0])])
    optimizer.iterations.assign(step)
    return float(optimizer.learning_rate)


@pytest.mark.parametrize("step", [0, 1, 17, 1000, 75_040])
@pytest.mark.parametrize(
    "config",
    [
        TrainingConfig(schedule="none", learning_rate=0.02),
        TrainingConfig(schedule="power", decay_steps=1, decay_rate=0.001),
        TrainingConfig(schedule="exponential", decay_steps=500, decay_rate=0.9),
        TrainingConfig(schedule="cosine", decay_steps=2000, learning_rate=0.1),
    ],
    ids=lambda config: config.schedule,
)
def test_that_the_learning_rate_follows_the_formula(config: TrainingConfig, step: int) -> None:
    assert rate_at(optimizer_of(config), step) == pytest.approx(schedule_of(config)(step), rel=1e-5, abs=1e-9)


def test_that_the_power_schedule_ends_where_the_article_says() -> None:
    config = TrainingConfig(schedule="power", learning_rate=0.001, decay_steps=1, decay_rate=0.001)
    assert rate_at(optimizer_of(config), 75_040) == pytest.approx(1.31509732e-05, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_that_each_optimizer_is_the_one_that_keras_knows_by_this_name(name: str) -> None:
    ours = optimizer_of(TrainingConfig(optimizer=name, learning_rate=0.5))
    plain = keras.optimizers.get(name)
    assert type(ours) is type(plain)
    differing = {key for key, value in ours.get_config().items() if value != plain.get_config()[key]}
    assert differing <= {"learning_rate", "name"}


@pytest.mark.parametrize(("name", "has"), [("rmsprop", True), ("sgd", True), ("adam", False)])
def test_that_momentum_goes_to_the_optimizers_that_have_it(name: str, has: bool) -> None:
    config = optimizer_of(TrainingConfig(optimizer=name, momentum=0.9)).get_config()
    assert config.get("momentum") == (0.9 if has else None)


def test_that_half_precision_with_few_exponents_scales_the_loss() -> None:
    optimizer = optimizer_of(TrainingConfig(precision="mixed_float16", optimizer="adam"))
    assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(optimizer.inner_optimizer, keras.optimizers.Adam)
    assert not isinstance(optimizer_of(TrainingConfig(precision="mixed_bfloat16")), keras.optimizers.LossScaleOptimizer)
