"""How a graph of layers is painted: frames of nested models, curves, boxes, marks; only what can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.ui.pages.inspect.graph.layout import Group
from cnn_explorer.ui.pages.inspect.graph.plan import GraphPlan
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.elided_label import elided_name

MARK_PADDING = 14  # of the width of a mark, beside its text
_ARROW = 5.0


@dataclass(frozen=True)
class GraphDrawing:
    """What is painted: the plan, the layers by name, which of them give outputs, the chosen one and the one under
    the cursor ("" for none). ``inputs``: what stands on the mark before each layer that takes an input."""

    plan: GraphPlan
    layers: dict[str, LayerInfo]
    inputs: dict[str, str]
    outputs: tuple[str, ...]
    chosen: str
    hovered: str


def paint_graph(painter: QPainter, drawing: GraphDrawing, seen: QRectF) -> None:
    """Paint what lies within ``seen``, in the points of the plan."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for group in drawing.plan.layout.groups:
        _paint_group(painter, drawing.plan, group, seen)
    _paint_edges(painter, drawing, seen)
    for name, box in drawing.plan.inputs.items():
        _paint_mark(painter, box, drawing.inputs[name])
    for name, box in drawing.plan.boxes.items():
        if box.adjusted(0, -12, 0, 0).intersects(seen):
            _paint_box(painter, drawing, drawing.layers[name], box)


def _paint_group(painter: QPainter, plan: GraphPlan, group: Group, seen: QRectF) -> None:
    level = group.name.count("/")
    within = (other.name.count("/") for other in plan.layout.groups if other.name.startswith(f"{group.name}/"))
    frame = plan.frame(group, max(within, default=level) - level)
    if not frame.intersects(seen):
        return
    tint = QColor(theme().color("accent_soft"))
    tint.setAlphaF(0.45)
    painter.setPen(QPen(theme().color("line"), 1.0, Qt.PenStyle.DashLine))
    painter.setBrush(tint)
    painter.drawRoundedRect(frame, 8, 8)
    painter.setPen(theme().color("muted"))
    metrics = painter.fontMetrics()
    # The name stays in sight while one scrolls through a long model.
    corner = QPointF(max(frame.left(), seen.left() + 8) + 8, max(frame.top(), seen.top() + 8) - 1)
    room = frame.right() - corner.x() - 4
    title = metrics.elidedText(group.name.rpartition("/")[2], Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(QRectF(corner, QSizeF(max(room, 0.0), metrics.height())), title)


def _paint_edges(painter: QPainter, drawing: GraphDrawing, seen: QRectF) -> None:
    """Those of the chosen layer come last, over the others."""
    quiet = QColor(theme().color("muted"))
    quiet.setAlphaF(0.6)
    near = []
    for edge, curve, place in drawing.plan.curves:
        if not place.intersects(seen):
            continue
        if drawing.chosen and drawing.chosen in (edge.source, edge.target):
            near.append(curve)
        else:
            _paint_edge(painter, drawing.plan, curve, QPen(quiet, 1.2))
    for curve in near:
        _paint_edge(painter, drawing.plan, curve, QPen(theme().color("accent"), 2.0))


def _paint_edge(painter: QPainter, plan: GraphPlan, curve: QPainterPath, pen: QPen) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(curve)
    tip = curve.currentPosition()
    back, side = QPointF(_ARROW + 1, 0), QPointF(0, _ARROW / 1.5)
    if not plan.lying:
        back, side = QPointF(0, _ARROW + 1), QPointF(_ARROW / 1.5, 0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.color())
    painter.drawPolygon(QPolygonF([tip, tip - back + side, tip - back - side]))


def _paint_box(painter: QPainter, drawing: GraphDrawing, layer: LayerInfo, box: QRectF) -> None:
    """Name, then type and shape; a stripe where the layer has weights."""
    colors = theme()
    chosen = layer.name == drawing.chosen
    painter.setPen(QPen(colors.color("accent" if chosen else "line"), 2.0 if chosen else 1.0))
    fill = "accent_soft" if chosen else "raised" if layer.name == drawing.hovered else "surface"
    painter.setBrush(colors.color(fill))
    painter.drawRoundedRect(box, 6, 6)
    if layer.params:
        painter.fillRect(QRectF(box.left() + 3, box.top() + 7, 3, box.height() - 14), colors.color("accent"))
    inside = box.adjusted(11, 4, -8, -4)
    bottom = Qt.AlignmentFlag.AlignBottom
    metrics = painter.fontMetrics()
    shape = shape_text(layer.output_shape)
    painter.setPen(colors.color("muted"))
    painter.drawText(inside, bottom | Qt.AlignmentFlag.AlignRight, shape)
    room = int(inside.width()) - metrics.horizontalAdvance(shape) - 6
    kind = metrics.elidedText(layer.type, Qt.TextElideMode.ElideRight, room)
    painter.drawText(inside, bottom | Qt.AlignmentFlag.AlignLeft, kind)
    painter.save()
    bold = QFont(painter.font())
    bold.setWeight(QFont.Weight.DemiBold)
    painter.setFont(bold)
    painter.setPen(colors.color("text"))
    short = layer.name.rpartition("/")[2]
    name = elided_name(short, painter.fontMetrics(), int(inside.width()))
    painter.drawText(inside, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, name)
    painter.restore()
    if layer.name in drawing.outputs:
        wide = metrics.horizontalAdvance("output") + MARK_PADDING
        mark = QRectF(0, 0, wide, drawing.plan.mark.height())
        mark.moveCenter(QPointF(box.right() - mark.width() / 2 - 6, box.top()))
        _paint_mark(painter, mark, "output")


def _paint_mark(painter: QPainter, place: QRectF, text: str) -> None:
    painter.setPen(QPen(theme().color("line"), 1.0))
    painter.setBrush(theme().color("raised"))
    painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
    painter.setPen(theme().color("muted"))
    room = int(place.width()) - MARK_PADDING // 2
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
