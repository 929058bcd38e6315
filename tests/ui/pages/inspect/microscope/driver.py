"""A small network computed by NumPy, and by ``core`` node by node: the microscope's numbers without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model.info import ForwardPass, LayerInfo
from cnn_explorer.core.nodes import convolution
from cnn_explorer.core.nodes import rules as node_rules
from cnn_explorer.core.nodes.activation_functions import FUNCTIONS
from cnn_explorer.core.nodes.steps import Carried, Input, Node, Step, Work
from tests.ui.fakes import FakeModel

IMAGE = (12, 12, 1)
_CONV, _POOL, _FLAT, _UNITS = (10, 10, 4), (5, 5, 4), (100,), 10


class SmallModel(FakeModel):
    """Conv (3×3, 4 maps, ReLU), pool (2×2), mix (3×3 over the 4 maps), flat, dense: the image's bytes as they are."""

    def __init__(self, path: Path = Path("runs/1-small/model.h5"), *, without: str = "") -> None:
        super().__init__(path)
        rng = np.random.default_rng(5)
        self.kernel = rng.normal(0, 0.1, (3, 3, 1, 4)).astype(np.float32)
        self.mixing = rng.normal(0, 0.1, (3, 3, 4, 4)).astype(np.float32)
        self.weight = rng.normal(0, 0.1, (100, _UNITS)).astype(np.float32)
        self.bias = np.linspace(-1, 1, 4, dtype=np.float32)
        self.steps: list[tuple[str, Node]] = []
        layers = (
            LayerInfo("conv", "Conv2D", _CONV, 40), LayerInfo("pool", "MaxPooling2D", _POOL, 0),
            LayerInfo("mix", "Conv2D", _POOL, 148), LayerInfo("flat", "Flatten", _FLAT, 0),
            LayerInfo("dense", "Dense", (_UNITS,), 1000),
        )  # fmt: skip
        kept = tuple(layer for layer in layers if layer.name != without)
        self.info = type(self.info)(**{**vars(self.info), "name": "small", "input_shape": IMAGE, "layers": kept})

    def forward(self, image: NDArray[np.uint8] | NDArray[np.float32]) -> ForwardPass:
        self.passes += 1
        made: dict[str, NDArray[np.float32]] = {"": np.asarray(image, np.float32)}
        made["conv"] = np.maximum(_slid(made[""], self.kernel) + self.bias, 0)
        made["pool"] = made["conv"].reshape(5, 2, 5, 2, 4).max(axis=(1, 3))
        padded = np.pad(made["pool"], ((1, 1), (1, 1), (0, 0)))
        made["mix"] = np.maximum(_slid(padded, self.mixing) + self.bias, 0)
        made["flat"] = made["mix"].reshape(-1)
        made["dense"] = made["flat"] @ self.weight
        seen = {layer.name: made[layer.name] for layer in self.info.layers}
        return ForwardPass((made[""],), seen, made["dense"])

    def step(self, forward: ForwardPass, layer: str, node: Node) -> Step:
        self.steps.append((layer, node))
        made = {"": forward.image, **forward.activations}
        before = {"conv": "", "pool": "conv", "mix": "pool", "flat": "mix", "dense": "flat"}[layer]
        work = self._work(made, layer, node)
        value = float(forward.activations[layer][node])
        return Step(layer, layer, node, value, (Input(before, made[before].shape),), work)

    def _work(self, made: dict[str, NDArray[np.float32]], layer: str, node: Node) -> Work:
        relu = FUNCTIONS["relu"]
        if layer == "conv":
            return convolution.convolve_node(made[""], self.kernel, self.bias, _maps(node), function=relu)
        if layer == "pool":
            return convolution.pool_node(made["conv"], _maps(node), "max", (2, 2))
        if layer == "mix":
            return convolution.convolve_node(made["pool"], self.mixing, self.bias, _maps(node), padding="same")
        if layer == "flat":
            place = node_rules.reshaped_source(_POOL, _FLAT, node)
            return Carried(place, float(made["mix"][place]))
        work = node_rules.dense_node(made["flat"], self.weight, None, node[0])
        origins = np.stack(np.unravel_index(np.arange(100), _POOL), axis=1)
        return type(work)(**{**vars(work), "origins": origins, "origin_layer": "mix"})


def _slid(maps: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """A convolution of all nodes at once, by NumPy alone."""
    windows = np.lib.stride_tricks.sliding_window_view(maps, kernel.shape[:2], axis=(0, 1))
    return np.asarray(np.einsum("rcmij,ijmf->rcf", windows, kernel), np.float32)


def _maps(node: Node) -> tuple[int, int, int]:
    row, column, number = node
    return row, column, number
