"""What augmentation does to training images, before the run: some originals, and beside each what it may become."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.ui.maps.pixel_view import photo
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.tool_button import tool_button

_SAMPLES = 4
_VERSIONS = 7
_FEWEST = 5
_GAP = 4  # pixels
_WIDEST = 96  # pixels of one picture
_COMFORTABLE = 56  # pixels: more pictures in a row only where each can have so much
_DELAY = 120  # milliseconds after the last key
_SETTINGS = tuple(field.name for field in fields_of(TrainingConfig) if field.group == "Augmentation")


def sample_indices(labels: NDArray[np.int64], count: int = _SAMPLES) -> list[int]:
    """The first images of ``count`` different classes, as far as there are so many; then the first ones left over."""
    _, firsts = np.unique(labels, return_index=True)
    chosen = sorted(firsts.tolist())[:count]
    rest = [index for index in range(min(len(labels), 2 * count)) if index not in chosen]
    return chosen + rest[: count - len(chosen)]


class _Wanted(NamedTuple):
    """What a preview shows; the same again needs no work."""

    settings: tuple[object, ...]
    draw: int
    fingerprint: str


class AugmentationPreview(QWidget):
    """Shows sample images as a configuration changes them, or says that it does not."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_augmentation")
        self._session = session
        self._config = session.config
        self._draw = 0
        self._shown: _Wanted | None = None
        self._asked: _Wanted | None = None
        self.samples = Samples(self)
        self._title = ElidedLabel("Original, then changed", self)
        set_role(self._title, "muted")
        self.again = tool_button("shuffle", "train_augment_again", "Draw other shifts, turns and noise.", "Again")
        self.note = QLabel(self)
        self.note.setObjectName("train_augment_note")
        self.note.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self.again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.note)
        layout.addLayout(head)
        layout.addWidget(self.samples)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._ask)
        self.again.clicked.connect(self._on_again)
        session.dataset_changed.connect(self._refresh)
        session.device_changed.connect(self._refresh)
        self._refresh()

    def show_config(self, config: TrainingConfig) -> None:
        """Show what ``config`` does to images."""
        self._config = config
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        """Bring everything up to date; the pictures follow when the engine has made them."""
        wanted = self._wanted()
        note = self._obstacle()
        if not note and wanted is not None and wanted != self._shown and self.samples.is_empty:
            note = "The pictures are being made."
        self._say(note)
        has_pictures = self._config.augments and not self.samples.is_empty
        self.samples.setVisible(has_pictures)
        self._title.setVisible(has_pictures)
        self.again.setVisible(has_pictures)
        if self.isVisible() and wanted is not None and wanted not in (self._shown, self._asked):
            self._timer.start()

    def _obstacle(self) -> str:
        session = self._session
        if not self._config.augments:
            return "Training images stay as they are. Shift, turn, zoom, flip or add noise to change them at random."
        if session.engine_failure or session.dataset_failure:
            return "There is no preview without the engine and a data set."
        if session.dataset is None:
            return "The data set is still loading."
        return "The engine is still loading; then this shows some images." if session.device is None else ""

    def _wanted(self) -> _Wanted | None:
        dataset = self._session.dataset
        if self._obstacle() or dataset is None:
            return None
        return _Wanted(tuple(getattr(self._config, name) for name in _SETTINGS), self._draw, dataset.fingerprint)

    def _on_again(self) -> None:
        self._draw += 1
        self._ask()

    def _ask(self) -> None:
        wanted, dataset = self._wanted(), self._session.dataset
        if wanted is None or dataset is None or wanted == self._shown:
            return
        self._asked = wanted
        config, augmented, draw = self._config, self._session.services.augmented, self._draw

        def work(_job: object) -> tuple[_Wanted, NDArray[np.uint8], NDArray[np.uint8]]:
            originals = dataset.train_images[sample_indices(dataset.train_labels)]
            changed = augmented(config, np.repeat(originals, _VERSIONS, axis=0), draw)
            return wanted, originals, changed

        self._session.engine.submit(work, self._show_samples, failed=self._on_failed, channel="augmentation")

    def _show_samples(self, made: tuple[_Wanted, NDArray[np.uint8], NDArray[np.uint8]]) -> None:
        self._asked = None
        self._shown, originals, changed = made
        self.samples.show_images(originals, changed)
        self._refresh()

    def _on_failed(self, failure: Failure) -> None:
        """Said here and not in the message bar: it would come again with every key."""
        self._asked, self._shown = None, self._wanted()
        self.samples.clear()
        self._refresh()
        self._say(failure.message, "error")

    def _say(self, text: str, role: str = "muted") -> None:
        set_role(self.note, role)
        self.note.style().polish(self.note)
        self.note.setText(text)
        self.note.setVisible(bool(text))


class Samples(QWidget):
    """A row of pictures for each image: the original, a gap, and as many versions as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_augment_samples")
        self.rows: tuple[tuple[QImage, ...], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.rows

    @property
    def columns(self) -> int:
        """How many pictures stand in a row, the original included."""
        fitting = (self.width() + _GAP) // (_COMFORTABLE + _GAP)
        return 1 + max(_FEWEST, min(_VERSIONS, fitting - 1))

    def clear(self) -> None:
        """Show nothing."""
        self.rows = ()
        self.updateGeometry()

    def show_images(self, originals: NDArray[np.uint8], changed: NDArray[np.uint8]) -> None:
        """Originals (count, rows, columns, channels); ``changed`` has equally many versions of each, in that order."""
        versions = len(changed) // len(originals)
        self.rows = tuple(
            tuple(photo(image, 0.0, 255.0) for image in (original, *changed[row * versions : (row + 1) * versions]))
            for row, original in enumerate(originals)
        )
        words = f"{len(self.rows)} training images, and beside each how the network may get to see it"
        self.setAccessibleName(words)
        self.setToolTip(f"{words}.")
        self.updateGeometry()
        self.update()

    def cell(self, row: int, column: int) -> QRect:
        """Where a picture stands."""
        side = self._side(self.width())
        left = column * (side + _GAP) + (_GAP if column else 0)
        return QRect(left, row * (side + _GAP), side, side)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(0, len(self.rows) * (self._side(width) + _GAP) - _GAP)

    def sizeHint(self) -> QSize:
        return QSize(280, self.heightForWidth(280))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(200))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for row, pictures in enumerate(self.rows):
            for column, picture in enumerate(pictures[: self.columns]):
                cell = self.cell(row, column)
                size = picture.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio)
                place = QRect(cell.topLeft(), size)
                place.moveCenter(cell.center())
                # Enlarged, pixels stay squares; only what must shrink is smoothed.
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, size.width() < picture.width())
                painter.drawImage(place, picture)
        painter.end()

    def _side(self, width: int) -> int:
        """Of one picture: whole multiples of an image's pixels where they are enlarged twice or more."""
        columns = self.columns
        side = min(_WIDEST, (width - _GAP * columns) // columns)
        longest = max((max(row[0].width(), row[0].height()) for row in self.rows), default=1)
        return side - side % longest if side >= 2 * longest else max(side, 1)
