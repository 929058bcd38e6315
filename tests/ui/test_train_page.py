"""The Train page on a fake engine: real clicks, real events, no TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from fakes import FakeEngine
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QProgressBar, QSlider, QSpinBox, QTableView
from pytestqt.qtbot import QtBot

from cnn_explorer.core.architecture import Architecture
from cnn_explorer.core.control import RunControl
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.events import BatchEnded, Ended, EpochEnded, RunEvent, Started
from cnn_explorer.core.presets import preset
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.store.history_csv import read_epochs
from cnn_explorer.ui.pages.train import TrainPage
from cnn_explorer.ui.pages.train_plots import PlotCard
from cnn_explorer.ui.services import TrainRequest
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.epoch_table import EpochTable

Emit = Callable[[RunEvent], None]


class DiesInEpoch2(FakeEngine):
    """A run that fails after one whole epoch and three batches."""

    def train(self, request: TrainRequest, dataset: Dataset, emit: Emit, control: RunControl) -> None:
        self.requests.append(request)
        emit(started(request, epochs=5, steps=10))
        for number in range(1, 14):
            epoch, step = divmod(number - 1, 10)
            emit(batch(epoch + 1, step + 1))
            if number == 10:
                emit(epoch_ended(1))
        emit(Ended(status="failed", message="The loss is not a number.", model="", hint="Learn more slowly."))


class Flood(FakeEngine):
    """100,000 batches at once."""

    def train(self, request: TrainRequest, dataset: Dataset, emit: Emit, control: RunControl) -> None:
        self.requests.append(request)
        emit(started(request, epochs=1, steps=100_000))
        for step in range(1, 100_001):
            emit(batch(1, step))
        emit(epoch_ended(1))
        emit(Ended(status="completed", message="Trained 1 epoch.", model=""))


def started(request: TrainRequest, epochs: int, steps: int) -> Started:
    return Started(
        run=str(request.folder), epochs=epochs, first_epoch=1, steps_per_epoch=steps, batch_size=64,
        train_count=64 * steps, test_count=20, device="CPU",
    )  # fmt: skip


def batch(epoch: int, step: int) -> BatchEnded:
    return BatchEnded(epoch=epoch, step=step, loss=1 / step, accuracy=0.5, learning_rate=0.001, seconds=0.01 * step)


def epoch_ended(number: int) -> EpochEnded:
    return EpochEnded(
        epoch=number, loss=0.5, accuracy=0.8, val_loss=0.4, val_accuracy=0.85, learning_rate=0.001, seconds=1.0,
        images_per_second=640.0,
    )  # fmt: skip


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> FakeEngine:
    """The usual fake engine, or the one of the test's parameter."""
    made: FakeEngine = getattr(request, "param", FakeEngine)()
    return made


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> Iterator[TrainPage]:
    page = TrainPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 660)
    with qtbot.waitExposed(page):
        page.show()
    yield page
    theme().set_mode("system")


@pytest.fixture
def gate(engine: FakeEngine) -> Iterator[threading.Event]:
    """Holds every batch until it is set; opened at the end of the test whatever happens."""
    engine.gate = threading.Event()
    yield engine.gate
    engine.gate.set()


def click(qtbot: QtBot, page: TrainPage, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert isinstance(button, QAbstractButton)
    assert button.isVisible()
    assert button.isEnabled()
    button.click()


def text(page: TrainPage, name: str) -> str:
    label = page.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def cells(page: TrainPage) -> list[list[str]]:
    model = page.table.model
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def train_to_the_end(qtbot: QtBot, page: TrainPage, epochs: int = 2) -> None:
    config = page.session.config
    page.session.config = msgspec.structs.replace(config, epochs=epochs)
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: page.session.runs.state.ended is not None and not page.session.runs.is_running)
    curves = page.plots.accuracy  # the second one to be drawn
    qtbot.waitUntil(lambda: (len(curves.data.position), len(curves.data.epoch)) == (10 * epochs, epochs))


