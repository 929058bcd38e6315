"""Image files of all kinds -> bytes of one size."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.images import reading as images
from cnn_explorer.data.images.reading import read_image

GREY, COLOUR = (28, 28, 1), (28, 28, 3)


def _save(path: Path, pixels: object, mode: str | None = None, **options: object) -> Path:
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    (image.convert(mode) if mode else image).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tiff", "webp"])
def test_that_an_image_of_the_right_size_keeps_its_pixels(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    options = {"lossless": True} if suffix == "webp" else {}
    read = read_image(_save(tmp_path / f"a.{suffix}", pixels, **options), GREY)
    assert read.shape == GREY
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read[..., 0], pixels)


def test_that_a_jpeg_is_read_about_right(tmp_path: Path) -> None:
    read = read_image(_save(tmp_path / "a.jpg", np.full((40, 40), 90)), GREY)
    np.testing.assert_allclose(read.astype(int), 90, atol=2)


def test_that_colour_becomes_grey_by_its_luminance_and_grey_becomes_colour(tmp_path: Path) -> None:
    red = _save(tmp_path / "red.png", np.broadcast_to([255, 0, 0], COLOUR))
    assert np.unique(read_image(red, GREY)).tolist() == [76]  # ITU-R 601: 0.299 · 255
    grey = _save(tmp_path / "grey.png", np.full((28, 28), 9))
    np.testing.assert_array_equal(read_image(grey, COLOUR), np.full(COLOUR, 9))


def test_that_a_wide_image_is_shown_as_a_whole_on_the_colour_of_its_edge(tmp_path: Path) -> None:
    pixels = np.full((160, 400), 200)
    pixels[40:120, 160:240] = 0  # in the middle, a fifth of the width, half of the height
    read = read_image(_save(tmp_path / "a.png", pixels), (10, 10, 1))[..., 0]
    assert (read[:3] == 200).all()
    assert (read[7:] == 200).all()
    assert (read[4:6, 4:6] < 60).all()
    assert (read[3:7, [0, 1, 8, 9]] == 200).all()


def test_that_a_small_image_is_enlarged(tmp_path: Path) -> None:
    read = read_image(_save(tmp_path / "a.png", [[255, 255], [0, 0]]), (8, 8, 1))[..., 0]
    assert (read[0] == 255).all()
    assert (read[-1] == 0).all()


def test_that_crop_takes_images_and_sizes_of_all_proportions() -> None:
    """Products with a rounded factor came out a hair larger than the image, which Pillow refuses."""
    for width in range(40, 60):
        for height in range(40, 60):
            for rows, columns in ((95, 48), (48, 95), (28, 28), (33, 49)):
                whole = images.resized(Image.new("L", (width, height), 7), rows, columns, "crop")
                assert (whole.size, whole.getextrema()) == ((columns, rows), (7, 7))


def test_that_crop_fills_and_stretch_shows_all(tmp_path: Path) -> None:
    pixels = np.zeros((20, 60))
    pixels[:, 20:40] = 200  # the middle third
    path = _save(tmp_path / "a.png", pixels)
    assert (read_image(path, (10, 10, 1), "crop")[:, 1:-1] == 200).all()
    stretched = read_image(path, (10, 9, 1), "stretch")[0, :, 0]
    assert stretched[[0, 4, 8]].tolist() == [0, 200, 0]


def test_that_a_large_photo_is_read_as_its_mean_colours(tmp_path: Path) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
    photo = np.kron(coarse, np.ones((100, 100, 1), np.uint8))
    path = _save(tmp_path / "a.jpg", photo, quality=95)
    read = read_image(path, (48, 64, 3))
    whole = Image.open(path).resize((64, 48), Image.Resampling.BILINEAR)  # decoded in full
    difference = np.abs(read.astype(int) - np.asarray(whole).astype(int))
    assert difference.mean() < 2
    assert np.abs(read[1::4, 1::4].astype(int) - coarse).mean() < 12  # a pixel well inside each square


def test_that_transparency_of_a_picture_of_many_strips_goes_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_STRIP", 100)
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28, 4), np.uint8)
    opacity = pixels[..., 3:] / 255
    expected = pixels[..., :3] * opacity + 255 * (1 - opacity)
    read = read_image(_save(tmp_path / "a.png", pixels), COLOUR)
    np.testing.assert_allclose(read, expected, atol=1)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate"])
def test_that_a_tiff_on_its_side_is_turned_whatever_its_compression(tmp_path: Path, compression: str | None) -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
    exif = Image.Exif()
    exif[0x0112] = 6
    path = _save(tmp_path / "a.tif", pixels, exif=exif, compression=compression)
    np.testing.assert_array_equal(read_image(path, (6, 4, 1))[..., 0], np.rot90(pixels, -1))


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1)])
def test_that_the_narrowest_image_still_shows(tmp_path: Path, size: tuple[int, int]) -> None:
    assert read_image(_save(tmp_path / "a.png", np.full(size, 50)), GREY).max() == 50


def test_that_a_photo_is_turned_upright(tmp_path: Path) -> None:
    pixels = np.zeros((28, 28))
    pixels[:, :14] = 255  # stored with the bright half at the left
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90° clockwise": the left comes up
    read = read_image(_save(tmp_path / "a.png", pixels, exif=exif), GREY)[..., 0]
    assert (read[:14] == 255).all()
    assert (read[14:] == 0).all()


def test_that_transparent_parts_become_white(tmp_path: Path) -> None:
    pixels = np.zeros((28, 28, 4))
    pixels[10:20, 10:20, 3] = 255  # black ink, the rest transparent
    read = read_image(_save(tmp_path / "a.png", pixels), GREY)[..., 0]
    assert read[0, 0] == 255
    assert read[15, 15] == 0


def test_that_palettes_bits_and_16_bits_keep_their_range(tmp_path: Path) -> None:
    ramp = np.repeat(np.arange(28)[:, None] * 9, 28, axis=1)
    np.testing.assert_array_equal(read_image(_save(tmp_path / "p.png", ramp, "P"), GREY)[..., 0], ramp)
    bits = _save(tmp_path / "1.png", (ramp > 100) * 255, "1")
    np.testing.assert_array_equal(read_image(bits, GREY)[..., 0], (ramp > 100) * 255)
    Image.fromarray((ramp * 257).astype(np.uint16)).save(tmp_path / "16.png")
    np.testing.assert_array_equal(read_image(tmp_path / "16.png", GREY)[..., 0], ramp)


def test_that_the_first_picture_of_an_animation_counts(tmp_path: Path) -> None:
    first, second = (Image.fromarray(np.full((28, 28), value, np.uint8)) for value in (10, 240))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert np.unique(read_image(tmp_path / "a.gif", GREY)).tolist() == [10]


def _refusal(path: Path, shape: tuple[int, int, int] = GREY) -> str:
    with pytest.raises(ExplorerError) as caught:
        read_image(path, shape)
    assert caught.value.hint
    return caught.value.message


def test_that_a_missing_file_a_folder_and_a_pipe_are_named(tmp_path: Path) -> None:
    assert "does not exist" in _refusal(tmp_path / "a.png")
    assert "is not a file" in _refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in _refusal(tmp_path / "pipe")
    assert "could not be read" in _refusal(tmp_path / ("x" * 300))


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0\xff\xff\xff\x7f"])
def test_that_what_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert _refusal(tmp_path / "a.png").startswith(f"{tmp_path / 'a.png'} could not be read as an image: ")
    assert "<" not in _refusal(tmp_path / "a.png")  # no object of Python's, as in Pillow's own words


def test_that_an_image_cut_off_is_refused_and_not_shown_in_half(tmp_path: Path) -> None:
    whole = _save(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (60, 60))).read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    assert "could not be read" in _refusal(tmp_path / "a.png")


def test_that_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # Pillow alone reads the first quietly, warns of the second and refuses the third.
    for side in (8_000, 12_000, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
        (tmp_path / "bomb.png").write_bytes(bomb + chunk(b"IEND", b""))
        assert "bomb.png is too large: " in _refusal(tmp_path / "bomb.png")


def test_that_a_network_for_other_channels_cannot_take_a_file(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.png", np.zeros((28, 28)))
    assert "4 channels" in _refusal(path, (28, 28, 4))


def _encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8)
    Image.fromarray(pixels).save(buffer, format=kind)
    return buffer.getvalue()


_WHOLE = {kind: _encoded(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(_WHOLE)), st.data())
def test_that_a_damaged_file_is_read_or_refused_and_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    content = bytearray(_WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(ExplorerError):
        assert read_image(path, (6, 6, 3)).shape == (6, 6, 3)
