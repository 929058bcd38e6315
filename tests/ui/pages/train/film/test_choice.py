"""What the next run films: an image and a layer, and what happens when they are not there any more."""

from __future__ import annotations

from functools import partial

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.architecture import Architecture, Flatten
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import SplitName, TrainingConfig
from cnn_explorer.data.split import split_again
from cnn_explorer.ui.pages.train.film.choice import first_filmed, layers_with_maps, mended
from cnn_explorer.ui.pages.train.film.panel import FilmPanel
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.train.film.driver import open_panel


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> FilmPanel:
    """The panel, before there is a run."""
    return open_panel(qtbot, session)


def test_that_the_pinned_image_is_chosen_with_its_picture_and_class(
    qtbot: QtBot, panel: FilmPanel, session: Session
) -> None:
    choice, dataset = panel.choice, session.dataset
    assert dataset is not None
    qtbot.mouseClick(choice._steps.buttons[1], Qt.MouseButton.LeftButton)
    assert session.config == TrainingConfig(probe_index=1)
    assert choice.truth.text() == dataset.classes[dataset.test_labels[1]]
    assert choice.picture.image is not None
    assert choice.picture.image.pixelColor(0, 0).red() == 1  # the corner of image 1
    qtbot.mouseClick(choice._steps.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(choice._steps.buttons[0], Qt.MouseButton.LeftButton)
    assert session.config.probe_index == 0
    qtbot.mouseClick(choice._steps.buttons[2], Qt.MouseButton.LeftButton)
    assert 0 < session.config.probe_index < 20
    assert choice.index.maximum() == 19


@pytest.mark.parametrize("split", ["shuffled", "stratified"])
def test_that_the_image_is_that_of_the_test_part_as_the_run_will_draw_it(
    qtbot: QtBot, panel: FilmPanel, session: Session, split: SplitName
) -> None:
    choice, dataset = panel.choice, session.dataset
    assert dataset is not None
    drawn = split_again(dataset, split, 5)
    corners = [int(image[0, 0, 0]) for image in drawn.test_images]
    assert corners != [int(image[0, 0, 0]) for image in dataset.test_images]

    def corner() -> int:
        assert choice.picture.image is not None
        return choice.picture.image.pixelColor(0, 0).red()

    def shows(wanted: int) -> bool:
        return corner() == wanted

    for index in (3, 4):
        session.config = TrainingConfig(split=split, split_seed=5, probe_index=index)
        qtbot.waitUntil(partial(shows, corners[index]))
        assert choice.truth.text() == drawn.classes[drawn.test_labels[index]]
    session.config = TrainingConfig(probe_index=4)
    assert corner() == int(dataset.test_images[4][0, 0, 0])


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
