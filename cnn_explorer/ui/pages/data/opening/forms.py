"""The choices of how a person's images are read: those of a folder, and those of a file of arrays."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.arrays.array_file import ArrayInfo
from cnn_explorer.data.folders.reader import FolderFacts
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.pages.data.opening.state import (
    array_text,
    choice_problem,
    drawn_count,
    first_choice,
    folder_summary,
    image_arrays,
    label_arrays,
    proposed_size,
    smallest_classes,
)
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.segments import Segments

_LARGEST_SIDE = 4096
_RESIZE = (
    ("fit", "Fit", "Keep the whole image and its proportions; fill what is left with the colour of its edge."),
    ("crop", "Crop", "Keep the proportions and fill everything; cut off what is too much."),
    ("stretch", "Stretch", "Keep the whole image and give up its proportions."),
)
_SPAN = 100


class ReadingForm(QWidget):
    """What both forms have in common: a share for the test where the source has no test part."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = QGridLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setColumnStretch(1, 1)
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        self.summary = QLabel(self)
        self.summary.setObjectName("data_open_summary")
        self.summary.setWordWrap(True)
        self.note = QLabel(self)
        self.note.setObjectName("data_open_note")
        self.note.setWordWrap(True)
        set_role(self.note, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.summary)
        layout.addWidget(self.note)
        layout.addSpacing(4)
        layout.addLayout(self.form)
        self.part = QDoubleSpinBox(self)
        self.part.setObjectName("data_open_test_part")
        self.part.setAccessibleName("Test part in percent")
        self.part.setToolTip("The share of each class that is kept for the test, drawn once and for all.")
        self.part.setRange(1.0, 99.0)
        self.part.setDecimals(0)
        self.part.setSuffix(" %")
        self.part.setValue(20)
        indent(self.part)
        self.part_note = QLabel(self)
        set_role(self.part_note, "muted")
        self.part_row = QWidget(self)
        row = QHBoxLayout(self.part_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.part)
        row.addWidget(self.part_note, 1)
        self.part.valueChanged.connect(self.changed)

    def spec(self) -> DatasetSpec:
        """How the images shall be read, without the source."""
        raise NotImplementedError

    def problem(self) -> str:
        """Why they cannot be read so; "" if they can."""
        raise NotImplementedError

    def _add(self, title: str, field: QWidget) -> None:
        label = QLabel(title, self)
        line = self.form.rowCount()
        self.form.addWidget(label, line, 0)
        self.form.addWidget(field, line, 1)
        if field is self.part_row:
            self._part_title = label

    def _share(self) -> float:
        return self.part.value() / _SPAN


