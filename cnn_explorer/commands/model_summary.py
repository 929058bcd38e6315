"""``summary`` of a model file: opens it, and says as much as is known of models that others made."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from cnn_explorer.commands import summary
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.engine.activations import Inspector, open_model
from cnn_explorer.engine.readback import architecture_of


def of_file(path: Path) -> dict[str, Any]:
    """The document of ``summary --json`` for the model in ``path``. Raises ``ExplorerError``."""
    inspector = open_model(path, "cpu")
    try:
        return summary.of_architecture(architecture_of(inspector.loaded.model))
    except ExplorerError:  # not a stack of known layers
        return _of_any(inspector)


def _of_any(inspector: Inspector) -> dict[str, Any]:
    info = inspector.info
    return {
        "name": info.name,
        "input_shape": info.input_shape,
        "total_params": info.total_params,
        "trainable_params": sum(math.prod(weight.shape) for weight in inspector.loaded.model.trainable_weights),
        "layers": [
            {
                "name": layer.name,
                "type": layer.type,
                "output_shape": layer.output_shape,
                "params": layer.params,
                "macs": None,
                "receptive_field": layer.receptive_field,
                "jump": summary.whole(layer.jump),
            }
            for layer in info.layers
        ],
        "problems": [],
    }
