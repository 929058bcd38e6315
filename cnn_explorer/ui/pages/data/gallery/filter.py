"""The row above the gallery: which of the images are shown, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.pages.data.gallery.classes import ClassButton
from cnn_explorer.ui.pages.data.gallery.state import Filter, index_ranges
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.flow_layout import FlowLayout
from cnn_explorer.ui.widgets.segments import Segments

_PARTS = (
    ("all", "All", "Training and test images, one after the other."),
    ("train", "Training", "Images that the network learns from, as the training is set up."),
    ("test", "Test", "Images that the network is tested on, as the training is set up."),
)
_VERDICTS = (
    ("any", "Any", "Images with any answer of the model, and those that it was not asked about."),
    ("right", "Right", "Images that the model puts into their own class."),
    ("wrong", "Wrong", "Images that the model puts into another class."),
)
_INDEX_TIP = "Show only the images with these indices in their part, such as 10-20, 42."
_TYPING = 250
"""Milliseconds without a key after which the typed indices are taken."""


class FilterBar(QWidget):
    """Shows a ``Filter`` and lets people change it. What asks for a model's answers is there only if there are any.

    ``zoom`` stands beside the controls that are always there.
    """

    changed = Signal(object)
    """The new filter, after a person changed it."""

    def __init__(self, zoom: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = zoom
        self._filter = Filter()
        self._names: tuple[str, ...] = ()
        self.parts = Segments(_PARTS, "gallery_part")
        self.classes = ClassButton()
        self.indices = QLineEdit()
        self.verdicts = Segments(_VERDICTS, "gallery_verdict")
        self.low, self.high = _share("gallery_confidence_from", "from"), _share("gallery_confidence_to", "to")
        self.order = QComboBox()
        self.places = QPushButton()
        self._sure = QWidget()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_TYPING)
        self._set_up()
        self._lay_out()
        self._connect()
        self.show_filter(self._filter)
        self.show_answers(False)

    @property
    def filter(self) -> Filter:
        """What is chosen."""
        return self._filter

    def show_filter(self, wanted: Filter) -> None:
        """Show another choice; no signal."""
        self._filter = wanted
        # Not the indices: their cross listens to the same signal; the time to take them is stopped below.
        controls = (self.low, self.high, self.order)
        for control in controls:
            control.blockSignals(True)
        self.parts.choose(wanted.part)
        self.verdicts.choose(wanted.verdict)
        self.classes.show_classes(self._names, wanted.classes)
        self.indices.setText(wanted.indices)
        self.low.setValue(100 * wanted.confidence[0])
        self.high.setValue(100 * wanted.confidence[1])
        self.order.setCurrentIndex(self.order.findData(wanted.order))
        self.places.setVisible(bool(wanted.places))
        self.places.setText(counted(len(wanted.places), "chosen image", "chosen images"))
        for control in controls:
            control.blockSignals(False)
        self._rest.stop()
        self._show_problem("")

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Offer the classes of another data set."""
        self._names = names
        self.classes.show_classes(names, self._filter.classes)

    def show_answers(self, there: bool) -> None:
        """Offer what asks for a model's answers, or hide it."""
        for widget in (self.verdicts, self._sure, self.order):
            widget.setVisible(there)

    def _choose(self, **changes: Any) -> None:
        wanted = replace(self._filter, **changes)
        if wanted != self._filter:
            self._filter = wanted
            self.changed.emit(wanted)

    def _drop_places(self) -> None:
        self.show_filter(replace(self._filter, places=()))
        self.parts.setFocus()
        self.changed.emit(self._filter)

    def _take_indices(self) -> None:
        self._rest.stop()
        text = self.indices.text().strip()
        try:
            index_ranges(text)
        except ExplorerError as error:
            self._show_problem(f"{error.message} {error.hint}")
            return
        self._show_problem("")
        self._choose(indices=text)

    def _take_confidence(self) -> None:
        self.low.setMaximum(self.high.value())
        self.high.setMinimum(self.low.value())
        self._choose(confidence=(self.low.value() / 100, self.high.value() / 100))

    def _show_problem(self, text: str) -> None:
        """What is wrong with the typed indices, at the line itself."""
        self.indices.setProperty("invalid", bool(text))
        self.indices.style().polish(self.indices)
        self.indices.setToolTip(text or _INDEX_TIP)
        self.indices.setAccessibleDescription(text)

    def _connect(self) -> None:
        self.parts.chosen.connect(lambda part: self._choose(part=part))
        self.verdicts.chosen.connect(lambda verdict: self._choose(verdict=verdict))
        self.classes.chosen_changed.connect(lambda classes: self._choose(classes=classes))
        self.indices.textChanged.connect(self._rest.start)
        self.indices.returnPressed.connect(self._take_indices)
        self._rest.timeout.connect(self._take_indices)
        for share in (self.low, self.high):
            share.valueChanged.connect(self._take_confidence)
        self.places.clicked.connect(self._drop_places)
        self.order.activated.connect(lambda: self._choose(order=self.order.currentData()))

    def _set_up(self) -> None:
        self.places.setObjectName("gallery_places")
        self.places.setIcon(theme().icon("x"))
        self.places.setAccessibleDescription("Press to show all images again.")
        self.places.setToolTip("Only these images are shown. Click to show all again.")
        self.indices.setObjectName("gallery_indices")
        self.indices.setAccessibleName("Indices of the images to show")
        self.indices.setPlaceholderText("Index: 10-20")
        self.indices.setClearButtonEnabled(True)
        self.order.setObjectName("gallery_order")
        self.order.setAccessibleName("Order of the images")
        self.order.setToolTip("The order of the data set, or the mistakes that the model is surest of first.")
        self.order.addItem("Data set order", "data")
        self.order.addItem("Worst mistakes", "mistakes")
        self._sure.setObjectName("gallery_confidence")

    def _lay_out(self) -> None:
        self.indices.setFixedWidth(112)
        row = QHBoxLayout(self._sure)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        sure, to = QLabel("Sure"), QLabel("to")
        for label in (sure, to):
            set_role(label, "muted")
        row.addWidget(sure)
        row.addWidget(self.low)
        row.addWidget(to)
        row.addWidget(self.high)
        flow = FlowLayout(self)
        flow.setContentsMargins(0, 0, 0, 0)
        flow.setSpacing(8)
        flow.addWidget(self.parts)
        flow.addWidget(self.classes)
        for widget in (self.indices, self._zoom, self.places, self.verdicts, self._sure, self.order):
            flow.addWidget(widget)
        theme().changed.connect(self._level)
        self._level()

    def _level(self) -> None:
        """All controls of one height, so that each line is a line."""
        controls = [control for control in self.children() if isinstance(control, QWidget)]
        height = max(control.sizeHint().height() for control in controls)
        for control in controls:
            control.setFixedHeight(height)


def _share(name: str, word: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setObjectName(name)
    box.setAccessibleName(f"Confidence of the model {word}, in percent")
    box.setToolTip(f"Show only images that the model is sure of {word} this many percent.")
    box.setRange(0, 100)
    box.setDecimals(0)
    box.setSuffix(" %")
    box.setValue(0 if word == "from" else 100)
    box.setSingleStep(5)
    box.setAccelerated(True)
    box.setFixedWidth(64)
    indent(box)
    return box
