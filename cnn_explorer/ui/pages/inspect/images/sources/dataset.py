"""Chooses one image of the data set: by part and index, one after another, or any."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QSpinBox, QWidget

from cnn_explorer.data.dataset import Split
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.image_steps import ImageSteps, StepNames
from cnn_explorer.ui.widgets.segments import Segments

_KEYS_OF_THE_PAGE = (Qt.Key.Key_Comma, Qt.Key.Key_Period, Qt.Key.Key_Less, Qt.Key.Key_Greater)
_PARTS = (
    ("test", "Test", "Images that the network has not seen in training."),
    ("train", "Training", "Images that the network was trained on."),
)

_STEPS = StepNames(
    ("inspect_previous_image", "The image before this one (key ,)."),
    ("inspect_next_image", "The next image (key .)."),
    ("inspect_random_image", "A random image of this part."),
)


class DatasetChooser(QWidget):
    """Part, index and class of an image of the data set."""

    image_chosen = Signal(str, int)
    """Part (``test`` or ``train``) and index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[Split, int] = {"test": 0, "train": 0}
        self._split: Split = "test"
        self.parts = Segments(_PARTS, "inspect_part")
        self.index = IndexBox(
            "inspect_image_index", "Index of the image", "Index of the image in its part of the data set, from 0."
        )
        self._steps = ImageSteps(self.index, _STEPS)
        self.truth, self.count = QLabel(), QLabel()
        self._lay_out()
        self.index.valueChanged.connect(self._announce)
        self.parts.chosen.connect(self._choose_part)

    def show_dataset(self, counts: dict[Split, int], split: Split, index: int) -> None:
        """Show which images there are to choose from, and which one is chosen; no signal."""
        self._counts = counts
        self._split = split
        self.index.blockSignals(True)
        self.index.setMaximum(max(0, counts[split] - 1))
        self.index.setValue(index)
        self.index.blockSignals(False)
        self.parts.choose(split)
        for part, count in counts.items():
            self.parts.set_available(part, count > 0)
        self.count.setText(f"{counts[split]:,} images")

    def show_truth(self, true_name: str) -> None:
        """Show the class of the image."""
        self.truth.setText(f"True class {true_name}")

    def step(self, by: int) -> None:
        """Go to a neighbouring image, not past the ends."""
        self._steps.step(by)

    def shuffle(self) -> None:
        """Go to another image, any."""
        self._steps.shuffle()

    def _announce(self) -> None:
        self.image_chosen.emit(self._split, self.index.value())

    def _choose_part(self, key: str) -> None:
        split: Split = "train" if key == "train" else "test"
        if split != self._split:
            self.show_dataset(self._counts, split, min(self.index.value(), max(0, self._counts[split] - 1)))
            self._announce()

    def _lay_out(self) -> None:
        self.truth.setObjectName("inspect_truth")
        set_role(self.truth, "title")
        set_role(self.count, "muted")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.parts, 0, 0, 1, 2)
        grid.addWidget(self._steps, 1, 0, 1, 2)
        grid.addWidget(self.truth, 2, 0)
        grid.addWidget(self.count, 2, 1, Qt.AlignmentFlag.AlignRight)
        grid.setRowStretch(3, 1)


class IndexBox(QSpinBox):
    """The index of an image. Comma, full stop, letters and the pasting of images are the page's, also while one types.

    ``name`` is its object name, ``title`` its accessible one.
    """

    def __init__(self, name: str, title: str, tooltip: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(tooltip)
        self.setKeyboardTracking(True)
        self.setAccelerated(True)
        self.setMaximum(0)
        self.setMinimumWidth(84)
        indent(self)

    def event(self, event: QEvent) -> bool:
        asks = event.type() == QEvent.Type.ShortcutOverride
        if asks and isinstance(event, QKeyEvent) and _is_the_pages(event):
            event.ignore()
            return False
        return super().event(event)


def _is_the_pages(event: QKeyEvent) -> bool:
    if event.matches(QKeySequence.StandardKey.Paste):
        data = QApplication.clipboard().mimeData()
        return data.hasImage() or data.hasUrls()
    # No letter belongs into a number: those are single keys of the page.
    alone = event.modifiers() == Qt.KeyboardModifier.NoModifier
    return event.key() in _KEYS_OF_THE_PAGE or (alone and event.text().isalpha())
