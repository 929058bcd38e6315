"""The stack of layers as a table of rows: chosen by mouse and keys, reordered by dragging, filled from the palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QMimeData, QModelIndex, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.build.stack.delegate import StackDelegate, StackHeader
from cnn_explorer.ui.pages.build.stack.rows import StackRow
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.row_model import Index, RowModel

KIND_MIME = "application/x-cnn-explorer-layer-kind"
"""A class of layers on its way from the palette into the stack: the class' name as text."""

_ROW_MIME = "application/x-cnn-explorer-layer-row"


class LayerStack(QWidget):
    """Rows below a header. Row 0 is the input, which stays where it is; row i is the layer of index i - 1."""

    chosen = Signal(int)
    """The row that the user has chosen; -1 for none."""
    moved = Signal(int, int)
    """A layer was dragged: its index, and the index (before the move) of the layer in front of which it goes."""
    dropped = Signal(str, int)
    """A class of layers was dropped from the palette: its name, and the index that the new layer gets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Rows(self)
        self.view = _StackView(self)
        self.view.setModel(self._model)
        self._delegate = StackDelegate(self.view)
        self.view.setItemDelegate(self._delegate)
        self._header = StackHeader(self._delegate, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self.view, 1)
        self._silent = False
        self._model.moved.connect(self.moved)
        self._model.dropped.connect(self.dropped)
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        theme().changed.connect(self.view.viewport().update)

    @property
    def row(self) -> int:
        """The chosen row, -1 without one."""
        return self.view.currentIndex().row()

    def show_rows(self, rows: tuple[StackRow, ...], chosen: int) -> None:
        """Show other rows with one of them chosen; ``chosen`` is not emitted."""
        self._silent = True
        self._delegate.show_rows(rows)
        bar = self.view.verticalScrollBar()
        place = bar.value()
        self._model.show(rows)
        self._header.update()
        self.view.doItemsLayout()  # the rows are where they will be, so that the view keeps its place
        bar.setValue(place)
        self.choose(chosen)
        self._silent = False

    def choose(self, row: int) -> None:
        """Choose a row as if the user had clicked it; -1 chooses none."""
        index = self._model.at(row)
        self.view.setCurrentIndex(index)
        if index.isValid():
            self.view.scrollTo(index)

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._silent:
            self.chosen.emit(current.row())


class _Rows(RowModel[StackRow]):
    moved = Signal(int, int)
    dropped = Signal(str, int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda row: row.name)

    def show(self, rows: Iterable[StackRow], *, everything: bool = False) -> None:
        """While the number of layers stays, so does each row: a layer whose name is being typed is the same one."""
        rows = tuple(rows)
        if len(rows) != len(self.rows):
            self.begin_anew(rows)
            return
        self.rows = rows
        self.dataChanged.emit(self.at(0), self.at(len(rows) - 1))

    def cell(self, row: StackRow, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.problem or row.sentence
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.sentence
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between the rows, never onto one
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.row() else flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_ROW_MIME, KIND_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(_ROW_MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        """Nothing is changed here: the document does it, and comes back through ``show``."""
        before = max((row if row >= 0 else len(self.rows)) - 1, 0)
        if data.hasFormat(_ROW_MIME):
            self.moved.emit(int(bytes(data.data(_ROW_MIME).data())) - 1, before)
        else:
            self.dropped.emit(bytes(data.data(KIND_MIME).data()).decode(), before)
        return True


class _StackView(QListView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("build_stack")
        self.setAccessibleName("Layers of the network")
        set_role(self, "plain")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() > 1:
            return
        painter = QPainter(self.viewport())
        painter.setPen(theme().color("muted"))
        below = self.viewport().rect().adjusted(16, self.sizeHintForRow(0), -16, 0)
        words = "The network has no layers yet: press a layer in the list on the left, drag one here, or take a preset."
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
        painter.end()
