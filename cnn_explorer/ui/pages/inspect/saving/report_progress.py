"""How far a report is that is being written, with a cross to end it; not there while none is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.tool_button import tool_button

_WIDE = 56  # pixels


class ReportProgress(QWidget):
    """A narrow bar for the head of a card."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setObjectName("inspect_report_progress")
        self.bar.setAccessibleName("Progress of the report")
        self.bar.setToolTip("The report is being written.")
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_WIDE)
        self.cancel = tool_button("x", "inspect_report_cancel", "Do not write the report.")
        set_role(self.cancel, "cross")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.bar)
        row.addWidget(self.cancel)
        self.cancel.clicked.connect(self.cancelled)
        self.hide()

    def begin(self) -> None:
        """A report is on its way."""
        self.bar.setRange(0, 0)
        self.show()

    def show_share(self, done: int, total: int) -> None:
        """So many of its layers are done."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
