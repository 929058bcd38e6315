"""What the network gets in training is what anyone else gets who prepares an image."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.run.config import PreprocessingName, TrainingConfig
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.evaluating import feed as feed_module
from cnn_explorer.engine.evaluating.augmentation import Augmentation
from cnn_explorer.engine.evaluating.feed import Feed, TrainingFeed
from cnn_explorer.engine.models.losses import SPARSE

NAMES = get_args(PreprocessingName)
LABELS = np.arange(8) % 3
ORDER = np.array([6, 1, 0, 3], np.int32)


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Colour images; the first is the same everywhere, and a pixel is the same in all."""
    images = np.random.default_rng(0).integers(0, 256, (8, 5, 4, 3), dtype=np.uint8)
    images[0] = 90
    images[:, 2, 2] = 90
    return images


@pytest.mark.parametrize("name", NAMES)
def test_that_the_graph_prepares_images_as_everyone_else_does(name: PreprocessingName, images: NDArray) -> None:
    preprocessing = fit_preprocessing(name, images)
    prepared, labels = Feed(images, LABELS, preprocessing, SPARSE, 3).batch(tf.constant(ORDER))
    np.testing.assert_allclose(prepared, preprocessing.apply(images[ORDER]), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(labels, LABELS[ORDER])
    assert prepared.dtype == tf.float32


@pytest.mark.parametrize("name", NAMES)
def test_that_images_are_prepared_after_they_were_changed(name: PreprocessingName, images: NDArray) -> None:
    preprocessing = fit_preprocessing(name, images)
    augmentation = Augmentation(TrainingConfig(augment_shift=0.3, augment_noise=0.2))
    feed = TrainingFeed(images, LABELS, preprocessing, SPARSE, 3, augmentation)
    key = tf.constant(1, tf.int64), tf.constant(0, tf.int64)
    prepared, _ = feed.training_batch(tf.constant(ORDER), *key)
    changed = augmentation.apply(tf.constant(images[ORDER], tf.float32), *key).numpy()
    assert np.abs(changed - images[ORDER]).mean() > 1
    np.testing.assert_allclose(prepared, preprocessing.apply(changed), rtol=1e-4, atol=1e-4)


def test_that_all_feeds_of_a_run_share_the_room_on_the_device(images: NDArray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "RESIDENT_BYTES", images.nbytes + images[:2].nbytes)
    preprocessing = fit_preprocessing("scale", images)
    first = Feed(images, LABELS, preprocessing, SPARSE, 3)
    assert first.resident_bytes == images.nbytes
    for count, held in ((2, images[:2].nbytes), (3, 0)):
        second = Feed(images[:count], LABELS[:count], preprocessing, SPARSE, 3, first.resident_bytes)
        assert second.resident_bytes == held
        np.testing.assert_array_equal(second.batch(tf.constant([1]))[0], preprocessing.apply(images[1:2]))
