"""What can be done with runs: one table of actions, and why one of them cannot be taken just now. No Qt in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnn_explorer.core.model.info import DeviceReport
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.pages.runs.state import RunRow, dataset_title
from cnn_explorer.ui.session.readiness import needs_restart


@dataclass(frozen=True)
class Moment:
    """What the offers depend on: the selected runs, how many the table shows, and the state of the window.

    ``engaged`` are the folders of runs that go or wait in the window's queue; ``has_curves``: something is plotted.
    """

    selected: tuple[RunRow, ...] = ()
    shown: int = 0
    has_curves: bool = False
    engaged: frozenset[Path] = frozenset()
    dataset: Dataset | None = None
    device: DeviceReport | None = None


@dataclass(frozen=True)
class Offer:
    """An action: ``tip`` says what it does, ``refusal`` why it cannot be done now ("" if it can).

    ``place``: a button with its words, a button with its icon, an entry of the Export menu, or of the context menu
    only. ``brief`` is what stands on the button.
    """

    key: str
    text: str
    icon: str
    tip: str
    refusal: Callable[[Moment], str]
    place: str
    shortcut: str = ""
    brief: str = ""


def _any(moment: Moment) -> str:
    return "" if moment.selected else "Select a run first."


def _one(moment: Moment) -> str:
    if len(moment.selected) > 1:
        return f"Select one run only; {len(moment.selected):,} are selected."
    return _any(moment)


def _inspect(moment: Moment) -> str:
    if refusal := _one(moment):
        return refusal
    return "" if moment.selected[0].has_model else "The run has no model.h5 yet."


def _inspect_best(moment: Moment) -> str:
    if refusal := _one(moment):
        return refusal
    return "" if moment.selected[0].has_best else "The run has no best.h5: no epoch of it is whole yet."


def _continue(moment: Moment) -> str:
    return _any(moment) or next((why for row in moment.selected if (why := _stays(row, moment))), "")


def _stays(row: RunRow, moment: Moment) -> str:
    """Why this run cannot be continued now."""
    record, title = row.run.record, row.run.title
    if row.run.is_active or row.path in moment.engaged:
        return f"{title} runs already, or waits for its turn."
    if not row.has_checkpoint:
        return f"{title} has no checkpoint.keras to go on from."
    if moment.dataset is None or moment.device is None:
        return "The data set or the engine is still loading."
    if record.dataset.fingerprint != moment.dataset.fingerprint:
        images, now = dataset_title(row), moment.dataset
        if (record.dataset.name, record.dataset.spec.source) == (now.name, now.spec.source):
            return f"{title} was trained on other images of {images}: they have changed since, or are read otherwise."
        return f"{title} was trained on other images: choose {images} on the Data page to train on."
    if needs_restart(record.training, moment.device):
        return f"{title} needs another GPU memory or other threads, which change only when the program starts."
    return ""


def _delete(moment: Moment) -> str:
    busy = [row for row in moment.selected if row.run.is_active or row.path in moment.engaged]
    return _any(moment) or (f"{busy[0].run.title} runs, or waits for its turn: stop it first." if busy else "")


def _epochs(moment: Moment) -> str:
    if refusal := _any(moment):
        return refusal
    return "" if any(row.run.epochs for row in moment.selected) else "No epoch is whole yet."


def _curves(moment: Moment) -> str:
    return "" if moment.has_curves else "No curves are shown: select or tick a run with an epoch."


def _rows(moment: Moment) -> str:
    return "" if moment.shown else "The table shows no runs."


def _always(_moment: Moment) -> str:
    return ""


OFFERS: tuple[Offer, ...] = (
    Offer("inspect", "Open in Inspect", "scan-eye", "Look into the run's model as it is at its end.",
          _inspect, "button", "Return", "Inspect"),
    Offer("inspect_best", "Open best epoch in Inspect", "scan-eye", "Look into the model of the run's best epoch.",
          _inspect_best, "context", "Shift+Return"),
    Offer("continue", "Continue", "step-forward",
          "Train on from the last whole epoch, for as many epochs as the card at the right says.",
          _continue, "card"),
    Offer("duplicate", "Settings into Train", "sliders-horizontal",
          "Take the run's network and settings over to Build and Train; undo brings yours back.",
          _one, "button", "Ctrl+D", "Into Train"),
    Offer("compare", "Compare", "activity", "Lay the curves of the selected runs over each other, or take them away.",
          _any, "context", "Space"),
    Offer("rename", "Rename", "pencil", "Give the run another name; its folder keeps its own.", _one, "icon", "F2"),
    Offer("reveal", "Show in file manager", "folder-open", "Open the run's folder in the file manager.", _one, "icon"),
    Offer("delete", "Move to trash", "trash-2", "Move the selected runs to the trash of the system.",
          _delete, "icon", "Del"),
    Offer("csv", "Epochs as CSV…", "table-2", "Save the epochs of the selected runs as one table.",
          _epochs, "export"),
    Offer("table", "Table of runs as CSV…", "table-2",
          "Save the runs that the table shows, with the settings that their sweep varies.", _rows, "export"),
    Offer("png", "Plots as PNG…", "image-down", "Save the plots as a picture.", _curves, "export"),
    Offer("tensorboard", "TensorBoard log…", "file-down", "Write the selected runs for TensorBoard, into a new folder.",
          _epochs, "export"),
    Offer("script", "Keras script…", "file-code", "Save a Keras script that repeats the run without this program.",
          _one, "export"),
    Offer("open", "Open a run folder…", "folder-plus", "List a run, or a folder of runs, that lies somewhere else.",
          _always, "open"),
)  # fmt: skip


def more_epochs(row: RunRow) -> int:
    """For how many more epochs a run is offered to go on: those that it still lacks, else as many again."""
    asked = row.run.record.training.epochs
    return max(asked - row.done, 0) or asked


def continue_words(rows: tuple[RunRow, ...], epochs: int) -> str:
    """What Continue will do, for its tooltip."""
    if len(rows) == 1:
        return f"Train {rows[0].run.title} on, to {rows[0].done + epochs:,} epochs in all."
    return f"Train each of the {len(rows):,} runs on for {counted(epochs, 'epoch', 'epochs')}, one after another."
