"""What tells that a file is not as it was."""

from __future__ import annotations

import os
from pathlib import Path

from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.store.file_stamp import FileStamp, file_stamp


def test_that_a_stamp_is_what_the_system_says(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    os.utime(path, ns=(0, 1_234_567_890_123_456_700))
    status = path.stat()
    assert file_stamp(path) == FileStamp(status.st_ino, 1_234_567_890_123_456_700, 5) == FileStamp.of(status)


def test_that_a_replaced_file_has_another_stamp_even_if_it_is_as_large_and_as_old(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    before, status = file_stamp(path), path.stat()
    atomic_write(path, b"new")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = file_stamp(path)
    assert before is not None
    assert after is not None
    assert before[1:] == after[1:]
    assert before != after


def test_that_a_file_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert file_stamp(tmp_path / "gone") is None
    assert file_stamp(tmp_path / "gone" / "deeper") is None
