"""The pins in a row: a click goes back to one; beside each name, compare with it and remove it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.tool_button import tool_button

_ACTIVATED = Qt.FocusReason.ActiveWindowFocusReason  # nobody came: the window did
_LONGEST = 36  # characters of a name that are shown


class PinStrip(QScrollArea):
    """Hidden while there is no pin. Pins are told by their number in the row."""

    chosen = Signal(int)
    compared = Signal(int)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pin_strip")
        self.setAccessibleName("Pins")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row = QWidget()
        self._row.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._layout = QHBoxLayout(self._row)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addStretch(1)
        self.setWidget(self._row)
        self._count, self._grown = 0, False
        self.horizontalScrollBar().rangeChanged.connect(self._on_range)
        self.hide()

    def show_pins(self, names: Sequence[str]) -> None:
        """Show pins of these names, instead of those that were there."""
        while self._layout.count() > 1:
            item = self._layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        chips = [self._chip(number, name) for number, name in enumerate(names)]
        for number, chip in enumerate(chips):
            self._layout.insertWidget(number, chip)
        self._grown = len(names) > self._count
        self._count = len(names)
        self.setFixedHeight(max((chip.sizeHint().height() for chip in chips), default=0))
        self.setVisible(bool(names))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who comes to a pin by keyboard must see it."""
        came = isinstance(event, QFocusEvent) and event.gotFocus() and event.reason() != _ACTIVATED
        if came and isinstance(watched, QWidget):
            self._grown = False
            self.ensureWidgetVisible(watched, 16, 0)
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """There is one row: the wheel goes along it."""
        bar = self.horizontalScrollBar()
        turned = event.angleDelta()
        self._grown = False
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()

    def _on_range(self, _least: int, most: int) -> None:
        """The pin that has just come stands at the end: that is in view until someone looks elsewhere."""
        if self._grown:
            self.horizontalScrollBar().setValue(most)

    def _chip(self, number: int, name: str) -> QWidget:
        chip = QFrame()
        chip.setObjectName(f"pin_{number}")
        set_role(chip, "chip")
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"
        go = tool_button("pin", f"pin_{number}_go", f"Go back to {name}.", short)
        compare = tool_button("layers", f"pin_{number}_compare", f"Compare what is in view with {name}.")
        remove = tool_button("x", f"pin_{number}_remove", f"Remove the pin {name}.")
        row = QHBoxLayout(chip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        go.clicked.connect(lambda: self.chosen.emit(number))
        compare.clicked.connect(lambda: self.compared.emit(number))
        remove.clicked.connect(lambda: self.removed.emit(number))
        for button in (go, compare, remove):
            set_role(button, "cross")
            button.installEventFilter(self)
            row.addWidget(button)
        remove.setIcon(theme().icon("x", "muted"))
        return chip
