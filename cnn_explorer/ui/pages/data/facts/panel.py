"""The facts about the current data set: what the network gets, classes, duplicates, and where it comes from."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.data.facts.about import AboutFacts
from cnn_explorer.ui.pages.data.facts.classes import ClassFacts
from cnn_explorer.ui.pages.data.facts.duplicates import DuplicateFacts
from cnn_explorer.ui.pages.data.facts.input import InputFacts
from cnn_explorer.ui.session.session import Session

_NARROWEST = 294


class FactsPanel(QFrame):
    """A card with four tabs. Only what can be seen is measured; ``measures`` of the session does it."""

    class_chosen = Signal(int)
    """The class that shall be seen alone in the gallery; -1: all classes."""
    images_chosen = Signal(object)
    """Places in ``Dataset.images``, a tuple: these images shall be seen alone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self.input = InputFacts(session)
        self.classes = ClassFacts(session)
        self.duplicates = DuplicateFacts(session)
        self.about = AboutFacts(session)
        self.tabs = QTabWidget(self)
        self.tabs.setObjectName("data_facts")
        self.tabs.setAccessibleName("Facts about the data set")
        self.classes.setMinimumWidth(_NARROWEST)  # and not the card's, which needs more where text is large
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.tabBar().setExpanding(True)
        self.tabs.tabBar().setDrawBase(False)
        for number, (widget, title, tooltip) in enumerate(
            (
                (_Column(self.input), "Input", "Split, preprocessing, and the exact tensor that the network gets."),
                (_padded(self.classes), "Classes", "How many images each class has, and how they look on average."),
                (_padded(self.duplicates), "Duplicates", "Images that are there more than once."),
                (_padded(self.about), "About", "Licence, origin, and what reading changed or left out."),
            )
        ):
            self.tabs.addTab(widget, title)
            self.tabs.setTabToolTip(number, tooltip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 4, 1, 1)
        layout.addWidget(self.tabs)
        self.classes.class_chosen.connect(self.class_chosen)
        self.duplicates.images_chosen.connect(self.images_chosen)
        self.tabs.currentChanged.connect(self._refresh)
        session.dataset_changed.connect(self._refresh)
        session.config_changed.connect(self._refresh)

    def show_class(self, label: int) -> None:
        """Mark the class that the gallery shows alone; -1: it shows all."""
        self.classes.mark(label)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        dataset = self._session.dataset
        news = len(dataset.remarks) + len(dataset.skipped) if dataset else 0
        self.tabs.setTabText(3, f"About ({news:,})" if news else "About")
        if self.isVisible():
            (self.input, self.classes, self.duplicates, self.about)[self.tabs.currentIndex()].refresh()


def _padded(widget: QWidget) -> QWidget:
    outer = QWidget()
    layout = QVBoxLayout(outer)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.addWidget(widget)
    return outer


class _Column(QScrollArea):
    """Scrolls up and down only: it is never narrower than what it holds."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = _padded(widget)
        self.setWidget(self._inside)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._inside.minimumSizeHint().width(), super().minimumSizeHint().height())
