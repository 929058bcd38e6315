"""The list of data sets: use, download, cancel, own images, and a network that does not fit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.data.opening.dialog import OpenDialog
from cnn_explorer.ui.pages.data.opening.forms import ArrayForm, FolderForm
from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.pages.data.sources.panel import SourcesPanel
from cnn_explorer.ui.pages.data.sources.state import SourceRow
from cnn_explorer.ui.session.session import Session
from tests.ui.fakes import FakeEngine, digits
from tests.ui.pages.inspect.driver import Message


class Shelf:
    """Stands for ``services.load_dataset``: gives what was asked for, and can be held at its first step."""

    def __init__(self) -> None:
        self.asked: list[DatasetSpec] = []
        self.gate: threading.Event | None = None

    def __call__(self, spec: DatasetSpec, watch: Watch) -> Dataset:
        self.asked.append(spec)
        watch("Downloading a.gz", 5_000_000, 30_000_000)
        while self.gate is not None and not self.gate.wait(0.005):
            watch("Downloading a.gz", 15_000_000, 30_000_000)
        if "broken" in spec.source:
            raise ExplorerError("It is broken.", "Take another one.")
        if spec.source == "cifar-100":
            images = np.zeros((84, 32, 32, 3), np.uint8)
            classes = tuple(map(str, range(100)))
            return replace(digits(), images=images, classes=classes, spec=spec, title="CIFAR-100", fingerprint="c" * 64)
        return replace(digits(), spec=spec, fingerprint=str(len(spec.source)) * 64)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    yield shelf
    if shelf.gate is not None:
        shelf.gate.set()


@pytest.fixture
def session(qtbot: QtBot, engine: FakeEngine, shelf: Shelf) -> Iterator[Session]:
    session = Session(replace(engine.services(), load_dataset=shelf), preset("mnist-simple").architecture)
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start(DatasetSpec())
    yield session
    if shelf.gate is not None:
        shelf.gate.set()
    session.shut_down()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> SourcesPanel:
    panel = SourcesPanel(session)
    qtbot.addWidget(panel)
    panel.resize(280, 628)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of five images, 20 rows and 30 columns, in colour."""
    for name in ("apples", "pears"):
        (tmp_path / "fruits" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (30, 20), (10 * number, 200, 0)).save(tmp_path / "fruits" / name / f"{number}.png")
    return tmp_path / "fruits"


def row(panel: SourcesPanel, source: str) -> tuple[int, SourceRow]:
    return next((n, row) for n, row in enumerate(panel.list.rows) if row.spec and row.spec.source == source)


def click(qtbot: QtBot, panel: SourcesPanel, source: str) -> None:
    index = panel.list.model().index(row(panel, source)[0], 0)
    panel.list.scrollTo(index)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualRect(index).center())


def dialog(qtbot: QtBot, panel: SourcesPanel) -> OpenDialog:
    """The dialogue, when it has found something to ask."""
    qtbot.waitUntil(lambda: panel.dialog is not None and panel.dialog.isVisible())
    assert panel.dialog is not None
    return panel.dialog


def test_that_the_current_data_set_is_marked(panel: SourcesPanel) -> None:
    assert row(panel, "mnist")[1].mark == "current"
    assert [r.mark for r in panel.list.rows].count("current") == 1


def test_that_states_come_from_the_disk(qtbot: QtBot, panel: SourcesPanel) -> None:
    qtbot.waitUntil(lambda: row(panel, "digits")[1].state == "in scikit-learn")
    assert row(panel, "cifar-10")[1].mark == "download"


def test_that_a_click_uses_a_data_set(qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf) -> None:
    with qtbot.waitSignal(session.dataset_changed):
        click(qtbot, panel, "digits")
    assert shelf.asked[-1] == DatasetSpec(source="digits")
    assert row(panel, "digits")[1].mark == "current"
    click(qtbot, panel, "digits")
    assert session.dataset_loading is None, "the current one is not loaded again"


