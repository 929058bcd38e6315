"""Several inputs and outputs of a model: which input the picked image goes to, and which output is the prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.model.info import ForwardPass, ModelInfo, ModelInput
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.pages.inspect.model.ports_bar import PortsBar
from cnn_explorer.ui.session.services import OpenModel


class InspectPorts(QObject):
    """Keeps an image for each input. Of models with one input and one output there is nothing to see."""

    changed = Signal()
    """The image goes elsewhere now: it is to be looked at anew."""
    output_changed = Signal()

    def __init__(self, inspection: Inspection, parent: QObject) -> None:
        super().__init__(parent)
        self.bar = PortsBar()
        self._inspection = inspection
        self._inputs: tuple[ModelInput, ...] = ()
        self._outputs: tuple[str, ...] = ()
        self._held: dict[int, ChosenImage] = {}
        self.output = ""
        inspection.model_changed.connect(self._on_model)
        self.bar.input_chosen.connect(self._choose_input)
        self.bar.output_chosen.connect(self._choose_output)

    def info(self, model: OpenModel) -> ModelInfo:
        """What the model says, with the shape of the chosen input for that of its images."""
        number = self._inspection.input_number
        if len(model.info.inputs) < 2:
            return model.info
        rows, columns, channels = model.info.inputs[number].shape
        return replace(model.info, input_shape=(rows, columns, channels))

    def hold(self, chosen: ChosenImage) -> dict[int, NDArray[np.uint8]]:
        """The images of all inputs, with ``chosen`` in its own; it stays there until another one comes."""
        self._held[self._inspection.input_number] = chosen
        self._show()
        return {number: held.image for number, held in self._held.items()}

    def beside(self, image: NDArray[np.uint8], other: ModelInfo) -> dict[int, NDArray[np.uint8]]:
        """The images for model ``other`` with ``image`` in the chosen input, and in the others what is in view there.

        Only ``image``, for its first input that takes images, if it has other inputs than the model in view.
        """
        if len(other.inputs) < 2 or other.inputs != self._inputs:
            first = next((number for number, one in enumerate(other.inputs) if one.is_image), 0)
            return {first: image}
        held = {number: one.image for number, one in self._held.items()}
        return {**held, self._inspection.input_number: image}

    @property
    def images(self) -> tuple[tuple[str, NDArray[np.uint8]], ...]:
        """The images that go in, each with its name, in the order of the inputs."""
        return tuple((held.name, held.image) for _, held in sorted(self._held.items()))

    def forward(self, model: OpenModel, images: dict[int, NDArray[np.uint8]]) -> ForwardPass:
        """Send ``images`` (of ``hold``) through the model; called on the engine's thread."""
        if len(model.info.inputs) < 2:
            (image,) = images.values()
            return model.forward(image)
        return model.forward_all(images)

    def prepared(self, forward: ForwardPass) -> NDArray[np.float32]:
        """What the chosen input got."""
        return forward.inputs[self._inspection.input_number] if len(forward.inputs) > 1 else forward.image

    def prediction(self, forward: ForwardPass) -> NDArray[np.float32] | None:
        """The chosen output if it is a vector, else ``None``."""
        if len(self._outputs) < 2:
            return forward.prediction
        values = forward.activations.get(self.output)
        return values if values is not None and values.ndim == 1 else None

    def _on_model(self) -> None:
        """Another model begins anew; the same one, prepared otherwise, keeps its images."""
        model = self._inspection.model
        assert model is not None
        inputs, outputs = model.info.inputs, model.info.outputs
        if (inputs, outputs) != (self._inputs, self._outputs):
            self._inputs, self._outputs = inputs, outputs
            images = tuple(number for number, one in enumerate(inputs) if one.is_image)
            self._inspection.choose_input(images[0] if images else 0)
            self._held.clear()
            self.output = outputs[0] if outputs else ""
            self.bar.show_choices(
                tuple((number, f"{inputs[number].name} · {shape_text(inputs[number].shape)}") for number in images),
                outputs,
            )
        elif len(inputs) < 2:
            self._held.clear()
        self.bar.setVisible(len(inputs) > 1 or len(outputs) > 1)
        self._show()

    def _show(self) -> None:
        words = []
        if len(self._inputs) > 1:
            for number, one in enumerate(self._inputs):
                held = self._held.get(number)
                words.append(f"{one.name}: {held.name if held else 'zeros'}")
        self.bar.show_chosen(self._inspection.input_number, self.output, " · ".join(words))

    def _choose_input(self, number: int) -> None:
        self._inspection.choose_input(number)
        self._show()
        self.changed.emit()

    def _choose_output(self, name: str) -> None:
        self.output = name
        self._show()
        self.output_changed.emit()
