"""Runs as tables for other programs: text in the CSV format, numbers to their last digit. No Qt in here."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from cnn_explorer.core.run.events import EpochEnded
from cnn_explorer.ui.pages.runs.state import RunRow

_COLUMNS = EpochEnded.__struct_fields__


def epochs_csv(rows: Sequence[RunRow]) -> str:
    """The epochs of the runs, one line each; of several runs with the run's name in front."""
    if len(rows) == 1:
        return _csv(_COLUMNS, ([getattr(epoch, name) for name in _COLUMNS] for epoch in rows[0].run.epochs))
    names = _names(rows)
    lines = (
        [name, *(getattr(epoch, column) for column in _COLUMNS)]
        for name, row in zip(names, rows, strict=True)
        for epoch in row.run.epochs
    )
    return _csv(("run", *_COLUMNS), lines)


def runs_csv(rows: Sequence[RunRow], settings: Sequence[str]) -> str:
    """The runs, one line each; ``settings`` are those that their sweep varies."""
    head = (
        "run", "folder", "network", "data_set", "parameters", *settings, "best_epoch", "val_accuracy", "val_loss",
        "epochs_done", "epochs_asked", "seconds", "status", "message", "started", "notes",
    )  # fmt: skip
    return _csv(head, (_line(row, settings) for row in rows))


def _line(row: RunRow, settings: Sequence[str]) -> list[Any]:
    record, best = row.run.record, row.best
    swept = record.sweep.settings if record.sweep else {}
    return [
        row.run.title, row.path, record.name, record.dataset.name, row.parameters,
        *(swept.get(name, "") for name in settings),
        best.epoch if best else "", best.val_accuracy if best else "", best.val_loss if best else "",
        row.done, record.training.epochs, row.seconds, row.run.status, record.message, record.created, row.run.notes,
    ]  # fmt: skip


def _names(rows: Sequence[RunRow]) -> list[str]:
    """The runs' titles; where two are the same, with their folders."""
    counts = Counter(row.run.title for row in rows)
    return [row.run.title if counts[row.run.title] == 1 else f"{row.run.title} ({row.path.name})" for row in rows]


def _csv(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue()
