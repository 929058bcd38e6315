"""The list of data sets, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.sources.registry import SOURCES, SourceState
from cnn_explorer.ui.pages.data.sources.state import (
    SourceRow,
    keeping_words,
    misfit,
    progress_words,
    source_rows,
)
from cnn_explorer.ui.session.runs.queue import QueueEntry
from cnn_explorer.ui.session.services import TrainRequest
from tests.ui.fakes import digits

FOLDER = DatasetSpec(source=str(Path("/images/fruits").absolute()), image_size=(64, 48), color="gray")
NONE: frozenset[str] = frozenset()


def row(rows: tuple[SourceRow, ...], title: str) -> SourceRow:
    return next(row for row in rows if row.title == title)


def test_that_every_registered_data_set_has_a_row_with_its_counts_and_shape() -> None:
    rows = source_rows(SOURCES, {}, (), NONE, None, None)
    assert [row.spec.source for row in rows if row.spec] == [source.name for source in SOURCES]
    assert row(rows, "MNIST").facts == "70,000 · 28×28×1 · 10 classes"


def test_that_the_state_says_whether_something_must_be_downloaded() -> None:
    states = {
        "mnist": SourceState("bundled", "bundled"),
        "cifar-10": SourceState("remote", "to be downloaded", None, 170_052_171),
    }
    rows = source_rows(SOURCES, states, (), NONE, None, None)
    assert (row(rows, "MNIST").state, row(rows, "MNIST").mark) == ("bundled", "")
    assert (row(rows, "CIFAR-10").state, row(rows, "CIFAR-10").mark) == ("170 MB", "download")
    assert "Click to download 170 MB" in row(rows, "CIFAR-10").tooltip


def test_that_the_current_one_and_the_one_on_its_way_are_marked() -> None:
    rows = source_rows(SOURCES, {}, (FOLDER,), NONE, DatasetSpec(), FOLDER)
    assert row(rows, "MNIST").mark == "current"
    assert row(rows, "fruits").mark == "loading"
    # However the images were read: it is the same folder.
    other = replace_size(FOLDER)
    assert row(source_rows(SOURCES, {}, (FOLDER,), NONE, other, None), "fruits").mark == "current"


def replace_size(spec: DatasetSpec) -> DatasetSpec:
    return DatasetSpec(source=spec.source)


def test_that_own_images_show_where_they_are_how_they_are_read_and_whether_they_are_gone() -> None:
    own = row(source_rows(SOURCES, {}, (FOLDER,), NONE, None, None), "fruits")
    assert own.is_own
    assert own.facts == str(Path("/images").absolute())
    assert own.state == "64×48 grey"
    gone = row(source_rows(SOURCES, {}, (FOLDER,), frozenset({FOLDER.source}), None, None), "fruits")
    assert (gone.state, gone.mark) == ("not there", "missing")


def test_that_an_empty_list_of_own_images_says_what_to_do() -> None:
    rows = source_rows(SOURCES, {}, (), NONE, None, None)
    assert "Drop it here" in rows[-1].facts
    assert rows[-1].spec is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("Downloading a.gz", 12_000_000, 30_900_000), "12 of 31 MB"),
        (("Reading 60,000 images", 15_000, 60_000), "25 %"),
        (("Reading MNIST", 0, 0), ""),
    ],
)
def test_that_progress_is_said_in_the_right_unit(told: tuple[str, int, int], expected: str) -> None:
    assert progress_words(*told) == expected


def test_that_runs_on_another_data_set_are_said_to_keep_it() -> None:
    mnist, other = digits(), replace(digits(), title="Other", fingerprint="f" * 64)
    request = TrainRequest(preset("mnist-simple").architecture, TrainingConfig(), Path("run"))
    going, waiting = QueueEntry(1, request, mnist, "running"), QueueEntry(2, request, mnist)
    assert keeping_words((going,), mnist) == ""
    assert keeping_words((going,), None) == ""
    assert keeping_words((going,), other) == "The current run keeps MNIST, with which it began."
    assert "1 run in the queue likewise" in keeping_words((going, waiting), other)
    assert keeping_words((waiting,), other) == "1 run in the queue will still use MNIST."
    assert keeping_words((QueueEntry(1, request, mnist, "completed"),), other) == ""


def test_that_a_network_that_does_not_fit_is_told_in_shapes_and_classes() -> None:
    inference = infer(preset("mnist-simple").architecture)
    assert misfit(inference, digits()) == ""
    assert misfit(inference, None) == ""
    hundred = replace(digits(), classes=tuple(map(str, range(100))))
    assert misfit(inference, hundred) == (
        "The network takes 28×28×1 and gives 10 classes; these images are 28×28×1 in 100 classes."
    )
