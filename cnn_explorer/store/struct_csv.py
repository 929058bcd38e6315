"""CSV files that grow: a line for each struct, appended and flushed to the disk, readable after a kill at any moment.

The structs consist of numbers, and the first field is ``epoch``. Only lines that end in a line break count. What a
killed process left behind the last one is ignored when reading and cut off before the next line is appended.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Sequence
from functools import cache
from io import FileIO
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import atomic_write, write_failure

Row = TypeVar("Row", bound=msgspec.Struct)


def table(kind: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> bytes:
    """A whole file: the header and a line for each of ``rows``."""
    return _header(kind) + b"".join(map(_line, rows))


def append(path: Path, rows: Sequence[msgspec.Struct]) -> None:
    """Add a line for each of ``rows``, all of one kind, with the header before the first one ever.

    Raises ``ExplorerError`` if the disk refuses them; the file is then as it was before.
    """
    if not rows:
        return
    lines = b"".join(map(_line, rows))
    try:
        # Unbuffered: what could not be written must not be tried again when the file is closed.
        with FileIO(path, "a+") as file:
            end = file.seek(0, os.SEEK_END)
            size = _end_of_last_line(file, end)
            if size < end:
                file.truncate(size)
            try:
                _write_all(file, (b"" if size else _header(type(rows[0]))) + lines)
                os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(size)
                raise
    except OSError as error:
        raise write_failure(path, error) from error


def read(path: Path, kind: type[Row]) -> tuple[Row, ...]:
    """All rows of the file; none if there is no file yet. Raises ``ExplorerError`` that names a damaged line."""
    return tuple(_row(path, kind, number, line) for number, line in enumerate(_lines(path, kind), start=2))


def read_columns(path: Path, kind: type[msgspec.Struct]) -> NDArray[np.float64]:
    """The same as numbers (fields, rows), much faster: 100,000 rows in less than a second."""
    lines = _lines(path, kind)
    if not lines:
        return np.empty((len(kind.__struct_fields__), 0))
    try:
        table = np.loadtxt(io.BytesIO(b"\n".join(lines)), delimiter=",", dtype=np.float64, ndmin=2, comments=None)
    except ValueError:
        table = np.empty((0, 0))
    if table.shape != (len(lines), len(kind.__struct_fields__)):  # an empty line, say, which NumPy passes over
        for number, line in enumerate(lines, start=2):
            _row(path, kind, number, line)  # one of them says what is wrong
    return table.T


def keep(path: Path, kind: type[msgspec.Struct], last: int) -> None:
    """Drop all rows of epochs after ``last``; the file is replaced as a whole. Raises ``ExplorerError``."""
    lines = _lines(path, kind)
    kept = [line for number, line in enumerate(lines, start=2) if _epoch(path, kind, number, line) <= last]
    if len(kept) < len(lines):
        atomic_write(path, _header(kind) + b"".join(line + b"\n" for line in kept))


def _lines(path: Path, kind: type[msgspec.Struct]) -> list[bytes]:
    """The whole lines after the header, without their ends."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror}.", "Check the disk.") from error
    lines = data[: _whole_lines(data)].splitlines()
    if lines and lines[0] + b"\n" != _header(kind):
        raise ExplorerError(
            f"{path}, line 1: expected the columns {', '.join(kind.__struct_fields__)}, got {_shown(lines[0])}.",
            "This file does not belong to a run; put the right one in its place.",
        )
    return lines[1:]


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


def _header(kind: type[msgspec.Struct]) -> bytes:
    return ",".join(kind.__struct_fields__).encode() + b"\n"


def _line(row: msgspec.Struct) -> bytes:
    # repr gives the shortest text that reads back as the same number
    return ",".join(map(repr, msgspec.structs.astuple(row))).encode() + b"\n"


@cache
def _types(kind: type[msgspec.Struct]) -> tuple[tuple[str, Callable[[str], float]], ...]:
    """Name and type of each field. msgspec takes a millisecond to say them: too long for each line of each run."""
    return tuple((field.name, field.type) for field in msgspec.structs.fields(kind))


def _row(path: Path, kind: type[Row], number: int, line: bytes) -> Row:
    try:
        cells = zip(_types(kind), line.decode().split(","), strict=True)
        return kind(**{name: convert(text) for (name, convert), text in cells})
    except ValueError as error:
        raise _damaged(path, kind, number, line) from error


def _epoch(path: Path, kind: type[msgspec.Struct], number: int, line: bytes) -> int:
    try:
        return int(line[: line.index(b",")])
    except ValueError as error:
        raise _damaged(path, kind, number, line) from error


def _damaged(path: Path, kind: type[msgspec.Struct], number: int, line: bytes) -> ExplorerError:
    count = len(kind.__struct_fields__)
    return ExplorerError(
        f"{path}, line {number}: expected {count} numbers, got {_shown(line)}.",
        "Remove the damaged line, or start the run again.",
    )


def _shown(line: bytes) -> str:
    return f'"{line[:60].decode(errors="replace")}"'
