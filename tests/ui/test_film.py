"""The epoch film: loading, following, playing, scales, and what the next run films."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.architecture import Architecture, Flatten
from cnn_explorer.core.events import Probed
from cnn_explorer.core.inference import infer
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.store.probes import ProbeFrame
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages import train_film
from cnn_explorer.ui.pages.train_film import NO_FILM, NO_FRAME_YET, NO_RUN, FilmPanel
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.widgets.film_choice import first_filmed, layers_with_maps, mended
from cnn_explorer.ui.widgets.film_pictures import FilmLook, best_columns, film_legend
from cnn_explorer.ui.widgets.film_reel import Reel, kernel_planes, read_frames
from cnn_explorer.ui.widgets.film_transport import pace

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


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with a film of epochs 0 to 4."""
    for epoch in range(5):
        write_frame(tmp_path / "run", epoch)
    return tmp_path / "run"


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> FilmPanel:
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


# What the next run films.


def test_that_the_pinned_image_is_chosen_with_its_picture_and_class(
    qtbot: QtBot, panel: FilmPanel, session: Session
) -> None:
    choice, dataset = panel.choice, session.dataset
    assert dataset is not None
    qtbot.mouseClick(choice._steps[1], Qt.MouseButton.LeftButton)
    assert session.config == TrainingConfig(probe_index=1)
    assert choice.truth.text() == dataset.classes[dataset.test_labels[1]]
    assert choice.picture.image is not None
    assert choice.picture.image.pixelColor(0, 0).red() == 1  # the corner of image 1
    qtbot.mouseClick(choice._steps[0], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(choice._steps[0], Qt.MouseButton.LeftButton)
    assert session.config.probe_index == 0
    qtbot.mouseClick(choice._steps[2], Qt.MouseButton.LeftButton)
    assert 0 < session.config.probe_index < 20
    assert choice.index.maximum() == 19


def test_that_the_layer_is_chosen_from_those_with_maps(qtbot: QtBot, panel: FilmPanel, session: Session) -> None:
    layer = panel.choice.layer
    names = [layer.itemText(number) for number in range(layer.count())]
    assert names[0] == "first (Conv2D_1)"
    assert names[1:] == list(layers_with_maps(session.document.inference))
    layer.setFocus()
    qtbot.keyClick(layer, Qt.Key.Key_Down)
    qtbot.keyClick(layer, Qt.Key.Key_Down)
    assert session.config.probe_layer == names[2]


def test_that_other_settings_are_kept_and_settings_from_elsewhere_are_shown(panel: FilmPanel, session: Session) -> None:
    session.config = TrainingConfig(epochs=9, probe_index=3, probe_layer="Conv2D_2")
    assert panel.choice.index.value() == 3
    assert panel.choice.layer.currentData() == "Conv2D_2"
    panel.choice.step(1)
    assert session.config == TrainingConfig(epochs=9, probe_index=4, probe_layer="Conv2D_2")


def test_that_a_layer_that_is_gone_falls_back_with_a_hint(qtbot: QtBot, panel: FilmPanel, session: Session) -> None:
    session.config = replace(session.config, probe_layer="Conv2D_3")
    architecture = preset("mnist-simple").architecture
    layers = architecture.layers
    session.document.edit(replace(architecture, layers=(*layers[:4], *layers[5:])), "delete Conv2D_3")
    assert session.config.probe_layer == ""
    assert panel.choice.layer.currentIndex() == 0
    assert panel.choice.hint.text().startswith("Conv2D_3 is no layer with maps of this network")
    qtbot.keyClick(panel.choice.layer, Qt.Key.Key_Down)
    assert not panel.choice.hint.isVisible()


def test_that_an_image_that_is_not_there_falls_back_with_a_hint(panel: FilmPanel, session: Session) -> None:
    session.config = TrainingConfig(probe_index=500)
    assert session.config.probe_index == 0
    assert "There is no test image 500" in panel.choice.hint.text()


def test_that_a_network_with_problems_keeps_the_choice() -> None:
    config = TrainingConfig(probe_layer="Conv2D_9", probe_index=50)
    broken = infer(replace(preset("mnist-simple").architecture, input_shape=(3, 3, 1)))
    assert broken.problems
    assert mended(config, broken, None) == (config, "")


def test_that_a_network_without_maps_says_so(panel: FilmPanel, session: Session) -> None:
    network = Architecture(input_shape=(28, 28, 1), layers=(Flatten(name="f"),))
    session.document.edit(network, "other")
    assert first_filmed(session.document.inference) == ""
    assert panel.choice.layer.currentText() == "no layer has maps"
    assert not panel.choice.layer.isEnabled()


# The parts without a window.


def frame(epoch: int, maps: NDArray[np.float32]) -> ProbeFrame:
    return ProbeFrame(epoch, "layer", np.zeros((2, 2, 1), np.float32), maps, None, "")


def fill(reel: Reel, run: Path, current: int) -> list[int]:
    """Read until nothing is wished for; the epochs in the order in which they came."""
    came: list[int] = []
    for _ in range(100):
        wish = reel.wish(current)
        if not wish:
            return came
        reply = read_frames(lambda wish=wish: wish[:1])
        came += [epoch for epoch, _ in reply]
        reel.take(reply, current)
    raise AssertionError("no end")


def reel_of(run: Path, room: int, epochs: int) -> Reel:
    reel = Reel(room)
    reel.add({epoch: Path(write_frame(run, epoch).path) for epoch in range(epochs)})
    return reel


def test_that_the_frame_in_view_is_read_first_then_those_behind_it(tmp_path: Path) -> None:
    reel = reel_of(tmp_path, 10**9, 5)
    assert fill(reel, tmp_path, 3) == [3, 4, 0, 1, 2]
    assert all(reel.frame(epoch) for epoch in range(5))


def test_that_a_long_film_keeps_what_is_near_and_knows_all_limits(tmp_path: Path) -> None:
    size = 4 * (4 * 6 * 3 + 25 + 36)
    reel = reel_of(tmp_path, 3 * size, 8)
    came = fill(reel, tmp_path, 6)
    assert came[:3] == [6, 7, 0]
    assert sorted(came) == list(range(8))
    assert [epoch for epoch in range(8) if reel.frame(epoch)] == [0, 6, 7]
    shown = reel.frame(6)
    assert shown is not None
    low, high = reel.map_limits(shown)
    assert low.tolist() == [0, 0, 0]
    assert high.tolist() == [8, 16, 24]
    assert reel.kernel_limits(shown)[1].max() == 8


def test_that_a_frame_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    reel = reel_of(tmp_path, 10**9, 2)
    fill(reel, tmp_path, 0)
    again = write_frame(tmp_path, 1, np.full(SHAPE, 7.0))
    reel.add({1: Path(again.path)}, again=True)
    assert fill(reel, tmp_path, 0) == [1]
    newer = reel.frame(1)
    assert newer is not None
    assert newer.maps.max() == 7


@pytest.mark.parametrize(
    ("shape", "room", "columns"),
    [((26, 26, 32), (200, 400), 8), ((26, 26, 32), (400, 200), 4), ((5, 5, 1), (100, 900), 1), ((3, 9, 6), (90, 90), 1),
     ((26, 26, 32), (0, 0), 1)],
)  # fmt: skip
def test_that_maps_use_the_room(shape: tuple[int, int, int], room: tuple[int, int], columns: int) -> None:
    assert best_columns(shape, room) == columns


def test_that_the_legend_says_what_is_shared() -> None:
    maps = np.array([0, 1, 2, 3, 4, 5, 6, 7], np.float32).reshape(2, 2, 2)
    limits = np.array([-1.0, 0.0]), np.array([10.0, 20.0])

    def words(**changes: Any) -> tuple[str, str, str]:
        made = film_legend(frame(1, maps), FilmLook(**changes), limits)
        return made.low, made.high, made.note

    assert words() == ("min", "max", "each map from its own min to max")
    assert words(shared=True)[2] == "each map from its own min to max, over all epochs"
    assert words(scale="layer") == ("0.0000", "7.0000", "the same for all maps")
    assert words(scale="layer", shared=True) == ("−1.0000", "20.0000", "the same for all maps and epochs")
    assert words(scale="layer", shared=True, colormap="coolwarm")[:2] == ("−20.0000", "20.0000")
    assert words(scale="standardized", shared=True)[2] == "around each map's mean"


def test_that_the_film_takes_about_five_seconds() -> None:
    assert [pace(count) for count in (1, 6, 20, 50, 1000)] == [500, 500, 250, 100, 60]


def test_that_colour_weights_lie_side_by_side_and_others_are_averaged() -> None:
    kernels = np.arange(2 * 2 * 3 * 4, dtype=np.float32).reshape(2, 2, 3, 4)
    assert kernel_planes(kernels).shape == (2, 6, 4)
    assert kernel_planes(kernels[:, :, :2])[0, 0].tolist() == [2, 3, 4, 5]


def test_that_every_control_of_the_film_can_be_named_and_explained(panel: FilmPanel) -> None:
    transport = panel.transport
    controls = [
        *panel.findChildren(QComboBox), transport.slider, transport.first, transport.back, transport.play,
        transport.on, transport.last, panel.choice.index, *panel.choice._steps,
    ]  # fmt: skip
    assert all(control.objectName() and control.accessibleName() and control.toolTip() for control in controls)
    names = [control.objectName() for control in controls]
    assert len(set(names)) == len(names)
