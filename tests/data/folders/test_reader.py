"""Folders of class folders: parts, order and copy, and what is said of images that cannot be read."""

from __future__ import annotations

import os
import shutil
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.data.arrays.npz import PublishedArrays
from cnn_explorer.data.folders import reader as module
from cnn_explorer.data.folders.reader import folder_facts, read_folder
from cnn_explorer.data.sources.registry import fingerprint_of
from cnn_explorer.store import paths
from tests.data.folders.makers import by_class, make_set, noise, read, save_image

TEST_PART = "The test part is 20 % of each class, drawn once and for all."


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the copies, empty and of this test's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(home))
    return home / "cache" / "prepared"


def test_that_images_keep_their_pixels_and_their_class(tmp_path: Path) -> None:
    dataset = read(make_set(tmp_path / "set"))
    assert dataset.images.shape == (10, 8, 8, 1)
    assert (dataset.name, dataset.title, dataset.classes) == ("set", "set", ("a", "b"))
    assert dataset.spec == DatasetSpec(source=str(tmp_path / "set"))
    for label in range(2):
        assert by_class(dataset, label) == {noise(100 * label + index).tobytes() for index in range(5)}
    assert dataset.remarks == (TEST_PART,)
    assert dataset.skipped == ()


def test_that_without_a_test_folder_a_share_of_each_class_is_the_test_part(tmp_path: Path) -> None:
    dataset = read(make_set(tmp_path, 20, ("a", "b", "c")), test_part=0.25)
    assert np.bincount(dataset.test_labels).tolist() == [5, 5, 5]
    assert np.bincount(dataset.train_labels).tolist() == [15, 15, 15]
    assert len(set(dataset.train_labels[:9])) == 3  # mixed, so that a limit leaves all classes in
    assert "The test part is 25 % of each class, drawn once and for all." in dataset.remarks


def test_that_training_and_test_folders_are_the_parts(tmp_path: Path) -> None:
    make_set(tmp_path / "Training", 6)
    make_set(tmp_path / "Test", 2, ("b", "c"))
    dataset = read(tmp_path)
    assert dataset.classes == ("a", "b", "c")
    assert np.bincount(dataset.train_labels, minlength=3).tolist() == [6, 6, 0]
    assert np.bincount(dataset.test_labels, minlength=3).tolist() == [0, 2, 2]
    assert dataset.remarks == ("Nothing to train on in c.",)
    unused = "The folder has a test part of its own; the share that was given for one is not used."
    assert read(tmp_path, test_part=0.5).remarks == (unused, *dataset.remarks)


def test_that_the_same_folder_is_read_once_and_in_the_same_order_elsewhere(tmp_path: Path) -> None:
    root = make_set(tmp_path / "one" / "set")
    first = read(root)
    shutil.copytree(root, tmp_path / "two" / "set")
    assert read(tmp_path / "two" / "set").fingerprint == first.fingerprint
    for path in root.rglob("*.png"):
        facts = path.stat()
        path.write_bytes(bytes(facts.st_size))  # the same size and time: nobody looks inside a second time
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert read(root).fingerprint == first.fingerprint


def test_that_a_change_in_the_folder_is_noticed(tmp_path: Path) -> None:
    root = make_set(tmp_path)
    read(root)
    save_image(root / "a" / "new.png", noise(77))
    dataset = read(root)
    assert len(dataset.images) == 11
    assert noise(77).tobytes() in by_class(dataset, 0)


def test_that_the_fingerprint_is_that_of_the_arrays(tmp_path: Path) -> None:
    dataset = read(make_set(tmp_path))
    arrays = (dataset.train_images[:], dataset.train_labels, dataset.test_images[:], dataset.test_labels)
    assert dataset.fingerprint == fingerprint_of(PublishedArrays(*arrays))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _bomb(side: int) -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", zlib.compress(bytes(1000))) + _chunk(b"IEND", b"")


def test_that_images_that_cannot_be_read_are_skipped_counted_and_listed(tmp_path: Path) -> None:
    root = make_set(tmp_path)
    whole = (root / "a" / "0.png").read_bytes()
    damaged = {
        "empty.png": b"",
        "text.jpg": b"hello",
        "header.png": whole[:20],
        "cut.png": whole[:-40],
        "bits.png": whole[:50] + bytes([whole[50] ^ 255]) + whole[51:],
        "large.png": _bomb(8_000),
        "larger.png": _bomb(12_000),
        "largest.png": _bomb(60_000),
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }
    for name, content in damaged.items():
        (root / "b" / name).write_bytes(content)
    dataset = read(root)
    assert len(dataset.images) == 10
    reasons = dict(dataset.skipped)
    assert set(reasons) == {f"b/{name}" for name in damaged}
    assert all(reasons.values())
    assert reasons["b/large.png"] == "too large: 8,000×8,000 pixels, at most 50,000,000 are read"
    assert reasons["b/largest.png"].startswith("too large")
    assert reasons["b/text.jpg"] == reasons["b/script.png"] == "no image, or a damaged one"
    assert "truncated" in reasons["b/cut.png"]
    assert "Left out, since they could not be read: 9 images." in dataset.remarks
    assert read(root).skipped == dataset.skipped  # kept with the copy


