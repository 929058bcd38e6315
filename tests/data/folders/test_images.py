"""Images of all sizes, kinds, modes and orientations in a folder: what pixels come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store import paths
from tests.data.folders.makers import by_class, make_pairs, make_set, noise, only_image, read, save_image


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the copies, empty and of this test's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(home))
    return home / "cache" / "prepared"


@pytest.mark.parametrize("suffix", ["png", "PNG", "bmp", "gif", "webp", "tiff", "tif"])
def test_that_kinds_without_loss_keep_their_pixels(tmp_path: Path, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {}
    for name in "ab":
        save_image(tmp_path / name / f"1.{suffix}", noise(ord(name)), **options)
        save_image(tmp_path / name / f"2.{suffix}", noise(ord(name)), **options)
    dataset = read(tmp_path, color="gray")
    assert by_class(dataset, 0) == {noise(ord("a")).tobytes()}
    assert by_class(dataset, 1) == {noise(ord("b")).tobytes()}


def test_that_the_size_is_the_most_frequent_one_and_the_others_are_brought_to_it(tmp_path: Path) -> None:
    make_set(tmp_path)
    save_image(tmp_path / "c" / "wide.png", np.full((10, 30), 7))
    dataset = read(tmp_path)
    assert dataset.image_shape == (8, 8, 1)
    assert (only_image(dataset, 2) == 7).all()
    assert "Brought to the common size: 1 of 11 images." in dataset.remarks


def test_that_of_equally_frequent_sizes_the_largest_is_taken(tmp_path: Path) -> None:
    for name, size in (("a", (8, 8)), ("b", (9, 8)), ("c", (4, 4))):
        save_image(tmp_path / name / "1.png", np.zeros(size))
        save_image(tmp_path / name / "2.png", np.zeros(size))
    assert read(tmp_path).image_shape == (9, 8, 1)


def test_that_fit_crop_and_stretch_are_what_pillow_makes_of_it(tmp_path: Path) -> None:
    wide = noise(1, (20, 40, 3))
    make_pairs(tmp_path, lambda path: save_image(path, wide), "png")
    image = Image.fromarray(wide)
    bilinear = Image.Resampling.BILINEAR
    stretched = np.asarray(image.resize((10, 10), bilinear))
    cropped = np.asarray(image.crop((10, 0, 30, 20)).resize((10, 10), bilinear))
    fitted = np.asarray(image.resize((10, 5), bilinear))

    def only(resize: str) -> NDArray[np.int64]:
        return only_image(read(tmp_path, image_size=(10, 10), resize=resize), 0).astype(int)

    np.testing.assert_array_equal(only("stretch"), stretched)
    # The crop happens while scaling, so that its edge may take a little of what is cut off.
    np.testing.assert_array_equal(only("crop")[1:-1, 1:-1], cropped[1:-1, 1:-1])
    assert np.abs(only("crop") - cropped).max() <= 40
    np.testing.assert_array_equal(only("fit")[2:7], fitted)
    edge = np.concatenate((wide[0], wide[-1], wide[:, 0], wide[:, -1]))
    np.testing.assert_array_equal(only("fit")[0, 0], np.median(edge, axis=0).astype(int))


_RAMP = np.repeat(np.arange(0, 240, 30, dtype=np.uint8)[:, None], 8, axis=1)
_COLOURS = np.stack([_RAMP, _RAMP.T, np.full((8, 8), 40, np.uint8)], axis=2)


def _of_mode(mode: str) -> Image.Image:
    """The ramp (grey modes) or the colours (others) in one of Pillow's modes."""
    match mode:
        case "I;16":
            return Image.fromarray(_RAMP.astype(np.uint16) * 257)
        case "I":
            return Image.fromarray(_RAMP.astype(np.int32))
        case "F":
            return Image.fromarray(_RAMP.astype(np.float32) / 255)
        case "1":
            return Image.fromarray(_RAMP > 100)
        case "LA" | "L":
            return Image.fromarray(_RAMP).convert(mode)
        case _:
            return Image.fromarray(_COLOURS).convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_that_every_mode_comes_out_as_its_pixels_in_gray_and_in_colour(tmp_path: Path, mode: str) -> None:
    image = _of_mode(mode)
    make_pairs(tmp_path, image.save, "tiff" if mode in ("CMYK", "I", "F") else "png")
    if mode in ("1", "L", "LA", "I;16", "I", "F"):
        expected = (_RAMP > 100) * np.uint8(255) if mode == "1" else _RAMP
        gray, colour = expected[..., None], np.repeat(expected[..., None], 3, axis=2)
    else:
        rgb = image.convert("RGB")
        gray, colour = np.asarray(rgb.convert("L"))[..., None], np.asarray(rgb)
    as_gray = read(tmp_path, color="gray")
    np.testing.assert_array_equal(only_image(as_gray, 0), gray)
    np.testing.assert_array_equal(only_image(read(tmp_path, color="rgb"), 0), colour)
    assert read(tmp_path).image_shape[2] == (3 if mode in ("P", "RGB", "RGBA", "CMYK") else 1)
    assert ("Reduced to 8 bits a value: 4 of 4 images." in as_gray.remarks) == (mode in ("I;16", "F"))


