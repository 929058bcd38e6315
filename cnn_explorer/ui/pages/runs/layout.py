"""How the Runs page is laid out: tool bar, table, card, and the tabs with curves and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedLayout,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.ui.pages.runs.detail import RunCard
from cnn_explorer.ui.pages.runs.differences import Differences
from cnn_explorer.ui.pages.runs.offers import OFFERS
from cnn_explorer.ui.pages.runs.state import SweepKey
from cnn_explorer.ui.pages.runs.table import RunTable
from cnn_explorer.ui.plots.run_plots import RunPlots
from cnn_explorer.ui.session.runs.colors import ColorBook
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.empty_state import EmptyState
from cnn_explorer.ui.widgets.tool_button import tool_button

_CARD = 248, 400  # least and greatest width
_EMPTY = "No runs yet. Train a network: every run is kept, and stands here with its curves."
_SEARCH = 260
_SHARES = 440, 560
"""Of the height: table, and what is below it."""


class RunsLayout(QWidget):
    """The parts of the page, in their places. What they show is the page's business."""

    def __init__(self, actions: Mapping[str, QAction], colors: ColorBook, parent: QWidget) -> None:
        super().__init__(parent)
        self.search = _search()
        self.sweeps = QComboBox()
        self.sweeps.setObjectName("runs_sweeps")
        self.sweeps.setAccessibleName("Sweep")
        self.sweeps.setToolTip("Show all runs, or those of one sweep with the settings that it varies.")
        self.sweeps.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sweeps.setMinimumContentsLength(16)
        self.sweeps.hide()
        self.count = QLabel()
        self.count.setObjectName("runs_count")
        set_role(self.count, "muted")
        self.table = RunTable()
        self.table.addActions([actions[offer.key] for offer in OFFERS if offer.shortcut])
        self._no_match = QLabel("No run matches what you search for.", self.table.viewport())
        self._no_match.setObjectName("runs_no_match")
        self._no_match.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._no_match, "muted")
        cover = QVBoxLayout(self.table.viewport())
        cover.addWidget(self._no_match)
        self._no_match.hide()
        self.damage = QPushButton()
        self.damage.setObjectName("runs_damage")
        self.damage.setIcon(theme().icon("triangle-alert", "warning"))
        self.damage.setToolTip("Say which folders cannot be read, and why.")
        set_role(self.damage, "flat")
        self.damage.hide()
        self.card = RunCard(actions["continue"])
        self.plots = RunPlots(colors, "runs")
        self.differences = Differences()
        self.to_train = QPushButton(theme().icon("activity", "on_accent"), "Go to Train")
        self.to_train.setObjectName("runs_to_train")
        self.to_train.setToolTip("Show the Train page, where runs begin.")
        set_role(self.to_train, "primary")
        self._whole = QWidget(self)
        self._arrange(actions)
        self._empty = EmptyState("history", _EMPTY, (self.to_train, _push_button(actions["open"])))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._whole)
        self._stack.addWidget(self._empty)

    def _arrange(self, actions: Mapping[str, QAction]) -> None:
        layout = QVBoxLayout(self._whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(self._tools(actions))
        # From the outside inwards: Qt styles all that is in a widget anew whenever that is moved into another one.
        across = _splitter("runs_across", Qt.Orientation.Horizontal, self._whole)
        down = _splitter("runs_down", Qt.Orientation.Vertical, across)
        self.card.setMinimumWidth(_CARD[0])
        self.card.setMaximumWidth(_CARD[1])
        down.addWidget(self._runs())
        down.addWidget(self._tabs())
        down.setStretchFactor(0, 1)
        down.setStretchFactor(1, 1)
        down.setSizes([_SHARES[0], _SHARES[1]])
        across.addWidget(down)
        across.addWidget(self.card)
        across.setStretchFactor(0, 5)
        across.setStretchFactor(1, 1)
        across.setSizes([_SHARES[0] + _SHARES[1], _CARD[0]])
        layout.addWidget(across, 1)

    def _tools(self, actions: Mapping[str, QAction]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.search, self.sweeps, self.count):
            row.addWidget(widget)
        row.addStretch(1)
        for offer in OFFERS:
            if offer.place in ("button", "icon"):
                row.addWidget(_button(actions[offer.key], words=offer.place == "button"))
        export = tool_button("file-down", "runs_export", "Save runs for other programs.", "Export")
        export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = self.exports = QMenu("Export runs", export)
        menu.setIcon(theme().icon("file-down"))
        menu.setObjectName("runs_export_menu")
        menu.setToolTipsVisible(True)
        menu.addActions([actions[offer.key] for offer in OFFERS if offer.place == "export"])
        export.setMenu(menu)
        row.addWidget(export)
        row.addWidget(_button(actions["open"], words=False))
        return row

    def _runs(self) -> QFrame:
        card, layout = _card()
        layout.addWidget(self.table, 1)
        layout.addWidget(self.damage)
        return card

    def _tabs(self) -> QTabWidget:
        tabs = self.tabs = QTabWidget()
        tabs.setObjectName("runs_tabs")
        tabs.setAccessibleName("Curves and settings")
        settings, inside = _card()
        inside.addWidget(self.differences)
        for content, title, tip in (
            (self.plots, "Curves", "The curves of the ticked runs and of the selected ones."),
            (settings, "Settings", "The settings of one run, or what differs between several."),
        ):
            page = QWidget()
            layout = QVBoxLayout(page)
            layout.setContentsMargins(0, 8, 0, 0)
            layout.addWidget(content)
            tabs.setTabToolTip(tabs.addTab(page, title), tip)
        # The plots' own tools stand beside the tabs: every line counts where the window is low.
        whole = self.plots.layout()
        assert whole is not None
        whole.removeItem(self.plots.tools)
        self.plots.tools.setParent(None)
        corner = QWidget()
        self.plots.tools.setContentsMargins(0, 0, 0, 4)
        corner.setLayout(self.plots.tools)
        tabs.setCornerWidget(corner)
        tabs.currentChanged.connect(lambda index: corner.setVisible(index == 0))
        return tabs

    def show_sweeps(self, sweeps: Sequence[SweepKey], chosen: SweepKey | None) -> None:
        """Offer these sweeps; nothing is offered where there is none."""
        self.sweeps.setVisible(bool(sweeps))
        with QSignalBlocker(self.sweeps):
            self.sweeps.clear()
            self.sweeps.addItems(["All runs", *(sweep.name for sweep in sweeps)])
            self.sweeps.setCurrentIndex(0 if chosen is None else 1 + sweeps.index(chosen))

    def show_empty(self, empty: bool) -> None:
        """Show what to do first instead of an empty table."""
        self._stack.setCurrentWidget(self._empty if empty else self._whole)

    def show_no_match(self, none: bool) -> None:
        """Say that the search finds nothing."""
        self._no_match.setVisible(none)


def _search() -> QLineEdit:
    search = QLineEdit()
    search.setObjectName("runs_search")
    search.setAccessibleName("Search runs")
    search.setToolTip("Show only runs in whose name, data set, optimizer, status or notes all these words occur.")
    search.setPlaceholderText("Search runs")
    search.setClearButtonEnabled(True)
    search.addAction(theme().icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
    search.setMaximumWidth(_SEARCH)
    search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return search


def _button(action: QAction, *, words: bool) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(f"{action.objectName()}_button")
    button.setAccessibleName(action.text())
    style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if words else Qt.ToolButtonStyle.ToolButtonIconOnly
    button.setToolButtonStyle(style)
    return button


def _push_button(action: QAction) -> QPushButton:
    button = QPushButton(action.icon(), action.text())
    button.setObjectName(f"{action.objectName()}_first")
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    return button


def _card() -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(4, 4, 4, 4)  # room for the card's round corners
    layout.setSpacing(0)
    return card, layout


def _splitter(name: str, orientation: Qt.Orientation, parent: QWidget) -> QSplitter:
    splitter = QSplitter(orientation, parent)
    splitter.setObjectName(name)
    splitter.setHandleWidth(12)
    splitter.setChildrenCollapsible(False)
    return splitter
