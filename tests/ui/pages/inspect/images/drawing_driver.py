"""How tests draw: a stroke of the mouse over a canvas, in points of its ink."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from cnn_explorer.ui.pages.inspect.images.draw_canvas import SIDE, DrawCanvas

LINE = [(60, 60), (100, 90), (150, 100), (150, 200)]
"""A stroke that all of the tests may draw."""


def stroke(
    canvas: DrawCanvas, points: list[tuple[int, int]], button: Qt.MouseButton = Qt.MouseButton.LeftButton
) -> None:
    """Press at the first of the ``points`` (x, y of the ink), move over the others, and let go at the last."""
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * len(points[1:]), QEvent.Type.MouseButtonRelease]
    for kind, (x, y) in zip(kinds, [*points, points[-1]], strict=True):
        move(canvas, kind, x, y, button)


def move(
    canvas: DrawCanvas, kind: QEvent.Type, x: int, y: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton
) -> None:
    """One event of the mouse at a point of the ink."""
    area = canvas.area()
    place = area.topLeft() + QPointF(x, y) * (area.width() / SIDE)
    pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(kind, place, QPointF(canvas.mapToGlobal(place)), pressed, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)
