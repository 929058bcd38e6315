"""The table of epochs: numbers right-aligned, the best epoch marked, the newest one in view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from cnn_explorer.core.run.config import Monitor
from cnn_explorer.core.run.events import EpochEnded, Started
from cnn_explorer.text.numbers import percent
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.row_model import RowModel, aligned

_MARGIN, _CELL_MARGIN = 7, 10  # pixels on both sides of a text: the style sheet's padding and Qt's own
_ICON = 20  # pixels of the mark on the best epoch
_MEASURED = 1000  # of many epochs at once, the last ones tell how wide the texts are
_MONITORED: dict[Monitor, str] = {"val_accuracy": "validation accuracy", "val_loss": "validation loss"}


@dataclass(frozen=True)
class Column:
    """A column: heading, what it says of an epoch, the sentence behind the heading, its share of the width.

    ``usual`` is a text for which there is always room; longer ones get more when they come.
    """

    title: str
    text: Callable[[EpochEnded], str]
    tooltip: str
    share: float
    usual: str = "0.0000"


def _loss(value: float) -> str:
    """Four decimals, or three figures of a large number: nothing may be cut off in the narrow column."""
    return f"{value:.4f}" if value < 10 else f"{value:.3g}"


COLUMNS = (
    Column("Epoch", lambda e: f"{e.epoch:,}", "How often the network has seen all training images.", 0.8, "000"),
    Column("Loss", lambda e: _loss(e.loss), "Mean loss of the epoch's batches, while the weights changed.", 0.95),
    Column(
        "Accuracy",
        lambda e: percent(e.accuracy),
        "Share of the training images that were classified rightly.",
        1.2,
        "00.00 %",
    ),
    Column("Validation\nloss", lambda e: _loss(e.val_loss), "Loss on the validation images after the epoch.", 1.0),
    Column(
        "Validation\naccuracy",
        lambda e: percent(e.val_accuracy),
        "Share of the validation images that were classified rightly after the epoch.",
        1.2,
        "00.00 %",
    ),
    Column(
        "Learning\nrate",
        lambda e: f"{e.learning_rate:.3g}",
        "The learning rate after the epoch's last batch.",
        1.0,
    ),
    Column("Time\nin s", lambda e: f"{e.seconds:.1f}", "How long the epoch took, in seconds.", 0.8, "00.0"),
    Column(
        "Images\nper s",
        lambda e: f"{e.images_per_second:,.0f}",
        "Training images per second of training.",
        0.95,
        "0,000",
    ),
)


class EpochModel(RowModel[EpochEnded]):
    """The epochs of one run as rows, the newest one last."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, lambda epoch: epoch.epoch)
        self._best: EpochEnded | None = None
        self._first = 1
        self._monitor: Monitor = "val_accuracy"

    @property
    def width(self) -> int:
        return len(COLUMNS)

    def set_epochs(
        self, epochs: tuple[EpochEnded, ...], best: EpochEnded | None, started: Started | None = None
    ) -> None:
        """Show ``epochs``; rows are added where they go on from those that are shown."""
        first, monitor = (started.first_epoch, started.monitor) if started else (1, self._monitor)
        goes_on = epochs[: len(self.rows)] == self.rows and (first, monitor) == (self._first, self._monitor)
        is_other = best != self._best
        self._first, self._monitor, self._best = first, monitor, best
        if goes_on:
            self.show((*self.rows, *epochs[len(self.rows) :]), everything=is_other)
        else:
            self.begin_anew(epochs)

    def cell(self, row: EpochEnded, column: int, role: int) -> Any:
        is_best = row == self._best
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[column].text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return aligned(True)
            case Qt.ItemDataRole.FontRole if is_best:
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.DecorationRole if is_best and column == 0:
                return theme().icon("circle-check", "success")
            case Qt.ItemDataRole.ForegroundRole if row.epoch < self._first and not is_best:
                return theme().color("muted")
            case Qt.ItemDataRole.ToolTipRole if is_best:
                return f"The best {_MONITORED[self._monitor]} so far: this model is kept in best.h5."
            case Qt.ItemDataRole.ToolTipRole if row.epoch < self._first:
                return "From before the run was continued."
        return None

    def head(self, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return COLUMNS[column].title
            case Qt.ItemDataRole.ToolTipRole:
                return COLUMNS[column].tooltip
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        return None


class EpochTable(QFrame):
    """Shows ``EpochEnded`` events of one run; says so while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._longest = tuple(column.usual for column in COLUMNS)
        self._widths: tuple[int, ...] = ()
        self.model = EpochModel(self)
        self.view = QTableView(self)
        self.view.setObjectName("train_epochs")
        self.view.setAccessibleName("Epochs of the run")
        self.view.setModel(self.model)
        set_role(self.view, "plain")
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setTabKeyNavigation(False)
        digits = self.view.font()
        digits.setFeature(QFont.Tag("tnum"), 1)  # all digits equally wide, in fonts that can
        self.view.setFont(digits)
        rows = self.view.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.view.fontMetrics().height() + 9)
        columns = self.view.horizontalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setMinimumSectionSize(0)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        self._empty = QLabel("Every epoch becomes a line here.", self.view.viewport())
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._empty, "muted")
        cover = QVBoxLayout(self.view.viewport())
        cover.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)  # room for the card's round corners
        layout.addWidget(self.view)
        theme().changed.connect(self._on_theme_changed)
        self.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share the width among the columns."""
        if event.type() == QEvent.Type.Resize:
            self._share_width()
        return super().eventFilter(watched, event)

    def _on_theme_changed(self) -> None:
        self._widths = ()  # other letters
        self._share_width()
        self.view.viewport().update()

    def _make_room(self, epochs: tuple[EpochEnded, ...]) -> None:
        """See to it that the texts of these new epochs are not cut."""
        longest = tuple(
            max((text, *map(column.text, epochs)), key=len) for column, text in zip(COLUMNS, self._longest, strict=True)
        )
        if longest != self._longest:
            self._longest, self._widths = longest, ()
            self._share_width()

    def _share_width(self) -> None:
        """Each column gets its share, but never less than its words need: then the table scrolls sideways."""
        if not self._widths:
            best = self.view.font()
            best.setBold(True)
            heading, row = self.view.horizontalHeader().fontMetrics(), QFontMetrics(best)
            self._widths = tuple(
                max(
                    row.horizontalAdvance(text) + 2 * _CELL_MARGIN + (_ICON if number == 0 else 0),
                    *(heading.horizontalAdvance(line) + 2 * _MARGIN for line in column.title.split("\n")),
                )
                for number, (column, text) in enumerate(zip(COLUMNS, self._longest, strict=True))
            )
        room = self.view.viewport().width()
        widths = [int(room * column.share / sum(c.share for c in COLUMNS)) for column in COLUMNS]
        if any(width < least for width, least in zip(widths, self._widths, strict=True)):
            spare = max(0, room - sum(self._widths)) // len(COLUMNS)
            widths = [least + spare for least in self._widths]
        for number, width in enumerate(widths):
            self.view.setColumnWidth(number, width)

    def set_epochs(
        self, epochs: tuple[EpochEnded, ...], best: EpochEnded | None, started: Started | None = None
    ) -> None:
        """Show ``epochs`` with ``best`` marked; the newest comes into view unless someone looks further up.

        ``started`` tells what decides which epoch is the best, and which epochs are from before a continuation:
        those are muted.
        """
        bar = self.view.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - self.view.verticalHeader().defaultSectionSize()
        before = self.model.rowCount()
        grown = len(epochs) != before
        self._make_room(epochs[before if len(epochs) > before else 0 :][-_MEASURED:])
        self.model.set_epochs(epochs, best, started)
        self._empty.setVisible(not epochs)
        if grown and at_end:
            self.view.scrollToBottom()
