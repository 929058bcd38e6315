"""Options that mean the same in several commands, as types for the parameters of a typer function."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cnn_explorer.core.run.config import PreprocessingName


def _expanded(path: Path | None) -> Path | None:
    """``~`` is the user's home behind ``=`` too (``--out=~/run``), where no shell replaces it."""
    return None if path is None else Path(os.path.expanduser(path))  # noqa: PTH111  # keeps a ~name that nobody has


def path_option(name: str, metavar: str, words: str) -> Any:
    """An option whose value is a path."""
    return typer.Option(name, metavar=metavar, callback=_expanded, help=words)


Json = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON instead of text for people.")]
Force = Annotated[bool, typer.Option("--force", metavar="", help="Replace what is there already.")]
ModelFile = Annotated[Path, typer.Argument(metavar="MODEL", help="A model file (.h5, .keras) or the folder of a run.")]
Trust = Annotated[
    bool,
    typer.Option("--trust", metavar="", help="Open the model however much it asks for; code in it still never runs."),
]
Split = Annotated[Literal["train", "test"], typer.Option("--split", help="Which part of the data set.")]
Preset = Annotated[str | None, typer.Option("--preset", metavar="NAME", help="A network of the presets command.")]
ArchitectureFile = Annotated[
    Path | None,
    path_option("--architecture", "FILE", "A network from an architecture file (JSON)."),
]
Preparation = Annotated[
    PreprocessingName | None,
    typer.Option("--preprocessing", help="How images are prepared, for models that do not say it themselves."),
]
