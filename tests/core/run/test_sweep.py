from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.optimizers import OPTIMIZERS
from cnn_explorer.core.run.sweep import LARGEST, SWEPT, Axis, SweepRun, axis_of, sweep


@pytest.mark.parametrize(
    ("name", "text", "axis"),
    [
        ("seed", "0,1, 2", Axis("seed", (0, 1, 2))),
        ("learning-rate", "0.1,1e-3", Axis("learning_rate", (0.1, 0.001))),
        (" learning_rate ", "1", Axis("learning_rate", (1.0,))),
        ("nesterov", "true,false", Axis("nesterov", (True, False))),
        ("train_limit", "100,null", Axis("train_limit", (100, None))),
        ("optimizer", "adam,sgd,adam,", Axis("optimizer", ("adam", "sgd"))),
    ],
)
def test_that_an_axis_has_each_value_once_in_the_setting_s_own_type(name: str, text: str, axis: Axis) -> None:
    found = axis_of(name, text)
    assert found == axis
    assert [type(value) for value in found.values] == [type(value) for value in axis.values]


def test_that_an_axis_takes_every_optimizer() -> None:
    names = tuple(row.name for row in OPTIMIZERS)
    assert axis_of("optimizer", ",".join(names)) == Axis("optimizer", names)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("seed", "0,x", 'seed: expected an integer from 0 to 2147483647, got "x".'),
        ("momentum", "1", 'momentum: expected a number of 0 or more, below 1, got "1".'),
        ("seed", " , ", "seed: expected values with commas between, got none."),
        ("sead", "1", 'A sweep cannot vary "sead".'),
        ("intra_op_threads", "1,2", 'A sweep cannot vary "intra_op_threads".'),
        ("boundaries", "1,2", 'A sweep cannot vary "boundaries".'),
    ],
)
def test_that_a_wrong_axis_is_named(name: str, text: str, message: str) -> None:
    with pytest.raises(ExplorerError) as refused:
        axis_of(name, text)
    assert refused.value.message == message


def test_that_all_pairs_of_two_axes_come_with_the_last_one_fastest() -> None:
    base = TrainingConfig(optimizer="sgd")
    runs = sweep(base, (Axis("seed", (1, 2)), Axis("momentum", (0.0, 0.5))))
    assert [run.settings for run in runs] == [
        {"seed": 1, "momentum": 0.0}, {"seed": 1, "momentum": 0.5},
        {"seed": 2, "momentum": 0.0}, {"seed": 2, "momentum": 0.5},
    ]  # fmt: skip
    assert runs[1] == SweepRun(runs[1].settings, msgspec.structs.replace(base, seed=1, momentum=0.5))


@pytest.mark.parametrize(
    ("base", "axes", "words"),
    [
        ({}, (), "varies one or two settings, not 0"),
        ({}, (Axis("seed", (1,)), Axis("epochs", (1,)), Axis("momentum", (0.0,))), "not 3"),
        ({}, (Axis("seed", (1,)), Axis("seed", (2,))), "cannot vary seed twice"),
        ({}, (Axis("seed", tuple(range(LARGEST + 1))),), "more than 1,000 runs"),
        ({"values": (0.1,)}, (Axis("schedule", ("none", "piecewise")),), "values: Expected 2 values"),
    ],
)
def test_that_an_impossible_sweep_is_refused(base: dict[str, Any], axes: tuple[Axis, ...], words: str) -> None:
    with pytest.raises(ExplorerError, match=words):
        sweep(TrainingConfig(**base), axes)


def test_that_the_largest_sweep_is_possible() -> None:
    assert len(sweep(TrainingConfig(), (Axis("seed", tuple(range(LARGEST))),))) == LARGEST


def test_that_settings_of_the_process_and_of_the_film_are_not_swept() -> None:
    left = {field.name for field in SWEPT} ^ set(TrainingConfig.__struct_fields__)
    assert left == {
        "boundaries", "values", "class_weight_values", "gpu_memory", "intra_op_threads", "inter_op_threads",
        "log_device_placement", "probe_index", "probe_layer",
    }  # fmt: skip
