"""The document of a model file: opens it, and says as much as is known of models that others made.

Imported when a file is to be opened, as it brings the engine along.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from cnn_explorer.commands.output import console
from cnn_explorer.commands.summary import document
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import ModelStructure, NotBuiltError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.engine.graph.cost import macs
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model, open_with_weights
from cnn_explorer.engine.models.readback import architecture_of


def of_file(path: Path, trusted: bool) -> tuple[dict[str, Any], NotBuiltError | None]:
    """The document of ``summary --json`` for the model in ``path``.

    What had to be changed to open it is told on stderr. If it cannot be built, the document says what the file does,
    and the error why. Raises ``ExplorerError``.
    """
    try:
        inspector = open_model(path, "cpu", trusted)
    except NotBuiltError as error:
        return _of_structure(error.structure), error
    console.remark(*inspector.info.notes)
    try:
        return document.of_architecture(architecture_of(inspector.loaded.model)), None
    except ExplorerError:  # not a stack of known layers
        return _of_any(inspector), None


def of_weights(architecture: Architecture, weights: Path) -> dict[str, Any]:
    """The document for a network, if the weights in that file fit it. Raises ``ExplorerError`` if they do not."""
    open_with_weights(architecture, weights, "cpu")
    return document.of_architecture(architecture)


def _of_any(inspector: Inspector) -> dict[str, Any]:
    info = inspector.info
    if len(info.inputs) > 1:
        inputs = ", ".join(f"{each.name} {shape_text(each.shape)}" for each in info.inputs)
        console.remark(f"It takes {len(info.inputs)} inputs: {inputs}.")
    if len(info.outputs) > 1:
        console.remark(f"It has {len(info.outputs)} outputs: {', '.join(info.outputs)}.")
    counted: set[int] = set()
    layers = []
    for layer in info.layers:
        operation = inspector.graph.calls[layer.name].operation
        layers.append(
            {
                "name": layer.name,
                "type": layer.type,
                "output_shape": layer.output_shape,
                # The weights of a layer that is used twice are there once.
                "params": 0 if id(operation) in counted else layer.params,
                "macs": macs(inspector.graph.calls[layer.name]),
                "receptive_field": layer.receptive_field,
                "jump": document.whole(layer.jump),
            }
        )
        counted.add(id(operation))
    return {
        "name": info.name,
        "input_shape": info.input_shape,
        "total_params": info.total_params,
        "trainable_params": sum(math.prod(weight.shape) for weight in inspector.loaded.model.trainable_weights),
        "layers": layers,
        "problems": [],
    }


def _of_structure(structure: ModelStructure) -> dict[str, Any]:
    return {
        "name": structure.name,
        "input_shape": None,
        "total_params": structure.total_params,
        "trainable_params": None,
        "layers": [
            {
                "name": layer.name,
                "type": layer.type,
                "output_shape": None,
                "params": layer.params,
                "macs": None,
                "receptive_field": None,
                "jump": None,
            }
            for layer in structure.layers
        ],
        "problems": [{"layer": "", "message": structure.reason}],
    }
