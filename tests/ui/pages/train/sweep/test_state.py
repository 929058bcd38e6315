"""What is typed into the sweep panel, without Qt."""

from __future__ import annotations

import pytest

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.sweep import SWEPT
from cnn_explorer.ui.pages.train.sweep.state import EXAMPLE, example, plan_sweep
from tests.ui.fakes import digits

BASE = TrainingConfig(epochs=3)


def test_that_one_or_two_settings_make_a_run_of_each_combination() -> None:
    one = plan_sweep(BASE, digits(), (("seed", "0, 1, 2"), ("", "ignored")))
    assert ([run.settings["seed"] for run in one.runs], one.caption) == ([0, 1, 2], "3 runs")
    two = plan_sweep(BASE, digits(), (("seed", "0,1"), ("optimizer", "adam, sgd")))
    assert len(two.runs) == 4
    assert two.caption == "4 runs = 2 × 2"
    assert all(run.config.epochs == 3 for run in two.runs)
    assert plan_sweep(BASE, None, (("seed", "5"), ("", ""))).caption == "1 run"


@pytest.mark.parametrize("text", ["", "   "])
def test_that_nothing_typed_is_no_mistake(text: str) -> None:
    plan = plan_sweep(BASE, digits(), (("seed", text), ("", "")))
    assert (plan.runs, plan.caption, plan.problem) == ((), EXAMPLE, "")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((("seed", "a"), ("", "")), "seed: expected an integer"),
        ((("seed", "0,1"), ("seed", "2")), "twice"),
        ((("seed", ",".join(map(str, range(1001)))), ("", "")), "more than 1,000 runs"),
        ((("schedule", "piecewise, power"), ("class_weight", "custom")), "Expected 10 numbers"),
    ],
)
def test_that_what_is_wrong_is_said_in_words(lines: tuple[tuple[str, str], ...], words: str) -> None:
    plan = plan_sweep(BASE, digits(), lines)
    assert words in plan.problem
    assert plan.runs == ()


def test_that_a_setting_without_effect_is_pointed_out() -> None:
    idle = plan_sweep(TrainingConfig(optimizer="adam"), digits(), (("momentum", "0.1, 0.9"), ("", "")))
    assert len(idle.runs) == 2
    assert "Momentum has no effect" in idle.caption
    useful = plan_sweep(TrainingConfig(optimizer="adam"), digits(), (("momentum", "0.1"), ("optimizer", "adam, sgd")))
    assert "no effect" not in useful.caption


def test_that_the_example_of_every_setting_is_a_sweep() -> None:
    for field in SWEPT:
        if field.kind != "text":
            assert plan_sweep(BASE, None, ((field.name, example(field)), ("", ""))).runs, field.name
