"""Chooses one of the user's own images, and how it is brought to what the network takes."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from cnn_explorer.core.dataset_spec import Resize
from cnn_explorer.ui.maps.pixel_view import photo
from cnn_explorer.ui.widgets.tool_button import tool_button

THUMB = 44
"""Side of the thumbnails in pixels."""

_WAYS: tuple[tuple[Resize, str, str], ...] = (
    ("fit", "fit", "The whole image; what is left is filled with the colour of its edge."),
    ("crop", "crop", "As much of the image as fills the input; the rest is cut off."),
    ("stretch", "stretch", "The whole image, without keeping its proportions."),
)


class FilesChooser(QWidget):
    """Thumbnails of the user's images, and the three choices of how one is brought to the network."""

    file_chosen = Signal(int)
    """Index in the list."""
    removed = Signal(int)
    open_requested = Signal()
    paste_requested = Signal()
    way_changed = Signal()
    """Another ``resize`` or ``centre``."""
    inverted_changed = Signal(bool)
    """Someone wants this image inverted, or not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.resize_box = QComboBox()
        self.inverted = QCheckBox("Inverted: bright ink on dark")
        self.centre = QCheckBox("Centred and scaled like MNIST")
        self.open_button = tool_button("image-plus", "inspect_open_images", "Open image files.")
        self.paste_button = tool_button("clipboard-paste", "inspect_paste_image", "Paste an image (Ctrl+V).")
        self.remove_button = tool_button("x", "inspect_remove_image", "Take this image off the list.")
        self._set_up()
        self._lay_out()

    @property
    def resize_way(self) -> Resize:
        """How images of other sizes are brought to the input."""
        return cast(Resize, self.resize_box.currentData())

    def add(self, name: str, thumbnail: NDArray[np.uint8]) -> None:
        """Add an image to the list; no signal."""
        picture = photo(thumbnail, 0, 255).scaled(
            THUMB, THUMB, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        icon = QIcon(QPixmap.fromImage(picture))
        icon.addPixmap(QPixmap.fromImage(picture), QIcon.Mode.Selected)  # or Qt would tint it
        item = QListWidgetItem(icon, "")
        item.setToolTip(name)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, name)
        self.list.addItem(item)

    def remove(self, index: int) -> None:
        """Take an image off the list; no signal."""
        self.list.blockSignals(True)
        self.list.takeItem(index)
        self.list.blockSignals(False)

    def show_chosen(self, index: int) -> None:
        """Mark an image of the list; no signal."""
        self.list.blockSignals(True)
        self.list.setCurrentRow(index)
        self.list.blockSignals(False)
        self.remove_button.setEnabled(index >= 0)

    def show_ways(self, gray: bool, inverted: bool) -> None:
        """Offer what makes sense: inversion and centring are for ``gray`` networks."""
        self.inverted.setVisible(gray)
        self.centre.setVisible(gray)
        self.resize_box.setEnabled(not (gray and self.centre.isChecked()))
        self.inverted.blockSignals(True)
        self.inverted.setChecked(inverted)
        self.inverted.blockSignals(False)

    def step(self, by: int) -> None:
        """Go to a neighbouring image, not past the ends."""
        self.list.setCurrentRow(min(max(self.list.currentRow() + by, 0), self.list.count() - 1))

    def _set_up(self) -> None:
        self.list.setObjectName("inspect_own_images")
        self.list.setAccessibleName("Own images")
        self.list.setToolTip("Your images; keys , and . go through them.")
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(False)
        self.list.setIconSize(QSize(THUMB, THUMB))
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setFixedHeight(THUMB + 24)
        self.list.setMinimumWidth(120)
        self.list.currentRowChanged.connect(self.file_chosen)
        self.resize_box.setObjectName("inspect_resize")
        self.resize_box.setAccessibleName("How images are brought to the input's size")
        self.resize_box.setToolTip("How images of other sizes are brought to what the network takes.")
        for way, text, tooltip in _WAYS:
            self.resize_box.addItem(text, way)
            self.resize_box.setItemData(self.resize_box.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        self.resize_box.activated.connect(self.way_changed)
        self.inverted.setObjectName("inspect_inverted")
        self.inverted.setToolTip(
            "Inverted: bright ink on dark, like the training images. Dark ink on bright paper is found by itself."
        )
        self.inverted.clicked.connect(self.inverted_changed)
        self.centre.setObjectName("inspect_centre")
        self.centre.setToolTip(
            "Clear the paper, scale the ink into a box of 20×20 and put its centre of mass into the middle, as MNIST "
            "did with its digits."
        )
        self.centre.toggled.connect(self.way_changed)
        self.open_button.clicked.connect(self.open_requested)
        self.paste_button.clicked.connect(self.paste_requested)
        self.remove_button.clicked.connect(lambda: self.removed.emit(self.list.currentRow()))

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.open_button, self.paste_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addSpacing(8)
        buttons.addWidget(self.resize_box, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.list, 0, 0)
        grid.addLayout(buttons, 1, 0)
        grid.addWidget(self.inverted, 2, 0)
        grid.addWidget(self.centre, 3, 0)
        grid.setRowStretch(4, 1)
