"""The kinds of settings that layers have: their limits, titles and descriptions, each written once."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Padding = Annotated[
    Literal["valid", "same"],
    Meta(
        title="Padding",
        description="valid: the window stays inside the map, which shrinks; same: zeros are added around it.",
    ),
]
ActivationName = Annotated[
    Literal[
        "linear",
        "relu",
        "sigmoid",
        "tanh",
        "softmax",
        "elu",
        "selu",
        "gelu",
        "swish",
        "softplus",
        "leaky_relu",
    ],
    Meta(title="Activation", description="The function applied to every output value."),
]
Initializer = Annotated[
    Literal[
        "glorot_uniform",
        "glorot_normal",
        "he_uniform",
        "he_normal",
        "lecun_uniform",
        "lecun_normal",
        "orthogonal",
        "random_normal",
        "random_uniform",
        "truncated_normal",
        "zeros",
        "ones",
    ],
    Meta(title="Initializer", description="How the weights are drawn before the first step of training."),
]
Extent = Annotated[int, Meta(ge=1, le=256)]
Size = tuple[Extent, Extent]
KernelSize = Annotated[
    Size, Meta(title="Kernel size", description="Height and width of the window, in nodes of the input map.")
]
Strides = Annotated[
    Size, Meta(title="Strides", description="How far the window moves from one output node to the next.")
]
Dilation = Annotated[
    Size,
    Meta(title="Dilation", description="Distance of neighbouring kernel elements on the map; 1 is a dense kernel."),
]
UseBias = Annotated[bool, Meta(title="Bias", description="Whether one learnt number is added to every output map.")]
Strength = Annotated[float, Meta(ge=0.0, le=10.0)]
LayerName = Annotated[
    str,
    Meta(
        title="Name",
        description="The layer's name: unique in the network, also in the saved model.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*\Z",
        max_length=64,
        extra={"expected": "a name of up to 64 letters, digits, _, - and ., beginning with a letter or digit"},
    ),
]
Rate = Annotated[
    float, Meta(ge=0.0, lt=1.0, title="Rate", description="The share of values set to 0 in each training step.")
]
DepthMultiplier = Annotated[
    int, Meta(ge=1, le=64, title="Depth multiplier", description="How many output maps each input map gives.")
]
Units = Annotated[int, Meta(ge=1, le=65536, title="Units", description="Number of neurons, each with its own output.")]
Filters = Annotated[
    int, Meta(ge=1, le=4096, title="Filters", description="Number of kernels, each giving one output map.")
]
PoolSize = Annotated[Size, Meta(title="Pool size", description="Height and width of the window that becomes one node.")]
PoolStrides = Annotated[
    Size | None,
    Meta(title="Strides", description="How far the window moves; as far as it is large when not given."),
]
Margin = Annotated[int, Meta(ge=0, le=256)]
Epsilon = Annotated[
    float, Meta(gt=0.0, le=1.0, title="Epsilon", description="Added to the variance, against division by 0.")
]
HasShift = Annotated[bool, Meta(title="Shift (beta)", description="Whether a learnt shift is added.")]
HasFactor = Annotated[bool, Meta(title="Scale (gamma)", description="Whether a learnt factor is applied.")]
