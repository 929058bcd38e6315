"""What the Runs page reads from the disk, again and again; no Qt in here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.store.catalog import RunSummary, list_runs
from cnn_explorer.store.known_runs import KnownRuns
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.runs.state import Listing, RunRow


class RunReader:
    """Gives the same row, the very object, for a run that is as it was. Slow: for the jobs of one runner only."""

    def __init__(self) -> None:
        self._runs = KnownRuns()
        self._rows: dict[Path, RunRow] = {}

    def read(self, folder: Path, others: Sequence[Path] = ()) -> Listing:
        """All runs in ``folder``, and those in ``others``: runs, or folders of runs, that lie somewhere else."""
        runs, damaged = list_runs(folder, self._runs.read)
        found = {run.path: run for run in runs}
        problems = {each.path: each.problem for each in damaged}
        for other in others:
            if RunFolder(other).run_json.is_file():
                try:
                    found[other] = self._runs.read(other)
                except ExplorerError as error:
                    problems[other] = error.message
            else:
                runs, damaged = list_runs(other, self._runs.read)
                found.update({run.path: run for run in runs})
                problems.update({each.path: each.problem for each in damaged})
        ordered = sorted(found.values(), key=lambda run: (run.record.created, run.path.name), reverse=True)
        rows = tuple(map(self._row_of, ordered))
        self._rows = {row.path: row for row in rows}
        self._runs.forget_all_but(self._rows)
        return Listing(rows, tuple(problems.items()))

    def row(self, path: Path) -> RunRow | None:
        """The run as it is now; ``None`` if it was moved away meanwhile, or cannot be read."""
        try:
            return self._row_of(self._runs.read(path))
        except ExplorerError:
            return None

    def _row_of(self, run: RunSummary) -> RunRow:
        known = self._rows.get(run.path)
        folder = RunFolder(run.path)
        models = folder.model.is_file(), folder.best.is_file(), folder.checkpoint.is_file()
        if known is not None and known.run is run and (known.has_model, known.has_best, known.has_checkpoint) == models:
            return known
        row = self._rows[run.path] = RunRow(
            run, run.best, _parameters(run.record.architecture), run.seconds, _time(run.record.created), *models
        )
        return row


@lru_cache(maxsize=256)
def _parameters(architecture: Architecture) -> int:
    """Many runs have few networks; to count one's parameters takes longer than to read its run."""
    return infer(architecture).total_params


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
