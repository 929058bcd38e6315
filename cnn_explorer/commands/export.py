"""``export``: a model or a run in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cnn_explorer.commands import console
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.engine.exporting.tensorboard import export_tensorboard
from cnn_explorer.engine.models.readback import architecture_of
from cnn_explorer.engine.models.saving import save_model
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.export.script.keras_script import keras_code
from cnn_explorer.export.script.run_script import run_script
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.store.runs import RunFolder

Form = Literal["keras-code", "h5", "keras", "csv", "tensorboard"]


def run(source: Path, to: Form, out: Path) -> None:
    """Write the model or run in ``source`` to ``out``, replacing a file that is there. Raises ``ExplorerError``.

    What ``checks.check_export`` says has been checked.
    """
    match to:
        case "keras-code":
            atomic_write(out, _code(source).encode())
        case "csv":
            atomic_write(out, _history(source))
        case "h5" | "keras":
            loaded = load_model_file(source)
            save_model(loaded.model, out, loaded.metadata)
        case "tensorboard":
            export_tensorboard(source, out)
    console.result(str(out))


def _code(source: Path) -> str:
    """A run knows how it was trained; a model file knows the network only."""
    if source.is_dir():
        return run_script(RunFolder(source))
    return keras_code(architecture_of(load_model_file(source).model))


def _history(source: Path) -> bytes:
    run = RunFolder(source)
    if not run.history():
        raise ExplorerError(f"{source} has no whole epoch yet.", "Train it first: cnn-explorer train --continue.")
    data = run.history_csv.read_bytes()
    return data[: data.rfind(b"\n") + 1]  # less a line that a killed process left half-written