@pytest.mark.parametrize("content", [b"nothing", None], ids=["no header", "cut off"])
def test_that_a_class_without_readable_images_is_left_out_and_said(tmp_path: Path, content: bytes | None) -> None:
    root = make_set(tmp_path, classes=("a", "c"))
    (root / "b").mkdir()
    (root / "b" / "1.png").write_bytes(content or (root / "a" / "0.png").read_bytes()[:-40])
    dataset = read(root)
    assert dataset.classes == ("a", "c")
    assert by_class(dataset, 1) == {noise(100 + index).tobytes() for index in range(5)}
    assert "No image in b can be read: left out as a class." in dataset.remarks


@pytest.mark.parametrize("content", [b"nothing", None], ids=["no header", "cut off"])
def test_that_one_readable_class_is_refused(tmp_path: Path, cache: Path, content: bytes | None) -> None:
    root = make_set(tmp_path, classes=("a",))
    (root / "b").mkdir()
    (root / "b" / "1.png").write_bytes(content or (root / "a" / "0.png").read_bytes()[:-40])
    with pytest.raises(ExplorerError, match=r"of one class only \(a\)") as caught:
        read(root)
    assert "For example b/1.png" in caught.value.hint
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_that_no_readable_image_at_all_is_refused(tmp_path: Path) -> None:
    root = make_set(tmp_path)
    for path in root.rglob("*.png"):
        path.write_bytes(b"nothing")
    with pytest.raises(ExplorerError, match="of no class"):
        read(root)


def test_that_a_folder_that_disappears_while_it_is_read_is_named_and_nothing_is_kept(
    tmp_path: Path, cache: Path
) -> None:
    root = make_set(tmp_path / "set", 40)

    def watch(what: str, done: int, total: int) -> None:
        if what.startswith("Reading"):
            shutil.rmtree(root, ignore_errors=True)

    with pytest.raises(ExplorerError, match="disappeared while its images were read") as caught:
        read_folder(root, DatasetSpec(source=str(root), image_size=(1024, 1024)), watch)
    assert str(root) in caught.value.message
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_that_a_training_goes_on_from_the_copy_when_the_folder_is_gone(tmp_path: Path) -> None:
    root = make_set(tmp_path / "set")
    dataset = read(root)
    shutil.rmtree(root)
    assert {image.tobytes() for image in dataset.images} == {
        noise(100 * label + index).tobytes() for label in range(2) for index in range(5)
    }


def test_that_one_image_that_disappears_is_skipped(tmp_path: Path) -> None:
    root = make_set(tmp_path)

    def after_listing(what: str, done: int, total: int) -> None:
        if what.startswith("Looking"):
            (root / "a" / "0.png").unlink(missing_ok=True)

    dataset = read_folder(root, DatasetSpec(source=str(root)), after_listing)
    assert dict(dataset.skipped) == {"a/0.png": "it is not there any more"}


@pytest.mark.parametrize("phase", ["Listing", "Looking", "Reading", "Writing", "Computing"])
def test_that_it_can_be_ended_in_every_phase_and_leaves_nothing(tmp_path: Path, cache: Path, phase: str) -> None:
    root = make_set(tmp_path)

    def watch(what: str, done: int, total: int) -> None:
        if what.startswith(phase):
            raise CancelledError("The end.")

    with pytest.raises(CancelledError):
        read_folder(root, DatasetSpec(source=str(root)), watch)
    assert not cache.exists() or not [path for path in cache.iterdir() if path.is_dir()]


def test_that_the_quick_look_tells_classes_counts_size_and_colour(tmp_path: Path) -> None:
    make_set(tmp_path / "train", 4, ("9", "10"))
    make_set(tmp_path / "test", 2, ("10",))
    facts = folder_facts(tmp_path)
    assert (facts.classes, facts.counts, facts.count) == (("9", "10"), ((4, 0), (4, 2)), 10)
    assert (facts.has_test, facts.image_size, facts.one_size, facts.color) == (True, (8, 8), True, "gray")
    save_image(tmp_path / "train" / "9" / "photo.jpg", np.zeros((30, 20, 3)))
    (tmp_path / "train" / "9" / "broken.png").write_bytes(b"")
    facts = folder_facts(tmp_path)
    assert (facts.count, facts.looked_at, facts.image_size, facts.one_size) == (12, 11, (8, 8), False)
    assert (facts.of_that_size, facts.short_side) == (10, 8)


def test_that_the_quick_look_opens_few_of_many_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SAMPLE", 4)
    facts = folder_facts(make_set(tmp_path, 50))
    assert (facts.count, facts.looked_at) == (100, 4)


def test_that_the_quick_look_survives_a_folder_of_no_images(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes(b"nothing")
    facts = folder_facts(tmp_path)
    assert (facts.looked_at, facts.image_size) == (0, None)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_that_a_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    root = make_set(tmp_path)
    for index in range(20):
        (root / "a" / f"bomb{index}.png").write_bytes(_bomb(40_000))
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(read(root).skipped) == 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB; one of them is 1.6 GB
