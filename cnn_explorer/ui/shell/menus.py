"""The menu bar: File, Edit, View, Help."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from functools import partial

import PySide6
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from cnn_explorer import __version__
from cnn_explorer.ui.session.recent_files import RecentMenu
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page_table import PageEntry
from cnn_explorer.ui.theme import Mode, theme

_MODES: tuple[tuple[Mode, str], ...] = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
_Key = QKeySequence.StandardKey


class Menus(QObject):
    """The menus of ``window``. Pages bring their own actions for File with ``set_file_actions``."""

    def __init__(
        self, window: QMainWindow, session: Session, pages: Sequence[PageEntry], show_page: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self.quit = self._action("quit", "Quit", "Close the window; the current run is stopped.", window.close)
        self.quit.setShortcut("Ctrl+Q")  # Windows has no standard key for it
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        bar = window.menuBar()
        self._file = _menu(bar.addMenu("&File"), "menu_file")
        self.recent = RecentMenu(session.recent, self._file)
        self._fill_edit(_menu(bar.addMenu("&Edit"), "menu_edit"))
        self._fill_view(_menu(bar.addMenu("&View"), "menu_view"), pages, show_page)
        self._fill_help(_menu(bar.addMenu("&Help"), "menu_help"))
        self.set_file_actions([])

    def set_file_actions(self, groups: Sequence[Sequence[QAction]]) -> None:
        """Fill File anew: each group of actions, a separator after each, then the last files, and Quit."""
        self._file.clear()
        for group in groups:
            if group:
                self._file.addActions(group)
                self._file.addSeparator()
        self._file.addMenu(self.recent)
        self._file.addSeparator()
        self._file.addAction(self.quit)

    def _fill_edit(self, menu: QMenu) -> None:
        stack = self._session.document.undo_stack
        for name, action, icon, key in (
            ("undo", stack.createUndoAction(self._window, "Undo"), "undo-2", _Key.Undo),
            ("redo", stack.createRedoAction(self._window, "Redo"), "redo-2", _Key.Redo),
        ):
            action.setObjectName(f"action_{name}")
            action.setIcon(theme().icon(icon))
            action.setShortcut(key)
            menu.addAction(action)

    def _fill_view(self, menu: QMenu, pages: Sequence[PageEntry], show_page: Callable[[str], None]) -> None:
        for number, entry in enumerate(pages, start=1):
            action = self._action(
                f"page_{entry.key}", entry.title, entry.tooltip, partial(show_page, entry.key), entry.icon
            )
            action.setShortcut(f"Ctrl+{number}")
            menu.addAction(action)
        menu.addSeparator()
        modes = _menu(menu.addMenu(theme().icon("sun"), "Theme"), "menu_theme")
        self._modes = QActionGroup(self._window)
        for mode, title in _MODES:
            action = self._action(f"theme_{mode}", title, f"Colours: {title.lower()}.", partial(theme().set_mode, mode))
            action.setCheckable(True)
            action.setData(mode)
            self._modes.addAction(action)
            modes.addAction(action)
        menu.addSeparator()
        for name, title, keys, steps in (
            ("larger", "Larger text", ("Ctrl++", "Ctrl+="), 1),
            ("smaller", "Smaller text", ("Ctrl+-",), -1),
        ):
            tip = f"{title} everywhere in the window."
            action = self._action(f"text_{name}", title, tip, partial(theme().step_text_scale, steps))
            action.setShortcuts([QKeySequence(key) for key in keys])
            menu.addAction(action)
        normal = self._action(
            "text_normal", "Normal text", "Text of the system's size.", partial(theme().set_text_scale, 100)
        )
        normal.setShortcut("Ctrl+0")
        menu.addAction(normal)
        theme().changed.connect(self._show_mode)
        self._show_mode()

    def _fill_help(self, menu: QMenu) -> None:
        about = self._action("about", "About CNN Explorer", "Versions of the program and what it runs on.", self._about)
        about.setIcon(theme().icon("info"))
        about.setMenuRole(QAction.MenuRole.AboutRole)
        menu.addAction(about)

    def _show_mode(self) -> None:
        for action in self._modes.actions():
            action.setChecked(action.data() == theme().mode)

    def _about(self) -> None:
        versions = [("Python", platform.python_version()), ("PySide6", PySide6.__version__)]
        report = self._session.device
        if report is not None:
            versions += [*report.versions, ("Device", report.default_description)]
        details = "\n".join(f"{name}: {version}" for name, version in versions)
        hint = "Build a convolutional network by hand, watch it learn, look inside it. MIT licence."
        self._session.say("info", f"CNN Explorer {__version__}", hint, details)

    def _action(self, name: str, text: str, tip: str, do: Callable[[], object], icon: str = "") -> QAction:
        action = QAction(text, self._window)
        action.setObjectName(f"action_{name}")
        action.setToolTip(tip)
        if icon:
            action.setIcon(theme().icon(icon))
        action.triggered.connect(lambda _checked=False: do())
        return action


def _menu(menu: QMenu, name: str) -> QMenu:
    menu.setObjectName(name)
    menu.setToolTipsVisible(True)
    return menu