def test_that_the_keys_use_a_data_set(qtbot: QtBot, panel: SourcesPanel, session: Session) -> None:
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.list.model().index(row(panel, "mnist")[0], 0))
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(session.dataset_changed):
        qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert session.dataset is not None
    assert session.dataset.spec.source == "fashion-mnist"


def test_that_a_download_shows_how_far_it_is_and_can_be_ended(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf, messages: list[Message]
) -> None:
    shelf.gate = threading.Event()
    click(qtbot, panel, "cifar-10")
    assert row(panel, "cifar-10")[1].mark == "loading"
    qtbot.waitUntil(lambda: panel.far.text() == "15 of 30 MB")
    assert panel.words.text() == "Downloading a.gz"
    assert (panel.bar.value(), panel.bar.maximum()) == (500, 1000)
    with qtbot.waitSignal(session.dataset_changed):
        qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    assert session.dataset is not None
    assert session.dataset.spec.source == "mnist"
    assert row(panel, "mnist")[1].mark == "current"
    assert not panel.bar.isVisible()
    assert messages[-1][0] == "info"


def test_that_a_second_loading_begins_with_a_button_to_cancel_it(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf
) -> None:
    for source in ("cifar-10", "digits"):
        shelf.gate = threading.Event()
        click(qtbot, panel, source)
        qtbot.waitUntil(lambda: panel.far.text() == "15 of 30 MB")
        assert panel.cancel.isEnabled()
        with qtbot.waitSignal(session.dataset_changed):
            qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)


def test_that_a_failed_loading_keeps_the_current_data_set(
    qtbot: QtBot, panel: SourcesPanel, session: Session, messages: list[Message], tmp_path: Path
) -> None:
    session.set_own_sources((DatasetSpec(source=str(tmp_path / "broken")),))
    with qtbot.waitSignal(session.dataset_changed):
        click(qtbot, panel, str(tmp_path / "broken"))
    assert messages[-1][:2] == ("error", "It is broken.")
    assert row(panel, "mnist")[1].mark == "current"


def test_that_own_images_stay_in_the_list_and_can_be_forgotten(
    qtbot: QtBot, panel: SourcesPanel, session: Session, tmp_path: Path
) -> None:
    spec = DatasetSpec(source=str(tmp_path / "flowers"))
    with qtbot.waitSignal(session.dataset_changed):
        session.load_dataset(spec)
    assert session.own_sources == (spec,)
    assert row(panel, spec.source)[1].mark == "current"
    with qtbot.waitSignal(session.dataset_changed):
        click(qtbot, panel, "mnist")
    qtbot.waitUntil(lambda: row(panel, spec.source)[1].mark == "missing")
    panel.list.setCurrentIndex(panel.list.model().index(row(panel, spec.source)[0], 0))
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert session.own_sources == ()
    assert not any(r.is_own for r in panel.list.rows)


def test_that_own_images_keep_their_place_in_the_list_when_they_are_chosen_again(
    qtbot: QtBot, panel: SourcesPanel, session: Session, tmp_path: Path
) -> None:
    first, second, third = (DatasetSpec(source=str(tmp_path / name)) for name in ("first", "second", "third"))
    session.set_own_sources((first, second))
    again = msgspec.structs.replace(second, image_size=(9, 9))
    for spec, order in ((again, (first, again)), (third, (third, first, again))):
        with qtbot.waitSignal(session.dataset_changed):
            session.load_dataset(spec)
        assert session.own_sources == order


def test_that_the_menu_of_own_images_forgets_them_too_and_registered_ones_have_none(
    panel: SourcesPanel, session: Session, tmp_path: Path
) -> None:
    spec = DatasetSpec(source=str(tmp_path / "flowers"))
    session.set_own_sources((spec,))
    assert panel.list.menu(panel.list.model().index(row(panel, "mnist")[0], 0)) is None
    menu = panel.list.menu(panel.list.model().index(row(panel, spec.source)[0], 0))
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Forget").trigger()
    assert session.own_sources == ()


