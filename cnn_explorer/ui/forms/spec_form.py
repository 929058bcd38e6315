"""A form for any spec: generated from its fields, speaking spec objects, never single spin boxes."""

from __future__ import annotations

import typing
from functools import cache
from itertools import groupby
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.ui.forms.editor_base import FieldEditor, tip
from cnn_explorer.ui.forms.field_editors import editor_for
from cnn_explorer.ui.forms.section import FormSection
from cnn_explorer.ui.forms.summary import differences
from cnn_explorer.ui.theme import set_role

_LONG_TITLE = 15  # letters


class SpecForm(QWidget):
    """Shows and edits one spec, of any class.

    The form takes its fields from the spec that ``set_value`` gets and builds itself anew when the class changes.
    Fields that have no effect (``Field.is_relevant``) are hidden. Fields of one group stand under a heading that
    folds them away; a group whose fields are all at their defaults starts folded, unless it is one of
    ``open_groups``. ``only`` names the fields to show, ``without`` those to leave out; fields that are not shown keep
    their values. Lists of specs are never shown.
    """

    value_changed = Signal(object)
    """The whole new spec, after a person changed a field to a value that the spec accepts."""

    def __init__(
        self,
        parent: QWidget | None = None,
        only: tuple[str, ...] | None = None,
        without: tuple[str, ...] = (),
        open_groups: tuple[str, ...] = ("Run", "Optimization"),
    ) -> None:
        super().__init__(parent)
        self._only, self._without, self._open_groups = only, without, open_groups
        self._value: msgspec.Struct | None = None
        self._rows: dict[str, _Row] = {}
        self._sections: dict[str, FormSection] = {}
        self._problems: dict[str, str] = {}
        self._locked = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._problem = _message(self, "form_problem")
        self._layout.addWidget(self._problem)
        self._body: QWidget | None = None

    def value(self) -> Any:
        """The spec with all accepted edits; ``None`` before the first ``set_value``."""
        return self._value

    def set_value(self, spec: msgspec.Struct) -> None:
        """Show ``spec``; ``value_changed`` is not emitted. What is typed into a field that does not change stays."""
        if type(spec) is not type(self._value):
            self._value = spec
            self._build(spec)
        elif spec == self._value:
            return
        self._value = spec
        for name, row in self._rows.items():
            if row.editor.value() != getattr(spec, name):  # else what is being typed there would be lost
                row.editor.set_value(getattr(spec, name))
        self._show_relevant()

    def set_problem(self, field: str, text: str) -> None:
        """Show what is wrong below a field, or above all fields if ``field`` is empty; no text takes it away.

        A new problem unfolds the field's group.
        """
        section = next((s for s in self._sections.values() if any(f.name == field for f in s.fields)), None)
        if section is None:
            _say(self._problem, text)
            return
        is_new = text != self._problems.get(field, "")
        self._problems[field] = text
        if text and is_new:
            section.set_open(True)
        if field in self._rows:
            self._rows[field].set_problem(text)
        self._tell(section)

    def set_locked(self, locked: bool) -> None:
        """Let the fields be read only; the groups can still be unfolded."""
        self._locked = locked
        for section in self._sections.values():
            section.body.setEnabled(not locked)

    def is_open(self, group: str) -> bool:
        """Whether the fields of a group can be seen."""
        return self._sections[group].is_open

    def set_open(self, group: str, is_open: bool) -> None:
        """Fold or unfold a group."""
        self._sections[group].set_open(is_open)

    def add_below(self, group: str, widget: QWidget) -> None:
        """Put a widget below the fields of a group; it is folded away with them. After the first ``set_value``."""
        self._sections[group].add(widget)

    def _build(self, spec: msgspec.Struct) -> None:
        if self._body is not None:
            for row in self._rows.values():
                row.editor.blockSignals(True)  # an editor that loses the focus has nothing to say about the next spec
            self._body.hide()
            self._body.setParent(None)
            self._body.deleteLater()
        self._rows, self._sections, self._problems = {}, {}, {}
        _say(self._problem, "")
        self._body = QWidget(self)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        shown = [field for field in fields_of(type(spec)) if self._shows(field)]
        for group, members in groupby(shown, key=lambda field: field.group):
            fields = tuple(members)
            section = FormSection(group, fields, self._body)
            section.body.setEnabled(not self._locked)
            section.wanted.connect(lambda section=section: self._fill(section))
            section.toggled.connect(lambda _, section=section: self._tell(section))
            column.addWidget(section)
            self._sections[group] = section
            section.set_open(not group or group in self._open_groups or bool(differences(fields, spec)))
            self._tell(section)
        self._align()
        self._layout.addWidget(self._body)
        self._body.show()  # at once, not when Qt comes to it: the old fields are gone already

    def _align(self) -> None:
        """Let the editors of all groups begin at the same place."""
        titles = [line for s in self._sections.values() for f in s.fields for line in _in_lines(f.title).split("\n")]
        widest = max(map(self.fontMetrics().horizontalAdvance, titles), default=0)
        for section in self._sections.values():
            section.grid.setColumnMinimumWidth(0, widest if section.header else 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._align()

    def _shows(self, field: Field) -> bool:
        wanted = self._only is None or field.name in self._only
        return wanted and field.name not in self._without and field.kind != "list"

    def _fill(self, section: FormSection) -> None:
        """Make the editors of a group that have an effect and are not there yet: all at once would take 0.1 s."""
        value = self._value
        assert value is not None
        missing = [
            (line, field)
            for line, field in enumerate(section.fields)
            if field.name not in self._rows and field.is_relevant(value)
        ]
        for line, field in missing:
            row = _Row(field, _hints(type(value))[field.name], section.body)
            section.grid.addWidget(row.label, 2 * line, 0)
            section.grid.addWidget(row.editor, 2 * line, 1)
            section.grid.addWidget(row.error, 2 * line + 1, 1)
            self._rows[field.name] = row
            row.editor.set_value(getattr(value, field.name))
            row.editor.edited.connect(lambda value, name=field.name: self._on_edited(name, value))
            row.set_problem(self._problems.get(field.name, ""))
            if section.body.isVisible():  # what comes late is shown by nobody else
                row.label.show()
                row.editor.show()
        if missing:
            section.order_tabs()

    def _on_edited(self, name: str, value: Any) -> None:
        assert self._value is not None
        self._value = msgspec.structs.replace(self._value, **{name: value})
        self._show_relevant()
        self.value_changed.emit(self._value)

    def _show_relevant(self) -> None:
        assert self._value is not None
        for row in self._rows.values():
            row.set_visible(row.field.is_relevant(self._value))
        for section in self._sections.values():
            has_effect = any(field.is_relevant(self._value) for field in section.fields)
            section.set_effect(has_effect)
            if section.is_filled:
                self._fill(section)
            self._tell(section)

    def _tell(self, section: FormSection) -> None:
        if section.header is not None and self._value is not None:
            problem = next((text for f in section.fields if (text := self._problems.get(f.name, ""))), "")
            section.tell(" · ".join(differences(section.fields, self._value)), problem)


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
        self._refusal = self._problem = ""
        self._is_visible = True

        def accepts(value: Any) -> bool:
            try:
                msgspec.convert(value, hint)
            except msgspec.ValidationError:
                return False
            return True

        self.editor: FieldEditor = (
            NestedEditor(field, parent) if field.kind == "spec" else editor_for(field, accepts, parent)
        )
        self.editor.refused.connect(self._on_refused)
        self.label = QLabel(_in_lines(field.title), parent)
        self.label.setToolTip(tip(field.description))
        self.label.setBuddy(self.editor)
        self.error = _message(parent, f"problem_{field.name}")

    def set_problem(self, text: str) -> None:
        """Show what is wrong with the value; what is wrong with the typing comes first."""
        self._problem = text
        self._say()

    def set_visible(self, visible: bool) -> None:
        """Show or hide all parts."""
        if visible != self._is_visible:  # to say it twice is not free
            self._is_visible = visible
            self.label.setVisible(visible)
            self.editor.setVisible(visible)
            self._say()

    def _on_refused(self, text: str) -> None:
        self._refusal = text
        self._say()

    def _say(self) -> None:
        _say(self.error, (self._refusal or self._problem) if self._is_visible else "")


@cache
def _hints(spec: type[msgspec.Struct]) -> dict[str, Any]:
    return typing.get_type_hints(spec, include_extras=True)


def _message(parent: QWidget, name: str) -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setMinimumWidth(1)  # or its longest word would decide how wide the form is
    label.hide()
    set_role(label, "error")
    return label


def _say(label: QLabel, text: str) -> None:
    if text or label.text():
        label.setText(text.replace("_", "_\u200b"))  # long names of layers may be broken there
        label.setVisible(bool(text))


def _in_lines(title: str) -> str:
    """A long title in two lines, so that it leaves the room to the editor."""
    return "\n".join(title.rsplit(" ", 1)) if len(title) > _LONG_TITLE else title
