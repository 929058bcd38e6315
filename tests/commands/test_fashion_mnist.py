"""The real Fashion-MNIST, through the download and where Debian puts it: what a network reaches on it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cnn_explorer
from cnn_explorer.data.sources import registry
from cnn_explorer.data.sources.registry import load_registered, source_of, state_of
from tests.data.sources.file_server import Page, file_server

_BESIDE = Path(cnn_explorer.__file__).parents[2] / "shared" / "data"
FOLDER = Path(os.environ.get("CNN_EXPLORER_TEST_DATA") or _BESIDE) / "fashion-mnist"
NAMES = tuple(file.name for file in source_of("fashion-mnist").files)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        not all((FOLDER / name).is_file() for name in NAMES),
        reason="Fashion-MNIST is not there: let CNN_EXPLORER_TEST_DATA name a folder with its files in fashion-mnist/.",
    ),
]


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def run(
    cli: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory, patched: pytest.MonkeyPatch
) -> tuple[Path, Any]:
    """``mnist-simple`` after 4 epochs on what came from a server on loopback; and what the command said."""
    folder = tmp_path_factory.mktemp("fashion")
    patched.setenv("CNN_EXPLORER_HOME", str(folder / "home"))
    patched.setenv("XDG_DATA_DIRS", str(folder / "none"))
    with file_server(**{name: Page((FOLDER / name).read_bytes(), cuts=[2**20]) for name in NAMES}) as server:
        source = source_of("fashion-mnist")
        files = tuple(dataclasses.replace(file, urls=(f"{server.url}/{file.name}",)) for file in source.files)
        rows = tuple(row for row in registry.SOURCES if row.name != source.name)
        patched.setattr(registry, "SOURCES", (*rows, dataclasses.replace(source, files=files)))
        options = ("--preset", "mnist-simple", "--dataset", "fashion-mnist", "--epochs", 4, "--json")
        return folder / "run", cli("train", *options, "--out", folder / "run")


def test_that_mnist_simple_reaches_088_in_four_epochs_on_what_was_downloaded(run: tuple[Path, Any]) -> None:
    answer = run[1]
    assert answer.code == 0, answer.err
    assert state_of(source_of("fashion-mnist")).kind == "downloaded"
    epochs = [event for event in answer.events if event["event"] == "epoch"]
    assert len(epochs) == 4
    assert epochs[-1]["val_accuracy"] >= 0.88


def test_that_debian_s_files_are_the_same_images(
    run: tuple[Path, Any], cli: Callable[..., Any], tmp_path: Path, patched: pytest.MonkeyPatch
) -> None:
    downloaded = load_registered("fashion-mnist")
    patched.setenv("CNN_EXPLORER_HOME", str(tmp_path / "home"))
    patched.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    (tmp_path / "share" / "datasets").mkdir(parents=True)
    (tmp_path / "share" / "datasets" / "fashion-mnist").symlink_to(FOLDER)
    assert state_of(source_of("fashion-mnist")).kind == "found"
    found = load_registered("fashion-mnist")
    assert found.fingerprint == downloaded.fingerprint == source_of("fashion-mnist").fingerprint
    scores = cli("evaluate", run[0], "--dataset", "fashion-mnist", "--json").json
    assert scores["accuracy"] == [event for event in run[1].events if event["event"] == "epoch"][-1]["val_accuracy"]
    assert scores["accuracy"] >= 0.88
