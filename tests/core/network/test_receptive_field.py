"""Receptive fields and jumps, against the figures of the articles and by hand."""

from __future__ import annotations

from typing import Any

import pytest

from cnn_explorer.core.network import architecture as arch
from cnn_explorer.core.network.architecture import AnyLayer, Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.network.receptive_field import input_rectangle


def network(*layers: AnyLayer, side: int = 28) -> Architecture:
    return Architecture(input_shape=(side, side, 1), layers=layers)


def conv(size: int = 3, **options: Any) -> arch.Conv2D:
    return arch.Conv2D(name=options.pop("name", "c"), filters=1, kernel_size=(size, size), **options)


def pool(**options: Any) -> arch.MaxPooling2D:
    return arch.MaxPooling2D(name="p", **options)


def up(factor: int, interpolation: Any = "nearest") -> arch.UpSampling2D:
    return arch.UpSampling2D(name="u", size=(factor, factor), interpolation=interpolation)


def fields(architecture: Architecture) -> list[tuple[int, float] | None]:
    """Field and jump along the rows, layer by layer."""
    return [
        (facts.receptive_field[0], facts.jump[0]) if facts.receptive_field and facts.jump else None
        for facts in infer(architecture).layers
    ]


def test_that_mnist_simple_sees_what_the_articles_say() -> None:
    expected = [(3, 1), (4, 2), (8, 2), (10, 4), (18, 4), None, None, None]
    assert fields(preset("mnist-simple").architecture) == expected


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ((conv(), conv()), (5, 1)),
        ((conv(), conv(4)), (6, 1)),
        ((conv(strides=(2, 2)), conv(strides=(2, 2))), (7, 4)),
        ((conv(dilation_rate=(3, 3)),), (7, 1)),
        ((conv(padding="same"), pool(), conv(padding="same")), (8, 2)),
        ((arch.ZeroPadding2D(name="z"), conv()), (3, 1)),
        ((pool(), up(2)), (2, 1)),
        ((up(2), conv()), (2, 0.5)),
        ((up(2), conv(4)), (3, 0.5)),  # nodes with an odd index see 3 pixels, the others 2
        ((up(3), pool()), (2, 2 / 3)),
        ((pool(), up(2), conv(2)), (4, 1)),
        ((up(2, "bilinear"),), (2, 0.5)),
        ((arch.Dense(name="d", units=3), conv()), (3, 1)),  # on maps, Dense stays at its place
        ((conv(), arch.BatchNormalization(name="b"), arch.Activation(name="a", activation="relu")), (3, 1)),
    ],
)
def test_field_and_jump_of_the_last_layer(layers: tuple[AnyLayer, ...], expected: tuple[int, float]) -> None:
    assert fields(network(*layers))[-1] == expected


def test_that_rows_and_columns_are_told_apart() -> None:
    layer = arch.Conv2D(name="c", filters=1, kernel_size=(3, 5), strides=(1, 2))
    (facts,) = infer(network(layer)).layers
    assert (facts.receptive_field, facts.jump) == ((3, 5), (1.0, 2.0))


@pytest.mark.parametrize(("axis", "kept"), [(-1, True), (3, True), (1, False), (2, False)])
def test_that_normalization_keeps_the_place_only_along_the_maps(axis: Any, kept: bool) -> None:
    found = fields(network(conv(), arch.LayerNormalization(name="n", axis=axis), conv(name="d")))
    assert found == ([(3, 1), (3, 1), (5, 1)] if kept else [(3, 1), None, None])


@pytest.mark.parametrize("last", [arch.Flatten(name="l"), arch.GlobalAveragePooling2D(name="l")])
def test_that_a_vector_has_no_place_on_the_image(last: AnyLayer) -> None:
    architecture = network(conv(), last, arch.Dense(name="d", units=2))
    assert fields(architecture) == [(3, 1), None, None]
    assert input_rectangle(architecture, 1, 0, 0) is None
    assert input_rectangle(architecture, 2, 0, 0) is None


def test_the_rectangle_of_a_node() -> None:
    architecture = preset("mnist-simple").architecture
    assert input_rectangle(architecture, 0, 0, 0) == (0, 0, 3, 3)
    assert input_rectangle(architecture, 0, 25, 7) == (25, 7, 28, 10)
    assert input_rectangle(architecture, 4, 1, 2) == (4, 8, 22, 26)


def test_that_a_rectangle_reaches_over_the_border_into_the_padding() -> None:
    architecture = network(conv(padding="same"), conv(strides=(2, 2), padding="same"))
    assert input_rectangle(architecture, 0, 0, 27) == (-1, 26, 2, 29)
    # 28 nodes, stride 2, window 3: one zero is missing, and TensorFlow puts it behind the map.
    assert input_rectangle(architecture, 1, 0, 13) == (-1, 25, 4, 30)


def test_that_enlarged_nodes_share_their_pixels() -> None:
    architecture = network(up(3))
    tops = [rectangle[0] for row in range(7) if (rectangle := input_rectangle(architecture, 0, row, 0))]
    assert tops == [0, 0, 0, 1, 1, 1, 2]


def test_that_a_network_with_a_problem_has_no_rectangle() -> None:
    architecture = network(conv(99), conv())
    assert input_rectangle(architecture, 1, 0, 0) is None


@pytest.mark.parametrize(("layer", "row", "column"), [(1, 0, 0), (-1, 0, 0), (0, 26, 0), (0, 0, -1)])
def test_that_nodes_which_do_not_exist_are_refused(layer: int, row: int, column: int) -> None:
    with pytest.raises(IndexError):
        input_rectangle(network(conv()), layer, row, column)


def test_that_absurd_stacks_are_left_without_a_field() -> None:
    strides = [conv(name=f"c{n}", strides=(256, 256), padding="same") for n in range(200)]
    assert fields(network(*strides))[-1] is None
    factors = [arch.UpSampling2D(name=f"u{n}", size=(16, 1)) for n in range(4)]
    assert fields(network(*factors, side=1))[-2:] == [(1, 1 / 4096), None]
