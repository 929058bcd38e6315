"""All that is shown of one node: where it lies, one term at large, the list of terms, and the sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.core.maps.style import AUTOMATIC_COLORS, MapStyle
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Activated, Input, Source
from cnn_explorer.text.nodes import map_words, window_bounds
from cnn_explorer.ui.pages.inspect.microscope.equation import EquationView
from cnn_explorer.ui.pages.inspect.microscope.maps import MapPicture, ShownMap
from cnn_explorer.ui.pages.inspect.microscope.paint import ValueColors
from cnn_explorer.ui.pages.inspect.microscope.scene import Equation, Focus, Order, Scene
from cnn_explorer.ui.pages.inspect.microscope.sum import SumView
from cnn_explorer.ui.pages.inspect.microscope.terms import TermList
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.segments import Segments

Planes = Callable[[Source], NDArray[np.float32] | None]
"""The maps (rows, columns, maps) on one of which a place lies; ``None`` if it lies on none, or none are at hand."""

_ORDERS = (
    ("size", "By contribution", "The largest contributions first, whatever their sign."),
    ("number", "By number", "In the order of the layer before."),
)
_FEW = 4  # terms that need no order
_MAPS_PART, _MAPS_LEAST = 0.2, 168  # of the width for the maps; pixels


class MicroscopeBody(QWidget):
    """Shows scenes. Whoever clicks on a node wants to go there."""

    place_opened = Signal(object)
    """The ``Source`` of a node of the layer before."""
    node_chosen = Signal(int, int)
    """Row and column of another node of the same map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = MapStyle(colormap=AUTOMATIC_COLORS)
        self._scene: Scene | None = None
        self.term_is_held = False
        """Someone has chosen the term: it stays from node to node, else the largest is looked at."""
        self._here = Source("", (0, 0, 0))
        self._planes: Planes = lambda _: None
        self.before = MapPicture("inspect_microscope_map_before", "Click on a node to go there.")
        self.after = MapPicture("inspect_microscope_map_after", "Click on another node of this map to look at it.")
        self.equation, self.terms, self.sum = EquationView(), TermList(), SumView()
        self.orders = Segments(_ORDERS, "inspect_microscope_order")
        self.terms_title, self.terms_note = ElidedLabel(), ElidedLabel()
        self.remarks = QLabel()
        self._lay_out()
        self._connect()

    @property
    def chosen(self) -> int:
        """The term that is looked at."""
        return self.terms.chosen

    def show_scene(self, scene: Scene, here: Source, planes: Planes, keep: bool) -> None:
        """Show another node; ``keep`` stays at the chosen term if there is one of that number."""
        count = scene.terms.values.size if scene.terms else 1
        self.term_is_held = keep = keep and self.term_is_held and self.chosen < count
        chosen = self.chosen if keep else scene.chosen
        self._scene, self._planes = scene, planes
        self.terms_card.setVisible(scene.terms is not None)
        self.equation_card.setVisible(scene.equation is not None)
        self._above.setVisible(scene.terms is not None or scene.equation is not None)
        if scene.terms is not None:
            self.terms_title.setText(scene.terms.title)
            self.terms_note.setText(scene.terms.note)
            self.terms_note.setVisible(bool(scene.terms.note))
            self.terms.show_terms(scene.terms, chosen)
            self.orders.setVisible(count > _FEW)
        else:
            self.terms.chosen = chosen
        self.sum.show_rows(scene.rows, scene.written())
        self.remarks.setText(" · ".join(part for part in (*_formulas(scene), " ".join(scene.remarks)) if part))
        self.remarks.setVisible(bool(self.remarks.text()))
        self.show_here(here)
        self._show_term()

    def show_here(self, here: Source) -> None:
        """Mark another node, before what is known of it."""
        self._here = here
        self._show_after()

    def recolor(self, choice: MapStyle) -> None:
        """Show maps in the colours of the page."""
        self._choice = choice
        self._show_after()
        self._show_term()

    def step_term(self, by: int) -> None:
        """Look at the next or the last term of the list."""
        if self._scene is not None and self._scene.terms is not None:
            self._choose(self.terms.step(by))
            self.term_is_held = True

    def open_chosen(self) -> None:
        """Go to the node of the cell, or of the term, that is looked at."""
        if not self.equation_card.isHidden():
            self.equation.open_cell()
        elif self._scene is not None and self._scene.terms is not None:
            self._go(self._scene.terms.source(self.chosen))

    def _choose(self, term: int) -> None:
        self.terms.choose(term)
        self._show_term()

    def _click_term(self, term: int) -> None:
        """A term with cells is shown at large; one that is a single node is gone to."""
        self._choose(term)
        self.term_is_held = True
        if self._scene is not None and self._scene.equation is None and self._scene.terms is not None:
            self._go(self._scene.terms.source(term))

    def _go(self, place: Source | None) -> None:
        if place is not None:
            self.place_opened.emit(place)

    def _show_term(self) -> None:
        if self._scene is None:
            return
        focus = self._scene.focus(self.chosen)
        maps = self._planes(focus.place) if focus else None
        if self._scene.equation is not None:
            shown: Equation = self._scene.equation(self.chosen)
            values = shown.plates[0].values[:, :, np.newaxis] if maps is None else maps
            colors = self._colors(Source(shown.layer, ()), values, 0 if maps is None else shown.map)
            self.equation.show_equation(shown, colors)
        there = focus is not None and maps is not None and focus.place != self._here
        if there and focus is not None and maps is not None:
            self.before.show_map(self._shown_map(focus, maps, "from"))
        self.before.setVisible(there)
        self._show_column()

    def _show_after(self) -> None:
        maps = self._planes(self._here)
        if maps is not None:
            self.after.show_map(self._shown_map(Focus(self._here), maps, "to"))
        self.after.setVisible(maps is not None)
        self._show_column()

    def _show_column(self) -> None:
        self._column.setVisible(not (self.before.isHidden() and self.after.isHidden()))

    def _shown_map(self, focus: Focus, maps: NDArray[np.float32], word: str) -> ShownMap:
        place = focus.place
        values = np.asarray(maps[:, :, place.node[2]], np.float64)
        if place.layer:
            caption, of = f"{word} map {place.node[2]}", f"of {place.layer}"
        else:
            caption, _, of = map_words(Input("", maps.shape, place.number), place.node[2]).partition(" of ")
            of = of and f"of {of}"
        return ShownMap(caption, of, values, self._colors(place, maps, place.node[2]), _mark(focus))

    def _colors(self, place: Source, maps: NDArray[Any], number: int) -> ValueColors:
        """How one of the maps is coloured: the image in grey, others as on the page.

        Where the page has a scale around 0, this window has its own, so that a colour means the same in all grids.
        """
        low, high = finite_limits(maps[:, :, number])
        if not place.layer:
            return ValueColors("gray", low, high)
        style = self._choice.with_colors(signed=bool((maps < 0).any()))
        if style.symmetric:
            largest = max(abs(low), abs(high))
            return ValueColors("", -largest, largest)
        return ValueColors(style.colormap, low, high)

    def _on_before_clicked(self, row: int, column: int) -> None:
        focus = self._scene.focus(self.chosen) if self._scene else None
        if focus is not None:
            place = focus.place
            self._go(Source(place.layer, (row, column, *place.node[2:]), place.number))

    def _connect(self) -> None:
        self.terms.term_clicked.connect(self._click_term)
        self.orders.chosen.connect(lambda key: self.terms.sort(cast(Order, key)))
        self.equation.cell_opened.connect(self.place_opened)
        self.before.node_clicked.connect(self._on_before_clicked)
        self.after.node_clicked.connect(self.node_chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The maps get their share of the width, as far as two of them find room one above the other."""
        super().resizeEvent(event)
        size = event.size()
        captions = 8 * self.fontMetrics().height()
        wide = min(size.width() * _MAPS_PART, (size.height() - captions) / 2)
        self._column.setFixedWidth(max(round(wide), _MAPS_LEAST))

    def _lay_out(self) -> None:
        set_role(self.terms_title, "strong")
        set_role(self.terms_note, "muted")
        set_role(self.remarks, "muted")
        self.remarks.setObjectName("inspect_microscope_remarks")
        self.remarks.setWordWrap(True)
        self.remarks.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column, maps = _card()
        maps.addWidget(self.before)
        maps.addSpacing(8)
        maps.addWidget(self.after)
        maps.addStretch(1)
        self.equation_card, large = _card()
        large.addWidget(self.equation)
        self.terms_card, listed = _card()
        listed.addWidget(self.terms_title)
        listed.addWidget(self.orders)
        listed.addWidget(self.terms, 1)
        listed.addWidget(self.terms_note)
        self._above = QWidget()
        above = QHBoxLayout(self._above)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(12)
        above.addWidget(self.equation_card, 2)
        above.addWidget(self.terms_card, 1)
        sum_card, summed = _card()
        summed.addStretch(1)
        summed.addWidget(self.sum, 6)
        summed.addWidget(self.remarks)
        summed.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self._above, 5)
        right.addWidget(sum_card, 3)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._column)
        layout.addLayout(right, 1)


def _mark(focus: Focus) -> Rectangle | None:
    """The window of a focus, else its node."""
    if focus.window is not None:
        bounds = window_bounds(focus.window)
        if bounds is None:
            return None
        (top, bottom), (left, right) = bounds
        return top, left, bottom + 1, right + 1
    row, column = (*focus.place.node, 0)[:2]
    return row, column, row + 1, column + 1


def _formulas(scene: Scene) -> list[str]:
    """The functions of the sum, written out."""
    parts = (part for row in scene.rows for part in row if isinstance(part, Activated))
    told = [(f"{part.function}(x)", part.formula) for part in parts]
    return [f"{name} = {formula}" for name, formula in told if name != formula]


def _card() -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.setSpacing(8)
    return card, layout
