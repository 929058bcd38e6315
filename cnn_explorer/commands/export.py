"""``export``: a model or a run in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cnn_explorer.commands.arguments.options import Force, path_option
from cnn_explorer.commands.arguments.output_file import check_output
from cnn_explorer.commands.output import console
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.store.runs import RunFolder

Form = Literal["keras-code", "h5", "keras", "csv", "tensorboard"]


def export(
    source: Annotated[Path, typer.Argument(metavar="MODEL_OR_RUN", help="A model file or the folder of a run.")],
    to: Annotated[
        Form,
        typer.Option("--to", help="A Python script, a model file, or a run's epochs as a table or a TensorBoard log."),
    ],
    out: Annotated[Path, path_option("--out", "PATH", "The file, or folder, to write.")],
    force: Force = False,
) -> None:
    """Write a model or a run in another form."""
    _check(source, to, out, force)
    match to:
        case "keras-code":
            atomic_write(out, _code(source).encode())
        case "csv":
            atomic_write(out, _history(source))
        case "h5" | "keras":
            _save_model(source, out)
        case "tensorboard":
            from cnn_explorer.engine.exporting.tensorboard import export_tensorboard

            export_tensorboard(source, out)
    console.result(str(out))


def _check(source: Path, to: Form, out: Path, force: bool) -> None:
    """Raise ``ExplorerError`` for an output that may not be written, or a run that is asked for and not there."""
    if to in ("csv", "tensorboard"):
        if not source.is_dir():
            raise ExplorerError(f"{source} is not the folder of a run.", f"What {to} tells is kept in a run.")
        RunFolder(source).read()
    if to == "tensorboard" and out.exists():
        raise ExplorerError(f"{out} exists already.", "Choose a folder that does not exist yet.")
    check_output(out, (f".{to}",) if to in ("h5", "keras") else (), force)


def _code(source: Path) -> str:
    """A run knows how it was trained; a model file knows the network only."""
    if source.is_dir():
        from cnn_explorer.export.script.run_script import run_script

        return run_script(RunFolder(source))
    from cnn_explorer.engine.models.readback import architecture_of
    from cnn_explorer.engine.opening.loader import load_model_file
    from cnn_explorer.export.script.keras_script import keras_code

    return keras_code(architecture_of(load_model_file(source).model))


def _save_model(source: Path, out: Path) -> None:
    """The model in ``source`` as a file of the kind that the name of ``out`` says."""
    from cnn_explorer.engine.models.saving import save_model
    from cnn_explorer.engine.opening.loader import load_model_file

    loaded = load_model_file(source)
    save_model(loaded.model, out, loaded.metadata)


def _history(source: Path) -> bytes:
    run = RunFolder(source)
    if not run.history():
        raise ExplorerError(f"{source} has no whole epoch yet.", "Train it first: cnn-explorer train --continue.")
    data = run.history_csv.read_bytes()
    return data[: data.rfind(b"\n") + 1]  # less a line that a killed process left half-written
