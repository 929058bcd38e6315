"""The command line: parse, call, print. What a command does is in its own module of ``commands``.

Exit codes: 0 done; 2 the user's input was wrong, or a run failed, with one line on stderr; 130 interrupted;
141 nobody reads stdout any more; 1 a defect of the program (its traceback with CNN_EXPLORER_DEBUG=1).
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cnn_explorer.commands import checks, console
from cnn_explorer.commands.dataset_options import (
    Reading,
    given,
    reading_of,
    spec_of,
    with_reading_options,
    without_keywords,
)
from cnn_explorer.commands.files import network
from cnn_explorer.commands.options import with_training_options
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.style import DEFAULT_STYLE
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.system_check import require_libraries, require_window

DONE, DEFECT, REFUSED, INTERRUPTED, READER_GONE = 0, 1, 2, 130, 141

app = typer.Typer(
    name="cnn-explorer",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _expanded(path: Path | None) -> Path | None:
    """``~`` is the user's home behind ``=`` too (``--out=~/run``), where no shell replaces it."""
    return None if path is None else Path(os.path.expanduser(path))  # noqa: PTH111  # keeps a ~name that nobody has


def _path_option(name: str, metavar: str, words: str) -> Any:
    return typer.Option(name, metavar=metavar, callback=_expanded, help=words)


Json = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON instead of text for people.")]
Force = Annotated[bool, typer.Option("--force", metavar="", help="Replace what is there already.")]
ModelFile = Annotated[Path, typer.Argument(metavar="MODEL", help="A model file (.h5, .keras) or the folder of a run.")]
Trust = Annotated[
    bool,
    typer.Option("--trust", metavar="", help="Open the model however much it asks for; code in it still never runs."),
]
Split = Annotated[Literal["train", "test"], typer.Option("--split", help="Which part of the data set.")]
ImageSet = Annotated[
    str | None, typer.Option("--dataset", metavar="NAME|PATH", help="Where the image is from: a name, or your own.")
]
ImageIndex = Annotated[int | None, typer.Option("--index", metavar="N", help="Which image, from 0.")]
ImageFile = Annotated[Path | None, _path_option("--image", "FILE", "An image file instead.")]
Invert = Annotated[bool, typer.Option("--invert", help="Make dark ink on bright paper bright on dark, in --image.")]
Preset = Annotated[str | None, typer.Option("--preset", metavar="NAME", help="A network of the presets command.")]
ArchitectureFile = Annotated[
    Path | None,
    _path_option("--architecture", "FILE", "A network from an architecture file (JSON)."),
]
Preparation = Annotated[
    PreprocessingName | None,
    typer.Option("--preprocessing", help="How images are prepared, for models that do not say it themselves."),
]


def _command(name: str) -> Any:
    """The module of a command, imported when it is called for: the only late import of the command line.

    Most bring TensorFlow along, which takes seconds that ``presets`` and ``--help`` need not wait; two bring Qt,
    which must not be imported before ``system_check`` has found its libraries.
    """
    return importlib.import_module(f"cnn_explorer.commands.{name}")


@app.callback(invoke_without_command=True)
def without_command(context: typer.Context) -> None:
    """Build a convolutional network by hand, watch it learn, look inside it. Without a command: the window."""
    if context.invoked_subcommand is None:
        raise typer.Exit(gui())


@app.command()
def gui(
    model: Annotated[Path | None, typer.Argument(metavar="[MODEL_OR_RUN]", help="What to open at once.")] = None,
) -> int:
    """Show the window."""
    require_window()
    return int(_command("window").run_window(model))


