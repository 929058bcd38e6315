"""Weights as pictures and figures, against numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cnn_explorer.core.model.info import LayerInfo, LayerWeight, ModelInfo
from cnn_explorer.core.model.weight_pictures import (
    color_rows,
    digest,
    figures_of,
    histogram,
    kernels_of,
    maps_before,
    numbers,
    picture,
    reduced,
    ways,
)


def _weight(*shape: int, name: str = "kernel") -> LayerWeight:
    """A ramp 0, 1, 2, …"""
    return LayerWeight(name, np.arange(np.prod(shape), dtype=np.float32).reshape(shape))


def test_that_a_convolution_shows_the_part_of_its_kernels_for_one_input_map() -> None:
    weight = _weight(2, 2, 4, 3)
    assert ways(weight, "Conv2D") == ("input", "mean", "strength")
    assert numbers(weight, "Conv2D", "input") == 4
    shown = picture(weight, "Conv2D", "input", 2)
    assert_array_equal(shown.values[..., 1], weight.values[:, :, 2, 1])
    assert shown.signed


def test_that_the_mean_and_the_strength_are_over_all_input_maps() -> None:
    kernels = np.zeros((1, 2, 2, 1), np.float32)
    kernels[0, :, 0, 0], kernels[0, :, 1, 0] = (3.0, -1.0), (-4.0, 1.0)
    weight = LayerWeight("kernel", kernels)
    assert_array_equal(picture(weight, "Conv2D", "mean").values[0, :, 0], [-0.5, 0.0])
    strength = picture(weight, "Conv2D", "strength")
    assert_allclose(strength.values[0, :, 0], [5.0, np.sqrt(2.0)])
    assert not strength.signed


def test_that_kernels_over_three_maps_can_be_seen_in_colours_first() -> None:
    weight = _weight(3, 3, 3, 8)
    assert ways(weight, "Conv2D")[0] == "colors"
    assert_array_equal(picture(weight, "Conv2D", "colors").values, weight.values)


def test_that_colours_have_grey_for_zero_and_one_scale_for_all() -> None:
    kernels = np.zeros((1, 1, 3, 2), np.float32)
    kernels[0, 0, :, 0] = 2.0, -2.0, 0.0
    kernels[0, 0, 0, 1] = 1.0
    rows = color_rows(kernels)
    assert rows[0, 0, :, 0].tolist() == [255, 0, 128]
    assert rows[0, 0, :, 1].tolist() == [191, 128, 128]
    assert color_rows(np.zeros((1, 1, 3, 1), np.float32)).tolist() == [[[[128], [128], [128]]]]


def test_that_depthwise_kernels_are_one_for_each_input_map_and_multiplier() -> None:
    weight = _weight(3, 3, 4, 2, name="depthwise_kernel")
    assert ways(weight, "SeparableConv2D") == ("input",)
    assert numbers(weight, "SeparableConv2D", "input") == 0, "there is nothing to choose"
    shown = picture(weight, "SeparableConv2D", "input").values
    assert shown.shape == (3, 3, 8)
    assert_array_equal(shown[..., 5], weight.values[:, :, 2, 1])
    assert_array_equal(picture(_weight(3, 3, 4, 2), "DepthwiseConv2D", "input").values, shown)


def test_that_a_transposed_convolution_keeps_its_axes_the_other_way_round() -> None:
    weight = _weight(2, 2, 5, 4)  # five output maps
    kernels = kernels_of(weight, "Conv2DTranspose")
    assert kernels is not None
    assert kernels.shape == (2, 2, 4, 5)
    assert_array_equal(kernels[1, 0, 3, 2], weight.values[1, 0, 2, 3])


def test_that_kernels_over_sequences_and_volumes_are_laid_out_flat() -> None:
    assert picture(_weight(5, 3, 2), "Conv1D", "input").values.shape == (5, 3, 2)
    volume = _weight(2, 3, 4, 1, 6)
    shown = picture(volume, "Conv3D", "input").values
    assert shown.shape == (6, 4, 6)
    assert_array_equal(shown[3:, :, 2], volume.values[1, :, :, 0, 2])
    assert picture(_weight(5, 3, 1), "DepthwiseConv1D", "input").values.shape == (5, 1, 3)


def test_that_kernels_of_one_node_are_a_matrix() -> None:
    weight = _weight(1, 1, 6, 4)
    assert ways(weight, "Conv2D") == ("matrix",)
    assert_array_equal(picture(weight, "Conv2D", "matrix").values[..., 0], weight.values[0, 0])


def test_that_vectors_are_values_and_other_arrays_matrices() -> None:
    assert ways(_weight(7, name="bias"), "Conv2D") == ("values",)
    assert ways(_weight(name="count"), "Normalization") == ("values",)
    assert ways(_weight(4, 2, 3, name="kernel"), "MultiHeadAttention") == ("matrix",)
    assert picture(_weight(4, 2, 3), "MultiHeadAttention", "matrix").values.shape == (8, 3, 1)


def test_that_a_large_matrix_keeps_the_strongest_weight_of_each_block() -> None:
    matrix = np.zeros((5, 4), np.float32)
    matrix[0, 1], matrix[1, 0] = 2.0, -3.0  # one block
    matrix[4, 3] = 0.5  # alone at the ragged end
    shown, block = reduced(matrix, most=3)
    assert block == (2, 2)
    assert_array_equal(shown, [[-3.0, 0.0], [0.0, 0.0], [0.0, 0.5]])
    whole, block = reduced(matrix, most=5)
    assert block == (1, 1)
    assert_array_equal(whole, matrix)


def _model(*layers: LayerInfo) -> ModelInfo:
    return ModelInfo("m", Path("m.h5"), (4, 4, 2), layers, 0, (), "scale", False)


def _flat(config: tuple[tuple[str, str], ...] = (), units: int = 12) -> ModelInfo:
    return _model(
        LayerInfo("conv", "Conv2D", (2, 2, 3), 9, sources=("",), config=config),
        LayerInfo("flat", "Flatten", (units,), 0, sources=("conv",)),
        LayerInfo("dense", "Dense", (5,), 65, sources=("flat",)),
    )


def test_that_the_weights_of_a_unit_behind_flatten_are_maps_again() -> None:
    info = _flat()
    shape = maps_before(info, info.layers[2])
    assert shape == (2, 2, 3)
    weight = _weight(12, 5)
    assert ways(weight, "Dense", shape) == ("matrix", "unit")
    assert numbers(weight, "Dense", "unit") == 5
    shown = picture(weight, "Dense", "unit", 4, shape).values
    # Keras flattens (rows, columns, maps) in this order.
    assert shown[1, 0, 2] == weight.values[1 * 6 + 0 * 3 + 2, 4]


def test_that_no_maps_are_promised_where_their_order_is_not_known() -> None:
    first = _flat((("data_format", "channels_first"),))
    assert maps_before(first, first.layers[2]) is None
    info = _flat()
    assert maps_before(info, info.layers[0]) is None
    other = _flat(units=11)
    assert maps_before(other, other.layers[2]) is None


def test_that_figures_leave_out_what_is_no_number_and_count_it() -> None:
    figures = figures_of(np.array([[0.0, 2.0, 4.0], [np.nan, np.inf, 0.0]], np.float32))
    assert (figures.count, figures.not_finite) == (6, 2)
    assert (figures.low, figures.mean, figures.high) == (0.0, 1.5, 4.0)
    assert figures.deviation == pytest.approx(np.std([0.0, 2.0, 4.0, 0.0]))
    assert figures.zeros == pytest.approx(2 / 6)
    nothing = figures_of(np.full(3, np.nan, np.float32))
    assert (nothing.low, nothing.high, nothing.not_finite) == (0.0, 0.0, 3)


def test_that_a_histogram_counts_every_finite_value_once() -> None:
    values = np.array([-1.0, -0.99, 0.0, 0.49, 0.51, 1.0, np.nan], np.float32)
    found = histogram(values, -1.0, 1.0, bins=4)
    assert found.counts == (2, 0, 2, 2)
    assert found.edges(1) == (-0.5, 0.0)
    assert histogram(np.full(5, 3.0, np.float32), 3.0, 3.0).counts == (5,)


def test_that_an_array_without_numbers_has_no_histogram() -> None:
    assert digest(LayerWeight("kernel", np.full((2, 2), np.nan, np.float32))).histogram is None
    found = digest(_weight(4)).histogram
    assert found is not None
    assert (found.low, found.high, sum(found.counts)) == (0.0, 3.0, 4)


def test_that_blocks_make_no_difference() -> None:
    values = np.random.default_rng(0).normal(size=2_500_000).astype(np.float32)
    figures = figures_of(values)
    assert figures.mean == pytest.approx(values.mean(dtype=np.float64), abs=1e-9)
    assert figures.deviation == pytest.approx(values.std(dtype=np.float64))
    low, high = figures.low, figures.high
    counts = np.array(histogram(values, low, high).counts)
    assert counts.sum() == values.size
    # A value on an edge may fall to either side.
    assert np.abs(counts - np.histogram(values, 48, (low, high))[0]).max() <= 2