def test_that_a_click_trains_and_fills_curves_and_table(qtbot: QtBot, page: TrainPage, engine: FakeEngine) -> None:
    train_to_the_end(qtbot, page, epochs=3)
    assert len(engine.requests) == 1
    assert engine.requests[0].initial_weights is None
    loss, accuracy = page.plots.loss.data, page.plots.accuracy.data
    assert loss.position[[0, 9, 29]].tolist() == pytest.approx([0.1, 1.0, 3.0])
    assert loss.raw[0] == pytest.approx(1 / 1.1)
    assert accuracy.raw[-1] == pytest.approx(1 - 1 / 4 / 2)
    assert loss.validation.tolist() == pytest.approx([1.1, 0.55, 1.1 / 3])
    assert accuracy.epoch.tolist() == [1, 2, 3]
    assert cells(page)[2] == ["3", "0.3333", "83.33 %", "0.3667", "80.00 %", "0.001", "0.1", "6,400"]
    assert text(page, "train_phase") == "Completed"
    assert text(page, "train_best") == "80.00 %"
    assert "0.3667" in text(page, "train_legend_loss")


def test_that_the_idle_page_says_what_to_do(page: TrainPage) -> None:
    assert text(page, "train_phase") == "Not started"
    assert text(page, "train_message").startswith("Press Start training")
    assert text(page, "train_summary") == "1 batch an epoch · 5 in all"
    progress = page.findChild(QProgressBar, "train_progress")
    assert progress is not None
    assert not progress.isVisible()
    restart = page.findChild(QAbstractButton, "train_restart")
    assert restart is not None
    assert not restart.isEnabled()


def test_that_a_run_pauses_continues_and_ends(
    qtbot: QtBot, page: TrainPage, session: Session, gate: threading.Event
) -> None:
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Training epoch 1 of 5")
    click(qtbot, page, "train_pause")
    assert text(page, "train_phase") == "Paused in epoch 1 of 5"
    gate.set()
    qtbot.waitUntil(lambda: session.runs.state.batch is not None)
    assert session.runs.is_running
    assert page.settings.pause.text() == "Continue"
    click(qtbot, page, "train_pause")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")
    assert len(cells(page)) == 5


def test_that_stop_ends_a_run_and_keeps_its_curves(
    qtbot: QtBot, page: TrainPage, session: Session, gate: threading.Event
) -> None:
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    click(qtbot, page, "train_stop")
    assert text(page, "train_phase") == "Stopping after this batch"
    assert not page.settings.stop.isEnabled()
    assert not page.settings.pause.isEnabled()
    gate.set()
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Stopped")
    assert "the model is that of epoch 0" in text(page, "train_message")
    qtbot.waitUntil(lambda: len(page.plots.loss.data.position) == 1)
    assert page.settings.start.isVisible()


def test_that_the_settings_are_locked_while_a_run_goes(
    qtbot: QtBot, page: TrainPage, session: Session, gate: threading.Event
) -> None:
    click(qtbot, page, "train_start")
    assert not page.settings.form.isEnabled()
    assert "changed when it has ended" in page.settings.form.toolTip()
    gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    assert page.settings.form.isEnabled()
    assert page.settings.form.toolTip() == ""


@pytest.mark.parametrize("engine", [DiesInEpoch2], indirect=True)
def test_that_a_failed_run_says_why_and_keeps_its_curves(qtbot: QtBot, page: TrainPage) -> None:
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Failed")
    assert text(page, "train_message") == "The loss is not a number. Learn more slowly."
    qtbot.waitUntil(lambda: len(page.plots.loss.data.position) == 13)
    assert len(cells(page)) == 1
    assert page.settings.start.isEnabled()


