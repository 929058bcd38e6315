"""Images that are read batch by batch: the same runs to the bit, and an end in order when reading fails."""

from __future__ import annotations

import errno
import gc
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow as tf

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.core.run.events import BatchEnded, RunEvent
from cnn_explorer.data.dataset import Dataset, Picked
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.engine.evaluating import feed as feed_module
from cnn_explorer.engine.evaluating.feed import Feed
from cnn_explorer.engine.evaluating.streaming import Stream
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.inspecting.predictions import predict
from cnn_explorer.engine.models.losses import SPARSE
from cnn_explorer.engine.training.trainer import resume, train
from cnn_explorer.store.runs import RunFolder


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No images are few enough for the device."""
    monkeypatch.setattr(feed_module, "RESIDENT_BYTES", 0)


@pytest.fixture(scope="module")
def mapped(toy: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The toy on the disk."""
    path = tmp_path_factory.mktemp("mapped") / "images.npy"
    np.save(path, toy.images)
    return replace(toy, images=np.load(path, mmap_mode="r"))


def told(listener: Any) -> list[tuple[float, ...]]:
    """What a run says that does not depend on the time of the day."""
    return [(each.loss, each.accuracy, each.val_loss, each.val_accuracy) for each in listener.epochs]


def weights_in(path: Path) -> list[np.ndarray]:
    found: list[np.ndarray] = []
    with h5py.File(path) as file:
        file["model_weights"].visititems(lambda _name, item: found.append(item[()]) if hasattr(item, "dtype") else None)
    return found


@pytest.mark.parametrize(
    "settings",
    [
        {"augment_shift": 0.1, "augment_noise": 0.05, "class_weight": "balanced", "split": "shuffled"},
        pytest.param(
            {
                "validation_split": 0.3,
                "split": "stratified",
                "preprocessing": "standardize_image",
                "deterministic": True,
            },
            marks=pytest.mark.slow,
        ),
    ],
    ids=["augmented and weighted", "by class, each image by itself, deterministic"],
)
def test_that_a_streamed_run_is_the_resident_one_to_the_bit_even_when_it_is_continued(
    settings: dict[str, Any], toy: Dataset, mapped: Dataset, network: Architecture, tmp_path: Path, listener: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    config = TrainingConfig(epochs=1, batch_size=16, **settings)
    said = {}
    for name, dataset, limit in (("resident", toy, 2**30), ("streamed", mapped, 0)):
        monkeypatch.setattr(feed_module, "RESIDENT_BYTES", limit)
        first, rest = listener(), listener()
        train(network, config, dataset, tmp_path / name, first, RunControl())
        resume(tmp_path / name, dataset, rest, RunControl(), epochs=2)
        assert rest.ended.status == "completed"
        predictions = predict(open_model(tmp_path / name), dataset, "test")
        said[name] = (*told(first), *told(rest), predictions.confidences.tolist())
    assert said["streamed"] == said["resident"]
    found = [weights_in(tmp_path / name / "model.h5") for name in ("resident", "streamed")]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("streamed")
def test_that_images_are_read_from_where_they_lie_in_their_order(mapped: Dataset) -> None:
    chosen = np.array([7, 3, 80, 3])
    labels = mapped.labels[chosen]
    prepare = fit_preprocessing("scale_signed", mapped.images)
    feed = Feed(Picked(mapped.images, chosen), labels, prepare, SPARSE, 3)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.int32)])
    def taken(indices: tf.Tensor) -> Any:
        return feed.batch(indices)

    assert taken.get_concrete_function().output_shapes[0].as_list() == [None, 12, 12, 1]
    images, targets = taken(tf.constant([2, 0, 0, 1]))
    np.testing.assert_allclose(images, prepare.apply(mapped.images[[80, 7, 7, 3]]), rtol=1e-6)
    np.testing.assert_array_equal(targets, mapped.labels[[80, 7, 7, 3]])


@pytest.mark.usefixtures("streamed")
def test_that_a_streamed_run_can_be_stopped_in_the_middle_of_an_epoch(
    mapped: Dataset, network: Architecture, tmp_path: Path, listener: Any
) -> None:
    control = RunControl()

    def stop(event: RunEvent) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.pause()
            control.resume()
            control.stop()

    said = listener(stop)
    train(network, TrainingConfig(epochs=9, batch_size=8), mapped, tmp_path / "run", said, control)
    assert said.ended.status == "stopped"
    assert "during epoch 2; the model is that of epoch 1" in said.ended.message


class Vanishing:
    """Images that can be read so many times, then no longer."""

    def __init__(self, images: np.ndarray, reads: int, error: Exception) -> None:
        self._images, self.reads, self._error = images, reads, error
        self.shape = images.shape

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, key: Any) -> np.ndarray:
        self.reads -= 1
        if self.reads < 0:
            raise self._error
        return self._images[key]


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize(
    ("error", "message", "deterministic"),
    [
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "/media/stick/images"),
            "The images of the data set can no longer be read: No such file or directory (/media/stick/images).",
            False,
        ),
        pytest.param(
            ValueError("odd"),
            "Something went wrong inside the program: ValueError: odd.",
            True,
            marks=pytest.mark.slow,
        ),
    ],
    ids=["no file", "a defect, deterministic"],
)
def test_that_a_run_whose_images_cannot_be_read_any_more_fails_with_a_sentence_and_goes_on_later(
    error: Exception, message: str, deterministic: bool, toy: Dataset, network: Architecture, tmp_path: Path,
    listener: Any,
) -> None:  # fmt: skip
    # The pinned image; then each epoch reads 6 batches to learn from and 2 to validate on: one of the second fails.
    images: Any = Vanishing(toy.images, 1 + 6 + 2 + 3, error)
    broken = replace(toy, images=images, train=np.arange(90), test=np.arange(90, 160))
    said = listener()
    config = TrainingConfig(epochs=3, batch_size=16, preprocessing="scale", deterministic=deterministic)
    train(network, config, broken, tmp_path / "run", said, RunControl())
    assert said.ended.status == "failed"
    assert said.ended.message == message
    assert "The model is that of epoch 1." in said.ended.hint
    assert len(said.epochs) == 1
    said = listener()
    resume(tmp_path / "run", toy, said, RunControl())
    assert said.ended.status == "completed"
    assert [epoch.epoch for epoch in RunFolder(tmp_path / "run").history()] == [1, 2, 3]


@pytest.mark.usefixtures("streamed")
def test_that_a_streamed_run_leaves_no_images_in_memory(
    mapped: Dataset, network: Architecture, tmp_path: Path, listener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams: list[weakref.ref[Stream]] = []
    made = Stream.__init__

    def remembered(self: Stream, images: Any) -> None:
        made(self, images)
        streams.append(weakref.ref(self))

    monkeypatch.setattr(Stream, "__init__", remembered)
    config = TrainingConfig(epochs=1, batch_size=32, train_limit=32, test_limit=8)
    train(network, config, mapped, tmp_path / "run", listener(), RunControl())
    gc.collect()
    assert [stream() for stream in streams] == [None, None]
