"""How a network is trained: one frozen value object, the same for window, command line and run.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from cnn_explorer.core import specfile
from cnn_explorer.core.architecture import L1L2, Architecture, Dense

Optimizer = Literal["rmsprop", "adam", "adamw", "nadam", "adamax", "sgd"]
MOMENTUM_OPTIMIZERS = ("rmsprop", "sgd")
PreprocessingName = Literal["standardize", "scale", "none"]


def _optimization(**when: tuple[str, ...]) -> dict[str, Any]:
    return {"group": "Optimization", "when": when}


class TrainingConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides how a run goes, apart from the network and the data set.

    Names are those of the command line's options and, where Keras has the thing, Keras' own.
    """

    epochs: Annotated[
        int,
        Meta(ge=1, le=100_000, title="Epochs", description="How often the network sees all training images.",
             extra={"group": "Run"}),
    ] = 5  # fmt: skip
    batch_size: Annotated[
        int,
        Meta(ge=1, le=65_536, title="Batch size", description="Images per step; the gradient is their mean.",
             extra={"group": "Run"}),
    ] = 64  # fmt: skip
    seed: Annotated[
        int,
        Meta(ge=0, le=2**31 - 1, title="Seed",
             description="Decides initial weights and the order of images: the same seed, the same start.",
             extra={"group": "Run"}),
    ] = 0  # fmt: skip
    optimizer: Annotated[
        Optimizer,
        Meta(title="Optimizer", description="The rule that turns gradients into weight changes.",
             extra=_optimization()),
    ] = "rmsprop"  # fmt: skip
    learning_rate: Annotated[
        float,
        Meta(gt=0.0, le=100.0, title="Learning rate", description="The size of a step along the gradient.",
             extra=_optimization()),
    ] = 0.001  # fmt: skip
    momentum: Annotated[
        float,
        Meta(ge=0.0, lt=1.0, title="Momentum", description="The share of the last step that is kept in the next.",
             extra=_optimization(optimizer=MOMENTUM_OPTIMIZERS)),
    ] = 0.0  # fmt: skip
    schedule: Annotated[
        Literal["none", "power", "exponential", "cosine"],
        Meta(title="Schedule", description="How the learning rate falls from batch to batch.",
             extra=_optimization()),
    ] = "none"  # fmt: skip
    decay_steps: Annotated[
        int,
        Meta(ge=1, le=10**9, title="Decay steps", description="The schedule's unit of time, in batches.",
             extra=_optimization(schedule=("power", "exponential", "cosine"))),
    ] = 1  # fmt: skip
    decay_rate: Annotated[
        float,
        Meta(ge=0.0, le=1e6, title="Decay rate",
             description="power: lr / (1 + rate · step / steps); exponential: lr · rate^(step / steps).",
             extra=_optimization(schedule=("power", "exponential"))),
    ] = 0.001  # fmt: skip
    regularizer: Annotated[
        Literal["none", "l1", "l2"],
        Meta(title="Regularizer", description="A penalty on the kernels of Dense layers, added to the loss.",
             extra={"group": "Regularization"}),
    ] = "none"  # fmt: skip
    regularizer_strength: Annotated[
        float,
        Meta(ge=0.0, le=10.0, title="Strength", description="The factor of the penalty.",
             extra={"group": "Regularization", "when": {"regularizer": ("l1", "l2")}}),
    ] = 0.001  # fmt: skip
    preprocessing: Annotated[
        PreprocessingName,
        Meta(title="Preprocessing",
             description="standardize: mean 0 and deviation 1 per pixel, fitted on the training images; "
             "scale: divided by 255; none: bytes as they are.",
             extra={"group": "Data"}),
    ] = "standardize"  # fmt: skip
    split: Annotated[
        Literal["official", "shuffled"],
        Meta(title="Split", description="official: as published; shuffled: drawn anew with the split seed.",
             extra={"group": "Data"}),
    ] = "official"  # fmt: skip
    split_seed: Annotated[
        int,
        Meta(ge=0, le=2**31 - 1, title="Split seed", description="Decides which images are drawn for testing.",
             extra={"group": "Data", "when": {"split": ("shuffled",)}}),
    ] = 0  # fmt: skip
    train_limit: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        Meta(title="Training limit", description="Train on the first N images only, for a quick try.",
             extra={"group": "Data"}),
    ] = None  # fmt: skip
    test_limit: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        Meta(title="Test limit", description="Validate on the first N test images only.",
             extra={"group": "Data"}),
    ] = None  # fmt: skip
    device: Annotated[
        Annotated[str, Meta(pattern=r"^(auto|cpu|gpu(:[0-9]{1,3})?)\Z")],
        Meta(title="Device", description="auto: the GPU if TensorFlow has one; cpu; gpu; gpu:1 for the second.",
             extra={"group": "Device", "expected": "auto, cpu, gpu or gpu:1"}),
    ] = "auto"  # fmt: skip
    precision: Annotated[
        Literal["float32", "mixed_bfloat16", "mixed_float16"],
        Meta(title="Precision", description="mixed: half precision for products, float32 for weights: faster, rougher.",
             extra={"group": "Device"}),
    ] = "float32"  # fmt: skip

    def to_json(self) -> bytes:
        """The configuration file: indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> TrainingConfig:
        """Read a configuration file; raises ``ExplorerError`` with the path to what is wrong."""
        return specfile.decode(text, cls, "configuration")

    def regularized(self, architecture: Architecture) -> Architecture:
        """The architecture with this run's regularizer on every Dense kernel that has none of its own."""
        if self.regularizer == "none":
            return architecture
        penalty = L1L2(**{self.regularizer: self.regularizer_strength})
        layers = tuple(
            msgspec.structs.replace(layer, kernel_regularizer=penalty)
            if isinstance(layer, Dense) and layer.kernel_regularizer == L1L2()
            else layer
            for layer in architecture.layers
        )
        return msgspec.structs.replace(architecture, layers=layers)
