"""The gallery's tiles under mouse and keys: one image is the current one, and one lies under the cursor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from cnn_explorer.ui.pages.data.gallery.plane import Tile, TilePlane
from cnn_explorer.ui.session.jobs import JobRunner
from cnn_explorer.ui.theme import theme

_WHEEL_STEP = 120
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ZOOM_KEYS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_CONTROL, _KEYPAD = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.KeypadModifier


class GalleryGrid(TilePlane):
    """Shows images by their *number* in the list that it was given, and lets one of them be the current one."""

    current_changed = Signal(int)
    """Number of the image; -1 for none."""
    hovered_changed = Signal(int)
    opened = Signal(int)
    """By double click or Return."""
    menu_wanted = Signal(int, QPoint)
    """Number of the image, and the point of the screen."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(runner, parent)
        self.setObjectName("gallery")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._current = self._hovered = -1
        self._wheel = 0
        self._tell_name()

    def set_images(
        self, source: NDArray[np.uint8], places: NDArray[np.int64], describe: Callable[[int], Tile], current: int = -1
    ) -> None:
        """Show the images of ``source`` at ``places``; ``current`` is the one to begin at, -1 for the upper end."""
        self.describe = describe
        self.show_images(source, places)
        self._hovered = -1
        self._current = current if current < len(places) else -1
        self._tell_name()
        self.current_changed.emit(self._current)
        if self._current >= 0:
            self.scroll_to(self._current)

    def mark(self, wrong: NDArray[np.bool_], pinned: int) -> None:
        """Mark the images that are ``wrong`` (one value for each), and the one that is pinned; words change with it."""
        self.wrong, self.pinned = wrong, pinned
        self._tell_name()
        self.viewport().update()

    @property
    def current(self) -> int:
        """Number of the current image; -1 if there is none."""
        return self._current

    @property
    def hovered(self) -> int:
        """Number of the image under the cursor; -1 if there is none."""
        return self._hovered

    def choose(self, number: int) -> None:
        """Make an image the current one, and show it."""
        if 0 <= number < self.count:
            self._set_current(number)
            self.scroll_to(number)

    def paint_over(self, painter: QPainter, numbers: range) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._hovered in numbers and self._hovered != self._current:
            _frame(painter, QRectF(self.rectangle(self._hovered)), theme().color("muted"), 1.0)
        if self._current in numbers:
            color = theme().color("accent" if self.hasFocus() else "muted")
            _frame(painter, QRectF(self.rectangle(self._current)), color, 3.0 if self.hasFocus() else 2.0)

    # Hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~_KEYPAD
        shift = Qt.KeyboardModifier.ShiftModifier
        if modifiers & _CONTROL and not modifiers & ~(_CONTROL | shift) and key in _ZOOM_KEYS:
            seen = self._current in self.visible()
            place = self.rectangle(self._current).center() if seen else self.viewport().rect().center()
            self.zoom_at(self.zoom + _ZOOM_KEYS[key], place)
        elif modifiers or not self.count:
            super().keyPressEvent(event)
        elif (moved := self._moved(key)) is not None:
            self.choose(moved)
        elif key in _ENTER and self._current >= 0:
            self.opened.emit(self._current)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        # While the gallery has the keys, Ctrl+plus and Ctrl+minus are its own and not the size of the text.
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and event.modifiers() & _CONTROL and event.key() in _ZOOM_KEYS:
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.at(event.pos())
            if number >= 0:
                place = self.rectangle(number)
                QToolTip.showText(event.globalPos(), self.describe(number).sentence, self.viewport(), place)
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._set_hovered(-1)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.at(event.position().toPoint())
        if number >= 0:
            self._set_current(number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # or Qt offers it to those behind

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self.at(event.position().toPoint())
        if number >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._set_current(number)
            self.opened.emit(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hovered(self.at(event.position().toPoint()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & _CONTROL:
            super().wheelEvent(event)
            self._set_hovered(self.at(event.position().toPoint()))
            return
        self._wheel += event.angleDelta().y()
        steps = int(self._wheel / _WHEEL_STEP)
        self._wheel -= steps * _WHEEL_STEP
        if steps:
            self.zoom_at(self.zoom + steps, event.position().toPoint())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        number = self._current if by_key else self.at(event.pos())
        if number < 0:
            return
        point = self.viewport().mapToGlobal(self.rectangle(number).center()) if by_key else event.globalPos()
        self._set_current(number)
        self.menu_wanted.emit(number, point)

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self._current < 0 and self.visible():
            self._set_current(self.visible().start)  # who comes by keyboard must see where the arrows start
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # Within

    def _moved(self, key: Qt.Key) -> int | None:
        """The number that a key leads to; ``None`` for other keys."""
        layout, current = self.layout_, self._current
        page = layout.columns * max(1, self.viewport().height() // layout.step[1])
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -layout.columns,
            Qt.Key.Key_Down: layout.columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
        }
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.count - 1}
        if key in ends:
            return ends[key]
        if key not in steps:
            return None
        if current < 0:
            return self.visible().start
        moved = current + steps[key]
        if 0 <= moved < self.count:
            return moved
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            return 0 if moved < 0 else self.count - 1
        in_last_row = current // layout.columns == layout.rows - 1
        return self.count - 1 if key == Qt.Key.Key_Down and not in_last_row else current

    def _set_current(self, number: int) -> None:
        if number == self._current and number >= 0:
            return
        self._current = number
        self._tell_name()
        self.current_changed.emit(number)
        self.viewport().update()

    def _tell_name(self) -> None:
        """A screen reader reads the name of what has the focus: it is that of the current image."""
        said = self.describe(self._current).sentence if 0 <= self._current < self.count else "no image is chosen"
        self.setAccessibleName(f"Images of the data set: {said}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def _set_hovered(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.hovered_changed.emit(number)
            self.viewport().update()


def _frame(painter: QPainter, place: QRectF, color: QColor, width: float) -> None:
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    reach = width / 2 + 1
    painter.drawRect(place.adjusted(-reach, -reach, reach, reach))
