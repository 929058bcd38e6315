"""The button that saves one image of the data set as a picture file, as large as one likes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from cnn_explorer.core.sizes import shape_text
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.theme import set_role, theme

_LONGEST = 8192  # pixels of the picture's longer side
_USUAL = 8


def enlarged(picture: QImage, scale: int) -> QImage:
    """The picture with each of its pixels as a square of ``scale`` × ``scale``."""
    size = QSize(picture.width() * scale, picture.height() * scale)
    return picture.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation)


class SaveButton(QToolButton):
    """Opens a small box: ``save_wanted`` carries the scale that is chosen there, ``copy`` is a button in it."""

    save_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_save")
        self.setIcon(theme().icon("image-down"))
        self.setAccessibleName("Save or copy this image")
        self.setToolTip("Save this image as a PNG picture, as large as you like, or copy it.")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._size = QSize(28, 28)
        self.scale, self.pixels = QSpinBox(), QLabel()
        self.write, self.copy = QPushButton("Save as PNG…"), QPushButton("Copy")
        self._lay_out()
        self.scale.valueChanged.connect(self._show_pixels)
        self.write.clicked.connect(self._announce)
        self.copy.clicked.connect(self.menu().close)
        self.show_size(28, 28)
        self.scale.setValue(_USUAL)

    def show_size(self, rows: int, columns: int) -> None:
        """The size of the data set's images: scales go as far as the picture stays of use."""
        self._size = QSize(columns, rows)
        self.scale.setMaximum(max(1, _LONGEST // max(rows, columns)))
        self._show_pixels()

    def _announce(self) -> None:
        self.menu().close()
        self.save_wanted.emit(self.scale.value())

    def _show_pixels(self) -> None:
        scale = self.scale.value()
        self.pixels.setText(f"{shape_text((scale * self._size.width(), scale * self._size.height()))} pixels")

    def _lay_out(self) -> None:
        self.scale.setObjectName("gallery_save_scale")
        self.scale.setAccessibleName("Scale of the saved picture")
        self.scale.setToolTip("So many pixels of the picture, across and down, show one pixel of the image.")
        self.scale.setSuffix(" ×")
        self.scale.setMinimum(1)
        indent(self.scale)
        self.write.setObjectName("gallery_save_png")
        self.write.setToolTip("Choose where the picture is saved.")
        self.copy.setObjectName("gallery_copy")
        self.copy.setIcon(theme().icon("copy"))
        self.copy.setAccessibleName("Copy this image")
        self.copy.setToolTip("Put the image on the clipboard, as it is (Ctrl+C in the gallery).")
        set_role(self.write, "primary")
        set_role(self.pixels, "muted")
        label = QLabel("Scale")
        box = QWidget()
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (label, self.scale, self.pixels):
            row.addWidget(widget)
        row.addStretch(1)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addLayout(row)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.write, 1)
        layout.addLayout(buttons)
        action = QWidgetAction(self)
        action.setDefaultWidget(box)
        menu = QMenu(self)
        menu.addAction(action)
        self.setMenu(menu)
