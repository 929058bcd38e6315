"""Which image the Inspect page sends through the model: one of the data set, one of the user's own, or a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QMimeData, QObject, Signal

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import ModelInfo
from cnn_explorer.data.dataset import Split
from cnn_explorer.data.images.own import Brought, drawn
from cnn_explorer.ui.pages.inspect.images.own import OwnImages
from cnn_explorer.ui.pages.inspect.images.picker import ImagePicker
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage, ImageState, NoImage, Source
from cnn_explorer.ui.pages.inspect.state import why_no_forward
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.widgets.pasting import local_paths, pixels

NOTHING_DRAWN = "Draw in the black square: prediction and maps follow the pen."


class InspectImages(QObject):
    """The source and the choice of the image, shown in the picker."""

    changed = Signal()
    """Another image is to be looked at, or none."""
    drawn_on = Signal()
    """The drawing has changed: many times a second."""

    def __init__(self, session: Session, picker: ImagePicker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._picker = session, picker
        self._split: Split = "test"
        self._index = 0
        self.own = OwnImages(session, picker.files, self)
        picker.source_chosen.connect(self._choose_source)
        picker.dataset.image_chosen.connect(self._choose_image)
        picker.canvas.changed.connect(self._on_drawn)
        picker.tools.way_changed.connect(self._on_drawn)
        self.own.changed.connect(self._on_own)
        session.image_requested.connect(self.show_dataset_image)

    @property
    def source(self) -> Source:
        """Where the image comes from."""
        return self._picker.source

    def show_dataset_image(self, split: str, index: int) -> None:
        """Go to an image of the data set."""
        self._picker.show_source("dataset")
        self._choose_image(split, index)

    @property
    def place(self) -> tuple[Split, int]:
        """The part and the index of the chosen image of the data set."""
        return self._split, self._index

    def state(self) -> ImageState:
        """What is chosen now."""
        source = self.source
        own = self.own.chosen if source == "files" else None
        ink = self._picker.canvas.ink if source == "drawing" else None
        return ImageState(source, self._split, self._index, own, ink)

    def restore(self, state: ImageState) -> None:
        """Choose again what was chosen; an own image that was removed from the list meanwhile comes back into it."""
        self._picker.show_source(state.source)
        self._split, self._index = state.split, state.index
        if state.own is not None:
            self.own.choose(state.own)
        if state.ink is not None:
            self._picker.canvas.set_ink(state.ink)
        self.changed.emit()

    def open_files(self, paths: list[Path]) -> None:
        """Add image files, and show the first of them."""
        self._picker.show_source("files")
        self.own.add_files(paths)

    def take(self, data: QMimeData) -> bool:
        """Add what was pasted or dropped, files or pixels; whether there was an image in it."""
        paths, found = local_paths(data), pixels(data)
        if paths:
            self.open_files(paths)
        elif found is not None:
            self._picker.show_source("files")
            self.own.add_pixels(found)
        return bool(paths) or found is not None

    def chosen(self, info: ModelInfo) -> ChosenImage | NoImage:
        """The image for a model; the picker shows which one it is."""
        if self.source == "drawing":
            return self._drawing(info)
        return self._of_dataset(info) if self.source == "dataset" else self._own(info)

    def _of_dataset(self, info: ModelInfo) -> ChosenImage | NoImage:
        dataset = self._session.dataset
        obstacle = why_no_forward(info, dataset)
        if obstacle or dataset is None:
            return NoImage(obstacle)
        counts: dict[Split, int] = {"test": len(dataset.test_images), "train": len(dataset.train_images)}
        if not counts[self._split]:
            self._split = "train" if self._split == "test" else "test"
        self._index = min(self._index, counts[self._split] - 1)
        self._picker.dataset.show_dataset(counts, self._split, self._index)
        images, labels = dataset.part(self._split)
        true_name = dataset.classes[labels[self._index]]
        self._picker.dataset.show_truth(true_name)
        return ChosenImage(images[self._index], f"{self._split}-{self._index}", true_name)

    def _own(self, info: ModelInfo) -> ChosenImage | NoImage:
        found = self.own.brought(info.input_shape)
        if isinstance(found, Failure):
            return NoImage(found.message)
        return NoImage() if found is None else ChosenImage(found.image, self.own.name, said=found.said)

    def _drawing(self, info: ModelInfo) -> ChosenImage | NoImage:
        canvas = self._picker.canvas
        if canvas.is_empty:
            return NoImage(NOTHING_DRAWN)
        try:
            found: Brought = drawn(canvas.ink, info.input_shape, self._picker.tools.like_mnist.isChecked())
        except ExplorerError as error:
            return NoImage(error.message)
        return ChosenImage(found.image, "drawn", said=found.said)

    def _choose_source(self, source: str) -> None:
        self._picker.show_source(cast(Source, source))
        self.changed.emit()

    def _choose_image(self, split: str, index: int) -> None:
        self._split, self._index = cast(Split, split), index
        self.changed.emit()

    def _on_own(self) -> None:
        if self.source == "files":
            self.changed.emit()

    def _on_drawn(self) -> None:
        if self.source == "drawing":
            self.drawn_on.emit()
