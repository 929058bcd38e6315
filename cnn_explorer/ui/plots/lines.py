"""The lines of one run as plots show them: smoothed, and made anew only where something has changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cnn_explorer.core.run.events import LearningRateChanged
from cnn_explorer.ui.plots.data import LOSS, CurveData, Quantity
from cnn_explorer.ui.plots.smoothing import Floats, Smoother
from cnn_explorer.ui.plots.stored_curves import RunCurves

SMOOTHING = (0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""The positions of the smoothing slider, in batches."""

_REASONS = {"asked": "set by hand:", "plateau": "plateau:"}


def default_smoothing(steps: int) -> int:
    """The slider's position that makes the curve of a run of ``steps`` batches calm: a hundredth of it."""
    return min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - steps / 100))


def smoothing_text(window: int) -> str:
    """What stands beside the slider."""
    return f"{window:,} batches" if window else "off"


@dataclass(eq=False)
class RunLines:
    """The lines of one run as they were made last: what has not changed is not made again."""

    _made: dict[str, tuple[tuple[object, ...], CurveData]] = field(default_factory=dict)
    _smoothers: dict[str, tuple[tuple[object, ...], Smoother]] = field(default_factory=dict)
    _marks: tuple[tuple[LearningRateChanged, ...], tuple[tuple[float, str], ...]] = ((), ())

    def data(self, run: RunCurves, quantity: Quantity, window: int, *, alone: bool) -> CurveData:
        """The points of one plot, smoothed over ``window`` batches."""
        run = run if alone else run.outline
        window = 0 if quantity.is_given else window
        known = self._made.get(quantity.key)
        if known is None or known[0] != (run, window):
            self._made[quantity.key] = known = ((run, window), self._make(run, quantity, window))
        return known[1]

    def _make(self, run: RunCurves, quantity: Quantity, window: int) -> CurveData:
        if quantity.is_given:
            nothing = np.empty(0)
            return CurveData(
                run.position, run.learning_rate, run.learning_rate, nothing, nothing, run.first, run.planned
            )
        is_loss = quantity is LOSS
        raw = run.loss if is_loss else run.accuracy
        epochs = np.array([epoch.epoch for epoch in run.epochs], np.float64)
        validation = [epoch.val_loss if is_loss else epoch.val_accuracy for epoch in run.epochs]
        return CurveData(
            run.position, raw, self._smooth(run, quantity, window, raw), epochs, np.array(validation, np.float64),
            run.first, run.planned,
        )  # fmt: skip

    def _smooth(self, run: RunCurves, quantity: Quantity, window: int, raw: Floats) -> Floats:
        # An exponential mean remembers half as long to be as old, on average, as a plain mean over the window.
        epochs = window / 2 / run.steps_per_epoch if run.steps_per_epoch else 0.0
        key = (epochs, run.grows_from or run)
        known = self._smoothers.get(quantity.key)
        if known is None or known[0] != key:
            self._smoothers[quantity.key] = known = (key, Smoother(epochs))
        return known[1](run.position, raw)

    def marks(self, run: RunCurves) -> tuple[tuple[float, str], ...]:
        """Where the learning rate was changed during the run, with what to say of it."""
        if self._marks[0] is not run.changes:
            steps = max(1, run.steps_per_epoch)
            marks = tuple(
                (c.epoch - 1 + (c.step - 1) / steps, f"{_REASONS[c.reason]} {c.learning_rate:.3g}") for c in run.changes
            )
            self._marks = (run.changes, marks)
        return self._marks[1]
