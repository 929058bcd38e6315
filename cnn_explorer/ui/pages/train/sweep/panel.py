"""The sweep panel of the queue: one or two settings, the values that they take, and a button that adds the runs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.sweep import SWEPT, SweepPlace
from cnn_explorer.store.sweeps import SweepFolder, sweep_record
from cnn_explorer.ui.forms.editor_base import mark_invalid
from cnn_explorer.ui.pages.train.controls import run_button
from cnn_explorer.ui.pages.train.sweep.state import SweepPlan, example, plan_sweep
from cnn_explorer.ui.session.services import TrainRequest
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.tool_button import tool_button

_NONE = "nothing else"
_FIRST, _FIRST_VALUES = "seed", "0, 1, 2"


class SweepPanel(QFrame):
    """Makes runs of the current network and settings that differ in one setting or two."""

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self._plan = SweepPlan()
        title = QLabel("Sweep", self)
        set_role(title, "title")
        about = QLabel("the settings at the left, once for each value", self)
        set_role(about, "muted")
        close = tool_button("x", "sweep_close", "Close the sweep; what was added stays in the queue.", flat=True)
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(about)
        head.addStretch(1)
        head.addWidget(close)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(3, 1)
        self.lines = tuple(self._line(grid, row) for row in range(2))
        self.caption = QLabel(self)
        self.caption.setObjectName("sweep_caption")
        self.caption.setWordWrap(True)
        self.add = run_button("Add to the queue", "sweep_add", "plus", "on_accent")
        set_role(self.add, "primary")
        self.add.clicked.connect(self._add)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.caption, 1)
        foot.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(grid)
        layout.addLayout(foot)
        for signal in (
            session.config_changed, session.dataset_changed, session.device_changed, session.document.changed
        ):  # fmt: skip
            signal.connect(self._show_plan)
        self._show_plan()

    def _line(self, grid: QGridLayout, row: int) -> tuple[QComboBox, QLineEdit]:
        which = ("first", "second")[row]
        choice = QComboBox(self)
        choice.setObjectName(f"sweep_setting_{row}")
        choice.setAccessibleName(f"The {which} setting that is varied")
        choice.setToolTip(f"The {which} setting that differs between the runs.")
        choice.setMaxVisibleItems(20)
        if row:
            choice.addItem(_NONE, "")
        for field in SWEPT:
            choice.addItem(f"{field.group} · {field.title}", field.name)
            choice.setItemData(choice.count() - 1, field.description, Qt.ItemDataRole.ToolTipRole)
        if not row:
            choice.setCurrentIndex(choice.findData(_FIRST))
        values = QLineEdit("" if row else _FIRST_VALUES, self)
        values.setObjectName(f"sweep_values_{row}")
        values.setAccessibleName(f"Values of the {which} setting")
        values.setToolTip("The values of this setting, with commas between.")
        choice.currentIndexChanged.connect(self._show_plan)
        values.textChanged.connect(self._show_plan)
        values.returnPressed.connect(lambda: self.add.click())
        for column, widget in enumerate((QLabel("and" if row else "Vary"), choice, QLabel("over"), values)):
            if isinstance(widget, QLabel):
                set_role(widget, "muted")
            grid.addWidget(widget, row, column)
        return choice, values

    def _show_plan(self) -> None:
        session = self._session
        lines = tuple((choice.currentData(), values.text()) for choice, values in self.lines)
        self._plan = plan_sweep(session.config, session.dataset, lines)
        for choice, values in self.lines:
            field = next((field for field in SWEPT if field.name == choice.currentData()), None)
            values.setEnabled(field is not None)
            values.setPlaceholderText(example(field) if field else "")
        in_the_way = session.obstacle
        problem = self._plan.problem or (in_the_way if self._plan.runs else "")
        # The message begins with the name of the setting whose values are wrong.
        for choice, values in self.lines:
            mark_invalid(values, bool(self._plan.problem) and self._plan.problem.startswith(f"{choice.currentData()}:"))
        self.caption.setText(problem or self._plan.caption)
        set_role(self.caption, "error" if problem else "muted")
        self.caption.style().polish(self.caption)
        count = len(self._plan.runs)
        self.add.setEnabled(bool(count) and not in_the_way)
        self.add.setText(f"Add {count:,} run{'' if count == 1 else 's'} to the queue" if count else "Add to the queue")
        self.add.setAccessibleName(self.add.text())
        self.add.setToolTip(problem or "Train these runs one after another, each in a folder of its own.")

    def _add(self) -> None:
        session, plan = self._session, self._plan
        if session.dataset is None or not plan.runs:
            return
        architecture = session.document.architecture
        folder = SweepFolder(session.runs.new_folder(f"{architecture.name}-sweep"))
        record = sweep_record(architecture, session.config, session.dataset.spec, plan.axes, plan.runs)
        try:
            folder.write(record)
        except ExplorerError as error:
            session.report(error)
            return
        session.enqueue(
            *(
                TrainRequest(
                    architecture, run.config, folder.run(entry), sweep=SweepPlace(folder.path.name, entry.settings)
                )
                for run, entry in zip(plan.runs, record.runs, strict=True)
            )
        )
