"""The pictures of the epoch film: scales, the value under the cursor, kernels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.train.film.panel import FilmPanel
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.train.film.driver import film_of, open_film, open_panel, write_frame


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with a film of epochs 0 to 4."""
    return film_of(tmp_path / "run")


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> FilmPanel:
    """The panel, before there is a run."""
    return open_panel(qtbot, session)


def corner(panel: FilmPanel) -> tuple[int, int, int]:
    """The colour of the largest value of the last map."""
    grid = panel.pictures.grid
    assert grid.image is not None
    assert grid.layout_ is not None
    _, _, bottom, right = grid.layout_.rectangle(2)
    color = grid.image.pixelColor(right - 1, bottom - 1)
    return color.red(), color.green(), color.blue()


def test_that_a_shared_scale_lets_the_values_grow(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run)
    qtbot.waitUntil(lambda: not panel._reading)

    def colours() -> list[tuple[int, int, int]]:
        found = []
        for place in range(5):
            panel.transport.go(place)
            found.append(corner(panel))
        return found

    assert len(set(colours())) == 1
    panel.epochs.setCurrentIndex(1)
    assert len(set(colours())) == 5
    assert corner(panel) == (253, 231, 37)  # viridis' last row: epoch 4 has the largest value of all
    panel.scale.setCurrentIndex(1)
    legend = panel.pictures.maps.bar.legend
    assert (legend.low, legend.high, legend.note) == ("0.0000", "15.0000", "the same for all maps and epochs")
    panel.scale.setCurrentIndex(2)
    assert not panel.epochs.isEnabled()


def test_that_the_value_under_the_cursor_is_told(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run)
    panel.pictures.grid.map_hovered.emit(2, 1, 5)
    assert panel.facts.text() == "map 2 · row 1, column 5 · value 15.0000"
    panel.pictures.kernels.map_hovered.emit(3, 2, 2)
    assert panel.facts.text() == "kernel 3 · row 2, column 2 · 5.0000"
    panel.pictures.grid.hover_ended.emit()
    assert panel.facts.text() == "3 maps of 4×6"


@pytest.mark.parametrize(("inputs", "colour"), [(1, (179, 3, 38)), (3, (236, 245, 255)), (2, (179, 3, 38))])
def test_that_kernels_are_around_zero_and_those_of_colours_in_colours(
    qtbot: QtBot, panel: FilmPanel, tmp_path: Path, inputs: int, colour: tuple[int, int, int]
) -> None:
    write_frame(tmp_path, 0, inputs=inputs)
    open_film(qtbot, panel, tmp_path, newest=0)
    grid = panel.pictures.kernels
    assert grid.image is not None
    assert grid.layout_ is not None
    _, _, bottom, right = grid.layout_.rectangle(3)
    color = grid.image.pixelColor(right - 1, bottom - 1)  # the largest weight of the last kernel
    assert (color.red(), color.green(), color.blue()) == pytest.approx(colour, abs=1)
    assert ("mean of 2 inputs" in panel.pictures._kernel_text.text()) == (inputs == 2)


def test_that_a_network_without_kernels_shows_its_maps_alone(qtbot: QtBot, panel: FilmPanel, tmp_path: Path) -> None:
    path = Path(write_frame(tmp_path, 0).path)
    np.savez_compressed(
        path,
        activations=np.ones((1, 2, 2, 2), np.float32),
        image=np.zeros((5, 5, 3), np.float32),
        layer="Pool",
        epoch=0,
    )
    open_film(qtbot, panel, tmp_path, newest=0)
    assert not panel.pictures._kernel_part.isVisible()
    assert panel.pictures.grid.isVisible()
