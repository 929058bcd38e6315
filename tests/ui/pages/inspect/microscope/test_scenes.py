"""What the microscope says of a node, for each kind of work, against arithmetic done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cnn_explorer.core.nodes import convolution
from cnn_explorer.core.nodes import rules as node_rules
from cnn_explorer.core.nodes.activation_functions import FUNCTIONS
from cnn_explorer.core.nodes.steps import Carried, Input, Merge, Node, Source, Step, Unexplained, Window, Work
from cnn_explorer.text.nodes import agreement, crumb, map_words, number, receptive_field_text, span_words
from cnn_explorer.ui.pages.inspect.microscope.scene import Scene
from cnn_explorer.ui.pages.inspect.microscope.scenes import pixel_scene, scene
from cnn_explorer.ui.pages.inspect.microscope.walk import Walk, neighbour, within

MAPS = np.arange(18, dtype=float).reshape(3, 3, 2)
"""Map 0 is 0, 2, 4 …, map 1 is 1, 3, 5 …, row by row."""


def seen(work: Work, node: Node = (0, 0, 0), *inputs: Input) -> Scene:
    return scene(Step("this", "Layer", node, work.value, inputs or (Input("before", MAPS.shape),), work))


def test_that_a_convolution_is_written_out() -> None:
    kernel = np.zeros((2, 2, 2, 1))
    kernel[..., 0, 0] = [[1, 0], [0, 2]]  # node (0, 0): 1·0 + 2·8 = 16
    kernel[..., 1, 0] = -1  # −(1 + 3 + 7 + 9) = −20
    shown = seen(convolution.convolve_node(MAPS, kernel, np.array([0.5]), (0, 0, 0), function=FUNCTIONS["relu"]))
    assert shown.written() == (
        "Σ of 2 maps −4.0000 + bias 0.5000 = sum −3.5000 → relu: x if x > 0, else 0 = output 0.0000",
    )
    assert shown.terms is not None
    assert shown.terms.values.tolist() == [16, -20]
    assert shown.chosen == 1
    assert shown.terms.order("size").tolist() == [1, 0]
    assert shown.terms.order("number").tolist() == [0, 1]
    assert shown.terms.name(1) == "map 1"
    assert shown.terms.note == "above 0: 16.0000 · below 0: −20.0000"
    assert shown.equation is not None
    equation = shown.equation(0)
    assert [plate.caption for plate in equation.plates] == ["map 0 of before", "kernel", "products"]
    assert equation.where == "rows 0–1, columns 0–1"
    assert equation.tail == "sum 16.0000"
    assert equation.cell_words(1, 1) == "row 1, column 1: 8.0000 × 2.0000 = 16.0000"
    assert equation.source(1, 1) == Source("before", (1, 1, 0))
    # The scales are those of all maps, so that one sees which map matters.
    assert [plate.limit for plate in equation.plates] == [0.0, 2.0, 16.0]


def test_that_padding_is_told_from_zeros() -> None:
    work = convolution.convolve_node(MAPS, np.ones((3, 3, 2, 1)), None, (0, 0, 0), padding="same")
    shown = seen(work)
    assert shown.equation is not None
    equation = shown.equation(0)
    assert equation.has_padding
    assert equation.cell_words(0, 0) == "padding: 0.0000 × 1.0000 = 0.0000"
    assert equation.source(0, 0) is None
    assert equation.cell_words(1, 1) == "row 0, column 0: 0.0000 × 1.0000 = 0.0000"
    assert equation.where == "rows 0–1, columns 0–1"
    assert shown.written() == ("Σ of 2 maps 36.0000 + bias 0.0000 = output 36.0000",)


def test_that_one_input_map_needs_no_list() -> None:
    work = convolution.convolve_node(MAPS[..., :1], np.ones((2, 2, 1, 1)), None, (0, 0, 0))
    shown = seen(work, (0, 0, 0), Input("", (3, 3, 1)))
    assert shown.terms is None
    assert shown.written() == ("Σ products 16.0000 + bias 0.0000 = output 16.0000",)
    assert shown.equation is not None
    assert shown.equation(0).plates[0].caption == "the image"


def test_that_a_separable_convolution_is_shown_in_two_stages() -> None:
    depthwise = np.ones((2, 2, 2, 2))
    depthwise[..., 1] = 2
    pointwise = np.array([1.0, 0.5, -1.0, 0.25]).reshape(1, 1, 4, 1)
    shown = seen(convolution.convolve_separable_node(MAPS, depthwise, pointwise, None, (0, 0, 0)))
    assert shown.terms is not None
    # Sums 16 and 32 of map 0, 20 and 40 of map 1.
    assert shown.terms.values.tolist() == [16, 16, -20, 10]
    assert shown.terms.name(3) == "map 1, kernel 1"
    assert shown.terms.detail(3) == "40.0000 × 0.2500"
    assert shown.equation is not None
    assert shown.equation(3).tail == "sum 40.0000 × weight 0.2500 = 10.0000"
    assert shown.equation(3).source(0, 1) == Source("before", (0, 1, 1))
    assert shown.written() == ("Σ of 4 sums × weights 22.0000 + bias 0.0000 = output 22.0000",)


def test_that_the_winner_of_a_pooling_is_marked() -> None:
    shown = seen(convolution.pool_node(MAPS, (0, 0, 1), "max", (2, 2)), (0, 0, 1))
    assert shown.equation is not None
    assert shown.equation(0).best == (1, 1)
    assert shown.equation(0).tail == "the largest is at row 1, column 1"
    assert shown.written() == ("largest of 4 values 9.0000",)


def test_that_a_mean_counts_real_places_only() -> None:
    work = convolution.pool_node(MAPS, (1, 1, 0), "average", (2, 2), padding="same")
    shown = seen(work, (1, 1, 0))
    assert shown.written() == ("Σ of 1 value 16.0000 ÷ their number 1 = output 16.0000",)
    assert shown.remarks == ("Places on padding take no part.",)
    assert shown.equation is not None
    assert not shown.equation(0).padding_counts
    assert shown.equation(0).cell_words(1, 1) == "padding: takes no part"
    whole = seen(convolution.pool_whole_map(MAPS, 0, "average"), (0,))
    assert whole.written() == ("Σ of 9 values 72.0000 ÷ their number 9 = output 8.0000",)


def test_that_a_normalization_is_shown_step_by_step() -> None:
    shown = seen(node_rules.normalize_node(5, 1, 3, 1, gamma=0.5, beta=-2))
    assert shown.written() == (
        "√ ( variance 3.0000 + ε 1.0000 ) = deviation 2.0000",
        "( x 5.0000 − mean 1.0000 ) ÷ deviation 2.0000 = standardized 2.0000",
        "γ 0.5000 × standardized 2.0000 + β −2.0000 = output −1.0000",
    )
    assert seen(node_rules.normalize_node(5, 1, 4, 0)).written()[0] == "√ variance 4.0000 = deviation 2.0000"


def test_that_values_that_are_normalized_together_are_listed_and_added_up() -> None:
    sources = np.array([(1, 2, 0), (1, 2, 1), (1, 2, 2)])
    work = node_rules.normalize_together(np.array([1.0, 2, 6]), 2, 2 / 3, 0.5, -2, sources=sources)
    shown = seen(work, (1, 2, 2))
    assert shown.written() == (
        "Σ of 3 values 9.0000 ÷ their number 3 = mean 3.0000",
        "Σ of (value − mean)² 14.0000 ÷ their number 3 = variance 4.6667",
        "√ ( variance 4.6667 + ε 0.6667 ) = deviation 2.3094",
        "( x 6.0000 − mean 3.0000 ) ÷ deviation 2.3094 = standardized 1.2990",
        "γ 0.5000 × standardized 1.2990 + β −2.0000 = output −1.3505",
    )
    assert shown.terms is not None
    assert shown.terms.title == "3 values of before, normalized together"
    assert shown.terms.detail(0) == "1.0000 − mean = −2.0000"
    assert shown.terms.source(1) == Source("before", (1, 2, 1))
    assert shown.chosen == 2
    looked_at = shown.focus(0)
    assert looked_at is not None
    assert looked_at.place == Source("before", (1, 2, 0))
    assert "image" in shown.remarks[0]


def test_that_a_dense_sum_lists_its_products_and_sums_up_the_rest() -> None:
    inputs = np.arange(12, dtype=float)
    kernel = np.ones((12, 3))
    kernel[11] = -1
    work = node_rules.dense_node(inputs, kernel, np.array([0.0, 1.0, 0.0]), 1, function=FUNCTIONS["softmax"])
    shown = seen(work, (1,), Input("before", (12,)))
    assert shown.terms is not None
    assert shown.terms.title == "12 inputs of before × weights"
    assert shown.terms.order("size").tolist()[:3] == [11, 10, 9]
    assert shown.terms.detail(11) == "11.0000 × −1.0000"
    assert shown.terms.source(11) == Source("before", (11,))
    # 10 + 9 + … + 2 − 11 = 43; 1 and 0 are left.
    assert shown.terms.note == "the 10 largest 43.0000 · the other 2 together 1.0000"
    share = np.e / (np.e + 2)
    assert shown.written() == (
        f"Σ of 12 products 44.0000 + bias 1.0000 = sum 45.0000 → softmax: exp(x) / Σ exp of all = output {share:.4f}",
    )


def test_that_a_dense_sum_leads_to_the_nodes_of_the_last_maps() -> None:
    work = node_rules.dense_node(np.array([1.0, 2.0]), np.ones((2, 1)), None, 0)
    places = np.array([[0, 0, 1], [2, 1, 0]])
    work = type(work)(**{**vars(work), "origins": places, "origin_layer": "pool"})
    shown = seen(work, (0,), Input("flat", (2,)))
    assert shown.terms is not None
    assert shown.terms.name(1) == "map 0 (2, 1)"
    assert shown.terms.source(1) == Source("pool", (2, 1, 0))
    focus = shown.focus(1)
    assert focus is not None
    assert focus.place == Source("pool", (2, 1, 0))


def test_that_a_function_is_shown_with_its_formula() -> None:
    work = node_rules.pointwise_node((1, 1, 0), np.array([-2.0]), 0, FUNCTIONS["leaky_relu"])
    assert seen(work, (1, 1, 0)).written() == ("x −2.0000 → leaky_relu: x if x > 0, else 0.2 · x = output −0.4000",)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("add", "a 3.0000 + b −5.0000 = output −2.0000"),
        ("subtract", "a 3.0000 − b −5.0000 = output 8.0000"),
        ("multiply", "a 3.0000 × b −5.0000 = output −15.0000"),
        ("average", "a 3.0000 + b −5.0000 ÷ their number 2 = output −1.0000"),
        ("maximum", "a 3.0000 and b −5.0000 → the maximum 3.0000"),
        ("minimum", "a 3.0000 and b −5.0000 → the minimum −5.0000"),
    ],
)
def test_that_a_merge_is_written_out(kind: str, text: str) -> None:
    maps = [np.full((1, 1, 1), 3.0), np.full((1, 1, 1), -5.0)]
    shown = seen(node_rules.merge_node(kind, maps, (0, 0, 0)), (0, 0, 0), Input("a", (1, 1, 1)), Input("b", (1, 1, 1)))
    assert shown.written() == (text.replace("a 3.0000 + b −5.0000 ÷", "( a 3.0000 + b −5.0000 ) ÷"),)
    assert shown.terms is not None
    assert shown.terms.source(1) == Source("b", (0, 0, 0))
    assert shown.chosen == (0 if kind == "maximum" else 1)


def test_that_many_inputs_of_a_merge_stand_in_the_list_only() -> None:
    work = Merge("add", (1.0, 2.0, 3.0, 4.0, 5.0), ((0,),) * 5, 15.0)
    shown = seen(work, (0,), *(Input(name, (1,)) for name in "abcde"))
    assert shown.written() == ("sum of 5 values 15.0000",)
    assert shown.chosen == 4


def test_that_values_that_are_only_moved_are_said_to_be() -> None:
    shown = seen(Carried((1, 2, 1), 11.0), (4,))
    assert shown.written() == ("before (1, 2) map 1 11.0000 = output 11.0000",)
    assert shown.remarks == ("Layer changes no value: this one comes from before as it is.",)
    nowhere = seen(Carried(None, 0.0))
    assert nowhere.written() == ("padding 0.0000",)
    assert nowhere.focus(0) is None


def test_that_a_blend_shows_its_neighbours() -> None:
    shown = seen(node_rules.blended_node(MAPS, (1, 1, 0), (2, 2)), (1, 1, 0))
    assert shown.terms is not None
    # Nodes 0, 2, 6 and 8 with 9/16, 3/16, 3/16 and 1/16.
    assert shown.terms.values.tolist() == [0, 0.375, 1.125, 0.5]
    assert shown.terms.detail(2) == "6.0000 × 0.1875"
    assert shown.terms.source(2) == Source("before", (1, 0, 0))
    assert shown.written() == ("weighted mean 2.0000",)


def test_that_what_is_not_known_is_not_explained() -> None:
    shown = seen(Unexplained(3.5, "The arithmetic of Odd is not written out here.", (0, 1, 0)))
    assert shown.written() == ("what the layer gives 3.5000",)
    assert shown.remarks[1] == "By its gradient it depends most on before (0, 1) map 0."


def test_that_the_way_ends_at_the_pixel() -> None:
    place = Source("", (3, 4, 0))
    assert pixel_scene(place, 255, 2.5, "scale").written() == ("in the image 255 → as the network gets it 2.5000",)
    assert pixel_scene(place, None, 2.5, "scale").written() == ("= as the network gets it 2.5000",)


def test_that_places_are_said_in_words() -> None:
    assert crumb(Source("conv", (3, 4, 5))) == "conv (3, 4) map 5"
    assert crumb(Source("", (3, 4, 0))) == "image (3, 4)"
    assert crumb(Source("", (3, 4, 0), 1)) == "input 1 (3, 4)"
    assert crumb(Source("dense", (7,))) == "dense value 7"
    assert map_words(Input("", (4, 4, 3)), 2) == "channel 2 (blue) of the image"
    assert map_words(Input("", (4, 4, 2), 1), 0) == "channel 0 of input 1"
    assert number(-0.0) == "0.0000"
    window = Window((-1, 0), (None, 2), np.array([[False, False], [False, True]]))
    assert span_words(window) == "row 0, column 2"
    assert span_words(Window((-1,), (2,), np.zeros((1, 1), bool))) == "padding only"


def test_that_a_field_is_named_in_pixels() -> None:
    image = (28, 28, 1)
    assert receptive_field_text((3, 5, 11, 13), image) == "sees 8×8 pixels of the image: rows 3–10, columns 5–12"
    assert receptive_field_text((3, 5, 4, 6), image) == "sees 1×1 pixel of the image: row 3, column 5"
    assert receptive_field_text((0, 0, 28, 28), image) == "sees the whole image: 28×28 pixels"
    assert receptive_field_text(None, image) == "sees nothing of the image"


def test_that_a_difference_beyond_rounding_is_said() -> None:
    assert agreement(0.12345, 0.123451) == ("the layer says 0.1235 · by hand 0.1235", True)
    text, same = agreement(0.5, 0.25)
    assert text == "the layer says 0.5000 · by hand 0.2500 · they differ by 0.2500"
    assert not same
    assert agreement(100000.0, 100001.0)[1]


def test_that_a_walk_remembers_where_it_came_from() -> None:
    end, middle, pixel = Source("dense", (3,)), Source("conv", (1, 1, 0)), Source("", (2, 2, 0))
    walk = Walk((end,)).into(middle).into(pixel)
    assert (walk.here, walk.can_return) == (pixel, True)
    back = walk.forward().forward()
    assert (back.here, back.can_return, back.places) == (end, False, walk.places)
    assert back.into(middle).places == walk.places
    assert back.into(Source("conv", (0, 0, 0))).places == (end, Source("conv", (0, 0, 0)))
    aside = walk.forward().aside((1, 2, 0))
    assert aside.places == (end, Source("conv", (1, 2, 0)))
    assert walk.to(9).here == pixel


def test_that_steps_end_at_the_edges() -> None:
    shape = (3, 4, 5)
    assert neighbour(shape, (0, 0, 0), down=-1, across=-1, maps=-1) == (0, 0, 0)
    assert neighbour(shape, (2, 3, 4), down=1, across=1, maps=1) == (2, 3, 4)
    assert neighbour(shape, (1, 1, 1), down=1) == (2, 1, 1)
    assert neighbour((30,), (3,), across=1) == (4,)
    assert neighbour((30,), (3,), maps=1) == (13,)
    assert neighbour((30,), (25,), maps=1) == (29,)
    assert neighbour((6, 7), (3, 4), across=1) == (3, 5)
    assert within((3, 3, 2), (5, 1, 7)) == (2, 1, 1)
    assert within((10,), (5, 1, 7)) == (0,)
