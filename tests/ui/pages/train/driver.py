"""Hands and eyes for tests of the Train page, and engines that train in peculiar ways."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, RunEvent, Started
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.services import RunRequest
from tests.ui.fakes import FakeEngine

Emit = Callable[[RunEvent], None]


class DiesInEpoch2(FakeEngine):
    """A run that fails after one whole epoch and three batches."""

    def train(self, request: RunRequest, dataset: Dataset, emit: Emit, control: RunControl) -> None:
        self.requests.append(request)
        emit(started(request, epochs=5, steps=10))
        for number in range(1, 14):
            epoch, step = divmod(number - 1, 10)
            emit(batch(epoch + 1, step + 1))
            if number == 10:
                emit(epoch_ended(1))
        emit(Ended(status="failed", message="The loss is not a number.", model="", hint="Learn more slowly."))


class Flood(FakeEngine):
    """100,000 batches at once."""

    def train(self, request: RunRequest, dataset: Dataset, emit: Emit, control: RunControl) -> None:
        self.requests.append(request)
        emit(started(request, epochs=1, steps=100_000))
        for step in range(1, 100_001):
            emit(batch(1, step))
        emit(epoch_ended(1))
        emit(Ended(status="completed", message="Trained 1 epoch.", model=""))


def started(request: RunRequest, epochs: int, steps: int) -> Started:
    """The beginning of a run of ``epochs``, each with ``steps`` batches of 64 images."""
    return Started(
        run=str(request.folder), epochs=epochs, first_epoch=1, steps_per_epoch=steps, batch_size=64,
        train_count=64 * steps, validation_count=20, device="CPU",
    )  # fmt: skip


def batch(epoch: int, step: int) -> BatchEnded:
    """A batch whose loss falls with its step."""
    return BatchEnded(epoch=epoch, step=step, loss=1 / step, accuracy=0.5, learning_rate=0.001, seconds=0.01 * step)


def epoch_ended(number: int) -> EpochEnded:
    """A whole epoch of one second."""
    return EpochEnded(
        epoch=number, loss=0.5, accuracy=0.8, val_loss=0.4, val_accuracy=0.85, learning_rate=0.001, seconds=1.0,
        images_per_second=640.0,
    )  # fmt: skip


def button(page: TrainPage, name: str) -> QAbstractButton:
    """A button of the page, by its object name."""
    found = page.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton)
    return found


def click(page: TrainPage, name: str) -> None:
    """Press a button that a person could press now."""
    found = button(page, name)
    assert found.isVisible(), name
    assert found.isEnabled(), name
    found.click()


def text(page: TrainPage, name: str) -> str:
    """What a label says."""
    label = page.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def cells(page: TrainPage) -> list[list[str]]:
    """The table of epochs."""
    model = page.table.model
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def train_to_the_end(qtbot: QtBot, page: TrainPage, epochs: int = 2) -> None:
    """Press Start and wait until the run has ended and its curves are drawn."""
    page.session.config = msgspec.structs.replace(page.session.config, epochs=epochs)
    click(page, "train_start")
    qtbot.waitUntil(lambda: page.session.runs.state.ended is not None and not page.session.runs.is_running)
    curves = page.plots.accuracy  # not the first one to be drawn
    qtbot.waitUntil(lambda: (len(curves.data.position), len(curves.data.epoch)) == (10 * epochs, epochs))
