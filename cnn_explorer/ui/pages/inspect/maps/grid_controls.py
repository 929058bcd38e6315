"""The controls above the grid: columns, colour map, scale, lines; fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QWidget

from cnn_explorer.core.maps.arrangement import AUTOMATIC, default_columns
from cnn_explorer.core.maps.imaging import ScaleMode
from cnn_explorer.core.maps.order import MapOrder
from cnn_explorer.core.maps.style import AUTOMATIC_COLORS, PLAIN_COLORS, SIGNED_COLORS, MapStyle
from cnn_explorer.export.pictures.colormaps import COLORMAPS, colormap
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.maps.pixel_view import colored
from cnn_explorer.ui.widgets.tool_button import tool_button

MOST_COLUMNS = 32
EVERYWHERE = "everywhere"
"""As the data of a scale: that of a layer, with the limits of all layers."""
_SCALES: tuple[tuple[str, str, str], ...] = (
    ("map", "scale per map", "Each map from its own smallest to its own largest value."),
    ("layer", "scale per layer", "The same limits for all maps, so that they can be compared."),
    ("standardized", "standardized, clipped", "Each map around its mean, cut off at two standard deviations."),
    (EVERYWHERE, "scale of all layers", "The same limits for the maps of all layers, so that these can be compared."),
)
_ORDERS: tuple[tuple[MapOrder, str, str], ...] = (
    ("number", "by number", "The maps in their own order."),
    ("mean", "by mean", "The map with the largest mean first."),
    ("maximum", "by maximum", "The map with the largest value first."),
    ("sparsity", "by zeros", "The map with the largest share of zeros first."),
    ("similarity", "by similarity", "The chosen map first, then by correlation with it; choose this again for another "
     "map (key S)."),
)  # fmt: skip
_AUTOMATIC_TIP = f"{PLAIN_COLORS}; for layers with negative values {SIGNED_COLORS}, with 0 in the middle."
_HEIGHT = 31  # pixels, so that boxes and buttons are equally high
_SWATCH = QSize(28, 12)


class GridControls(QWidget):
    """``choice`` is what they say; ``changed`` follows every change by the user."""

    changed = Signal()
    order_chosen = Signal(str)
    """A ``MapOrder``, chosen once more or anew."""
    fit_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = MapStyle(colormap=AUTOMATIC_COLORS)
        self._columns_are_own = False
        self._automatic = ""
        self.columns, self.order, self.colormap, self.scale = QSpinBox(), QComboBox(), QComboBox(), QComboBox()
        self.lines = tool_button("grid-3x3", "inspect_lines", "Thin lines between the maps.")
        self.fit = tool_button(
            "maximize", "inspect_fit", "Show all as at first (key 0). The wheel, or Ctrl and the wheel, zooms."
        )
        self._set_up()
        self.order.hide()  # until there are maps that can be sorted
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.columns, self.order, self.colormap, self.scale, self.lines, self.fit):
            layout.addWidget(widget)
            widget.setMinimumHeight(_HEIGHT)
        layout.addStretch(1)

    def show_for(self, maps: bool, colors: bool) -> None:
        """Show those controls that mean something: for ``maps``, or for a vector in ``colors`` or in bars."""
        for widget in (self.columns, self.order, self.lines):
            widget.setVisible(maps)
        for widget in (self.colormap, self.scale, self.fit):
            widget.setVisible(colors)

    def suggest_columns(self, count: int) -> None:
        """As long as nobody has chosen: 8 maps in a row, or of many maps as many as fill the room. No signal."""
        if not self._columns_are_own and self.columns.value() != default_columns(count):
            self.columns.blockSignals(True)
            self.columns.setValue(default_columns(count))
            self.columns.blockSignals(False)
            self.choice = replace(self.choice, columns=self.columns.value())

    def show_colors(self, name: str) -> None:
        """Which colour map is in force where the choice is automatic."""
        if name != self._automatic:
            self._automatic = name
            self.colormap.setItemIcon(0, _swatch(name))

    def show_order(self, order: MapOrder) -> None:
        """Say in which order the maps stand; no signal."""
        self.order.setCurrentIndex(self.order.findData(order))

    def show_zoomed(self, zoomed: bool) -> None:
        """Offer Fit only where there is something to fit."""
        self.fit.setEnabled(zoomed)

    def _set_up(self) -> None:
        self.columns.setObjectName("inspect_columns")
        self.columns.setAccessibleName("Maps in a row")
        self.columns.setToolTip("How many maps stand in a row; below 1: as many as fill the room.")
        self.columns.setRange(AUTOMATIC, MOST_COLUMNS)
        self.columns.setSpecialValueText("automatic")
        self.columns.setValue(self.choice.columns)
        self.columns.setSuffix(" a row")
        indent(self.columns)
        self.colormap.setObjectName("inspect_colormap")
        self.colormap.setAccessibleName("Colour map")
        self.colormap.setToolTip("The colours for small to large values; coolwarm diverges, with 0 in the middle.")
        self.colormap.setIconSize(_SWATCH)
        self.colormap.addItem(QIcon(), AUTOMATIC_COLORS, AUTOMATIC_COLORS)
        self.show_colors(PLAIN_COLORS)
        self.colormap.setItemData(0, _AUTOMATIC_TIP, Qt.ItemDataRole.ToolTipRole)
        for name in COLORMAPS:
            self.colormap.addItem(_swatch(name), name, name)
        self.scale.setObjectName("inspect_scale")
        self.scale.setMinimumContentsLength(9)  # its texts may be cut where large letters leave little room
        self.scale.setAccessibleName("Scale")
        self.scale.setToolTip("Which values get the ends of the colour map.")
        for mode, text, tooltip in _SCALES:
            self.scale.addItem(text, mode)
            self.scale.setItemData(self.scale.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        self._set_up_order()
        self.lines.setCheckable(True)
        self.lines.setChecked(self.choice.lines)
        self.fit.setEnabled(False)
        self.columns.valueChanged.connect(self._on_columns_changed)
        self.colormap.currentIndexChanged.connect(self._on_changed)
        self.scale.currentIndexChanged.connect(self._on_changed)
        self.lines.toggled.connect(self._on_changed)
        self.fit.clicked.connect(self.fit_requested)

    def _set_up_order(self) -> None:
        self.order.setObjectName("inspect_order")
        self.order.setAccessibleName("Order of the maps")
        self.order.setToolTip("In which order the maps stand; each keeps its number.")
        self.order.setMinimumContentsLength(7)
        for order, text, tooltip in _ORDERS:
            self.order.addItem(text, order)
            self.order.setItemData(self.order.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        # Activated, not changed: likeness is chosen again for another map.
        self.order.activated.connect(lambda _index: self.order_chosen.emit(self.order.currentData()))

    def _on_columns_changed(self) -> None:
        self._columns_are_own = True
        self._on_changed()

    def _on_changed(self) -> None:
        everywhere = self.scale.currentData() == EVERYWHERE
        scale: ScaleMode = "layer" if everywhere else self.scale.currentData()
        self.choice = MapStyle(
            self.columns.value(), self.colormap.currentData(), scale, self.lines.isChecked(), everywhere
        )
        self.changed.emit()


def _swatch(name: str) -> QIcon:
    ramp = np.linspace(0.0, 1.0, _SWATCH.width(), dtype=np.float32)[np.newaxis].repeat(_SWATCH.height(), axis=0)
    return QIcon(QPixmap.fromImage(colored(ramp, colormap(name))))
