"""The Data page: where images come from, all of them in a gallery, and the facts about them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.data.facts.panel import FactsPanel
from cnn_explorer.ui.pages.data.gallery.panel import GalleryPanel
from cnn_explorer.ui.pages.data.sources.panel import SourcesPanel
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page import Page

_SIZES = [264, 558, 320]
"""Widths of the three columns in a window of the usual size; the gallery gets all of what a larger one has more."""


class DataPage(Page):
    """Sources at the left, gallery in the middle, facts at the right."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.sources, self.gallery, self.facts = SourcesPanel(session), GalleryPanel(session), FactsPanel(session)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("data_splitter")
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(8)
        for number, (panel, share) in enumerate(((self.sources, 0), (self.gallery, 1), (self.facts, 0))):
            splitter.addWidget(panel)
            splitter.setStretchFactor(number, share)
        splitter.setSizes(_SIZES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(splitter)
        self.facts.class_chosen.connect(self.gallery.show_class)
        self.facts.images_chosen.connect(self.gallery.show_places)
        self.gallery.class_shown.connect(self.facts.show_class)

    def open_path(self, path: Path) -> bool:
        return self.sources.open_path(path)
