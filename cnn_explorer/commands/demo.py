"""``demo``: what the program does, shown in files, for machines without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.commands.arguments.options import Force, path_option
from cnn_explorer.commands.output import console
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.atomic import refuse_existing, write_failure
from cnn_explorer.store.paths import new_run_folder, require_places
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.system_check import require_libraries

NETWORK = "mnist-simple"
# About half a minute on two slow cores.
CONFIG = TrainingConfig(epochs=2, train_limit=12_000)
_IMAGE = 0


def demo(
    out: Annotated[Path | None, path_option("--out", "DIR", "Where to write it.")] = None,
    force: Force = False,
) -> int:
    """Show in files what the program does; needs no screen.

    Trains mnist-simple for a short while and writes the model, the activations of every layer as pictures, and a
    picture of the window.
    """
    require_libraries()
    if out is None:
        require_places()
    folder = out if out is not None else new_run_folder("demo")
    refuse_existing(folder, force)
    return _shown_in(folder, force)


def _shown_in(folder: Path, force: bool) -> int:
    """Train, and write model, activations of all layers and a picture of the window to ``folder``; the exit code.

    ``folder`` is a run folder. Raises ``ExplorerError``.
    """
    from cnn_explorer.commands.output.following import follow
    from cnn_explorer.data.loading import load_dataset
    from cnn_explorer.engine.training import trainer
    from cnn_explorer.window_picture import picture_of_window

    dataset = load_dataset("mnist")
    console.say(
        f"A short training of {NETWORK}, to see how it goes: {CONFIG.epochs} epochs on the first "
        f"{CONFIG.train_limit:,} of {len(dataset.train_labels):,} images of {dataset.title}."
    )
    architecture = preset(NETWORK).architecture
    code = follow(
        lambda emit, control: trainer.train(architecture, CONFIG, dataset, folder, emit, control, force=force), False
    )
    if code:
        return code
    model = RunFolder(folder).model
    for picture in _save_activations(model, dataset.test_images[_IMAGE], folder / "activations"):
        console.result(str(picture))
    window = folder / "window.png"
    picture_of_window(model, window)
    console.result(str(window))
    return 0


def _save_activations(model: Path, image: NDArray[np.uint8], folder: Path) -> Iterator[Path]:
    """Write one picture a layer, numbered in their order, and yield the paths; ``folder`` is made."""
    from cnn_explorer.engine.inspecting.inspector import open_model
    from cnn_explorer.export.pictures.grid import save_grid_png

    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise write_failure(folder, error) from error
    inspector = open_model(model)
    forward = inspector.forward(image)
    for number, layer in enumerate(inspector.info.layers, start=1):
        path = folder / f"{number}-{layer.name}.png"
        # Only a demo that replaces another one finds pictures here.
        save_grid_png(path, forward.activations[layer.name], force=True)
        yield path
