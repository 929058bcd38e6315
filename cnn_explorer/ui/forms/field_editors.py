"""An editor for each kind of field of a spec. They take and give values; no one reads their spin boxes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from cnn_explorer.core.fields import Field
from cnn_explorer.ui.forms.editor_base import FieldEditor, lay_out, prepared, select_words
from cnn_explorer.ui.forms.typed_editors import Accepts, NumberEditor, NumbersEditor, TextEditor
from cnn_explorer.ui.theme import set_role

_LARGEST = 2**31 - 1
_EDGE = 4  # pixels that the style leaves free beside the text of a combo box


def editor_for(field: Field, accepts: Accepts, parent: QWidget) -> FieldEditor:
    """The editor for a field of any kind but ``spec`` and ``list``; ``accepts`` says what the spec takes.

    The control's ``objectName`` is ``field_`` and the field's name, with ``_0``, ``_1`` … where there are several.
    """
    match field.kind:
        case "boolean":
            return BooleanEditor(field, parent)
        case "integer":
            return IntegerEditor(field, parent)
        case "choice":
            return ChoiceEditor(field, parent)
        case "number":
            return NumberEditor(field, accepts, parent)
        case "text":
            return TextEditor(field, accepts, parent)
        case "numbers":
            return NumbersEditor(field, accepts, parent)
        case "integers" | "pairs":
            return OptionalEditor(field, parent) if field.optional else GridEditor(field, parent)
        case _:
            raise ValueError(f"{field.name}: no editor for a field of kind {field.kind}")


class BooleanEditor(FieldEditor):
    """A check box."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._box = prepared(QCheckBox(self), field)
        self._box.toggled.connect(lambda checked: self.edited.emit(checked))
        lay_out(self, self._box)

    def value(self) -> bool:
        return self._box.isChecked()

    def set_value(self, value: Any) -> None:
        self._box.blockSignals(True)
        self._box.setChecked(value)
        self._box.blockSignals(False)


class IntegerEditor(FieldEditor):
    """A spin box; for optional fields its lowest position reads "No limit" and means ``None``.

    Where 0, the lowest position, has a word of its own (``Field.zero``), it reads so.
    """

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._box = prepared(_spin_box(field, self), field)
        self._none = self._box.minimum() - 1  # a position below all values
        if field.optional:
            self._box.setMinimum(self._none)
            self._box.setSpecialValueText("No limit")
        elif field.zero and field.minimum == 0:
            self._box.setSpecialValueText(field.zero)
        self._box.valueChanged.connect(lambda _: self.edited.emit(self.value()))
        lay_out(self, self._box)

    def value(self) -> int | None:
        value = self._box.value()
        return None if value == self._none else value

    def set_value(self, value: Any) -> None:
        _set_quietly(self._box, self._none if value is None else value)


class ChoiceEditor(FieldEditor):
    """A combo box."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = field.choices
        self._box = prepared(_ComboBox(self), field)
        self._box.addItems([str(choice) for choice in field.choices])
        # Otherwise the longest of all choices would decide how wide the form is.
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(8)
        self._box.currentIndexChanged.connect(lambda index: self.edited.emit(self._choices[index]))
        lay_out(self, self._box)

    def value(self) -> Any:
        return self._choices[self._box.currentIndex()]

    def set_value(self, value: Any) -> None:
        self._box.blockSignals(True)
        self._box.setCurrentIndex(self._choices.index(value))
        self._box.blockSignals(False)


class GridEditor(FieldEditor):
    """Spin boxes for a tuple of integers, with × between; for a pair of pairs, two rows of two."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._paired = field.kind == "pairs"
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4 if self._paired else 3)
        self._boxes: list[QSpinBox] = []
        for index in range(4 if self._paired else field.length):
            box = prepared(_spin_box(field, self), field, f"_{index}", f"{field.title} {index + 1}")
            box.valueChanged.connect(lambda _: self.edited.emit(self.value()))
            # Not as wide as Qt would have it for the largest value, so that three of them fit into a form.
            box.setMinimumWidth(4 * box.fontMetrics().averageCharWidth() + 26)
            self._boxes.append(box)
            row, place = divmod(index, 2) if self._paired else (0, index)
            if place and not self._paired:
                times = QLabel("×", self)
                set_role(times, "muted")
                layout.addWidget(times, row, 2 * place - 1)
            layout.addWidget(box, row, 2 * place)
            layout.setColumnStretch(2 * place, 1)
        self.setFocusProxy(self._boxes[0])

    def value(self) -> tuple[Any, ...]:
        flat = tuple(box.value() for box in self._boxes)
        return (flat[:2], flat[2:]) if self._paired else flat

    def set_value(self, value: Any) -> None:
        flat = [number for pair in value for number in pair] if self._paired else value
        for box, number in zip(self._boxes, flat, strict=True):
            _set_quietly(box, number)


class OptionalEditor(FieldEditor):
    """A check box "Auto" that means ``None``, and, once it is off, the numbers that are meant instead."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._numbers = GridEditor(field, self)
        self._automatic = prepared(QCheckBox("Auto", self), field, "_automatic", f"{field.title}: automatic")
        self._automatic.toggled.connect(self._on_toggled)
        self._numbers.edited.connect(self.edited)
        lay_out(self, self._automatic, self._numbers)

    def value(self) -> Any:
        return None if self._automatic.isChecked() else self._numbers.value()

    def set_value(self, value: Any) -> None:
        self._automatic.blockSignals(True)
        self._automatic.setChecked(value is None)
        self._automatic.blockSignals(False)
        if value is not None:
            self._numbers.set_value(value)
        self._numbers.setVisible(value is not None)

    def _on_toggled(self, automatic: bool) -> None:
        self._numbers.setVisible(not automatic)
        self.edited.emit(self.value())


class _ComboBox(QComboBox):
    """A combo box that shows with dots that its text goes on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, part, self)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room.width() - _EDGE
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(control, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class _SpinBox(QSpinBox):
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.specialValueText() and self.value() == self.minimum():
            select_words(self)


def _spin_box(field: Field, parent: QWidget) -> QSpinBox:
    box = _SpinBox(parent)
    box.setRange(
        int(field.minimum) if field.minimum is not None else -_LARGEST,
        int(field.maximum) if field.maximum is not None else _LARGEST,
    )
    if box.maximum() > 999:
        box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    return box


def _set_quietly(box: QSpinBox, value: int) -> None:
    if value != box.value():
        box.blockSignals(True)
        box.setValue(value)
        box.blockSignals(False)
