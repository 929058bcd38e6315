from __future__ import annotations

import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import L1L2, Architecture, Dense
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, Preset, preset

PARAMETERS = {
    "mnist-simple": 96_844,
    "mnist-regularized": 208_982,
    "mnist-functional": 104_202,
    "mnist-no-pooling": 712_202,
    "mnist-mlp": 57_390,
    "fruits-18": 10_865_724,
    "lenet-5": 61_706,
    "small-vgg": 550_570,
    "tiny-vgg": 19_920,
}


def test_that_presets_have_the_published_numbers_of_parameters() -> None:
    assert {each.name: infer(each.architecture).total_params for each in PRESETS} == PARAMETERS


@pytest.mark.parametrize("each", PRESETS, ids=lambda each: each.name)
def test_that_a_preset_is_told_in_words_and_has_no_problem(each: Preset) -> None:
    assert each.title
    assert each.description.endswith(".")
    assert each.source
    assert each.architecture.name == each.name
    assert infer(each.architecture).problems == ()
    assert Architecture.from_json(each.architecture.to_json()) == each.architecture


def test_that_layers_bear_the_articles_names() -> None:
    names = [layer.name for layer in preset("mnist-regularized").architecture.layers]
    assert names == ["Conv2D_1", "Max_Pool_1", "Conv2D_2", "Max_Pool_2", "Conv2D_3", "Flatten_1", "Dense_1", "Dense_2"]


def test_that_only_mnist_regularized_penalizes_its_dense_weights() -> None:
    penalties = {
        each.name: {getattr(layer, "kernel_regularizer", L1L2()) for layer in each.architecture.layers} - {L1L2()}
        for each in PRESETS
    }
    assert penalties.pop("mnist-regularized") == {L1L2(l2=0.001)}
    assert not any(penalties.values())
    dense = [layer for layer in preset("mnist-regularized").architecture.layers if isinstance(layer, Dense)]
    assert all(layer.kernel_regularizer == L1L2(l2=0.001) for layer in dense)


def test_that_fruits_18_has_18_layers() -> None:
    assert len(preset("fruits-18").architecture.layers) == 18


def test_that_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(ExplorerError) as caught:
        preset("mnist")
    assert caught.value.message == 'There is no preset "mnist".'
    assert caught.value.hint == "The presets are " + ", ".join(PARAMETERS) + "."
