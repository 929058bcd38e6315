"""The options of ``summary``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cnn_explorer.commands.arguments.options import ArchitectureFile, Json, Preset, Trust
from cnn_explorer.commands.arguments.text_files import network
from cnn_explorer.commands.summary.document import of_architecture, of_run, show
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture


def summary(
    model: Annotated[
        Path | None, typer.Argument(metavar="[MODEL]", help="A model file (.h5, .keras) or the folder of a run.")
    ] = None,
    preset: Preset = None,
    architecture: ArchitectureFile = None,
    trust: Trust = False,
    as_json: Json = False,
) -> None:
    """Say what each layer of a network does to the data: shapes, parameters, receptive fields, problems.

    A file that holds weights only (.weights.h5) needs the network beside it: --preset or --architecture.
    """
    weights = model if model is not None and model.name.endswith(".weights.h5") else None
    given = [what for what in (None if weights else model, preset, architecture) if what is not None]
    if len(given) > 1 or not (given or weights):
        raise ExplorerError("Which network?", "Give one of --preset, --architecture and MODEL.")
    problem: ExplorerError | None = None
    if weights is not None and given:
        document = _of_weights(network(preset, architecture), weights)
    elif model is None:
        document = of_architecture(network(preset, architecture))
    elif os.path.isdir(model):  # noqa: PTH112  # `Path.is_dir` raises for paths that are too long
        document = of_run(model)
    else:
        document, problem = _of_file(model, trust)
    show(document, as_json)
    if problem is not None:
        raise problem


def _of_weights(architecture: Architecture, weights: Path) -> dict[str, Any]:
    from cnn_explorer.commands.summary import model_file

    return model_file.of_weights(architecture, weights)


def _of_file(model: Path, trust: bool) -> tuple[dict[str, Any], ExplorerError | None]:
    from cnn_explorer.commands.summary import model_file

    return model_file.of_file(model, trust)
