"""The options of ``train`` and the fields of ``TrainingConfig`` are one and the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer.main

from cnn_explorer.cli import app
from cnn_explorer.commands.options import TRAINING_FIELDS, config_of, option_name
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.training import TrainingConfig

OTHER_OPTIONS = {
    "--preset", "--architecture", "--dataset", "--out", "--continue", "--config", "--json", "--force", "--help",
}  # fmt: skip

GIVEN = {
    "epochs": ("7", 7),
    "batch_size": ("32", 32),
    "seed": ("5", 5),
    "optimizer": ("adam", "adam"),
    "learning_rate": ("1e-4", 1e-4),
    "momentum": ("0.9", 0.9),
    "schedule": ("power", "power"),
    "decay_steps": ("10", 10),
    "decay_rate": ("0.5", 0.5),
    "regularizer": ("l2", "l2"),
    "regularizer_strength": ("0.01", 0.01),
    "preprocessing": ("scale", "scale"),
    "split": ("shuffled", "shuffled"),
    "split_seed": ("3", 3),
    "train_limit": ("100", 100),
    "test_limit": ("50", 50),
    "device": ("gpu:1", "gpu:1"),
    "precision": ("mixed_bfloat16", "mixed_bfloat16"),
}
"""For each field a text and the value that it means, which is not the default."""

NOTHING: dict[str, str | None] = dict.fromkeys(TrainingConfig.__struct_fields__)


def test_that_every_field_has_the_option_of_its_name_and_no_other_setting_has_one() -> None:
    train = typer.main.get_command(app).get_command(None, "train")  # type: ignore[attr-defined, arg-type]
    options = {name for parameter in train.params for name in parameter.opts} | {"--help"}
    fields = {"--" + name.replace("_", "-") for name in TrainingConfig.__struct_fields__}
    assert options == fields | OTHER_OPTIONS


@pytest.mark.parametrize("name", TrainingConfig.__struct_fields__)
def test_that_an_option_sets_its_field_and_nothing_else(name: str) -> None:
    text, value = GIVEN[name]
    assert value != getattr(TrainingConfig(), name)
    config = config_of(NOTHING | {name: text}, TrainingConfig())
    assert config == msgspec.structs.replace(TrainingConfig(), **{name: value})
    assert type(getattr(config, name)) is type(value)


@pytest.mark.parametrize("field", TRAINING_FIELDS, ids=lambda field: field.name)
def test_that_a_wrong_value_is_refused_with_the_option_and_what_it_takes(field: Any) -> None:
    with pytest.raises(ExplorerError) as refused:
        config_of(NOTHING | {field.name: "~"}, TrainingConfig())
    assert str(refused.value) == f'{option_name(field.name)}: expected {field.expected()}, got "~".'


@pytest.mark.parametrize(
    ("name", "text"),
    [("epochs", "0"), ("epochs", "2.5"), ("momentum", "1"), ("learning_rate", "0"), ("learning_rate", "nan"),
     ("learning_rate", "inf"), ("device", "tpu"), ("train_limit", "0"), ("optimizer", "Adam")],
)  # fmt: skip
def test_that_values_beyond_the_limits_are_refused(name: str, text: str) -> None:
    with pytest.raises(ExplorerError, match=option_name(name)):
        config_of(NOTHING | {name: text}, TrainingConfig())


def test_that_given_options_win_over_the_configuration_file_and_others_come_from_it() -> None:
    file = TrainingConfig(epochs=9, optimizer="sgd", momentum=0.5, train_limit=10)
    config = config_of(NOTHING | {"momentum": "0.25", "train_limit": "null"}, file)
    assert config == TrainingConfig(epochs=9, optimizer="sgd", momentum=0.25)


REFUSED = {
    "no network": (("--dataset", "mnist", "--out", "run"), "Which network?"),
    "two networks": (("--preset", "mnist-mlp", "--architecture", "a.json"), "Which network?"),
    "no data set": (("--preset", "mnist-mlp", "--out", "run"), "--dataset is missing."),
    "no run": (("--preset", "mnist-mlp", "--dataset", "mnist"), "--out is missing."),
    "unknown data set": (
        ("--preset", "mnist-mlp", "--dataset", "emnist", "--out", "run"),
        'There is no data set "emnist". Choose one of: mnist.',
    ),
    "wrong option": (
        ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run", "--batch-size", "0"),
        '--batch-size: expected an integer from 1 to 65536, got "0".',
    ),
    "wrong value in the file": (
        ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run", "--config", "wrong.json"),
        'epochs: expected an integer from 1 to 100000, got "many".',
    ),
    "existing run": (("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "there"), "there exists already."),
    "other images": (
        ("--preset", "fruits-18", "--dataset", "mnist", "--out", "run"),
        "The network cannot be trained. The network takes images of 100×100×3, the data set has images of 28×28×1",
    ),
    "no such device": (
        ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run", "--device", "gpu:7"),
        'There is no device "gpu:7" here; there is cpu',
    ),
    "setting beside --continue": (
        ("--continue", "there", "--epochs", "3", "--learning-rate", "0.1"),
        "--learning-rate has no place beside --continue. Everything but --epochs comes from the run.",
    ),
    "network beside --continue": (("--continue", "there", "--preset", "mnist-mlp"), "--preset has no place beside"),
    "no run to continue": (("--continue", "nosuch"), "nosuch does not exist."),
    "continue a folder": (("--continue", "there"), "there"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_that_everything_is_checked_before_a_run_is_made(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").mkdir()
    Path("wrong.json").write_text('{"epochs": "many"}')
    arguments, expected = REFUSED[case]
    assert cli("train", *arguments).refusal.startswith(expected)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["there", "wrong.json"]
