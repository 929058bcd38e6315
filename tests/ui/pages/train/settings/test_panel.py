"""The settings column of the Train page: what is edited, what follows from it, what is in the way."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.readiness import RESTART
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page_table import PageEntry
from tests.ui.fakes import FakeEngine
from tests.ui.pages.train.driver import button, click, text


@pytest.fixture
def page(train_page: TrainPage) -> TrainPage:
    return train_page


def spin(page: TrainPage, name: str) -> QSpinBox:
    found = page.findChild(QSpinBox, name)
    assert isinstance(found, QSpinBox)
    return found


def combo(page: TrainPage, name: str) -> QComboBox:
    found = page.findChild(QComboBox, name)
    assert isinstance(found, QComboBox)
    return found


def test_that_the_form_writes_the_session_s_settings(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    assert not page.settings.curve.isVisible()
    spin(page, "field_epochs").setValue(40)
    combo(page, "field_schedule").setCurrentText("power")
    assert session.config == TrainingConfig(epochs=40, schedule="power")
    assert text(page, "train_summary") == "1 batch an epoch · 40 in all"
    assert page.settings.curve.isVisible()
    assert page.settings.curve.points[0] == (0.0, 0.001)
    assert "0.001 at the first batch" in page.settings.curve.toolTip()
    qtbot.waitUntil(lambda: page.plots.loss.view_range()[0][1] >= 40)


def test_that_a_warm_up_alone_is_drawn_too(page: TrainPage) -> None:
    spin(page, "field_epochs").setValue(40)
    spin(page, "field_warmup_steps").setValue(10)
    rates = [rate for _, rate in page.settings.curve.points]
    assert page.settings.curve.isVisible()
    assert (rates[0], rates[-1]) == (0.0, 0.001)


def test_that_settings_of_the_film_are_not_in_the_form(page: TrainPage) -> None:
    assert page.settings.form.findChild(QWidget, "field_probe_index") is None
    assert page.settings.form.findChild(QWidget, "section_film") is None


def test_that_another_schedule_brings_values_that_fit_and_the_form_shows_them(
    page: TrainPage, session: Session
) -> None:
    session.config = TrainingConfig(epochs=8, batch_size=8)  # 8 batches an epoch
    combo(page, "field_schedule").setCurrentText("cosine")
    assert session.config.decay_steps == 64
    assert spin(page, "field_decay_steps").value() == 64
    spin(page, "field_epochs").setValue(16)
    assert spin(page, "field_decay_steps").value() == 128
    spin(page, "field_decay_steps").setValue(100)
    spin(page, "field_epochs").setValue(8)
    assert session.config.decay_steps == 100


def test_that_settings_changed_elsewhere_are_shown_at_once(page: TrainPage, session: Session) -> None:
    session.config = TrainingConfig(epochs=9)
    assert page.settings.form.value() == TrainingConfig(epochs=9)
    assert spin(page, "field_epochs").value() == 9


def test_that_what_is_wrong_between_settings_stands_at_its_field_and_keeps_from_starting(
    page: TrainPage, session: Session, engine: FakeEngine
) -> None:
    session.config = TrainingConfig(schedule="piecewise", boundaries=(10, 20), values=(0.1,))
    assert text(page, "problem_values") == "Expected 2 values, one for each boundary, got 1."
    assert not button(page, "train_start").isEnabled()
    assert button(page, "train_start").toolTip().startswith("Values: Expected 2 values")
    line = page.findChild(QLineEdit, "field_values")
    assert line is not None
    line.setText("0.1, 0.01")
    line.textEdited.emit(line.text())
    assert session.config.values == (0.1, 0.01)
    assert text(page, "problem_values") == ""
    assert button(page, "train_start").isEnabled()


def test_that_the_number_of_classes_counts_for_class_weights(page: TrainPage, session: Session) -> None:
    session.config = TrainingConfig(class_weight="custom", class_weight_values=(1.0, 2.0))
    assert "Expected 10 numbers" in text(page, "problem_class_weight_values")
    assert not button(page, "train_start").isEnabled()


def note(page: TrainPage) -> QWidget:
    found = page.findChild(QWidget, "train_restart_note")
    assert isinstance(found, QWidget)
    return found


def test_that_options_of_the_start_can_be_taken_back(page: TrainPage, session: Session) -> None:
    assert not note(page).isVisible()
    session.config = TrainingConfig(intra_op_threads=3, epochs=7)
    assert note(page).isVisible()
    assert button(page, "train_start").toolTip() == RESTART
    assert not button(page, "train_start").isEnabled()
    click(page, "train_current_options")
    assert session.config == TrainingConfig(epochs=7)
    assert not note(page).isVisible()
    assert button(page, "train_start").isEnabled()


def test_that_restart_closes_the_window_keeps_everything_and_starts_anew(qtbot: QtBot, engine: FakeEngine) -> None:
    session = Session(engine.services(), preset("mnist-simple").architecture)
    kept: list[Settings] = []
    entry = PageEntry("train", "Train", "activity", "The page.", TrainPage)
    window = MainWindow(session, [entry], Settings(), kept.append)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready):
        window.show()
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start(DatasetSpec())
    page = window.page("train")
    assert isinstance(page, TrainPage)
    session.config = msgspec.structs.replace(session.config, inter_op_threads=2)
    click(page, "train_restart_program")
    assert not window.isVisible()
    assert [settings.config for settings in kept] == [session.config]
    assert len(engine.restarts) == 1


def test_that_the_settings_are_saved_and_opened_again(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.config = wanted = TrainingConfig(epochs=3, optimizer="adam", augment_flip="both")
    monkeypatch.setattr(page.files, "ask_save_path", lambda *_: tmp_path / "mine")
    with qtbot.waitSignal(session.message) as said:
        page.files.save.trigger()
    assert said.args[:2] == ["success", f"Saved {tmp_path / 'mine.json'}."]
    assert TrainingConfig.from_json((tmp_path / "mine.json").read_bytes()) == wanted
    session.config = TrainingConfig()
    monkeypatch.setattr(page.files, "ask_open_path", lambda: tmp_path / "mine.json")
    page.files.open.trigger()
    assert session.config == wanted
    assert spin(page, "field_epochs").value() == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'{"epochs": 0}', "epochs"), (b"nonsense", ""), (b" " * (2**20 + 1), "too large"), (None, "could not be read")],
)
def test_that_settings_that_cannot_be_read_are_explained_and_nothing_changes(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    content: bytes | None, words: str,
) -> None:  # fmt: skip
    path = tmp_path / "training.json"
    if content is not None:
        path.write_bytes(content)
    before = session.config
    monkeypatch.setattr(page.files, "ask_open_path", lambda: path)
    with qtbot.waitSignal(session.message) as said:
        page.files.open.trigger()
    assert said.args[0] == "error"
    assert words in said.args[1]
    assert session.config == before


def test_that_the_summary_does_not_wait_for_the_engine(qtbot: QtBot, page: TrainPage) -> None:
    assert "in all" in text(page, "train_summary")
    assert page.findChild(QLabel, "train_obstacle").isHidden()
