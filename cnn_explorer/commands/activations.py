"""``activations``: what one layer makes of one image, as a picture or as numbers."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.commands import console, progress
from cnn_explorer.commands.checks import ImageChoice, PictureOptions
from cnn_explorer.commands.models import opened
from cnn_explorer.commands.one_image import one_image
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.statistics import overall_limits
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.engine.inspecting.inspector import activation_of
from cnn_explorer.export.pictures.activation_table import save_activations_csv
from cnn_explorer.export.pictures.captions import picture_words
from cnn_explorer.export.pictures.grid import PictureStyle, save_activations_npz, save_grid_png
from cnn_explorer.text.verdicts import class_names, verdict


def run(
    model: Path,
    layer: str,
    image: ImageChoice,
    out: Path,
    picture: PictureOptions,
    preprocessing: PreprocessingName | None,
    force: bool,
    invert: bool = False,
    trusted: bool = False,
) -> None:
    """Write the activations of one layer for one image, which has been checked. Raises ``ExplorerError``."""
    inspector, dataset = opened(model, image.dataset, preprocessing, trusted)
    chosen = one_image(image, dataset, inspector.info.input_shape, invert)
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
    console.result(str(out))
