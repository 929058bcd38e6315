"""One run: a new one, or one that continues. Imported when it is to begin, as it brings the engine along."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.commands.arguments.loading import loaded, loaded_again, notes_on
from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.following import follow
from cnn_explorer.commands.train.request import NewRun
from cnn_explorer.engine.device import runtime
from cnn_explorer.engine.training import trainer
from cnn_explorer.store.runs import RunFolder


def start(new: NewRun, as_json: bool) -> int:
    """Train a network in a new run; returns the exit code.

    Raises ``ExplorerError`` for whatever is wrong before the run begins; nothing has been written then.
    """
    runtime.start(new.config.runtime)
    dataset = loaded(new.dataset)
    console.remark(*new.notes, *notes_on(dataset))
    return follow(
        lambda emit, control: trainer.train(
            new.architecture, new.config, dataset, new.folder, emit, control, force=new.force
        ),
        as_json,
    )


def go_on(folder: Path, epochs: int | None, as_json: bool) -> int:
    """Continue a run until it has ``epochs`` in all (``None``: as before); returns the exit code.

    Raises like ``start``.
    """
    record = RunFolder(folder).read()
    runtime.start(record.training.runtime)
    dataset = loaded_again(record.dataset.spec, folder)
    return follow(lambda emit, control: trainer.resume(folder, dataset, emit, control, epochs), as_json)
