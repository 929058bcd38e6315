"""The weights of a layer: one array as a picture, with its statistics and histogram; beside it the layer's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.model.info import LayerInfo, ModelInfo
from cnn_explorer.core.model.weight_pictures import Way, WeightDigest, WeightPicture, maps_before, numbers, ways
from cnn_explorer.text.weights import WAYS, array_title, figure_rows, layer_rows
from cnn_explorer.ui.pages.inspect.fact_table import FactTable
from cnn_explorer.ui.pages.inspect.weights.histogram import HistogramView
from cnn_explorer.ui.pages.inspect.weights.kernel_view import KernelView
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_SIDE = 42  # characters of the column at the right
_SCALES = (
    ("one scale for all", "The same limits for all kernels, so that they can be compared.", True),
    ("scale per kernel", "Each kernel up to its own largest magnitude.", False),
)


@dataclass(frozen=True, eq=False)
class PictureWish:
    """An array that is to be made into a picture; see ``core.model.weight_pictures.picture``."""

    digest: WeightDigest
    layer_type: str
    way: Way
    number: int
    unit_shape: tuple[int, ...] | None


class WeightsView(QWidget):
    """Asks for pictures with ``picture_wanted`` and gets them by ``show_picture``: both may take a moment."""

    picture_wanted = Signal(object)
    """``PictureWish``"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info: ModelInfo | None = None
        self._layer: LayerInfo | None = None
        self._digests: tuple[WeightDigest, ...] = ()
        self._wanted_array, self._wanted_way = "", ""  # what someone chose holds for the layers after it
        self.array, self.way, self.number, self.scale = QComboBox(), QComboBox(), QSpinBox(), QComboBox()
        self.kernels, self.empty = KernelView(), QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.histogram = HistogramView()
        self.facts = FactTable("inspect_layer_facts", "Settings of the layer")
        self.status = ElidedLabel()
        self._figures, self.figure_names, self.figure_values = QWidget(), list[QLabel](), list[QLabel]()
        self._body, self._statistics = QStackedWidget(), QWidget()
        self._set_up()
        self._lay_out()
        self._connect()

    def show_layer(self, info: ModelInfo, layer: LayerInfo) -> None:
        """Show what is known of a layer; its weights are still to come."""
        self._info, self._layer, self._digests = info, layer, ()
        facts = (("Layer", layer_rows(info, layer)),)
        self.facts.show_facts((*facts, ("Configuration", layer.config)) if layer.config else facts)
        if not layer.params:
            self._show_nothing("This layer has no weights.")

    def show_weights(self, digests: tuple[WeightDigest, ...]) -> None:
        """Show the weights of the layer."""
        self._digests = digests
        self.array.clear()
        for digest in digests:
            self.array.addItem(array_title(digest.weight), digest.weight.name)
        if not digests:
            self._show_nothing("This layer has no weights.")
            return
        self.array.setCurrentIndex(max(self.array.findData(self._wanted_array), 0))
        self._body.setCurrentWidget(self.kernels)
        self._statistics.show()
        self.array.show()
        self._show_array()

    def show_picture(self, wish: PictureWish, picture: WeightPicture) -> None:
        """Show what was wished for, unless something else is wanted by now."""
        if wish.digest is self._digest:
            many = picture.way not in ("matrix", "values", "colors") and picture.values.shape[-1] > 1
            self.scale.setVisible(many)
            self.kernels.show_picture(picture, self.scale.currentData())

    def event(self, event: QEvent) -> bool:
        """Esc closes the enlarged kernel before it means anything to the page."""
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_escape and self.kernels.enlarged is not None:
            if event.type() == QEvent.Type.KeyPress:
                self.kernels.enlarge(None)
            event.accept()
            return True
        return super().event(event)

    @property
    def _digest(self) -> WeightDigest | None:
        index = self.array.currentIndex()
        return self._digests[index] if 0 <= index < len(self._digests) else None

    @property
    def _unit_shape(self) -> tuple[int, int, int] | None:
        return maps_before(self._info, self._layer) if self._info and self._layer else None

    def _show_nothing(self, why: str) -> None:
        self.empty.setText(why)
        self._body.setCurrentWidget(self.empty)
        self._statistics.hide()
        for control in (self.array, self.way, self.number, self.scale):
            control.hide()
        self.status.setText("")

    def _show_array(self) -> None:
        digest, layer = self._digest, self._layer
        if digest is None or layer is None:
            return
        self.way.clear()
        for way in ways(digest.weight, layer.type, self._unit_shape):
            title, tooltip = WAYS[way]
            self.way.addItem(title, way)
            self.way.setItemData(self.way.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.way.setCurrentIndex(max(self.way.findData(self._wanted_way), 0))
        self.way.setVisible(self.way.count() > 1)
        self.histogram.show_histogram(digest.histogram)
        for at, (name, value) in enumerate(rows := figure_rows(digest.figures)):
            self.figure_names[at].setText(name)
            self.figure_values[at].setText(value)
        for at, labels in enumerate(zip(self.figure_names, self.figure_values, strict=True)):
            for label in labels:
                label.setVisible(at < len(rows))
        self._show_way()

    def _show_way(self) -> None:
        digest, layer = self._digest, self._layer
        if digest is None or layer is None:
            return
        count = numbers(digest.weight, layer.type, cast(Way, self.way.currentData()))
        self.number.blockSignals(True)
        self.number.setRange(0, max(count - 1, 0))
        self.number.setSuffix(f" of {count:,}")
        self.number.blockSignals(False)
        self.number.setVisible(count > 0)
        self._want()

    def _want(self) -> None:
        digest, layer = self._digest, self._layer
        if digest is not None and layer is not None:
            way = cast(Way, self.way.currentData())
            self.picture_wanted.emit(PictureWish(digest, layer.type, way, self.number.value(), self._unit_shape))

    def _choose_array(self) -> None:
        self._wanted_array = self.array.currentData()
        self._show_array()

    def _choose_way(self) -> None:
        self._wanted_way = self.way.currentData()
        self._show_way()

    def _connect(self) -> None:
        self.array.activated.connect(self._choose_array)
        self.way.activated.connect(self._choose_way)
        self.number.valueChanged.connect(self._want)
        self.scale.activated.connect(self._want)
        self.kernels.said.connect(self.status.setText)

    def _set_up(self) -> None:
        for box, name, title, tooltip in (
            (self.array, "inspect_weight_array", "Array of weights", "Which of the layer's arrays is shown."),
            (self.way, "inspect_weight_way", "Way to look at it", "What is shown of the array."),
            (self.number, "inspect_weight_number", "Number", "Which input map, or which unit, counted from 0."),
            (self.scale, "inspect_weight_scale", "Scale", "Which weights get the ends of the colours."),
        ):
            box.setObjectName(name)
            box.setAccessibleName(title)
            box.setToolTip(tooltip)
        for text, tooltip, together in _SCALES:
            self.scale.addItem(text, together)
            self.scale.setItemData(self.scale.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        for box in (self.array, self.way):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumWidth(12 * self.fontMetrics().averageCharWidth())
        set_role(self.empty, "muted")
        set_role(self.status, "muted")
        self.status.setObjectName("inspect_weight_status")
        for _ in range(7):
            caption, value = QLabel(), QLabel()
            set_role(caption, "muted")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.figure_names.append(caption)
            self.figure_values.append(value)

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(4)
        for widget in (self.array, self.way, self.number, self.scale):
            controls.addWidget(widget)
        controls.addStretch(1)
        self._body.addWidget(self.kernels)
        self._body.addWidget(self.empty)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(controls)
        left.addWidget(self._body, 1)
        left.addWidget(self.status)
        figures = QGridLayout(self._figures)
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setHorizontalSpacing(8)
        figures.setVerticalSpacing(2)
        for at, (name, value) in enumerate(zip(self.figure_names, self.figure_values, strict=True)):
            row, column = divmod(at, 3)
            figures.addWidget(name, 2 * row, column)
            figures.addWidget(value, 2 * row + 1, column)
        statistics = QVBoxLayout(self._statistics)
        statistics.setContentsMargins(0, 0, 0, 4)
        statistics.setSpacing(8)
        statistics.addWidget(self.histogram)
        statistics.addWidget(self._figures)
        side = QWidget()
        side.setFixedWidth(_SIDE * self.fontMetrics().averageCharWidth())
        column_right = QVBoxLayout(side)
        column_right.setContentsMargins(0, 0, 0, 0)
        column_right.setSpacing(8)
        column_right.addWidget(self._statistics)
        column_right.addWidget(self.facts, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addWidget(side)
