"""Files that are whole or not there, on disks that refuse in every way."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import atomic_write, refuse_existing, replacing

RoomFor = Callable[[int], AbstractContextManager[None]]


def test_that_a_new_file_appears_under_its_name_alone(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.bin", b"content")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.bin": b"content"}


def test_that_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with replacing(path) as temporary:
        temporary.write_bytes(b"new")
        assert path.read_bytes() == b"old"
        assert temporary.parent == path.parent
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["model.h5", "checkpoint.keras", "initial.weights.h5", "grid.png", "x" * 190 + ".h5"])
def test_that_the_temporary_name_ends_like_the_final_one(tmp_path: Path, name: str) -> None:
    with replacing(tmp_path / name) as temporary:
        assert temporary.name.startswith(".tmp-")
        assert temporary.name.endswith(name[-12:])
        temporary.write_bytes(b"")
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, RuntimeError("no number"), ValueError("x")])
def test_that_any_error_in_the_block_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException] | BaseException
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error if isinstance(error, type) else type(error)):
        fail()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.bin": b"old"}


def test_that_two_threads_can_replace_the_same_file(tmp_path: Path) -> None:
    path, meeting = tmp_path / "a.bin", threading.Barrier(2)

    def write(content: bytes) -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(content)
            meeting.wait()

    threads = [threading.Thread(target=write, args=(content,)) for content in (b"one", b"two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in (b"one", b"two")
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path, room_for: RoomFor) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with room_for(1000), pytest.raises(ExplorerError) as caught:
        atomic_write(path, bytes(5000))
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.bin": b"old"}


CASES = [
    (errno.ENOSPC, "disk is full"),
    (errno.EDQUOT, "disk is full"),
    (errno.EROFS, "read-only"),
    (errno.EACCES, "no right"),
    (errno.EPERM, "no right"),
    (errno.EIO, "Input/output error"),
]


@pytest.mark.parametrize(("number", "words"), CASES)
@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_that_each_refusal_of_the_disk_is_a_sentence_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, call: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(ExplorerError, match=words) as caught:
        atomic_write(path, b"new")
    assert str(path) in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    monkeypatch.undo()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a.bin": b"old"}


def test_that_the_number_in_the_text_of_an_hdf5_error_is_understood(tmp_path: Path) -> None:
    def fail() -> None:
        with replacing(tmp_path / "a.h5") as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError("Can't decrement id ref count (file write failed: errno = 28, error message = 'x')")

    with pytest.raises(ExplorerError, match="disk is full"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=r"folder .*missing does not exist"):
        atomic_write(tmp_path / "missing" / "a.bin", b"")
    assert list(tmp_path.iterdir()) == []


def test_that_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExplorerError, match="is a file and not a folder"):
        atomic_write(tmp_path / "file" / "a.bin", b"")


def test_that_a_folder_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExplorerError, match="this is a folder"):
        atomic_write(tmp_path / "folder", b"")
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_that_a_device_or_pipe_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ExplorerError, match="device"):
        atomic_write(tmp_path / "pipe", b"")
    assert (tmp_path / "pipe").is_fifo()


def test_that_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    target, link = tmp_path / "other" / "real.h5", tmp_path / "link.h5"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with replacing(link) as temporary:
        assert temporary.parent == target.parent
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_that_a_name_too_long_for_the_disk_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="name is too long"):
        atomic_write(tmp_path / ("x" * 300), b"")
    assert list(tmp_path.iterdir()) == []


def test_that_a_forgotten_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="could not be written"), replacing(tmp_path / "a.bin"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_that_existing_paths_are_refused_without_force(tmp_path: Path) -> None:
    refuse_existing(tmp_path / "new")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    for path in (tmp_path, tmp_path / "dangling"):
        refuse_existing(path, force=True)
        with pytest.raises(ExplorerError) as caught:
            refuse_existing(path)
        assert f"{path} exists already" in caught.value.message
        assert "--force" in caught.value.hint


@given(st.binary(max_size=300))
def test_that_what_is_written_is_what_was_given(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "content.bin"
    atomic_write(path, content)
    assert path.read_bytes() == content
