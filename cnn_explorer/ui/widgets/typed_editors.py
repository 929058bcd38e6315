"""Editors in which a person types freely: numbers and texts.

What is typed is checked at every key. If the spec does not accept it, it stays on the screen, is marked, and
``refused`` gives the reason; the value remains the last accepted one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from cnn_explorer.core.fields import Field
from cnn_explorer.ui.widgets.editor_base import FieldEditor, lay_out, mark_invalid, prepared

Accepts = Callable[[Any], bool]
_FIRST_STEP = 1e-5
_LAST_STEP = 1e-8


class NumberEditor(FieldEditor):
    """A line for any way to write a number: 0.001, 1e-05, 1/255; the arrows go to the next round number."""

    def __init__(self, field: Field, accepts: Accepts, parent: QWidget) -> None:
        super().__init__(parent)
        self._accepts, self._expected = accepts, field.expected()
        self._value = 0.0
        self._box = prepared(_NumberBox(self), field)
        is_share = field.minimum == 0 and field.maximum == 1
        self._next = _next_share if is_share else next_round
        self._box.stepped.connect(self._on_stepped)
        self._box.lineEdit().textEdited.connect(self._on_typed)
        lay_out(self, self._box)

    def value(self) -> float:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = float(value)
        self._box.lineEdit().setText(short(self._value))
        self._say("")

    def _on_typed(self, text: str) -> None:
        number = parse_number(text)
        if number is None or not self._accepts(number):
            self._say(f"Expected {self._expected}.")
            return
        self._say("")
        if number != self._value:
            self._value = number
            self.edited.emit(number)

    def _on_stepped(self, steps: int) -> None:
        number = self._value
        for _ in range(abs(steps)):
            further = self._next(number, 1 if steps > 0 else -1)
            if not self._accepts(further):
                break
            number = further
        changed = number != self._value
        self.set_value(number)
        if changed:
            self.edited.emit(number)

    def _say(self, reason: str) -> None:
        mark_invalid(self._box, bool(reason))
        self.refused.emit(reason)


class TextEditor(FieldEditor):
    """A line of text."""

    def __init__(self, field: Field, accepts: Accepts, parent: QWidget) -> None:
        super().__init__(parent)
        self._accepts, self._expected = accepts, field.expected()
        self._value = ""
        self._line = prepared(QLineEdit(self), field)
        self._line.textEdited.connect(self._on_typed)
        lay_out(self, self._line)

    def value(self) -> str:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        self._line.setText(value)
        self._say("")

    def _on_typed(self, text: str) -> None:
        if not self._accepts(text):
            self._say(f"Expected {self._expected}.")
            return
        self._say("")
        if text != self._value:
            self._value = text
            self.edited.emit(text)

    def _say(self, reason: str) -> None:
        mark_invalid(self._line, bool(reason))
        self.refused.emit(reason)


class _NumberBox(QAbstractSpinBox):
    """A spin box that leaves it to its editor what a number is and which one comes next."""

    stepped = Signal(int)

    def stepBy(self, steps: int) -> None:
        self.stepped.emit(steps)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled


def short(number: float) -> str:
    """The shortest text that reads back as the same number: ``0.001``, ``1e-05``, ``3``."""
    return repr(number).removesuffix(".0")


def parse_number(text: str) -> float | None:
    """Read a finite number, also with a decimal comma or as a fraction; ``None`` if it is none."""
    try:
        upper, slash, lower = text.replace(",", ".").partition("/")
        number = float(upper) / (float(lower) if slash else 1.0)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def next_round(number: float, direction: int) -> float:
    """The next of …, 0.01, 0.02, 0.05, 0.1, … in ``direction`` 1 or -1; below 0 the same mirrored.

    Away from 0 the first step is 1e-05; towards 0 the way ends at 1e-08.
    """
    if number == 0:
        return direction * _FIRST_STEP
    size, sign = abs(number), math.copysign(1.0, number)
    exponent = math.floor(math.log10(size))
    steps = [float(f"{digit}e{power}") for power in (exponent - 1, exponent, exponent + 1) for digit in (1, 2, 5)]
    if direction * sign > 0:
        return sign * next(step for step in steps if step > size)
    smaller = next(step for step in reversed(steps) if step < size)
    return sign * smaller if smaller >= _LAST_STEP else 0.0


def _next_share(number: float, direction: int) -> float:
    """The next multiple of 0.05: steps for rates, which live between 0 and 1."""
    twentieths = number * 20
    nearest = round(twentieths)
    if not math.isclose(twentieths, nearest, abs_tol=1e-9):
        nearest = math.floor(twentieths) if direction > 0 else math.ceil(twentieths)
    return (nearest + direction) / 20
