"""Reading runs again and again: what has not changed on the disk is not read anew."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cnn_explorer.store.catalog import RunSummary, summary_of
from cnn_explorer.store.file_stamp import FileStamp, file_stamp
from cnn_explorer.store.runs import RunFolder

_FILES = ("run.json", "history.csv", "notes.json")
"""What a summary is made of."""
_Stamp = tuple[FileStamp | None, ...]
"""Of each of these files."""


class KnownRuns:
    """Remembers runs; reads one anew if one of its files has changed. For one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Stamp, RunSummary]] = {}

    def read(self, path: Path) -> RunSummary:
        """What ``catalog.summary_of`` says of the run; the same object as before if nothing has changed."""
        stamp = _stamp(path)  # before the reading: what changes meanwhile is read next time
        known = self._known.get(path)
        if known is not None and known[0] == stamp and _is_active(known[1]) == known[1].is_active:
            return known[1]
        summary = summary_of(path)
        self._known[path] = stamp, summary
        return summary

    def forget_all_but(self, paths: Collection[Path]) -> None:
        """Keep the memory as small as what there is."""
        self._known = {path: known for path, known in self._known.items() if path in paths}


def _is_active(run: RunSummary) -> bool:
    """Whether someone works on it now: no file says that, and only a run that never ended can be worked on."""
    return run.record.status == "running" and RunFolder(run.path).is_active()


def _stamp(path: Path) -> _Stamp:
    return tuple(file_stamp(path / name) for name in _FILES)
