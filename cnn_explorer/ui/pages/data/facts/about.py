"""Where a data set comes from, what reading changed, and what was left out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from cnn_explorer.data.sources.registry import SOURCES
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.pages.data.facts.copyable_line import CopyableLine
from cnn_explorer.ui.pages.data.facts.state import skipped_text
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.tool_button import tool_button

_MOST_SHOWN = 1000


class AboutFacts(QWidget):
    """Says everything about the current data set that is not a number."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title = QLabel(self)
        self.title.setObjectName("data_title")
        self.title.setWordWrap(True)
        set_role(self.title, "title")
        self.description = QLabel(self)
        self.description.setWordWrap(True)
        self.licence = CopyableLine("Licence", "data_licence", self, Qt.TextElideMode.ElideRight)
        self.place = CopyableLine("Read from", "data_place", self)
        self.fingerprint = CopyableLine("Fingerprint (SHA-256)", "data_fingerprint", self)
        self.remarks_title = QLabel("What reading changed", self)
        set_role(self.remarks_title, "section")
        self.remarks = QLabel(self)
        self.remarks.setObjectName("data_remarks")
        self.remarks.setWordWrap(True)
        self.skipped_title = QLabel(self)
        self.skipped_title.setObjectName("data_skipped_title")
        set_role(self.skipped_title, "section")
        self.copy = tool_button("copy", "data_skipped_copy", "Copy the list of files that were left out.", flat=True)
        self.skipped = QPlainTextEdit(self)
        self.skipped.setObjectName("data_skipped")
        self.skipped.setAccessibleName("Files that were left out, and why")
        self.skipped.setToolTip("Files that were left out, and why.")
        self.skipped.setReadOnly(True)
        self.skipped.setTabChangesFocus(True)
        self.skipped.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        head = QHBoxLayout()
        head.addWidget(self.skipped_title, 1)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self.title, self.description, self.licence, self.place, self.fingerprint):
            layout.addWidget(part)
        layout.addSpacing(4)
        layout.addWidget(self.remarks_title)
        layout.addWidget(self.remarks)
        layout.addLayout(head)
        layout.addWidget(self.skipped, 1)
        layout.addStretch(0)
        self.copy.clicked.connect(self._on_copy)

    def refresh(self) -> None:
        """Bring everything up to date."""
        dataset = self._session.dataset
        source = next((row for row in SOURCES if dataset is not None and row.name == dataset.spec.source), None)
        self.title.setText(dataset.title if dataset else "")
        self.description.setText(source.description if source else "")
        self.description.setVisible(source is not None)
        self.licence.show_text(source.licence if source else "")
        self.place.show_text(dataset.spec.source if dataset and dataset.spec.path else "")
        self.fingerprint.show_text(dataset.fingerprint if dataset else "")
        remarks, skipped = (dataset.remarks, dataset.skipped) if dataset else ((), ())
        self.remarks.setText("\n".join(f"• {remark}" for remark in remarks))
        self.remarks_title.setVisible(bool(remarks))
        self.remarks.setVisible(bool(remarks))
        self.skipped_title.setText(counted(len(skipped), "file was left out", "files were left out"))
        self.skipped.setPlainText(skipped_text(dataset, _MOST_SHOWN) if dataset else "")
        for part in (self.skipped_title, self.copy, self.skipped):
            part.setVisible(bool(skipped))

    def _on_copy(self) -> None:
        if self._session.dataset is not None:
            QGuiApplication.clipboard().setText(skipped_text(self._session.dataset))
