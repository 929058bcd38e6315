"""Random layers that are cheap to build, with the shape of an input that fits, and the kinds of work to expect."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st
from keras import layers as kl

from cnn_explorer.core.nodes.steps import (
    Blend,
    Carried,
    Convolution,
    DenseSum,
    Normalization,
    Pointwise,
    Pooling,
    SeparableConvolution,
)

SMALL = st.integers(1, 4)
PAIR = st.tuples(st.integers(1, 4), st.integers(1, 4))
SAME = st.sampled_from(["valid", "same"])
FUNCTION = st.sampled_from(["linear", "relu", "gelu", "softmax", "leaky_relu"])
SLIDES = st.one_of(
    st.tuples(st.integers(1, 3).map(lambda s: (s, s)), st.just((1, 1))),
    st.tuples(st.just((1, 1)), st.tuples(st.integers(1, 3), st.integers(1, 3))),
)
Shape = tuple[int, ...]
Draw = st.DrawFn
Make = Callable[[], kl.Layer]


@st.composite
def conv(draw: Draw) -> tuple[Make, Shape]:
    groups, (strides, dilation) = draw(st.sampled_from([1, 1, 1, 1, 1, 2, 3])), draw(SLIDES)
    size, padding = draw(PAIR), draw(SAME)
    strides = draw(PAIR) if dilation == (1, 1) else strides
    layer = partial(
        kl.Conv2D,
        groups * draw(st.integers(1, 3)),
        size,
        strides,
        padding,
        dilation_rate=dilation,
        groups=groups,
        activation=draw(FUNCTION),
        use_bias=draw(st.booleans()),
        bias_initializer="random_normal",
    )
    return layer, (*draw(sides(size, dilation)), groups * draw(st.integers(1, 2)))


@st.composite
def sides(draw: Draw, size: tuple[int, int], dilation: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """Rows and columns that at least hold a window."""
    rows, columns = ((extent - 1) * gap + 1 for extent, gap in zip(size, dilation, strict=True))
    return rows + draw(st.integers(0, 6)), columns + draw(st.integers(0, 6))


@st.composite
def depthwise(draw: Draw, kind: Any = kl.DepthwiseConv2D) -> tuple[Make, Shape]:
    (strides, dilation), size = draw(SLIDES), draw(PAIR)
    filters = {"filters": draw(SMALL)} if kind is kl.SeparableConv2D else {}
    layer = partial(
        kind,
        kernel_size=size,
        strides=strides,
        padding=draw(SAME),
        depth_multiplier=draw(st.integers(1, 3)),
        dilation_rate=dilation,
        activation=draw(FUNCTION),
        use_bias=draw(st.booleans()),
        bias_initializer="random_normal",
        **filters,
    )
    return layer, (*draw(sides(size, dilation)), draw(st.integers(1, 3)))


@st.composite
def transposed(draw: Draw) -> tuple[Make, Shape]:
    size, strides = draw(PAIR), draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = draw(SAME)
    # With padding same an even kernel needs one.
    least = [1 if padding == "same" and side % 2 == 0 else 0 for side in size]
    added = None
    if draw(st.booleans()) and all(low < stride for low, stride in zip(least, strides, strict=True)):
        added = tuple(draw(st.integers(low, stride - 1)) for low, stride in zip(least, strides, strict=True))
    layer = partial(
        kl.Conv2DTranspose,
        draw(SMALL),
        size,
        strides,
        padding,
        output_padding=added,
        activation=draw(FUNCTION),
        use_bias=draw(st.booleans()),
        bias_initializer="random_normal",
    )
    return layer, (draw(SMALL), draw(SMALL), draw(st.integers(1, 3)))


@st.composite
def pooling(draw: Draw, kind: Any) -> tuple[Make, Shape]:
    size = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    layer = partial(kind, size, draw(st.one_of(st.none(), PAIR)), draw(SAME))
    return layer, (*draw(sides(size)), draw(st.integers(1, 3)))


def rising(shape: Shape, dtype: str = "float32") -> np.ndarray:
    """Another number for each map."""
    return np.linspace(0.1, 2, int(np.prod(shape))).reshape(shape).astype(dtype)


@st.composite
def normalization(draw: Draw) -> tuple[Make, Shape]:
    layer = partial(
        kl.BatchNormalization,
        draw(st.sampled_from([-1, 3, 1])),
        epsilon=draw(st.sampled_from([1e-3, 1e-5])),
        center=draw(st.booleans()),
        scale=draw(st.booleans()),
        beta_initializer="random_normal",
        gamma_initializer="random_uniform",
        moving_mean_initializer="random_normal",
        moving_variance_initializer=rising,
    )
    return layer, draw(st.tuples(SMALL, SMALL, SMALL))


@st.composite
def together(draw: Draw) -> tuple[Make, Shape]:
    """Layer normalization along any axes; its factors and shifts differ from place to place."""
    shape = draw(st.one_of(st.tuples(SMALL, SMALL, SMALL), st.tuples(st.integers(1, 9))))
    axes = st.lists(st.integers(1, len(shape)), min_size=1, unique=True)
    layer = partial(
        kl.LayerNormalization,
        draw(st.one_of(st.just(-1), axes)),
        epsilon=draw(st.sampled_from([1e-3, 1e-2])),
        center=draw(st.booleans()),
        scale=draw(st.booleans()),
        beta_initializer="random_normal",
        gamma_initializer=rising,
    )
    return layer, shape


@st.composite
def dense(draw: Draw) -> tuple[Make, Shape]:
    layer = partial(kl.Dense, draw(SMALL), draw(FUNCTION), draw(st.booleans()), bias_initializer="random_normal")
    return layer, draw(st.one_of(st.tuples(st.integers(1, 30)), st.tuples(SMALL, SMALL, SMALL)))


@st.composite
def moving(draw: Draw) -> tuple[Make, Shape]:
    margins = st.tuples(
        st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2))
    )
    shape = draw(st.tuples(st.integers(5, 7), st.integers(5, 7), SMALL))
    rows, columns, maps = shape
    layer = draw(
        st.sampled_from(
            [
                partial(kl.ZeroPadding2D, draw(margins)),
                partial(kl.Cropping2D, draw(margins)),
                partial(kl.UpSampling2D, draw(PAIR)),
                partial(kl.UpSampling2D, draw(PAIR), interpolation="bilinear"),
                partial(kl.Flatten),
                partial(kl.Reshape, (columns, maps, rows)),
                partial(kl.Reshape, (maps * rows, columns)),
                partial(kl.Permute, draw(st.permutations([1, 2, 3]))),
                partial(kl.Dropout, 0.5),
                partial(kl.SpatialDropout2D, 0.5),
                partial(kl.GaussianNoise, 1.0),
                partial(kl.RandomFlip),
            ]
        )
    )
    return layer, shape


@st.composite
def function(draw: Draw) -> tuple[Make, Shape]:
    layer = draw(
        st.sampled_from(
            [
                partial(kl.Activation, "tanh"),
                partial(kl.Activation, "softmax"),
                partial(kl.ReLU, 0.5, 0.1, 0.2),
                partial(kl.LeakyReLU, 0.2),
                partial(kl.ELU, 0.5),
                partial(kl.PReLU, "random_normal"),
                partial(kl.PReLU, "random_normal", shared_axes=[1, 2]),
                partial(kl.Softmax),
                partial(kl.Softmax, axis=1),
                partial(kl.Rescaling, 2.0, -1.0),
                partial(kl.Normalization, mean=0.3, variance=2.0),
                partial(kl.Normalization, axis=1, mean=[0.1, 0.2, 0.3], variance=[1.0, 0.0, 3.0]),
            ]
        )
    )
    return layer, (3, draw(SMALL), draw(SMALL))


def whole(kind: Any) -> st.SearchStrategy[tuple[Make, Shape]]:
    shapes = st.tuples(SMALL, SMALL, SMALL)
    return st.tuples(st.booleans().map(lambda keep: partial(kind, keepdims=keep)), shapes)


KINDS: dict[str, tuple[st.SearchStrategy[tuple[Make, Shape]], tuple[type, ...]]] = {
    "Conv2D": (conv(), (Convolution,)),
    "DepthwiseConv2D": (depthwise(), (Convolution,)),
    "SeparableConv2D": (depthwise(kl.SeparableConv2D), (SeparableConvolution,)),
    "Conv2DTranspose": (transposed(), (Convolution,)),
    "MaxPooling2D": (pooling(kl.MaxPooling2D), (Pooling,)),
    "AveragePooling2D": (pooling(kl.AveragePooling2D), (Pooling,)),
    "GlobalMaxPooling2D": (whole(kl.GlobalMaxPooling2D), (Pooling,)),
    "GlobalAveragePooling2D": (whole(kl.GlobalAveragePooling2D), (Pooling,)),
    "BatchNormalization": (normalization(), (Normalization,)),
    "LayerNormalization": (together(), (Normalization,)),
    "Dense": (dense(), (DenseSum,)),
    "moving": (moving(), (Carried, Blend)),
    "function": (function(), (Pointwise, Normalization)),
}
