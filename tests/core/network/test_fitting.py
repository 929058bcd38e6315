"""A network for other images: what changes, what stays, and that the result fits."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.network.architecture import (
    Activation,
    Architecture,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from cnn_explorer.core.network.fitting import fitted
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, Preset
from tests.core.network.strategies import stacks

CONV = Conv2D(name="conv", filters=4, kernel_size=(3, 3))


def network(*layers: msgspec.Struct) -> Architecture:
    return Architecture(name="n", input_shape=(28, 28, 1), layers=layers)  # type: ignore[arg-type]  # layers they are


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_every_preset_fits_large_colour_images_of_many_classes(preset: Preset) -> None:
    before = preset.architecture
    if infer(before).output_shape is None or len(infer(before).output_shape or ()) != 1:
        pytest.skip("This preset gives no vector.")
    result = infer(fitted(before, (96, 100, 3), 60))
    assert result.problems == ()
    assert result.output_shape == (60,)


def test_that_only_the_input_and_the_last_dense_layer_change() -> None:
    layers = (
        CONV,
        Flatten(name="flat"),
        Dense(name="hidden", units=70, activation="relu"),
        Dense(name="out", units=10),
    )
    result = fitted(network(*layers), (32, 32, 3), 26)
    assert result.input_shape == (32, 32, 3)
    assert result.layers[:3] == layers[:3]
    assert result.layers[3] == Dense(name="out", units=26)
    assert result.name == "n"


def test_that_layers_behind_the_last_dense_one_do_not_hide_it() -> None:
    end = (Dropout(name="drop", rate=0.5), Activation(name="soft", activation="softmax"))
    result = fitted(network(Flatten(name="flat"), Dense(name="out", units=10), *end), (8, 8, 1), 3)
    assert result.layers[1] == Dense(name="out", units=3)
    assert result.layers[2:] == end


def test_that_a_network_without_dense_layers_gets_another_last_convolution() -> None:
    result = fitted(network(CONV, GlobalAveragePooling2D(name="mean")), (32, 32, 3), 7)
    assert infer(result).output_shape == (7,)
    assert result.layers[0] == msgspec.structs.replace(CONV, filters=7)


def test_that_a_transposed_convolution_may_be_the_last_one_and_needs_no_padding() -> None:
    spread = Conv2DTranspose(name="spread", filters=4, kernel_size=(2, 2), strides=(2, 2))
    end = (spread, GlobalAveragePooling2D(name="mean"))
    result = fitted(network(CONV, *end), (2, 2, 1), 7)
    assert infer(result).output_shape == (7,)
    assert result.layers[0] == msgspec.structs.replace(CONV, padding="same")
    assert result.layers[1] == msgspec.structs.replace(spread, filters=7)


@pytest.mark.parametrize("layers", [(), (CONV,), (CONV, MaxPooling2D(name="pool")), (CONV, Flatten(name="flat"))])
def test_that_a_network_without_an_output_for_each_class_keeps_its_layers(layers: tuple[msgspec.Struct, ...]) -> None:
    assert fitted(network(*layers), (32, 32, 3), 7).layers == layers


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_every_preset_can_be_trained_on_very_small_images(preset: Preset) -> None:
    """Digits of 8×8, for instant lessons, are smaller than what the windows of most networks need."""
    before = preset.architecture
    if len(infer(before).output_shape or ()) != 1:
        pytest.skip("This preset gives no vector.")
    result = infer(fitted(before, (8, 8, 1), 10))
    assert result.problems == ()
    assert result.output_shape == (10,)


def test_that_all_windows_get_padding_where_one_does_not_fit_and_none_where_all_fit() -> None:
    pool, end = MaxPooling2D(name="pool"), (Flatten(name="flat"), Dense(name="out", units=10))
    second = msgspec.structs.replace(CONV, name="second")
    net = network(CONV, pool, second, *end)
    assert fitted(net, (8, 8, 1), 10).layers == net.layers
    smaller = fitted(net, (4, 4, 1), 10).layers  # 4 - 2 = 2, halved: 1; a window of 3 does not fit
    assert [getattr(layer, "padding", None) for layer in smaller] == ["same", "same", "same", None, None]
    assert smaller[3:] == net.layers[3:]


def test_that_a_problem_that_padding_does_not_mend_leaves_the_windows_alone() -> None:
    net = network(Flatten(name="flat"), CONV, Dense(name="out", units=10))
    assert infer(fitted(net, (4, 4, 1), 10)).problems
    assert fitted(net, (4, 4, 1), 10).layers == net.layers


@given(stacks(), st.integers(0, 20), st.integers(0, 20), st.integers(1, 4), st.integers(1, 30))
def test_that_any_stack_fits_images_that_are_at_least_as_large(
    stack: tuple[Architecture, Architecture | None], rows: int, columns: int, channels: int, classes: int
) -> None:
    before = stack[0]
    shape = (before.input_shape[0] + rows, before.input_shape[1] + columns, channels)
    after = fitted(before, shape, classes)
    assert after.input_shape == shape
    assert [layer.name for layer in after.layers] == [layer.name for layer in before.layers]
    changed = [pair for pair in zip(before.layers, after.layers, strict=True) if pair[0] != pair[1]]
    assert len(changed) <= 1
    inference = infer(after)
    assert inference.problems == ()
    if before.layers and isinstance(before.layers[-1], Dense):
        assert (inference.output_shape or ())[-1] == classes


@given(stacks())
def test_that_fitting_to_what_fits_already_changes_nothing(stack: tuple[Architecture, Architecture | None]) -> None:
    has_maps = len(infer(stack[0]).output_shape or ()) == 3
    end = (*((Flatten(name="flat"),) if has_maps else ()), Dense(name="end", units=7))
    before = msgspec.structs.replace(stack[0], layers=(*stack[0].layers, *end))
    assert fitted(before, before.input_shape, 7) == before
