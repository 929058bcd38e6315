"""What the Inspect page looks at, in one place: its parts listen here, and tell here what a person points at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.maps.imaging import Limits
from cnn_explorer.core.maps.statistics import overall_limits
from cnn_explorer.core.model.info import ForwardPass, LayerInfo
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.text.nodes import receptive_field_text
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage
from cnn_explorer.ui.session.services import OpenModel, ReceptiveFields


@dataclass(frozen=True)
class NodeAt:
    """One node of one layer: (row, column, map) of maps, (index,) of a vector."""

    layer: str
    node: Node


class Inspection(QObject):
    """The model, the layer and the image in view, and what the model makes of the image.

    Parts of the page change these through the methods only.
    """

    model_changed = Signal()
    """Another model, or the same with other preprocessing."""
    forward_changed = Signal()
    """Another answer of the model, or none."""
    layer_changed = Signal()
    node_pointed = Signal(object)
    """The ``NodeAt`` under the cursor, ``None`` once there is none."""
    microscope_wanted = Signal(object)
    """A ``NodeAt`` whose arithmetic is to be seen."""
    node_marked = Signal(object)
    """The ``NodeAt`` that the microscope looks at (of layer "" for a pixel), ``None`` once it is closed."""
    receptive_fields_changed = Signal()
    """It is known now what the nodes see of the image, or not any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model: OpenModel | None = None
        self._image: ChosenImage | None = None
        self._forward: ForwardPass | None = None
        self._layer = ""
        self._everywhere: tuple[ForwardPass | None, Limits] | None = None
        self._input_number = 0
        self._receptive_fields: ReceptiveFields | None = None

    @property
    def model(self) -> OpenModel | None:
        """The model in view."""
        return self._model

    @property
    def image(self) -> ChosenImage | None:
        """The image in view."""
        return self._image

    @property
    def forward(self) -> ForwardPass | None:
        """What the model makes of it; ``None`` while there is no answer."""
        return self._forward

    @property
    def layer(self) -> str:
        """The name of the layer in view, "" while there is no model."""
        return self._layer

    @property
    def input_number(self) -> int:
        """The input of the model that ``image`` goes to."""
        return self._input_number

    @property
    def receptive_fields(self) -> ReceptiveFields | None:
        """What the nodes see of that input, once it is known."""
        return self._receptive_fields

    @property
    def layer_info(self) -> LayerInfo | None:
        """The layer in view."""
        return self.model.info.layer(self.layer) if self.model else None

    @property
    def activation(self) -> NDArray[np.float32] | None:
        """The output of the layer in view for the image in view."""
        return self.forward.activations.get(self.layer) if self.forward else None

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Rows, columns and channels of the input that ``image`` goes to."""
        if self.model is None:
            return ()
        inputs = self.model.info.inputs
        return inputs[self.input_number].shape if self.input_number < len(inputs) else self.model.info.input_shape

    def sees(self, rectangle: Rectangle | None) -> str:
        """What a node sees of the image, in words; of several inputs it is said which one is meant."""
        inputs = self.model.info.inputs if self.model else ()
        of = f"the image in {inputs[self.input_number].name}" if len(inputs) > 1 else "the image"
        return receptive_field_text(rectangle, self.image_shape, of)

    def set_model(self, model: OpenModel, layer: str) -> None:
        """Look into another model, at ``layer``; the answer to the image is still to come."""
        self._model, self._forward, self._layer = model, None, layer
        self.model_changed.emit()
        self.layer_changed.emit()
        self.forward_changed.emit()

    def everywhere(self) -> Limits:
        """The smallest and the largest value of all maps of all layers, for the image in view."""
        if self._everywhere is None or self._everywhere[0] is not self.forward:
            self._everywhere = self.forward, overall_limits(self.forward.activations.values() if self.forward else ())
        return self._everywhere[1]

    def set_image(self, image: ChosenImage | None) -> None:
        """Another image is in view, or none; what the model makes of it follows."""
        self._image = image

    def choose_input(self, number: int) -> None:
        """``image`` goes to another input of the model; what that makes of it follows."""
        self._input_number = number

    def set_forward(self, forward: ForwardPass | None) -> None:
        """What the model makes of ``image``."""
        self._forward = forward
        self.forward_changed.emit()

    def set_receptive_fields(self, receptive_fields: ReceptiveFields | None) -> None:
        """What the nodes of the model see of its image; ``None`` while that is not known."""
        self._receptive_fields = receptive_fields
        self.receptive_fields_changed.emit()

    def choose_layer(self, name: str) -> None:
        """Look at another layer of the same model."""
        if name != self.layer:
            self._layer = name
            self.layer_changed.emit()
