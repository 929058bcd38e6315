"""Side B of a comparison: finds out in the background what a model makes of it, and keeps it as long as it holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnn_explorer.core.maps.top_images import ClassAverage
from cnn_explorer.core.model.info import ForwardPass, ModelInfo
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.images.own import Bringing, brought, read_user_image
from cnn_explorer.ui.pages.inspect.compare.state import (
    Choice,
    ClassMean,
    OtherFile,
    OtherImage,
    OtherModel,
    Side,
    image_head,
    mean_head,
    told_apart,
)
from cnn_explorer.ui.pages.inspect.compare.values import Pin
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.pages.inspect.model.ports import InspectPorts
from cnn_explorer.ui.session.dataset_scan import DatasetScan
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.services import OpenModel
from cnn_explorer.ui.session.session import Session

_AVERAGED, _FEWEST = 1000, 30  # images of a class that are averaged
_VALUES = 1_500_000_000  # that all their activations together have, about: some ten seconds of work

T = TypeVar("T")


class SideB(QObject):
    """``side`` is ``None`` while there is none; ``said`` says why in a sentence, or is "".

    An older side stays until the new one is there, so that nothing flickers while one steps through images.
    """

    changed = Signal()
    given_up = Signal()
    """It cannot be found, which the message bar has told."""

    def __init__(self, session: Session, inspection: Inspection, ports: InspectPorts, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._inspection, self._ports = session, inspection, ports
        self._choice: Choice | None = None
        self.side: Side | None = None
        self.other: OpenModel | None = None
        """The other model, which is opened once and kept."""
        self.said = ""
        self.average = DatasetScan(session.engine, "compare average", self)
        self.average.changed.connect(self._on_average)

    def forget(self) -> None:
        """Show nothing until there is an answer."""
        self.side = None

    def ask(self, choice: Choice | None) -> None:
        """Find out what stands on side B; ``changed`` or ``given_up`` follows."""
        self._choice, self.said = choice, ""
        if not isinstance(choice, ClassMean):
            self.average.forget()
        model, dataset = self._inspection.model, self._session.dataset
        if model is None or choice is None:
            self.side = None
            self._submit(_nothing, lambda _: None)  # an older answer is not wanted any more
            return
        match choice:
            case OtherImage(split, index, _) if dataset is not None:
                images, labels = dataset.part(split)
                self._forward(model, images[index], f"{split} {index}", dataset.classes[labels[index]])
            case OtherFile(path):
                self._file_pass(model, path)
            case ClassMean() if dataset is not None:
                self._find_average(model, dataset, choice)
            case OtherModel(path):
                self._pass_through(path)
            case Pin():
                image = choice.image
                self._put(
                    Side(
                        choice.model, choice.forward,
                        image_head(choice.name, choice.model, choice.forward, dataset, image.image, image.true_name),
                    )
                )  # fmt: skip

    def _forward(self, model: OpenModel, image: NDArray[np.uint8], title: str, true_name: str) -> None:
        dataset, images = self._session.dataset, self._ports.beside(image, model.info)

        def put(forward: ForwardPass) -> None:
            self._put(Side(model.info, forward, image_head(title, model.info, forward, dataset, image, true_name)))

        self._submit(partial(self._ports.forward, model, images), put)

    def _file_pass(self, model: OpenModel, path: Path) -> None:
        dataset, shape = self._session.dataset, self._ports.info(model).input_shape

        def work() -> tuple[NDArray[np.uint8], ForwardPass]:
            image = brought(read_user_image(path), shape, Bringing()).image
            return image, self._ports.forward(model, self._ports.beside(image, model.info))

        def put(found: tuple[NDArray[np.uint8], ForwardPass]) -> None:
            image, forward = found
            self._put(Side(model.info, forward, image_head(path.name, model.info, forward, dataset, image, "")))

        self._submit(work, put)

    def _pass_through(self, path: Path) -> None:
        """The image in view through the other model."""
        shown, dataset, known = self._inspection.image, self._session.dataset, self.other
        if shown is None:
            return
        open_model = self._session.services.open_model

        def work() -> tuple[OpenModel, ForwardPass]:
            model = known if known is not None and known.info.path == path else open_model(path)
            return model, self._ports.forward(model, self._ports.beside(shown.image, model.info))

        def put(found: tuple[OpenModel, ForwardPass]) -> None:
            self.other, forward = found
            info, model = self.other.info, self._inspection.model
            title = told_apart(info, model.info if model is not None else info)
            self._put(Side(info, forward, image_head(title, info, forward, dataset, shown.image, shown.true_name)))

        self._submit(work, put)

    def _find_average(self, model: OpenModel, dataset: Dataset, choice: ClassMean) -> None:
        find, count = self._session.services.class_average, images_to_average(model.info)

        def work(watch: Watch) -> ClassAverage:
            return find(model, dataset, choice.split, choice.class_index, count, watch)

        # The model itself is in the key: another one of the same file may have other weights.
        self.average.want((model, dataset.fingerprint, choice), work)

    def _on_average(self) -> None:
        model, average = self._inspection.model, self.average.result
        if not isinstance(self._choice, ClassMean) or model is None:
            return
        if average is not None:
            self._put(Side(model.info, average.forward, mean_head(average), average.deviations))
        else:
            self.side = None
            self.changed.emit()

    def _submit(self, work: Callable[[], T], put: Callable[[T], None]) -> None:
        self._session.engine.submit(lambda _: work(), put, failed=self._on_failure, channel="compare")

    def _on_failure(self, failure: Failure) -> None:
        self._session.report(failure)
        if self.side is None:
            self.given_up.emit()
        else:
            self.side, self.said = None, failure.message
            self.changed.emit()

    def _put(self, side: Side) -> None:
        self.side = side
        self.changed.emit()


def _nothing() -> None:
    """Work that takes the place of other work."""


def images_to_average(model: ModelInfo) -> int:
    """How many images of a class are averaged at most: fewer of a large network, which would keep everyone waiting."""
    values = sum(math.prod(layer.output_shape) for layer in model.layers)
    return min(max(_VALUES // max(values, 1), _FEWEST), _AVERAGED)
