"""The table of commands: a command is one module and one row, and cheap until there is work to do."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cnn_explorer.commands
from cnn_explorer.cli import COMMANDS, app

NAMES = [command.__name__ for command in COMMANDS]
CONTRACT = [
    "gui", "demo", "doctor", "presets", "datasets", "summary", "train", "evaluate", "activations", "report", "export",
]  # fmt: skip
"""The commands that the contract promises and the program has, in the order of ``--help``."""
SHARED = {"arguments", "output"}

NEW = ("train", "--preset", "mnist-mlp", "--dataset", "mnist", "--out", "never")
IMAGE = ("--dataset", "mnist", "--index", "10000")
REFUSED: dict[str, tuple[tuple[str, ...], ...]] = {
    "gui": ((), ("gui",), ("gui", "a", "b")),
    "demo": (("demo", "--out", "."),),
    "doctor": (("doctor", "a"),),
    "presets": (("presets", "--nosuch"),),
    "datasets": (
        ("datasets", "--download", "nosuch"),
        ("datasets", "--save", "nosuch", "--out", "never.npz"),
        ("datasets", "--save", "digits", "--out", "never.csv"),
    ),
    "summary": (("summary",), ("summary", "--preset", "nosuch"), ("summary", ".")),
    "train": (
        (*NEW, "--seed", "x"),
        (*NEW, "--class-weight", "custom"),
        (*NEW, "--sweep", "seed=0,x"),
        ("train", "--continue", "never"),
    ),
    "evaluate": (("evaluate", "m.h5", "--dataset", "nosuch"),),
    "activations": (
        ("activations", "m.h5", "--layer", "a", "--out", "never.png", *IMAGE),
        ("activations", "m.h5", "--layer", "a", "--out", "never.png", *IMAGE, "--colormap", "pink"),
    ),
    "report": (("report", "m.h5", "--out", "never.html", *IMAGE),),
    "export": (
        ("export", "never", "--to", "tensorboard", "--out", "log"),
        ("export", "m.h5", "--to", "h5", "--out", "never.keras"),
    ),
}
"""For each command what is refused before it imports what its work needs."""
DONE = (("--help",), ("presets",), ("datasets",), ("summary", "--preset", "mnist-mlp"))

HEAVY = ("tensorflow", "keras", "h5py", "sklearn", "scipy", "PIL", "PySide6", "pyqtgraph")
PROBE = """
import contextlib, io, json, sys
from cnn_explorer.cli import main
told = []
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        code = main(words)
    told.append([words, code, [name for name in json.loads(sys.argv[2]) if name in sys.modules]])
print(json.dumps(told))
"""


def test_that_each_module_of_the_commands_is_one_row_and_each_row_one_module() -> None:
    modules = {module.name for module in pkgutil.iter_modules(cnn_explorer.commands.__path__)} - SHARED
    places = [command.__module__.removeprefix("cnn_explorer.commands.").split(".")[0] for command in COMMANDS]
    assert sorted(places) == sorted(modules)
    assert places == NAMES


def test_that_typer_knows_the_commands_of_the_table_and_no_others() -> None:
    assert [command.callback for command in app.registered_commands] == list(COMMANDS)
    assert [command.name for command in app.registered_commands] == [None] * len(COMMANDS)  # that of the function


def test_that_the_table_has_every_command_of_the_contract() -> None:
    assert [name for name in NAMES if name in CONTRACT] == CONTRACT


def test_that_help_lists_every_command_of_the_table_in_its_order(cli: Callable[..., Any]) -> None:
    text = cli("--help").out
    places = [text.index(f" {name} ") for name in NAMES]
    assert places == sorted(places)


def test_that_no_command_imports_what_is_heavy_for_its_help_or_a_refusal(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    assert list(REFUSED) == NAMES
    refused = [words for cases in REFUSED.values() for words in cases]
    expected = dict.fromkeys([*DONE, *((name, "--help") for name in NAMES)], 0) | dict.fromkeys(refused, 2)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(list(expected)), json.dumps(HEAVY)],
        env=clean_environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[list(words), code, []] for words, code in expected.items()]
    assert len(done.stderr.splitlines()) == len(refused)
    assert list(tmp_path.iterdir()) == []
