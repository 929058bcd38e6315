"""Preprocessing against scikit-learn on everything at once, and against numbers made by hand."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from cnn_explorer.core.run.config import FITTED_PREPROCESSING, PreprocessingName
from cnn_explorer.data import preprocessing
from cnn_explorer.data.dataset import Picked
from cnn_explorer.data.preprocessing import fit_preprocessing

NAMES = get_args(PreprocessingName)


def _images(count: int, seed: int = 0) -> np.ndarray:
    images = np.random.default_rng(seed).integers(0, 256, (count, 6, 5, 3)).astype(np.uint8)
    images[:, 0, 0] = 0
    images[:, 1, 1] = 200
    return images


@pytest.mark.parametrize("count", [1, 2, 100, 101])
@pytest.mark.parametrize(("name", "columns"), [("standardize", 6 * 5 * 3), ("standardize_channel", 3)])
def test_that_standardizing_in_chunks_is_standard_scaler_on_everything(
    count: int, name: PreprocessingName, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preprocessing, "_CHUNK_BYTES", 16 * 6 * 5 * 3)
    images = _images(count)
    scaler = StandardScaler().fit(images.reshape(-1, columns).astype(np.float64))
    expected = scaler.transform(images.reshape(-1, columns)).reshape(images.shape)
    fitted = fit_preprocessing(name, images)
    assert fitted.offset.shape == fitted.scale.shape == ((6, 5, 3) if columns > 3 else (1, 1, 3))
    assert fitted.offset.dtype == fitted.scale.dtype == np.float32
    np.testing.assert_allclose(fitted.offset.ravel(), scaler.mean_, rtol=1e-7)
    np.testing.assert_allclose(fitted.scale.ravel(), scaler.scale_, rtol=1e-6)
    np.testing.assert_allclose(fitted.apply(images), expected, rtol=1e-5, atol=1e-5)


@given(
    common=st.integers(0, 255),
    other=st.integers(0, 255),
    count=st.integers(2, 3000),
    step=st.sampled_from([1, 7, 2**16]),
)
def test_that_one_odd_image_among_many_is_measured_exactly(common: int, other: int, count: int, step: int) -> None:
    images = np.full((count, 1, 1, 1), common, np.uint8)
    images[count // 2] = other
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocessing, "_CHUNK_IMAGES", step)
        fitted = fit_preprocessing("standardize", images)
    share = 1 / count
    deviation = abs(common - other) * (share * (1 - share)) ** 0.5
    assert fitted.offset.item() == pytest.approx(common + (other - common) * share, rel=1e-6)
    assert fitted.scale.item() == pytest.approx(deviation or 1.0, rel=1e-6)


def test_that_sums_of_the_brightest_images_do_not_overflow() -> None:
    images = np.broadcast_to(np.uint8(255), (2**17 + 3, 1, 1, 2))
    for name in FITTED_PREPROCESSING:
        fitted = fit_preprocessing(name, images)
        np.testing.assert_array_equal(fitted.offset.ravel(), [255, 255])
        np.testing.assert_array_equal(fitted.scale.ravel(), [1, 1])


def test_that_a_pixel_that_is_always_the_same_becomes_0_and_does_not_explode() -> None:
    fitted = fit_preprocessing("standardize", _images(50))
    assert (fitted.scale > 0).all()
    assert fitted.scale[0, 0, 0] == 1
    other = np.full((6, 5, 3), 210, np.uint8)
    assert fitted.apply(_images(50))[3, 1, 1, 0] == 0
    assert fitted.apply(other)[1, 1, 0] == 10


def test_that_each_image_is_standardized_by_itself() -> None:
    # 0, 51, 102, 153: mean 76.5, deviation 51 · √5 / 2
    image = np.array([0, 51, 102, 153], np.uint8).reshape(2, 2, 1)
    fitted = fit_preprocessing("standardize_image", np.zeros((0, 2, 2, 1), np.uint8))
    expected = np.array([-3, -1, 1, 3]) / 5**0.5
    np.testing.assert_allclose(fitted.apply(image).ravel(), expected, rtol=1e-6)
    prepared = fit_preprocessing("standardize_image", _images(9)).apply(_images(9))
    np.testing.assert_allclose(prepared.mean((1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(prepared.std((1, 2, 3)), 1, rtol=1e-6)


@pytest.mark.parametrize("value", [0, 1, 200, 255])
@pytest.mark.parametrize("side", [1, 7, 300])
def test_that_an_image_that_is_the_same_everywhere_becomes_0(value: int, side: int) -> None:
    image = np.full((side, side, 3), value, np.uint8)
    prepared = fit_preprocessing("standardize_image", _images(2)).apply(image)
    np.testing.assert_array_equal(prepared, 0)


def test_that_only_the_images_given_are_learnt_from() -> None:
    train, test = _images(50, 1), _images(50, 2)
    fitted = fit_preprocessing("standardize", train)
    np.testing.assert_allclose(fitted.offset, train.mean(axis=0), rtol=1e-5)
    assert not np.allclose(fitted.offset, test.mean(axis=0), rtol=1e-3)


@pytest.mark.parametrize("name", FITTED_PREPROCESSING)
def test_that_images_on_disk_in_an_order_of_their_own_are_learnt_from_alike(
    name: PreprocessingName, tmp_path: Path
) -> None:
    images = _images(40)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    chosen = np.random.default_rng(0).permutation(40)[:25]
    expected, fitted = fit_preprocessing(name, images[np.sort(chosen)]), fit_preprocessing(name, Picked(mapped, chosen))
    np.testing.assert_array_equal(fitted.offset, expected.offset)
    np.testing.assert_array_equal(fitted.scale, expected.scale)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("scale", [0.0, 0.2, 1.0]), ("scale_signed", [-1.0, -0.6, 1.0]), ("none", [0.0, 51.0, 255.0])],
)
def test_that_the_fixed_kinds_need_no_fitting(name: PreprocessingName, expected: list[float]) -> None:
    image = np.array([0, 51, 255], np.uint8).reshape(1, 3, 1)
    fitted = fit_preprocessing(name, np.zeros((0, 1, 3, 1), np.uint8))
    assert fitted.name == name
    np.testing.assert_allclose(fitted.apply(image).ravel(), expected, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_that_one_image_is_prepared_like_the_same_image_among_others(name: PreprocessingName) -> None:
    images = _images(20)
    fitted = fit_preprocessing(name, images)
    together = fitted.apply(images)
    assert together.dtype == np.float32
    assert together.shape == images.shape
    np.testing.assert_array_equal(fitted.apply(images[7]), together[7])
    np.testing.assert_array_equal(fitted.apply(images[7].astype(np.float32)), together[7])


@pytest.mark.parametrize("name", NAMES)
def test_that_the_raw_images_stay_as_they_are(name: PreprocessingName) -> None:
    images = _images(4).astype(np.float32)
    before = images.copy()
    fit_preprocessing(name, _images(2)).apply(images)
    np.testing.assert_array_equal(images, before)


def test_that_images_of_another_size_are_refused() -> None:
    fitted = fit_preprocessing("standardize", _images(10))
    with pytest.raises(ValueError, match="broadcast"):
        fitted.apply(np.zeros((7, 5, 3), np.uint8))


@pytest.mark.parametrize("name", FITTED_PREPROCESSING)
def test_that_the_memory_for_fitting_does_not_grow_with_the_number_of_images(name: PreprocessingName) -> None:
    def peak(count: int) -> int:
        images = np.zeros((count, 16, 16, 1), np.uint8)
        tracemalloc.start()
        fit_preprocessing(name, images)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(40_000) < 1.2 * peak(10_000)
