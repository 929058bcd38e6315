"""Preprocessing against scikit-learn on everything at once, and against numbers made by hand."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from cnn_explorer.core.training import PreprocessingName
from cnn_explorer.data import preprocessing
from cnn_explorer.data.preprocessing import fit_preprocessing


def _images(count: int, seed: int = 0) -> np.ndarray:
    images = np.random.default_rng(seed).integers(0, 256, (count, 6, 5, 3)).astype(np.uint8)
    images[:, 0, 0] = 0
    images[:, 1, 1] = 200
    return images


@pytest.mark.parametrize("count", [1, 2, 100, 101])
def test_that_standardize_in_chunks_is_standard_scaler_on_everything(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preprocessing, "_CHUNK", 16)
    images = _images(count)
    flat = images.reshape(count, -1).astype(np.float64)
    expected = StandardScaler().fit_transform(flat).reshape(images.shape)
    fitted = fit_preprocessing("standardize", images)
    assert fitted.offset.shape == fitted.scale.shape == (6, 5, 3)
    assert fitted.offset.dtype == fitted.scale.dtype == np.float32
    np.testing.assert_allclose(fitted.apply(images), expected, rtol=1e-5, atol=1e-5)


def test_that_a_pixel_that_is_always_the_same_becomes_0_and_does_not_explode() -> None:
    fitted = fit_preprocessing("standardize", _images(50))
    assert (fitted.scale > 0).all()
    assert fitted.scale[0, 0, 0] == 1
    other = np.full((6, 5, 3), 210, np.uint8)
    assert fitted.apply(_images(50))[3, 1, 1, 0] == 0
    assert fitted.apply(other)[1, 1, 0] == 10


def test_that_only_the_images_given_are_learnt_from() -> None:
    train, test = _images(50, 1), _images(50, 2)
    fitted = fit_preprocessing("standardize", train)
    np.testing.assert_allclose(fitted.offset, train.mean(axis=0), rtol=1e-5)
    assert not np.allclose(fitted.offset, test.mean(axis=0), rtol=1e-3)


@pytest.mark.parametrize(("name", "expected"), [("scale", [0.0, 0.2, 1.0]), ("none", [0.0, 51.0, 255.0])])
def test_that_the_fixed_kinds_need_no_fitting(name: PreprocessingName, expected: list[float]) -> None:
    image = np.array([0, 51, 255], np.uint8).reshape(1, 3, 1)
    fitted = fit_preprocessing(name, np.zeros((0, 1, 3, 1), np.uint8))
    assert fitted.name == name
    np.testing.assert_allclose(fitted.apply(image).ravel(), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["standardize", "scale", "none"])
def test_that_one_image_is_prepared_like_the_same_image_among_others(name: PreprocessingName) -> None:
    images = _images(20)
    fitted = fit_preprocessing(name, images)
    together = fitted.apply(images)
    assert together.dtype == np.float32
    assert together.shape == images.shape
    np.testing.assert_array_equal(fitted.apply(images[7]), together[7])
    np.testing.assert_array_equal(fitted.apply(images[7].astype(np.float32)), together[7])


def test_that_the_raw_images_stay_as_they_are() -> None:
    images = _images(4).astype(np.float32)
    before = images.copy()
    fit_preprocessing("scale", np.zeros((1, 6, 5, 3), np.uint8)).apply(images)
    np.testing.assert_array_equal(images, before)


def test_that_images_of_another_size_are_refused() -> None:
    fitted = fit_preprocessing("standardize", _images(10))
    with pytest.raises(ValueError, match="broadcast"):
        fitted.apply(np.zeros((7, 5, 3), np.uint8))


def test_that_the_memory_for_fitting_does_not_grow_with_the_number_of_images() -> None:
    def peak(count: int) -> int:
        images = np.zeros((count, 16, 16, 1), np.uint8)
        tracemalloc.start()
        fit_preprocessing("standardize", images)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 1.2 * peak(5_000)
