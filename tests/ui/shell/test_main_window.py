"""The window as a whole, with small pages in the place of the real ones, and once with the real table."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QByteArray, QEvent, QMimeData, QObject, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.app import PAGES, reporting
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.shell.page_table import PageEntry
from cnn_explorer.ui.theme import theme
from tests.ui.fakes import FakeEngine
from tests.ui.shell.driver import SMALL_PAGES, SmallPage, action, small, text_of

# The start


def test_that_only_the_first_page_is_made_before_the_first_painting(qtbot: QtBot, session: Session) -> None:
    made: list[str] = []

    def entry(key: str) -> PageEntry:
        def make(session: Session) -> Page:
            made.append(key)
            return SmallPage(session, key)

        return PageEntry(key, key.title(), "box", "A page.", make, at_once=key == "build")

    window = MainWindow(session, [entry(key) for key in ("build", "train", "inspect")], Settings(), lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    assert made == ["build"]
    at_painting: list[str] = []
    window.painted.connect(lambda: at_painting.extend(made))
    with qtbot.waitSignal(window.ready):
        window.show()
    assert at_painting == ["build"]
    assert made == ["build", "train", "inspect"]
    window.show_page("train")
    assert made == ["build", "train", "inspect"]


def test_that_a_later_page_is_made_at_once_if_someone_wants_it(qtbot: QtBot, session: Session) -> None:
    window = MainWindow(session, SMALL_PAGES, Settings(), lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    session.page_requested.emit("inspect")
    assert window.current_page == "inspect"
    with qtbot.waitSignal(window.ready):
        window.show()
    assert window.current_page == "inspect"


# Navigation


def test_that_the_rail_and_its_keys_lead_to_the_pages(window: MainWindow, qtbot: QtBot) -> None:
    for number, key in enumerate(("build", "train", "inspect"), start=1):
        button = window.rail.findChild(QToolButton, f"rail_{key}")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.page(key).isVisible()
        window.show_page("train" if key != "train" else "build")
        assert not button.isChecked()
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.current_page == key
        assert window.page(key).isVisible()
        assert button.isChecked()


def test_that_the_focus_in_the_rail_follows_the_page(window: MainWindow, qtbot: QtBot) -> None:
    first, second = (window.rail.findChild(QToolButton, f"rail_{key}") for key in ("build", "train"))
    assert not first.hasFocus()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Down)
    assert window.current_page == "inspect"


# The run


def test_that_a_completed_run_is_praised_and_its_model_handed_on(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.model_ready) as caught:
        qtbot.mouseClick(window.header.train, Qt.MouseButton.LeftButton)
    assert text_of(window) == "Trained 5 epochs: 88.0 % of the test images right."
    assert window.message_bar.current.level == "success"
    assert small(window, "inspect").models == caught.args


def test_that_a_failed_run_is_reported_exactly_once(
    window: MainWindow, session: Session, engine: FakeEngine, qtbot: QtBot
) -> None:
    engine.fail_training = ExplorerError("The disk is full.", "Free some space.")
    with qtbot.waitSignal(session.message):
        session.train()
    assert text_of(window) == "The disk is full."
    assert window.message_bar.waiting == 0


def test_that_an_error_in_the_engine_reaches_the_bar(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    def work(job: object) -> None:
        raise ExplorerError("This model cannot be read.", "Choose another one.")

    with qtbot.waitSignal(session.message):
        session.engine.submit(work, lambda _result: None)
    assert text_of(window) == "This model cannot be read."
    assert "ExplorerError" in window.message_bar.current.details


def test_that_a_passing_message_moves_nothing_and_one_that_stays_hides_nothing(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    page = window.page(window.current_page)

    def top() -> int:
        return page.mapTo(window, QPoint(0, 0)).y()

    at_rest = top()
    session.say("success", "Saved.", "Open it again at any time.")
    bar = window.message_bar
    qtbot.waitUntil(bar.isVisible)
    window.grab()
    assert top() == at_rest
    assert QRect(page.mapTo(bar.parentWidget(), QPoint(0, 0)), page.size()).contains(bar.geometry())
    session.say("error", "The disk is full.", "Free some space.")
    qtbot.waitUntil(lambda: top() > at_rest)
    window.grab()
    assert bar.mapTo(window, QPoint(0, bar.height())).y() == top()
    bar.close_message()
    qtbot.waitUntil(lambda: top() == at_rest)


def test_that_a_defect_reaches_the_bar_and_stderr(
    window: MainWindow, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    reporting(session)(ValueError, ValueError("odd"), None)
    assert "ValueError: odd" in text_of(window)
    assert "ValueError: odd" in capsys.readouterr().err


# What is remembered


def test_that_layout_look_and_page_come_back(
    window: MainWindow, session: Session, engine: FakeEngine, kept: list[Settings], qtbot: QtBot
) -> None:
    action(window, "theme_dark").trigger()
    action(window, "text_larger").trigger()
    window.show_page("inspect")
    window.resize(1024, 700)
    small(window, "inspect").splitter.setSizes([200, 700])
    sizes = small(window, "inspect").splitter.sizes()
    window.close()
    (settings,) = kept
    assert (settings.theme, settings.text_scale, settings.page) == ("dark", 110, "inspect")
    assert (settings.network, settings.config) == (session.document.architecture, session.config)

    other = Session(engine.services(), preset("mnist-simple").architecture)
    again = MainWindow(other, SMALL_PAGES, settings, kept.append)
    qtbot.addWidget(again, before_close_func=MainWindow.close_now)
    assert again.current_page == "inspect"
    with qtbot.waitSignal(again.ready):
        again.show()
    assert small(again, "inspect").isVisible()
    assert again.height() == 700
    assert small(again, "inspect").splitter.sizes() == sizes


def test_that_nonsense_in_the_settings_is_ignored(qtbot: QtBot, session: Session) -> None:
    settings = Settings(page="no such page", geometry=b"nonsense", splitters={"build_splitter": b"\x00"})
    window = MainWindow(session, SMALL_PAGES, settings, lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready):
        window.show()
    assert window.current_page == "build"
    assert window.width() >= 1024


# Files


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def test_that_a_dropped_model_or_run_is_looked_into(window: MainWindow, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("run.json", "model.h5"):
        (run / name).touch()
    window.show_page("train")
    drop(window, run)
    assert window.current_page == "inspect"
    drop(window, run / "model.h5")
    assert small(window, "inspect").models == [run / "model.h5"] * 2


def test_that_a_dropped_architecture_is_opened_in_build(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.touch()
    window.show_page("train")
    drop(window, path)
    assert window.current_page == "build"
    assert small(window, "build").opened == [path]


def test_that_anything_else_is_answered_in_the_bar(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "holiday.mp3"
    path.touch()
    drop(window, path)
    assert "holiday.mp3" in text_of(window)
    assert window.current_page == "build"


# Menus


def test_that_undo_and_redo_name_the_step(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    undo, redo = action(window, "undo"), action(window, "redo")
    before = session.document.architecture
    assert not undo.isEnabled()
    session.document.edit(preset("mnist-mlp").architecture, "Take preset")
    assert (undo.text(), undo.isEnabled()) == ("Undo Take preset", True)
    assert window.isWindowModified()
    assert window.windowTitle().startswith("mnist-mlp")
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.document.architecture == before
    assert redo.text() == "Redo Take preset"
    assert not window.isWindowModified()
    redo.trigger()
    assert session.document.architecture == preset("mnist-mlp").architecture


def test_that_file_holds_the_page_s_actions_the_last_files_and_quit(window: MainWindow) -> None:
    menu = window.menuBar().actions()[0].menu()
    assert [each.text() for each in menu.actions() if not each.isSeparator()] == ["Save build", "Open recent", "Quit"]
    action(window, "quit").trigger()
    assert not window.isVisible()


def test_that_the_theme_is_one_of_three(window: MainWindow) -> None:
    for mode in ("dark", "light", "system"):
        action(window, f"theme_{mode}").trigger()
        assert theme().mode == mode
        checked = [m for m in ("system", "light", "dark") if action(window, f"theme_{m}").isChecked()]
        assert checked == [mode]


def test_that_keys_scale_the_text(window: MainWindow, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for key, scale in ((Qt.Key.Key_Plus, 110), (Qt.Key.Key_Equal, 125), (Qt.Key.Key_Minus, 110), (Qt.Key.Key_0, 100)):
        qtbot.keyClick(window, key, control)
        assert theme().text_scale == scale


def test_that_about_names_the_versions(window: MainWindow) -> None:
    action(window, "about").trigger()
    assert "PySide6: " in window.message_bar.current.details
    assert "keras: 3" in window.message_bar.current.details


# Everybody can use it


def test_that_every_control_has_a_name_a_tooltip_and_words_for_a_screen_reader(
    window: MainWindow, session: Session
) -> None:
    session.say("error", "So that the bar can be seen.", "Close it.", "details")
    parts = (window.rail, window.header, window.message_bar)
    buttons = [button for part in parts for button in part.findChildren(QAbstractButton)]
    controls = [button for button in buttons if not button.isHidden()]
    assert len(controls) >= 9
    in_tab_order = {c.objectName() for c in controls if c.focusPolicy() & Qt.FocusPolicy.TabFocus}
    rail = {f"rail_{entry.key}" for entry in SMALL_PAGES}  # one stop for Tab, then the arrow keys go on
    assert in_tab_order >= {c.objectName() for c in controls} - rail
    assert in_tab_order & rail
    for control in controls:
        assert control.objectName(), control
        assert control.toolTip(), control.objectName()
        assert control.accessibleName() or control.text(), control.objectName()


def test_that_only_the_build_page_is_made_before_the_first_painting() -> None:
    assert [entry.key for entry in PAGES if entry.at_once] == ["build"]


def test_that_the_real_pages_fit_into_the_smallest_window(qtbot: QtBot, session: Session) -> None:
    window = MainWindow(session, PAGES, Settings(), lambda _: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready):
        window.show()
    session.say("error", "Even with a message.", "Close it.")
    session.train()  # so that the header has its progress bar
    qtbot.waitUntil(lambda: session.runs.state.started is not None)
    room = window.minimumSize()
    around = window.centralWidget().minimumSizeHint() - window.page("build").parentWidget().minimumSizeHint()
    for entry in PAGES:
        needed = window.page(entry.key).minimumSizeHint() + around
        assert needed.width() <= room.width(), entry.key
        assert needed.height() + window.menuBar().height() <= room.height(), entry.key
    assert window.header.minimumSizeHint().width() + window.rail.width() <= room.width()


def test_that_the_geometry_of_the_window_is_plain_bytes(window: MainWindow, kept: list[Settings]) -> None:
    window.close()
    assert window.restoreGeometry(QByteArray(kept[0].geometry))


def test_that_settings_are_kept_when_the_hands_rest_and_not_only_at_the_end(
    window: MainWindow, session: Session, kept: list[Settings], qtbot: QtBot
) -> None:
    config = msgspec.structs.replace(session.config, epochs=session.config.epochs + 1)
    session.config = config
    qtbot.waitUntil(lambda: bool(kept), timeout=10_000)
    assert kept[0].config == config


def test_that_the_pages_are_made_without_a_window_of_their_own(session: Session, qtbot: QtBot) -> None:
    shown: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched.objectName())
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    window = MainWindow(session, PAGES, Settings(), lambda _settings: None)
    qtbot.addWidget(window, before_close_func=MainWindow.close_now)
    with qtbot.waitSignal(window.ready):
        window.show()
    QApplication.instance().removeEventFilter(watch)
    assert shown == ["main_window"]
