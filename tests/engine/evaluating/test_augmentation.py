"""Changed images against NumPy: whole pixels, mirrors and half turns can be told there exactly."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.evaluating.augmentation import Augmentation, augmented, transforms, warp
from cnn_explorer.engine.evaluating.feed import TrainingFeed
from cnn_explorer.engine.models.losses import SPARSE

EVERYTHING = TrainingConfig(
    seed=3, augment_shift=0.2, augment_rotation=30, augment_zoom=0.3, augment_flip="both", augment_noise=0.1
)


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Five pictures of 9 rows, 12 columns and 3 channels."""
    return np.random.default_rng(0).integers(0, 256, (5, 9, 12, 3), dtype=np.uint8)


def warped(images: NDArray[np.uint8], **changes: float | bool) -> NDArray[np.float32]:
    """All images moved in the same way."""
    count = len(images)
    values = {"right": 0.0, "down": 0.0, "angle": 0.0, "zoom": 1.0, "flip_across": False, "flip_down": False, **changes}
    table = transforms(
        tf.constant(float(images.shape[1])),
        tf.constant(float(images.shape[2])),
        **{name: tf.constant([value] * count) for name, value in values.items()},
    )
    return warp(tf.constant(images, tf.float32), table).numpy()


def moved(images: NDArray[np.uint8], right: int, down: int) -> NDArray[np.uint8]:
    """The same in NumPy, the border continued by its nearest pixels."""
    most = 6
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)), mode="edge")
    rows, columns = images.shape[1:3]
    return padded[:, most - down : most - down + rows, most - right : most - right + columns]


@pytest.mark.parametrize(("right", "down"), [(0, 0), (2, 0), (0, 3), (-1, -2), (5, -4)])
def test_that_a_shift_by_whole_pixels_moves_them_and_continues_the_border(
    images: NDArray[np.uint8], right: int, down: int
) -> None:
    np.testing.assert_array_equal(warped(images, right=float(right), down=float(down)), moved(images, right, down))


