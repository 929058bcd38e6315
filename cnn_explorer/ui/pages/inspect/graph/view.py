"""The layers of a branching model as a drawing: boxes joined by curves, nested models framed, one layer chosen."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QToolTip, QWidget

from cnn_explorer.core.model.info import LayerInfo, ModelInfo
from cnn_explorer.text.layers import layer_facts
from cnn_explorer.ui.pages.inspect.graph.layout import Direction, GraphLayout, branches, lay_out
from cnn_explorer.ui.pages.inspect.graph.painter import MARK_PADDING, GraphDrawing, paint_graph
from cnn_explorer.ui.pages.inspect.graph.plan import GraphPlan
from cnn_explorer.ui.theme import theme

_LARGEST, _SMALLEST_AT_FIRST = 2.0, 0.7  # zoom; smaller than that at first nobody could read the names
_STEP = 1.2
_LYING = 0.85  # of the height: with more width than that the graph lies
_CHARACTERS = {True: 24, False: 20}  # of a name that have room in a box, lying or standing
_KEYS: dict[bool, dict[Qt.Key, Direction]] = {
    True: {
        Qt.Key.Key_Right: "forward", Qt.Key.Key_Left: "back", Qt.Key.Key_Up: "before", Qt.Key.Key_Down: "behind",
    },
    False: {
        Qt.Key.Key_Down: "forward", Qt.Key.Key_Up: "back", Qt.Key.Key_Left: "before", Qt.Key.Key_Right: "behind",
    },
}  # fmt: skip


class GraphView(QAbstractScrollArea):
    """Columns by depth where there is more width than height, else the same graph standing.

    The wheel scrolls, with Ctrl it zooms; dragging moves; + and − zoom, 0 shows everything; arrow keys go along the
    edges and within a column.
    """

    layer_chosen = Signal(str)
    """Name of the layer that the user has chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_graph")
        self.setAccessibleName("Graph of the layers")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._layers: dict[str, LayerInfo] = {}
        self._outputs: tuple[str, ...] = ()
        self.marks: dict[str, str] = {}
        """What stands before each layer that takes an input of the model."""
        self._layout: GraphLayout = lay_out(())
        self.plan = GraphPlan(self._layout, QSizeF(1, 1), QSizeF(1, 1), lying=True)
        self.chosen = ""
        self._hovered = ""
        self._zoom: float | None = None  # until someone zooms, as it fits
        self._pressed: QPointF | None = None
        self._dragged = False
        self.viewport().setMouseTracking(True)
        theme().changed.connect(self._fit_boxes)

    def show_model(self, info: ModelInfo, chosen: str) -> None:
        """Show another model, with one of its layers chosen; ``layer_chosen`` stays silent."""
        layers = info.layers if branches(info.layers) else ()
        self._layers = {layer.name: layer for layer in layers}
        self._outputs = info.outputs
        self._layout = lay_out(layers)
        self.marks = {
            name: ", ".join(one.name for one in info.taken(self._layers[name])) or "input"
            for name in self._layout.inputs
        }
        self._zoom, self._hovered = None, ""
        self._fit_boxes()
        self.choose(chosen)

    def choose(self, name: str) -> None:
        """Choose a layer, and bring it into view; ``layer_chosen`` stays silent."""
        self.chosen = name
        if (layer := self._layers.get(name)) is not None:
            self.setAccessibleDescription(layer_facts(layer))
            self._show_chosen()
        self.viewport().update()

    @property
    def zoom(self) -> float:
        """How large everything is drawn; 1 is the size of the text elsewhere."""
        if self._zoom is not None:
            return self._zoom
        size, room = self.plan.size, self.viewport().size()
        # Along the flow one scrolls anyway; across it everything should be seen.
        share = room.height() / size.height() if self.plan.lying else room.width() / size.width()
        return min(max(share, _SMALLEST_AT_FIRST), 1.0)

    def zoom_by(self, factor: float, held: QPointF | None = None) -> None:
        """Zoom; the point ``held`` of the viewport (its middle, if none) stays where it is."""
        point = held or QPointF(self.viewport().rect().center())
        there = self.to_graph(point)
        self._zoom = min(max(self.zoom * factor, self._all()), _LARGEST)
        self._fit_bars()
        moved = self.from_graph(there) - point
        self._scroll_by(moved)

    def show_all(self) -> None:
        """Make it so small that everything is seen."""
        self._zoom = self._all()
        self._fit_bars()
        self.viewport().update()

    def to_graph(self, point: QPointF) -> QPointF:
        """The drawing's point for one of the viewport."""
        return (point - self._origin()) / self.zoom

    def from_graph(self, point: QPointF) -> QPointF:
        """The viewport's point for one of the drawing."""
        return point * self.zoom + self._origin()

    def box(self, name: str) -> QRectF:
        """Where a layer's box lies in the viewport."""
        place = self.plan.boxes[name]
        return QRectF(self.from_graph(place.topLeft()), self.from_graph(place.bottomRight()))

    def layer_at(self, point: QPointF) -> str:
        """The layer whose box is there, "" for none."""
        place = self.to_graph(point)
        return next((name for name, box in self.plan.boxes.items() if box.contains(place)), "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.translate(self._origin())
        painter.scale(self.zoom, self.zoom)
        corner, end = self.to_graph(QPointF(event.rect().topLeft())), self.to_graph(QPointF(event.rect().bottomRight()))
        drawing = GraphDrawing(self.plan, self._layers, self.marks, self._outputs, self.chosen, self._hovered)
        paint_graph(painter, drawing, QRectF(corner, end).adjusted(-8, -8, 8, 8))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.plan.lying != self._should_lie():
            self._zoom = None  # it was meant for the other drawing
            self._fit_boxes()
        self._fit_bars()
        self._show_chosen()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1.0015 ** event.angleDelta().y(), event.position())
            event.accept()
        elif self.plan.lying and not event.angleDelta().x():
            # A wheel turns one way only, and a lying graph goes on to the right.
            self._scroll_by(QPointF(-event.angleDelta().y() / 2, 0))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        direction = _KEYS[self.plan.lying].get(key)
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif direction is not None:
            self._take(self._layout.neighbour(self.chosen, direction))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _STEP)
        elif key == Qt.Key.Key_0:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            way = point - self._pressed
            if self._dragged or way.manhattanLength() >= QApplication.startDragDistance():
                self._dragged = True
                self._scroll_by(-way)
                self._pressed = point
            return
        hovered = self.layer_at(point)
        if hovered != self._hovered:
            self._hovered = hovered
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            self._pressed = None
            if not self._dragged:
                self._take(self.layer_at(event.position()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            layer = self._layers.get(self.layer_at(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), layer_facts(layer) if layer else "", self.viewport())
            return True
        if event.type() == QEvent.Type.Leave and self._hovered:
            self._hovered = ""
            self.viewport().update()
        return super().viewportEvent(event)

    def _take(self, name: str) -> None:
        if name:
            self.choose(name)
            self.layer_chosen.emit(name)

    def _should_lie(self) -> bool:
        return self.viewport().width() > _LYING * self.viewport().height()

    def _fit_boxes(self) -> None:
        """Boxes grow with the text."""
        metrics = self.fontMetrics()
        lying = self._should_lie()
        size = QSizeF(_CHARACTERS[lying] * metrics.averageCharWidth() + 16, 2 * metrics.height() + 10)
        widest = max(metrics.horizontalAdvance(text) for text in ("input", *self.marks.values()))
        mark = QSizeF(min(widest + MARK_PADDING, size.width()), metrics.height() + 2)
        self.plan = GraphPlan(self._layout, size, mark, lying)
        self._fit_bars()
        self.viewport().update()

    def _fit_bars(self) -> None:
        whole, room = self.plan.size * self.zoom, self.viewport().size()
        for bar, length, seen in (
            (self.horizontalScrollBar(), whole.width(), room.width()),
            (self.verticalScrollBar(), whole.height(), room.height()),
        ):
            bar.setRange(0, max(0, math.ceil(length - seen)))
            bar.setPageStep(seen)
            bar.setSingleStep(24)

    def _origin(self) -> QPointF:
        """Where the drawing's corner lies in the viewport: what is smaller than that stands in the middle."""
        spare = QPointF(
            max(0.0, self.viewport().width() - self.plan.size.width() * self.zoom) / 2,
            max(0.0, self.viewport().height() - self.plan.size.height() * self.zoom) / 2,
        )
        if not self.plan.lying:
            spare.setY(0.0)  # a column begins at the top
        return spare - QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _all(self) -> float:
        size, room = self.plan.size, self.viewport().size()
        return min(room.width() / size.width(), room.height() / size.height(), 1.0)

    def _scroll_by(self, way: QPointF) -> None:
        for bar, step in ((self.horizontalScrollBar(), way.x()), (self.verticalScrollBar(), way.y())):
            bar.setValue(bar.value() + round(step))
        self.viewport().update()

    def _show_chosen(self) -> None:
        """Scroll until the chosen box, and a little around it, is seen."""
        if self.chosen not in self.plan.boxes:
            return
        box, room = self.box(self.chosen).adjusted(-28, -28, 28, 28), QRectF(self.viewport().rect())
        x = min(box.left() - room.left(), 0.0) or max(box.right() - room.right(), 0.0)
        y = min(box.top() - room.top(), 0.0) or max(box.bottom() - room.bottom(), 0.0)
        if x or y:
            self._scroll_by(QPointF(x, y))
