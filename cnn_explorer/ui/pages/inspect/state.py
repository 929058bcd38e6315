"""What the Inspect page shows, derived from model and data set by pure functions; no Qt in here."""

from __future__ import annotations

from cnn_explorer.core.model.info import ModelInfo
from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.dataset import Dataset


def chosen_layer(info: ModelInfo, wanted: str) -> str:
    """The layer to show first: the ``wanted`` one if the model has it, else the first convolution, the first maps."""
    if info.layer(wanted) is not None:
        return wanted
    convolutions = (layer for layer in info.layers if traits_of(layer.type).convolution)
    maps = (layer for layer in info.layers if layer.has_maps and not traits_of(layer.type).is_input)
    found = next(convolutions, None) or next(maps, None) or (info.layers[0] if info.layers else None)
    return found.name if found else ""


def why_no_forward(info: ModelInfo, dataset: Dataset | None) -> str:
    """Why no image of the data set can be sent through the model, in a sentence; "" if nothing is in the way."""
    if dataset is None:
        return "The data set is still loading."
    if not len(dataset.test_images) and not len(dataset.train_images):
        return f"The data set {dataset.title} has no images."
    if dataset.image_shape != info.input_shape:
        return (
            f"This model takes images of {shape_text(info.input_shape)}; "
            f"those of {dataset.title} are {shape_text(dataset.image_shape)}."
        )
    return ""


def file_name(info: ModelInfo, layer: str, image: str, suffix: str) -> str:
    """A name to propose for a saved grid of ``image``: mnist-simple_Conv2D_1_test-42.png, …_drawn.png."""
    words = f"{info.name or info.path.stem}_{layer}_{image}{suffix}"
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in words)
