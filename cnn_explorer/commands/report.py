"""``report``: a page on a model and an image."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cnn_explorer.commands import console, progress
from cnn_explorer.commands.checks import ImageChoice
from cnn_explorer.commands.models import opened
from cnn_explorer.commands.one_image import one_image
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.engine.device.runtime import start
from cnn_explorer.export.report.page import ReportMatter, save_report
from cnn_explorer.text.verdicts import class_names


def run(
    model: Path,
    image: ImageChoice,
    out: Path,
    preprocessing: PreprocessingName | None,
    force: bool,
    invert: bool,
    trusted: bool = False,
) -> None:
    """Write the report of a model on one image, which has been checked. Raises ``ExplorerError``."""
    inspector, dataset = opened(model, image.dataset, preprocessing, trusted)
    chosen = one_image(image, dataset, inspector.info.input_shape, invert)
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
    console.result(str(out))
