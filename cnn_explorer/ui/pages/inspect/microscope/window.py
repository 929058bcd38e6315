"""The microscope: one node of one layer in a window of its own, with the keys to go from node to node."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.inspect.microscope.body import MicroscopeBody
from cnn_explorer.ui.pages.inspect.microscope.head import MicroscopeHead
from cnn_explorer.ui.pages.inspect.microscope.keys import FOOTER, KEYS
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.side_window import SideWindow

_USUAL = QSize(1040, 720)
_SMALLEST = QSize(880, 560)


class MicroscopeWindow(SideWindow):
    """Head, body and keys. ``stepped`` asks for a neighbouring node: rows, columns and maps further."""

    stepped = Signal(int, int, int)
    image_stepped = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("inspect_microscope_window", "Microscope", _USUAL, parent)
        self.setMinimumSize(_SMALLEST)
        self.head, self.body, self.obstacle = MicroscopeHead(), MicroscopeBody(), QLabel()
        self._stack, self._footer = QStackedWidget(), QLabel()
        self._lay_out()
        actions: dict[str, Callable[[], object]] = {
            "node_left": lambda: self.stepped.emit(0, -1, 0),
            "node_right": lambda: self.stepped.emit(0, 1, 0),
            "node_up": lambda: self.stepped.emit(-1, 0, 0),
            "node_down": lambda: self.stepped.emit(1, 0, 0),
            "map_before": lambda: self.stepped.emit(0, 0, -1),
            "map_behind": lambda: self.stepped.emit(0, 0, 1),
            "strongest": self.head.strongest.click,
            "forward": self.head.forward.click,
            "term_before": lambda: self.body.step_term(-1),
            "term_behind": lambda: self.body.step_term(1),
            "cell_left": lambda: self.body.equation.move_cell(0, -1),
            "cell_right": lambda: self.body.equation.move_cell(0, 1),
            "cell_up": lambda: self.body.equation.move_cell(-1, 0),
            "cell_down": lambda: self.body.equation.move_cell(1, 0),
            "open": self.body.open_chosen,
            "image_before": lambda: self.image_stepped.emit(-1),
            "image_behind": lambda: self.image_stepped.emit(1),
        }
        for entry in KEYS:
            for keys in entry.keys:
                QShortcut(QKeySequence(keys), self).activated.connect(actions[entry.action])

    def say(self, text: str) -> None:
        """A sentence in the place of the numbers; "" shows the numbers."""
        self.obstacle.setText(text)
        self._stack.setCurrentWidget(self.obstacle if text else self.body)
        if text:
            self.head.show_agreement("", None)
            self.head.strongest.setEnabled(False)

    def _lay_out(self) -> None:
        self.obstacle.setObjectName("inspect_microscope_obstacle")
        self.obstacle.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.obstacle.setWordWrap(True)
        set_role(self.obstacle, "muted")
        self._stack.addWidget(self.body)
        self._stack.addWidget(self.obstacle)
        set_role(self._footer, "muted")
        self._footer.setObjectName("inspect_microscope_keys")
        self._footer.setTextFormat(Qt.TextFormat.RichText)
        self._footer.setWordWrap(True)
        self._footer.setToolTip("\n".join(f"{keys}  {what}" for keys, what in FOOTER))
        self._footer.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._show_keys()
        theme().changed.connect(self._show_keys)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(self.head)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer)

    def _show_keys(self) -> None:
        color = theme().palette.text
        entries = (f'<span style="color:{color}">{keys}</span> {what}'.replace(" ", "&nbsp;") for keys, what in FOOTER)
        self._footer.setText("&nbsp;&nbsp; ".join(entry.replace("span&nbsp;", "span ") for entry in entries))
