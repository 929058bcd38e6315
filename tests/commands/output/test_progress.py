"""What of a run is shown on stderr, on a terminal and elsewhere."""

from __future__ import annotations

import io
import sys

import msgspec
import pytest

from cnn_explorer.commands.output import console, progress
from cnn_explorer.commands.output.console import Column
from cnn_explorer.core.run.events import (
    BatchEnded,
    Ended,
    EpochEnded,
    LearningRateChanged,
    RunEvent,
    Started,
    ValidationEnded,
)

EVENTS: tuple[RunEvent, ...] = (
    Started(
        run="r", epochs=2, first_epoch=1, steps_per_epoch=10, batch_size=64, train_count=640,
        validation_count=20, device="CPU",
    ),
    BatchEnded(epoch=1, step=5, loss=0.5, accuracy=0.5, learning_rate=0.001, seconds=1800.0),
    ValidationEnded(epoch=1, done=10, count=20),
    EpochEnded(
        epoch=1, loss=0.4, accuracy=0.8, val_loss=0.3, val_accuracy=0.9, learning_rate=0.001, seconds=3600.4,
        images_per_second=1234.5,
    ),
    LearningRateChanged(epoch=2, step=1, learning_rate=0.0001, reason="plateau"),
    LearningRateChanged(epoch=2, step=4, learning_rate=0.05, reason="asked"),
    Ended(status="completed", message="Trained.", model="r/model.h5"),
)  # fmt: skip
LINES = [
    "Training on 640 images, validating on 20 test images; CPU.",
    "Epoch 1 of 2: loss 0.4000, accuracy 0.8000; test loss 0.3000, test accuracy 0.9000; 3600.4 s, 1,234 images/s",
    "Learning rate 0.0001 from epoch 2, batch 1: no improvement for some epochs.",
    "Learning rate 0.05 from epoch 2, batch 4: as asked.",
]


class Terminal(io.StringIO):
    """Something that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_that_a_pipe_gets_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.shown() as show:
        for event in EVENTS:
            show(event)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == LINES


def test_that_a_validation_on_training_images_is_not_called_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    started, *rest = EVENTS
    assert isinstance(started, Started)
    with progress.shown() as show:
        for event in (msgspec.structs.replace(started, validation_part="validation"), *rest):
            show(event)
    first, second, *_ = capsys.readouterr().err.splitlines()
    assert first == "Training on 640 images, validating on 20 training images that are kept for it; CPU."
    assert "; validation loss 0.3000, validation accuracy 0.9000; " in second


def test_that_a_terminal_gets_a_bar_and_the_same_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    with progress.shown() as show:
        for event in EVENTS:
            show(event)
    text = terminal.getvalue()
    assert all(line in text for line in LINES)
    assert "\x1b[?25l" in text  # the cursor was hidden ...
    assert "\x1b[?25h" in text  # ... and is back


def test_that_a_table_on_a_terminal_shows_texts_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    screen = Screen(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    console.table((Column("Name"), Column("Count", right=True)), [("[bold]a[/bold]", "1,000")])
    text = screen.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert "[bold]a[/bold]" in text
    assert "1,000" in text


def test_that_work_is_told_only_if_it_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with progress.watched() as watch:
        for done in range(10):
            watch("Reading images", done, 10)
            now += 0.9
        watch("Waiting", 0, 0)
        now += 2
        watch("Waiting", 0, 0)
    assert capsys.readouterr().err.splitlines() == [
        "Reading images: 30%",
        "Reading images: 60%",
        "Reading images: 90%",
        "Waiting …",
    ]


def test_that_what_was_asked_for_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.watched(at_once=True) as watch:
        for what in ("Downloading a", "Downloading b"):
            watch(what, 0, 10)
            watch(what, 1, 10)
    assert capsys.readouterr().err.splitlines() == ["Downloading a: 0%", "Downloading b: 0%"]


def test_that_a_terminal_gets_a_bar_that_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.watched() as watch:
        watch("Downloading a", 0, 0)
        watch("Downloading a", 5, 10)
    assert "Downloading a" in terminal.getvalue()
    assert "50%" in terminal.getvalue()
