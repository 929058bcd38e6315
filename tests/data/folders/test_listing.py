"""What is found in a folder of class folders before any file is opened."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError, unwatched
from cnn_explorer.data.dataset import Skipped
from cnn_explorer.data.folders.listing import Listing, list_folder, listed, natural, shown


def _files(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return root


def _list(root: Path) -> Listing:
    return list_folder(root, unwatched)


def test_that_folders_are_classes_in_natural_order(tmp_path: Path) -> None:
    listing = _list(_files(tmp_path, "class 10/a.png", "class 9/a.png", "Class 1/a.png", "class 9/b.png"))
    assert listing.classes == ("Class 1", "class 9", "class 10")
    assert listing.files == ("Class 1/a.png", "class 9/a.png", "class 9/b.png", "class 10/a.png")
    assert listing.labels.tolist() == [0, 1, 1, 2]
    assert listing.is_test is None
    assert listing.remarks == listing.skipped == ()


def test_that_images_are_told_by_their_suffix_in_any_case(tmp_path: Path) -> None:
    images = [f"a/{name}" for name in ("1.PNG", "2.Jpg", "3.jpeg", "4.bmp", "5.GIF", "6.webp", "7.tif", "8.TIFF")]
    others = ["a/notes.txt", "a/.hidden.png", "a/._1.png", "a/Thumbs.db", "a/png", "a/x.png.part", ".git/x.png"]
    assert _list(_files(tmp_path, *images, *others, "b/1.png")).files == (*images, "b/1.png")


@pytest.mark.parametrize(
    ("train", "test"), [("train", "test"), ("Training", "Test"), ("TRAIN", "val"), ("training", "Validation")]
)
def test_that_a_training_and_a_test_folder_are_the_parts(tmp_path: Path, train: str, test: str) -> None:
    listing = _list(_files(tmp_path, f"{train}/b/1.png", f"{test}/b/1.png", f"{train}/a/1.png", f"{test}/c/1.png"))
    assert listing.classes == ("a", "b", "c")
    assert listing.files == (f"{train}/a/1.png", f"{train}/b/1.png", f"{test}/b/1.png", f"{test}/c/1.png")
    assert listing.is_test is not None
    assert listing.is_test.tolist() == [False, False, True, True]


def test_that_what_lies_beside_the_parts_is_said(tmp_path: Path) -> None:
    listing = _list(_files(tmp_path, "train/a/1.png", "train/b/1.png", "test/a/1.png", "val/a/1.png", "papers/x.pdf"))
    assert len(listing.files) == 3
    assert listing.remarks == ("Not read, since they lie beside train and test: papers, val.",)


def test_that_a_training_folder_alone_has_no_test_part(tmp_path: Path) -> None:
    listing = _list(_files(tmp_path, "train/a/1.png", "train/b/1.png"))
    assert listing.classes == ("a", "b")
    assert listing.is_test is None


def test_that_classes_may_be_called_train_and_test(tmp_path: Path) -> None:
    assert _list(_files(tmp_path, "train/1.png", "test/1.png")).classes == ("test", "train")


def test_that_folders_without_images_and_images_without_a_folder_are_said(tmp_path: Path) -> None:
    listing = _list(_files(tmp_path, "a/1.png", "b/1.png", "empty/notes.txt", "deep/c/1.png", "1.png", "2.jpg"))
    assert listing.classes == ("a", "b")
    assert listing.remarks == (
        "2 images lie beside the class folders and are not read.",
        "No images in deep, empty: left out as a class.",
    )


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "no class folders with images"),
        (("1.png", "2.png"), "no class folders with images"),
        (("a/1.txt", "b/1.txt"), "no class folders with images"),
        (("apple/1.png", "kiwi/notes.txt"), "images of one class only (apple)"),
        (("train/apple/1.png", "test/apple/1.png"), "images of one class only (apple)"),
    ],
)
def test_that_fewer_than_two_classes_are_refused(tmp_path: Path, files: tuple[str, ...], words: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        _list(_files(tmp_path, *files))
    assert caught.value.message == f"The folder {tmp_path} holds {words}."
    assert "a folder of images" in caught.value.hint


def test_that_a_folder_that_is_missing_or_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("missing", "file"):
        with pytest.raises(ExplorerError, match="could not be read") as caught:
            _list(tmp_path / name)
        assert str(tmp_path / name) in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows gives no right to make links, and has no pipes")
def test_that_links_in_a_circle_and_pipes_are_skipped_with_a_reason(tmp_path: Path) -> None:
    root = _files(tmp_path / "root", "a/1.png", "b/1.png")
    (root / "a" / "loop.png").symlink_to("loop.png")
    (root / "a" / "nowhere.png").symlink_to("missing.png")
    os.mkfifo(root / "a" / "pipe.png")
    (root / "a" / "folder.png").mkdir()
    (root / "self").symlink_to("self")
    (root / "up").symlink_to(root)
    (root / "a" / "link.png").symlink_to(root / "b" / "1.png")  # a link to an image is one
    listing = _list(root)
    assert listing.files == ("a/1.png", "a/link.png", "b/1.png")
    assert set(listing.skipped) == {
        Skipped("a/loop.png", "a link that leads nowhere"),
        Skipped("a/nowhere.png", "a link that leads nowhere"),
        Skipped("a/pipe.png", "no regular file"),
    }
    assert listing.remarks == ("No images in up: left out as a class.",)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden here")
def test_that_a_class_that_may_not_be_opened_is_skipped(tmp_path: Path) -> None:
    root = _files(tmp_path, "a/1.png", "b/1.png", "c/1.png")
    (root / "c").chmod(0)
    try:
        assert _list(root).skipped == (Skipped("c", "the folder could not be read: Permission denied"),)
    finally:
        (root / "c").chmod(0o755)


def test_that_the_digest_changes_with_names_sizes_times_and_folders(tmp_path: Path) -> None:
    root = _files(tmp_path, "a/1.png", "b/1.png", "b/2.png")
    digests = [_list(root).digest]
    assert _list(root).digest == digests[0]

    def change() -> None:
        digests.append(_list(root).digest)

    (root / "b" / "2.png").write_bytes(b"1")
    change()
    os.utime(root / "b" / "2.png", ns=(0, 1))
    change()
    (root / "b" / "2.png").rename(root / "b" / "3.png")
    change()
    (root / "b" / "3.png").rename(root / "a" / "3.png")
    change()
    (root / "a" / "3.png").unlink()
    change()
    assert len(set(digests)) == len(digests)


def test_that_the_watch_ends_it(tmp_path: Path) -> None:
    def watch(what: str, done: int, total: int) -> None:
        raise CancelledError("The end.")

    with pytest.raises(CancelledError):
        list_folder(_files(tmp_path, "a/1.png", "b/1.png"), watch)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_that_odd_names_are_read_and_shown_on_one_line(tmp_path: Path) -> None:
    for name in (b"caf\xe9", "Äpfel 🍎".encode(), b"two\nlines"):
        _files(tmp_path, os.fsdecode(name + b"/\xff.png"))
    listing = _list(tmp_path)
    assert sorted(map(shown, listing.classes)) == ["caf\\xe9", "two\\nlines", "Äpfel 🍎"]
    assert all((tmp_path / file).is_file() for file in listing.files)


@given(st.lists(st.tuples(st.sampled_from(["a", "B", "x "]), st.integers(0, 10**6)), unique=True, max_size=8))
def test_that_natural_order_is_by_words_and_then_by_numbers(pairs: list[tuple[str, int]]) -> None:
    names = [f"{word}{number}" for word, number in pairs]
    expected = [f"{word}{number}" for word, number in sorted(pairs, key=lambda pair: (pair[0].casefold(), pair[1]))]
    assert sorted(names, key=natural) == expected


@given(st.lists(st.text(min_size=1, max_size=6), max_size=6))
def test_that_any_names_have_a_natural_order(names: list[str]) -> None:
    in_order = sorted(names, key=natural)
    names.reverse()
    assert sorted(names, key=natural) == in_order


def test_that_long_lists_are_cut() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(number) for number in range(1005)]) == "0, 1, 2, 3, 4 and 1,000 more"


def test_that_the_digest_by_which_prepared_copies_are_found_is_of_names_sizes_and_times_alone(tmp_path: Path) -> None:
    _files(tmp_path, "a/1.png", "b/2.png")
    (tmp_path / "b" / "2.png").write_bytes(b"123")
    lines = ""
    for name, size, changed in (("a/1.png", 0, 1_000_000_007), ("b/2.png", 3, 2_000_000_000)):
        os.utime(tmp_path / name, ns=(0, changed))
        lines += f"{name}\0{size}\0{changed}\n"
    assert _list(tmp_path).digest == hashlib.sha256(lines.encode()).hexdigest()
