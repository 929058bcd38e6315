"""Names and values in two columns, under headings: to read, to scroll, to copy."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from cnn_explorer.ui.theme import set_role, theme

Facts = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Headings ("" for none), each with its names and values."""

_APART = 8  # pixels between a name and its value
_NAMES = 0.5  # of the width, at most


class FactTable(QTableWidget):
    """Long values are cut; the tooltip has all of them, and Ctrl+C copies the chosen rows."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setObjectName(name)
        self.setAccessibleName(title)
        set_role(self, "facts")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.hide()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self._facts: Facts = ()
        theme().changed.connect(self._fill)

    def show_facts(self, facts: Facts) -> None:
        """Show others, from the first on."""
        if facts != self._facts:
            self._facts = facts
            self._fill()
            self.scrollToTop()

    def event(self, event: QEvent) -> bool:
        """Copying its rows goes before what copies in the window around it."""
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            rows = sorted({index.row() for index in self.selectedIndexes()})
            QGuiApplication.clipboard().setText("\n".join(self._text(row) for row in rows))
        else:
            super().keyPressEvent(event)

    def _text(self, row: int) -> str:
        texts = (item.text() for column in (0, 1) if (item := self.item(row, column)) is not None)
        return "\t".join(texts)

    def _fill(self) -> None:
        self.clearSpans()
        self.setRowCount(sum(len(rows) + bool(title) for title, rows in self._facts))
        height = self.fontMetrics().height() + 8
        self.verticalHeader().setDefaultSectionSize(height)
        number = 0
        for title, rows in self._facts:
            if title:
                self._put_title(number, title)
                number += 1
            for name, value in rows:
                self._put(number, 0, name, "muted")
                self._put(number, 1, value, "text")
                number += 1
        self._fit_names()

    def _put(self, row: int, column: int, text: str, role: str) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setForeground(theme().color(role))
        item.setToolTip(text)
        self.setItem(row, column, item)
        return item

    def _put_title(self, row: int, title: str) -> None:
        item = self._put(row, 0, title, "muted")
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        item.setFont(bold)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.setSpan(row, 0, 1, 2)

    def _fit_names(self) -> None:
        """Names take what they need, as long as values keep the larger part."""
        most = max(round(self.viewport().width() * _NAMES), 80)
        self.setColumnWidth(0, min(self.sizeHintForColumn(0) + _APART, most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_names()
