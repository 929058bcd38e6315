"""How the rows of the layer stack are painted, and the header with the same columns above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QSizePolicy, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnn_explorer.ui.pages.build.stack.rows import UNKNOWN, StackRow
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.row_model import ROW

_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MARGIN = 14  # from the edge of a row to what stands in it
_MARK = 24  # room for the mark before the name
_GAP = 14  # between two columns, and up to four times as much where there is room
_ROOMY = 110  # a row of so many characters has room
_LEAST = 26  # characters for mark, name and settings; for them the last columns are left out


@dataclass(frozen=True)
class Column:
    """A column of facts: the attribute of ``StackRow``, the title, and a text that there is always room for.

    It grows with longer texts. ``long_title`` takes the place of ``title`` where there is room.
    """

    attribute: str
    title: str
    room_for: str
    long_title: str = ""
    quiet: bool = False


# In a narrow row the last ones are left out.
COLUMNS = (
    Column("shape_text", "Output", "26×26×32"),
    Column("params_text", "Parameters", "96,844"),
    Column("macs_text", "MACs", "99.9 M", quiet=True),
    Column("field_text", "Sees", "18×18", "Receptive field", quiet=True),
    Column("jump_text", "Jump", "16", quiet=True),
)
_TOOLTIP = (
    "Output: rows × columns × maps. MACs: multiplications for one image. Sees: the receptive field, the part of the "
    "image that one node depends on, in pixels. Jump: how far apart neighbouring nodes look, in pixels."
)


@dataclass(frozen=True)
class Places:
    """Where things end in a row, in pixels from its left: the name, the settings, each column with its title."""

    name: int
    settings: int
    columns: tuple[tuple[Column, str, int], ...]


class StackDelegate(QStyledItemDelegate):
    """Paints a row: mark, name, settings, then the columns of facts."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._rows: tuple[StackRow, ...] = ()
        self._places: dict[tuple[str, int], Places] = {}

    def show_rows(self, rows: Sequence[StackRow]) -> None:
        """Make the columns wide enough for ``rows``."""
        self._rows = tuple(rows)
        self._places.clear()

    def places(self) -> Places:
        """The columns in the view as wide as it is now, without its scroll bar."""
        key = self._view.font().key(), self._view.viewport().width()
        if key not in self._places:
            self._places[key] = self._measure(key[1])
        return self._places[key]

    def _measure(self, width: int) -> Places:
        metrics = self._view.fontMetrics()
        roomy = width >= _ROOMY * metrics.averageCharWidth()
        gap = min(max(_GAP, width // 10 - 4 * _GAP), 4 * _GAP)
        titles = [(roomy and column.long_title) or column.title for column in COLUMNS]
        widths = [
            gap + max(metrics.horizontalAdvance(text) for text in {title, column.room_for, *self._texts(column)})
            for column, title in zip(COLUMNS, titles, strict=True)
        ]
        while len(widths) > 2 and width - sum(widths) < _LEAST * metrics.averageCharWidth():
            widths.pop()
        starts = width - _MARGIN - sum(widths)
        ends = [starts + sum(widths[: index + 1]) for index in range(len(widths))]
        bold = QFontMetrics(_bold(self._view.font()))
        longest = max((bold.horizontalAdvance(row.name) for row in self._rows), default=0) + 4
        name = _MARGIN + _MARK + min(longest, (starts - _MARGIN - _MARK) * 3 // 5)
        return Places(name, starts, tuple(zip(COLUMNS, titles, ends, strict=False)))

    def _texts(self, column: Column) -> set[str]:
        return {getattr(row, column.attribute) for row in self._rows}

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(320, option.fontMetrics.height() + 18)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: StackRow = index.data(ROW)
        places = self.places()
        state, flags = option.state, QStyle.StateFlag
        selected, hovered = bool(state & flags.State_Selected), bool(state & flags.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "accent_soft" if selected else "error_soft" if row.problem else "raised" if hovered else ""
        if ground:
            painter.setBrush(theme().color(ground))
            painter.setPen(theme().color("accent") if state & flags.State_HasFocus else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(QRectF(option.rect).adjusted(4.5, 1.5, -4.5, -1.5), 6, 6)
        _paint_mark(painter, option.rect, row, movable=index.row() > 0 and (selected or hovered))
        painter.setFont(_bold(option.font))
        _paint_text(painter, option.rect, _MARGIN + _MARK, places.name, row.name, "error" if row.problem else "text")
        painter.setFont(option.font)
        _paint_text(painter, option.rect, places.name + _GAP, places.settings, row.settings, "muted")
        for column, _, end in places.columns:
            text = getattr(row, column.attribute)
            painter.setPen(theme().color("muted" if column.quiet or text in (UNKNOWN, "0") else "text"))
            painter.drawText(option.rect.adjusted(0, 0, end - option.rect.width(), 0), _RIGHT, text)
        painter.restore()


class StackHeader(QWidget):
    """The titles of the columns, over the places that the delegate gives the rows."""

    def __init__(self, delegate: StackDelegate, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self.setToolTip(_TOOLTIP)
        self.setAccessibleName("Columns: " + ", ".join(column.long_title or column.title for column in COLUMNS))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(320, self.fontMetrics().height() + 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        places = self._delegate.places()
        painter = QPainter(self)
        painter.setPen(theme().color("line"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.setPen(theme().color("muted"))
        painter.drawText(self.rect().adjusted(_MARGIN + _MARK, 0, 0, 0), _LEFT, "Layer")
        for _, title, end in places.columns:
            painter.drawText(QRect(0, 0, end, self.height()), _RIGHT, title)
        painter.end()


def _paint_mark(painter: QPainter, box: QRect, row: StackRow, *, movable: bool) -> None:
    """The colour of the layer's group; a handle where it can be dragged; a warning sign where something is wrong."""
    middle = box.center().y() + 1
    left = box.left() + _MARGIN
    if row.problem or movable:
        icon = theme().icon("triangle-alert", "error") if row.problem else theme().icon("grip-vertical", "muted")
        icon.paint(painter, QRect(left - 3, middle - 8, 16, 16))
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(row.role))
    painter.drawRoundedRect(QRectF(left, middle - 5, 10, 10), 3, 3)


def _paint_text(painter: QPainter, box: QRect, left: int, right: int, text: str, role: str) -> None:
    place = QRect(box.left() + left, box.top(), right - left, box.height())
    painter.setPen(theme().color(role))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, _LEFT, shown)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
