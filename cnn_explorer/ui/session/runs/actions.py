"""How the runs of the window stand, and what follows for the buttons that start, pause and stop one. No Qt.

The one derivation for the header and for the Train page: what can be pressed, what stands on it, what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnn_explorer.core.run.history import RunState

_NO_RUN = RunState()


@dataclass(frozen=True)
class RunMoment:
    """How the runs stand just now. ``reason`` and ``hint`` are those of a run that never began.

    ``waiting`` runs are in the queue, which is ``held`` after a stop by hand.
    """

    run: RunState = _NO_RUN
    is_running: bool = False
    is_paused: bool = False
    is_stopping: bool = False
    after_epoch: bool = False
    waiting: int = 0
    held: bool = False
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Button:
    """Whether a button is there and can be pressed, what stands on it and what its tooltip says.

    ``short`` is what stands on it where there is little room.
    """

    enabled: bool
    tooltip: str
    text: str = ""
    visible: bool = True
    short: str = ""


def start_button(moment: RunMoment, obstacle: str, what: str) -> Button:
    """Starts a run of ``what``, or puts it into the queue; ``obstacle`` is what is in the way of any start, or ""."""
    if moment.is_running:
        return Button(
            not obstacle, obstacle or f"Train {what}, after the current run.", "Add to the queue", short="Queue"
        )
    return Button(not obstacle, obstacle or f"Train {what}.", "Start training", short="Train")


def pause_button(moment: RunMoment) -> Button:
    """Makes the current run wait, or go on."""
    enabled = moment.is_running and not moment.is_stopping
    if moment.is_paused:
        return Button(enabled, "Continue the run where it waits.", "Continue", moment.is_running)
    if moment.is_stopping:
        tooltip = "The run ends after the current batches."
    elif moment.is_running:
        tooltip = "Wait after the current batches; nothing is lost."
    else:
        tooltip = "Nothing to pause: no run trains."
    return Button(enabled, tooltip, "Pause", moment.is_running)


def stop_button(moment: RunMoment) -> Button:
    """Ends the current run at once."""
    if moment.is_stopping:
        return Button(False, "The run ends after the current batches.", visible=moment.is_running)
    if moment.is_running:
        return Button(True, "End the run after the current batches; the last whole epoch is kept.")
    return Button(False, "Nothing to stop: no run trains.", visible=False)


def stop_after_epoch_button(moment: RunMoment) -> Button:
    """Ends the current run when its epoch is whole; there is none to wait for while it is being prepared."""
    tooltip = "The run ends after this epoch." if moment.after_epoch else "End the run when this epoch is whole."
    begun = moment.run.started is not None
    return Button(
        moment.is_running and not moment.is_stopping and not moment.after_epoch and begun, tooltip,
        visible=moment.is_running,
    )  # fmt: skip
