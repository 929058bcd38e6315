"""The options of ``train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnn_explorer.commands.arguments.dataset import reading_of, with_reading_options
from cnn_explorer.commands.arguments.options import ArchitectureFile, Force, Json, Preset, path_option
from cnn_explorer.commands.arguments.training import with_training_options
from cnn_explorer.commands.train.request import (
    Continuation,
    NewRun,
    NewSweep,
    RunOptions,
    continuation,
    new_run,
    new_sweep,
)


@with_training_options
@with_reading_options
def train(
    preset: Preset = None,
    architecture: ArchitectureFile = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="NAME|PATH", help="What to train on: a name, or your own images.")
    ] = None,
    out: Annotated[
        Path | None,
        path_option("--out", "RUN", "The folder of the new run, or sweep."),
    ] = None,
    continue_: Annotated[
        Path | None,
        path_option("--continue", "RUN", "Go on with this run, or sweep; --epochs is then the total."),
    ] = None,
    config: Annotated[
        Path | None,
        path_option("--config", "FILE", "Settings from a file (JSON); options given beside it win."),
    ] = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="SETTING=V,V,...",
            help="One run for each value, one after another; given twice, for each pair of values.",
        ),
    ] = None,
    as_json: Json = False,
    force: Force = False,
    **settings: str | bool | None,
) -> int:
    """Train a network in a new run, or go on with one."""
    options = RunOptions(
        preset=preset, architecture=architecture, dataset=dataset, out=out, config=config,
        sweep=tuple(sweep) if sweep else None, force=force, reading=reading_of(settings),
    )  # fmt: skip
    if continue_ is not None:
        return _go_on(continuation(continue_, options, settings), as_json)
    if options.sweep:
        return _start_sweep(new_sweep(options, settings), as_json)
    return _start(new_run(options, settings), as_json)


def _start(new: NewRun, as_json: bool) -> int:
    from cnn_explorer.commands.train import one_run

    return one_run.start(new, as_json)


def _start_sweep(new: NewSweep, as_json: bool) -> int:
    from cnn_explorer.commands.train import sweep

    return sweep.start(new, as_json)


def _go_on(wanted: Continuation, as_json: bool) -> int:
    from cnn_explorer.commands.train import one_run, sweep

    if wanted.is_sweep:
        return sweep.go_on(wanted.folder, wanted.epochs, as_json)
    return one_run.go_on(wanted.folder, wanted.epochs, as_json)