def test_that_a_run_that_cannot_start_says_why_and_leaves_the_last_curves(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine
) -> None:
    train_to_the_end(qtbot, page)
    engine.fail_training = ExplorerError("The disk is full.", "Free some space.")
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Failed")
    assert text(page, "train_message") == "The disk is full. Free some space."
    assert len(page.plots.loss.data.position) == 20
    assert len(cells(page)) == 2
    engine.fail_training = None
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")


def test_that_start_again_takes_the_initial_weights_of_the_last_run(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine
) -> None:
    train_to_the_end(qtbot, page)
    click(qtbot, page, "train_restart")
    qtbot.waitUntil(lambda: len(engine.requests) == 2)
    assert engine.requests[1].initial_weights == engine.requests[0].folder / "initial.weights.h5"
    assert engine.requests[1].folder != engine.requests[0].folder
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed")


def test_that_another_network_cannot_start_from_these_weights(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    train_to_the_end(qtbot, page)
    session.document.edit(preset("mnist-mlp").architecture, "Preset")
    assert not page.settings.restart.isEnabled()
    assert "has changed" in page.settings.restart.toolTip()
    session.document.undo_stack.undo()
    assert page.settings.restart.isEnabled()


def test_that_a_new_run_begins_with_empty_curves(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, session: Session
) -> None:
    train_to_the_end(qtbot, page)
    engine.gate = threading.Event()
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    qtbot.waitUntil(lambda: page.plots.loss.data.is_empty)
    assert cells(page) == []
    engine.gate.set()
    qtbot.waitUntil(lambda: not session.runs.is_running)


def test_that_a_network_with_problems_cannot_be_trained(page: TrainPage, session: Session) -> None:
    session.document.edit(Architecture(name="nothing", input_shape=(28, 28, 1), layers=()), "Clear")
    assert not page.settings.start.isEnabled()
    assert page.settings.start.toolTip() == text(page, "train_message")
    session.document.undo_stack.undo()
    assert page.settings.start.isEnabled()


def test_that_nothing_can_be_trained_before_data_and_engine_are_there(qtbot: QtBot, engine: FakeEngine) -> None:
    session = Session(engine.services(), preset("mnist-simple").architecture)
    page = TrainPage(session)
    qtbot.addWidget(page)
    assert not page.settings.start.isEnabled()
    assert page.settings.start.toolTip() == "The data set is still loading."
    with qtbot.waitSignals([session.dataset_changed, session.device_changed]):
        session.start("mnist")
    assert page.settings.start.isEnabled()
    assert text(page, "train_summary").endswith("in all")
    session.shut_down()


def test_that_the_form_writes_the_session_s_settings(qtbot: QtBot, page: TrainPage, session: Session) -> None:
    epochs = page.findChild(QSpinBox, "field_epochs")
    schedule = page.findChild(QComboBox, "field_schedule")
    assert epochs is not None
    assert schedule is not None
    assert not page.settings.curve.isVisible()
    epochs.setValue(40)
    schedule.setCurrentText("power")
    assert session.config == TrainingConfig(epochs=40, schedule="power")
    assert text(page, "train_summary") == "1 batch an epoch · 40 in all"
    assert page.settings.curve.isVisible()
    assert page.settings.curve.rates[0] == 0.001
    qtbot.waitUntil(lambda: page.plots.loss.view_range()[0][1] >= 40)


def test_that_settings_changed_elsewhere_are_shown_when_the_page_comes_back(page: TrainPage, session: Session) -> None:
    page.hide()
    session.config = TrainingConfig(epochs=9)
    page.show()
    assert page.settings.form.value() == TrainingConfig(epochs=9)


@pytest.mark.parametrize("engine", [Flood], indirect=True)
def test_that_100000_batches_are_all_kept_and_drawn_a_few_times(
    qtbot: QtBot, page: TrainPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    show_data = PlotCard.show_data
    monkeypatch.setattr(PlotCard, "show_data", lambda card, data: (drawn.append(len(data.raw)), show_data(card, data)))
    shown = []
    set_epochs = page.table.set_epochs
    monkeypatch.setattr(page.table, "set_epochs", lambda *args: (shown.append(1), set_epochs(*args)))
    click(qtbot, page, "train_start")
    qtbot.waitUntil(lambda: text(page, "train_phase") == "Completed", timeout=60_000)
    qtbot.waitUntil(lambda: len(page.plots.accuracy.data.raw) == 100_000)
    assert drawn[-1] == 100_000
    # At most 10 drawings a second of two plots: even a minute stays far below one a batch.
    assert len(drawn) < 1500
    assert len(shown) < 1000


def test_that_a_hidden_page_draws_nothing_and_catches_up_when_it_is_shown(
    qtbot: QtBot, page: TrainPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.hide()
    drawn = []
    show_data = PlotCard.show_data
    monkeypatch.setattr(PlotCard, "show_data", lambda card, data: (drawn.append(1), show_data(card, data)))
    session.train()
    qtbot.waitUntil(lambda: session.runs.state.ended is not None and not session.runs.is_running)
    assert drawn == []
    page.show()
    qtbot.waitUntil(lambda: len(page.plots.accuracy.data.raw) == 50)
    assert len(cells(page)) == 5


def test_that_a_page_made_during_a_run_shows_its_epochs(qtbot: QtBot, session: Session) -> None:
    session.train()
    qtbot.waitUntil(lambda: not session.runs.is_running)
    page = TrainPage(session)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    assert len(cells(page)) == 5
    qtbot.waitUntil(lambda: page.plots.loss.data.validation.tolist() == pytest.approx([1.1 / n for n in range(1, 6)]))
    assert page.settings.restart.isEnabled()


def test_that_both_plots_share_the_cursor_and_show_all_resets_both(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page)
    page.plots.loss.set_cursor(1.5)
    assert page.plots.accuracy.cursor_position == 1.5
    assert not page.plots.reset.isVisible()
    for plot in (page.plots.loss, page.plots.accuracy):
        qtbot.keyClick(plot, "+")
    click(qtbot, page, "train_reset_view")
    assert page.plots.loss.is_following
    assert page.plots.accuracy.is_following
    assert not page.plots.reset.isVisible()


def test_that_the_slider_smooths_and_keeps_its_place_for_the_next_run(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page)
    assert page.plots.window_of_batches == 0
    loss = page.plots.loss
    assert loss.data.smooth.tolist() == loss.data.raw.tolist()
    slider = page.findChild(QSlider, "train_smoothing")
    assert slider is not None
    slider.setValue(3)
    qtbot.waitUntil(lambda: loss.data.smooth.tolist() != loss.data.raw.tolist())
    assert loss.data.smooth[-1] > loss.data.raw[-1]
    train_to_the_end(qtbot, page)
    assert page.plots.window_of_batches == 10


def test_that_the_loss_can_be_shown_on_a_logarithmic_axis(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page)
    click(qtbot, page, "train_log")
    assert page.plots.loss.is_log
    assert not page.plots.accuracy.is_log
    click(qtbot, page, "train_log")
    assert not page.plots.loss.is_log


def test_that_the_table_marks_the_best_epoch_and_shows_the_newest(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page, epochs=30)
    view = page.findChild(QTableView, "train_epochs")
    assert view is not None
    assert view.rowAt(view.viewport().height() - 3) in (28, 29)
    assert view.horizontalScrollBar().maximum() == 0
    marked = [row for row in range(30) if "best" in str(view.model().index(row, 0).data(3))]
    assert marked == [29]


@pytest.mark.parametrize(("loss", "shown"), [(0.91324, "0.9132"), (145.351, "145"), (3.0151e16, "3.02e+16")])
def test_that_the_table_shows_losses_of_any_size_in_few_letters(qtbot: QtBot, loss: float, shown: str) -> None:
    table = EpochTable()
    qtbot.addWidget(table)
    table.set_epochs((msgspec.structs.replace(epoch_ended(1), loss=loss, val_loss=loss),), None)
    assert [table.model.index(0, column).data() for column in (1, 3)] == [shown, shown]


def test_that_the_table_is_saved_with_the_columns_of_history_csv(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, plots = page.file_actions()
    assert not table.isEnabled()
    assert not plots.isEnabled()
    train_to_the_end(qtbot, page)
    monkeypatch.setattr(page, "_ask_path", lambda *_: tmp_path / "epochs")
    with qtbot.waitSignal(session.message) as said:
        table.trigger()
    assert said.args[:2] == ["success", f"Saved {tmp_path / 'epochs.csv'}."]
    assert read_epochs(tmp_path / "epochs.csv") == session.runs.state.epochs


def test_that_the_plots_are_saved_as_a_picture(
    qtbot: QtBot, page: TrainPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to_the_end(qtbot, page)
    monkeypatch.setattr(page, "_ask_path", lambda *_: tmp_path / "curves.png")
    page.file_actions()[1].trigger()
    picture = QImage(str(tmp_path / "curves.png"))
    width = sum(card.width() for card in page.plots.cards)
    assert picture.width() >= 2 * width
    blue, orange = theme().color("accent").rgb(), theme().color("second").rgb()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(0, picture.height(), 4)}
    assert {blue, orange} <= colours


def test_that_a_failed_export_is_reported_and_a_cancelled_one_is_not(
    qtbot: QtBot, page: TrainPage, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to_the_end(qtbot, page)
    table = page.file_actions()[0]
    monkeypatch.setattr(page, "_ask_path", lambda *_: None)
    with qtbot.assertNotEmitted(session.message):
        table.trigger()
    monkeypatch.setattr(page, "_ask_path", lambda *_: tmp_path / "missing" / "epochs.csv")
    with qtbot.waitSignal(session.message) as said:
        table.trigger()
    assert said.args[0] == "error"
    assert "missing" in said.args[1]
    (tmp_path / "epochs.csv").write_text("mine")
    monkeypatch.setattr(page, "_ask_path", lambda *_: tmp_path / "epochs")
    table.trigger()
    assert (tmp_path / "epochs.csv").read_text() == "mine"


def test_that_the_run_s_folder_can_be_copied_and_opened(
    qtbot: QtBot, page: TrainPage, engine: FakeEngine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to_the_end(qtbot, page)
    folder = engine.requests[0].folder
    assert text(page, "train_folder") == folder.name
    click(qtbot, page, "train_copy_folder")
    assert QGuiApplication.clipboard().text() == str(folder)
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)))
    with qtbot.waitSignal(session.message) as said:
        click(qtbot, page, "train_open_folder")
    assert opened[0].toLocalFile() == str(folder)
    assert said.args[0] == "warning"


def test_that_every_control_has_names_and_a_tooltip(qtbot: QtBot, page: TrainPage) -> None:
    train_to_the_end(qtbot, page)
    kinds = (QAbstractButton, QSlider, QComboBox, QSpinBox, QTableView)
    controls = [widget for kind in kinds for widget in page.findChildren(kind) if widget.isVisible()]
    own = [widget for widget in controls if not widget.objectName().startswith("qt_") and widget.objectName()]
    assert len(own) > 12
    for widget in own:
        assert widget.accessibleName(), widget.objectName()
        assert widget.toolTip() or isinstance(widget, QTableView), widget.objectName()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_that_nothing_is_cut_off_in_a_small_window(qtbot: QtBot, page: TrainPage, mode: str) -> None:
    theme().set_mode(mode)  # type: ignore[arg-type]
    train_to_the_end(qtbot, page)
    page.resize(1190, 612)
    page.grab()
    assert page.height() == 612
    for label in page.findChildren(QLabel):
        if label.isVisible() and label.objectName() != "train_folder" and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
