"""One line on a slow look at all images: how far it is, with Cancel; or why there is nothing, with a new start."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from cnn_explorer.ui.session.dataset_scan import DatasetScan
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.tool_button import tool_button

_THOUSAND = 1000


class ScanLine(QWidget):
    """Follows a ``DatasetScan``; hidden when its result is there. ``name`` begins the object names of its parts."""

    def __init__(self, scan: DatasetScan, doing: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scan, self._doing = scan, doing
        self.words = QLabel(doing, self)
        self.words.setObjectName(f"{name}_words")
        self.words.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setObjectName(f"{name}_progress")
        self.bar.setAccessibleName(f"{doing}: progress")
        self.bar.setTextVisible(False)
        self.cancel = tool_button("x", f"{name}_cancel", "End this; it can be begun again.")
        set_role(self.cancel, "cross")
        self.again = tool_button("rotate-ccw", f"{name}_again", "Begin again.", "Begin again")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        row.addWidget(self.again)
        row.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        self.cancel.clicked.connect(scan.cancel)
        self.again.clicked.connect(scan.again)
        scan.changed.connect(self._show)
        scan.progressed.connect(self._on_progress)
        self._show()

    def _show(self) -> None:
        scan = self._scan
        idle = not (scan.running or scan.cancelled or scan.failure)
        self.setVisible(not idle)
        if idle:
            return
        self.bar.setRange(0, 0 if scan.running else 1)
        self.bar.setVisible(scan.running)
        self.cancel.setVisible(scan.running)
        self.again.setVisible(not scan.running)
        said = scan.failure or ("This was ended before it was done." if scan.cancelled else f"{self._doing}…")
        self.words.setText(said)
        set_role(self.words, "error" if scan.failure else "muted")
        self.words.style().polish(self.words)

    def _on_progress(self, done: int, total: int) -> None:
        # In thousandths: a progress bar counts in 32 bits.
        self.bar.setRange(0, _THOUSAND if total else 0)
        self.bar.setValue(_THOUSAND * done // total if total else 0)
