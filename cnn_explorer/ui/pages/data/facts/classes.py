"""The classes: how many images each has, and how they look on average."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.ui.pages.data.facts.class_list import ClassList, ClassRow
from cnn_explorer.ui.pages.data.facts.color_mark import ColorMark
from cnn_explorer.ui.pages.data.facts.mean_pictures import MeanPictures
from cnn_explorer.ui.pages.data.facts.state import (
    counted_classes,
    measured_classes,
    split_key,
    work_on,
)
from cnn_explorer.ui.session.dataset_scan import DatasetScan
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.scan_line import ScanLine


class ClassFacts(QWidget):
    """A histogram of the classes, with mean and deviation of the one that is looked at."""

    class_chosen = Signal(int)
    """The class that shall be seen alone; -1: all of them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.counts = DatasetScan(session.scans, "class counts", self)
        self.moments = DatasetScan(session.scans, "class moments", self)
        self.title = QLabel(self)
        set_role(self.title, "section")
        self.list = ClassList(self)
        self.pictures = MeanPictures(self)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title, 1)
        head.addWidget(ColorMark("accent", "Training"))
        head.addWidget(ColorMark("second", "Test"))
        line = QFrame(self)
        set_role(line, "separator")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addWidget(line)
        layout.addWidget(self.pictures)
        layout.addWidget(ScanLine(self.moments, "Averaging all training images", "data_moments", self))
        self.list.chosen.connect(self._on_chosen)
        self.list.looked_at.connect(self._show_pictures)
        self.counts.changed.connect(self._show_counts)
        self.moments.changed.connect(self._show_moments)

    def refresh(self) -> None:
        """Bring everything up to date; what has to be counted follows."""
        dataset, config = self._session.dataset, self._session.config
        if dataset is None:
            self.counts.forget()
            self.moments.forget()
            return
        key = split_key(dataset, config)
        self.counts.want(key, lambda _watch: counted_classes(dataset, config))
        self.moments.want(key, work_on(measured_classes, dataset, config))

    def mark(self, label: int) -> None:
        """Show which class is seen alone in the gallery; -1: none."""
        self.list.mark(label)

    def _show_counts(self) -> None:
        dataset, counts = self._session.dataset, self.counts.result
        if dataset is None:
            self.title.clear()
            self.list.show_rows(())
            return
        self.title.setText(f"{len(dataset.classes):,} classes")
        if counts is None:
            return
        names = [row.name for row in self.list.rows]
        self.list.show_rows(
            tuple(
                ClassRow(name, int(training), int(test))
                for name, training, test in zip(dataset.classes, counts.training, counts.test, strict=True)
            )
        )
        if names != list(dataset.classes):
            self.mark(-1)

    def _show_moments(self) -> None:
        moments = self.moments.result
        self.list.show_pictures(None if moments is None else moments.mean)
        self._show_pictures()

    def _show_pictures(self) -> None:
        dataset, moments = self._session.dataset, self.moments.result
        label = max(0, self.list.currentIndex().row())
        if dataset is None or moments is None or label >= len(moments.mean):
            self.pictures.clear()
        else:
            self.pictures.show_class(
                dataset.classes[label], moments.mean[label], moments.deviation[label], moments.step
            )

    def _on_chosen(self, label: int) -> None:
        self.class_chosen.emit(-1 if label == self.list.marked else label)