class FolderForm(ReadingForm):
    """Size, proportions and colour of the images of a folder."""

    def __init__(self, facts: FolderFacts, spec: DatasetSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        usual = facts.image_size or (28, 28)
        self.summary.setText(f"{folder_summary(facts)} {smallest_classes(facts).capitalize()}.")
        self.note.setText("\n".join(facts.remarks))
        self.note.setVisible(bool(facts.remarks))
        self.usual = QCheckBox(f"the most frequent ({shape_text(usual)})", self)
        self.usual.setObjectName("data_open_usual_size")
        self.usual.setToolTip("Bring all images to the size that is most frequent.")
        proposed = spec.image_size or proposed_size(facts)
        self.usual.setChecked(proposed is None)
        rows, columns = proposed or usual
        self.rows = self._side(rows, "rows", "Rows of every image, in pixels.")
        self.columns = self._side(columns, "columns", "Columns of every image, in pixels.")
        size = QWidget(self)
        sizes = QHBoxLayout(size)
        sizes.setContentsMargins(0, 0, 0, 0)
        sizes.setSpacing(8)
        sizes.addWidget(self.rows)
        sizes.addWidget(QLabel("×", self))
        sizes.addWidget(self.columns)
        sizes.addWidget(self.usual)
        sizes.addStretch(1)
        self.resize_to = Segments(_RESIZE, "data_open", self)
        self.resize_to.choose(spec.resize)
        kind = "grey" if facts.color == "gray" else "colour"
        self.color = Segments(
            (
                ("auto", f"Automatic ({kind})", "As most of the images are."),
                ("gray", "Grey", "One channel: brightness."),
                ("rgb", "Colour", "Three channels: red, green and blue."),
            ),
            "data_open_color",
            self,
        )
        self.color.choose(spec.color)
        self._add("Size", size)
        self._add("Other proportions", self.resize_to)
        self._add("Colour", self.color)
        if facts.has_test:
            self.part_row.hide()
        else:
            self.part.setValue(_SPAN * spec.test_part)
            self._add("Test part", self.part_row)
        self.usual.toggled.connect(self._on_changed)
        for signal in (
            self.rows.valueChanged, self.columns.valueChanged, self.resize_to.chosen, self.color.chosen,
            self.part.valueChanged,
        ):  # fmt: skip
            signal.connect(self._on_changed)
        self._on_changed()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of the images, as far as is known before all are read."""
        usual = self._facts.image_size or (28, 28)
        rows, columns = usual if self.usual.isChecked() else (self.rows.value(), self.columns.value())
        kind = self._facts.color if self.color.key == "auto" else self.color.key
        return rows, columns, 1 if kind == "gray" else 3

    def spec(self) -> DatasetSpec:
        size = None if self.usual.isChecked() else (self.rows.value(), self.columns.value())
        found = {"image_size": size, "color": self.color.key, "resize": self.resize_to.key}
        share = {} if self._facts.has_test else {"test_part": self._share()}
        return msgspec.convert({**found, **share}, DatasetSpec)

    def problem(self) -> str:
        return "" if self._facts.looked_at else "None of the images that were looked at can be read."

    def _on_changed(self) -> None:
        for side in (self.rows, self.columns):
            side.setEnabled(not self.usual.isChecked())
        self.part_note.setText(f"of each class, about {drawn_count(self._facts, self._share()):,} images")
        self.changed.emit()

    def _side(self, value: int, name: str, tooltip: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setObjectName(f"data_open_{name}")
        box.setAccessibleName(tooltip)
        box.setToolTip(tooltip)
        box.setRange(1, _LARGEST_SIDE)
        box.setValue(value)
        box.setMinimumWidth(80)
        indent(box)
        return box


class ArrayForm(ReadingForm):
    """Which arrays of a file are images and which are labels."""

    def __init__(self, arrays: tuple[ArrayInfo, ...], spec: DatasetSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._arrays = arrays
        chosen = spec if spec.train_images else first_choice(arrays)
        count = len(arrays)
        self.summary.setText(
            f"The file has {count:,} arrays. Say which of them are images, and which are their labels."
            if count > 1
            else "The file has fewer arrays than images and labels need."
        )
        self.note.hide()
        images, labels = image_arrays(arrays), label_arrays(arrays)
        self.train_images = self._choice("train_images", "Training images", images, chosen.train_images)
        self.train_labels = self._choice("train_labels", "Training labels", labels, chosen.train_labels)
        self.test_images = self._choice("test_images", "Test images", images, chosen.test_images, "none")
        self.test_labels = self._choice("test_labels", "Test labels", labels, chosen.test_labels, "none")
        self.part.setValue(_SPAN * spec.test_part)
        self.part_note.setText("of each class is drawn, as there are no test images")
        self._add("Test part", self.part_row)
        self._on_chosen()

    def spec(self) -> DatasetSpec:
        return DatasetSpec(
            train_images=self.train_images.currentData() or "",
            train_labels=self.train_labels.currentData() or "",
            test_images=self.test_images.currentData() or "",
            test_labels=self.test_labels.currentData() or "",
            test_part=self._share(),
        )

    def problem(self) -> str:
        return choice_problem(self._arrays, self.spec())

    def _choice(
        self, name: str, title: str, arrays: tuple[ArrayInfo, ...], chosen: str, nothing: str = ""
    ) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(f"data_open_{name}")
        box.setAccessibleName(title)
        box.setToolTip(f"The array that holds the {title.lower()}.")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if nothing or not arrays:
            box.addItem(nothing or "the file has no such array", "")
        for array in arrays:
            box.addItem(array_text(array), array.name)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.currentIndexChanged.connect(self._on_chosen)
        self._add(title, box)
        return box

    def _on_chosen(self) -> None:
        drawn = not self.test_images.currentData()
        self.part_row.setVisible(drawn)
        self._part_title.setVisible(drawn)
        self.changed.emit()
