"""The queue as a table: what each column says of a run, how it is sorted, and the whole as CSV; no Qt in here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.history import RunState
from cnn_explorer.text.durations import clock
from cnn_explorer.text.numbers import percent
from cnn_explorer.ui.session.runs.queue import QueueEntry
from cnn_explorer.ui.session.services import ContinueRequest

_TITLES = {field.name: field.title for field in fields_of(TrainingConfig)}
_WORDS = {
    "waiting": "Waits", "running": "Trains", "completed": "Completed", "stopped": "Stopped", "failed": "Failed",
}  # fmt: skip


class QueueRow(NamedTuple):
    """An entry with what is known of its run by now; ``progress`` of the current one, 0 to 1."""

    entry: QueueEntry
    progress: float = 0.0


class Column(NamedTuple):
    """A column: heading, text and sorting key of a row (``None`` comes last), tooltip of the heading."""

    title: str
    text: Callable[[QueueRow], str]
    key: Callable[[QueueRow], Any]
    tooltip: str
    is_number: bool = True


def rows_of(queue: tuple[QueueEntry, ...], state: RunState) -> tuple[QueueRow, ...]:
    """The rows of the table; ``state`` is that of the current run."""
    return tuple(QueueRow(entry.shown(state), state.progress if entry.status == "running" else 0.0) for entry in queue)


def columns_of(queue: Iterable[QueueEntry]) -> tuple[Column, ...]:
    """The columns that tell these runs apart: one for each setting that a sweep among them varies."""
    names = list(dict.fromkeys(name for entry in queue for name in entry.settings))
    return (*_FIRST, *(_setting(name) for name in names), *_LAST)


def run_name(entry: QueueEntry) -> str:
    """What stands for the run: its network, and that it is continued."""
    name = entry.request.architecture.name or "network"
    return f"{name}, continued" if isinstance(entry.request, ContinueRequest) else name


def status_text(row: QueueRow) -> str:
    """``Waits``, ``Trains · 35 %``, ``Completed`` …"""
    words = _WORDS[row.entry.status]
    return f"{words} · {percent(row.progress, 0)}" if row.entry.status == "running" else words


def table_text(rows: Iterable[QueueRow], delimiter: str = ",") -> str:
    """The runs as CSV with a heading: names as in the configuration, numbers in full, shares from 0 to 1."""
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.entry.settings))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow([
        "number", "run", "folder", *names, "status", "best_val_accuracy", "best_epoch", "final_loss",
        "final_val_loss", "final_val_accuracy", "epochs", "planned_epochs", "seconds",
    ])  # fmt: skip
    for row in rows:
        entry = row.entry
        best, last = entry.best, entry.epochs[-1] if entry.epochs else None
        writer.writerow([
            entry.number, run_name(entry), entry.request.folder, *(entry.settings.get(name, "") for name in names),
            entry.status, best.val_accuracy if best else "", best.epoch if best else "",
            *((last.loss, last.val_loss, last.val_accuracy) if last else ("", "", "")),
            len(entry.epochs), entry.planned, entry.seconds,
        ])  # fmt: skip
    return text.getvalue()


def _setting(name: str) -> Column:
    def value(row: QueueRow) -> Any:
        return row.entry.settings.get(name)

    def text(row: QueueRow) -> str:
        found = value(row)
        return "" if found is None else f"{found:.6g}" if isinstance(found, float) else str(found)

    title = _TITLES.get(name, name)
    return Column(title, text, value, f"{title}: a setting that the sweep varies.")


_ORDER = ("running", "waiting", "completed", "stopped", "failed")
_FIRST = (
    Column("#", lambda r: str(r.entry.number), lambda r: r.entry.number, "In the order in which they were asked for."),
    Column("Run", lambda r: run_name(r.entry), lambda r: run_name(r.entry), "The network that is trained.", False),
)
_LAST = (
    Column("Status", status_text, lambda r: _ORDER.index(r.entry.status), "How the run stands.", False),
    Column(
        "Best", lambda r: f"{percent(r.entry.best.val_accuracy)} ({r.entry.best.epoch:,})" if r.entry.best else "",
        lambda r: r.entry.best.val_accuracy if r.entry.best else None,
        "Validation accuracy of the best epoch, and which one that is.",
    ),
    Column(
        "Final loss", lambda r: f"{r.entry.epochs[-1].loss:.4g}" if r.entry.epochs else "",
        lambda r: r.entry.epochs[-1].loss if r.entry.epochs else None, "Training loss of the last epoch.",
    ),
    Column(
        "Epochs", lambda r: f"{len(r.entry.epochs):,}/{r.entry.planned:,}", lambda r: len(r.entry.epochs),
        "Whole epochs, of those that are planned.",
    ),
    Column(
        "Time", lambda r: clock(r.entry.seconds) if r.entry.seconds else "", lambda r: r.entry.seconds or None,
        "How long the run was trained and validated.",
    ),
)  # fmt: skip


def sorted_rows(rows: tuple[QueueRow, ...], column: Column, descending: bool) -> tuple[QueueRow, ...]:
    """The rows by what a column says; those that it says nothing of come last in both directions."""
    known = [row for row in rows if column.key(row) is not None]
    kinds = {type(column.key(row)) for row in known}
    mixed = not (kinds <= {int, float, bool} or kinds <= {str})

    def key(row: QueueRow) -> Any:
        return str(column.key(row)) if mixed else column.key(row)

    known.sort(key=key, reverse=descending)
    return (*known, *(row for row in rows if column.key(row) is None))
