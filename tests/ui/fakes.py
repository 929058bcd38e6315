"""An engine without TensorFlow: answers in microseconds, and does what a test tells it."""

from __future__ import annotations

import math
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.top_images import BEST, ClassAverage, TopImages, drawn
from cnn_explorer.core.model.info import (
    Device,
    DeviceReport,
    ForwardPass,
    LayerInfo,
    LayerWeight,
    LimitError,
    ModelInfo,
    Predictions,
)
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.nodes.boxes import Rectangle
from cnn_explorer.core.nodes.steps import Carried, Input, Node, Step
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, Ended, EpochEnded, LearningRateChanged, RunEvent, Started
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.session.services import ContinueRequest, OpenModel, RunRequest, Services

CLASSES = tuple("0123456789")


def digits(train: int = 64, test: int = 20) -> Dataset:
    """A data set of MNIST's shape: image i has the value i in its first pixel, a bright bar elsewhere."""
    rng = np.random.default_rng(0)

    def part(count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        images = np.zeros((count, 28, 28, 1), np.uint8)
        labels = rng.integers(0, 10, count)
        for index, label in enumerate(labels):
            images[index, 4:24, 4 + 2 * label : 7 + 2 * label] = 255
            images[index, 0, 0] = index % 256
        return images, labels

    return Dataset.of_parts("mnist", "MNIST", CLASSES, "0" * 64, *part(train), *part(test))


class FakeModel:
    """A model of ``mnist-simple``'s shapes: every map is the image's corner plus the map's number."""

    def __init__(self, path: Path, *, foreign: bool = False) -> None:
        facts = infer(preset("mnist-simple").architecture)
        layers = tuple(
            LayerInfo(f.name, f.type, f.output_shape or (), f.params or 0, f.receptive_field, f.jump)
            for f in facts.layers
        )
        self.info = ModelInfo(
            "mnist-simple", path, (28, 28, 1), layers, facts.total_params, () if foreign else CLASSES,
            "scale" if foreign else "standardize", foreign, "" if foreign else "mnist",
        )  # fmt: skip
        self.passes = 0

    def forward(self, image: NDArray[np.uint8] | NDArray[np.float32]) -> ForwardPass:
        self.passes += 1
        raw = np.asarray(image, np.float32)
        if raw.shape != self.info.input_shape:
            raise ExplorerError(f"The model takes {self.info.input_shape} images, this one is {raw.shape}.")
        outputs: dict[str, NDArray[np.float32]] = {}
        for layer in self.info.layers:
            shape = layer.output_shape
            if len(shape) == 3:
                window = np.resize(raw[..., 0], shape[:2])[..., np.newaxis]
                outputs[layer.name] = (window + np.arange(shape[2])).astype(np.float32)
            else:
                outputs[layer.name] = np.linspace(0, 1, shape[0], dtype=np.float32)
        prediction = np.zeros(10, np.float32)
        prediction[int(raw[0, 0, 0]) % 10] = 1.0
        outputs[self.info.layers[-1].name] = prediction
        return ForwardPass((raw / 255,), outputs, prediction)

    def forward_all(self, images: Mapping[int, NDArray[np.uint8] | NDArray[np.float32]]) -> ForwardPass:
        return self.forward(images[0])

    def step(self, forward: ForwardPass, layer: str, node: Node) -> Step:
        """Every node is said to be the value under it in the image, as it is."""
        value = float(forward.activations[layer][node])
        place = (node[0], node[1], 0) if len(node) == 3 else (0, 0, 0)
        return Step(layer, "Layer", node, value, (Input("", forward.image.shape),), Carried(place, value))

    def receptive_fields(self, number: int) -> FakeModel:
        return self

    def rectangle(self, layer: str, node: Node) -> Rectangle | None:
        """Three by three pixels around the node's place; a node of a vector sees everything."""
        rows, columns, _ = self.info.input_shape
        if len(node) != 3:
            return 0, 0, rows, columns
        return max(node[0] - 1, 0), max(node[1] - 1, 0), min(node[0] + 2, rows), min(node[1] + 2, columns)

    def weights(self, layer: str) -> tuple[LayerWeight, ...]:
        """A ramp for the kernel of a convolution or a dense layer, zeros for its bias."""
        found = self.info.layer(layer)
        if found is None or not found.params:
            return ()
        outputs = found.output_shape[-1]
        inputs = (found.params // outputs - 1) // (9 if found.has_maps else 1)
        shape = (3, 3, inputs, outputs) if found.has_maps else (inputs, outputs)
        kernel = np.linspace(-1, 1, math.prod(shape), dtype=np.float32).reshape(shape)
        return LayerWeight("kernel", kernel), LayerWeight("bias", np.zeros(outputs, np.float32))

    def with_preprocessing(self, name: PreprocessingName, images: NDArray[np.uint8]) -> OpenModel:
        other = FakeModel(self.info.path)
        other.info = ModelInfo(**{**self.info.__dict__, "preprocessing": name, "preprocessing_is_guess": False})
        return other


class FakePass:
    """Eight images an ``advance``. Image i activates map n by i + n, at node (0, 0), but for three maps: of the first
    four, map 1 is zero on all images, map 2 is 7 on all, and map 3 is zero but for the images 4 and 6."""

    def __init__(self, model: OpenModel, dataset: Dataset, split: str, layer: str, count: int) -> None:
        found = model.info.layer(layer)
        assert found is not None
        if dataset.image_shape != model.info.input_shape:
            raise ExplorerError(f"The model takes {model.info.input_shape} images, not {dataset.image_shape}.")
        self._layer, self._split, self._shape = layer, split, found.output_shape
        self._places = np.asarray(drawn(len(dataset.part(split)[1]), count))
        self.advances = 0
        self.gate: threading.Event | None = None

    @property
    def top_images(self) -> TopImages:
        done = min(8 * self.advances, len(self._places))
        images, numbers = self._places[:done], np.arange(self._shape[-1])
        high = (images[:, np.newaxis] + numbers).astype(np.float32)
        low = np.zeros_like(high)
        high[:, 1:2] = 0
        high[:, 2:3] = low[:, 2:3] = 7
        high[:, 3:4] *= np.isin(images, (4, 6))[:, np.newaxis]
        order = np.argsort(-high, axis=0, kind="stable")[:BEST]
        fill = ((0, BEST - len(order)), (0, 0))
        return TopImages(
            self._layer, self._split, self._shape, done, len(self._places),
            indices=np.pad(images[order], fill, constant_values=-1),
            values=np.pad(np.take_along_axis(high, order, axis=0), fill, constant_values=-np.inf),
            places=np.zeros((BEST, len(numbers)), np.int64),
            low=low.min(axis=0, initial=np.inf).astype(np.float32),
            high=high.max(axis=0, initial=-np.inf).astype(np.float32),
            means=high.mean(axis=0) if done else np.zeros(len(numbers)),
            silent=((high == 0) & (low == 0)).sum(axis=0),
        )  # fmt: skip

    def advance(self, seconds: float) -> TopImages:
        assert seconds < 1
        if self.gate is not None:
            self.gate.wait(10)
        self.advances += 1
        return self.top_images


class Turnstile(threading.Event):
    """A gate that lets through as many batches as it is told to, and all of them once it is set."""

    def __init__(self) -> None:
        super().__init__()
        self._passes = threading.Semaphore(0)

    def let_through(self, batches: int) -> None:
        """So many more batches may pass."""
        self._passes.release(batches)

    def set(self) -> None:
        super().set()
        self._passes.release()

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self._passes.acquire(timeout=timeout)
        return True


@dataclass
class FakeEngine:
    """Trains by the book: every batch and epoch is emitted; ``gate`` set to an Event holds each batch."""

    dataset: Dataset = field(default_factory=digits)
    fail_training: ExplorerError | None = None
    fail_opening: ExplorerError | None = None
    foreign: bool = False
    gate: threading.Event | None = None
    pass_gate: threading.Event | None = None
    """Holds each advance of images through a model."""
    passes: list[FakePass] = field(default_factory=list)
    requests: list[RunRequest] = field(default_factory=list)
    restarts: list[None] = field(default_factory=list)
    cleared: list[int] = field(default_factory=list)
    """For each time that memory was given back: how many runs there had been."""
    opened: list[FakeModel] = field(default_factory=list)
    done: dict[Path, list[EpochEnded]] = field(default_factory=dict)
    """The whole epochs of each run, by its folder."""
    home: Path = field(default_factory=lambda: Path(tempfile.gettempdir()) / "cnn-explorer-fake-runs")

    def services(self) -> Services:
        return Services(
            load_dataset=lambda _spec, _watch: self.dataset,
            start_engine=lambda options: DeviceReport(
                (Device("cpu", "CPU (2 threads)"),), "cpu", "No GPU was found.", (("keras", "3"),), options
            ),
            train=self.train,
            open_model=self.open_model,
            open_with_weights=self.open_with_weights,
            augmented=lambda _config, images, draw: np.roll(images, draw + 1, axis=2),
            predicted=self.predicted,
            find_top_images=self.find_top_images,
            class_average=self.class_average,
            export_tensorboard=lambda _run, folder: folder.mkdir(),
            give_memory_back=lambda: self.cleared.append(len(self.requests)),
            new_run_folder=lambda name: self.home / f"{len(self.requests) + 1}-{name}",
            runs_folder=lambda: self.home,
            restart=lambda: self.restarts.append(None),
        )

    def predicted(self, model: OpenModel, dataset: Dataset, split: str, watch: Watch) -> Predictions:
        """Every third image gets the class after its own; the confidences rise from 0 to 1."""
        _images, labels = dataset.part(split)
        count = len(labels)
        for done in (0, count):
            watch(f"Judging {count:,} images", done, count)
        wrong = np.arange(count) % 3 == 0
        return Predictions(
            split, np.where(wrong, (labels + 1) % len(dataset.classes), labels),
            np.linspace(0, 1, count, dtype=np.float32), model.info.path, dataset.fingerprint,
        )  # fmt: skip

    def find_top_images(self, model: OpenModel, dataset: Dataset, split: str, layer: str, count: int) -> FakePass:
        self.passes.append(FakePass(model, dataset, split, layer, count))
        self.passes[-1].gate = self.pass_gate
        return self.passes[-1]

    def class_average(
        self, model: OpenModel, dataset: Dataset, split: str, class_index: int, count: int, watch: Watch
    ) -> ClassAverage:
        """The look at the first image of the class, with deviations of 1."""
        images, labels = dataset.part(split)
        of_class = np.flatnonzero(labels == class_index)
        name = dataset.classes[class_index]
        if not len(of_class):
            raise ExplorerError(f"There is no image of {name}.")
        for done in (0, 1):
            watch(f"Averaging images of {name}", done, 1)
        forward = model.forward(images[of_class[0]])
        deviations = {layer: np.ones_like(values) for layer, values in forward.activations.items()}
        return ClassAverage(forward, deviations, min(count, len(of_class)), class_index, name, split)

    def open_model(self, path: Path, trusted: bool = False) -> OpenModel:
        """Limits stop nobody who trusts the file."""
        if self.fail_opening and not (trusted and isinstance(self.fail_opening, LimitError)):
            raise self.fail_opening
        model = FakeModel(path, foreign=self.foreign)
        self.opened.append(model)
        return model

    def open_with_weights(self, architecture: Architecture, weights: Path) -> OpenModel:
        """The same model as ever, named after the architecture."""
        model = FakeModel(weights, foreign=True)
        model.info = ModelInfo(**{**model.info.__dict__, "name": architecture.name})
        self.opened.append(model)
        return model

    def train(
        self, request: RunRequest, dataset: Dataset, emit: Callable[[RunEvent], None], control: RunControl
    ) -> None:
        self.requests.append(request)
        if self.fail_training:
            raise self.fail_training
        request.folder.mkdir(parents=True, exist_ok=True)
        config, steps = request.config, 10
        epochs, earlier = config.epochs, []
        if isinstance(request, ContinueRequest):
            epochs, earlier = request.epochs, self.done.get(request.folder, [])
        done = self.done[request.folder] = list(earlier)
        rate, model = config.learning_rate, str(request.folder / "model.h5")
        emit(
            Started(
                run=str(request.folder), epochs=epochs, first_epoch=len(earlier) + 1, steps_per_epoch=steps,
                batch_size=config.batch_size, train_count=640, validation_count=20, device="CPU",
                monitor=config.monitor, earlier=tuple(earlier),
            )
        )  # fmt: skip
        for epoch in range(len(earlier) + 1, epochs + 1):
            for step in range(1, steps + 1):
                if self.gate is not None:
                    self.gate.wait(10)
                wanted = control.take_learning_rate()
                if wanted is not None:
                    rate = wanted
                    emit(LearningRateChanged(epoch=epoch, step=step, learning_rate=rate, reason="asked"))
                loss = 1.0 / (epoch + step / steps)
                emit(
                    BatchEnded(
                        epoch=epoch, step=step, loss=loss, accuracy=1 - loss / 2, learning_rate=rate,
                        seconds=0.01 * step,
                    )
                )  # fmt: skip
                if control.stop_requested():
                    message = f"Stopped during epoch {epoch}; the model is that of epoch {epoch - 1}."
                    emit(Ended(status="stopped", message=message, model=model))
                    return
            done.append(
                EpochEnded(
                    epoch=epoch, loss=1 / epoch, accuracy=1 - 0.5 / epoch, val_loss=1.1 / epoch,
                    val_accuracy=1 - 0.6 / epoch, learning_rate=rate, seconds=0.1, images_per_second=6400.0,
                )
            )  # fmt: skip
            emit(done[-1])
            if control.stops_after_epoch and epoch < epochs:
                emit(Ended(status="stopped", message=f"Stopped after epoch {epoch}.", model=model))
                return
        emit(Ended(status="completed", message=f"Trained {epochs} epochs.", model=model))
