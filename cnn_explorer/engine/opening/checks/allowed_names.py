"""The names that a model file may use: classes of Keras, by the module that they say they are from, and functions.

Keras turns every ``class_name`` of a configuration into an object: a layer, but also any class and many a function
of its own, some of which read files. So only what is named here is built; everything else can be shown, not run.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


MODELS = frozenset({"Sequential", "Functional", "Model"})

# Not among them: layers that read files (StringLookup, TextVectorization, TFSMLayer), run code of the file's author
# (Lambda, JaxLayer), or belong to sound and text.
LAYERS = words(
    """
    InputLayer Dense EinsumDense Activation Embedding Masking Identity
    Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose
    DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    AdaptiveAveragePooling2D AdaptiveMaxPooling2D
    BatchNormalization LayerNormalization GroupNormalization UnitNormalization RMSNormalization SpectralNormalization
    ReLU LeakyReLU PReLU ELU Softmax
    Flatten Reshape Permute RepeatVector Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
    Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout GaussianNoise AlphaDropout
    ActivityRegularization
    Attention AdditiveAttention MultiHeadAttention GroupQueryAttention
    LSTM GRU SimpleRNN RNN LSTMCell GRUCell SimpleRNNCell StackedRNNCells ConvLSTM1D ConvLSTM2D ConvLSTM3D
    Bidirectional TimeDistributed
    Rescaling Normalization Resizing CenterCrop
    RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomCrop
    """
)
# `x + y` in the code of a functional model becomes one of these operations, of keras.src.ops.numpy and .nn.
NUMPY_OPERATIONS = words(
    """
    Add Subtract Multiply TrueDivide Divide Maximum Minimum Negative Absolute Abs Power Square Sqrt Exp Log Clip
    Mean Sum Max Min GetItem Concatenate Stack Squeeze ExpandDims Reshape Transpose
    """
)
NN_OPERATIONS = words("Relu Relu6 Sigmoid HardSigmoid HardSilu Softmax Tanh Silu Gelu Elu LeakyRelu Softplus Softsign")
INITIALIZERS = words(
    """
    Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling GlorotUniform GlorotNormal
    HeNormal HeUniform LecunNormal LecunUniform Orthogonal OrthogonalInitializer Identity IdentityInitializer
    """
)
_HELPERS = words(
    """
    L1 L2 L1L2 OrthogonalRegularizer MaxNorm MinMaxNorm NonNeg UnitNorm DTypePolicy
    __keras_tensor__ __slice__ __ellipsis__
    """
)
KNOWN = {
    "keras": MODELS | LAYERS | _HELPERS,
    "keras.models": MODELS,
    "keras.src.models.sequential": MODELS,
    "keras.src.models.functional": MODELS,
    "keras.src.models.model": MODELS,
    "keras.src.engine.functional": MODELS,
    "keras.src.engine.sequential": MODELS,
    "keras.src.engine.training": MODELS,
    "keras.layers": LAYERS,
    "keras.initializers": INITIALIZERS,
    "keras.regularizers": _HELPERS,
    "keras.constraints": _HELPERS,
    "keras.dtype_policies": _HELPERS,
    "keras.src.ops.numpy": NUMPY_OPERATIONS,
    "keras.src.ops.nn": NN_OPERATIONS,
    "keras.src.applications.convnext": words("LayerScale StochasticDepth"),
    "builtins": _HELPERS,
}
WITHOUT_MODULE = MODELS | LAYERS | INITIALIZERS | _HELPERS
ACTIVATIONS = words(
    """
    linear relu relu6 leaky_relu elu selu celu gelu glu silu swish softplus softsign softmax log_softmax sigmoid
    log_sigmoid hard_sigmoid hard_silu hard_swish hard_tanh tanh tanh_shrink soft_shrink hard_shrink exponential mish
    sparse_plus sparse_sigmoid sparsemax squareplus threshold
    """
)
# Functions in the module of the layers: Keras would put them in the place of a text that is called like them.
FUNCTIONS = words("Input add average concatenate dot maximum minimum multiply subtract serialize deserialize")
