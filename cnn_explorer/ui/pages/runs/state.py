"""What the Runs page shows, derived from the runs on disk by pure functions; no Qt in here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.sources.registry import title_of
from cnn_explorer.store.catalog import RunSummary, ShownStatus
from cnn_explorer.text.durations import clock
from cnn_explorer.text.numbers import percent
from cnn_explorer.text.run_differences import Setup, value_words
from cnn_explorer.ui.session.runs.colors import COLORS, DASHES

Tone = Literal["muted", "accent", "warning", "success", "error"]
Order = float | str | None
"""What a column is sorted by; ``None`` stands last whichever way it is sorted."""


class StatusStyle(NamedTuple):
    """How a status is shown: icon, colour role, word, and the sentence behind it."""

    icon: str
    tone: Tone
    word: str
    tooltip: str


STATUSES: dict[ShownStatus, StatusStyle] = {
    "running": StatusStyle("play", "accent", "Running", "A process trains it now."),
    "completed": StatusStyle("circle-check", "success", "Completed", "It has done all its epochs."),
    "stopped": StatusStyle("circle-stop", "muted", "Stopped", "Someone stopped it; it can be continued."),
    "failed": StatusStyle("circle-alert", "error", "Failed", "Something went wrong; what was done before is kept."),
    "interrupted": StatusStyle(
        "zap-off", "warning", "Interrupted", "Its process ended without a word; it can be continued."
    ),
}


@dataclass(frozen=True)
class RunRow:
    """A run with everything that takes time to find out, so that sorting a thousand of them does not."""

    run: RunSummary
    best: EpochEnded | None
    parameters: int
    seconds: float
    started: datetime | None
    has_model: bool
    has_best: bool
    has_checkpoint: bool

    @property
    def path(self) -> Path:
        """The run's folder, by which the page knows it."""
        return self.run.path

    @property
    def done(self) -> int:
        """Whole epochs until now."""
        return self.run.epochs[-1].epoch if self.run.epochs else 0

    @property
    def sweep(self) -> SweepKey | None:
        """The sweep that it belongs to."""
        place = self.run.record.sweep
        return SweepKey(self.path.parent, place.sweep) if place else None


class SweepKey(NamedTuple):
    """Tells sweeps apart: sweeps in different folders may have one name."""

    folder: Path
    name: str


@dataclass(frozen=True)
class Listing:
    """Everything that was found: runs, newest first, and folders that cannot be read with the reason of each."""

    rows: tuple[RunRow, ...] = ()
    damaged: tuple[tuple[Path, str], ...] = ()

    def is_same_as(self, other: Listing) -> bool:
        """Whether nothing has happened: rows of runs that are as they were are the same objects."""
        same_length = len(self.rows) == len(other.rows) and self.damaged == other.damaged
        return same_length and all(a is b for a, b in zip(self.rows, other.rows, strict=True))


@dataclass(frozen=True)
class Column:
    """A column of the table. ``aside`` is a second, quieter text behind the first; ``width`` counts letters."""

    key: str
    title: str
    tooltip: str
    text: Callable[[RunRow], str]
    order: Callable[[RunRow], Order]
    width: int
    is_number: bool = False
    aside: Callable[[RunRow], str] = lambda _row: ""


def with_row(listing: Listing, new: RunRow) -> Listing:
    """The listing with what is now known of one of its runs."""
    return replace(listing, rows=tuple(new if row.path == new.path else row for row in listing.rows))


def without(listing: Listing, gone: Sequence[Path]) -> Listing:
    """The listing less the runs in these folders."""
    return replace(listing, rows=tuple(row for row in listing.rows if row.path not in gone))


def short_time(time: datetime | None) -> str:
    """``14 Mar 16:05``, of another year ``14 Mar 2025``."""
    if time is None:
        return ""
    return (
        f"{time.day} {time:%b %H:%M}" if time.year == datetime.now().astimezone().year else f"{time.day} {time:%b %Y}"
    )


def day_and_time(time: datetime | None) -> str:
    """``14 Mar 2025, 16:05``."""
    return f"{time.day} {time:%b %Y, %H:%M}" if time else ""


def setting_title(name: str) -> str:
    """What a setting of the training is called on the screen; its own name if there is none."""
    return next((field.title for field in fields_of(TrainingConfig) if field.name == name), name)


def _setting_order(row: RunRow, name: str) -> Order:
    value = _setting(row, name)
    return float(value) if isinstance(value, (int, float)) else value_words(value)


def _setting(row: RunRow, name: str) -> Any:
    place = row.run.record.sweep
    return place.settings.get(name) if place else None


def setting_column(number: int, name: str) -> Column:
    """The column of a setting that a sweep varies; ``number`` is its place among the sweep's settings."""
    return Column(
        SETTING_KEYS[number], setting_title(name) if name else "Setting", "A setting that the sweep varies.",
        lambda row: "" if _setting(row, name) is None else value_words(_setting(row, name)),
        lambda row: None if _setting(row, name) is None else _setting_order(row, name), 10, is_number=True,
    )  # fmt: skip


def place_in_sweep(row: RunRow) -> str:
    """``Seed 1, Learning rate 0.01``: all runs of a sweep have one name."""
    place = row.run.record.sweep
    if place is None or row.run.annotation.title:
        return ""
    return ", ".join(f"{setting_title(name).lower()} {value_words(value)}" for name, value in place.settings.items())


def dataset_title(row: RunRow) -> str:
    """What people call the images that the run learns from."""
    data = row.run.record.dataset
    return title_of(data.name, data.spec)


def _one_line(text: str) -> str:
    return " ".join(text.split())


