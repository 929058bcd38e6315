"""The head of the microscope: the way that one has come, where one is, and whether the sum is the layer's."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.text.nodes import crumb
from cnn_explorer.ui.pages.inspect.microscope.walk import Walk
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.tool_button import tool_button

_ARROW = "  ←  "


class MicroscopeHead(QWidget):
    """Buttons to walk, the crumbs of the walk, and three facts."""

    strongest_wanted = Signal()
    forward_wanted = Signal()
    crumb_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strongest = tool_button(
            "chevron-left", "inspect_microscope_strongest",
            "Go to the node of the layer before that contributed most (Backspace).", "To the strongest input",
        )  # fmt: skip
        self.forward = tool_button(
            "chevron-right",
            "inspect_microscope_forward",
            "Go back to the node that you came from (F).",
            "Forward again",
        )
        self.crumbs = _Crumbs()
        self.title, self.facts, self.agreement = QLabel(), ElidedLabel(), QLabel()
        self.mark = QLabel()
        self.strongest.clicked.connect(self.strongest_wanted)
        self.forward.clicked.connect(self.forward_wanted)
        self.crumbs.linkActivated.connect(lambda link: self.crumb_clicked.emit(int(link)))
        self._agrees: bool | None = None
        theme().changed.connect(self._show_mark)
        self._lay_out()

    def show_walk(self, walk: Walk, title: str, facts: str) -> None:
        """Where one is, and how one came there."""
        self.crumbs.show_walk(walk)
        self.title.setText(title)
        self.facts.setText(facts)
        self.forward.setEnabled(walk.can_return)

    def show_agreement(self, text: str, agrees: bool | None) -> None:
        """What the layer says beside the sum by hand; ``None`` where there is nothing to compare."""
        self.agreement.setText(text)
        self._agrees = agrees
        self._show_mark()

    def _show_mark(self) -> None:
        self.mark.setVisible(self._agrees is not None)
        if self._agrees is not None:
            name, role = ("circle-check", "success") if self._agrees else ("triangle-alert", "warning")
            side = self.fontMetrics().height()
            self.mark.setPixmap(theme().icon(name, role).pixmap(QSize(side, side)))
            self.mark.setToolTip(
                "The sum by hand is what the layer gives."
                if self._agrees
                else "The sum by hand is not what the layer gives; it may compute with less precision."
            )

    def _lay_out(self) -> None:
        self.title.setObjectName("inspect_microscope_title")
        self.facts.setObjectName("inspect_microscope_facts")
        self.agreement.setObjectName("inspect_microscope_agreement")
        set_role(self.title, "title")
        set_role(self.facts, "muted")
        set_role(self.agreement, "strong")
        way = QHBoxLayout()
        way.setSpacing(8)
        way.addWidget(self.strongest)
        way.addWidget(self.forward)
        way.addSpacing(8)
        way.addWidget(self.crumbs, 1)
        place = QHBoxLayout()
        place.setSpacing(8)
        place.addWidget(self.title, 1)
        place.addWidget(self.mark)
        place.addWidget(self.agreement)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(way)
        layout.addSpacing(6)
        layout.addLayout(place)
        layout.addWidget(self.facts)


class _Crumbs(QLabel):
    """The places of a walk as links, the nearest to the image first: as many around the current one as find room."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inspect_microscope_crumbs")
        self.setAccessibleName("The way from the node to the image")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._walk: Walk | None = None

    def show_walk(self, walk: Walk) -> None:
        self._walk = walk
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._walk is None:
            return
        walk, metrics = self._walk, self.fontMetrics()
        names = [crumb(place) for place in walk.places]
        needed = [metrics.horizontalAdvance(name + _ARROW) * 1.08 for name in names]
        first = last = walk.at
        room = self.width() - needed[walk.at] - 2 * metrics.horizontalAdvance("…" + _ARROW)
        grown = True
        while grown:  # by turns towards the end of the network and towards the image
            grown = False
            for index in (first - 1, last + 1):
                if 0 <= index < len(names) and needed[index] <= room:
                    room -= needed[index]
                    first, last, grown = min(first, index), max(last, index), True
        shown = [self._link(index, names[index]) for index in range(last, first - 1, -1)]
        if last < len(names) - 1:
            shown.insert(0, "…")
        if first > 0:
            shown.append("…")
        self.setText(_ARROW.replace(" ", "&nbsp;").join(shown))

    def _link(self, index: int, name: str) -> str:
        assert self._walk is not None
        text = escape(name).replace(" ", "&nbsp;")
        if index == self._walk.at:
            return f"<b>{text}</b>"
        return f'<a href="{index}" style="text-decoration:none">{text}</a>'
