"""Images that are there more than once, and what that means for the test."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.data.facts.duplicate_list import DuplicateList, GroupRow
from cnn_explorer.ui.pages.data.facts.state import (
    Duplicates,
    DuplicateSearch,
    duplicate_verdict,
    group_note,
    group_title,
    split_key,
    work_on,
)
from cnn_explorer.ui.session.dataset_scan import DatasetScan
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.scan_line import ScanLine
from cnn_explorer.ui.widgets.tool_button import tool_button

_ICON = 18  # pixels
_FIGURES = (
    ("across", "in both parts", "Test images that are training images too."),
    ("train", "within training", "Training images that are there already."),
    ("test", "within test", "Test images that are there already."),
)


class DuplicateFacts(QWidget):
    """Compares all images with all, and lists the groups of those that are the same."""

    images_chosen = Signal(object)
    """Places in the array of all images, a tuple: these shall be seen alone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._search = DuplicateSearch()
        self._icon = "circle-check", "success"
        self.found = DatasetScan(session.scans, "duplicates", self)
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.verdict = QLabel(self)
        self.verdict.setObjectName("data_duplicates_verdict")
        self.verdict.setWordWrap(True)
        set_role(self.verdict, "strong")
        self.why = QLabel(self)
        self.why.setObjectName("data_duplicates_why")
        self.why.setWordWrap(True)
        set_role(self.why, "muted")
        self.figures = QWidget(self)
        self.numbers = self._figures()
        self.list = DuplicateList(self)
        self.all = tool_button(
            "image", "data_duplicates_all", "Show all images that are there more than once.", "Show all in the gallery"
        )
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.picture)
        head.addWidget(self.verdict, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(ScanLine(self.found, "Comparing all images", "data_duplicates", self))
        layout.addLayout(head)
        layout.addWidget(self.why)
        layout.addWidget(self.figures)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.all, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(0)
        self.list.chosen.connect(self._on_chosen)
        self.all.clicked.connect(self._on_all)
        self.found.changed.connect(self._show)
        theme().changed.connect(self._paint_icon)
        self._show()

    def _figures(self) -> dict[str, QLabel]:
        grid = QGridLayout(self.figures)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setVerticalSpacing(0)
        numbers = {}
        for column, (key, title, tooltip) in enumerate(_FIGURES):
            number, caption = QLabel(self.figures), QLabel(title, self.figures)
            number.setObjectName(f"data_duplicates_{key}")
            set_role(number, "figure")
            set_role(caption, "muted")
            for line, label in enumerate((number, caption)):
                label.setToolTip(tooltip)
                grid.addWidget(label, line, column)
            grid.setColumnStretch(column, 1)
            numbers[key] = number
        return numbers

    def refresh(self) -> None:
        """Bring everything up to date; the comparison follows."""
        dataset, config = self._session.dataset, self._session.config
        if dataset is None:
            self.found.forget()
        else:
            self.found.want(split_key(dataset, config), work_on(self._search, dataset, config))

    def _show(self) -> None:
        dataset, found = self._session.dataset, self.found.result
        there = dataset is not None and found is not None
        for part in (self.picture, self.verdict, self.why, self.figures):
            part.setVisible(there)
        groups = there and bool(found.groups)
        self.list.setVisible(groups)
        self.all.setVisible(groups)
        if dataset is None or found is None:
            self.list.show_rows(0, _no_row)
            return
        assert isinstance(found, Duplicates)
        said = duplicate_verdict(found.counts, int(found.is_test.sum()))
        self._icon = said.icon, said.role
        self._paint_icon()
        self.verdict.setText(said.text)
        self.why.setText(said.why)
        for key, label in self.numbers.items():
            label.setText(f"{getattr(found.counts, key):,}")

        def row(number: int) -> GroupRow:
            group = found.groups[number]
            image = found.pictures[number] if number < len(found.pictures) else None
            return GroupRow(group_title(group, found), group_note(group, dataset), not group.agree, image)

        self.list.show_rows(len(found.groups), row)

    def _paint_icon(self) -> None:
        icon, role = self._icon
        self.picture.setPixmap(theme().icon(icon, role).pixmap(_ICON, _ICON))

    def _on_chosen(self, row: int) -> None:
        if self.found.result is not None:
            self.images_chosen.emit(self.found.result.groups[row].places)

    def _on_all(self) -> None:
        if self.found.result is not None:
            self.images_chosen.emit(tuple(place for group in self.found.result.groups for place in group.places))


def _no_row(number: int) -> GroupRow:
    raise IndexError(f"there is no group {number}")
