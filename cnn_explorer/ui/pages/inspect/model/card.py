"""The loaded model: its name, size and origin, what was adapted, and its layers as a list or as a graph."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.model.info import ModelInfo
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.text.layers import origin
from cnn_explorer.ui.pages.inspect.graph.layout import branches
from cnn_explorer.ui.pages.inspect.graph.view import GraphView
from cnn_explorer.ui.pages.inspect.model.layer_list import LayerList
from cnn_explorer.ui.pages.inspect.model.notes_line import NotesLine
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.segments import Segments
from cnn_explorer.ui.widgets.tool_button import tool_button

_WIDTH, _LEAST_WIDTH = 41, 28  # characters, so that it grows with the text
_MARGIN = 12  # pixels
_VIEWS = (
    ("graph", "Graph", "The layers as a drawing: which one takes its values from which."),
    ("list", "List", "The layers one below the other, in the order of the computation."),
)


class ModelCard(QFrame):
    """The left side of the Inspect page. ``layers`` is where a layer is chosen; the graph follows it and tells it."""

    room_wanted = Signal(bool)
    """The graph wants most of the page, or gives it back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.name, self.size_text, self.origin = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.notes = NotesLine()
        self.open_button = open_model_button("inspect_open_model")
        self.layers, self.graph = LayerList(), GraphView()
        self.switch = Segments(_VIEWS, "inspect_layers_as")
        self.wide = tool_button(
            "maximize", "inspect_graph_wide", "Give the graph most of the page; once more gives it back."
        )
        self._views, self._head = QStackedWidget(), QHBoxLayout()
        self._set_up()
        self._lay_out()

    def show_model(self, info: ModelInfo, layer: str) -> None:
        """Show another model, with ``layer`` chosen."""
        self.name.setText(info.name or info.path.stem)
        self.name.setToolTip(self.name.text())
        inputs = " and ".join(shape_text(one.shape) for one in info.inputs) or shape_text(info.input_shape)
        self.size_text.setText(f"{info.total_params:,} parameters · {inputs}")
        self.size_text.setToolTip(self.size_text.text())
        self.origin.setText(origin(info))
        self.origin.setToolTip(str(info.path))
        self.notes.show_notes(info.notes)
        self.layers.show_layers(info.layers, layer)
        branching = branches(info.layers)
        self.graph.show_model(info, layer)
        self.switch.setVisible(branching)
        self._show_view(self.switch.key if branching else "list")

    def choose(self, layer: str) -> None:
        """Show which layer is looked at; no signal."""
        if layer != self.layers.chosen:
            self.layers.choose(layer)
        if layer != self.graph.chosen:
            self.graph.choose(layer)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH * self.fontMetrics().averageCharWidth(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        least = _LEAST_WIDTH * self.fontMetrics().averageCharWidth()
        head = self._head.minimumSize().width() + 2 * _MARGIN
        return QSize(max(least, head), super().minimumSizeHint().height())

    def show_opening(self, path: Path) -> None:
        """Say that another model is on its way; the one that is shown stays until it is there."""
        self.origin.setText(f"Opening {path.name} …")

    def _show_view(self, key: str) -> None:
        self._views.setCurrentWidget(self.graph if key == "graph" else self.layers)
        self.wide.setVisible(key == "graph")
        if key != "graph":
            self.wide.setChecked(False)

    def _set_up(self) -> None:
        self.name.setObjectName("inspect_model_name")
        set_role(self.name, "title")
        set_role(self.origin, "muted")
        self.wide.setCheckable(True)
        self.wide.toggled.connect(self.room_wanted)
        self.switch.chosen.connect(self._show_view)
        self.layers.layer_chosen.connect(self.graph.choose)
        self.graph.layer_chosen.connect(self.layers.go_to)
        self.switch.hide()
        self._views.addWidget(self.layers)
        self._views.addWidget(self.graph)
        self._show_view("list")

    def _lay_out(self) -> None:
        section = QLabel("Layers")
        set_role(section, "section")
        head = self._head
        head.setSpacing(4)
        head.addWidget(section, 1)
        head.addWidget(self.switch)
        head.addWidget(self.wide)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.setSpacing(4)
        for widget in (self.name, self.size_text, self.origin, self.notes):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addWidget(self.open_button)
        layout.addSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._views, 1)


def open_model_button(name: str) -> QPushButton:
    """The button that opens a model file; the page has one here and one where there is no model yet."""
    button = QPushButton("Open model…")
    button.setIcon(theme().icon("folder-open"))
    button.setObjectName(name)
    button.setAccessibleName("Open model")
    button.setToolTip("Open a trained network: an .h5 or .keras file, or the model.h5 of a run.")
    return button
