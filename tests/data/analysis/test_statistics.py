"""Statistics in chunks against NumPy on everything at once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.data.analysis import chunks, statistics
from cnn_explorer.data.analysis.statistics import SpreadSum, class_moments, tensor_spreads


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_CHUNK_BYTES", 7 * 5 * 4 * 3)  # seven images of the shape below


def pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 5, 4, 3), dtype=np.uint8)


def unwatched(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def test_that_the_spread_of_bytes_is_exactly_numpys() -> None:
    images = pictures(50) // 2 + 3
    raw, _ = tensor_spreads(images, lambda chunk: chunk.astype(np.float32), unwatched)
    assert (raw.minimum, raw.maximum) == (images.min(), images.max())
    assert raw.mean == pytest.approx(images.mean(), rel=1e-15)
    assert raw.deviation == pytest.approx(images.std(), rel=1e-13)


def test_that_the_spread_of_what_the_network_gets_is_numpys() -> None:
    images = pictures(50)

    def prepare(chunk: NDArray[np.uint8]) -> NDArray[np.float32]:
        return ((chunk - np.float32(100)) / np.float32(37)).astype(np.float32)

    _, prepared = tensor_spreads(images, prepare, unwatched)
    whole = prepare(images).astype(np.float64)
    assert (prepared.minimum, prepared.maximum) == (whole.min(), whole.max())
    assert prepared.mean == pytest.approx(whole.mean(), rel=1e-12)
    assert prepared.deviation == pytest.approx(whole.std(), rel=1e-12)


def test_that_a_small_deviation_around_a_large_mean_is_not_lost() -> None:
    values = 1e8 + np.random.default_rng(1).normal(size=(40, 100))
    summed = SpreadSum()
    for row in values:
        summed.add(row)
    assert summed.spread().deviation == pytest.approx(values.std(), rel=1e-6)


def test_that_nothing_has_no_spread() -> None:
    raw, prepared = tensor_spreads(pictures(0), lambda chunk: chunk.astype(np.float32), unwatched)
    assert np.isnan(raw.mean)
    assert np.isnan(prepared.minimum)


def test_that_mean_and_deviation_of_each_class_are_numpys() -> None:
    images = pictures(60)
    labels = np.random.default_rng(2).integers(0, 4, 60)
    labels[labels == 2] = 3  # a class without images
    found = class_moments(images, labels, 4, unwatched)
    assert found.counts.tolist() == np.bincount(labels, minlength=4).tolist()
    for label in (0, 1, 3):
        members = images[labels == label]
        np.testing.assert_allclose(found.mean[label], members.mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(found.deviation[label], members.std(axis=0), rtol=1e-6)
    assert np.isnan(found.mean[2]).all()
    assert np.isnan(found.deviation[2]).all()


def test_that_a_pixel_that_never_changes_has_no_deviation() -> None:
    images = np.full((100, 2, 2, 1), 255, np.uint8)
    found = class_moments(images, np.zeros(100, np.int64), 1, unwatched)
    assert (found.mean == 255).all()
    assert (found.deviation == 0).all()


def test_that_of_many_large_classes_only_some_pixels_are_kept_and_these_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statistics, "MOST_VALUES", 4 * 5 * 4 * 3 // 3)
    images, labels = pictures(40), np.arange(40) % 4
    found = class_moments(images, labels, 4, unwatched)
    assert found.step == 2
    assert found.mean.shape == (4, 3, 2, 3)
    np.testing.assert_allclose(found.mean[1], images[labels == 1].mean(axis=0)[::2, ::2], rtol=1e-6)


def test_that_the_work_can_be_ended_from_outside_and_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []

    class EnoughError(Exception):
        """What ends it."""

    def watch(what: str, done: int, total: int) -> None:
        told.append((done, total))
        if done >= 14:
            raise EnoughError

    with pytest.raises(EnoughError):
        class_moments(pictures(60), np.zeros(60, np.int64), 1, watch)
    assert told == [(0, 60), (7, 60), (14, 60)]
