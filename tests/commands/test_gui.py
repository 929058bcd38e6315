"""The real window on the real engine, once: build, train, look inside, and the same numbers on every way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QListView, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.app import PAGES, services
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
A_MINUTE = 60_000


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """The window as the program shows it, with the data set and the engine there."""
    session = Session(services(), preset("mnist-simple").architecture)
    window = MainWindow(session, PAGES, Settings(), lambda _settings: None)
    # Closed and destroyed: a thousand widgets that live on would follow each change of the theme in later tests.
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    window.resize(1280, 800)
    window.ready.connect(lambda: session.start(DatasetSpec()))
    with qtbot.waitSignals([session.dataset_changed, session.device_changed], timeout=A_MINUTE):
        window.show()
    return window


def child(window: MainWindow, kind: type[Any], name: str) -> Any:
    """The control of that object name on the page that is shown."""
    return next(widget for widget in window.findChildren(kind, name) if widget.isVisible())


def test_that_one_builds_trains_and_looks_inside(
    window: MainWindow, qtbot: QtBot, cli: Callable[..., Any], tmp_path: Path
) -> None:
    session = window.session

    # Build: the first layer gets six filters.
    stack = child(window, QListView, "build_stack")
    first_layer = stack.visualRect(stack.model().index(1, 0)).center()
    qtbot.mouseClick(stack.viewport(), LEFT, pos=first_layer)
    filters = child(window, QSpinBox, "field_filters")
    filters.selectAll()
    qtbot.keyClicks(filters, "6")
    assert session.document.inference.layers[0].output_shape == (26, 26, 6)

    # Train: two epochs on 512 images.
    qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(child(window, QAbstractButton, "section_data"), LEFT)  # folded, as all in it is as it was
    for field, value in (("epochs", "2"), ("train_limit", "512"), ("test_limit", "200")):
        editor = child(window, QSpinBox, f"field_{field}")
        editor.selectAll()
        qtbot.keyClicks(editor, value)
    with qtbot.waitSignal(session.runs.model_written, timeout=A_MINUTE) as written:
        qtbot.mouseClick(child(window, QPushButton, "header_train"), LEFT)
    (model_file,) = written.args
    history = RunFolder(model_file.parent).history()
    assert [epoch.epoch for epoch in history] == [1, 2]
    assert session.runs.state.epochs == history

    # Inspect: the new model is there, with the maps of its first layer.
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    page = window.page("inspect")
    assert isinstance(page, InspectPage)
    qtbot.waitUntil(lambda: page.forward is not None)
    forward = page.forward
    assert forward is not None
    shown = child(window, QLabel, "inspect_layer_size").text()
    assert shown == "6 maps of 26×26"
    grid = page.view.grid
    place = grid.map_rectangle(4)
    qtbot.mouseMove(grid, QPoint(int(place.center().x()), int(place.center().y())))
    status = child(window, QLabel, "inspect_status").text()
    assert f"{forward.activations['Conv2D_1'][13, 13, 4]:.4g}"[:5] in status

    # Window, command line and plain Keras agree on every layer.
    model = keras.models.load_model(model_file, compile=False)
    outputs = keras.Model(model.inputs, [layer.output for layer in model.layers])
    with h5py.File(model_file) as file:
        assert "cnn_explorer" in file
    plain = outputs.predict(forward.image[np.newaxis], verbose=0)
    for layer, expected in zip(model.layers, plain, strict=True):
        out = tmp_path / f"{layer.name}.npz"
        chosen = ("--layer", layer.name, "--dataset", "mnist", "--index", 0, "--out", out)
        assert cli("activations", model_file, *chosen).code == 0
        with np.load(out) as saved:
            np.testing.assert_allclose(saved["image"], forward.image, atol=1e-6)
            np.testing.assert_allclose(saved["activations"], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(forward.activations[layer.name], expected[0], rtol=1e-5, atol=1e-5)


def test_that_closing_while_it_trains_keeps_the_last_whole_epoch(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.config = msgspec.structs.replace(session.config, epochs=1000, train_limit=256, test_limit=64)
    session.train()
    qtbot.waitUntil(lambda: len(session.runs.state.epochs) >= 2, timeout=A_MINUTE)
    folder = session.runs.last_folder
    assert folder is not None
    window.close_now()
    record, history = RunFolder(folder).read(), RunFolder(folder).history()
    assert record.status == "stopped"
    assert record.epochs_done == len(history) >= 2
    assert keras.models.load_model(RunFolder(folder).model, compile=False).count_params() == 96_844
