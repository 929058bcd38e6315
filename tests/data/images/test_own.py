"""Images from outside: every step on their way to the network is right, and told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.images.handwriting import centred
from cnn_explorer.data.images.own import Bringing, brought, drawn, read_user_image, thumbnail, user_image_of

GRAY, COLOUR = (28, 28, 1), (100, 100, 3)


def _saved(path: Path, pixels: NDArray[np.uint8], **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def _page(rows: int = 480, columns: int = 640) -> NDArray[np.uint8]:
    """Dark blue ink on bright paper."""
    page = np.full((rows, columns, 3), 235, np.uint8)
    page[rows // 4 : rows // 2, columns // 3 : columns // 2] = (20, 30, 90)
    return page


def test_that_a_photo_of_paper_becomes_gray_and_inverted_and_says_so(tmp_path: Path) -> None:
    found = brought(read_user_image(_saved(tmp_path / "a.png", _page())), GRAY, Bringing())
    assert found.said == "640×480 colour → grey, inverted, fitted into 28×28"
    assert found.inverted
    assert found.image.shape == GRAY
    assert found.image[0, 0, 0] == 20  # 255 - 235
    assert found.image.max() > 200


def test_that_a_word_of_the_user_beats_the_guess(tmp_path: Path) -> None:
    user_image = read_user_image(_saved(tmp_path / "a.png", _page()))
    found = brought(user_image, GRAY, Bringing(invert=False, resize="stretch"))
    assert found.said == "640×480 colour → grey, stretched to 28×28"
    assert found.image[0, 0, 0] == 235
    assert brought(user_image, GRAY, Bringing(invert=True)).image[0, 0, 0] == 20


def test_that_an_image_of_the_right_kind_keeps_its_pixels(tmp_path: Path) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[10:20, 9:13] = 200
    found = brought(read_user_image(_saved(tmp_path / "a.png", pixels)), GRAY, Bringing())
    assert found.said == "28×28 grey, used as it is"
    np.testing.assert_array_equal(found.image[..., 0], pixels)


def test_that_gray_goes_into_three_channels_and_is_never_inverted_there(tmp_path: Path) -> None:
    gray = np.full((100, 100), 250, np.uint8)
    gray[40:60, 40:60] = 10
    found = brought(read_user_image(_saved(tmp_path / "a.png", gray)), COLOUR, Bringing())
    assert found.said == "100×100 grey → grey in all three channels"
    np.testing.assert_array_equal(found.image, np.repeat(gray[..., np.newaxis], 3, axis=2))
    colour = brought(read_user_image(_saved(tmp_path / "b.png", _page())), COLOUR, Bringing("crop"))
    assert colour.said == "640×480 colour → cropped to 100×100"
    assert tuple(colour.image[0, 0]) == (235, 235, 235)


def test_that_a_coloured_file_of_grays_is_gray(tmp_path: Path) -> None:
    gray = np.repeat(np.arange(0, 240, 10, np.uint8)[:, np.newaxis, np.newaxis], 3, axis=2)
    assert not read_user_image(_saved(tmp_path / "a.png", gray)).in_colour


def test_that_centring_finds_the_ink_on_the_paper(tmp_path: Path) -> None:
    found = brought(read_user_image(_saved(tmp_path / "a.png", _page())), GRAY, Bringing(centre=True))
    assert found.said == "640×480 colour → grey, inverted, paper cleared, centred and scaled like MNIST in 28×28"
    ink = np.zeros((480, 640), np.uint8)
    ink[120:240, 213:320] = 255
    np.testing.assert_array_equal(found.image[..., 0], centred(ink))


def test_that_turning_and_transparency_are_told(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = read_user_image(_saved(tmp_path / "a.jpg", _page(), exif=exif))
    assert turned.size == (480, 640)
    assert brought(turned, GRAY, Bringing()).said == (
        "480×640 colour → turned upright, grey, inverted, fitted into 28×28"
    )
    clear = np.zeros((50, 50, 4), np.uint8)
    clear[20:30, 20:30, 3] = 255
    for user_image in (read_user_image(_saved(tmp_path / "b.png", clear)), user_image_of(clear)):
        assert brought(user_image, GRAY, Bringing()).said == "50×50 grey → put on white, inverted, fitted into 28×28"
    opaque = np.full((50, 50, 4), 255, np.uint8)
    assert user_image_of(opaque).remarks == ()


def test_that_a_huge_picture_is_reduced_and_keeps_its_size_in_words(tmp_path: Path) -> None:
    user_image = read_user_image(_saved(tmp_path / "a.png", np.zeros((20, 9000), np.uint8)))
    assert max(user_image.picture.size) == 4096
    assert user_image.size == (9000, 20)
    assert brought(user_image, GRAY, Bringing()).said == "9,000×20 grey → fitted into 28×28"


def test_that_a_drawing_is_centred_or_left_where_it_is() -> None:
    ink = np.zeros((280, 280), np.uint8)
    ink[10:90, 10:50] = 255
    like_mnist = drawn(ink, GRAY, like_mnist=True)
    np.testing.assert_array_equal(like_mnist.image[..., 0], centred(ink))
    assert "like MNIST" in like_mnist.said
    as_drawn = drawn(ink, GRAY, like_mnist=False)
    expected = np.zeros((28, 28), np.uint8)
    expected[1:9, 1:5] = 255
    np.testing.assert_array_equal(as_drawn.image[..., 0], expected)
    assert as_drawn.said == "Drawing → reduced to 28×28 as it is drawn"


@pytest.mark.parametrize("like_mnist", [True, False])
def test_that_a_drawing_fits_any_input(like_mnist: bool) -> None:
    ink = np.zeros((280, 280), np.uint8)
    ink[100:180, 100:120] = 255
    for shape in ((100, 100, 3), (8, 8, 1), (60, 120, 3), (1, 1, 1)):
        found = drawn(ink, shape, like_mnist)
        assert found.image.shape == shape
        assert found.image.any()
        assert (found.image == found.image[..., :1]).all()
        assert ("three channels" in found.said) == (shape[2] == 3)


def test_that_other_numbers_of_channels_are_refused_in_a_sentence() -> None:
    with pytest.raises(ExplorerError, match="2 channels"):
        drawn(np.zeros((280, 280), np.uint8), (28, 28, 2), like_mnist=True)
    with pytest.raises(ExplorerError, match="4 channels"):
        brought(user_image_of(np.zeros((5, 5, 3), np.uint8)), (28, 28, 4), Bringing())


def test_that_damaged_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    for path in (broken, tmp_path / "missing.png"):
        with pytest.raises(ExplorerError, match=path.name):
            read_user_image(path)


def test_that_a_thumbnail_is_small_and_keeps_the_proportions() -> None:
    small = thumbnail(user_image_of(_page()), 44)
    assert small.shape == (66, 88, 3)
