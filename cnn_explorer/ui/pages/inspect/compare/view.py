"""What is in view beside something else, and the difference of both: A, B, A − B."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.ui.pages.inspect.compare.bars import SideBySideBars
from cnn_explorer.ui.pages.inspect.compare.difference import (
    SideBySide,
    map_words,
    most_words,
    node_words,
    spoken_summary,
    summary,
)
from cnn_explorer.ui.pages.inspect.compare.grid import GAP, CompareGrids
from cnn_explorer.ui.pages.inspect.compare.head import CompareHead
from cnn_explorer.ui.pages.inspect.compare.values import Head, difference_picture
from cnn_explorer.ui.pages.inspect.images.sources.dataset import IndexBox
from cnn_explorer.ui.pages.inspect.maps.grid_choice import put_choice
from cnn_explorer.ui.pages.inspect.maps.grid_controls import EVERYWHERE, GridControls
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.image_steps import ImageSteps, StepNames
from cnn_explorer.ui.widgets.segments import Segments

_STEPS = StepNames(
    ("compare_previous_image", "The image before this one on side B (Shift and ,)."),
    ("compare_next_image", "The next image on side B (Shift and .)."),
    ("compare_random_image", "A random image on side B."),
)
_SEGMENTS = (
    ("a", "A", "What is in view."),
    ("b", "B", "What it is compared with."),
    ("difference", "Difference", "A − B, node by node."),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """All that the view shows of a layer. ``names``: those of the classes, if it is the last one.

    ``layers``: those of side B to choose from, if it is another model; ``layer``: the one that is compared.
    ``deviates``: the difference can be counted in standard deviations of side B.
    """

    pair: SideBySide
    a: Head
    b: Head
    names: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    layer: str = ""
    deviates: bool = False


class CompareView(QWidget):
    """Three linked grids, or paired bars; the figures, and the maps that differ most."""

    node_pointed = Signal(object)
    """A node of side A, or ``None``."""
    node_opened = Signal(object)
    stepped = Signal(int)
    """The index of another image is wanted on side B."""
    layer_chosen = Signal(str)
    units_chosen = Signal(bool)
    scale_changed = Signal()
    """What is painted has to be found anew, in another scale or other colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._scale = MapStyle().scale
        self.controls = GridControls()
        self.layer_label, self.layer_box = QLabel("Layer of B"), QComboBox()
        self.units, self.sorted = QCheckBox("in σ of the class"), QCheckBox("most different first")
        self.side = Segments(_SEGMENTS, "compare_side")
        self.index = IndexBox("compare_index", "Index of the image on side B", "Index of the image on side B, from 0.")
        self.steps = ImageSteps(self.index, _STEPS)
        self.heads = (
            CompareHead("compare_head_a", "A", "accent", self),
            CompareHead("compare_head_b", "B", "second", self),
            CompareHead("compare_head_difference", "", "muted", self),
        )
        self._row = QWidget()
        self.grids, self.bars, self._body = CompareGrids(), SideBySideBars(), QStackedWidget()
        self._coming = QWidget(self.grids)
        self.progress = QVBoxLayout(self._coming)
        """What stands in the place of side B while that is on its way."""
        self.status = ElidedLabel()
        self._set_up()
        self._lay_out()

    @property
    def shown(self) -> Shown | None:
        """What is shown, if anything was yet."""
        return self._shown

    @property
    def choice(self) -> MapStyle:
        """Colours, scale and lines."""
        return self.controls.choice

    def show_shown(self, shown: Shown) -> None:
        """Show another pair, or the same layer of other ones."""
        self._shown = shown
        pair = shown.pair
        self.heads[0].show_head(shown.a)
        self.heads[1].show_head(shown.b)
        self.heads[2].show_difference(summary(pair), spoken_summary(pair), difference_picture(shown.a, shown.b))
        self.heads[2].setEnabled(pair.comparison is not None)
        self._body.setCurrentWidget(self.bars if pair.as_bars else self.grids)
        if pair.as_bars:
            self.bars.show_pair(pair, shown.names)
        else:
            self.grids.show_pair(pair, self.choice, self.sorted.isChecked())
        self._offer_layers(shown)
        self.units.setVisible(shown.deviates)
        for widget in (self.controls.colormap, self.controls.scale, self.controls.fit):
            widget.setVisible(not pair.as_bars)
        self.controls.lines.setVisible(not pair.is_vector)
        self.sorted.setVisible(pair.comparison is not None and not pair.is_vector)
        self._place_heads()
        self._show_status()

    def show_index(self, index: int | None, count: int = 0, part: str = "") -> None:
        """Let the image of side B be stepped through, as far as it is one of a part of the data set."""
        self.steps.setVisible(index is not None)
        self.heads[1].title.setVisible(index is None)
        if index is not None:
            self.index.blockSignals(True)
            self.index.setPrefix(f"{part} ")
            self.index.setMaximum(max(0, count - 1))
            self.index.setValue(index)
            self.index.blockSignals(False)

    def show_choice(self, choice: MapStyle) -> None:
        """Take colours, scale and lines over from elsewhere; nothing is announced."""
        # The limits of all layers would be other ones on both sides: those of the layer then.
        put_choice(self.controls, replace(choice, everywhere=False))
        self._scale = self.choice.scale

    def enlarge(self, number: int | None) -> None:
        """Show one map large on all sides."""
        self.grids.enlarge(number)

    def _offer_layers(self, shown: Shown) -> None:
        box = self.layer_box
        if tuple(box.itemText(n) for n in range(box.count())) != shown.layers:
            box.clear()
            box.addItems(shown.layers)
        box.setCurrentIndex(box.findText(shown.layer))
        for widget in (self.layer_label, box):
            widget.setVisible(bool(shown.layers))

    def _point_at(self, node: Node | None) -> None:
        if self._shown is None:
            return
        if node is None:
            self._show_status()
        else:
            name = self._shown.names[node[0]] if len(node) == 1 and node[0] < len(self._shown.names) else ""
            self.status.setText(node_words(self._shown.pair, node, name))
        self.node_pointed.emit(node)

    def _show_status(self) -> None:
        """What there is to say while the cursor is on no node."""
        pair = self._shown.pair if self._shown is not None else None
        if pair is None:
            self.status.setText("")
        elif self.grids.enlarged is not None and not pair.as_bars:
            self.status.setText(map_words(pair, self.grids.enlarged))
        elif pair.is_vector:
            self.status.setText(most_words(pair) or "Point at a value to read it on both sides.")
        else:
            self.status.setText(most_words(pair) or "Point at a node to read it on both sides.")

    def _on_choice(self) -> None:
        shown = self._shown
        if self.choice.scale != self._scale or not (shown is None or shown.pair.is_ready(self.choice)):
            self._scale = self.choice.scale
            self.scale_changed.emit()
        elif shown is not None and not shown.pair.as_bars:
            self.grids.show_pair(shown.pair, self.choice, self.sorted.isChecked())

    def _place_heads(self) -> None:
        """Each head stands over its column."""
        bars = self._shown is not None and self._shown.pair.as_bars
        third = (self._row.width() - 2 * GAP) // 3
        thirds = tuple(QRect(n * (third + GAP), 0, third, 1) for n in range(3))
        places = thirds if bars else self.grids.columns
        self.side.setVisible(not bars and self.grids.single is not None)
        if self.grids.single is not None:
            self.side.choose(self.grids.single)
        coming = self.grids.columns[2 if self.grids.single == "difference" else 1]
        self._coming.setGeometry(coming)
        self._coming.setVisible(self._shown is not None and self._shown.pair.b is None and coming.width() > 0)
        for head, place in zip(self.heads, places, strict=True):
            head.setGeometry(place.left(), 0, place.width(), self._row.height())
            head.setVisible(place.width() > 0)

    def _set_up(self) -> None:
        self.setObjectName("compare_view")
        self.controls.columns.hide()
        self.controls.order.hide()
        for name in ("colormap", "scale", "lines", "fit"):
            getattr(self.controls, name).setObjectName(f"compare_{name}")
        self.controls.scale.removeItem(self.controls.scale.findData(EVERYWHERE))
        self.layer_box.setObjectName("compare_layer")
        self.layer_box.setAccessibleName("Layer of the other model")
        self.layer_box.setToolTip("Which layer of the other model stands on side B.")
        self.layer_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer_box.setMinimumContentsLength(12)
        self.layer_box.textActivated.connect(self.layer_chosen)
        set_role(self.layer_label, "muted")
        self.units.setObjectName("compare_units")
        self.units.setToolTip("Count the difference in standard deviations of the class, node by node.")
        self.sorted.setObjectName("compare_sorted")
        self.sorted.setToolTip("Show the maps that differ most first, on all sides.")
        self.sorted.toggled.connect(self._on_choice)
        self.units.toggled.connect(self.units_chosen)
        self.status.setObjectName("compare_status")
        set_role(self.status, "muted")
        self.heads[1].put_in_place_of_title(self.steps)
        self.show_index(None)
        self.index.valueChanged.connect(self.stepped)
        self.controls.changed.connect(self._on_choice)
        self.controls.fit_requested.connect(self.grids.fit)
        self.side.chosen.connect(self.grids.show_side)
        self.grids.placed.connect(self._place_heads)
        self.grids.node_pointed.connect(self._point_at)
        self.grids.map_enlarged.connect(lambda _: self._show_status())
        self.grids.map_stepped.connect(self._on_map_stepped)
        self.grids.node_opened.connect(self.node_opened)
        self.grids.zoomed.connect(self.controls.show_zoomed)
        self.bars.value_hovered.connect(lambda index: self._point_at((index,)))
        self.bars.hover_ended.connect(lambda: self._point_at(None))

    def _on_map_stepped(self, number: int) -> None:
        if self._shown is not None:
            self.status.setText(map_words(self._shown.pair, number))

    def _lay_out(self) -> None:
        for head in self.heads:
            head.setParent(self._row)
            head.hide()  # until there is a place for it
        self._row.setFixedHeight(max(head.sizeHint().height() for head in self.heads))
        self.progress.setContentsMargins(0, 0, 0, 0)
        self.progress.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._body.addWidget(self.grids)
        self._body.addWidget(self.bars)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.controls)
        top.addWidget(self.side)
        top.addStretch(1)
        for widget in (self.sorted, self.units, self.layer_label, self.layer_box):
            top.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._row)
        layout.addWidget(self._body, 1)
        layout.addWidget(self.status)
