"""What came of the runs of a sweep: one table, on stdout, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.console import Column
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.store.catalog import summary_of
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.store.sweeps import SweepEntry, SweepFolder, setting_text
from cnn_explorer.text.durations import clock


@dataclass(frozen=True)
class RunResult:
    """One line of the table. The best epoch is that of the run's monitor; ``None`` is what no whole epoch has told."""

    run: str
    settings: dict[str, Any]
    status: str
    epochs: int
    best_val_accuracy: float | None
    best_epoch: int | None
    val_loss: float | None
    seconds: float
    message: str


def result_of(path: Path, entry: SweepEntry, failure: str | None) -> RunResult:
    """What is known of a run; ``failure`` is why it failed in this process, if it did."""
    try:
        run = summary_of(path)
    except ExplorerError as error:  # not begun, or damaged
        begun = RunFolder(path).run_json.is_file()
        status = "failed" if begun or failure else "not started"
        message = failure or (error.message if begun else "")
        return RunResult(str(path), entry.settings, status, 0, None, None, None, 0.0, message)
    best, last = run.best, run.epochs[-1] if run.epochs else None
    return RunResult(
        run=str(path),
        settings=entry.settings,
        status=run.status,
        epochs=len(run.epochs),
        best_val_accuracy=best.val_accuracy if best else None,
        best_epoch=best.epoch if best else None,
        val_loss=last.val_loss if last else None,
        seconds=run.seconds,
        message=failure or run.record.message,
    )


def settings_text(settings: dict[str, Any]) -> str:
    """``seed 0, learning_rate 0.01``."""
    return ", ".join(f"{name} {setting_text(value)}" for name, value in settings.items())


def write(folder: SweepFolder, results: Sequence[RunResult]) -> None:
    """Replace sweep.csv. Raises ``ExplorerError``."""
    text = io.StringIO()
    rows = [asdict(result) for result in results]
    names = [name for name in rows[0] if name != "settings"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([names[0], *rows[0]["settings"], *names[1:]])
    for row in rows:
        settings = [setting_text(value) for value in row["settings"].values()]
        writer.writerow([Path(row["run"]).name, *settings, *(row[name] for name in names[1:])])
    atomic_write(folder.sweep_csv, text.getvalue().encode())


def show(results: Sequence[RunResult], as_json: bool) -> None:
    """Print the table, or the last JSON line."""
    if as_json:
        console.result_json({"event": "sweep", "runs": [asdict(result) for result in results]})
        return
    columns = (
        Column("Run"), *(Column(name, right=True) for name in results[0].settings), Column("Status"),
        Column("Epochs", right=True), Column("Best accuracy", right=True), Column("at epoch", right=True),
        Column("Final loss", right=True), Column("Time", right=True),
    )  # fmt: skip
    console.table(
        columns,
        [
            (
                Path(result.run).name, *map(setting_text, result.settings.values()), result.status,
                str(result.epochs), _figure(result.best_val_accuracy), str(result.best_epoch or "–"),
                _figure(result.val_loss), clock(result.seconds),
            )
            for result in results
        ],
    )  # fmt: skip


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
