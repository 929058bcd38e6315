"""The command line as a function, as a process, and one small run that many tests look at."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import pytest

import cnn_explorer
from cnn_explorer.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def refusal(self) -> str:
        """The one line on stderr of a command that was refused before it began."""
        assert self.code == 2, self
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("cnn-explorer: ")
        return line.removeprefix("cnn-explorer: ")


Command = Callable[..., Answer]


def _in_process(*arguments: object) -> Answer:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
        out.flush()
        err.flush()
    return Answer(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@pytest.fixture(scope="session")
def cli() -> Command:
    """A function that runs a command in this process."""
    return _in_process


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """The environment of a user without a screen: no settings of the tests, so TensorFlow may chatter as it likes."""
    screen = ("DISPLAY", "WAYLAND_DISPLAY")
    environment = {
        key: value for key, value in os.environ.items() if key not in screen and not key.startswith(("TF_", "QT_"))
    }
    environment["PYTHONPATH"] = str(Path(cnn_explorer.__file__).parents[1])
    return environment


@pytest.fixture(scope="session")
def process(clean_environment: dict[str, str]) -> Command:
    """A function that runs a command in a process of its own."""

    def run(*arguments: object) -> Answer:
        words = [sys.executable, "-m", "cnn_explorer", *map(str, arguments)]
        done = subprocess.run(words, env=clean_environment, capture_output=True, text=True, check=False)
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def interrupted(clean_environment: dict[str, str]) -> Command:
    """A function that runs ``train`` in a process of its own and presses Ctrl+C after the first epoch.

    ``out`` of the answer is what came after that epoch. ``--json`` must be among the arguments.
    """

    def run(*arguments: object) -> Answer:
        command = subprocess.Popen(
            [sys.executable, "-m", "cnn_explorer", "train", *map(str, arguments)],
            env=clean_environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert command.stdout is not None
        while json.loads(command.stdout.readline())["event"] != "epoch":
            pass
        command.send_signal(signal.SIGINT)
        rest, err = command.communicate()
        return Answer(command.returncode, rest, err)

    return run


@dataclass(frozen=True)
class Trained:
    """A run that the command line made, and what it said."""

    folder: Path
    answer: Answer

    @property
    def model(self) -> Path:
        """The model of the run."""
        return self.folder / "model.h5"


@pytest.fixture(scope="session")
def trained(cli: Command, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """``mnist-simple`` after one epoch on 256 images of MNIST, validated on the whole test part. Not to be changed."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    options = ("--preset", "mnist-simple", "--dataset", "mnist", "--train-limit", 256, "--epochs", 1)
    return Trained(folder, cli("train", *options, "--out", folder, "--json"))


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph with a branch, saved by plain Keras, that gives ten classes for an image of 28×28."""
    image = keras.Input((28, 28, 1))
    left = keras.layers.Conv2D(3, 3, padding="same", name="left")(image)
    right = keras.layers.Conv2D(3, 1, name="right")(image)
    flat = keras.layers.Flatten(name="flat")(keras.layers.Add(name="sum")([left, right]))
    path = tmp_path_factory.mktemp("foreign") / "graph.keras"
    keras.Model(image, keras.layers.Dense(10, activation="softmax", name="out")(flat), name="graph").save(path)
    return path
