"""One epoch of training: Keras' own ``train_step``, many batches in one call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import BatchEnded
from cnn_explorer.engine.clock import Clock
from cnn_explorer.engine.feed import INDICES, Feed, Pace, index_matrices


@dataclass(frozen=True)
class EpochMeans:
    """Means over an epoch's images, and the learning rate after its last step."""

    loss: float
    accuracy: float
    learning_rate: float


class Learner:
    """A compiled model (metric: accuracy) with its training images.

    ``fit`` is not used: it hands over each batch by itself, asks a stop only between its own calls and another
    flag in validation, and starts anew with other shuffling when a run is continued.
    """

    def __init__(self, model: keras.Model, feed: Feed, batch_size: int, seed: int) -> None:
        self._model, self._feed, self._batch_size, self._seed = model, feed, batch_size, seed
        self._pace = Pace()
        # All variables must exist before the graph is traced, or their creation would be part of the loop.
        model.optimizer.build(model.trainable_variables)
        model.compute_metrics(None, np.zeros(1, np.int64), np.zeros((1, model.output_shape[-1]), np.float32))
        self._call = tf.function(self._batches, input_signature=[INDICES]).get_concrete_function()

    def run(self, epoch: int, clock: Clock, emit: Callable[[BatchEnded], None]) -> EpochMeans | None:
        """Train one epoch; ``None`` if a stop was asked for.

        The order of the images depends on seed and epoch alone, so that a continued run repeats it exactly.
        Raises ``ExplorerError`` if the loss is no longer a number.
        """
        order = np.random.default_rng([self._seed, epoch]).permutation(self._feed.count).astype(np.int32)
        loss, correct, rate, step = 0.0, 0, 0.0, 0
        for matrix in index_matrices(order, self._batch_size, self._pace):
            began = time.perf_counter()
            losses, accuracies, last_rate = (tensor.numpy() for tensor in self._call(tf.constant(matrix)))
            self._pace.took(len(matrix), time.perf_counter() - began)
            if not np.isfinite(losses).all():
                raise _diverged(losses, epoch, step)
            size = matrix.shape[1]
            call_correct = sum(round(float(accuracy) * size) for accuracy in accuracies)
            step, correct = step + len(matrix), correct + call_correct
            loss += float(losses.sum(dtype=np.float64)) * size
            rate = float(str(last_rate))  # 0.001, not the nearest float32 in all its digits
            emit(
                BatchEnded(
                    epoch=epoch,
                    step=step,
                    loss=float(losses.mean(dtype=np.float64)),
                    accuracy=call_correct / matrix.size,
                    learning_rate=rate,
                    seconds=clock.seconds,
                )
            )
            if clock.stop_requested():
                return None
        return EpochMeans(loss / self._feed.count, correct / self._feed.count, rate)

    def _batches(self, matrix: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Train on the batches of ``matrix``: loss and accuracy of each (batches,), and the learning rate now."""
        batches = tf.shape(matrix)[0]
        losses = tf.TensorArray(tf.float32, batches)
        accuracies = tf.TensorArray(tf.float32, batches)
        for i in tf.range(batches):
            # Keras' metrics are running means; reset for each batch, so that no figure depends on how calls are cut.
            self._model.reset_metrics()
            results = self._model.train_step(self._feed.batch(matrix[i]))
            losses = losses.write(i, results["loss"])
            accuracies = accuracies.write(i, results["accuracy"])
        return losses.stack(), accuracies.stack(), tf.cast(self._model.optimizer.learning_rate, tf.float32)


def _diverged(losses: np.ndarray[tuple[int], np.dtype[np.float32]], epoch: int, step: int) -> ExplorerError:
    first = int(np.argmin(np.isfinite(losses)))
    what = "NaN (not a number)" if np.isnan(losses[first]) else "infinite"
    return ExplorerError(
        f"The loss became {what} in epoch {epoch}, batch {step + first + 1}.",
        "Use a lower learning rate, or another preprocessing.",
    )
