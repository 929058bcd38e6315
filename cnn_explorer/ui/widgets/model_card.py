"""The loaded model: its name, size and origin, and its layers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cnn_explorer.core.model_info import ModelInfo
from cnn_explorer.ui.readings import origin, shape_text
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.layer_list import LayerList

_WIDTH, _LEAST_WIDTH = 41, 28  # characters, so that it grows with the text


class ModelCard(QFrame):
    """The left side of the Inspect page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Expanding)
        self.name, self.size_text, self.origin = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.open_button = open_model_button("inspect_open_model")
        self.layers = LayerList()
        self.name.setObjectName("inspect_model_name")
        set_role(self.name, "title")
        set_role(self.origin, "muted")
        section = QLabel("Layers")
        set_role(section, "section")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(4)
        for widget in (self.name, self.size_text, self.origin):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self.open_button)
        layout.addSpacing(8)
        layout.addWidget(section)
        layout.addWidget(self.layers, 1)

    def show_model(self, info: ModelInfo, layer: str) -> None:
        """Show another model, with ``layer`` chosen."""
        self.name.setText(info.name or info.path.stem)
        self.name.setToolTip(self.name.text())
        self.size_text.setText(f"{info.total_params:,} parameters · {shape_text(info.input_shape)}")
        self.origin.setText(origin(info))
        self.origin.setToolTip(str(info.path))
        self.layers.show_layers(info.layers, layer)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH * self.fontMetrics().averageCharWidth(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH * self.fontMetrics().averageCharWidth(), super().minimumSizeHint().height())

    def show_opening(self, path: Path) -> None:
        """Say that another model is on its way; the one that is shown stays until it is there."""
        self.origin.setText(f"Opening {path.name} …")


def open_model_button(name: str) -> QPushButton:
    """The button that opens a model file; the page has one here and one where there is no model yet."""
    button = QPushButton("Open model…")
    button.setIcon(theme().icon("folder-open"))
    button.setObjectName(name)
    button.setAccessibleName("Open model")
    button.setToolTip("Open a trained network: an .h5 or .keras file, or the model.h5 of a run.")
    return button
