"""Two parts side by side with a border to drag; the left one can be given most of the room, and back."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_WIDE = 0.62  # of the whole, for a left part that wants room
_LEAST_WIDE = 0.42  # with less than that it gets all of it


class CardSplitter(QSplitter):
    """The left part keeps its width as long as the right one can do with the rest: what it hints at, or was given.

    The main window remembers where the border lies under the object name.
    """

    def __init__(self, left: QWidget, right: QWidget, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName(name)
        self._left, self._right = left, right
        self._given: int | None = None
        self._is_wide = False
        self.setChildrenCollapsible(False)
        self.setHandleWidth(12)
        self.addWidget(left)
        self.addWidget(right)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.handle(1).setToolTip("Drag to make the list of layers wider or narrower.")
        self.splitterMoved.connect(self._on_moved)

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
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # the right part needs more room, or less
            self._share()
        return done

    def _share(self) -> None:
        whole = sum(self.sizes())
        usual = self._given if self._given is not None else self._left.sizeHint().width()
        left = round(whole * _WIDE) if self._is_wide else usual
        if self._right.isVisibleTo(self) and self.sizes()[0] != left:
            self.setSizes([left, max(whole - left, 1)])

    def _on_moved(self) -> None:
        if not self._is_wide:
            self._given = self.sizes()[0]
