"""Results to stdout, everything else to stderr; tables for people, JSON for programs."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cnn_explorer.core.errors import ExplorerError

_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def legible(text: str) -> str:
    """``text`` without what a terminal obeys instead of showing it: names in files of others may hold anything."""
    return _OBEYED.sub("?", text)


class ReaderGone(Exception):  # noqa: N818  # no error: ``| head`` has read enough
    """The program that reads stdout has closed it."""


def result(text: str) -> None:
    """Write one line or more of the result to stdout, at once.

    Raises ``ReaderGone``, or ``ExplorerError`` if stdout goes into a file that cannot be written.
    """
    _write(f"{legible(text)}\n".encode(sys.stdout.encoding or "utf-8", "replace"))


def result_json(value: Any) -> None:
    """Write one JSON document to stdout, on a line of its own, in UTF-8. Raises like ``result``.

    NaN and infinity, which JSON has not, become ``null``.
    """
    _write(msgspec.json.encode(value) + b"\n")


def _write(data: bytes) -> None:
    say_remarks()
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        _abandon_stdout()
        raise ReaderGone from error
    except OSError as error:
        _abandon_stdout()
        raise ExplorerError(
            f"The result could not be written to standard output: {error.strerror}.", "Send it to another place."
        ) from error


def _abandon_stdout() -> None:
    """What could not be written would be tried again at the end of the process, with a complaint on stderr."""
    with contextlib.suppress(OSError):  # a stdout of the tests has no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Write a line to stderr; if nobody can read it, that is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        print(legible(text), file=sys.stderr, flush=True)


def say_each(texts: Sequence[str]) -> None:
    """Write some lines to stderr."""
    for text in texts:
        say(text)


_remarks: list[str] = []


def remark(*texts: str) -> None:
    """Lines for stderr that belong to the result: they come just before it. A command that is refused has none."""
    _remarks.extend(texts)


def say_remarks() -> None:
    """Write to stderr what has been remarked."""
    say_each(_remarks)
    forget_remarks()


def forget_remarks() -> None:
    """What has been remarked is about something that is not going to be."""
    _remarks.clear()


def say_error(text: str) -> None:
    """Write what went wrong to stderr, as one line whatever ``text`` is."""
    say("cnn-explorer: " + " ".join(text.split()))


def debugging() -> bool:
    """Whether tracebacks are wanted: the environment variable CNN_EXPLORER_DEBUG is set."""
    return bool(os.environ.get("CNN_EXPLORER_DEBUG"))


@dataclass(frozen=True)
class Column:
    """The head of a table's column; numbers stand at the right."""

    title: str
    right: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Write a table to stdout: coloured on a terminal, aligned plain text otherwise. Raises like ``result``."""
    rows = [[" ".join(legible(cell).split("\n")) for cell in row] for row in rows]
    if sys.stdout.isatty():
        made = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column in columns:
            made.add_column(column.title, justify="right" if column.right else "left", overflow="fold")
        for row in rows:
            made.add_row(*row)
        console = Console(markup=False)
        with console.capture() as capture:
            console.print(made)
        _write(f"{capture.get().strip(chr(10))}\n".encode(sys.stdout.encoding or "utf-8", "replace"))
        return
    lines = [[column.title for column in columns], *map(list, rows)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(columns, line, widths, strict=True)
        result("  ".join(cell.rjust(w) if column.right else cell.ljust(w) for column, cell, w in cells).rstrip())
