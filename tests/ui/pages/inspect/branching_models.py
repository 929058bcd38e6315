"""Fake models that branch: shortcuts, nested models, two inputs and two outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.model.info import ForwardPass, LayerInfo, LayerWeight, ModelInfo, ModelInput
from tests.ui.fakes import CLASSES, FakeModel

Image = NDArray[np.uint8] | NDArray[np.float32]


def conv(name: str, *sources: str, maps: int = 8, side: int = 12, params: int = 80, kind: str = "Conv2D") -> LayerInfo:
    """A layer with maps."""
    config = (("filters", str(maps)), ("kernel_size", "3×3"), ("activation", "relu"))
    return LayerInfo(name, kind, (side, side, maps), params, (3, 3), (1, 1), sources, 0, config)


def residual(blocks: int = 2) -> tuple[LayerInfo, ...]:
    """Blocks of three convolutions in a nested model, with a shortcut around each; every second one has a layer."""
    layers = [conv("stem", "")]
    for number in range(blocks):
        begin, body = layers[-1].name, f"block{number}"
        layers += [
            conv(f"{body}/one", begin),
            conv(f"{body}/norm", f"{body}/one", kind="BatchNormalization", params=32),
            conv(f"{body}/two", f"{body}/norm"),
        ]
        way = begin
        if number % 2:
            way = f"shortcut{number}"
            layers.append(conv(way, begin))
        layers.append(conv(f"add{number}", f"{body}/two", way, kind="Add", params=0))
    pool = LayerInfo("pool", "GlobalAveragePooling2D", (8,), 0, sources=(layers[-1].name,))
    return (*layers, pool, LayerInfo("digit", "Dense", (10,), 90, sources=("pool",)))


def info_of(path: Path, layers: tuple[LayerInfo, ...]) -> ModelInfo:
    """A model of these layers, whose last one is its output."""
    params = sum(layer.params for layer in layers)
    inputs, outputs = (ModelInput("image", (28, 28, 1)),), (layers[-1].name,)
    return ModelInfo(
        "residual", path, (28, 28, 1), layers, params, CLASSES, "scale", False, "mnist", inputs, outputs
    )  # fmt: skip


class BranchingModel(FakeModel):
    """``residual`` in place of the stack."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.info = info_of(path, residual())


class TwinModel(FakeModel):
    """Two images, and a table beside them, go in; a digit and its parity come out. ``seen``: what was looked at."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        layers = (
            replace(conv("left_conv", ""), takes=(0,)), replace(conv("right_conv", ""), takes=(2,)),
            conv("both", "left_conv", "right_conv", kind="Concatenate"),
            LayerInfo("pool", "GlobalMaxPooling2D", (8,), 0, sources=("both",)),
            LayerInfo("digit", "Dense", (10,), 90, sources=("pool",)),
            LayerInfo("parity", "Dense", (2,), 18, sources=("pool",)),
        )  # fmt: skip
        inputs = (ModelInput("left", (28, 28, 1)), ModelInput("table", (5,)), ModelInput("right", (28, 28, 1)))
        self.info = replace(info_of(path, layers), name="twin", inputs=inputs, outputs=("digit", "parity"))
        self.seen: list[dict[int, int]] = []

    def forward_all(self, images: Mapping[int, Image]) -> ForwardPass:
        """The digit is the corner of the left image, the parity that of the right one."""
        corners = {number: int(image[0, 0, 0]) for number, image in images.items()}
        self.seen.append(corners)
        zeros = np.zeros((28, 28, 1), np.float32)
        left, right = (np.asarray(images.get(number, zeros), np.float32) for number in (0, 2))
        found = self.forward(left)
        outputs = dict(found.activations)
        outputs["digit"] = np.eye(10, dtype=np.float32)[corners.get(0, 0) % 10]
        outputs["parity"] = np.eye(2, dtype=np.float32)[corners.get(2, 0) % 2]
        return ForwardPass((left / 255, np.zeros(5, np.float32), right / 255), outputs, outputs["digit"])


class WeighedModel(FakeModel):
    """Weights of every kind that the view tells apart, by the name of the layer."""

    def weights(self, layer: str) -> tuple[LayerWeight, ...]:
        rng = np.random.default_rng(len(layer))

        def normal(*shape: int) -> NDArray[np.float32]:
            return rng.normal(0, 0.2, shape).astype(np.float32)

        if layer == "Conv2D_1":
            return LayerWeight("kernel", normal(3, 3, 3, 32)), LayerWeight("bias", normal(32))
        if layer == "Max_Pool_1":
            names = ("gamma", "beta", "moving_mean", "moving_variance")
            return tuple(LayerWeight(name, normal(32), not name.startswith("moving")) for name in names)
        return super().weights(layer)
