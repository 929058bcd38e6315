"""history.csv: one line an epoch, appended and flushed to the disk, readable after a kill at any moment.

Only lines that end in a line break count. What a killed process left behind the last one is ignored when
reading and cut off before the next line is appended.
"""

from __future__ import annotations

import contextlib
import os
from io import FileIO
from pathlib import Path

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import EpochEnded
from cnn_explorer.store.atomic import atomic_write, write_failure

COLUMNS: tuple[str, ...] = EpochEnded.__struct_fields__
_HEADER = ",".join(COLUMNS).encode() + b"\n"


def append_epoch(path: Path, epoch: EpochEnded) -> None:
    """Add one line, with the header before the first one.

    Raises ``ExplorerError`` if the disk refuses it; the file is then as it was before.
    """
    try:
        # Unbuffered: what could not be written must not be tried again when the file is closed.
        with FileIO(path, "a+") as file:
            end = file.seek(0, os.SEEK_END)
            size = _end_of_last_line(file, end)
            if size < end:
                file.truncate(size)
            try:
                _write_all(file, (b"" if size else _HEADER) + _line(epoch))
                os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(size)
                raise
    except OSError as error:
        raise write_failure(path, error) from error


def read_epochs(path: Path) -> tuple[EpochEnded, ...]:
    """All epochs in the file; none if there is no file yet.

    Raises ``ExplorerError`` that names the line if one is damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror}.", "Check the disk.") from error
    lines = data[: _whole_lines(data)].splitlines()
    if lines and lines[0] + b"\n" != _HEADER:
        raise ExplorerError(
            f"{path}, line 1: expected the columns {', '.join(COLUMNS)}, got {_shown(lines[0])}.",
            "This is not the history of a run; put the right file in its place.",
        )
    return tuple(_epoch(path, number, line) for number, line in enumerate(lines[1:], start=2))


def keep_epochs(path: Path, last: int) -> None:
    """Drop all epochs after ``last``; the file is replaced as a whole. Raises ``ExplorerError``."""
    epochs = read_epochs(path)
    kept = [epoch for epoch in epochs if epoch.epoch <= last]
    if len(kept) < len(epochs):
        atomic_write(path, _HEADER + b"".join(_line(epoch) for epoch in kept))


def _whole_lines(data: bytes) -> int:
    """The length of ``data`` up to and with its last line break."""
    return data.rfind(b"\n") + 1


def _end_of_last_line(file: FileIO, end: int) -> int:
    """The length of an open file of ``end`` bytes up to and with its last line break."""
    reach = 1024  # several lines; more only behind a long piece of rubbish
    while True:
        start = max(0, end - reach)
        file.seek(start)
        length = _whole_lines(file.read(end - start))
        if length or not start:
            return start + length
        reach *= 8


def _write_all(file: FileIO, data: bytes) -> None:
    while data:
        data = data[file.write(data) :]


def _line(epoch: EpochEnded) -> bytes:
    # repr gives the shortest text that reads back as the same number
    return ",".join(repr(getattr(epoch, name)) for name in COLUMNS).encode() + b"\n"


def _epoch(path: Path, number: int, line: bytes) -> EpochEnded:
    try:
        cells = dict(zip(COLUMNS, line.decode().split(","), strict=True))
        return EpochEnded(epoch=int(cells.pop("epoch")), **{name: float(text) for name, text in cells.items()})
    except ValueError as error:
        raise ExplorerError(
            f"{path}, line {number}: expected {len(COLUMNS)} numbers, got {_shown(line)}.",
            "Remove the damaged line, or start the run again.",
        ) from error


def _shown(line: bytes) -> str:
    return f'"{line[:60].decode(errors="replace")}"'
