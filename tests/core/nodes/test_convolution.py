"""Convolution and pooling by hand against figures of the articles and against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from cnn_explorer.core.nodes.activation_functions import FUNCTIONS
from cnn_explorer.core.nodes.convolution import (
    convolve_depthwise_node,
    convolve_node,
    convolve_separable_node,
    output_size,
    pool_node,
    pool_whole_map,
)
from cnn_explorer.core.nodes.rules import dense_node, merge_node, normalize_node
from cnn_explorer.core.nodes.steps import Input, Source, Step, strongest_source

TOY = np.arange(1.0, 10).reshape(3, 3, 1)
ONES = np.ones((2, 2, 1, 1))


@pytest.mark.parametrize("factor", [1, 10, -1])
@pytest.mark.parametrize(
    ("padding", "expected"),
    [("valid", [[12, 16], [24, 28]]), ("same", [[12, 16, 9], [24, 28, 15], [15, 17, 9]])],
)
def test_that_the_toy_image_gives_the_article_s_numbers(padding: str, expected: list[list[int]], factor: int) -> None:
    side = output_size(3, 2, 1, 1, padding)
    values = [
        [convolve_node(TOY, factor * ONES, None, (row, column, 0), padding=padding).value for column in range(side)]
        for row in range(side)
    ]
    assert values == (factor * np.array(expected)).tolist()


def test_that_max_pooling_gives_the_article_s_numbers() -> None:
    maps = np.array([[4.0, 3], [2, 1]])[..., None]
    same = [
        [pool_node(maps, (r, c, 0), "max", (2, 2), strides=(1, 1), padding="same").value for c in (0, 1)]
        for r in (0, 1)
    ]
    assert pool_node(maps, (0, 0, 0), "max", (2, 2), strides=(1, 1)).value == 4
    assert same == [[4, 3], [2, 1]]


@pytest.mark.parametrize(
    ("nodes", "size", "stride", "places"), [(9, 3, 2, 4), (32, 5, 1, 28), (28, 3, 1, 26), (2, 3, 1, 0)]
)
def test_output_sizes_of_the_articles(nodes: int, size: int, stride: int, places: int) -> None:
    assert output_size(nodes, size, stride, 1, "valid") == places


def test_that_every_part_of_a_convolution_is_told() -> None:
    rng = np.random.default_rng(0)
    maps, kernel, bias = rng.normal(0, 1, (5, 5, 2)), rng.normal(0, 1, (3, 3, 2, 4)), rng.normal(0, 1, 4)
    work = convolve_node(maps, kernel, bias, (0, 4, 3), padding="same", function=FUNCTIONS["tanh"])
    assert (work.window.rows, work.window.columns) == ((-1, 0, 1), (3, 4, 5))
    assert work.window.real.tolist() == [[False] * 3, [True, True, False], [True, True, False]]
    total = sum(maps[r, c, m] * kernel[r + 1, c - 3, m, 3] for r in (0, 1) for c in (3, 4) for m in (0, 1))
    assert work.partial.sum() == pytest.approx(total)
    assert (work.bias, work.activated.before) == (bias[3], pytest.approx(total + bias[3]))
    assert work.value == pytest.approx(np.tanh(total + bias[3]))


def test_that_softmax_is_told_with_the_sums_of_all_filters() -> None:
    rng = np.random.default_rng(1)
    maps, kernel = rng.normal(0, 1, (3, 3, 2)), rng.normal(0, 1, (3, 3, 2, 4))
    work = convolve_node(maps, kernel, None, (0, 0, 2), function=FUNCTIONS["softmax"])
    sums = np.einsum("hwc,hwcf->f", maps, kernel)
    assert work.activated.together is not None
    np.testing.assert_allclose(work.activated.together, sums)
    assert work.value == pytest.approx(np.exp(sums[2]) / np.exp(sums).sum())


def test_that_depthwise_and_separable_keep_maps_apart_first() -> None:
    rng = np.random.default_rng(2)
    maps, kernel, points = rng.normal(0, 1, (2, 2, 3)), rng.normal(0, 1, (2, 2, 3, 2)), rng.normal(0, 1, (1, 1, 6, 5))
    work = convolve_depthwise_node(maps, kernel, None, (0, 0, 3))
    assert work.maps == (1,)
    assert work.value == pytest.approx((maps[:, :, 1] * kernel[:, :, 1, 1]).sum())
    between = [(maps[:, :, number // 2] * kernel[:, :, number // 2, number % 2]).sum() for number in range(6)]
    separable = convolve_separable_node(maps, kernel, points, None, (0, 0, 4))
    np.testing.assert_allclose(separable.between, between)
    assert separable.value == pytest.approx(np.dot(between, points[0, 0, :, 4]))


def test_that_padding_does_not_count_in_a_mean() -> None:
    work = pool_node(TOY, (1, 1, 0), "average", (2, 2), padding="same")
    assert (work.value, work.count) == (9, 1)
    assert pool_whole_map(TOY, 0, "average").value == 5
    assert pool_whole_map(TOY, 0, "max").winner == (2, 2)
    negative = pool_node(-TOY, (1, 1, 0), "max", (2, 2), padding="same")
    assert (negative.value, negative.winner) == (-9, (0, 0))


def test_that_the_four_numbers_of_a_normalization_make_its_value() -> None:
    work = normalize_node(7.0, 3.0, 3.0, 1.0, gamma=5.0, beta=-1.0)
    assert (work.deviation, work.standardized, work.value) == (2, 2, 9)


def test_that_the_contributions_of_a_dense_unit_are_sorted_by_size() -> None:
    work = dense_node(np.array([1.0, -3.0, 2.0]), np.array([[1.0], [2.0], [0.5]]), np.array([0.5]), 0)
    assert work.order.tolist() == [1, 0, 2]
    assert work.value == 1 - 6 + 1 + 0.5
    step = Step("dense", "Dense", (0,), work.value, (Input("flat", (3,)),), work)
    assert strongest_source(step) == Source("flat", (1,))


def test_that_an_input_of_one_node_is_spread_over_a_map() -> None:
    work = merge_node("multiply", [TOY, np.full((1, 1, 1), 2.0)], (2, 1, 0))
    assert (work.value, work.sources) == (16, ((2, 1, 0), (0, 0, 0)))
    with pytest.raises(ValueError, match="no such merge"):
        merge_node("divide", [TOY, TOY], (0, 0, 0))
