"""A form for any spec: generated from its fields, speaking spec objects, never single spin boxes."""

from __future__ import annotations

import typing
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.editor_base import FieldEditor
from cnn_explorer.ui.widgets.field_editors import editor_for

_LONG_TITLE = 15  # letters


class SpecForm(QWidget):
    """Shows and edits one spec, of any class.

    The form takes its fields from the spec that ``set_value`` gets and builds itself anew when the class changes.
    Fields that have no effect (``Field.is_relevant``) are hidden, fields of one group stand under its name.
    ``only`` names the fields to show; the others keep their values. Lists of specs are never shown.
    """

    value_changed = Signal(object)
    """The whole new spec, after a person changed a field to a value that the spec accepts."""

    def __init__(self, parent: QWidget | None = None, only: tuple[str, ...] | None = None) -> None:
        super().__init__(parent)
        self._only = only
        self._value: msgspec.Struct | None = None
        self._rows: dict[str, _Row] = {}
        self._headings: dict[str, QLabel] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._problem = _message(self, "form_problem")
        self._layout.addWidget(self._problem)
        self._body: QWidget | None = None

    def value(self) -> Any:
        """The spec with all accepted edits; ``None`` before the first ``set_value``."""
        return self._value

    def set_value(self, spec: msgspec.Struct) -> None:
        """Show ``spec``; ``value_changed`` is not emitted. What is being typed is left alone if nothing differs."""
        if type(spec) is not type(self._value):
            self._build(type(spec))
        elif spec == self._value:
            return
        self._value = spec
        for name, row in self._rows.items():
            row.editor.set_value(getattr(spec, name))
        self._show_relevant()

    def set_problem(self, field: str, text: str) -> None:
        """Show what is wrong below a field, or above all fields if ``field`` is empty; no text takes it away."""
        if field in self._rows:
            self._rows[field].say(text)
        else:
            _say(self._problem, text)

    def _build(self, spec: type[msgspec.Struct]) -> None:
        if self._body is not None:
            for row in self._rows.values():
                row.editor.blockSignals(True)  # an editor that loses the focus has nothing to say about the next spec
            self._body.hide()
            self._body.setParent(None)
            self._body.deleteLater()
        self._rows, self._headings = {}, {}
        self.set_problem("", "")
        self._body = QWidget(self)
        grid = QGridLayout(self._body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        hints = typing.get_type_hints(spec, include_extras=True)
        group = ""
        for field in fields_of(spec):
            if field.kind == "list" or (self._only is not None and field.name not in self._only):
                continue
            if field.group and field.group != group:
                self._headings[field.group] = _heading(field.group, self._body)
                grid.addWidget(self._headings[field.group], grid.rowCount(), 0, 1, 2)
            group = field.group
            row = _Row(field, hints[field.name], self._body)
            row.editor.edited.connect(lambda value, name=field.name: self._on_edited(name, value))
            line = grid.rowCount()
            grid.addWidget(row.label, line, 0)
            grid.addWidget(row.editor, line, 1)
            grid.addWidget(row.error, line + 1, 1)
            self._rows[field.name] = row
        self._layout.addWidget(self._body)
        self._body.show()  # at once, not when Qt comes to it: the old fields are gone already

    def _on_edited(self, name: str, value: Any) -> None:
        assert self._value is not None
        self._value = msgspec.structs.replace(self._value, **{name: value})
        self._show_relevant()
        self.value_changed.emit(self._value)

    def _show_relevant(self) -> None:
        assert self._value is not None
        groups = set()
        for row in self._rows.values():
            relevant = row.field.is_relevant(self._value)
            row.set_visible(relevant)
            if relevant:
                groups.add(row.field.group)
        for group, heading in self._headings.items():
            heading.setVisible(group in groups)


class NestedEditor(FieldEditor):
    """A form in a form: the editor of a field that is a spec itself."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        super().__init__(parent)
        self._form = SpecForm(self)
        self._form.setObjectName(f"field_{field.name}")
        self._form.value_changed.connect(self.edited)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._form)

    def value(self) -> Any:
        return self._form.value()

    def set_value(self, value: Any) -> None:
        self._form.set_value(value)


class _Row:
    """The label and the editor of a field, and room below them for what is wrong."""

    def __init__(self, field: Field, hint: Any, parent: QWidget) -> None:
        self.field = field

        def accepts(value: Any) -> bool:
            try:
                msgspec.convert(value, hint)
            except msgspec.ValidationError:
                return False
            return True

        self.editor: FieldEditor = (
            NestedEditor(field, parent) if field.kind == "spec" else editor_for(field, accepts, parent)
        )
        self.editor.refused.connect(self.say)
        self.label = QLabel(_in_lines(field.title), parent)
        self.label.setToolTip(field.description)
        self.label.setBuddy(self.editor)
        self.error = _message(parent, f"problem_{field.name}")

    def say(self, text: str) -> None:
        """Show what is wrong, or nothing."""
        _say(self.error, text)

    def set_visible(self, visible: bool) -> None:
        """Show or hide all parts."""
        self.label.setVisible(visible)
        self.editor.setVisible(visible)
        self.error.setVisible(visible and bool(self.error.text()))


def _heading(text: str, parent: QWidget) -> QLabel:
    heading = QLabel(text, parent)
    set_role(heading, "section")
    heading.setContentsMargins(0, 8, 0, 0)
    return heading


def _message(parent: QWidget, name: str) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setMinimumWidth(1)  # or its longest word would decide how wide the form is
    label.hide()
    set_role(label, "error")
    return label


def _say(label: QLabel, text: str) -> None:
    label.setText(text.replace("_", "_\u200b"))  # long names of layers may be broken there
    label.setVisible(bool(text))


def _in_lines(title: str) -> str:
    """A long title in two lines, so that it leaves the room to the editor."""
    return "\n".join(title.rsplit(" ", 1)) if len(title) > _LONG_TITLE else title
