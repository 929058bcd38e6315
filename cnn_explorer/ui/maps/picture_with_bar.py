"""A picture with its scroll bars and its colour bar close beside it, all exactly as high as the picture is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QWidget

from cnn_explorer.text.legend import Legend
from cnn_explorer.ui.maps.color_bar import ColorBar
from cnn_explorer.ui.maps.pixel_view import PixelView

_GAP = 16  # pixels; the scroll bar has room in it
_THICK, _BESIDE = 10, 3  # of the scroll bar, and between it and the picture


class PictureWithBar(QWidget):
    """Gives the view the part of the room that its picture fills; the rest stays empty on both sides."""

    def __init__(self, view: PixelView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.bar = ColorBar(self)
        view.setParent(self)
        self.down, self.across = self._scroll_bar(Qt.Orientation.Vertical), self._scroll_bar(Qt.Orientation.Horizontal)
        view.size_changed.connect(self._place)
        view.part_changed.connect(self._show_part)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusProxy(view)

    def show_legend(self, legend: Legend, name: str) -> None:
        """Show the colour map of that name with these texts."""
        self.bar.show_legend(legend, name)
        self._place()

    def show_bar(self, shown: bool) -> None:
        """With or without the bar."""
        self.bar.setVisible(shown)
        self._place()

    def sizeHint(self) -> QSize:
        return self.view.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.view.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _scroll_bar(self, orientation: Qt.Orientation) -> QScrollBar:
        bar = QScrollBar(orientation, self)
        bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys scroll in the picture
        bar.hide()
        bar.valueChanged.connect(self._on_scrolled)
        return bar

    def _place(self) -> None:
        beside = _GAP + (self.bar.sizeHint().width() if not self.bar.isHidden() else 0)
        room = QSizeF(max(self.width() - beside, 1), max(self.height(), 1))
        filled = self.view.size_in(room)
        width, height = max(1, round(filled.width())), max(1, round(filled.height()))
        left, top = (round(room.width()) - width) // 2, (self.height() - height) // 2
        self.view.setGeometry(left, top, width, height)
        self.bar.setGeometry(left + width + _GAP, top, beside - _GAP, height)
        self._show_part()

    def _show_part(self) -> None:
        """Let the scroll bars show which part is seen; those that have nothing to show are not there."""
        view, whole, offset = self.view, self.view.whole_size(), self.view.offset()
        place = view.geometry()
        # Below the picture if there is room, else over its lower edge.
        below = min(place.bottom() + 1 + _BESIDE, self.height() - _THICK)
        for bar, length, seen, value, area in (
            (self.down, whole.height(), view.height(), offset.y(),
             QRect(place.right() + 1 + _BESIDE, place.top(), _THICK, place.height())),
            (self.across, whole.width(), view.width(), offset.x(),
             QRect(place.left(), below, place.width(), _THICK)),
        ):  # fmt: skip
            hidden = round(length) - seen
            bar.setVisible(hidden > 1)
            if hidden > 1:
                bar.setGeometry(area)
                bar.blockSignals(True)  # what it shows comes from the view
                bar.setRange(0, hidden)
                bar.setPageStep(seen)
                bar.setSingleStep(max(1, seen // 10))
                bar.setValue(round(value))
                bar.blockSignals(False)
                bar.raise_()

    def _on_scrolled(self) -> None:
        offset = self.view.offset()
        x = self.across.value() if self.across.isVisible() else offset.x()
        y = self.down.value() if self.down.isVisible() else offset.y()
        self.view.scroll_to(QPointF(x, y))
