"""The MNIST way of centring, and which way round the brightness is: against MNIST itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cnn_explorer.data.images.handwriting import centred, inverted, is_inverted, uncentred, without_paper
from cnn_explorer.data.loading import load_dataset


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    """The 10,000 test images of MNIST."""
    return load_dataset("mnist").test_images[:][..., 0]


def _mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    weights = image.astype(np.float64)
    rows, columns = np.indices(image.shape)
    return float((weights * rows).sum() / weights.sum()), float((weights * columns).sum() / weights.sum())


def _box(image: NDArray[np.uint8]) -> tuple[int, int]:
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


def _scribble(points: list[tuple[int, int]], width: int) -> NDArray[np.uint8]:
    image = Image.new("L", (300, 300))
    ImageDraw.Draw(image).line(points, 255, width, joint="curve")
    return np.asarray(image)


_PLACES = st.tuples(st.integers(40, 240), st.integers(40, 240))
_LINES = st.lists(_PLACES, min_size=3, max_size=6, unique=True)


def test_that_mnists_own_images_are_fixed_points(digits: NDArray[np.uint8]) -> None:
    same = [bool((centred(image) == image).all()) for image in digits]
    assert len(same) - sum(same) == 3, "the three whose box has 19 pixels"
    wrong = digits[~np.array(same)]
    assert [max(_box(image)) for image in wrong] == [19, 19, 19]


def test_that_enlarged_mnist_comes_back_to_itself(digits: NDArray[np.uint8]) -> None:
    for image in digits[:200]:
        large = image.repeat(10, axis=0).repeat(10, axis=1)
        np.testing.assert_array_equal(centred(large), image)
        np.testing.assert_array_equal(uncentred(large), image)


@given(_LINES, st.integers(12, 40), st.integers(0, 120), st.integers(0, 120))
@settings(max_examples=40, deadline=None)
def test_that_it_does_not_matter_where_one_draws(
    points: list[tuple[int, int]], width: int, left: int, top: int
) -> None:
    ink = _scribble(points, width)
    elsewhere = np.pad(ink, ((top, 120 - top), (left, 120 - left)))
    np.testing.assert_array_equal(centred(ink), centred(elsewhere))


@given(_LINES, st.integers(12, 40), st.sampled_from([(28, 28), (32, 32), (27, 27), (100, 100), (28, 42)]))
@settings(max_examples=40, deadline=None)
def test_that_the_ink_fills_its_box_and_its_mass_is_in_the_middle(
    points: list[tuple[int, int]], width: int, size: tuple[int, int]
) -> None:
    image = centred(_scribble(points, width), size)
    assert image.shape == size
    box, wanted = _box(image), [round(side * 20 / 28) for side in size]
    assert box[0] <= wanted[0]
    assert box[1] <= wanted[1]
    assert box[0] == wanted[0] or box[1] == wanted[1]
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    for mass, side, lines in zip(_mass(image), size, (rows, columns), strict=True):
        at_the_edge = lines[0] == 0 or lines[-1] == side - 1
        assert at_the_edge or abs(mass - side // 2) <= 0.5


def test_that_one_sided_ink_stays_inside_whole() -> None:
    ink = np.zeros((280, 280), np.uint8)
    ink[100:110, :] = 255
    ink[40:170, 0:60] = 255  # nearly all mass at the left end
    image = centred(ink)
    assert max(_box(image)) == 20


def test_that_no_ink_gives_nothing_and_a_dot_gives_a_square() -> None:
    assert not centred(np.zeros((280, 280), np.uint8)).any()
    dot = np.zeros((280, 280), np.uint8)
    dot[13, 200] = 9
    assert _box(centred(dot)) == (20, 20)
    assert set(np.unique(centred(dot))) == {0, 9}


def test_that_the_polarity_of_mnist_and_of_its_negatives_is_always_told(digits: NDArray[np.uint8]) -> None:
    assert not any(is_inverted(image) for image in digits)
    assert all(is_inverted(inverted(image)) for image in digits)
    np.testing.assert_array_equal(inverted(inverted(digits[0])), digits[0])


def test_that_ink_on_real_paper_is_inverted_and_an_empty_page_is_not() -> None:
    rng = np.random.default_rng(0)
    shade = np.linspace(190, 240, 300)[np.newaxis] + rng.normal(0, 3, (200, 300))  # a lamp from the right, and grain
    paper = shade.clip(0, 255).astype(np.uint8)
    ink = paper.copy()
    ink[60:140, 140:150] = 40
    assert is_inverted(ink)
    assert not is_inverted(inverted(ink))
    for level in (0, 128, 255):
        assert not is_inverted(np.full((28, 28), level, np.uint8))


def test_that_the_paper_is_taken_away_and_the_ink_is_left() -> None:
    rng = np.random.default_rng(0)
    page = (230 + rng.normal(0, 4, (200, 300))).clip(0, 255).astype(np.uint8)
    page[60:140, 100:120] = 30
    ink = without_paper(inverted(page))
    assert _box(ink) == (80, 20)
    assert ink.max() == 255
    assert not without_paper(np.full((28, 28), 77, np.uint8)).any()