def test_that_a_folder_is_shown_before_it_is_read(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "_ask_folder", lambda: folder)
    qtbot.mouseClick(panel.open_folder, Qt.MouseButton.LeftButton)
    window = dialog(qtbot, panel)
    form = window.findChild(FolderForm)
    assert form is not None
    assert form.summary.text() == "10 images in 2 classes. All are 20×30, in colour. 5 in each class."
    qtbot.waitUntil(lambda: len(window.strip.pictures) > 0)
    with qtbot.waitSignal(session.dataset_changed):
        qtbot.mouseClick(window.read, Qt.MouseButton.LeftButton)
    assert shelf.asked[-1] == DatasetSpec(source=str(folder))


def test_that_size_proportions_and_colour_are_chosen_with_a_preview(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf, folder: Path
) -> None:
    assert panel.open_path(folder)
    window = dialog(qtbot, panel)
    form = window.findChild(FolderForm)
    assert form is not None
    qtbot.waitUntil(lambda: bool(window.strip.pictures) and window.strip.pictures[0].width() == 30)
    form.usual.click()
    for name, value in (("rows", 16), ("columns", 8)):
        box = form.findChild(QSpinBox, f"data_open_{name}")
        assert box is not None
        box.setValue(value)
    for name in ("data_open_stretch", "data_open_color_gray"):
        qtbot.mouseClick(form.findChild(type(window.read), name), Qt.MouseButton.LeftButton)
    form.part.setValue(40)
    qtbot.waitUntil(lambda: (window.strip.pictures[0].width(), window.strip.pictures[0].height()) == (8, 16))
    with qtbot.waitSignal(session.dataset_changed):
        qtbot.mouseClick(window.read, Qt.MouseButton.LeftButton)
    assert shelf.asked[-1] == DatasetSpec(
        source=str(folder), image_size=(16, 8), color="gray", resize="stretch", test_part=0.4
    )


def test_that_a_dialogue_that_is_cancelled_changes_nothing(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf, folder: Path
) -> None:
    panel.open_path(folder)
    window = dialog(qtbot, panel)
    qtbot.mouseClick(window.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.dialog is None)
    assert len(shelf.asked) == 1
    assert session.dataset_loading is None


def test_that_a_file_whose_names_tell_is_read_at_once(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, x_train=np.zeros((6, 4, 4), np.uint8), y_train=np.arange(6) % 2)
    monkeypatch.setattr(panel, "_ask_file", lambda: path)
    with qtbot.waitSignal(session.dataset_changed):
        qtbot.mouseClick(panel.open_file, Qt.MouseButton.LeftButton)
    assert shelf.asked[-1] == DatasetSpec(source=str(path))
    qtbot.waitUntil(lambda: panel.dialog is None)


def test_that_arrays_are_chosen_where_their_names_do_not_tell(
    qtbot: QtBot, panel: SourcesPanel, session: Session, shelf: Shelf, tmp_path: Path
) -> None:
    path = tmp_path / "set.npz"
    images, labels = np.zeros((6, 4, 4), np.uint8), np.arange(6) % 2
    np.savez(path, first=images, second=images[:4], ones=labels, others=labels[:4])
    panel.open_path(path)
    window = dialog(qtbot, panel)
    form = window.findChild(ArrayForm)
    assert form is not None

    def choose(name: str, array: str) -> None:
        box = form.findChild(QComboBox, f"data_open_{name}")
        assert box is not None
        box.setCurrentIndex(box.findData(array))

    assert window.read.isEnabled()
    choose("train_labels", "others")
    assert not window.read.isEnabled()
    assert window.problem.text() == "Training: 6 images and 4 labels; there must be one label for each."
    choose("train_labels", "ones")
    choose("test_images", "second")
    assert "both arrays" in window.problem.text()
    choose("test_labels", "others")
    assert not form.part_row.isVisibleTo(form)
    with qtbot.waitSignal(session.dataset_changed):
        qtbot.mouseClick(window.read, Qt.MouseButton.LeftButton)
    assert shelf.asked[-1] == DatasetSpec(
        source=str(path), train_images="first", train_labels="ones", test_images="second", test_labels="others"
    )


