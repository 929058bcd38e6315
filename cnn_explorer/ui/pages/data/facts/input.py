"""How the images are divided and prepared, and the exact tensor that the network gets of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.forms.spec_form import SpecForm
from cnn_explorer.ui.pages.data.facts.parts_bar import Part, PartsBar
from cnn_explorer.ui.pages.data.facts.state import (
    TensorRow,
    counts_note,
    measured_tensor,
    part_counts,
    tensor_key,
    tensor_rows,
    tensor_shapes,
    tensor_text,
    work_on,
)
from cnn_explorer.ui.session.dataset_scan import DatasetScan
from cnn_explorer.ui.session.readiness import config_problems
from cnn_explorer.ui.session.runs.plan import train_count, with_fitting_schedule
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.scan_line import ScanLine
from cnn_explorer.ui.widgets.tool_button import tool_button

_FIELDS = tuple(field.name for field in fields_of(TrainingConfig) if field.group == "Data")


class InputFacts(QWidget):
    """Edits the data part of the session's training configuration, as the Train page does, and measures the result."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shapes: tuple[tuple[str, str], ...] = ()
        self._rows: tuple[TensorRow, ...] = ()
        self._cells: list[tuple[QLabel, ...]] = []
        self.tensor = DatasetScan(session.scans, "tensor", self)
        self.form = SpecForm(self, only=_FIELDS, open_groups=("Data",))
        self.form.setObjectName("data_form")
        self.form.setAccessibleName("Preprocessing and split")
        self.form.set_value(session.config)
        self.parts = PartsBar(self)
        self.parts.setObjectName("data_parts")
        self.parts.setToolTip("How many images are trained on, kept for validation, and tested with.")
        self.note = QLabel(self)
        self.note.setObjectName("data_parts_note")
        self.note.setWordWrap(True)
        set_role(self.note, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.form)
        layout.addWidget(self.parts)
        layout.addWidget(self.note)
        line = QFrame(self)
        set_role(line, "separator")
        layout.addWidget(line)
        layout.addLayout(self._tensor_table())
        layout.addWidget(ScanLine(self.tensor, "Measuring all training images", "data_tensor", self))
        layout.addStretch(1)
        self.form.value_changed.connect(self._on_edited)
        self.tensor.changed.connect(self._show_tensor)

    def _tensor_table(self) -> QVBoxLayout:
        title = QLabel("What the network gets", self)
        set_role(title, "section")
        copy = tool_button("copy", "data_tensor_copy", "Copy the table.", flat=True)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(tensor_text(self._shapes, self._rows)))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(copy)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        for number in range(2):
            self._add_row(("", ""), f"data_tensor_shape_{number}")
        self._add_row(("", "Bytes", "Prepared"), "data_tensor_head")
        for cell in self._cells.pop():
            set_role(cell, "muted")
        column_of_all = QVBoxLayout()
        column_of_all.setSpacing(4)
        column_of_all.addLayout(head)
        column_of_all.addLayout(self._grid)
        return column_of_all

    def refresh(self) -> None:
        """Bring everything up to date; what has to be measured follows."""
        session, dataset = self._session, self._session.dataset
        self.form.set_value(session.config)
        problems = dict(config_problems(session.config, dataset)[::-1])
        for name in _FIELDS:
            self.form.set_problem(name, problems.get(name, ""))
        if dataset is None:
            self.tensor.forget()
            self.parts.show_parts(())
            self.note.clear()
            return
        counts = part_counts(session.config, dataset)
        self.parts.show_parts(
            (
                Part("Training", counts.training, "accent"),
                Part("Validation", counts.validation, "success"),
                Part("Test", counts.test, "second"),
            )
        )
        self.note.setText(counts_note(counts))
        self.note.setVisible(bool(self.note.text()))
        self.tensor.want(tensor_key(dataset, session.config), work_on(measured_tensor, dataset, session.config))
        self._show_tensor()

    def _show_tensor(self) -> None:
        dataset = self._session.dataset
        self._shapes, self._rows = (), ()
        if dataset is not None:
            count = train_count(self._session.config, dataset)
            self._shapes = tensor_shapes((count, *dataset.image_shape))
            self._rows = tensor_rows(self.tensor.result)
        rows = (*self._shapes, *self._rows)
        for row in rows[len(self._cells) :]:
            self._add_row(row, f"data_tensor_{row[0].lower()}")
        for row, cells in zip(rows, self._cells, strict=False):
            for text, cell in zip(row, cells, strict=True):
                cell.setText(text)

    def _add_row(self, texts: tuple[str, ...], name: str) -> None:
        """A line of the table: a title, and one or two values at the right; the last has the object name."""
        line = self._grid.rowCount()
        cells = tuple(QLabel(text, self) for text in texts)
        set_role(cells[0], "muted")
        self._grid.addWidget(cells[0], line, 0)
        for column, cell in enumerate(cells[1:], 1):
            cell.setAlignment(Qt.AlignmentFlag.AlignRight)
            cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(cell, line, column, 1, 2 if len(cells) == 2 else 1)
        cells[-1].setObjectName(name)
        self._cells.append(cells)

    def _on_edited(self, config: TrainingConfig) -> None:
        self._session.config = with_fitting_schedule(self._session.config, config, self._session.dataset)
