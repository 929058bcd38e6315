"""What the Inspect page looks at, in one place: its parts listen here, and tell here what a person points at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.maps.imaging import Limits
from cnn_explorer.core.maps.statistics import overall_limits
from cnn_explorer.core.model.info import LayerInfo, Look
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.text.nodes import field_words
from cnn_explorer.ui.pages.inspect.images.controller import ChosenImage
from cnn_explorer.ui.session.services import Fields, OpenModel


@dataclass(frozen=True)
class NodeAt:
    """One node of one layer: (row, column, map) of maps, (index,) of a vector."""

    layer: str
    node: Node


class Inspection(QObject):
    """The model, the layer and the image in view, and what the model makes of the image.

    ``look`` is ``None`` while there is no answer. Parts of the page never change these but through the methods.
    """

    model_changed = Signal()
    """Another model, or the same with other preprocessing."""
    look_changed = Signal()
    """Another answer of the model, or none."""
    layer_changed = Signal()
    node_pointed = Signal(object)
    """The ``NodeAt`` under the cursor, ``None`` once there is none."""
    microscope_wanted = Signal(object)
    """A ``NodeAt`` whose arithmetic is to be seen."""
    node_marked = Signal(object)
    """The ``NodeAt`` that the microscope looks at (of layer "" for a pixel), ``None`` once it is closed."""
    fields_changed = Signal()
    """It is known now what the nodes see of the image, or not any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: OpenModel | None = None
        self.image: ChosenImage | None = None
        self.look: Look | None = None
        self.layer = ""
        self._everywhere: tuple[Look | None, Limits] | None = None
        self.input_number = 0
        """The input of the model that ``image`` goes to."""
        self.fields: Fields | None = None
        """What the nodes see of that input, once it is known."""

    @property
    def layer_info(self) -> LayerInfo | None:
        """The layer in view."""
        return self.model.info.layer(self.layer) if self.model else None

    @property
    def activation(self) -> NDArray[np.float32] | None:
        """The output of the layer in view for the image in view."""
        return self.look.activations.get(self.layer) if self.look else None

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
        return field_words(rectangle, self.image_shape, of)

    def set_model(self, model: OpenModel, layer: str) -> None:
        """Look into another model, at ``layer``; the answer to the image is still to come."""
        self.model, self.look, self.layer = model, None, layer
        self.model_changed.emit()
        self.layer_changed.emit()
        self.look_changed.emit()

    def everywhere(self) -> Limits:
        """The smallest and the largest value of all maps of all layers, for the image in view."""
        if self._everywhere is None or self._everywhere[0] is not self.look:
            self._everywhere = self.look, overall_limits(self.look.activations.values() if self.look else ())
        return self._everywhere[1]

    def set_look(self, look: Look | None) -> None:
        """What the model makes of ``image``."""
        self.look = look
        self.look_changed.emit()

    def set_fields(self, fields: Fields | None) -> None:
        """What the nodes of the model see of its image; ``None`` while that is not known."""
        self.fields = fields
        self.fields_changed.emit()

    def choose_layer(self, name: str) -> None:
        """Look at another layer of the same model."""
        if name != self.layer:
            self.layer = name
            self.layer_changed.emit()
