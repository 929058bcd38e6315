"""How tests drive a form: show it, find its controls, type into them, read what it says is wrong."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.architecture import Conv2D
from cnn_explorer.ui.forms.spec_form import SpecForm

W = TypeVar("W", bound=QWidget)
CONV = Conv2D(name="Conv2D_1", filters=32, kernel_size=(3, 3))


class Shown:
    """A form on the screen, and everything that it has said."""

    def __init__(self, qtbot: QtBot, spec: msgspec.Struct, only: tuple[str, ...] | None = None) -> None:
        self.form = SpecForm(only=only)
        qtbot.addWidget(self.form)
        self.form.set_value(spec)
        with qtbot.waitActive(self.form):
            self.form.show()
            self.form.activateWindow()
        self.said: list[Any] = []
        self.form.value_changed.connect(self.said.append)

    def find(self, kind: type[W], name: str) -> W:
        found = self.form.findChild(kind, f"field_{name}")
        assert isinstance(found, kind)
        return found

    def problem(self, name: str) -> str:
        label = self.form.findChild(QLabel, f"problem_{name}")
        assert isinstance(label, QLabel)
        return label.text() if label.isVisible() else ""

    def type_over(self, qtbot: QtBot, name: str, text: str, kind: type[QWidget] = QAbstractSpinBox) -> None:
        """Replace what stands in a field, key by key."""
        control = self.find(kind, name)
        control.setFocus()
        control.selectAll()
        qtbot.keyClicks(control, text)
