"""What tests ask of runs that the engine has trained: their weights and their files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.engine.opening.loader import load_model_file

CONFIG = TrainingConfig(epochs=3, batch_size=32)
"""Three short epochs: those of the fixture ``finished``."""


def weights(path: Path) -> list[np.ndarray]:
    return load_model_file(path).model.get_weights()


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
