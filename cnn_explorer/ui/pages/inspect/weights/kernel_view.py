"""Weights as a picture: a grid of kernels with one enlarged on demand, a matrix, or bars; the cursor tells values."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from cnn_explorer.core.maps.imaging import ScaleMode
from cnn_explorer.core.maps.rows import map_rows
from cnn_explorer.core.maps.statistics import map_statistics
from cnn_explorer.core.maps.style import SIGNED_COLORS
from cnn_explorer.core.model.weight_pictures import WeightPicture
from cnn_explorer.text.legend import legend
from cnn_explorer.text.maps import quiet_reason, value_text
from cnn_explorer.text.weights import cell_text, picture_note
from cnn_explorer.ui.maps.picture_with_bar import PictureWithBar
from cnn_explorer.ui.pages.inspect.maps.map_detail import EnlargedMap, MapDetail
from cnn_explorer.ui.pages.inspect.maps.vector_view import VectorView
from cnn_explorer.ui.pages.inspect.weights.kernel_grid import KernelGrid, choice_for

_COLORS_SIDE_BY_SIDE = "red, green, blue"


class KernelView(QStackedWidget):
    """Shows one ``WeightPicture``."""

    said = Signal(str)
    """What there is to say of the weight under the cursor, or of the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture: WeightPicture | None = None
        self._together = True
        self.enlarged: int | None = None
        self.grid, self.detail, self.vector = KernelGrid(), MapDetail(), VectorView()
        for part in (self.detail, *self.detail.findChildren(QWidget)):
            # The page has another panel of this kind, for maps: names stay unique.
            if (name := part.objectName()).startswith("inspect_"):
                part.setObjectName(name.replace("inspect_", "inspect_kernel_", 1))
        self.vector.setObjectName("inspect_weight_vector")
        self.framed = PictureWithBar(self.grid)
        maps = QWidget()
        row = QHBoxLayout(maps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.framed, 11)
        row.addWidget(self.detail, 10)
        self.addWidget(maps)
        self.addWidget(self.vector)
        self._connect()
        self.enlarge(None)

    def show_picture(self, picture: WeightPicture, together: bool) -> None:
        """Show weights; ``together``: one scale for all kernels."""
        if self._picture is None or picture.values.shape != self._picture.values.shape:
            self.grid.choose(None)
            self._picture = None
            self.enlarge(None)
        self._picture, self._together = picture, together
        if picture.way == "values":
            self.setCurrentWidget(self.vector)
            self.vector.show_vector(picture.values, (), choice_for(picture, together=True))
        else:
            self.setCurrentIndex(0)
            self.grid.show_picture(picture, together)
            values, together = picture.values, together or picture.way == "colors"
            scale: ScaleMode = "layer" if together else "map"
            self.framed.show_legend(
                legend(values, scale, picture.signed, many=values.shape[-1] > 1), self.grid.choice.colormap
            )
            self.framed.show_bar(picture.way != "colors" and self.enlarged is None)
        self._show_enlarged()
        self._say()

    def enlarge(self, number: int | None) -> None:
        """Show one kernel large beside the grid; ``None`` goes back to the grid alone."""
        picture = self._picture
        if picture is None or picture.way in ("matrix", "values"):
            number = None  # it is alone, and as large as can be
        self.enlarged = number
        if number is not None:
            self.grid.choose(number)
        self.detail.setVisible(number is not None)
        self.framed.show_bar(number is None and picture is not None and picture.way != "colors")
        self._show_enlarged()
        if number is None and self.detail.isAncestorOf(self.focusWidget() or self):
            self.grid.setFocus()

    def fit(self) -> None:
        """Show everything again."""
        self.grid.fit()
        self.vector.strip.fit()

    def _show_enlarged(self) -> None:
        picture, number = self._picture, self.enlarged
        if picture is None or number is None:
            return
        values = picture.values[..., number]
        reason = quiet_reason(self.grid.quiet, number)
        if picture.way == "colors":  # side by side: numbers can be read in one colour only
            values, reason = np.concatenate(list(np.moveaxis(values, 2, 0)), axis=1), _COLORS_SIDE_BY_SIDE
        limits = None
        if self._together:
            most = np.abs(picture.values[np.isfinite(picture.values)]).max(initial=0.0)
            limits = np.array([-most if picture.signed else 0.0]), np.array([float(most)])
        rows = map_rows(values[..., np.newaxis], "layer", picture.signed, limits)[..., 0]
        shown = EnlargedMap(
            number, values, rows, self.grid.choice.colormap if picture.way != "colors" else SIGNED_COLORS,
            legend(picture.values if self._together else values, "layer", picture.signed, many=False), reason,
            map_statistics(values[..., np.newaxis]).of(0),
        )  # fmt: skip
        self.detail.show_map(shown)
        what = "Map" if picture.way == "unit" else "Kernel"
        self.detail.title.setText(f"{what} {number}")

    def _say(self) -> None:
        picture = self._picture
        if picture is None:
            return
        if picture.way in ("matrix", "values"):
            self.said.emit(picture_note(picture) or "Point at a weight to read it; the wheel zooms.")
        else:
            self.said.emit("Point at a weight to read it; click a kernel to enlarge it.")

    def _on_hovered(self, number: int, row: int, column: int) -> None:
        if self._picture is not None:
            self.said.emit(cell_text(self._picture, number, row, column))

    def _on_detail_hovered(self, row: int, column: int) -> None:
        picture = self._picture
        if picture is not None and self.enlarged is not None:
            self._on_hovered(self.enlarged, row, column % picture.values.shape[1])

    def _on_value_hovered(self, index: int) -> None:
        if self._picture is not None:
            self.said.emit(value_text(index, float(self._picture.values[index])))

    def _on_stepped(self, by: int) -> None:
        count = self._picture.values.shape[-1] if self._picture is not None else 0
        if self.enlarged is not None and 0 <= self.enlarged + by < count:
            self.enlarge(self.enlarged + by)

    def _toggle(self, number: int) -> None:
        self.enlarge(None if number == self.enlarged else number)

    def _follow(self, number: int) -> None:
        if self.enlarged is not None:
            self.enlarge(number)

    def _connect(self) -> None:
        self.grid.map_hovered.connect(self._on_hovered)
        self.grid.map_clicked.connect(self._toggle)
        self.grid.map_entered.connect(self._toggle)
        self.grid.map_chosen.connect(self._follow)
        self.detail.node_hovered.connect(self._on_detail_hovered)
        self.detail.stepped.connect(self._on_stepped)
        self.detail.closed.connect(lambda: self.enlarge(None))
        self.detail.key_pressed.connect(self.grid.keyPressEvent)
        self.vector.value_hovered.connect(self._on_value_hovered)
        for view in (self.grid, self.detail, self.vector):
            view.hover_ended.connect(self._say)