def test_that_mirrors_are_those_of_numpy(images: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(warped(images, flip_across=True), images[:, :, ::-1])
    np.testing.assert_array_equal(warped(images, flip_down=True), images[:, ::-1])


def test_that_half_a_turn_is_both_mirrors(images: NDArray[np.uint8]) -> None:
    np.testing.assert_allclose(warped(images, angle=math.pi), images[:, ::-1, ::-1], atol=1e-2)


def test_that_a_quarter_turn_goes_clockwise(images: NDArray[np.uint8]) -> None:
    square = images[:, :, :9]
    np.testing.assert_allclose(warped(square, angle=math.pi / 2), np.rot90(square, -1, axes=(1, 2)), atol=1e-2)


def test_that_mirror_zoom_turn_and_shift_together_are_those_of_scipy(images: NDArray[np.uint8]) -> None:
    angle, zoom, right, down = 0.4, 1.3, 1.5, -0.75
    ours = warped(images[:1], angle=angle, zoom=zoom, right=right, down=down, flip_across=True)[0]
    # From a place (row, column) of the result back to the image, one after the other.
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    back = np.diag([1.0, -1.0]) @ turn / zoom
    middle = np.array([4.0, 5.5])
    offset = middle - back @ (middle + np.array([down, right]))
    for channel in range(3):
        picture = images[0, :, :, channel].astype(np.float64)
        theirs = scipy.ndimage.affine_transform(picture, back, offset, order=1, mode="nearest")
        np.testing.assert_allclose(ours[:, :, channel], theirs, atol=0.05)


def test_that_zoom_enlarges_around_the_middle() -> None:
    image = np.zeros((1, 9, 9, 1), np.uint8)
    image[0, 3:6, 3:6] = 255
    assert warped(image, zoom=2.0).sum() == pytest.approx(4 * image.sum(), rel=0.15)
    assert warped(image, zoom=0.5).sum() < image.sum() / 2


def test_that_settings_of_nothing_change_nothing(images: NDArray[np.uint8]) -> None:
    config = TrainingConfig()
    assert not config.augments
    np.testing.assert_array_equal(augmented(config, images, 0), images)
    key = tf.constant(1, tf.int64), tf.constant(0, tf.int64)
    same = Augmentation(config).apply(tf.constant(images, tf.float32), *key)
    np.testing.assert_array_equal(same.numpy(), images)


def test_that_noise_has_the_deviation_that_was_asked_for_and_no_mean() -> None:
    grey = np.full((40, 20, 20, 1), 128, np.uint8)
    changed = augmented(TrainingConfig(augment_noise=0.1), grey, 0).astype(np.float64) - 128
    assert changed.std() == pytest.approx(25.5, rel=0.03)
    assert changed.mean() == pytest.approx(0.0, abs=1.0)


def test_that_every_second_image_is_mirrored_and_never_in_a_direction_that_is_not_wanted() -> None:
    images = np.tile(np.arange(12, dtype=np.uint8).reshape(1, 3, 4, 1), (400, 1, 1, 1))
    for flip, wanted in (("horizontal", (True, False)), ("vertical", (False, True)), ("both", (True, True))):
        corners = augmented(TrainingConfig(augment_flip=flip), images, 0)[:, 0, 0, 0]
        across, down = np.isin(corners, (3, 11)), np.isin(corners, (8, 11))
        assert np.isin(corners, (0, 3, 8, 11)).all()
        for mirrored, is_wanted in zip((across, down), wanted, strict=True):
            assert 0.4 < mirrored.mean() < 0.6 if is_wanted else not mirrored.any()


def test_that_shifts_fill_their_whole_range() -> None:
    image = np.zeros((300, 21, 21, 1), np.uint8)
    image[:, 10, 10] = 255
    changed = augmented(TrainingConfig(augment_shift=0.2), image, 0)[..., 0].astype(np.float64)
    weight = changed.sum(axis=(1, 2))
    for axis in (1, 2):
        places = (changed.sum(axis=3 - axis) @ np.arange(21.0)) / weight - 10
        assert np.abs(places).max() <= 4.2 + 0.1
        assert places.min() < -3.8
        assert places.max() > 3.8
        assert np.std(places) == pytest.approx(4.2 / math.sqrt(3), rel=0.15)  # that of a uniform distribution


def test_that_each_draw_is_another_one_and_always_the_same(images: NDArray[np.uint8]) -> None:
    first = augmented(EVERYTHING, images, 0)
    assert first.dtype == np.uint8
    assert first.shape == images.shape
    np.testing.assert_array_equal(first, augmented(EVERYTHING, images, 0))
    assert (first != augmented(EVERYTHING, images, 1)).any()
    other_seed = msgspec.structs.replace(EVERYTHING, seed=4)
    assert (first != augmented(other_seed, images, 0)).any()


def test_that_equal_images_are_changed_differently(images: NDArray[np.uint8]) -> None:
    changed = augmented(EVERYTHING, np.repeat(images[:1], 4, axis=0), 0)
    assert all((changed[0] != other).any() for other in changed[1:])


def test_that_a_run_sees_what_the_preview_shows(images: NDArray[np.uint8]) -> None:
    scale = fit_preprocessing("scale", images)
    labels = np.arange(5)
    feed = TrainingFeed(images, labels, scale, SPARSE, 5, augmentation=Augmentation(EVERYTHING))
    order = np.array([4, 0, 2], np.int32)
    for epoch in (1, 2):
        seen, targets = feed.training_batch(
            tf.constant(order), tf.constant(epoch, tf.int64), tf.constant(0, tf.int64)
        )  # fmt: skip
        np.testing.assert_array_equal(targets.numpy(), labels[order])
        np.testing.assert_array_equal(np.rint(seen.numpy() * 255), augmented(EVERYTHING, images[order], epoch))
    plain, _ = feed.batch(tf.constant(order))  # what is validated on is not changed
    np.testing.assert_array_equal(plain.numpy(), scale.apply(images[order]))


def test_that_the_place_in_the_epoch_decides_what_happens_to_an_image(images: NDArray[np.uint8]) -> None:
    augmentation = Augmentation(EVERYTHING)

    def change(epoch: int, position: int) -> NDArray[np.float32]:
        key = tf.constant(epoch, tf.int64), tf.constant(position, tf.int64)
        return augmentation.apply(tf.constant(images, tf.float32), *key).numpy()

    np.testing.assert_array_equal(change(2, 64), change(2, 64))
    drawn = [change(1, 0), change(2, 0), change(1, 64), change(2, 64)]
    assert all((a != b).any() for n, a in enumerate(drawn) for b in drawn[:n])


def test_that_brightness_stays_between_0_and_255(images: NDArray[np.uint8]) -> None:
    loud = msgspec.structs.replace(EVERYTHING, augment_noise=1.0)
    key = tf.constant(1, tf.int64), tf.constant(0, tf.int64)
    changed = Augmentation(loud).apply(tf.constant(images, tf.float32), *key).numpy()
    assert (changed.min(), changed.max()) == (0.0, 255.0)
