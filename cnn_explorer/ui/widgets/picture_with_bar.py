"""A picture with its colour bar close beside it, both exactly as high as the picture is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnn_explorer.ui.readings import Legend
from cnn_explorer.ui.widgets.color_bar import ColorBar
from cnn_explorer.ui.widgets.pixel_view import PixelView

_GAP = 12  # pixels


class PictureWithBar(QWidget):
    """Gives the view the part of the room that its picture fills; the rest stays empty on both sides."""

    def __init__(self, view: PixelView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.bar = ColorBar(self)
        view.setParent(self)
        view.size_changed.connect(self._place)
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

    def _place(self) -> None:
        beside = _GAP + self.bar.sizeHint().width() if not self.bar.isHidden() else 0
        room = max(self.width() - beside, 1)
        image = self.view.image
        wide, high = (image.width(), image.height()) if image else (room, self.height())
        scale = min(room / max(wide, 1), self.height() / max(high, 1))
        width, height = max(1, round(wide * scale)), max(1, round(high * scale))
        left, top = (room - width) // 2, (self.height() - height) // 2
        self.view.setGeometry(left, top, width, height)
        self.bar.setGeometry(left + width + _GAP, top, beside - _GAP, height)
