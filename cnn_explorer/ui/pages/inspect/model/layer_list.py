"""The layers of a model in a list: name and shape in the first line, type and parameters in the second.

Layers of nested models are indented, without the name of their model, which stands beside their type.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.text.layers import layer_facts
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.elided_label import elided_name
from cnn_explorer.ui.widgets.row_model import ROW, RowModel

_Index = QModelIndex | QPersistentModelIndex
_PADDING = 8
_INDENT, _DEEPEST = 12, 4  # pixels for each level, and levels that are told apart


class LayerList(QListView):
    """One layer is chosen at a time, by mouse or keys."""

    layer_chosen = Signal(str)
    """Name of the layer that the user has chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_layers")
        self.setAccessibleName("Layers of the model")
        self.setToolTip("Choose the layer to look at; Page Up and Page Down move over the layers.")
        self._rows = _Layers(self)
        self._silent = False
        self.setModel(self._rows)
        self.setItemDelegate(_LayerDelegate(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        theme().changed.connect(self.viewport().update)

    def show_layers(self, layers: tuple[LayerInfo, ...], chosen: str) -> None:
        """Show other layers, with one of them chosen; ``layer_chosen`` stays silent."""
        self._rows.begin_anew(layers)
        self.choose(chosen)

    @property
    def chosen(self) -> str:
        """Name of the chosen layer, "" without one."""
        layer = self.currentIndex().data(ROW)
        return layer.name if isinstance(layer, LayerInfo) else ""

    def choose(self, name: str) -> None:
        """Choose a layer without a word of it through ``layer_chosen``."""
        self._silent = True
        self.go_to(name)
        self._silent = False

    def go_to(self, name: str) -> None:
        """Choose a layer as if the user had clicked there."""
        for row, layer in enumerate(self._rows.rows):
            if layer.name == name:
                self._go_to(row)

    def step(self, by: int) -> None:
        """Move the choice by ``by`` rows, not past the ends; as if the user had clicked there."""
        if self._rows.rows:
            self._go_to(min(max(self.currentIndex().row() + by, 0), len(self._rows.rows) - 1))

    def _go_to(self, row: int) -> None:
        index = self._rows.at(row)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        layer = current.data(ROW)
        if isinstance(layer, LayerInfo) and not self._silent:
            self.layer_chosen.emit(layer.name)


class _Layers(RowModel[LayerInfo]):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda layer: layer.name)

    def cell(self, row: LayerInfo, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return layer_facts(row)
        return None


class _LayerDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(160, 2 * option.fontMetrics.height() + 2 * _PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        layer = index.data(ROW)
        self.initStyleOption(option, index)
        option.text = ""
        widget = option.widget
        style = widget.style() if widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        group, _, name = layer.name.rpartition("/")
        indent = _INDENT * min(layer.name.count("/"), _DEEPEST)
        place = option.rect.adjusted(_PADDING + 2 + indent, _PADDING - 1, -_PADDING - 2, 1 - _PADDING)
        kind = f"{layer.type} in {group}" if group else layer.type
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.save()
        if indent:
            painter.setPen(theme().color("line"))
            edge_x = place.left() - _INDENT // 2
            painter.drawLine(edge_x, option.rect.top(), edge_x, option.rect.bottom())
        top = Qt.AlignmentFlag.AlignTop
        bottom = Qt.AlignmentFlag.AlignBottom
        lines = (
            (top, name, shape_text(layer.output_shape), "text", bold),
            (bottom, kind, f"{layer.params:,} params" if layer.params else "", "muted", option.font),
        )
        for edge, left, right, role, font in lines:
            painter.setPen(theme().color("muted"))
            painter.setFont(option.font)
            width = painter.fontMetrics().horizontalAdvance(right)
            painter.drawText(place, edge | Qt.AlignmentFlag.AlignRight, right)
            painter.setPen(theme().color(role))
            painter.setFont(font)
            room = place.width() - width - _PADDING
            metrics = painter.fontMetrics()
            cut = metrics.elidedText(left, Qt.TextElideMode.ElideRight, room)
            text = elided_name(left, metrics, room) if edge == top else cut
            painter.drawText(place, edge | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()
