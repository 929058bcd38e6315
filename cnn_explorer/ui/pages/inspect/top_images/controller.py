"""Finds the images of the data set that activate the maps of a layer most, little by little, and shows them.

The engine has one thread, and looks go through it too. So a pass is cut into slices of a few hundredths of a second,
each a job of its own: whatever was asked for meanwhile comes in between.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from cnn_explorer.core.maps.dead_maps import dead_maps
from cnn_explorer.core.maps.top_images import TopImage, TopImages
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.data.dataset import Split
from cnn_explorer.text.numbers import figure
from cnn_explorer.ui.maps.pixel_view import photo
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.pages.inspect.state import why_no_forward
from cnn_explorer.ui.pages.inspect.top_images.state import (
    Words,
    count_choices,
    first_choice,
    maps_of,
    seen,
    tile_sentence,
    unit,
    words,
)
from cnn_explorer.ui.pages.inspect.top_images.tiles import Tile
from cnn_explorer.ui.pages.inspect.top_images.view import TopImagesView
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.services import OpenModel, TopImagesPass
from cnn_explorer.ui.session.session import Session

_SLICE = 0.04
"""Seconds of the engine's time for each job: a forward pass waits for so long at most, and for one call."""
_REST = 0.1
"""Seconds after a forward pass before the next slice: who goes through the images shall not wait at each of them …"""
_PATIENCE = 1.0
"""… but after so many seconds a slice comes in between nevertheless."""


class Key(NamedTuple):
    """What a result is about, for one model and one data set. ``images``: how many were to be looked at."""

    layer: str
    split: Split
    images: int


@dataclass(eq=False)
class _Run:
    """A pass that is under way."""

    key: Key
    found: TopImages | None = None


@dataclass(frozen=True)
class _Asked:
    """What the tiles are to show: the best images of map ``number``."""

    key: Key
    number: int
    best: tuple[TopImage, ...]

    def same_map(self, other: _Asked | None) -> bool:
        """Whether ``other`` is about the same map."""
        return other is not None and (other.key, other.number) == (self.key, self.number)


