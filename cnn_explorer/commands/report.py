"""``report``: a page on a model and an image."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from cnn_explorer.commands.arguments.dataset import reading_of, with_reading_options, without_keywords
from cnn_explorer.commands.arguments.image import ImageChoice, ImageFile, ImageIndex, ImageSet, Invert, image_choice
from cnn_explorer.commands.arguments.options import Force, ModelFile, Preparation, Split, Trust, path_option
from cnn_explorer.commands.arguments.output_file import check_output
from cnn_explorer.commands.output import console
from cnn_explorer.core.run.config import PreprocessingName


@without_keywords
@with_reading_options
def report(
    model: ModelFile,
    out: Annotated[Path, path_option("--out", "FILE", "The page to write (.html).")],
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
    check_output(out, (".html", ".htm"), force)
    choice = image_choice(dataset, split, index, image, invert, preprocessing, reading_of(keywords))
    _write(model, choice, out, preprocessing, force, trust)
    console.result(str(out))


def _write(
    model: Path, image: ImageChoice, out: Path, preprocessing: PreprocessingName | None, force: bool, trusted: bool
) -> None:
    """Write the report of a model on one image, which has been checked. Raises ``ExplorerError``."""
    from cnn_explorer.commands.arguments.model import opened
    from cnn_explorer.commands.arguments.one_image import one_image
    from cnn_explorer.commands.output import progress
    from cnn_explorer.engine.device.runtime import start
    from cnn_explorer.export.report.page import ReportMatter, save_report
    from cnn_explorer.text.verdicts import class_names

    inspector, dataset = opened(model, image.dataset, preprocessing, trusted)
    chosen = one_image(image, dataset, inspector.info.input_shape)
    forward = inspector.forward(chosen.raw)
    count = 0 if forward.prediction is None else forward.prediction.size
    matter = ReportMatter(
        info=inspector.info,
        forward=forward,
        images=((chosen.name, chosen.raw),),
        true_name=chosen.true_name,
        names=class_names(inspector.info, dataset, count),
        weights=inspector.weights,
        made=datetime.now().astimezone(),
        versions=start().versions,
    )
    with progress.watched() as watch:
        save_report(out, matter, force, watch)
