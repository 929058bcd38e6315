"""What a path is that someone drops on the window or names on the command line. No Qt."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.runs import RunFolder

MODEL_SUFFIXES = (".h5", ".hdf5", ".keras")
ARCHITECTURE_SUFFIX = ".json"
_HINT = "Open a model (.h5, .keras), a run folder, or an architecture (.json)."


class Opening(NamedTuple):
    """The file to open, and what opens it."""

    kind: Literal["model", "architecture"]
    path: Path


def opening(path: Path) -> Opening:
    """How to open ``path``; raises ``ExplorerError`` if nothing here can. What is inside is not looked at."""
    if path.is_dir():
        run = RunFolder(path)
        if not run.run_json.is_file():
            raise ExplorerError(f"The folder {path} is not a run: it has no {run.run_json.name}.", _HINT)
        if not run.model.is_file():
            raise ExplorerError(f"The run {path} has no {run.model.name} yet.", "Let it finish one epoch.")
        return Opening("model", run.model)
    if not path.exists():
        raise ExplorerError(f"There is no file {path}.", "Check the path.")
    suffix = path.suffix.lower()
    if suffix in MODEL_SUFFIXES:
        return Opening("model", path)
    if suffix == ARCHITECTURE_SUFFIX:
        return Opening("architecture", path)
    raise ExplorerError(f"{path.name} is not a file that CNN Explorer opens.", _HINT)
