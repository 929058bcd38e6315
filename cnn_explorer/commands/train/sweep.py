"""``train --sweep``: one run after another, and what came of them in one table. Imported like ``one_run``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from cnn_explorer.commands.arguments.loading import loaded, loaded_again, notes_on
from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.exit_codes import DONE, INTERRUPTED, REFUSED
from cnn_explorer.commands.output.following import Emit, followed, print_event, say_failure
from cnn_explorer.commands.train import sweep_results
from cnn_explorer.commands.train.request import NewSweep
from cnn_explorer.commands.train.sweep_results import RunResult
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import Ended
from cnn_explorer.core.run.sweep import SweepPlace
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.device import runtime
from cnn_explorer.engine.training import trainer
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.store.sweeps import SweepEntry, SweepFolder, SweepRecord


def start(new: NewSweep, as_json: bool) -> int:
    """Do all runs of a new sweep; returns the exit code.

    Raises ``ExplorerError`` if nothing of it can be begun; nothing is left behind then.
    """
    runtime.start(new.record.training.runtime)
    dataset = loaded(new.record.dataset)
    new.folder.write(new.record)
    console.say_each((*new.notes, *notes_on(dataset)))
    try:
        return _Sweep(new.folder, new.record, dataset, new.force, None, as_json).work(new.record.runs)
    finally:
        new.folder.remove_empty()


def go_on(path: Path, epochs: int | None, as_json: bool) -> int:
    """Do those runs of a sweep that have not been completed, until each has ``epochs`` (``None``: as before).

    Returns the exit code. Raises like ``start``.
    """
    folder = SweepFolder(path)
    record = folder.read()
    if epochs is not None:
        record = msgspec.structs.replace(record, training=msgspec.structs.replace(record.training, epochs=epochs))
    todo = tuple(entry for entry in record.runs if not _is_done(folder.run(entry), epochs))
    if not todo:
        raise ExplorerError(f"All {len(record.runs)} runs of {path} are completed.", "Ask for more with --epochs.")
    runtime.start(record.training.runtime)
    dataset = loaded_again(record.dataset, path)
    folder.write(record)
    return _Sweep(folder, record, dataset, False, epochs, as_json).work(todo)


def _is_done(path: Path, epochs: int | None) -> bool:
    try:
        record = RunFolder(path).read()
    except ExplorerError:  # not begun, or damaged, which will be said when it is its turn
        return False
    return record.status == "completed" and (epochs is None or record.training.epochs >= epochs)


@dataclass
class _Sweep:
    """A sweep at work. ``epochs``: the total of runs that go on. ``failures``: by folder, what each failed of."""

    folder: SweepFolder
    record: SweepRecord
    dataset: Dataset
    force: bool
    epochs: int | None
    as_json: bool
    failures: dict[str, str] = field(default_factory=dict)

    def work(self, todo: tuple[SweepEntry, ...]) -> int:
        """Do the runs ``todo`` and tell of all; the exit code. A run that fails keeps no other from its end."""
        refused: ExplorerError | None = None
        status = ""
        for entry in todo:
            self._announce(entry)
            try:
                status = self._told(entry, followed(partial(self._run, entry), self.as_json))
            except ExplorerError as error:  # before it began
                refused = refused or error
                model = str(RunFolder(self.folder.run(entry)).model)
                ended = Ended(status="failed", message=error.message, hint=error.hint, model=model)
                if self.as_json:
                    print_event(ended)
                self._told(entry, ended)
            sweep_results.write(self.folder, self._results())
            if status == "stopped":
                break
        if refused is not None and not status:  # not one run has begun
            raise refused
        self._show()
        return INTERRUPTED if status == "stopped" else REFUSED if self.failures else DONE

    def _announce(self, entry: SweepEntry) -> None:
        if self.as_json:
            run = str(self.folder.run(entry))
            console.result_json({"event": "run", "run": run, "settings": entry.settings})
        number, settings = self.record.runs.index(entry) + 1, sweep_results.settings_text(entry.settings)
        console.say(f"Run {number} of {len(self.record.runs)}: {settings}")

    def _run(self, entry: SweepEntry, emit: Emit, control: RunControl) -> None:
        """Begin a run, or go on with it."""
        path = self.folder.run(entry)
        if RunFolder(path).run_json.is_file() and not self.force:
            trainer.resume(path, self.dataset, emit, control, self.epochs)
            return
        place = SweepPlace(self.folder.path.resolve().name, entry.settings)
        config = self.record.config_of(entry)
        trainer.train(
            self.record.architecture, config, self.dataset, path, emit, control, force=self.force, sweep=place
        )

    def _told(self, entry: SweepEntry, ended: Ended) -> str:
        """Say on stderr how a run ended; its status."""
        if ended.status == "failed":
            self.failures[entry.folder] = f"{ended.message} {ended.hint}".strip()
            say_failure(self.failures[entry.folder], ended.details)
        elif not self.as_json:
            console.say(ended.message)
        return ended.status

    def _show(self) -> None:
        sweep_results.show(self._results(), self.as_json)
        if not self.as_json:
            console.result(str(self.folder.sweep_csv))
        if self.failures:
            name, sentence = next(iter(self.failures.items()))
            count = f"{len(self.failures)} of {len(self.record.runs)} runs failed"
            console.say_error(f"{count}, first {name}: {sentence}")

    def _results(self) -> tuple[RunResult, ...]:
        return tuple(
            sweep_results.result_of(self.folder.run(entry), entry, self.failures.get(entry.folder))
            for entry in self.record.runs
        )
