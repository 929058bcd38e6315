"""The files that were opened or saved last: models and networks. Runs and data sets have pages that list them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from cnn_explorer.ui.theme import theme

MOST = 10
_LONGEST_FOLDER = 48
"""Characters of a folder that a menu shows."""


class RecentFiles(QObject):
    """Absolute paths, the newest first."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths: tuple[Path, ...] = ()

    def set_paths(self, paths: Iterable[Path]) -> None:
        """Begin with these, as they were remembered."""
        kept = tuple(dict.fromkeys(paths))[:MOST]
        if kept != self.paths:
            self.paths = kept
            self.changed.emit()

    def add(self, path: Path) -> None:
        """``path`` was opened or saved just now."""
        path = path.absolute()
        self.set_paths((path, *(other for other in self.paths if other != path)))

    def remove(self, path: Path) -> None:
        """Forget one, as its file is gone."""
        self.set_paths(other for other in self.paths if other != path)


class RecentMenu(QMenu):
    """Offers the files that were used last; what is chosen is sent with ``chosen``. A file that is gone leaves it."""

    chosen = Signal(object)
    """``Path`` to open; who opens it says so if it is gone."""

    def __init__(self, recent: RecentFiles, parent: QMenu) -> None:
        super().__init__("Open recent", parent)
        self._recent = recent
        self.setObjectName("menu_recent")
        self.setToolTipsVisible(True)
        self.setIcon(theme().icon("history"))
        recent.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        for number, path in enumerate(self._recent.paths, start=1):
            action = self.addAction(f"&{number % MOST}  {_shown(path)}", partial(self._choose, path))
            action.setObjectName(f"action_recent_{number}")
            action.setToolTip(f"Open {path}.")
        self.setEnabled(bool(self._recent.paths))
        if self._recent.paths:
            self.addSeparator()
            clear = self.addAction("Clear this list", partial(self._recent.set_paths, ()))
            clear.setObjectName("action_recent_clear")
            clear.setToolTip("Forget which files were used last; the files stay.")

    def _choose(self, path: Path) -> None:
        if not path.exists():
            self._recent.remove(path)
        self.chosen.emit(path)


def _shown(path: Path) -> str:
    """The name, and the folder with the end of it, which tells more than its beginning; & is no mnemonic here."""
    place, home = path.parent, Path.home()
    folder = str("~" / place.relative_to(home) if place.is_relative_to(home) else place)
    if len(folder) > _LONGEST_FOLDER:
        folder = f"…{folder[1 - _LONGEST_FOLDER :]}"
    return f"{path.name}  ({folder})".replace("&", "&&")
