"""What is true of each type of layer, by Keras' name of its class: the one table for all who ask by type.

Facts about a type stand here and nowhere else; lists are drawn from it (``names_with``). A trait that is not set
claims nothing. ``tests/guards/test_layer_traits.py`` holds every row against Keras itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Keeps = Literal["", "shape", "grid", "values"]
Weights = Literal["", "products", "others"]
ConvolutionKind = Literal["", "plain", "depthwise", "separable", "transposed", "recurrent"]


@dataclass(frozen=True, kw_only=True)
class LayerTraits:
    """The facts about one type of layer.

    ``keeps``: ``shape`` if there is an output value for each input value; ``grid`` if that one is made of the values
    at its own row and column only; ``values`` if it is made of the one value at its own place only. After training, and
    whatever the settings are.
    ``idle``: changes nothing after training (noise, random changes, penalties).
    ``weights``: ``products`` if it multiplies values with them as kernels or matrices do, ``others`` if it has weights
    of another kind only (factors and shifts, means, vectors to look up). Of a layer around another one: those within.
    ``merges``: how it joins several inputs value by value, as ``core.nodes.rules.merge_node`` calls it.
    ``convolution``: which kind of convolution it is. ``slides``: a window moves over the maps and must lie within them,
    unless padding is added. ``pools_globally``: one value of each whole map.
    ``reshapes``: the same values in the same order. ``reorders``: the axis of the maps may be another one afterwards.
    ``attends``: relates each place to each other one. ``recurrent``: goes through its input step by step.
    ``build_cost``: as many simple layers take as long to build. ``plain``: a long report can do without its maps, since
    it changes values, or their edge, one by one. ``is_input``: stands for an input of the model.
    """

    keeps: Keeps = ""
    idle: bool = False
    weights: Weights = ""
    merges: str = ""
    convolution: ConvolutionKind = ""
    slides: bool = False
    pools_globally: bool = False
    reshapes: bool = False
    reorders: bool = False
    attends: bool = False
    recurrent: bool = False
    build_cost: int = 1
    plain: bool = False
    is_input: bool = False

    @property
    def by_value(self) -> bool:
        """Whether each output value is made of the one value at its own place."""
        return self.keeps == "values"

    @property
    def keeps_grid(self) -> bool:
        """Whether a node sees what the nodes at the same row and column of the input see."""
        return self.keeps in ("grid", "values")

    @property
    def keeps_shape(self) -> bool:
        """Whether there is an output value for each input value."""
        return self.keeps != ""


_UNKNOWN = LayerTraits()


def _all(names: str, traits: LayerTraits) -> dict[str, LayerTraits]:
    return dict.fromkeys(names.split(), traits)


TRAITS: dict[str, LayerTraits] = {
    "InputLayer": LayerTraits(keeps="values", idle=True, plain=True, is_input=True),
    **_all("Dense EinsumDense", LayerTraits(weights="products")),
    "Embedding": LayerTraits(weights="others"),
    "Masking": LayerTraits(keeps="shape"),
    # Convolutions
    **_all("Conv1D Conv2D Conv3D", LayerTraits(weights="products", convolution="plain", slides=True)),
    **_all(
        "Conv1DTranspose Conv2DTranspose Conv3DTranspose", LayerTraits(weights="products", convolution="transposed")
    ),
    **_all("DepthwiseConv1D DepthwiseConv2D", LayerTraits(weights="products", convolution="depthwise", slides=True)),
    **_all("SeparableConv1D SeparableConv2D", LayerTraits(weights="products", convolution="separable", slides=True)),
    # Pooling
    **_all("MaxPooling1D MaxPooling2D MaxPooling3D", LayerTraits(slides=True)),
    **_all("AveragePooling1D AveragePooling2D AveragePooling3D", LayerTraits(slides=True)),
    **_all("GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D", LayerTraits(pools_globally=True)),
    **_all("GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D", LayerTraits(pools_globally=True)),
    **_all("AdaptiveAveragePooling2D AdaptiveMaxPooling2D", LayerTraits(build_cost=4)),
    # Normalization
    "BatchNormalization": LayerTraits(keeps="values", weights="others", plain=True),
    "Normalization": LayerTraits(keeps="values", weights="others"),
    **_all("LayerNormalization GroupNormalization RMSNormalization", LayerTraits(keeps="shape", weights="others")),
    "UnitNormalization": LayerTraits(keeps="shape"),
    "SpectralNormalization": LayerTraits(weights="products"),
    "LayerScale": LayerTraits(keeps="shape", weights="others"),
    # Functions
    "Activation": LayerTraits(keeps="grid", plain=True),
    **_all("ReLU LeakyReLU ELU", LayerTraits(keeps="values", plain=True)),
    "PReLU": LayerTraits(keeps="values", weights="others", plain=True),
    "Softmax": LayerTraits(keeps="shape", plain=True),
    "Rescaling": LayerTraits(keeps="values", plain=True),
    # Of training only
    **_all(
        "Dropout SpatialDropout2D GaussianDropout GaussianNoise Identity",
        LayerTraits(keeps="values", idle=True, plain=True),
    ),
    **_all(
        "SpatialDropout1D SpatialDropout3D AlphaDropout ActivityRegularization "
        "RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness",
        LayerTraits(keeps="values", idle=True),
    ),
    # What changes shapes
    **_all("Flatten Reshape", LayerTraits(reshapes=True, reorders=True)),
    "Permute": LayerTraits(reorders=True),
    "ZeroPadding2D": LayerTraits(plain=True),
    **_all(
        "ZeroPadding1D ZeroPadding3D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D "
        "RepeatVector Resizing CenterCrop RandomCrop",
        _UNKNOWN,
    ),
    # Several inputs
    "Add": LayerTraits(merges="add"),
    "Subtract": LayerTraits(merges="subtract"),
    "Multiply": LayerTraits(merges="multiply"),
    "Average": LayerTraits(merges="average"),
    "Maximum": LayerTraits(merges="maximum"),
    "Minimum": LayerTraits(merges="minimum"),
    **_all("Concatenate Dot", _UNKNOWN),
    # Attention, and layers that go step by step
    "Attention": LayerTraits(attends=True),
    "AdditiveAttention": LayerTraits(weights="products", attends=True),
    **_all("MultiHeadAttention GroupQueryAttention", LayerTraits(weights="products", attends=True, build_cost=8)),
    **_all("LSTM GRU SimpleRNN RNN", LayerTraits(weights="products", recurrent=True, build_cost=8)),
    **_all("LSTMCell GRUCell SimpleRNNCell StackedRNNCells", LayerTraits(weights="products")),
    **_all(
        "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
        LayerTraits(weights="products", convolution="recurrent", recurrent=True, build_cost=12),
    ),
    "Bidirectional": LayerTraits(weights="products", recurrent=True),
    "TimeDistributed": LayerTraits(weights="products", build_cost=4),
}
"""By Keras' name of the class: every layer that may be opened."""


def traits_of(layer_type: str) -> LayerTraits:
    """The facts about a type of layer; of one that is not known nothing is claimed."""
    return TRAITS.get(layer_type, _UNKNOWN)


def names_with(holds: Callable[[LayerTraits], object]) -> tuple[str, ...]:
    """The types of whose traits ``holds`` is true, in the order of the table."""
    return tuple(name for name, traits in TRAITS.items() if holds(traits))