@app.command()
def demo(
    out: Annotated[Path | None, _path_option("--out", "DIR", "Where to write it.")] = None,
    force: Force = False,
) -> int:
    """Show in files what the program does; needs no screen.

    Trains mnist-simple for a short while and writes the model, the activations of every layer as pictures, and a
    picture of the window.
    """
    require_libraries()
    return int(_command("demo").run(out, force))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what the program runs on, why a GPU is used or not, and where things are kept."""
    _command("doctor").run(as_json)


@app.command()
def presets(as_json: Json = False) -> None:
    """List the networks to start from."""
    _command("describe").presets(as_json)


@app.command()
@without_keywords
@with_reading_options
def datasets(
    as_json: Json = False,
    download: Annotated[
        str | None, typer.Option("--download", metavar="NAME", help="Download this one, for all runs.")
    ] = None,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME|PATH", help="Save this one as the .npz that the scripts of runs read."),
    ] = None,
    out: Annotated[Path | None, _path_option("--out", "FILE", "Where to save it (.npz).")] = None,
    force: Force = False,
    **keywords: str | None,
) -> None:
    """List the data sets, download one, or save one as a file."""
    reading = reading_of(keywords)
    if save is None and (idle := [*given(reading), *(["--out"] if out else []), *(["--force"] if force else [])]):
        raise ExplorerError(f"{idle[0]} has no place without --save.", "Leave it out.")
    if [as_json, download is not None, save is not None].count(True) > 1:
        raise ExplorerError("--json, --download and --save are three things.", "Do one after the other.")
    if download is not None:
        _command("datasets").download(download)
    elif save is not None:
        if out is None:
            raise ExplorerError("--out is missing.", "Say where to save it, as in --out data.npz.")
        checks.check_output(out, (".npz",), force)
        _command("datasets").save(spec_of(save, reading), out, force)
    else:
        _command("describe").datasets(as_json)


@app.command()
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
        document = _command("model_summary").of_weights(network(preset, architecture), weights)
    elif model is None:
        document = _command("summary").of_architecture(network(preset, architecture))
    elif os.path.isdir(model):  # noqa: PTH112  # `Path.is_dir` raises for paths that are too long
        document = _command("summary").of_run(model)
    else:
        document, problem = _command("model_summary").of_file(model, trust)
    _command("summary").show(document, as_json)
    if problem is not None:
        raise problem


@app.command()
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
        _path_option("--out", "RUN", "The folder of the new run, or sweep."),
    ] = None,
    continue_: Annotated[
        Path | None,
        _path_option("--continue", "RUN", "Go on with this run, or sweep; --epochs is then the total."),
    ] = None,
    config: Annotated[
        Path | None,
        _path_option("--config", "FILE", "Settings from a file (JSON); options given beside it win."),
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
    options = checks.RunOptions(
        preset=preset, architecture=architecture, dataset=dataset, out=out, config=config,
        sweep=tuple(sweep) if sweep else None, force=force, reading=reading_of(settings),
    )  # fmt: skip
    if continue_ is not None:
        wanted = checks.continuation(continue_, options, settings)
        command = _command("sweep" if wanted.is_sweep else "train")
        return int(command.go_on(wanted.folder, wanted.epochs, as_json))
    new = checks.new_sweep(options, settings) if options.sweep else checks.new_run(options, settings)
    return int(_command("sweep" if options.sweep else "train").start(new, as_json))


@app.command()
@without_keywords
@with_reading_options
def evaluate(
    model: ModelFile,
    dataset: Annotated[str, typer.Option("--dataset", metavar="NAME|PATH", help="Which images: a name, or your own.")],
    split: Split = "test",
    preprocessing: Preparation = None,
    trust: Trust = False,
    as_json: Json = False,
    **keywords: str | None,
) -> None:
    """Say how well a model does on a data set: accuracy, confusion, figures for each class."""
    spec = spec_of(dataset, reading_of(keywords))
    _command("evaluate").run(model, spec, split, preprocessing, as_json, trust)


@app.command()
@without_keywords
@with_reading_options
def activations(
    model: ModelFile,
    layer: Annotated[str, typer.Option("--layer", metavar="NAME", help="Which layer; summary lists them.")],
    out: Annotated[Path, _path_option("--out", "FILE", "A picture (.png), or the numbers (.npz, .csv).")],
    dataset: ImageSet = None,
    split: Split = "test",
    index: ImageIndex = None,
    image: ImageFile = None,
    invert: Invert = False,
    columns: Annotated[
        int, typer.Option("--columns", metavar="N", min=1, help="Maps in a row of the picture.")
    ] = DEFAULT_STYLE.columns,
    colormap: Annotated[
        str, typer.Option("--colormap", metavar="NAME", help="The colours of the picture.")
    ] = DEFAULT_STYLE.colormap,
    scale: Annotated[
        str, typer.Option("--scale", metavar="|".join(checks.SCALES), help="What shares one scale of colours.")
    ] = DEFAULT_STYLE.scale,
    pixels: Annotated[
        int | None,
        typer.Option("--pixels", metavar="N", min=1, max=32, help="Side of a node in the picture, 1 to 32 pixels."),
    ] = None,
    legend: Annotated[
        bool, typer.Option("--legend", help="Write around the picture what it shows and what its colours mean.")
    ] = False,
    numbers: Annotated[bool, typer.Option("--numbers", help="Write its number over each map.")] = False,
    preprocessing: Preparation = None,
    trust: Trust = False,
    force: Force = False,
    **keywords: str | None,
) -> None:
    """Write what a layer makes of an image."""
    checks.check_output(out, (".png", ".npz", ".csv"), force)
    picture = checks.picture_options(columns, colormap, scale, pixels, legend, numbers)
    choice = _one_image(dataset, split, index, image, invert, preprocessing, reading_of(keywords))
    _command("activations").run(model, layer, choice, out, picture, preprocessing, force, invert, trust)


@app.command()
@without_keywords
@with_reading_options
def report(
    model: ModelFile,
    out: Annotated[Path, _path_option("--out", "FILE", "The page to write (.html).")],
    dataset: ImageSet = None,
    split: Split = "test",
    index: ImageIndex = None,
    image: ImageFile = None,
    invert: Invert = False,
    preprocessing: Preparation = None,
    trust: Trust = False,
    force: Force = False,
    **keywords: str | None,
) -> None:
    """Write a page on a model and an image: structure, prediction, the maps and kernels of all layers.

    One file that any browser shows and prints; it needs no network.
    """
    checks.check_output(out, (".html", ".htm"), force)
    choice = _one_image(dataset, split, index, image, invert, preprocessing, reading_of(keywords))
    _command("report").run(model, choice, out, preprocessing, force, invert, trust)


def _one_image(
    dataset: str | None, split: str, index: int | None, image: Path | None, invert: bool,
    preprocessing: PreprocessingName | None, reading: Reading,
) -> checks.ImageChoice:  # fmt: skip
    """The image that the options name; raises ``ExplorerError`` unless it is exactly one."""
    if dataset is None and given(reading):
        raise ExplorerError(f"{given(reading)[0]} has no place without --dataset.", "Leave it out.")
    spec = None if dataset is None else spec_of(dataset, reading)
    choice = checks.ImageChoice(dataset=spec, split=split, index=index, file=image)
    choice.check(preprocessing)
    if invert and image is None:
        raise ExplorerError("--invert has no place without --image.", "Leave it out.")
    return choice


@app.command()
def export(
    source: Annotated[Path, typer.Argument(metavar="MODEL_OR_RUN", help="A model file or the folder of a run.")],
    to: Annotated[
        Literal["keras-code", "h5", "keras", "csv", "tensorboard"],
        typer.Option("--to", help="A Python script, a model file, or a run's epochs as a table or a TensorBoard log."),
    ],
    out: Annotated[Path, _path_option("--out", "PATH", "The file, or folder, to write.")],
    force: Force = False,
) -> None:
    """Write a model or a run in another form."""
    checks.check_export(source, to, out, force)
    _command("export").run(source, to, out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command with ``arguments`` (those of the process by default); returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × gets a question mark, no traceback
    try:
        code = app(None if arguments is None else list(arguments), prog_name="cnn-explorer", standalone_mode=False)
        if not code:
            console.say_remarks()
    except ExplorerError as error:
        console.say_error(str(error))
        code = INTERRUPTED if isinstance(error, CancelledError) else REFUSED
    except typer.TyperException as error:  # a usage error
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "cnn-explorer"
        console.say_error(f"{error.format_message().rstrip('. ')}. See {path} --help.")
        code = REFUSED
    except console.ReaderGone:
        code = READER_GONE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        console.say_error(f"Something went wrong inside the program: {type(error).__name__}: {error}")
        if console.debugging():
            console.say(traceback.format_exc())
        code = DEFECT
    finally:
        console.forget_remarks()
    return code or DONE
