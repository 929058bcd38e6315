"""The options of ``train`` and the fields of ``TrainingConfig`` are one and the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer.main

from cnn_explorer.cli import app
from cnn_explorer.commands.arguments.dataset import READING
from cnn_explorer.commands.arguments.training import TRAINING_FIELDS, config_of, idle_notes, option_name
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.optimizers import OPTIMIZERS

OTHER_OPTIONS = {
    "--preset", "--architecture", "--dataset", "--out", "--continue", "--config", "--sweep", "--json", "--force",
    "--help",
    *(option_name(option.field) for option in READING),
}  # fmt: skip
FLAGS = {field.name for field in TRAINING_FIELDS if field.kind == "boolean"}

GIVEN: dict[str, tuple[str | bool, Any]] = {
    "epochs": ("7", 7),
    "batch_size": ("32", 32),
    "seed": ("5", 5),
    "deterministic": (True, True),
    "optimizer": ("adam", "adam"),
    "learning_rate": ("1e-4", 1e-4),
    "momentum": ("0.9", 0.9),
    "nesterov": (True, True),
    "weight_decay": ("0.01", 0.01),
    "schedule": ("power", "power"),
    "decay_steps": ("10", 10),
    "decay_rate": ("0.5", 0.5),
    "boundaries": ("10, 20,30", (10, 20, 30)),
    "values": ("0.5,1e-3", (0.5, 1e-3)),
    "warmup_steps": ("9", 9),
    "reduce_on_plateau": ("val_loss", "val_loss"),
    "plateau_factor": ("0.5", 0.5),
    "plateau_patience": ("2", 2),
    "min_learning_rate": ("1e-6", 1e-6),
    "loss": ("categorical_crossentropy", "categorical_crossentropy"),
    "label_smoothing": ("0.1", 0.1),
    "class_weight": ("custom", "custom"),
    "class_weight_values": ("1,2,0.5", (1.0, 2.0, 0.5)),
    "regularizer": ("l1_l2", "l1_l2"),
    "regularizer_strength": ("0.01", 0.01),
    "regularizer_scope": ("all", "all"),
    "early_stopping": ("val_accuracy", "val_accuracy"),
    "patience": ("3", 3),
    "min_delta": ("0.001", 0.001),
    "restore_best_weights": (False, False),
    "augment_shift": ("0.1", 0.1),
    "augment_rotation": ("10", 10.0),
    "augment_zoom": ("0.2", 0.2),
    "augment_flip": ("both", "both"),
    "augment_noise": ("0.05", 0.05),
    "preprocessing": ("standardize_channel", "standardize_channel"),
    "split": ("stratified", "stratified"),
    "validation_split": ("0.2", 0.2),
    "split_seed": ("3", 3),
    "train_limit": ("100", 100),
    "test_limit": ("50", 50),
    "probe_index": ("4", 4),
    "probe_layer": ("Conv2D_2", "Conv2D_2"),
    "device": ("gpu:1", "gpu:1"),
    "precision": ("mixed_bfloat16", "mixed_bfloat16"),
    "jit_compile": ("off", "off"),
    "log_device_placement": (True, True),
    "gpu_memory": ("0.35", 0.35),
    "intra_op_threads": ("2", 2),
    "inter_op_threads": ("1", 1),
}
"""For each field what is given and the value that it means, which is not the default."""

NOTHING: dict[str, str | bool | None] = dict.fromkeys(TrainingConfig.__struct_fields__)


def parameters() -> list[Any]:
    """The options of ``train`` as typer made them."""
    return typer.main.get_command(app).get_command(None, "train").params  # type: ignore[attr-defined, arg-type]


def test_that_every_field_has_the_option_of_its_name_and_no_other_setting_has_one() -> None:
    options = {name for parameter in parameters() for name in parameter.opts} | {"--help"}
    fields = {"--" + name.replace("_", "-") for name in TrainingConfig.__struct_fields__}
    assert options == fields | OTHER_OPTIONS


def test_that_switches_can_be_turned_off_too() -> None:
    off = {name for parameter in parameters() for name in parameter.secondary_opts}
    assert off == {"--no-" + name.replace("_", "-") for name in FLAGS}


def test_that_every_option_says_in_its_group_what_it_is_for_and_what_holds_without_it() -> None:
    by_name = {parameter.name: parameter for parameter in parameters()}
    for field in TRAINING_FIELDS:
        option = by_name[field.name]
        assert option.rich_help_panel == f"Training: {field.group}"
        assert option.help.startswith(field.description)
        assert " Default: " in option.help
    assert by_name["boundaries"].metavar == "N,N,..."
    assert by_name["boundaries"].help.endswith(" Default: 2000,4000.")
    assert by_name["restore_best_weights"].help.endswith(" Default: yes.")
    assert by_name["intra_op_threads"].help.endswith(" Default: 0 (automatic).")


def test_that_the_command_line_offers_exactly_the_optimizers_of_the_table() -> None:
    (option,) = (parameter for parameter in parameters() if parameter.name == "optimizer")
    assert option.metavar == "|".join(row.name for row in OPTIMIZERS)
    for row in OPTIMIZERS:
        assert config_of(NOTHING | {"optimizer": row.name}, TrainingConfig()) == TrainingConfig(optimizer=row.name)


@pytest.mark.parametrize("name", TrainingConfig.__struct_fields__)
def test_that_an_option_sets_its_field_and_nothing_else(name: str) -> None:
    given, value = GIVEN[name]
    assert value != getattr(TrainingConfig(), name)
    config = config_of(NOTHING | {name: given}, TrainingConfig())
    assert config == msgspec.structs.replace(TrainingConfig(), **{name: value})
    assert type(getattr(config, name)) is type(value)


@pytest.mark.parametrize("field", [f for f in TRAINING_FIELDS if f.name != "probe_layer"], ids=lambda field: field.name)
def test_that_a_wrong_value_is_refused_with_the_option_and_what_it_takes(field: Any) -> None:
    with pytest.raises(ExplorerError) as refused:
        config_of(NOTHING | {field.name: "~"}, TrainingConfig())
    assert refused.value.message == f'{option_name(field.name)}: expected {field.expected()}, got "~".'


@pytest.mark.parametrize(
    ("name", "text"),
    [("epochs", "0"), ("epochs", "2.5"), ("momentum", "1"), ("learning_rate", "0"), ("learning_rate", "nan"),
     ("learning_rate", "inf"), ("device", "tpu"), ("train_limit", "0"), ("optimizer", "Adam"), ("values", "0.1,0"),
     ("boundaries", "1,,2"), ("boundaries", "0"), ("probe_layer", "x" * 201)],
)  # fmt: skip
def test_that_values_beyond_the_limits_are_refused(name: str, text: str) -> None:
    with pytest.raises(ExplorerError, match=option_name(name)):
        config_of(NOTHING | {name: text}, TrainingConfig())


def test_that_given_options_win_over_the_configuration_file_and_others_come_from_it() -> None:
    file = TrainingConfig(epochs=9, optimizer="sgd", momentum=0.5, train_limit=10)
    config = config_of(NOTHING | {"momentum": "0.25", "train_limit": "null"}, file)
    assert config == TrainingConfig(epochs=9, optimizer="sgd", momentum=0.25)


def test_that_an_option_without_effect_is_told_and_one_with_effect_is_not() -> None:
    smoothed = TrainingConfig(label_smoothing=0.1, momentum=0.9)
    note = "--label-smoothing has no effect without --loss categorical_crossentropy."
    assert idle_notes([smoothed], {"label_smoothing", "momentum"}) == (note,)
    assert idle_notes([smoothed], {"momentum"}) == ()  # the file may say what it likes
    assert idle_notes([TrainingConfig()], {"label_smoothing"}) == ()  # nothing was wanted
    both = [smoothed, msgspec.structs.replace(smoothed, loss="categorical_crossentropy")]
    assert idle_notes(both, {"label_smoothing"}) == ()
    adam = TrainingConfig(optimizer="adam", momentum=0.9)
    assert idle_notes([adam], {"momentum"}) == ("--momentum has no effect without --optimizer rmsprop or sgd.",)
    adam = TrainingConfig(optimizer="adam", weight_decay=0.1)
    note = "--weight-decay has no effect without --optimizer adamw or lion."
    assert idle_notes([adam], {"weight_decay"}) == (note,)


@pytest.mark.parametrize(
    ("more", "notes"),
    [
        pytest.param(
            (), ("--patience has no effect without --early-stopping val_loss or val_accuracy.",), marks=pytest.mark.slow
        ),
        (("--early-stopping", "val_loss"), ()),
        pytest.param(("--sweep", "early_stopping=none,val_loss"), (), marks=pytest.mark.slow),
        (
            ("--sweep", "label_smoothing=0,0.1"),
            (
                "--label-smoothing has no effect without --loss categorical_crossentropy.",
                "--patience has no effect without --early-stopping val_loss or val_accuracy.",
            ),
        ),
    ],
)
def test_that_train_says_which_options_have_no_effect(
    cli: Callable[..., Any], tmp_path: Path, more: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    arguments = ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", str(tmp_path / "run"))
    limits = ("--train-limit", "20", "--test-limit", "20", "--epochs", "1", "--patience", "2")
    done = cli("train", *arguments, *limits, *more)
    assert done.code == 0
    assert tuple(line for line in done.err.splitlines() if "no effect" in line) == notes


NEW = ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run")
REFUSED = {
    "no network": (("--dataset", "mnist", "--out", "run"), "Which network?"),
    "two networks": (("--preset", "mnist-mlp", "--architecture", "a.json"), "Which network?"),
    "no data set": (("--preset", "mnist-mlp", "--out", "run"), "--dataset is missing."),
    "no run": (("--preset", "mnist-mlp", "--dataset", "mnist"), "--out is missing."),
    "unknown data set": (
        ("--preset", "mnist-mlp", "--dataset", "emnist", "--out", "run"),
        'There is no data set "emnist". Choose one of: mnist, ',
    ),
    "wrong option": (
        ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run", "--batch-size", "0"),
        '--batch-size: expected an integer from 1 to 65536, got "0".',
    ),
    "wrong value in the file": (
        ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run", "--config", "wrong.json"),
        'epochs: expected an integer from 1 to 100000, got "many".',
    ),
    "value of a switch": ((*NEW, "--nesterov=maybe"), "Option '--nesterov' does not take a value."),
    "settings that do not go together": (
        (*NEW, "--schedule", "piecewise", "--boundaries", "3,2"),
        "--boundaries: expected each boundary to be larger than the one before.",
    ),
    "settings that do not go with the data set": (
        (*NEW, "--class-weight", "custom", "--class-weight-values", "1,2"),
        "--class-weight-values: expected 10 numbers, one for each class, got 2.",
    ),
    "settings in the file that do not go together": (
        (*NEW, "--config", "together.json"), "values: expected 2 values, one for each boundary, got 1.",
    ),
    "sweep of nothing": ((*NEW, "--sweep", "seed"), '--sweep: expected SETTING=V,V,..., got "seed".'),
    "sweep of what there is not": ((*NEW, "--sweep", "sead=1"), 'A sweep cannot vary "sead". Choose one of: epochs,'),
    "sweep of three": (
        (*NEW, "--sweep", "seed=1", "--sweep", "momentum=0", "--sweep", "epochs=1"),
        "A sweep varies one or two settings, not 3.",
    ),
    "sweep of a wrong value": ((*NEW, "--sweep", "seed=0,x"), "seed: expected an integer from 0 to 2147483647, got"),
    "sweep beside its option": (
        (*NEW, "--seed", "1", "--sweep", "seed=0,1"), "--seed has no place beside --sweep seed.",
    ),
    "sweep of settings that do not go together": (
        (*NEW, "--boundaries", "3,2", "--sweep", "schedule=none,piecewise"),
        "boundaries: Expected each boundary to be larger than the one before.",
    ),
    "sweep where something is": (("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "there", "--sweep", "seed=1"),
        "there exists already.",
    ),
    "sweep beside --continue": (("--continue", "there", "--sweep", "seed=1"), "--sweep has no place beside"),
    "existing run": (("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "there"), "there exists already."),
    "other images": (
        ("--preset", "fruits-18", "--dataset", "mnist", "--out", "run"),
        "The network cannot be trained. The network takes images of 100×100×3, the data set has images of 28×28×1",
    ),
    "no such device": (
        ("--preset", "mnist-mlp", "--dataset", "mnist", "--out", "run", "--device", "gpu:7"),
        'There is no device "gpu:7" here; there is cpu',
    ),
    "no such device, beside an option without effect": (
        (*NEW, "--device", "gpu:7", "--patience", "2"), 'There is no device "gpu:7" here; there is cpu',
    ),
    "setting beside --continue": (
        ("--continue", "there", "--epochs", "3", "--learning-rate", "0.1"),
        "--learning-rate has no place beside --continue. Everything but --epochs comes from the run.",
    ),
    "network beside --continue": (("--continue", "there", "--preset", "mnist-mlp"), "--preset has no place beside"),
    "no run to continue": (("--continue", "nosuch"), "nosuch does not exist."),
    "continue a folder": (("--continue", "there"), "there"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_that_everything_is_checked_before_a_run_is_made(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").mkdir()
    Path("wrong.json").write_text('{"epochs": "many"}')
    Path("together.json").write_text('{"schedule": "piecewise", "values": [0.1]}')
    arguments, expected = REFUSED[case]
    assert cli("train", *arguments).refusal.startswith(expected)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["there", "together.json", "wrong.json"]
