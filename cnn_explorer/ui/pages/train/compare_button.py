"""The button whose menu offers the latest runs for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from cnn_explorer.store.catalog import list_runs
from cnn_explorer.text.numbers import percent
from cnn_explorer.ui.plots.stored_curves import short_name
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme

MOST = 12
"""Runs in the menu; the Runs page has them all."""


@dataclass(frozen=True)
class Offer:
    """A run that can be compared: its folder, its name, and its best validation accuracy in words."""

    path: Path
    name: str
    best: str


def offers(folder: Path) -> tuple[Offer, ...]:
    """All runs in ``folder`` with at least one whole epoch, newest first. Reads the disk."""
    runs, _damaged = list_runs(folder)
    return tuple(
        Offer(run.path, short_name(run.record, run.annotation), percent(run.best.val_accuracy))
        for run in runs
        if run.best is not None
    )


class CompareButton(QToolButton):
    """Checks and unchecks runs of ``session.compared``; asks the disk each time it opens."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._own: Path | None = None
        self.setObjectName("train_compare")
        self.setText("Compare")
        self.setIcon(theme().icon("layers"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setAccessibleName("Compare with other runs")
        self.setToolTip("Lay the curves of earlier runs over these.")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choices = _StayingMenu(self)
        self.choices.setObjectName("train_compare_menu")
        self.choices.aboutToShow.connect(self._ask)
        self.setMenu(self.choices)
        self._say("Looking for runs…")

    def set_own(self, path: Path | None) -> None:
        """The run that is in the plots anyway: it is not offered."""
        self._own = path

    def _ask(self) -> None:
        folder = self._session.services.runs_folder
        self._session.disk.submit(
            lambda _job: offers(folder()), self._offer, failed=self._fail, channel="runs to compare"
        )

    def _offer(self, found: tuple[Offer, ...]) -> None:
        others = [offer for offer in found if offer.path != self._own]
        if not others:
            self._say("No other run has a whole epoch yet.")
            return
        self.choices.clear()
        for offer in others[:MOST]:
            action = QAction(f"{offer.name}\t{offer.best}", self.choices)
            action.setToolTip(str(offer.path))
            action.setCheckable(True)
            action.setChecked(offer.path in self._session.compared)
            action.triggered.connect(lambda checked, path=offer.path: self._choose(path, checked))
            self.choices.addAction(action)
        self.choices.addSeparator()
        if len(others) > MOST:
            more = self.choices.addAction(f"{len(others) - MOST:,} more on the Runs page")
            more.setEnabled(False)
        clear = self.choices.addAction("Compare with none")
        clear.triggered.connect(lambda: self._session.compare(()))

    def _choose(self, path: Path, checked: bool) -> None:
        rest = tuple(one for one in self._session.compared if one != path)
        self._session.compare((*rest, path) if checked else rest)

    def _say(self, text: str) -> None:
        self.choices.clear()
        self.choices.addAction(text).setEnabled(False)

    def _fail(self, failure: Failure) -> None:
        self._say("The runs could not be read.")
        self._session.report(failure)


class _StayingMenu(QMenu):
    """A menu that stays open when something is checked in it, so that one can check several."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._check(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space or not self._check(self.activeAction()):
            super().keyPressEvent(event)

    def _check(self, action: QAction | None) -> bool:
        if action is None or not action.isCheckable():
            return False
        action.trigger()
        return True
