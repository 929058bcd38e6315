"""Below the stack: what the whole network costs, and what is still wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from cnn_explorer.core.network.inference import Problem
from cnn_explorer.ui.pages.build.stack.rows import Total
from cnn_explorer.ui.theme import set_role, theme

_LINES_SHOWN = 7  # of the list of problems, about four messages; beyond that it scrolls
_SIDES = 44  # pixels of a row that the icon and the margins take


class StackFooter(QWidget):
    """Figures side by side, one sentence, and a list of problems that leads to the layers."""

    layer_wanted = Signal(int)
    """The row to go to: the one of the layer with the problem that was clicked, 0 for the whole network."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QFrame()
        set_role(line, "separator")
        self._totals = QLabel()
        self._totals.setObjectName("build_totals")
        self._totals.setContentsMargins(12, 8, 12, 4)
        self._totals.setTextFormat(Qt.TextFormat.RichText)
        self._totals.setWordWrap(True)
        self._sign = QLabel()
        self._verdict = QLabel()
        self._verdict.setObjectName("build_verdict")
        self._verdict.setWordWrap(True)
        set_role(self._verdict, "muted")
        saying = QHBoxLayout()
        saying.setContentsMargins(12, 0, 12, 8)
        saying.setSpacing(8)
        saying.addWidget(self._sign)
        saying.addWidget(self._verdict, 1)
        self._problems = _ProblemList()
        self._problems.itemClicked.connect(self._on_clicked)
        self._problems.itemActivated.connect(self._on_clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(line)
        layout.addWidget(self._totals)
        layout.addLayout(saying)
        listing = QHBoxLayout()
        listing.setContentsMargins(6, 0, 6, 4)
        listing.addWidget(self._problems)
        layout.addLayout(listing)

    def show_state(self, totals: tuple[Total, ...], problems: tuple[Problem, ...], verdict: str) -> None:
        """The figures, the sentence, and the problems if there are any."""
        muted = theme().palette.muted
        # Figure and caption stay together; between the pairs the line may be broken.
        pairs = (
            f"<b>{_unbroken(each.figure)}</b>&nbsp;<font color='{muted}'>{_unbroken(each.caption)}</font>"
            for each in totals
        )
        self._totals.setText("&nbsp;&nbsp;&nbsp; ".join(pairs))
        self._totals.setToolTip("\n".join(f"{each.figure} {each.caption}: {each.tooltip}" for each in totals))
        name, role = ("triangle-alert", "error") if problems else ("circle-check", "success")
        self._sign.setPixmap(theme().icon(name, role).pixmap(QSize(16, 16), self.devicePixelRatioF()))
        self._verdict.setText(verdict)
        self._problems.show_problems(problems)

    def _on_clicked(self, item: QListWidgetItem) -> None:
        self.layer_wanted.emit(item.data(Qt.ItemDataRole.UserRole))


def _unbroken(text: str) -> str:
    return text.replace(" ", "&nbsp;")


class _ProblemList(QListWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("build_problems")
        self.setAccessibleName("Problems of the network")
        self.setToolTip("A click goes to the layer.")
        set_role(self, "plain")
        self.setWordWrap(True)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(16, 16))
        self._shown: tuple[Problem, ...] = ()

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        self.setVisible(bool(problems))
        if problems != self._shown:
            self._shown = problems
            self.clear()
            for problem in problems:
                item = QListWidgetItem(theme().icon("arrow-right", "error"), problem.message)
                item.setData(Qt.ItemDataRole.UserRole, 0 if problem.index is None else problem.index + 1)
                self.addItem(item)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its messages, which need more lines where the list is narrow."""
        room = QRect(0, 0, self.viewport().width() - _SIDES, 0)
        wanted = 0
        for item in (self.item(row) for row in range(self.count())):
            text = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, item.text())
            item.setSizeHint(QSize(room.width(), text.height() + 10))
            wanted += item.sizeHint().height()
        self.setFixedHeight(min(wanted, _LINES_SHOWN * self.fontMetrics().lineSpacing()))
