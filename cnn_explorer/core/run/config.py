"""How a network is trained: one frozen value object, the same for window, command line and run.json."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from cnn_explorer.core import specfile
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.network.architecture import L1L2, Architecture, Dense
from cnn_explorer.core.run.optimizers import OptimizerName, optimizer_named, optimizers_with

LossName = Literal["sparse_categorical_crossentropy", "categorical_crossentropy"]
PreprocessingName = Literal["standardize", "standardize_channel", "standardize_image", "scale", "scale_signed", "none"]
FITTED_PREPROCESSING = ("standardize", "standardize_channel")
"""Those that learn from the training images."""
SplitName = Literal["official", "shuffled", "stratified"]
Monitor = Literal["val_loss", "val_accuracy"]
WatchedQuantity = Literal["none", "val_loss", "val_accuracy"]
_WATCHED = ("val_loss", "val_accuracy")
_KERNELS = ("kernel_regularizer", "depthwise_regularizer", "pointwise_regularizer")
"""The fields of layers that the run's regularizer may fill."""


def _about(
    group: str, title: str, description: str, expected: str = "", when: dict[str, tuple[Any, ...]] | None = None,
    zero: str = "", **limits: Any,
) -> Meta:  # fmt: skip
    extra: dict[str, Any] = {"group": group, "when": when or {}}
    if expected:
        extra["expected"] = expected
    if zero:
        extra["zero"] = zero
    return Meta(title=title, description=description, extra=extra, **limits)


class ConfigProblem(NamedTuple):
    """What is wrong between settings that are each possible; ``field`` is the one to change."""

    field: str
    message: str


class RuntimeOptions(Struct, frozen=True):
    """What can change only before TensorFlow starts. 0 leaves it to TensorFlow; memory then grows as needed."""

    gpu_memory: float = 0.0
    intra_op_threads: int = 0
    inter_op_threads: int = 0


class TrainingConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides how a run goes, apart from the network and the data set.

    Names are those of the command line's options and, where Keras has the thing, Keras' own. ``problems`` says
    what is wrong between settings that are each possible.
    """

    epochs: Annotated[
        int, _about("Run", "Epochs", "How often the network sees all training images.", ge=1, le=100_000)
    ] = 5
    batch_size: Annotated[
        int, _about("Run", "Batch size", "Images per step; the gradient is their mean.", ge=1, le=65_536)
    ] = 64
    seed: Annotated[
        int,
        _about("Run", "Seed", "Decides initial weights and the order of images: the same seed, the same start.",
               ge=0, le=2**31 - 1),
    ] = 0  # fmt: skip
    deterministic: Annotated[
        bool,
        _about("Run", "Deterministic", "The same seed gives the same run to the last bit, on a GPU too; slower there."),
    ] = False

    optimizer: Annotated[
        OptimizerName, _about("Optimization", "Optimizer", "The rule that turns gradients into weight changes.")
    ] = "rmsprop"
    learning_rate: Annotated[
        float,
        _about("Optimization", "Learning rate", "The size of a step along the gradient.", gt=0.0, le=100.0),
    ] = 0.001
    momentum: Annotated[
        float,
        _about("Optimization", "Momentum", "The share of the last step that is kept in the next.",
               when={"optimizer": optimizers_with("momentum")}, ge=0.0, lt=1.0),
    ] = 0.0  # fmt: skip
    nesterov: Annotated[
        bool,
        _about("Optimization", "Nesterov", "Look ahead: the gradient counts where the momentum is about to lead.",
               when={"optimizer": optimizers_with("nesterov")}),
    ] = False  # fmt: skip
    weight_decay: Annotated[
        float,
        _about("Optimization", "Weight decay", "The share of each weight, times the learning rate, taken off a step.",
               when={"optimizer": optimizers_with("weight_decay")}, ge=0.0, le=10.0),
    ] = 0.004  # fmt: skip
    schedule: Annotated[
        Literal["none", "power", "exponential", "cosine", "piecewise"],
        _about("Optimization", "Schedule", "How the learning rate changes from batch to batch."),
    ] = "none"
    decay_steps: Annotated[
        int,
        _about("Optimization", "Decay steps", "The schedule's unit of time, in batches; cosine ends after it.",
               when={"schedule": ("power", "exponential", "cosine")}, ge=1, le=10**9),
    ] = 1  # fmt: skip
    decay_rate: Annotated[
        float,
        _about("Optimization", "Decay rate",
               "power: lr / (1 + rate · step / steps); exponential: lr · rate^(step / steps).",
               when={"schedule": ("power", "exponential")}, ge=0.0, le=1e6),
    ] = 0.001  # fmt: skip
    boundaries: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=10**9)], ...],
        _about("Optimization", "Boundaries", "The batches after which the learning rate changes: 2000, 4000.",
               when={"schedule": ("piecewise",)}),
    ] = (2000, 4000)  # fmt: skip
    values: Annotated[
        tuple[Annotated[float, Meta(gt=0.0, le=100.0)], ...],
        _about("Optimization", "Values", "The learning rate after each boundary; before the first it is as above.",
               when={"schedule": ("piecewise",)}),
    ] = (0.0003, 0.0001)  # fmt: skip
    warmup_steps: Annotated[
        int,
        _about("Optimization", "Warm-up steps",
               "Batches in which the rate grows from 0 to the learning rate; the schedule begins after them.",
               ge=0, le=10**9),
    ] = 0  # fmt: skip
    reduce_on_plateau: Annotated[
        WatchedQuantity,
        _about("Optimization", "On plateau", "Lower the learning rate when this has not improved for some epochs."),
    ] = "none"
    plateau_factor: Annotated[
        float,
        _about("Optimization", "Plateau factor", "What the learning rate is multiplied by on a plateau.",
               when={"reduce_on_plateau": _WATCHED}, gt=0.0, lt=1.0),
    ] = 0.1  # fmt: skip
    plateau_patience: Annotated[
        int,
        _about("Optimization", "Plateau patience", "How many epochs without improvement make a plateau.",
               when={"reduce_on_plateau": _WATCHED}, ge=1, le=100_000),
    ] = 5  # fmt: skip
    min_learning_rate: Annotated[
        float,
        _about("Optimization", "Lowest rate", "A plateau never lowers the learning rate below this.",
               when={"reduce_on_plateau": _WATCHED}, ge=0.0, le=100.0),
    ] = 0.0  # fmt: skip

    loss: Annotated[
        LossName,
        _about("Loss", "Loss", "What the training makes small: −log of the probability of the true class. "
               "categorical_crossentropy allows label smoothing."),
    ] = "sparse_categorical_crossentropy"  # fmt: skip
    label_smoothing: Annotated[
        float,
        _about("Loss", "Label smoothing", "The share of the target that is spread over all classes.",
               when={"loss": ("categorical_crossentropy",)}, ge=0.0, lt=1.0),
    ] = 0.0  # fmt: skip
    class_weight: Annotated[
        Literal["none", "balanced", "custom"],
        _about("Loss", "Class weights", "How much an image counts by its class; balanced: rare classes count more."),
    ] = "none"
    class_weight_values: Annotated[
        tuple[Annotated[float, Meta(ge=0.0, le=1e6)], ...],
        _about("Loss", "Weight of each class", "One number a class, in the order of the classes.",
               when={"class_weight": ("custom",)}),
    ] = ()  # fmt: skip

    regularizer: Annotated[
        Literal["none", "l1", "l2", "l1_l2"],
        _about("Regularization", "Regularizer", "A penalty on the size of kernels, added to the loss."),
    ] = "none"
    regularizer_strength: Annotated[
        float,
        _about("Regularization", "Strength", "The factor of the penalty; of both, for l1_l2.",
               when={"regularizer": ("l1", "l2", "l1_l2")}, ge=0.0, le=10.0),
    ] = 0.001  # fmt: skip
    regularizer_scope: Annotated[
        Literal["dense", "all"],
        _about("Regularization", "On kernels of", "dense: Dense layers only, as in the articles; all: every layer.",
               when={"regularizer": ("l1", "l2", "l1_l2")}),
    ] = "dense"  # fmt: skip
    early_stopping: Annotated[
        WatchedQuantity,
        _about("Regularization", "Early stopping", "End the run when this has not improved for some epochs."),
    ] = "none"
    patience: Annotated[
        int,
        _about("Regularization", "Patience", "How many epochs without improvement are waited for.",
               when={"early_stopping": _WATCHED}, ge=1, le=100_000),
    ] = 5  # fmt: skip
    min_delta: Annotated[
        float,
        _about("Regularization", "Least improvement", "A smaller change does not count as an improvement.",
               when={"early_stopping": _WATCHED}, ge=0.0, le=100.0),
    ] = 0.0  # fmt: skip
    restore_best_weights: Annotated[
        bool,
        _about("Regularization", "Restore best", "At the end, model.h5 becomes the model of the best epoch.",
               when={"early_stopping": _WATCHED}),
    ] = True  # fmt: skip

    augment_shift: Annotated[
        float,
        _about("Augmentation", "Shift", "Move images by up to this share of their side, in both directions.",
               ge=0.0, le=0.5),
    ] = 0.0  # fmt: skip
    augment_rotation: Annotated[
        float, _about("Augmentation", "Rotation", "Turn images by up to so many degrees, either way.", ge=0.0, le=180.0)
    ] = 0.0
    augment_zoom: Annotated[
        float,
        _about("Augmentation", "Zoom", "Enlarge or shrink images by up to this share.", ge=0.0, le=0.9),
    ] = 0.0
    augment_flip: Annotated[
        Literal["none", "horizontal", "vertical", "both"],
        _about("Augmentation", "Flip", "Mirror every second image, at random. Digits and letters should not be."),
    ] = "none"
    augment_noise: Annotated[
        float,
        _about("Augmentation", "Noise", "Standard deviation of the noise that is added, as a share of full brightness.",
               ge=0.0, le=1.0),
    ] = 0.0  # fmt: skip

    preprocessing: Annotated[
        PreprocessingName,
        _about("Data", "Preprocessing",
               "standardize: mean 0 and deviation 1 per pixel, fitted on the training images; standardize_channel: per "
               "channel; standardize_image: each image by itself; scale: divided by 255, so 0 to 1; scale_signed: "
               "−1 to 1; none: bytes as they are."),
    ] = "standardize"  # fmt: skip
    split: Annotated[
        SplitName,
        _about(
            "Data",
            "Split",
            "official: as published; shuffled: drawn anew with the split seed; stratified: drawn "
            "so that each class has the same share in both parts.",
        ),
    ] = "official"
    validation_split: Annotated[
        float,
        _about("Data", "Validation part", "The share of the training images, drawn at random, that is kept for "
               "validation. 0: validate on the test images, as in the articles.", ge=0.0, le=0.9),
    ] = 0.0  # fmt: skip
    split_seed: Annotated[
        int,
        _about("Data", "Split seed", "Decides which images are drawn for testing and validation.",
               ge=0, le=2**31 - 1),
    ] = 0  # fmt: skip
    train_limit: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        _about("Data", "Training limit", "Use the first N training images only, for a quick try."),
    ] = None
    test_limit: Annotated[
        Annotated[int, Meta(ge=1, le=10**9)] | None,
        _about("Data", "Test limit", "Use the first N test images only."),
    ] = None

    probe_index: Annotated[
        int,
        _about("Film", "Pinned image", "The test image whose maps are kept after every epoch; counts from 0.",
               ge=0, le=10**9),
    ] = 0  # fmt: skip
    probe_layer: Annotated[
        str,
        _about("Film", "Layer", "The layer whose maps are kept; nothing: the first one with kernels.", max_length=200),
    ] = ""

    device: Annotated[
        Annotated[str, Meta(pattern=r"^(auto|cpu|gpu(:[0-9]{1,3})?)\Z")],
        _about("Device", "Device", "auto: the GPU if TensorFlow has one; cpu; gpu; gpu:1 for the second.",
               expected="auto, cpu, gpu or gpu:1"),
    ] = "auto"  # fmt: skip
    precision: Annotated[
        Literal["float32", "mixed_bfloat16", "mixed_float16"],
        _about("Device", "Precision", "mixed: half precision for products, float32 for weights: faster, rougher."),
    ] = "float32"
    jit_compile: Annotated[
        Literal["auto", "on", "off"],
        _about("Device", "XLA", "Compile the training step; auto: as Keras decides, on a GPU only."),
    ] = "auto"
    log_device_placement: Annotated[
        bool, _about("Device", "Log placement", "Write into the run's log which device computes each operation.")
    ] = False
    gpu_memory: Annotated[
        float,
        _about("Device", "GPU memory", "The share of the GPU's memory that is taken at once, 0.35 in the articles; "
               "0: as it is needed. Changes only when the program starts.", zero="automatic", ge=0.0, le=1.0),
    ] = 0.0  # fmt: skip
    intra_op_threads: Annotated[
        int,
        _about("Device", "Threads", "Threads within one operation; 0: all processors. Changes only when the program "
               "starts.", zero="automatic", ge=0, le=1024),
    ] = 0  # fmt: skip
    inter_op_threads: Annotated[
        int,
        _about("Device", "Parallel operations", "Operations at the same time; 0: TensorFlow decides. Changes only "
               "when the program starts.", zero="automatic", ge=0, le=1024),
    ] = 0  # fmt: skip

    def to_json(self) -> bytes:
        """The configuration file: indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes | str) -> TrainingConfig:
        """Read a configuration file; raises ``ExplorerError`` with the path to what is wrong."""
        return specfile.decode(text, cls, "configuration")

    @property
    def optimizer_arguments(self) -> dict[str, Any]:
        """What Keras' optimizer gets beside the learning rate."""
        return {name: getattr(self, name) for name in optimizer_named(self.optimizer).settings}

    @property
    def monitor(self) -> Monitor:
        """What decides which epoch of the run is the best one."""
        return "val_accuracy" if self.early_stopping == "none" else self.early_stopping

    @property
    def runtime(self) -> RuntimeOptions:
        """The part that can change only before TensorFlow starts."""
        return RuntimeOptions(self.gpu_memory, self.intra_op_threads, self.inter_op_threads)

    @property
    def augments(self) -> bool:
        """Whether the training images are changed at random."""
        return any((self.augment_shift, self.augment_rotation, self.augment_zoom, self.augment_noise)) or (
            self.augment_flip != "none"
        )

    def problems(self, classes: int | None = None) -> tuple[ConfigProblem, ...]:
        """What is wrong between the settings; ``classes`` is the data set's number of classes if it is known."""
        found = []
        if self.schedule == "piecewise":
            if len(self.values) != len(self.boundaries):
                message = f"Expected {len(self.boundaries)} values, one for each boundary, got {len(self.values)}."
                found.append(ConfigProblem("values", message))
            if any(a >= b for a, b in zip(self.boundaries, self.boundaries[1:], strict=False)):
                found.append(ConfigProblem("boundaries", "Expected each boundary to be larger than the one before."))
        if self.class_weight == "custom":
            count = len(self.class_weight_values)
            if classes is not None and count != classes:
                message = f"Expected {classes} numbers, one for each class, got {count}."
                found.append(ConfigProblem("class_weight_values", message))
            elif count and not any(self.class_weight_values):
                found.append(ConfigProblem("class_weight_values", "Expected at least one weight above 0."))
        return tuple(found)

    def check(self, classes: int | None = None) -> None:
        """Raise ``ExplorerError`` for the first of ``problems``."""
        for field, message in self.problems(classes):
            raise ExplorerError(f"{field}: {message}")

    def regularized(self, architecture: Architecture) -> Architecture:
        """The architecture with this run's regularizer on every kernel in its scope that has none of its own."""
        if self.regularizer == "none":
            return architecture
        penalty = L1L2(**dict.fromkeys(self.regularizer.split("_"), self.regularizer_strength))
        layers = []
        for layer in architecture.layers:
            if self.regularizer_scope == "all" or isinstance(layer, Dense):
                names = [field.name for field in fields_of(type(layer)) if field.name in _KERNELS]
                changes = {name: penalty for name in names if getattr(layer, name) == L1L2()}
                layer = msgspec.structs.replace(layer, **changes)
            layers.append(layer)
        return msgspec.structs.replace(architecture, layers=tuple(layers))
