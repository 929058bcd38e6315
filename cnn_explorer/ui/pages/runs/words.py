"""What the Runs page says of runs in words, of one and of several; no Qt in here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

from cnn_explorer.text.durations import clock
from cnn_explorer.text.numbers import counted, percent
from cnn_explorer.ui.pages.runs.state import (
    MOST_SHOWN,
    STATUSES,
    Listing,
    RunRow,
    dataset_title,
    day_and_time,
    place_in_sweep,
)


def count_words(shown: int, listing: Listing) -> str:
    """``40 runs``, or ``12 of 40 runs``."""
    total = counted(len(listing.rows), "run", "runs")
    return total if shown == len(listing.rows) else f"{shown:,} of {total}"


def damage_words(damaged: Sequence[tuple[Path, str]]) -> str:
    """``2 run folders cannot be read``; nothing if all can."""
    return f"{counted(len(damaged), 'run folder', 'run folders')} cannot be read" if damaged else ""


def message_of(row: RunRow) -> str:
    """What the run said last; for one that never said anything, what its status means."""
    return row.run.record.message or (STATUSES[row.run.status].tooltip if row.run.status == "interrupted" else "")


def facts(row: RunRow) -> tuple[tuple[str, str], ...]:
    """Names and values for the card of one run."""
    record, best = row.run.record, row.best
    training = record.training
    found = [
        ("Data set", dataset_title(row)),
        ("Network", record.name),
        ("Parameters", f"{row.parameters:,}"),
        ("Epochs", f"{row.done:,} of {training.epochs:,}"),
        ("Best accuracy", f"{percent(best.val_accuracy)} in epoch {best.epoch}" if best else "–"),
        ("Its loss", f"{best.val_loss:.4f}" if best else "–"),
        ("Optimizer", f"{training.optimizer}, {training.learning_rate:g}"),
        ("Batch size", f"{training.batch_size:,}"),
        ("Seed", f"{record.seed}"),
        ("Time", clock(row.seconds)),
        ("Device", record.device or "–"),
        ("Started", day_and_time(row.started) or record.created),
    ]
    if record.initial_weights:
        found.append(("Began with", record.initial_weights))
    if record.sweep:
        found.append(("Sweep", record.sweep.sweep))
    return tuple(found)


def selection_words(count: int) -> str:
    """What stands below "3 runs selected"."""
    if not count:
        return "Choose one in the table."
    return "What differs stands under Settings." if count <= MOST_SHOWN else f"The first {MOST_SHOWN} are shown below."


def facts_of_many(rows: Sequence[RunRow]) -> tuple[tuple[str, str], ...]:
    """Names and values for several runs together: how good the best is, and how far they lie apart."""
    best = [row.best.val_accuracy for row in rows if row.best]
    if not best:
        return ()
    first = max((row for row in rows if row.best), key=lambda row: row.best.val_accuracy if row.best else 0.0)
    found = [
        ("Best accuracy", percent(max(best))),
        ("Reached by", place_in_sweep(first) or first.run.title),
        ("Mean", percent(fmean(best))),
    ]
    if len(best) > 1:
        found.append(("Deviation", percent(stdev(best))))
    found += [("Lowest", percent(min(best))), ("Time of all", clock(sum(row.seconds for row in rows)))]
    return tuple(found)
