"""Models and layers in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.text.layers import layer_facts, layer_size, origin, too_many_axes
from tests.ui.fakes import FakeModel


def test_that_layers_are_described_in_words() -> None:
    assert layer_size(LayerInfo("c", "Conv2D", (26, 26, 32), 320)) == "32 maps of 26×26"
    assert layer_size(LayerInfo("c", "Conv2D", (26, 26, 1), 10)) == "1 map of 26×26"
    assert layer_size(LayerInfo("r", "Reshape", (8, 4), 0)) == "1 map of 8×4"
    assert layer_size(LayerInfo("f", "Flatten", (61_952,), 0)) == "61,952 values"
    facts = layer_facts(LayerInfo("c", "Conv2D", (11, 11, 64), 18_496, (8, 8), (2, 2)))
    assert facts == "c: Conv2D, output 11×11×64, 18,496 parameters; one node sees 8×8 pixels of the image"


def test_that_a_model_is_said_to_come_from_its_folder() -> None:
    info = FakeModel(Path("runs/1-mnist-simple/model.h5")).info
    assert origin(info) == "1-mnist-simple/model.h5"
    assert origin(replace(info, path=Path("model.keras"))) == "model.keras"


def test_that_an_output_with_more_axes_than_maps_have_is_not_painted_but_can_be_saved() -> None:
    why = too_many_axes((4, 26, 26, 32))
    assert why.startswith("The output of this layer has 4 axes, 4×26×26×32, and cannot be shown as maps.")
    assert why.endswith("(NPZ).")