class TopImagesController(QObject):
    """The view *Images* of a layer. Results are kept until the model or the data set is another one."""

    dead_maps_found = Signal(object, str)
    """The ``DeadMaps`` of a layer, and its name: what is known of its maps after a search; ``None`` if nothing is."""

    def __init__(self, session: Session, inspection: Inspection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._inspection = session, inspection
        self._results: dict[Key, TopImages] = {}
        self._run: _Run | None = None
        self._number = 0
        self._looked = 0.0
        self._asked: _Asked | None = None
        self._shown: _Asked | None = None
        self._pictures: dict[int, QImage] = {}  # of what is shown, by their index
        self.view = TopImagesView()
        self.view.wanted.connect(self.start)
        self.view.cancelled.connect(self.stop)
        self.view.choice_changed.connect(self._on_choice)
        self.view.map_wanted.connect(self.show_map)
        self.view.image_wanted.connect(self._open)
        inspection.model_changed.connect(self._forget)
        inspection.layer_changed.connect(self._on_layer)
        inspection.forward_changed.connect(self._on_forward)
        inspection.receptive_fields_changed.connect(self._show_tiles)
        session.dataset_changed.connect(self._forget)
        self._forget()

    @property
    def running(self) -> bool:
        """Whether images are on their way through the model."""
        return self._run is not None

    @property
    def result(self) -> TopImages | None:
        """What is known for the layer, the part and the count that are chosen."""
        return self._results.get(self._key)

    def show_map(self, number: int | None) -> None:
        """Show the images for a map of the layer in view; ``None`` leaves it as it is."""
        if number is not None and number != self._number:
            self._number = number
            self._show()

    def start(self) -> None:
        """Find the images for all maps of the layer in view; another search ends."""
        model, dataset, key = self._inspection.model, self._session.dataset, self._key
        if model is None or dataset is None or self._obstacle():
            return
        self.stop()
        self._run = run = _Run(key)
        find_top_images = self._session.services.find_top_images
        self._session.engine.submit(
            lambda _: find_top_images(model, dataset, key.split, key.layer, key.images), partial(self._begun, run),
            failed=partial(self._failed, run), channel="top images",
        )  # fmt: skip
        self._show()

    def stop(self) -> None:
        """End the search; what was found by then stays."""
        self._run = None
        self._show()

    def _begun(self, run: _Run, made: TopImagesPass) -> None:
        self._advanced(run, made, made.top_images)

    def _advanced(self, run: _Run, made: TopImagesPass, found: TopImages) -> None:
        if run is not self._run:
            return  # ended, or about something that is no longer there
        run.found = self._results[run.key] = found
        if found.complete:
            self._run = None
        else:
            self._go_on(run, made, time.monotonic())
        self._show()
        if found.complete:
            self.dead_maps_found.emit(dead_maps(found), found.layer)

    def _go_on(self, run: _Run, made: TopImagesPass, since: float) -> None:
        """Send the next images, once nobody has looked at another image for a moment. ``since``: the last slice."""
        if run is not self._run:
            return
        now = time.monotonic()
        rest = min(self._looked + _REST, since + _PATIENCE) - now
        if rest > 0:
            QTimer.singleShot(math.ceil(1000 * rest), self, partial(self._go_on, run, made, since))
            return
        self._session.engine.submit(
            lambda _: made.advance(_SLICE), partial(self._advanced, run, made),
            failed=partial(self._failed, run), channel="top images",
        )  # fmt: skip

    def _failed(self, run: _Run, failure: Failure) -> None:
        if run is self._run:
            self.stop()
            self._session.report(failure)

    def _forget(self) -> None:
        """Another model, or other images: what was found is worth nothing now."""
        self._run = None
        self._results.clear()
        self._show_none()
        self.dead_maps_found.emit(None, "")
        dataset = self._session.dataset
        counts: dict[Split, int] = {"test": 0, "train": 0}
        if dataset is not None:
            counts = {"test": len(dataset.test_labels), "train": len(dataset.train_labels)}
        self.view.show_parts(counts)
        self._on_layer()

    def _on_layer(self) -> None:
        """Every layer has maps of its own; results of others are kept."""
        self._number = 0
        self._on_choice()
        layer = self._inspection.layer
        known = [found for found in self._results.values() if found.complete and found.layer == layer]
        if known:
            self.dead_maps_found.emit(dead_maps(max(known, key=lambda found: found.done)), layer)

    def _on_forward(self) -> None:
        self._looked = time.monotonic()

    def _on_choice(self) -> None:
        dataset, split = self._session.dataset, self.view.split
        total = len(dataset.part(split)[1]) if dataset is not None else 0
        choices = count_choices(total) if total else ()
        known = self.view.images in [count for _, count in choices]
        self.view.show_counts(choices, self.view.images if known else first_choice(total))
        self._show()

    @property
    def _key(self) -> Key:
        return Key(self._inspection.layer, self.view.split, self.view.images)

    def _obstacle(self) -> str:
        model, dataset = self._inspection.model, self._session.dataset
        if model is None:
            return "Open a model first."
        reason = why_no_forward(model.info, dataset)
        return f"{reason} Choose another one on the Data page." if reason and dataset is not None else reason

    def _show(self) -> None:
        layer = self._inspection.layer_info
        if layer is None:
            return
        self._number = min(self._number, maps_of(layer) - 1)
        self.view.show_map(self._number, maps_of(layer), unit(layer))
        obstacle, found = self._obstacle(), self.result
        self.view.show_obstacle(obstacle)
        said = Words("start", obstacle, "") if obstacle else words(layer, found, self._number)
        self._show_progress(found)
        self.view.show_facts(said.facts)
        if said.kind == "images" and found is not None:
            self._ask(_Asked(self._key, self._number, found.best(self._number)))
            return
        self._show_none()
        searching = self._run is not None and self._run.key == self._key and not obstacle
        self.view.show_sentence("Looking at the first images …" if searching and found is None else said.text)

    def _show_none(self) -> None:
        self._asked = self._shown = None
        self._pictures = {}

    def _show_progress(self, found: TopImages | None) -> None:
        if self._run is None:
            self.view.show_progress(None, seen(found))
            return
        run = self._run
        share = run.found.done / run.found.wanted if run.found is not None else 0.0
        other = f"{run.key.layer}: " if run.key.layer != self._inspection.layer else ""
        self.view.show_progress(share, other + (seen(run.found) or "starting …"))

    def _ask(self, asked: _Asked) -> None:
        """Read the images that are not there yet, and then show all."""
        dataset = self._session.dataset
        if dataset is None or asked == self._asked:
            return
        images = dataset.part(asked.key.split)[0]
        same_part = self._shown is not None and self._shown.key.split == asked.key.split
        known = dict(self._pictures) if same_part else {}
        self._asked = asked

        def read(_: object) -> dict[int, QImage]:
            return {each.index: known.get(each.index) or photo(images[each.index], 0.0, 255.0) for each in asked.best}

        def done(pictures: dict[int, QImage]) -> None:
            if asked is self._asked:
                keep = asked.same_map(self._shown)
                self._shown, self._pictures = asked, pictures
                self._show_tiles(keep)

        self._session.thumbnails.submit(read, done, channel="top images")

    def _show_tiles(self, keep: bool = True) -> None:
        dataset, shown = self._session.dataset, self._shown
        if dataset is None or shown is None:
            return
        split, labels = shown.key.split, dataset.part(shown.key.split)[1]
        tiles = []
        for each in shown.best:
            name = dataset.classes[labels[each.index]]
            sentence = tile_sentence(split, each.index, name, each.value, each.node)
            picture = self._pictures[each.index]
            tiles.append(Tile(picture, name, figure(each.value), sentence, self._field(shown.key.layer, each)))
        self.view.show_tiles(tuple(tiles), keep)

    def _field(self, layer: str, each: TopImage) -> Rectangle | None:
        """What the node sees of the image; ``None`` if that is all, or not known."""
        model, receptive_fields = self._inspection.model, self._inspection.receptive_fields
        if model is None or receptive_fields is None or self._inspection.input_number != _image_input(model):
            return None
        rows, columns, _ = model.info.input_shape
        sees = receptive_fields.rectangle(layer, each.node)
        return None if sees == (0, 0, rows, columns) else sees

    def _open(self, number: int) -> None:
        """Look at one of the images."""
        if self._shown is not None and number < len(self._shown.best):
            self._session.image_requested.emit(self._shown.key.split, self._shown.best[number].index)


def _image_input(model: OpenModel) -> int:
    """The number of the input that the images of a data set go to."""
    return next((number for number, each in enumerate(model.info.inputs) if each.is_image), 0)
