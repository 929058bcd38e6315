"""The epoch film: loading, following, going through the epochs, playing."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.train.film import panel as train_film
from cnn_explorer.ui.pages.train.film.panel import NO_FILM, NO_FRAME_YET, NO_RUN, FilmPanel
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.train.film.driver import film_of, open_film, open_panel, shows, write_frame


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with a film of epochs 0 to 4."""
    return film_of(tmp_path / "run")


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> FilmPanel:
    """The panel, before there is a run."""
    return open_panel(qtbot, session)


def test_that_an_empty_panel_says_how_to_get_a_film(qtbot: QtBot, panel: FilmPanel, tmp_path: Path) -> None:
    assert panel._empty.text.text() == NO_RUN
    assert not panel.transport.isVisible()
    assert panel.choice.isVisible()
    panel.show_run(tmp_path / "new", running=True)
    qtbot.waitUntil(lambda: panel._empty.text.text() == NO_FRAME_YET)
    panel.show_run(tmp_path / "old", running=False)
    qtbot.waitUntil(lambda: panel._empty.text.text() == NO_FILM)
    panel.show_run(None, running=False)
    assert panel._empty.text.text() == NO_RUN


def test_that_a_finished_film_opens_at_its_end(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run)
    assert panel.transport.label.text() == "Epoch 4 of 4"
    assert panel.title.text() == "Conv2D_1"
    assert panel.facts.text() == "3 maps of 4×6"
    assert panel.transport.slider.maximum() == 4
    assert not panel.transport.on.isEnabled()


def test_that_keys_go_through_the_epochs(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run)
    qtbot.waitUntil(lambda: not panel._reading)
    slider = panel.transport.slider
    slider.setFocus()
    for key, epoch in (
        (Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_End, 4),
    ):  # fmt: skip
        qtbot.keyClick(slider, key)
        assert shows(panel, epoch)
    panel.transport.play.setFocus()  # keys that the button does not take are the panel's
    qtbot.keyClick(panel.transport.play, Qt.Key.Key_Home)
    assert shows(panel, 0)
    assert panel.transport.label.text() == "Epoch 0 of 4 · before training"


def test_that_buttons_and_a_click_on_the_slider_go_there(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run)
    transport = panel.transport
    for button, epoch in (
        (transport.first, 0), (transport.on, 1), (transport.on, 2), (transport.back, 1), (transport.last, 4),
    ):  # fmt: skip
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda epoch=epoch: shows(panel, epoch))
    middle = QPoint(transport.slider.width() // 2, transport.slider.height() // 2)
    qtbot.mouseClick(transport.slider, Qt.MouseButton.LeftButton, pos=middle)
    assert panel.epoch == 2


def test_that_a_running_film_follows_until_someone_looks_back(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run, running=True)
    panel.add_probe(write_frame(run, 5))
    qtbot.waitUntil(lambda: shows(panel, 5))
    assert panel.transport.label.text() == "Epoch 5 of 5 · newest"
    panel.transport.go(1)
    qtbot.waitUntil(lambda: shows(panel, 1))
    panel.add_probe(write_frame(run, 6))
    qtbot.waitUntil(lambda: panel._reel.frame(6) is not None)
    assert shows(panel, 1)
    assert panel.transport.label.text() == "Epoch 1 of 6"
    panel.transport.go(6)
    panel.add_probe(write_frame(run, 7))
    qtbot.waitUntil(lambda: shows(panel, 7))


def test_that_it_follows_again_when_the_run_goes_on(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run, running=True)
    panel.transport.go(0)
    panel.show_run(run, running=False)
    assert shows(panel, 0)  # the end of the run moves nothing
    panel.show_run(run, running=True)
    qtbot.waitUntil(lambda: shows(panel, 4))


def test_that_frames_of_other_runs_are_left_out(qtbot: QtBot, panel: FilmPanel, run: Path, tmp_path: Path) -> None:
    open_film(qtbot, panel, run, running=True)
    panel.add_probe(write_frame(tmp_path / "other", 9))
    assert panel._reel.epochs == (0, 1, 2, 3, 4)


def test_that_space_plays_over_and_over_and_pauses(
    qtbot: QtBot, panel: FilmPanel, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_film, "pace", lambda _frames: 1)
    open_film(qtbot, panel, run)
    seen: list[int] = []
    show_frame = panel.pictures.show_frame
    monkeypatch.setattr(
        panel.pictures, "show_frame", lambda frame, *args: (seen.append(frame.epoch), show_frame(frame, *args))
    )
    panel.transport.slider.setFocus()
    qtbot.keyClick(panel.transport.slider, Qt.Key.Key_Space)
    assert panel.is_playing
    assert panel.transport.play.accessibleName() == "Pause the film"
    qtbot.waitUntil(lambda: 4 in seen and seen[-1] == 2)
    qtbot.keyClick(panel.transport.slider, Qt.Key.Key_Space)
    assert not panel.is_playing
    steps = {(a, b) for a, b in pairwise(seen) if a != b}
    assert steps == {(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)}  # none left out


def test_that_a_film_that_is_not_seen_does_not_play(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    open_film(qtbot, panel, run)
    qtbot.mouseClick(panel.transport.play, Qt.MouseButton.LeftButton)
    assert panel.is_playing
    panel.hide()
    assert not panel.is_playing


def test_that_broken_and_missing_frames_are_left_out_and_told(qtbot: QtBot, panel: FilmPanel, run: Path) -> None:
    RunFolder(run).probe(1).write_bytes(b"nonsense")
    RunFolder(run).probe(4).write_bytes(b"")
    open_film(qtbot, panel, run, newest=3)
    qtbot.waitUntil(lambda: panel._reel.epochs == (0, 2, 3))
    assert panel.hint.isVisible()
    assert panel.hint.text() == "Left out, since it cannot be read: epoch 1, 4"
    panel.transport.go(0)
    panel.transport.go(1)
    qtbot.waitUntil(lambda: shows(panel, 2))


def test_that_a_film_that_vanishes_while_it_is_read_leaves_the_panel_whole(
    qtbot: QtBot, panel: FilmPanel, run: Path
) -> None:
    panel.show_run(run, running=False)
    shutil.rmtree(run)
    qtbot.waitUntil(lambda: panel._listed and not panel._reading)
    qtbot.waitUntil(lambda: panel._empty.text.text() == NO_FILM)


def test_that_another_run_replaces_the_film_even_while_it_loads(
    qtbot: QtBot, panel: FilmPanel, run: Path, tmp_path: Path
) -> None:
    for epoch in range(2):
        write_frame(tmp_path / "other", epoch)
    panel.show_run(run, running=False)
    panel.show_run(tmp_path / "other", running=False)
    qtbot.waitUntil(lambda: shows(panel, 1))
    assert panel._reel.epochs == (0, 1)


def test_that_every_control_of_the_film_can_be_named_and_explained(panel: FilmPanel) -> None:
    transport = panel.transport
    controls = [
        *panel.findChildren(QComboBox), transport.slider, transport.first, transport.back, transport.play,
        transport.on, transport.last, panel.choice.index, *panel.choice._steps.buttons,
    ]  # fmt: skip
    assert all(control.objectName() and control.accessibleName() and control.toolTip() for control in controls)
    names = [control.objectName() for control in controls]
    assert len(set(names)) == len(names)