def test_that_floats_of_any_range_are_read_and_those_that_are_no_numbers_are_not(tmp_path: Path) -> None:
    for name, pixels in (("a", _RAMP * 1.0), ("b", _RAMP / 240), ("c", _RAMP * np.nan)):
        (tmp_path / name).mkdir()
        for number in range(1 if name == "c" else 2):
            Image.fromarray(pixels.astype(np.float32)).save(tmp_path / name / f"{number}.tif")
    dataset = read(tmp_path)
    np.testing.assert_array_equal(only_image(dataset, 0)[..., 0], _RAMP)
    np.testing.assert_array_equal(only_image(dataset, 1)[..., 0], np.rint(_RAMP / 240 * 255))
    (nan,) = dataset.skipped
    assert nan == ("c/0.tif", "damaged: it holds values that are no finite numbers")


def test_that_a_gray_palette_is_gray_and_a_coloured_one_is_not(tmp_path: Path) -> None:
    gray = Image.fromarray(_RAMP).quantize(16)
    make_pairs(tmp_path / "gray", gray.save, "png")
    make_pairs(tmp_path / "coloured", lambda path: save_image(path, _COLOURS, "P"), "png")
    assert gray.mode == "P"
    assert read(tmp_path / "gray").image_shape[2] == 1
    assert read(tmp_path / "coloured").image_shape[2] == 3


def test_that_images_of_differing_channels_become_what_most_are_and_that_is_said(tmp_path: Path) -> None:
    make_set(tmp_path / "gray")
    save_image(tmp_path / "gray" / "a" / "red.png", np.broadcast_to([255, 0, 0], (8, 8, 3)))
    gray = read(tmp_path / "gray")
    assert gray.image_shape == (8, 8, 1)
    assert np.full((8, 8, 1), 76, np.uint8).tobytes() in by_class(gray, 0)  # ITU-R 601: 0.299 · 255
    assert "Made grey, though in colour: 1 of 11 images." in gray.remarks
    for name in "ab":
        for index in range(3):
            save_image(tmp_path / "rgb" / name / f"{index}.png", noise(index, (8, 8, 3)))
        save_image(tmp_path / "rgb" / name / "gray.png", np.full((8, 8), 5))
    rgb = read(tmp_path / "rgb")
    assert rgb.image_shape == (8, 8, 3)
    assert np.full((8, 8, 3), 5, np.uint8).tobytes() in by_class(rgb, 0)
    assert "Made coloured, though grey: 2 of 8 images." in rgb.remarks


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "webp"])
def test_that_every_orientation_is_turned_upright(tmp_path: Path, orientation: int, suffix: str) -> None:
    upright = np.kron(np.array([[0, 250], [90, 170], [40, 210]], np.uint8), np.ones((8, 8), np.uint8))
    back: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {  # what the camera stored, by the EXIF table
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.T, 6: lambda a: np.rot90(a, 1), 7: lambda a: a[::-1, ::-1].T, 8: lambda a: np.rot90(a, -1),
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"exif": exif}
    options |= {"jpg": {"quality": 100}, "webp": {"lossless": True}}.get(suffix, {})
    stored = np.ascontiguousarray(back[orientation](upright))
    make_pairs(tmp_path, lambda path: save_image(path, stored, **options), suffix)
    dataset = read(tmp_path, color="gray")
    assert dataset.image_shape == (24, 16, 1)
    np.testing.assert_allclose(only_image(dataset, 0)[..., 0].astype(int), upright, atol=3)
    turned = "Turned upright, as the camera noted: 4 of 4 images." in dataset.remarks
    assert turned == (orientation > 1)


def test_that_transparent_parts_become_white_and_that_is_said(tmp_path: Path) -> None:
    make_set(tmp_path)
    clear = np.zeros((8, 8, 4))
    clear[2, 2, 3] = 255
    save_image(tmp_path / "c" / "1.png", clear)
    dataset = read(tmp_path)
    assert only_image(dataset, 2)[..., 0].tolist() == np.where(clear[..., 3], 0, 255).tolist()
    assert "Put on white, where they were transparent: 1 of 11 images." in dataset.remarks


def test_that_a_size_that_nobody_can_learn_from_is_refused_with_the_way_out(tmp_path: Path) -> None:
    make_pairs(tmp_path, lambda path: save_image(path, np.zeros((1, 5000))), "png")
    with pytest.raises(ExplorerError, match="1×5,000 pixels") as caught:
        read(tmp_path)
    assert "smaller size" in caught.value.hint
    assert read(tmp_path, image_size=(4, 4)).image_shape == (4, 4, 1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from(["L", "RGB", "RGBA"])), min_size=4),
    st.sampled_from(["fit", "crop", "stretch"]), st.sampled_from(["auto", "gray", "rgb"]),
)  # fmt: skip
def test_that_any_mix_of_sizes_and_modes_gives_one_array_with_every_image(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[tuple[int, int, str]], resize: str, color: str
) -> None:
    root = tmp_path_factory.mktemp("mix")
    for index, (rows, columns, mode) in enumerate(kinds):
        value = 20 + index % 50  # of one value, so that no way of bringing it to a size changes that
        save_image(root / f"{index % 2}" / f"{index}.png", np.full((rows, columns), value), mode)
    dataset = read(root, resize=resize, color=color)
    assert len(dataset.images) == len(kinds)
    pairs = zip(dataset.labels.tolist(), dataset.images, strict=True)
    found = sorted((label, int(image.min()), int(image.max())) for label, image in pairs)
    assert found == sorted((index % 2, 20 + index % 50, 20 + index % 50) for index in range(len(kinds)))
