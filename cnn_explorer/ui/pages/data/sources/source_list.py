"""The list of data sets: title and state in the first line, the facts muted in the second."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.ui.pages.data.sources.state import SourceRow
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.row_model import ROW, Index, RowModel

_PADDING = 8
_ICON = 14  # pixels
_GAP = 4
_ICONS = {
    "current": ("check", "accent"),
    "loading": ("loader-circle", "accent"),
    "download": ("download", "muted"),
    "missing": ("triangle-alert", "warning"),
}


class SourceList(QListView):
    """A click or Return uses a data set; Delete forgets one of the user's own."""

    used = Signal(object)
    """``DatasetSpec`` of what shall be the data set."""
    forgotten = Signal(object)
    changed_asked = Signal(object)
    """``DatasetSpec`` of the user's images that shall be read in another way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_sources")
        self.setAccessibleName("Data sets")
        set_role(self, "plain")
        self._rows = _Sources(self)
        self.setModel(self._rows)
        self.setItemDelegate(_SourceDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.clicked.connect(self._use)
        theme().changed.connect(self._relayout)

    @property
    def rows(self) -> tuple[SourceRow, ...]:
        """What is shown."""
        return self._rows.rows

    def show_rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Show other rows; the keys stay on the same data set."""
        if rows == self._rows.rows:
            return
        spec = self._spec(self.currentIndex())
        self._rows.show(rows)
        for number, row in enumerate(rows):
            if spec is not None and row.spec is not None and row.spec.source == spec.source:
                self.setCurrentIndex(self._rows.at(number))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._use(index)
        elif event.key() == Qt.Key.Key_Delete and index.isValid() and index.data(ROW).is_own:
            self.forgotten.emit(self._spec(index))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        menu = self.menu(index)
        if menu is not None:
            at = event.pos() if by_mouse else self.visualRect(index).center()
            menu.popup(self.viewport().mapToGlobal(at))

    def menu(self, index: QModelIndex) -> QMenu | None:
        """What can be done with a row, for the user's own images only."""
        if not index.isValid() or not index.data(ROW).is_own:
            return None
        spec = self._spec(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for icon, text, signal in (
            ("check", "Use", self.used),
            ("sliders-horizontal", "Read it in another way…", self.changed_asked),
            ("x", "Forget", self.forgotten),
        ):
            action = menu.addAction(theme().icon(icon), text)
            action.triggered.connect(lambda _checked=False, signal=signal: signal.emit(spec))
        return menu

    def _spec(self, index: QModelIndex) -> DatasetSpec | None:
        row = index.data(ROW)
        return row.spec if isinstance(row, SourceRow) else None

    def _use(self, index: QModelIndex) -> None:
        spec = self._spec(index)
        if spec is not None and index.data(ROW).mark not in ("current", "loading"):
            self.used.emit(spec)

    def _relayout(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()


class _Sources(RowModel[SourceRow]):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: (row.spec, row.title if row.spec is None else ""))

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.rows[index.row()].spec is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def cell(self, row: SourceRow, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title or row.facts
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{row.tooltip}</qt>" if row.tooltip else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = {"current": "in use", "loading": "loading"}.get(row.mark, row.state)
            return ", ".join(filter(None, (row.title, row.facts, state)))
        return None


class _SourceDelegate(QStyledItemDelegate):
    def __init__(self, view: SourceList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: SourceRow = index.data(ROW)
        line = option.fontMetrics.height()
        if row.spec is not None:
            return QSize(160, 2 * line + 2 * _PADDING - 2)
        if row.title:
            return QSize(160, line + (16 if index.row() else 8))
        width = self._view.viewport().width() - 2 * _PADDING
        box = option.fontMetrics.boundingRect(QRect(0, 0, width, 1000), Qt.TextFlag.TextWordWrap, row.facts)
        return QSize(160, box.height() + _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: SourceRow = index.data(ROW)
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.spec is not None:
            self._paint_source(painter, option, row, box)
        elif row.title:
            painter.setPen(theme().color("muted"))
            painter.setFont(_bold(option.font))
            painter.drawText(box.adjusted(_PADDING, 0, 0, -2), Qt.AlignmentFlag.AlignBottom, row.title)
        else:
            painter.setPen(theme().color("muted"))
            painter.drawText(box.adjusted(_PADDING, 2, -_PADDING, 0), Qt.TextFlag.TextWordWrap, row.facts)
        painter.restore()

    def _paint_source(self, painter: QPainter, option: QStyleOptionViewItem, row: SourceRow, box: QRectF) -> None:
        states = QStyle.StateFlag
        focused = bool(option.state & states.State_HasFocus)
        is_current = row.mark == "current"
        if is_current or focused or option.state & states.State_MouseOver:
            painter.setPen(theme().color("accent") if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft" if is_current else "raised"))
            painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 6, 6)
        place = box.adjusted(_PADDING, _PADDING - 1, -_PADDING, 1 - _PADDING)
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        metrics = option.fontMetrics
        right = place.right()
        if row.mark in _ICONS:
            icon, role = _ICONS[row.mark]
            at = QRect(round(right) - _ICON, round(place.top() + (metrics.height() - _ICON) / 2), _ICON, _ICON)
            theme().icon(icon, role).paint(painter, at)
            right -= _ICON + _GAP
        state = {"current": "", "loading": ""}.get(row.mark, row.state)
        painter.setPen(theme().color("warning" if row.mark == "missing" else "muted"))
        first = QRectF(place.left(), place.top(), right - place.left(), place.height())
        painter.drawText(first, top | Qt.AlignmentFlag.AlignRight, state)
        painter.setPen(theme().color("accent" if is_current else "text"))
        bold = _bold(option.font)
        painter.setFont(bold)
        room = int(first.width()) - (metrics.horizontalAdvance(state) + _PADDING if state else 0)
        title = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(first, top, title)
        painter.setFont(option.font)
        painter.setPen(theme().color("muted"))
        cut = Qt.TextElideMode.ElideLeft if row.is_own else Qt.TextElideMode.ElideRight
        painter.drawText(place, bottom, metrics.elidedText(row.facts, cut, int(place.width())))


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
