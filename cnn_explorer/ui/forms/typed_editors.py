"""Editors in which a person types freely: numbers, lists of numbers, and texts.

What is typed is checked at every key. If the spec does not accept it, it stays on the screen, is marked, and
``refused`` gives the reason; the value remains the last accepted one. Who leaves such a text behind gets back the
value from before the typing: 1000 would otherwise stand there, while its beginning 100 is what counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

from cnn_explorer.core.fields import Field
from cnn_explorer.text.numbers import short
from cnn_explorer.ui.forms.editor_base import FieldEditor, lay_out, mark_invalid, prepared, select_words

Accepts = Callable[[Any], bool]
_FIRST_STEP = 1e-5
_LAST_STEP = 1e-8


class _TypedEditor(FieldEditor):
    """What numbers and texts have in common. ``control`` is what is marked, ``line`` is where one types."""

    def __init__(self, field: Field, accepts: Accepts, parent: QWidget) -> None:
        super().__init__(parent)
        self._accepts, self._expected = accepts, field.expected()
        self._refuses = False
        self._value: Any = None
        self._before: Any = None  # what was there before the typing that goes on

    def _take_typing(self, control: QAbstractSpinBox | QLineEdit, line: QLineEdit) -> None:
        self._control, self._line = control, line
        line.textEdited.connect(self._on_typed)
        control.editingFinished.connect(self._on_finished)
        lay_out(self, control)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = self._before = self._kept(value)
        self._line.setText(self._text(self._value))
        self._say("")

    def _kept(self, value: Any) -> Any:
        """The value as the editor keeps it."""
        return value

    def _text(self, value: Any) -> str:
        """The value as it stands in the line."""
        raise NotImplementedError

    def _read(self, text: str) -> Any:
        """The value that a text stands for; ``None`` if there is none."""
        raise NotImplementedError

    def _on_typed(self, text: str) -> None:
        value = self._read(text)
        if value is None or not self._accepts(value):
            self._say(f"Expected {self._expected}.")
            return
        self._say("")
        self._change(value)

    def _on_finished(self) -> None:
        if self._control.hasFocus():
            return  # the Enter key: one can go on typing
        if self._refuses:
            self._line.setText(self._text(self._before))
            self._say("")
            self._change(self._before)
        self._before = self._value

    def _change(self, value: Any) -> None:
        if value != self._value:
            self._value = value
            self.edited.emit(value)

    def _say(self, reason: str) -> None:
        self._refuses = bool(reason)
        mark_invalid(self._control, self._refuses)
        self.refused.emit(reason)


class NumberEditor(_TypedEditor):
    """A line for any way to write a number: 0.001, 1e-05, 1/255; the arrows go to the next round number.

    Where 0 has a word (``Field.zero``), that stands there, and can be typed too.
    """

    def __init__(self, field: Field, accepts: Accepts, parent: QWidget) -> None:
        super().__init__(field, accepts, parent)
        box = prepared(_NumberBox(self, field.zero), field)
        self._zero = field.zero
        is_share = field.minimum == 0 and field.maximum == 1
        self._next = _next_share if is_share else next_round
        box.stepped.connect(self._on_stepped)
        self._take_typing(box, box.lineEdit())

    def _kept(self, value: Any) -> float:
        return float(value)

    def _text(self, value: Any) -> str:
        return self._zero if self._zero and value == 0 else short(value)

    def _read(self, text: str) -> float | None:
        return 0.0 if self._zero and text.strip().casefold() == self._zero else parse_number(text)

    def _on_finished(self) -> None:
        super()._on_finished()
        if self._zero and self._value == 0 and not self._control.hasFocus():
            self._line.setText(self._zero)

    def _on_stepped(self, steps: int) -> None:
        before = number = self._value
        for _ in range(abs(steps)):
            further = self._next(number, 1 if steps > 0 else -1)
            if not self._accepts(further):
                break
            number = further
        self.set_value(number)
        if number != before:
            self.edited.emit(number)


class TextEditor(_TypedEditor):
    """A line of text."""

    def __init__(self, field: Field, accepts: Accepts, parent: QWidget) -> None:
        super().__init__(field, accepts, parent)
        line = prepared(QLineEdit(self), field)
        self._take_typing(line, line)

    def _text(self, value: Any) -> str:
        return str(value)

    def _read(self, text: str) -> str:
        return text


class NumbersEditor(_TypedEditor):
    """A line for any number of numbers: 2000, 4000; an empty line is an empty list."""

    def __init__(self, field: Field, accepts: Accepts, parent: QWidget) -> None:
        super().__init__(field, accepts, parent)
        self._whole = field.whole
        line = prepared(QLineEdit(self), field)
        line.setPlaceholderText("none")
        self._take_typing(line, line)

    def _text(self, value: Any) -> str:
        return ", ".join(short(number) for number in value)

    def _read(self, text: str) -> tuple[Any, ...] | None:
        return parse_numbers(text, self._whole)


class _NumberBox(QAbstractSpinBox):
    """A spin box that leaves it to its editor what a number is and which one comes next.

    ``word``: what may stand in it instead of a number.
    """

    stepped = Signal(int)

    def __init__(self, parent: QWidget, word: str) -> None:
        super().__init__(parent)
        self._word = word

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._word and self.text() == self._word:
            select_words(self)

    def stepBy(self, steps: int) -> None:
        self.stepped.emit(steps)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled


def parse_number(text: str) -> float | None:
    """Read a finite number, also with a decimal comma or as a fraction; ``None`` if it is none."""
    try:
        upper, slash, lower = text.replace(",", ".").partition("/")
        number = float(upper) / (float(lower) if slash else 1.0)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def parse_numbers(text: str, whole: bool = False) -> tuple[float, ...] | None:
    """Read numbers between commas, or between semicolons if there are any: commas are then decimal ones.

    The last number may have its comma behind it already. ``whole``: integers only. ``None`` if something is no number.
    """
    pieces = text.split(";" if ";" in text else ",")
    if not pieces[-1].strip():
        pieces.pop()
    numbers = [parse_number(piece) for piece in pieces]
    if any(number is None or (whole and not number.is_integer()) for number in numbers):
        return None
    return tuple(int(number) if whole else number for number in numbers if number is not None)


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
