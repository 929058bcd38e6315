"""How well a model does on labelled images: the same numbers in training, on the command line and in the window."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.preprocessing import Preprocessing
from cnn_explorer.engine.evaluating.feed import INDICES, CallSize, Feed, index_matrices
from cnn_explorer.engine.models.losses import SPARSE, LossSpec

# Fixed, because a sum of floats depends on how it is cut: so every evaluation of a model gives the same digits.
_BATCH_SIZE = 64


def _never() -> bool:
    return False


def _unheard(done: int, count: int) -> None:
    pass


@dataclass(frozen=True, eq=False)
class Scores:
    """The result of an evaluation.

    ``loss``: what ``keras.Model.evaluate`` reports: mean cross-entropy plus penalties on weights.
    ``labels`` and ``predictions``: (count,) the true and the most probable class of each image.
    ``confidences``: float32 (count,), the model's output for that class.
    """

    loss: float
    labels: NDArray[np.int64]
    predictions: NDArray[np.int64]
    confidences: NDArray[np.float32]

    @property
    def count(self) -> int:
        """How many images were evaluated."""
        return len(self.labels)

    @property
    def correct(self) -> int:
        """How many of them got their own class."""
        return int(np.count_nonzero(self.labels == self.predictions))

    @property
    def accuracy(self) -> float:
        """The share of them."""
        return self.correct / self.count

    def as_dict(self, classes: Sequence[str]) -> dict[str, Any]:
        """The document of ``evaluate --json``: totals, confusion (row: true class), and figures for each class."""
        numbers = list(range(len(classes)))
        confusion = confusion_matrix(self.labels, self.predictions, labels=numbers)
        # A class that never occurs or is never predicted has no precision or recall: 0 by convention.
        precision, recall, f1, support = precision_recall_fscore_support(
            self.labels, self.predictions, labels=numbers, zero_division=0.0
        )
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "count": self.count,
            "confusion": confusion.tolist(),
            "classes": list(classes),
            "per_class": [
                {
                    "class": name,
                    "precision": float(precision[i]),
                    "recall": float(recall[i]),
                    "f1": float(f1[i]),
                    "support": int(support[i]),
                }
                for i, name in enumerate(classes)
            ],
        }


class Evaluator:
    """One model on one part of a data set, ready to be evaluated again after each epoch."""

    def __init__(self, model: keras.Model, feed: Feed) -> None:
        self._model, self._feed, self._call_size = model, feed, CallSize()
        self._call = tf.function(self._batches, input_signature=[INDICES]).get_concrete_function()

    def run(self, stop: Callable[[], bool] = _never, report: Callable[[int, int], None] = _unheard) -> Scores | None:
        """Evaluate all images; ``None`` if ``stop``, asked after each call, says so. ``report`` hears (done, count)."""
        count = self._feed.count
        losses, predictions, confidences, penalty, done = [], [], [], 0.0, 0
        for matrix in index_matrices(np.arange(count, dtype=np.int32), _BATCH_SIZE, self._call_size):
            began = time.perf_counter()
            with self._feed.watched():
                part = [tensor.numpy() for tensor in self._call(tf.constant(matrix))]
            self._call_size.took(len(matrix), time.perf_counter() - began)
            losses.append(part[0].ravel())
            predictions.append(part[1].ravel())
            confidences.append(part[2].ravel())
            penalty += float(part[3].sum(dtype=np.float64)) * matrix.shape[1]
            done += matrix.size
            report(done, count)
            if stop():
                return None
        loss = np.concatenate(losses).mean(dtype=np.float64) + penalty / count
        return Scores(float(loss), self._feed.labels, np.concatenate(predictions), np.concatenate(confidences))

    def _batches(self, matrix: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Losses (batches, images), predicted classes and their outputs alike, the penalties on weights (batches,)."""
        batches = tf.shape(matrix)[0]
        losses = tf.TensorArray(tf.float32, batches)
        classes = tf.TensorArray(tf.int64, batches)
        confidences = tf.TensorArray(tf.float32, batches)
        penalties = tf.TensorArray(tf.float32, batches)
        for i in tf.range(batches):
            images, targets = self._feed.batch(matrix[i])
            output = self._model(images, training=False)
            losses = losses.write(i, self._feed.loss.of_each(targets, output))
            classes = classes.write(i, tf.argmax(output, axis=-1))
            confidences = confidences.write(i, tf.reduce_max(tf.cast(output, tf.float32), axis=-1))
            # Known after the call only; they are few, one a layer with a regularizer.
            penalty = tf.constant(0.0)
            for loss in self._model.losses:
                penalty += tf.cast(loss, tf.float32)
            penalties = penalties.write(i, penalty)
        return losses.stack(), classes.stack(), confidences.stack(), penalties.stack()


def evaluate(
    model: keras.Model,
    preprocessing: Preprocessing,
    images: ImageArray,
    labels: NDArray[np.int64],
    classes: Sequence[str],
    stop: Callable[[], bool] = _never,
    report: Callable[[int, int], None] = _unheard,
    loss: LossSpec = SPARSE,
) -> Scores | None:
    """Evaluate ``model`` on raw ``images`` (count, rows, columns, channels) with the ``loss`` it was trained on.

    ``report`` hears (done, count) several times a second; then ``stop`` is asked (a control's ``stop_requested``),
    and when it says so the result is ``None``.
    Raises ``ExplorerError`` if the model takes other images or does not end in one value for each class.
    """
    if len(model.inputs) > 1 or len(model.outputs) > 1:
        raise ExplorerError(
            f"The model has {len(model.inputs)} inputs and {len(model.outputs)} outputs.",
            "Only models that make one answer of one image can be evaluated.",
        )
    takes, gives = tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])
    if len(takes) != 3 or any(size not in (None, side) for size, side in zip(takes, images.shape[1:], strict=True)):
        raise ExplorerError(
            f"The model takes images of {shape_text(takes)}, the data set has {shape_text(images.shape[1:])}.",
            "Choose the data set that the model was trained on.",
        )
    if gives != (len(classes),):
        raise ExplorerError(
            f"The model gives {shape_text(gives)} values for an image, the data set has {len(classes)} classes.",
            "Choose the data set that the model was trained on.",
        )
    return Evaluator(model, Feed(images, labels, preprocessing, loss, len(classes))).run(stop, report)
