"""The microscope as a window beside the main one: how it comes, its keys, and where it was."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.microscope.keys import FOOTER, KEYS
from cnn_explorer.ui.pages.inspect.page import InspectPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.shell.page_table import PageEntry
from cnn_explorer.ui.widgets.side_window import SideWindow
from tests.ui.pages.inspect.driver import node as grid_node
from tests.ui.pages.inspect.driver import wait_for_image
from tests.ui.shell.driver import SMALL_PAGES, SmallPage


def test_that_every_key_has_an_action_and_the_footer_names_it() -> None:
    keys = [key for entry in KEYS for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert len({entry.action for entry in KEYS}) == len(KEYS)
    assert {words for words, _ in FOOTER} >= {"PgUp PgDn", "Backspace", "Enter", "Esc"}


def test_that_a_double_click_on_the_page_opens_the_microscope(qtbot: QtBot, loaded: InspectPage) -> None:
    qtbot.mouseDClick(loaded.view.grid, Qt.MouseButton.LeftButton, pos=grid_node(loaded, 5, 3, 4))
    window = loaded.microscope.window
    qtbot.waitUntil(lambda: loaded.microscope.step is not None)
    assert window.isVisible()
    assert window.head.title.text() == "Conv2D_1 · row 3, column 4 of map 5"
    assert loaded.view.grid.marked == (3, 4, 5)
    with qtbot.waitSignal(loaded.inspection.forward_changed):
        qtbot.keyClick(window, Qt.Key.Key_Period)
    wait_for_image(qtbot, loaded, 1)
    qtbot.waitUntil(lambda: loaded.microscope.step is not None)
    window.close()
    assert loaded.view.grid.marked is None


class PageWithWindow(SmallPage):
    """Has a window of its own."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "build")
        self.window_ = SideWindow("side", "Side", QSize(300, 200), self)


def test_that_the_window_comes_back_where_it_was(qtbot: QtBot, session: Session) -> None:
    pages = (PageEntry("build", "Build", "box", "The page.", PageWithWindow, at_once=True), *SMALL_PAGES[1:])
    kept: list[Settings] = []

    def open_main(settings: Settings) -> tuple[MainWindow, SideWindow]:
        main = MainWindow(session, pages, settings, kept.append)
        qtbot.addWidget(main, before_close_func=MainWindow.close_now)
        with qtbot.waitSignal(main.ready):
            main.show()
        return main, main.page("build").findChildren(SideWindow)[0]

    main, side = open_main(Settings())
    side.come()
    side.resize(420, 310)
    main.close_now()
    again, side = open_main(kept[-1])
    assert not side.isVisible()
    side.come()
    assert side.size() == QSize(420, 310)
    again.close_now()
    assert kept[-1].windows.keys() == {"side"}
