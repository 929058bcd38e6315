"""Two parts side by side with a border to drag; the left one can be given most of the room, and back."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_USUAL = 0.2  # of the whole, for a left part in a large window
_WIDE = 0.62  # of the whole, for a left part that wants room
_LEAST_WIDE = 0.42  # with less than that it gets all of it


class CardSplitter(QSplitter):
    """The left part keeps its width as long as the right one can do with the rest: what it hints at or a fifth, or
    what it was given.

    The main window remembers where the border lies under the object name.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(name)
        self._given: int | None = None
        self._is_wide = self._is_sharing = False
        self.setChildrenCollapsible(False)
        self.setHandleWidth(12)
        self.splitterMoved.connect(self._on_moved)

    def show_parts(self, left: QWidget, right: QWidget) -> None:
        """What is to stand side by side; called once."""
        self._left, self._right = left, right
        self.addWidget(left)
        self.addWidget(right)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.handle(1).setToolTip("Drag to make the list of layers wider or narrower.")

    def widen(self, wide: bool) -> None:
        """Give the left part most of the room, all of it if it is scarce, or what it had before."""
        self._is_wide = wide
        spare = self.width() - self.handleWidth() - self._right.minimumSizeHint().width()
        self._right.setVisible(not wide or spare >= _LEAST_WIDE * self.width())
        self._share()

    def restoreState(self, state: QByteArray | bytes | bytearray | memoryview[int]) -> bool:
        restored = super().restoreState(state)
        if restored and self.sizes()[0] > 0:
            self._given = self.sizes()[0]
        return restored

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def event(self, event: QEvent) -> bool:
        is_request = event.type() == QEvent.Type.LayoutRequest
        done = super().event(event)
        if is_request:  # the right part needs more room, or less
            self._share()
        return done

    def _share(self) -> None:
        whole = sum(self.sizes())
        usual = self._given
        if usual is None:
            usual = max(self._left.sizeHint().width(), round(whole * _USUAL))
        wanted = round(whole * _WIDE) if self._is_wide else usual
        # What cannot be had is not asked for: setting sizes lays out anew, and that would come back here without end.
        least = self._left.minimumSizeHint().width()
        left = max(min(wanted, whole - self._right.minimumSizeHint().width()), least)
        if not self._is_sharing and self._right.isVisibleTo(self) and self.sizes()[0] != left:
            self._is_sharing = True
            self.setSizes([left, max(whole - left, 1)])
            self._is_sharing = False

    def _on_moved(self) -> None:
        if not self._is_wide:
            self._given = self.sizes()[0]
