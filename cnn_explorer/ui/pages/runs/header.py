"""The headings of the table of runs, and how wide its columns are."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from cnn_explorer.ui.pages.runs.cells import CHIP, PADDING
from cnn_explorer.ui.pages.runs.state import COLUMNS, NEWEST
from cnn_explorer.ui.theme import set_role

KEYS = tuple(column.key for column in COLUMNS)
NAME, NOTES = KEYS.index("name"), KEYS.index("notes")
_NAMES_SHARE = 2 / 3
"""Of the room that no column needs; the notes get the rest."""
_BY_HAND = b"names by hand"
"""Stands behind Qt's own bytes in the state; Qt reads no further than those."""


class RunHeader(QHeaderView):
    """Gives the names most of the room that the other columns leave, until someone gives them a width.

    The notes always take what is left, so that the table ends where the window does.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._letter = 0
        self._by_hand = False
        self._fitting = False
        self.setObjectName("runs_columns")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        set_role(self, "wide")
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setMinimumSectionSize(2 * CHIP)
        self.setSortIndicatorShown(True)
        self.sectionResized.connect(self._on_resized)

    def begin(self) -> None:
        """Say how columns are resized and what is sorted by; once the table has its columns."""
        self.setSortIndicator(KEYS.index(NEWEST), Qt.SortOrder.DescendingOrder)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.setSectionResizeMode(NOTES, QHeaderView.ResizeMode.Stretch)

    @property
    def sorting(self) -> tuple[str, bool]:
        """The key of the column that the rows should be sorted by, and whether downwards."""
        return KEYS[self.sortIndicatorSection()], self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder

    def fit_to_text(self, letter: int, grown: float) -> None:
        """Columns for letters of that width, in pixels; widths that someone has chosen become ``grown`` times as wide.

        The first time all columns get the width that is theirs.
        """
        is_first, self._letter = not self._letter, letter
        self._fitting = True
        for number in range(len(COLUMNS)):
            width = self._needed(number) if is_first else round(self.sectionSize(number) * grown)
            self.resizeSection(number, width)
        self.resizeSection(0, CHIP + PADDING)
        self._fitting = False
        self.fit()

    def fit(self) -> None:
        """Share the room anew, unless the names have the width that someone gave them."""
        if self._by_hand:
            return
        others = sum(self.sectionSize(number) for number in range(self.count()) if number not in (NAME, NOTES))
        needed = self._needed(NAME)
        spare = self.viewport().width() - others - needed - self._needed(NOTES)
        self._fitting = True
        self.resizeSection(NAME, needed + max(0, int(spare * _NAMES_SHARE)))
        self._fitting = False

    def saveState(self) -> QByteArray:
        """Qt's bytes, and whether the names' width was chosen by hand: they say of a width only how large it is."""
        state = super().saveState()
        return state.append(_BY_HAND) if self._by_hand else state

    def restoreState(self, state: QByteArray | bytes | bytearray | memoryview) -> bool:
        """Take widths, order and sorting of ``saveState``; the names get their share of this window."""
        self._by_hand = bytes(QByteArray(state).data()).endswith(_BY_HAND)
        self._fitting = True
        done = super().restoreState(state)
        self._fitting = False
        self.fit()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def _needed(self, number: int) -> int:
        return self._letter * COLUMNS[number].width + 2 * PADDING

    def _on_resized(self, number: int) -> None:
        if number == NAME and not self._fitting:
            self._by_hand = True
