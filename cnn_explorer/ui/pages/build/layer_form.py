"""The form of the chosen layer: what it is, what it does, and all its settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from cnn_explorer.core.network.architecture import AnyLayer, Architecture
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.ui.forms.spec_form import SpecForm
from cnn_explorer.ui.theme import set_role

_NOTHING = "Choose a layer in the stack to see and change its settings."
_INPUT = "The images that go into the network. Its name is also the name of its runs."


class LayerPanel(QFrame):
    """Shows a layer, or the input together with the network's name, or nothing."""

    layer_edited = Signal(object)
    """The layer with a new setting."""
    network_edited = Signal(object)
    """The ``Architecture`` with a new name or input shape."""
    data_shape_wanted = Signal()
    """The input should get the shape of the data set's images."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._title = _label("build_layer_title", "title")
        self._reference = _label("build_layer_reference", "muted")
        self._reference.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._description = _label("build_layer_description", "")
        self._layer_form = SpecForm()
        self._layer_form.setObjectName("build_layer_form")
        self._layer_form.value_changed.connect(self.layer_edited)
        self._network_form = SpecForm(only=("name", "input_shape"))
        self._network_form.setObjectName("build_network_form")
        self._network_form.value_changed.connect(self.network_edited)
        self._use_data_shape = QPushButton()
        self._use_data_shape.setObjectName("build_use_data_shape")
        self._use_data_shape.setToolTip("Let the network take images of the shape that the data set has.")
        self._use_data_shape.clicked.connect(self.data_shape_wanted)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(12, 12, 12, 12)
        inner.setSpacing(4)
        inner.addWidget(self._title)
        inner.addWidget(self._reference)
        inner.addSpacing(4)
        inner.addWidget(self._description)
        inner.addSpacing(12)
        inner.addWidget(self._layer_form)
        inner.addWidget(self._network_form)
        inner.addSpacing(8)
        inner.addWidget(self._use_data_shape)
        inner.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.show_nothing()

    def show_nothing(self) -> None:
        """An empty panel that says how to fill it."""
        self._show_head("Layer", "", _NOTHING)
        self._show_form(None)

    def show_layer(self, layer: AnyLayer, description: str, problem: str) -> None:
        """The form of a layer; ``problem`` is empty or says what is wrong with it."""
        self._show_head(layer.type, f"keras.layers.{layer.type}", description)
        self._layer_form.set_value(layer)
        self._layer_form.set_problem("", problem)
        self._show_form(self._layer_form)

    def show_network(self, architecture: Architecture, data_shape: tuple[int, int, int] | None) -> None:
        """The form of the input; ``data_shape`` is the data set's if it is another one."""
        self._show_head("Input", "keras.Input", _INPUT)
        self._network_form.set_value(architecture)
        self._show_form(self._network_form)
        if data_shape is not None:
            self._use_data_shape.setText(f"Use the data set's shape, {shape_text(data_shape)}")
        self._use_data_shape.setVisible(data_shape is not None)

    def _show_head(self, title: str, reference: str, description: str) -> None:
        self._title.setText(title)
        self._reference.setText(reference)
        self._reference.setVisible(bool(reference))
        self._description.setText(description)

    def _show_form(self, form: SpecForm | None) -> None:
        self._layer_form.setVisible(form is self._layer_form)
        self._network_form.setVisible(form is self._network_form)
        self._use_data_shape.hide()


def _label(name: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    set_role(label, role)
    return label