SETTING_KEYS = ("setting_1", "setting_2")
COMPARE = "compare"
COLUMNS: tuple[Column, ...] = (
    Column(COMPARE, "", "Ticked runs are laid over each other in the plots.", lambda _row: "", lambda _row: None, 3),
    Column("name", "Name", "What the run is called; F2 changes it.", lambda row: row.run.title,
           lambda row: row.run.title.casefold(), 21, aside=place_in_sweep),
    setting_column(0, ""),
    setting_column(1, ""),
    Column("dataset", "Data set", "The images that it learns from.", dataset_title,
           lambda row: dataset_title(row).casefold(), 16),
    Column("parameters", "Parameters", "The network's parameters.", lambda row: f"{row.parameters:,}",
           lambda row: row.parameters, 12, is_number=True),
    Column("accuracy", "Best accuracy", "Validation accuracy of the best epoch, and which one it is.",
           lambda row: percent(row.best.val_accuracy) if row.best else "–",
           lambda row: row.best.val_accuracy if row.best else None, 17, is_number=True,
           aside=lambda row: f"at {row.best.epoch}" if row.best else ""),
    Column("epochs", "Epochs", "Whole epochs that it has done, of those it was asked for.",
           lambda row: f"{row.done:,} / {row.run.record.training.epochs:,}", lambda row: row.done, 9, is_number=True),
    Column("time", "Time", "Training and validation time of all its whole epochs.",
           lambda row: clock(row.seconds), lambda row: row.seconds, 7, is_number=True),
    Column("status", "Status", "How it stands.", lambda row: STATUSES[row.run.status].word,
           lambda row: STATUSES[row.run.status].word, 17),
    Column("notes", "Notes", "What you wrote about it.", lambda row: _one_line(row.run.notes),
           lambda row: _one_line(row.run.notes).casefold() or None, 16),
    Column("started", "Started", "When it began.", lambda row: short_time(row.started),
           lambda row: row.started.timestamp() if row.started else None, 14),
)  # fmt: skip
"""The columns in their first order. Those of a sweep's settings are shown while the table shows one sweep."""
NEWEST = "started"
MOST_SHOWN = COLORS * len(DASHES)
"""Selected runs whose curves and settings are shown: as many as there are looks of lines."""


@lru_cache(maxsize=16)
def columns_for(settings: tuple[str, ...]) -> tuple[Column, ...]:
    """``COLUMNS`` with those of a sweep's settings filled in; the same object for the same settings."""
    filled = {SETTING_KEYS[number]: setting_column(number, name) for number, name in enumerate(settings[:2])}
    return tuple(filled.get(column.key, column) for column in COLUMNS)


def sweeps(rows: Sequence[RunRow]) -> tuple[SweepKey, ...]:
    """The sweeps among the runs, in the order of their first run there."""
    return tuple(dict.fromkeys(row.sweep for row in rows if row.sweep is not None))


def varied(rows: Sequence[RunRow], sweep: SweepKey | None) -> tuple[str, ...]:
    """The settings that a sweep varies."""
    places = [row.run.record.sweep for row in rows if sweep is not None and row.sweep == sweep]
    return tuple(dict.fromkeys(name for place in places if place for name in place.settings))


def shown_rows(
    rows: Sequence[RunRow], search: str, sweep: SweepKey | None, column: Column, descending: bool
) -> tuple[RunRow, ...]:
    """The runs that the table shows: those of ``sweep`` in which every word of ``search`` occurs, sorted."""
    words = search.casefold().split()
    found = [row for row in rows if (sweep is None or row.sweep == sweep) and _matches(row, words)]
    known = [(order, row) for row in found if (order := _sound(column.order(row))) is not None]
    unknown = [row for row in found if _sound(column.order(row)) is None]
    # Texts and numbers may meet in the settings of a sweep; runs that are equal stay newest first, both ways.
    known.sort(key=lambda pair: (isinstance(pair[0], str), pair[0]), reverse=descending)
    return (*(row for _order, row in known), *unknown)


def _sound(order: Order) -> Order:
    """Not-a-number has no place in an order."""
    return None if isinstance(order, float) and math.isnan(order) else order


def _matches(row: RunRow, words: Sequence[str]) -> bool:
    if not words:
        return True
    record = row.run.record
    texts = (
        row.run.title, record.name, row.path.name, record.dataset.name, dataset_title(row), row.run.notes,
        record.training.optimizer, STATUSES[row.run.status].word, record.sweep.sweep if record.sweep else "",
    )  # fmt: skip
    text = "\n".join(texts).casefold()
    return all(word in text for word in words)


def setup_of(row: RunRow) -> Setup:
    """What the run was started with, for comparisons."""
    record = row.run.record
    data = record.dataset
    return Setup(
        record.architecture,
        record.training,
        {
            "Name": data.name,
            "Images": shape_text(data.image_shape),
            "Classes": str(len(data.classes)),
            "Fingerprint": data.fingerprint[:12],
        },
    )


def plotted(rows: Sequence[RunRow], compared: Sequence[Path], selected: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """The runs whose curves are drawn: the compared ones as they were ticked, then those that are only selected.

    More than ``MOST_SHOWN`` nobody could tell apart: of the selected ones the first are taken.
    """
    known = {row.path: row for row in rows}
    ticked = [path for path in compared if path in known]
    chosen = dict.fromkeys((*ticked, *(row.path for row in selected)))
    return tuple(known[path] for path in list(chosen)[: max(MOST_SHOWN, len(ticked))] if path in known)


def set_against(rows: Sequence[RunRow], compared: Sequence[Path], selected: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """The runs whose settings stand side by side: several selected ones, else the same as in the plots."""
    return tuple(selected[:MOST_SHOWN]) if len(selected) > 1 else plotted(rows, compared, selected)
