"""How tests make the film of a run, and drive the panel that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from cnn_explorer.core.run.events import Probed
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.train.film.panel import FilmPanel
from cnn_explorer.ui.session.session import Session

SHAPE = (4, 6, 3)


def write_frame(run: Path, epoch: int, maps: NDArray[Any] | None = None, inputs: int = 1) -> Probed:
    """A frame whose maps grow with the epoch: map m is 0 in its first node and (epoch + 1) · (m + 1) elsewhere."""
    if maps is None:
        maps = np.full(SHAPE, epoch + 1.0, np.float32) * np.arange(1, SHAPE[2] + 1)
        maps[0, 0] = 0
    path = RunFolder(run).probe(epoch)
    path.parent.mkdir(parents=True, exist_ok=True)
    kernels = np.linspace(-1, 1, 9 * inputs * 4, dtype=np.float32).reshape(3, 3, inputs, 4) * (epoch + 1)
    np.savez_compressed(
        path, activations=maps[np.newaxis].astype(np.float32), image=np.zeros((5, 5, 1), np.float32),
        layer="Conv2D_1", epoch=epoch, kernels=kernels, kernel_layer="Conv2D_1",
    )  # fmt: skip
    return Probed(epoch=epoch, path=str(path))


def film_of(run: Path) -> Path:
    """Give the run a film of epochs 0 to 4."""
    for epoch in range(5):
        write_frame(run, epoch)
    return run


def open_panel(qtbot: QtBot, session: Session) -> FilmPanel:
    panel = FilmPanel(session)
    qtbot.addWidget(panel)
    panel.resize(834, 360)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    return panel


def shows(panel: FilmPanel, epoch: int) -> bool:
    frame = panel.pictures._frame
    return panel.epoch == epoch and frame is not None and frame.epoch == epoch


def open_film(qtbot: QtBot, panel: FilmPanel, run: Path, running: bool = False, newest: int = 4) -> None:
    panel.show_run(run, running)
    qtbot.waitUntil(lambda: shows(panel, newest))
