"""How tests of comparing on the Inspect page wait for side B, and find nodes and entries of the menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.compare.controller import Comparing
from cnn_explorer.ui.pages.inspect.compare.difference import SideBySide
from cnn_explorer.ui.pages.inspect.compare.state import OtherImage
from cnn_explorer.ui.pages.inspect.compare.view import CompareView
from cnn_explorer.ui.pages.inspect.page import InspectPage


def shown(comparing: Comparing) -> SideBySide:
    """The pair that is in view."""
    found = comparing.view.shown
    assert found is not None
    return found.pair


def beside(qtbot: QtBot, comparing: Comparing, index: int) -> None:
    """Wait until image ``index`` stands on side B: the fake network's input shows which image it was."""

    def there() -> bool:
        side, found = comparing.side, comparing.view.shown
        return (
            side is not None
            and found is not None
            and found.b is side.head
            and round(float(side.forward.image[0, 0, 0]) * 255) == index
        )

    qtbot.waitUntil(there)
    QApplication.processEvents()  # what came into view may move the grids


def compare(qtbot: QtBot, comparing: Comparing, index: int, class_index: int | None = None) -> None:
    comparing.choose(OtherImage("test", index, class_index))
    beside(qtbot, comparing, index)


def action(comparing: Comparing, name: str) -> QAction:
    """An entry of the menu, filled as if it was just opened."""
    comparing.menu.opening.emit()
    found = comparing.menu.choices.findChild(QAction, name)
    assert isinstance(found, QAction), name
    return found


def corner(page: InspectPage, index: int) -> float:
    """The value of the first node of map 0 for an image of the test part."""
    assert page.session.dataset is not None
    return float(page.session.dataset.test_images[index][0, 0, 0])


def grid_node(view: CompareView, side: int, number: int, row: int, column: int) -> QPoint:
    grid = view.grids.grids[side]
    place = grid.map_rectangle(number)
    x, y = place.left() + (column + 0.5) * grid.node_size, place.top() + (row + 0.5) * grid.node_size
    return QPoint(max(round(x), 1), max(round(y), 1))  # (0, 0) would mean the middle of the widget
