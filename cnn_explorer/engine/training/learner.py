"""One epoch of training: Keras' own ``train_step``, many batches in one call."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, LearningRateChanged
from cnn_explorer.engine.device.placement import placement_recorded
from cnn_explorer.engine.evaluating.feed import INDICES, CallSize, TrainingFeed, index_matrices
from cnn_explorer.engine.training.cleanup import apply_gradients_directly
from cnn_explorer.engine.training.clock import Clock
from cnn_explorer.engine.training.rates import Rates, decimal

_RATES = tf.TensorSpec((None,), tf.float32)
_NUMBER = tf.TensorSpec((), tf.int64)


@dataclass(frozen=True)
class EpochMeans:
    """Means over an epoch's images, and the learning rate after its last step."""

    loss: float
    accuracy: float
    learning_rate: float


class Learner:
    """A compiled model (metric: accuracy) with its training images.

    ``fit`` is not used: it hands over each batch by itself, asks a stop only between its own calls and another
    flag in validation, and starts anew with other shuffling when a run is continued. ``say_placement`` hears on
    which devices the operations of the first call were computed.
    """

    def __init__(
        self, model: keras.Model, feed: TrainingFeed, rates: Rates, control: RunControl, batch_size: int, seed: int,
        xla: bool = False, say_placement: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self._model, self._feed, self._rates, self._control = model, feed, rates, control
        self._batch_size, self._seed = batch_size, seed
        self._say_placement = say_placement
        self._call_size = CallSize()
        # Gathering and augmentation stay outside: XLA would compile them anew, and cannot do some of it.
        self._step = tf.function(model.train_step, jit_compile=True) if xla else model.train_step
        # All variables must exist before the graph is traced, or their creation would be part of the loop.
        if not model.optimizer.built:  # a LossScaleOptimizer makes its own variables again each time
            model.optimizer.build(model.trainable_variables)
        apply_gradients_directly(model.optimizer)
        targets = feed.targets(tf.zeros(1, tf.int32))
        model.compute_metrics(None, targets, np.zeros((1, model.output_shape[-1]), np.float32))
        signature = [INDICES, _RATES, _NUMBER, _NUMBER]
        self._call = tf.function(self._batches, input_signature=signature).get_concrete_function()

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch."""
        return math.ceil(self._feed.count / self._batch_size)

    def run(
        self, epoch: int, clock: Clock, emit: Callable[[BatchEnded | LearningRateChanged], None]
    ) -> EpochMeans | None:
        """Train one epoch; ``None`` if a stop was asked for.

        The order of the images depends on seed and epoch alone, so that a continued run repeats it exactly.
        Raises ``ExplorerError`` if the loss is no longer a number.
        """
        order = np.random.default_rng([self._seed, epoch]).permutation(self._feed.count).astype(np.int32)
        behind = (epoch - 1) * self.steps_per_epoch
        loss, correct, step = 0.0, 0, 0
        for matrix in index_matrices(order, self._batch_size, self._call_size):
            self._take_wish(epoch, step, behind + step, emit)
            rates = self._rates.of_steps(behind + step, len(matrix))
            began = time.perf_counter()
            losses, accuracies = self._train(matrix, rates, epoch, step * self._batch_size)
            self._call_size.took(len(matrix), time.perf_counter() - began)
            if not np.isfinite(losses).all():
                raise _diverged(losses, epoch, step)
            size = matrix.shape[1]
            call_correct = sum(round(float(accuracy) * size) for accuracy in accuracies)
            step, correct = step + len(matrix), correct + call_correct
            loss += float(losses.sum(dtype=np.float64)) * size
            emit(
                BatchEnded(
                    epoch=epoch,
                    step=step,
                    loss=float(losses.mean(dtype=np.float64)),
                    accuracy=call_correct / matrix.size,
                    learning_rate=decimal(rates[-1]),
                    seconds=clock.seconds,
                )
            )
            if clock.stop_requested():
                return None
        rate = decimal(self._rates.of_steps(behind + step, 1)[0])
        return EpochMeans(loss / self._feed.count, correct / self._feed.count, rate)

    def _take_wish(self, epoch: int, step: int, behind: int, emit: Callable[[LearningRateChanged], None]) -> None:
        rate = self._control.take_learning_rate()
        if rate is not None:
            self._rates.set(behind, rate)
            emit(LearningRateChanged(epoch=epoch, step=step + 1, learning_rate=rate, reason="asked"))

    def _train(
        self, matrix: NDArray[np.int32], rates: NDArray[np.float32], epoch: int, position: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        numbers = (tf.constant(number, tf.int64) for number in (epoch, position))
        arguments = (tf.constant(matrix), tf.constant(rates), *numbers)
        with self._feed.watched():
            if self._say_placement is None:
                losses, accuracies = self._call(*arguments)
            else:
                with placement_recorded(self._call, self._say_placement):
                    losses, accuracies = self._call(*arguments)
                self._say_placement = None  # the devices stay the same
            return losses.numpy(), accuracies.numpy()

    def _batches(
        self, matrix: tf.Tensor, rates: tf.Tensor, epoch: tf.Tensor, position: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Train on the batches of ``matrix`` with one of ``rates`` each: loss and accuracy of each, (batches,).

        ``position`` is the place in the epoch of the first image.
        """
        batches = tf.shape(matrix)[0]
        losses = tf.TensorArray(tf.float32, batches)
        accuracies = tf.TensorArray(tf.float32, batches)
        for i in tf.range(batches):
            # Keras' metrics are running means; reset for each batch, so that no figure depends on how calls are cut.
            self._model.reset_metrics()
            self._model.optimizer.learning_rate.assign(rates[i])
            results = self._step(self._feed.training_batch(matrix[i], epoch, position))
            losses = losses.write(i, results["loss"])
            accuracies = accuracies.write(i, results["accuracy"])
            position += tf.shape(matrix, tf.int64)[1]
        return losses.stack(), accuracies.stack()


def _diverged(losses: NDArray[np.float32], epoch: int, step: int) -> ExplorerError:
    first = int(np.argmin(np.isfinite(losses)))
    what = "NaN (not a number)" if np.isnan(losses[first]) else "infinite"
    return ExplorerError(
        f"The loss became {what} in epoch {epoch}, batch {step + first + 1}.",
        "Use a lower learning rate, or another preprocessing.",
    )