def test_that_own_images_can_be_read_in_another_way(
    qtbot: QtBot, panel: SourcesPanel, session: Session, folder: Path
) -> None:
    session.set_own_sources((DatasetSpec(source=str(folder), image_size=(12, 14), resize="crop"),))
    menu = panel.list.menu(panel.list.model().index(row(panel, str(folder))[0], 0))
    assert menu is not None
    menu.actions()[1].trigger()
    form = dialog(qtbot, panel).findChild(FolderForm)
    assert form is not None
    assert form.spec() == DatasetSpec(image_size=(12, 14), resize="crop")
    assert panel.dialog is not None
    panel.dialog.reject()
    qtbot.waitUntil(lambda: panel.dialog is None)


@pytest.mark.parametrize("name", ["song.mp3", "missing.npz"])
def test_that_what_is_no_data_set_is_said(
    panel: SourcesPanel, messages: list[Message], tmp_path: Path, name: str
) -> None:
    (tmp_path / "song.mp3").write_bytes(b"la la la")
    assert not panel.open_path(tmp_path / name)
    assert messages[-1][0] == "error"
    assert panel.dialog is None


def test_that_what_is_dropped_on_the_data_page_is_opened_there(qtbot: QtBot, session: Session, folder: Path) -> None:
    page = DataPage(session)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    assert page.open_path(folder)
    dialog(qtbot, page.sources).reject()
    qtbot.waitUntil(lambda: page.sources.dialog is None)


def test_that_an_empty_folder_is_said_and_leaves_no_dialogue(
    qtbot: QtBot, panel: SourcesPanel, messages: list[Message], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    panel.open_path(tmp_path / "empty")
    qtbot.waitUntil(lambda: panel.dialog is None)
    assert messages[-1][0] == "error"


def test_that_a_run_that_goes_is_said_to_keep_its_data_set(
    qtbot: QtBot, panel: SourcesPanel, session: Session, gate: threading.Event
) -> None:
    session.train()
    with qtbot.waitSignal(session.dataset_changed):
        click(qtbot, panel, "digits")
    assert panel.keeping.text() == "The current run keeps MNIST, with which it began."
    assert panel.keeping.isVisible()
    gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    qtbot.waitUntil(lambda: not panel.keeping.isVisible())


def test_that_a_network_that_does_not_fit_can_be_fitted_and_that_undone(
    qtbot: QtBot, panel: SourcesPanel, session: Session
) -> None:
    assert not panel.fitting.isVisible()
    before = session.document.architecture
    with qtbot.waitSignal(session.dataset_changed):
        click(qtbot, panel, "cifar-100")
    assert panel.fitting.isVisible()
    assert panel.fitting.words.text() == (
        "The network takes 28×28×1 and gives 10 classes; these images are 32×32×3 in 100 classes."
    )
    with qtbot.waitSignal(session.message) as said:
        qtbot.mouseClick(panel.fitting.fit, Qt.MouseButton.LeftButton)
    assert said.args[1:3] == ["mnist-simple fits CIFAR-100 now.", "Undo on the Build page takes it back."]
    assert session.problems == ()
    assert session.document.architecture.input_shape == (32, 32, 3)
    assert not panel.fitting.isVisible()
    session.document.undo_stack.undo()
    assert session.document.architecture == before
    assert panel.fitting.isVisible()
    with qtbot.waitSignal(session.page_requested) as asked:
        qtbot.mouseClick(panel.fitting.presets, Qt.MouseButton.LeftButton)
    assert asked.args == ["build"]
