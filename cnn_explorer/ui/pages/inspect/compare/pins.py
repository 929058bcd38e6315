"""Pins of the Inspect page: states to come back to, kept for as long as the program runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.store.file_stamp import FileStamp, file_stamp
from cnn_explorer.ui.pages.inspect.compare.values import Pin
from cnn_explorer.ui.pages.inspect.images.controller import InspectImages
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.session.session import Session

MOST_BYTES = 1 << 30
"""What the forward passes of all pins may take in memory together."""


@dataclass(frozen=True)
class PinPlace:
    """What the pins need of the page: the choice of how maps are painted, and ways to change what is in view."""

    choice: Callable[[], MapStyle]
    show_choice: Callable[[MapStyle], None]
    open_model: Callable[[Path], None]
    prepare: Callable[[str], None]


class Pins(QObject):
    """The list of them, in the order of their pinning."""

    changed = Signal()

    def __init__(
        self, session: Session, inspection: Inspection, images: InspectImages, place: PinPlace, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._inspection, self._images, self._place = session, inspection, images, place
        self.pins: tuple[Pin, ...] = ()
        self._awaited: Pin | None = None
        self._stamp: FileStamp | None = None
        inspection.model_changed.connect(self._on_model)

    def add(self) -> None:
        """Pin what is in view."""
        pin = self.of_view()
        if pin is None:
            self._session.say("info", "There is nothing to pin yet.", "Choose a model and an image first.")
            return
        if sum(one.size for one in self.pins) + pin.size > MOST_BYTES:
            self._session.say("warning", "There is no memory left for another pin.", "Remove one first.")
            return
        self.pins = (*self.pins, pin)
        self.changed.emit()

    def of_view(self) -> Pin | None:
        """A pin of what is in view, not in the list; ``None`` while there is no answer of the model."""
        model, image, forward = self._inspection.model, self._inspection.image, self._inspection.forward
        if model is None or image is None or forward is None:
            return None
        source, dataset = self._images.state(), self._session.dataset
        of_dataset = source.source == "dataset" and dataset is not None
        name = " · ".join((model.info.name, self._inspection.layer, image.title))
        taken = {pin.name for pin in self.pins}
        number = next(n for n in range(1, len(taken) + 2) if _numbered(name, n) not in taken)
        return Pin(
            _numbered(name, number), model.info, self._stamp, self._inspection.layer, image, source,
            dataset.fingerprint if of_dataset and dataset is not None else "", self._place.choice(), forward,
        )  # fmt: skip

    def remove(self, pin: Pin) -> None:
        """Forget a pin."""
        self.pins = tuple(one for one in self.pins if one is not pin)
        self.changed.emit()

    def go_to(self, pin: Pin) -> None:
        """Have in view again what is pinned. A pin whose model file is gone is dropped, and that is said."""
        dataset = self._session.dataset
        if pin.fingerprint and (dataset is None or dataset.fingerprint != pin.fingerprint):
            text = f"“{pin.name}” shows an image of another data set than the one that is loaded."
            self._session.say("warning", text, "Load that data set to come back to it. Comparing with it works.")
            return
        model = self._inspection.model
        if model is not None and model.info == pin.model and self._stamp == pin.stamp:
            self._show(pin)
            return
        self._session.disk.submit(
            lambda _: file_stamp(pin.model.path), lambda found: self._reopen(pin, found), channel="pin"
        )

    def _reopen(self, pin: Pin, found: FileStamp | None) -> None:
        if found is None:
            self.remove(pin)
            text = f"{pin.model.path.name} is gone, and with it the pin “{pin.name}”."
            self._session.say("warning", text, str(pin.model.path))
            return
        if pin.stamp is not None and found != pin.stamp:
            text = f"{pin.model.path.name} has changed since it was pinned: this is how it is now."
            self._session.say("info", text, "The pin itself keeps what was seen; compare with it.")
        self._awaited = pin
        self._place.open_model(pin.model.path)

    def _on_model(self) -> None:
        """Another model has come: the one of a pin that someone goes back to, or any."""
        model = self._inspection.model
        assert model is not None
        pin, path = self._awaited, model.info.path
        self._stamp = None
        self._session.disk.submit(lambda _: file_stamp(path), self._remember_stamp, channel="stamp")
        if pin is None or pin.model.path != path:
            self._awaited = None
        elif model.info.preprocessing != pin.model.preprocessing and model.info.preprocessing_is_guess:
            self._place.prepare(pin.model.preprocessing)  # the model comes back once more, prepared like that
        else:
            self._awaited = None
            self._show(pin)

    def _remember_stamp(self, found: FileStamp | None) -> None:
        self._stamp = found

    def _show(self, pin: Pin) -> None:
        model = self._inspection.model
        if model is not None and model.info.layer(pin.layer) is not None:
            self._inspection.choose_layer(pin.layer)
        self._place.show_choice(pin.choice)
        self._images.restore(pin.source)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"
