"""The loss: the same one for training, for validation, and for whoever evaluates the model file later."""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight

from cnn_explorer.core.run.config import LossName, TrainingConfig


class LossSpec(NamedTuple):
    """A loss by Keras' name, and the share of the target that is spread over all classes."""

    name: LossName = "sparse_categorical_crossentropy"
    label_smoothing: float = 0.0

    @classmethod
    def of(cls, config: TrainingConfig) -> LossSpec:
        """That of a configuration, in which the smoothing has no effect on the sparse loss."""
        if config.loss == "sparse_categorical_crossentropy":
            return cls()
        return cls(config.loss, config.label_smoothing)

    @property
    def one_hot(self) -> bool:
        """Whether the loss takes a vector for each label and not the number of its class."""
        return self.name == "categorical_crossentropy"

    def keras_loss(self) -> keras.losses.Loss:
        """The loss object for ``keras.Model.compile``."""
        if self.one_hot:
            return keras.losses.CategoricalCrossentropy(label_smoothing=self.label_smoothing)
        return keras.losses.SparseCategoricalCrossentropy()

    def targets(self, labels: tf.Tensor, classes: int) -> tf.Tensor:
        """What the loss compares outputs with: ``labels`` (count,) as they are, or as vectors (count, classes)."""
        return tf.one_hot(labels, classes) if self.one_hot else labels

    def of_each(self, targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """The loss of each image, (count,), without penalties on weights."""
        if self.one_hot:
            return keras.losses.categorical_crossentropy(targets, outputs, label_smoothing=self.label_smoothing)
        return keras.losses.sparse_categorical_crossentropy(targets, outputs)


SPARSE = LossSpec()
"""The loss of the articles, and of model files that do not say theirs."""


def class_weights(config: TrainingConfig, labels: NDArray[np.int64], classes: int) -> NDArray[np.float32] | None:
    """How much an image of each class counts, (classes,), or ``None`` if all count the same.

    ``balanced``: scikit-learn's weights for the training ``labels``; a class that does not occur gets 0, for the
    shape's sake.
    """
    match config.class_weight:
        case "none":
            return None
        case "custom":
            return np.array(config.class_weight_values, np.float32)
        case "balanced":
            present = np.unique(labels)
            weights = np.zeros(classes, np.float32)
            weights[present] = compute_class_weight("balanced", classes=present, y=labels)
            return weights
