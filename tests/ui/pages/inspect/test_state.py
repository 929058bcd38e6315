"""What the Inspect page derives from model and data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.ui.pages.inspect.state import chosen_layer, file_name, why_no_forward
from tests.ui.fakes import FakeModel, digits

INFO = FakeModel(Path("runs/1-mnist-simple/model.h5")).info


def test_that_the_first_convolution_is_shown_first() -> None:
    pool_first = replace(INFO, layers=(INFO.layers[1], INFO.layers[0], *INFO.layers[2:]))
    assert chosen_layer(pool_first, "") == "Conv2D_1"


def test_that_a_layer_of_the_same_name_stays_chosen() -> None:
    assert chosen_layer(INFO, "Dense_1") == "Dense_1"
    assert chosen_layer(INFO, "gone") == "Conv2D_1"


def test_that_a_network_without_convolutions_shows_its_first_maps_and_then_its_first_layer() -> None:
    maps = (LayerInfo("in", "InputLayer", (28, 28, 1), 0), LayerInfo("pool", "MaxPooling2D", (14, 14, 1), 0))
    dense = (LayerInfo("flat", "Flatten", (784,), 0), LayerInfo("out", "Dense", (10,), 7850))
    assert chosen_layer(replace(INFO, layers=(*maps, *dense)), "") == "pool"
    assert chosen_layer(replace(INFO, layers=dense), "") == "flat"
    assert chosen_layer(replace(INFO, layers=()), "") == ""


def test_that_a_data_set_of_another_shape_is_named_with_both_shapes() -> None:
    assert why_no_forward(INFO, digits()) == ""
    assert why_no_forward(INFO, None) == "The data set is still loading."
    fruits = replace(INFO, input_shape=(100, 100, 3))
    assert why_no_forward(fruits, digits()) == "This model takes images of 100×100×3; those of MNIST are 28×28×1."


def test_that_an_empty_data_set_is_said_to_be_empty() -> None:
    assert why_no_forward(INFO, digits(train=0, test=0)) == "The data set MNIST has no images."


def test_that_a_proposed_file_name_has_no_character_that_a_file_system_refuses() -> None:
    assert file_name(INFO, "Conv2D_1", "test-42", ".png") == "mnist-simple_Conv2D_1_test-42.png"
    odd = replace(INFO, name="a/b: c")
    assert file_name(odd, "block/conv", "own image", ".npz") == "a-b--c_block-conv_own-image.npz"
