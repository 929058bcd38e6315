"""The strip above the maps: which image, how the network gets it, and what the network says of it."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.training import PreprocessingName
from cnn_explorer.ui.readings import Split, Verdict, finite_limits, rough
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.editor_base import indent
from cnn_explorer.ui.widgets.pixel_view import PixelView, photo
from cnn_explorer.ui.widgets.prediction_bars import PredictionBars
from cnn_explorer.ui.widgets.tool_button import tool_button

_PICTURE = 112  # side in pixels
_KEYS_OF_THE_PAGE = (Qt.Key.Key_Comma, Qt.Key.Key_Period)
_PREPROCESSING: tuple[tuple[PreprocessingName, str], ...] = (
    ("standardize", "standardize per pixel"),
    ("scale", "scale to 0…1"),
    ("none", "none, bytes 0…255"),
)


class ImagePicker(QFrame):
    """Chooses one image of the data set; shows it, and the answer of the network."""

    image_chosen = Signal(str, int)
    """Part (``test`` or ``train``) and index."""
    preprocessing_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._counts: dict[Split, int] = {"test": 0, "train": 0}
        self._split: Split = "test"
        self.raw = _Picture("inspect_raw_image", "The image as it is in the data set.")
        self.prepared = _Picture("inspect_prepared_image", "The image as the network gets it, after preprocessing.")
        self.index = _IndexBox()
        self.truth = QLabel()
        self.count = QLabel()
        self.verdict = QLabel()
        self.bars = PredictionBars()
        self.preprocessing = QComboBox()
        self._preprocessing_label = QLabel("Preprocessing")
        self._parts: dict[Split, QPushButton] = {}
        self._lay_out()
        self.index.valueChanged.connect(self._announce)

    def show_dataset(self, counts: dict[Split, int], split: Split, index: int) -> None:
        """Show which images there are to choose from, and which one is chosen; no signal."""
        self._counts = counts
        self._split = split
        self.index.blockSignals(True)
        self.index.setMaximum(max(0, counts[split] - 1))
        self.index.setValue(index)
        self.index.blockSignals(False)
        self._parts[split].setChecked(True)
        for part, button in self._parts.items():
            button.setEnabled(counts[part] > 0)
        self.count.setText(f"{counts[split]:,} images")

    def show_raw(self, image: NDArray[np.uint8], true_name: str) -> None:
        """Show the image of the data set and its class."""
        self.raw.show_photo(image, 0.0, 255.0, f"image {image.min()}…{image.max()}")
        self.truth.setText(f"It is class {true_name}" if not true_name.isdigit() else f"True class {true_name}")

    def show_prepared(self, image: NDArray[np.float32] | None) -> None:
        """Show the image as the network got it; ``None`` while that is not known."""
        if image is None:
            self.prepared.clear()
            return
        low, high = finite_limits(image)
        self.prepared.show_photo(image, low, high, f"input {rough(low)}…{rough(high)}")

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show the prediction, or that the model gives none."""
        self.verdict.setText(verdict.text if verdict else "This model does not end in a vector of classes.")
        set_role(self.verdict, "wrong" if verdict and verdict.right is False else "verdict")
        self.verdict.style().polish(self.verdict)
        self.bars.show_bars(verdict.bars if verdict else ())

    def show_preprocessing(self, name: str, asked: bool) -> None:
        """Show the choice of preprocessing where ``asked`` for, with ``name`` chosen; no signal."""
        self.preprocessing.setVisible(asked)
        self._preprocessing_label.setVisible(asked)
        self.preprocessing.blockSignals(True)
        self.preprocessing.setCurrentIndex(self.preprocessing.findData(name))
        self.preprocessing.blockSignals(False)

    def step(self, by: int) -> None:
        """Go to a neighbouring image, not past the ends."""
        self.index.setValue(self.index.value() + by)

    def shuffle(self) -> None:
        """Go to another image, any."""
        others = self._counts[self._split] - 1
        if others > 0:
            drawn = random.randrange(others)
            self.index.setValue(drawn + (drawn >= self.index.value()))

    def _announce(self) -> None:
        self.image_chosen.emit(self._split, self.index.value())

    def _choose_part(self, split: Split) -> None:
        if split != self._split:
            self.show_dataset(self._counts, split, min(self.index.value(), max(0, self._counts[split] - 1)))
            self._announce()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self.raw)
        layout.addWidget(self.prepared)
        layout.addSpacing(4)
        layout.addLayout(self._chooser())
        layout.addSpacing(12)
        answer = QVBoxLayout()
        answer.setSpacing(8)
        set_role(self.verdict, "verdict")
        self.verdict.setObjectName("inspect_verdict")
        answer.addWidget(self.verdict)
        answer.addWidget(self.bars, 1)
        layout.addLayout(answer, 1)

    def _chooser(self) -> QGridLayout:
        parts = QHBoxLayout()
        parts.setSpacing(0)
        group = QButtonGroup(self)
        texts: tuple[tuple[Split, str, str], ...] = (
            ("test", "Test", "Images that the network has not seen in training."),
            ("train", "Training", "Images that the network was trained on."),
        )
        for split, text, tooltip in texts:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setObjectName(f"inspect_part_{split}")
            button.setAccessibleName(f"{text} images")
            button.setToolTip(tooltip)
            set_role(button, "segment")
            group.addButton(button)
            button.clicked.connect(lambda _=False, split=split: self._choose_part(split))
            parts.addWidget(button, 1)
            self._parts[split] = button
        self._parts["test"].setChecked(True)

        steps = QHBoxLayout()
        steps.setSpacing(4)
        before = tool_button("chevron-left", "inspect_previous_image", "The image before this one (key ,).")
        behind = tool_button("chevron-right", "inspect_next_image", "The next image (key .).")
        any_one = tool_button("shuffle", "inspect_random_image", "A random image of this part.")
        for step in (before, behind):  # kept pressed, they run through the images
            step.setAutoRepeat(True)
            step.setAutoRepeatInterval(40)
        before.clicked.connect(lambda: self.step(-1))
        behind.clicked.connect(lambda: self.step(1))
        any_one.clicked.connect(self.shuffle)
        for widget in (before, self.index, behind, any_one):
            steps.addWidget(widget)

        self.truth.setObjectName("inspect_truth")
        set_role(self.truth, "title")
        set_role(self.count, "muted")
        self.preprocessing.setObjectName("inspect_preprocessing")
        self.preprocessing.setAccessibleName("Preprocessing")
        self.preprocessing.setToolTip("How images are prepared for this model: its file does not say.")
        self.preprocessing.setMinimumContentsLength(9)
        for name, text in _PREPROCESSING:
            self.preprocessing.addItem(text, name)
        self.preprocessing.activated.connect(lambda: self.preprocessing_chosen.emit(self.preprocessing.currentData()))
        set_role(self._preprocessing_label, "muted")

        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.addLayout(parts, 0, 0, 1, 2)
        grid.addLayout(steps, 1, 0, 1, 2)
        grid.addWidget(self.truth, 2, 0)
        grid.addWidget(self.count, 2, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._preprocessing_label, 3, 0)
        grid.addWidget(self.preprocessing, 3, 1)
        grid.setRowStretch(4, 1)
        self.show_preprocessing("", asked=False)
        return grid


