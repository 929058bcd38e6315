"""Where the message bar lies, so that a page does not jump away under the mouse for every "Saved"."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from cnn_explorer.ui.shell.message_bar import MessageBar

_WIDEST, _MARGIN = 560, 16  # pixels
_ITS_OWN = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)
_OF_THE_PAGE = (QEvent.Type.Resize, QEvent.Type.Move)


class MessagePlace(QWidget):
    """The room for a message that stays, below the header; one that goes by itself lies over the foot of ``below``."""

    def __init__(self, bar: MessageBar, below: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._bar, self._below = bar, below
        self.setFixedHeight(0)
        bar.setParent(parent)
        _put_away(bar)
        bar.installEventFilter(self)
        below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (_ITS_OWN if watched is self._bar else _OF_THE_PAGE):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        bar, below = self._bar, self._below.geometry()
        message = bar.current
        if message is None or bar.isHidden():
            self.setFixedHeight(0)
            _put_away(bar)
            return
        if message.stays:
            height = _height(bar, self.width())
            self.setFixedHeight(height)
            bar.setGeometry(self.x(), self.y(), self.width(), height)
        else:
            self.setFixedHeight(0)
            width = min(_WIDEST, below.width() - 2 * _MARGIN)
            height = _height(bar, width)
            left = below.left() + (below.width() - width) // 2
            bar.setGeometry(left, below.bottom() + 1 - _MARGIN - height, width, height)
        bar.raise_()


def _put_away(bar: MessageBar) -> None:
    """Nowhere: Qt shows it where it was last, and what it covers there would be painted anew when it is moved."""
    bar.setGeometry(0, 0, 0, 0)


def _height(bar: MessageBar, width: int) -> int:
    """The height that its lines need; while Qt still shows its parts, none of them may count yet."""
    height = bar.heightForWidth(width)
    return height if height >= 0 else bar.sizeHint().height()
