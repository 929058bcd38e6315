"""The controls above the grid: columns, colour map, scale, lines; fit and save."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QWidget

from cnn_explorer.core.imaging import ScaleMode
from cnn_explorer.data.colormaps import COLORMAPS, colormap
from cnn_explorer.ui.readings import GridChoice
from cnn_explorer.ui.widgets.editor_base import indent
from cnn_explorer.ui.widgets.pixel_view import colored
from cnn_explorer.ui.widgets.tool_button import tool_button

MOST_COLUMNS = 32
_SCALES: tuple[tuple[ScaleMode, str, str], ...] = (
    ("map", "scale per map", "Each map from its own smallest to its own largest value."),
    ("layer", "scale per layer", "The same limits for all maps, so that they can be compared."),
    ("standardized", "standardized, clipped", "Each map around its mean, cut off at two standard deviations."),
)
_HEIGHT = 31  # pixels, so that boxes and buttons are equally high
_SWATCH = QSize(28, 12)


class GridControls(QWidget):
    """``choice`` is what they say; ``changed`` follows every change by the user."""

    changed = Signal()
    fit_requested = Signal()
    save_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = GridChoice()
        self.columns, self.colormap, self.scale = QSpinBox(), QComboBox(), QComboBox()
        self.lines = tool_button("grid-3x3", "inspect_lines", "Thin lines between the maps.")
        self.fit = tool_button("maximize", "inspect_fit", "Show everything again (key 0). The wheel zooms.")
        self.png = tool_button("image-down", "inspect_save_png", "Save what is shown as a picture (PNG).", "PNG")
        self.npz = tool_button("file-down", "inspect_save_npz", "Save the unscaled values for numpy (NPZ).", "NPZ")
        self._set_up()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.columns, self.colormap, self.scale, self.lines, self.fit):
            layout.addWidget(widget)
        layout.addSpacing(8)
        for widget in (self.columns, self.colormap, self.scale, self.lines, self.fit, self.png, self.npz):
            widget.setMinimumHeight(_HEIGHT)
        layout.addWidget(self.png)
        layout.addWidget(self.npz)

    def show_for(self, maps: bool, colors: bool) -> None:
        """Show those controls that mean something: for ``maps``, or for a vector in ``colors`` or in bars."""
        self.columns.setVisible(maps)
        self.lines.setVisible(maps)
        for widget in (self.colormap, self.scale, self.fit):
            widget.setVisible(colors)

    def show_zoomed(self, zoomed: bool) -> None:
        """Offer Fit only where there is something to fit."""
        self.fit.setEnabled(zoomed)

    def _set_up(self) -> None:
        self.columns.setObjectName("inspect_columns")
        self.columns.setAccessibleName("Maps in a row")
        self.columns.setToolTip("How many maps stand in a row.")
        self.columns.setRange(1, MOST_COLUMNS)
        self.columns.setValue(self.choice.columns)
        self.columns.setSuffix(" a row")
        indent(self.columns)
        self.colormap.setObjectName("inspect_colormap")
        self.colormap.setAccessibleName("Colour map")
        self.colormap.setToolTip("The colours for small to large values; coolwarm diverges, with 0 in the middle.")
        self.colormap.setIconSize(_SWATCH)
        for name in COLORMAPS:
            self.colormap.addItem(_swatch(name), name, name)
        self.scale.setObjectName("inspect_scale")
        self.scale.setMinimumContentsLength(9)  # its texts may be cut where large letters leave little room
        self.scale.setAccessibleName("Scale")
        self.scale.setToolTip("Which values get the ends of the colour map.")
        for mode, text, tooltip in _SCALES:
            self.scale.addItem(text, mode)
            self.scale.setItemData(self.scale.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.lines.setCheckable(True)
        self.lines.setChecked(self.choice.lines)
        self.fit.setEnabled(False)
        self.columns.valueChanged.connect(self._on_changed)
        self.colormap.currentIndexChanged.connect(self._on_changed)
        self.scale.currentIndexChanged.connect(self._on_changed)
        self.lines.toggled.connect(self._on_changed)
        self.fit.clicked.connect(self.fit_requested)
        self.png.clicked.connect(lambda: self.save_requested.emit("png"))
        self.npz.clicked.connect(lambda: self.save_requested.emit("npz"))

    def _on_changed(self) -> None:
        self.choice = GridChoice(
            self.columns.value(), self.colormap.currentData(), self.scale.currentData(), self.lines.isChecked()
        )
        self.changed.emit()


def _swatch(name: str) -> QIcon:
    ramp = np.linspace(0.0, 1.0, _SWATCH.width(), dtype=np.float32)[np.newaxis].repeat(_SWATCH.height(), axis=0)
    return QIcon(QPixmap.fromImage(colored(ramp, colormap(name))))
