"""``activations``: what one layer makes of one image, as a picture or as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cnn_explorer.commands.arguments.dataset import reading_of, with_reading_options, without_keywords
from cnn_explorer.commands.arguments.image import ImageChoice, ImageFile, ImageIndex, ImageSet, Invert, image_choice
from cnn_explorer.commands.arguments.options import Force, ModelFile, Preparation, Split, Trust, path_option
from cnn_explorer.commands.arguments.output_file import check_output
from cnn_explorer.commands.output import console
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.imaging import SCALE_MODES
from cnn_explorer.core.maps.style import DEFAULT_STYLE, MapStyle
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.export.pictures.colormaps import colormap as table_of

_ALL_LAYERS = "all"
"""As a scale: the limits of all layers."""
SCALES = ("map", "layer", _ALL_LAYERS, "standardized")


@without_keywords
@with_reading_options
def activations(
    model: ModelFile,
    layer: Annotated[str, typer.Option("--layer", metavar="NAME", help="Which layer; summary lists them.")],
    out: Annotated[Path, path_option("--out", "FILE", "A picture (.png), or the numbers (.npz, .csv).")],
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
        str, typer.Option("--scale", metavar="|".join(SCALES), help="What shares one scale of colours.")
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
    check_output(out, (".png", ".npz", ".csv"), force)
    picture = picture_options(columns, colormap, scale, pixels, legend, numbers)
    choice = image_choice(dataset, split, index, image, invert, preprocessing, reading_of(keywords))
    _write(model, layer, choice, out, picture, preprocessing, force, trust)
    console.result(str(out))


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """How ``activations`` paints a picture. ``pixels``: the side of a node, ``None``: as it suits the layer."""

    maps: MapStyle
    pixels: int | None
    legend: bool
    numbers: bool


def picture_options(
    columns: int, colormap: str, scale: str, pixels: int | None, legend: bool, numbers: bool
) -> _Picture:
    """The options, if there are such a colour map and such a scale; raises ``ExplorerError`` otherwise."""
    table_of(colormap)
    for mode in SCALE_MODES:
        if mode == scale or (scale == _ALL_LAYERS and mode == "layer"):
            maps = MapStyle(columns, colormap, mode, everywhere=scale == _ALL_LAYERS)
            return _Picture(maps=maps, pixels=pixels, legend=legend, numbers=numbers)
    raise ExplorerError(f'There is no scale "{scale}".', f"Choose one of: {', '.join(SCALES)}.")


def _write(
    model: Path, layer: str, image: ImageChoice, out: Path, picture: _Picture, preprocessing: PreprocessingName | None,
    force: bool, trusted: bool,
) -> None:  # fmt: skip
    """Write the activations of one layer for one image, which has been checked. Raises ``ExplorerError``."""
    from cnn_explorer.commands.arguments.model import opened
    from cnn_explorer.commands.arguments.one_image import one_image
    from cnn_explorer.commands.output import progress
    from cnn_explorer.core.maps.statistics import overall_limits
    from cnn_explorer.engine.inspecting.inspector import activation_of
    from cnn_explorer.export.pictures.activation_table import save_activations_csv
    from cnn_explorer.export.pictures.captions import picture_words
    from cnn_explorer.export.pictures.grid import PictureStyle, save_activations_npz, save_grid_png
    from cnn_explorer.text.verdicts import class_names, verdict

    inspector, dataset = opened(model, image.dataset, preprocessing, trusted)
    chosen = one_image(image, dataset, inspector.info.input_shape)
    forward = activation_of(inspector, layer, chosen.raw)
    activation = forward.activations[layer]
    if out.suffix == ".npz":
        save_activations_npz(out, activation, forward.image, layer, force)
    elif out.suffix == ".csv":
        with progress.watched() as watch:
            save_activations_csv(out, activation, force, watch)
    elif activation.ndim in (1, 3):
        limits = overall_limits(forward.activations.values()) if picture.maps.everywhere else None
        style = PictureStyle(picture.maps, pixels=picture.pixels, limits=limits, numbers=picture.numbers)
        legend = None
        if picture.legend:
            count = 0 if forward.prediction is None else forward.prediction.size
            said = verdict(forward.prediction, class_names(inspector.info, dataset, count), chosen.true_name)
            words = said.text if said else ""
            legend = picture_words(inspector.info, layer, activation, style, chosen.name, words)
        save_grid_png(out, activation, style, legend, force)
    else:
        raise ExplorerError(
            f'The layer "{layer}" gives neither maps nor a vector, but values of shape {activation.shape}.',
            "Save them as .npz.",
        )
