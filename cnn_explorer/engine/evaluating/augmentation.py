"""Training images changed at random, inside the graph: moved, turned, enlarged, mirrored, with noise.

Random numbers come from stateless generators keyed by (seed, epoch, position in the epoch). So they are the same
however an epoch is cut into calls, after a pause, and in a run that is continued.
"""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.engine.device.runtime import CPU_STRING

_FLIPS = {"none": (0.0, 0.0), "horizontal": (0.5, 0.0), "vertical": (0.0, 0.5), "both": (0.5, 0.5)}
_POSITIONS = 2**32  # of an epoch; more than a data set has images
_ALGORITHM = "philox"  # named, so that all devices draw the same numbers


class Augmentation:
    """What a configuration does to the images of a batch; images are float32 in 0…255, and stay so."""

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config
        self._moves = any((config.augment_shift, config.augment_rotation, config.augment_zoom)) or (
            config.augment_flip != "none"
        )

    def apply(self, images: tf.Tensor, epoch: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
        """Change ``images`` (count, rows, columns, channels).

        ``epoch`` and ``position``, int64 scalars, are the key of the random numbers: which epoch it is, and the
        place in it of the first image.
        """
        if self._moves:
            images = warp(images, self._transforms(tf.shape(images), epoch, position))
        if self._config.augment_noise:
            noise = tf.random.stateless_normal(tf.shape(images), self._key(1, epoch, position), alg=_ALGORITHM)
            images += noise * (255.0 * self._config.augment_noise)
        return tf.clip_by_value(images, 0.0, 255.0)

    def _key(self, use: int, epoch: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
        return tf.stack((tf.constant(2 * self._config.seed + use, tf.int64), epoch * _POSITIONS + position))

    def _transforms(self, shape: tf.Tensor, epoch: tf.Tensor, position: tf.Tensor) -> tf.Tensor:
        """A random transform for each image, (count, 8). All six numbers are drawn, used or not: so a setting has
        the same effect whatever the others are."""
        config = self._config
        drawn = tf.random.stateless_uniform((shape[0], 6), self._key(0, epoch, position), alg=_ALGORITHM)
        across, down, turn, size, mirror_across, mirror_down = tf.unstack(drawn, axis=1)
        horizontal, vertical = _FLIPS[config.augment_flip]
        rows, columns = tf.cast(shape[1], tf.float32), tf.cast(shape[2], tf.float32)
        return transforms(
            rows,
            columns,
            right=config.augment_shift * columns * _centred(across),
            down=config.augment_shift * rows * _centred(down),
            angle=math.radians(config.augment_rotation) * _centred(turn),
            zoom=1.0 + config.augment_zoom * _centred(size),
            flip_across=mirror_across < horizontal,
            flip_down=mirror_down < vertical,
        )


def transforms(
    rows: tf.Tensor, columns: tf.Tensor, *,
    right: tf.Tensor, down: tf.Tensor, angle: tf.Tensor, zoom: tf.Tensor, flip_across: tf.Tensor, flip_down: tf.Tensor,
) -> tf.Tensor:  # fmt: skip
    """One transform for each image, (count, 8), for ``warp``: where each pixel of the result comes from.

    An image is mirrored, enlarged ``zoom``-fold and turned by ``angle`` (radians, clockwise) around its middle,
    and then moved by ``right`` and ``down`` pixels. ``rows`` and ``columns`` are scalars, the rest (count,).
    """
    middle_x, middle_y = (columns - 1.0) / 2.0, (rows - 1.0) / 2.0
    mirror_x, mirror_y = tf.where(flip_across, -1.0, 1.0), tf.where(flip_down, -1.0, 1.0)
    cosine, sine = tf.cos(angle) / zoom, tf.sin(angle) / zoom
    a, b = mirror_x * cosine, mirror_x * sine
    c, d = -mirror_y * sine, mirror_y * cosine
    x, y = middle_x + right, middle_y + down  # where the middle of the image comes to lie
    zeros = tf.zeros_like(a)
    return tf.stack((a, b, middle_x - a * x - b * y, c, d, middle_y - c * x - d * y, zeros, zeros), axis=1)


def warp(images: tf.Tensor, transforms: tf.Tensor) -> tf.Tensor:
    """Each image (count, rows, columns, channels) resampled bilinearly; beyond its border its nearest pixel counts.

    ``transforms``: (count, 8), see ``tf.raw_ops.ImageProjectiveTransformV3``.
    """
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )
    return tf.ensure_shape(warped, images.shape)


def augmented(config: TrainingConfig, images: NDArray[np.uint8], draw: int) -> NDArray[np.uint8]:
    """``images`` (count, rows, columns, channels) as the configuration's augmentation changes them in training.

    Each ``draw``, from 0, gives other ones, and always the same.
    """
    if not config.augments:
        return images.copy()
    with tf.device(CPU_STRING):
        floats = tf.constant(images, tf.float32)
        changed = Augmentation(config).apply(floats, tf.constant(draw, tf.int64), tf.constant(0, tf.int64))
    result: NDArray[np.float32] = changed.numpy()
    return np.rint(result).astype(np.uint8)


def _centred(drawn: tf.Tensor) -> tf.Tensor:
    """Numbers in 0…1 as numbers in -1…1."""
    return 2.0 * drawn - 1.0