class _IndexBox(QSpinBox):
    """The index of the image. Comma and full stop are keys of the page, even while one types here."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inspect_image_index")
        self.setAccessibleName("Index of the image")
        self.setToolTip("Index of the image in its part of the data set, from 0.")
        self.setKeyboardTracking(True)
        self.setAccelerated(True)
        self.setMaximum(0)
        self.setMinimumWidth(84)
        indent(self)

    def event(self, event: QEvent) -> bool:
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and event.key() in _KEYS_OF_THE_PAGE:
            event.ignore()
            return False
        return super().event(event)


class _Picture(QWidget):
    """A small picture, crisp, with its range below."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.view = PixelView(self)
        self.view.setObjectName(name)
        self.view.zoomable = False
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setFixedSize(QSize(_PICTURE, _PICTURE))
        self.view.setAccessibleName(tooltip)
        self.view.setToolTip(tooltip)
        self.range = QLabel()
        self.range.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        set_role(self.range, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.view)
        layout.addWidget(self.range)

    def show_photo(self, image: NDArray[np.uint8] | NDArray[np.float32], low: float, high: float, text: str) -> None:
        """Show an image, black at ``low`` and white at ``high``."""
        self.view.set_image(photo(image, low, high))
        self.range.setText(text)

    def clear(self) -> None:
        """Show nothing."""
        self.view.set_image(None)
        self.range.clear()
