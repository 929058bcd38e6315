"""The card above the maps: where the image comes from, how the network gets it, and what the network says of it."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from cnn_explorer.core.maps.imaging import finite_limits
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.text.numbers import rough
from cnn_explorer.text.verdicts import Verdict
from cnn_explorer.ui.pages.inspect.images.draw_canvas import DrawCanvas
from cnn_explorer.ui.pages.inspect.images.picture import SmallPicture
from cnn_explorer.ui.pages.inspect.images.prediction_bars import PredictionBars
from cnn_explorer.ui.pages.inspect.images.sources.dataset import DatasetChooser
from cnn_explorer.ui.pages.inspect.images.sources.drawing import DrawingTools
from cnn_explorer.ui.pages.inspect.images.sources.files import FilesChooser
from cnn_explorer.ui.pages.inspect.images.state import Source
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.segments import Segments

_SOURCES = (
    ("dataset", "Data set", "Look at images of the data set."),
    ("files", "Image files", "Look at your own images: from files, dropped or pasted."),
    ("drawing", "Draw", "Draw an image, and watch the network while you draw."),
)
_RAW: dict[Source, str] = {
    "dataset": "The image as it is in the data set.",
    "files": "Your image, brought to what the network takes.",
    "drawing": "The drawing, brought to what the network takes.",
}
_PREPROCESSING: tuple[tuple[PreprocessingName, str], ...] = (
    ("standardize", "standardize per pixel"),
    ("standardize_channel", "standardize per channel"),
    ("standardize_image", "standardize per image"),
    ("scale", "scale to 0…1"),
    ("scale_signed", "scale to −1…1"),
    ("none", "none, bytes 0…255"),
)
_SMALLEST_CANVAS, _LARGEST_CANVAS = 200, 400  # pixels
_CANVAS_PART = 0.38  # of the height that the page has


class ImagePicker(QFrame):
    """Chooses an image from one of three sources; shows it, and the answer of the network."""

    source_chosen = Signal(str)
    preprocessing_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.source: Source = "dataset"
        self.sources = Segments(_SOURCES, "inspect_source")
        self.said, self.field = ElidedLabel(), ElidedLabel()
        self.preprocessing = QComboBox()
        self._preprocessing_label = QLabel("Preprocessing")
        self.canvas = DrawCanvas()
        self.dataset, self.files, self.tools = DatasetChooser(), FilesChooser(), DrawingTools(self.canvas)
        self.raw = SmallPicture("inspect_raw_image", _RAW["dataset"])
        self.prepared = SmallPicture("inspect_prepared_image", "The image as the network gets it, after preprocessing.")
        self.verdict = QLabel()
        self.bars = PredictionBars()
        self.body = QWidget()
        self._middle = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._set_up()
        self._lay_out()
        self.show_source("dataset")
        self.show_preprocessing("", asked=False)

    @property
    def index(self) -> QSpinBox:
        """The index of the data set's image."""
        return self.dataset.index

    def show_source(self, source: Source) -> None:
        """Show the controls of a source; no signal."""
        self.source = source
        self.sources.choose(source)
        draws = source == "drawing"
        parts: tuple[tuple[QWidget, bool], ...] = (
            (self.dataset, source == "dataset"), (self.files, source == "files"), (self.tools, draws),
            (self.canvas, draws),
        )  # fmt: skip
        # First away with the old: both together would make the window wider.
        for part, wanted in parts:
            if not wanted:
                part.hide()
        # Beside the canvas there is room in height, above the maps there is room in width.
        across, upwards = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.BottomToTop
        self._middle.setDirection(upwards if draws else across)
        for part, wanted in parts:
            if wanted:
                part.show()
        self.raw.explain(_RAW[source])

    def show_said(self, text: str) -> None:
        """What was done to the image before it came to the network, in one line; "" for nothing."""
        self.said.setText(text)
        self.said.setToolTip(text)

    def show_receptive_field(self, rectangle: Rectangle | None, text: str) -> None:
        """Frame the part of the image that a node sees, and say which it is; ``None`` and "" for nothing."""
        self.raw.show_frame(rectangle)
        self.prepared.show_frame(rectangle)
        self.field.setText(text)
        self.field.setToolTip(text)

    def show_raw(self, image: NDArray[np.uint8], range_: str = "image") -> None:
        """Show the image, before its preprocessing."""
        self.raw.show_photo(image, 0.0, 255.0, f"{range_} {image.min()}…{image.max()}")

    def show_prepared(self, image: NDArray[np.float32] | None) -> None:
        """Show the image as the network got it; ``None`` while that is not known."""
        if image is None:
            self.prepared.clear()
            return
        low, high = finite_limits(image)
        self.prepared.show_photo(image, low, high, f"input {rough(low)}…{rough(high)}")

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show the prediction, or that the model gives none."""
        self._show_answer(verdict, "This model does not end in a vector of classes.")

    def clear_answer(self) -> None:
        """Show neither image nor prediction."""
        self.raw.clear()
        self.prepared.clear()
        self._show_answer(None, "")

    def show_preprocessing(self, name: str, asked: bool) -> None:
        """Show the choice of preprocessing where ``asked`` for, with ``name`` chosen; no signal."""
        self.preprocessing.setVisible(asked)
        self._preprocessing_label.setVisible(asked)
        self.preprocessing.blockSignals(True)
        self.preprocessing.setCurrentIndex(self.preprocessing.findData(name))
        self.preprocessing.blockSignals(False)

    def fit_canvas(self, height: int) -> None:
        """Give the canvas its share of a page of that ``height``."""
        side = min(max(round(height * _CANVAS_PART), _SMALLEST_CANVAS), _LARGEST_CANVAS)
        self.canvas.prefer(side)

    def step(self, by: int) -> None:
        """Go to a neighbouring image of the source, not past the ends."""
        if self.source == "dataset":
            self.dataset.step(by)
        elif self.source == "files":
            self.files.step(by)

    def _show_answer(self, verdict: Verdict | None, otherwise: str) -> None:
        self.verdict.setText(verdict.text if verdict else otherwise)
        role = "wrong" if verdict and verdict.right is False else "verdict"
        if role != self.verdict.property("role"):
            set_role(self.verdict, role)
            self.verdict.style().polish(self.verdict)
        self.bars.show_bars(verdict.bars if verdict else ())

    def _set_up(self) -> None:
        self.sources.chosen.connect(lambda key: self.source_chosen.emit(cast(Source, key)))
        self.canvas.setObjectName("inspect_canvas")
        self.canvas.setAccessibleName("Canvas to draw on")
        self.canvas.setToolTip("Draw with the mouse, a pen or a finger.")
        self.fit_canvas(0)
        self.said.setObjectName("inspect_said")
        set_role(self.said, "muted")
        self.field.setObjectName("inspect_field")
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        set_role(self.field, "muted")
        set_role(self.verdict, "verdict")
        self.verdict.setObjectName("inspect_verdict")
        self.preprocessing.setObjectName("inspect_preprocessing")
        self.preprocessing.setAccessibleName("Preprocessing")
        self.preprocessing.setToolTip("How images are prepared for this model: its file does not say.")
        self.preprocessing.setMinimumContentsLength(9)
        for name, text in _PREPROCESSING:
            self.preprocessing.addItem(text, name)
        self.preprocessing.activated.connect(lambda: self.preprocessing_chosen.emit(self.preprocessing.currentData()))
        set_role(self._preprocessing_label, "muted")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.sources)
        head.addWidget(self.said, 1)
        head.addWidget(self.field, 3)
        head.addWidget(self._preprocessing_label)
        head.addWidget(self.preprocessing)
        pictures = QHBoxLayout()
        pictures.setSpacing(12)
        pictures.addWidget(self.raw)
        pictures.addWidget(self.prepared)
        choosers = QVBoxLayout()
        for chooser in (self.dataset, self.files, self.tools):
            choosers.addWidget(chooser)
        self._middle.setSpacing(16)
        self._middle.addLayout(pictures)
        self._middle.addLayout(choosers, 1)
        answer = QVBoxLayout()
        answer.setSpacing(8)
        answer.addWidget(self.verdict)
        answer.addWidget(self.bars, 1)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.canvas)
        row.addLayout(self._middle)
        row.addLayout(answer, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self.body)
