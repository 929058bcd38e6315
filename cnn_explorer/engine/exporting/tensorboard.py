"""A run as a log for TensorBoard, laid out as Keras' own TensorBoard callback does it.

``train`` holds loss, accuracy and learning rate of the epochs and of the batch calls, ``validation`` loss and accuracy
of the epochs. A step is a number of epochs, or of batches, that were done. Numbers are float32, as in every such log.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import BatchEnded, EpochEnded
from cnn_explorer.store import struct_csv
from cnn_explorer.store.atomic import write_failure
from cnn_explorer.store.runs import RunFolder, RunRecord

_FILE_VERSION = "brain.Event:2"  # what every file of events begins with


class _Moment(NamedTuple):
    """What is known at one step; ``time`` in seconds since 1970."""

    time: float
    step: int
    values: Mapping[str, float]


def export_tensorboard(run: Path, folder: Path) -> None:
    """Write the log of the run in ``run`` into ``folder``, which must not exist yet; it appears when it is complete.

    Raises ``ExplorerError`` if there is no run with a whole epoch, if it is damaged, or if the disk refuses the log.
    """
    if folder.exists():
        raise ExplorerError(f"{folder} exists already.", "Choose a folder that does not exist yet.")
    source = RunFolder(run)
    record, epochs = source.read(), source.history()
    if not epochs:
        raise ExplorerError(f"{run} has no whole epoch yet.", "Train it for an epoch first.")
    batches = struct_csv.read_columns(source.batches_csv, BatchEnded)
    begins = _beginnings(record, epochs)
    staging = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}")
    try:
        try:
            staging.mkdir()
            _write(staging / "train", record, [*_epochs(epochs, begins), *_batches(batches, begins)])
            _write(staging / "validation", record, _validations(epochs, begins))
            staging.rename(folder)
        except tf.errors.OpError as error:  # what TensorFlow makes of a disk's refusal
            raise write_failure(folder, OSError(error.message)) from error
        except OSError as error:
            raise write_failure(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)  # gone already if all went well


def _beginnings(record: RunRecord, epochs: tuple[EpochEnded, ...]) -> dict[int, float]:
    """When each epoch began, as if they had followed each other without a break."""
    time = datetime.fromisoformat(record.created).timestamp()
    begins = {}
    for epoch in epochs:
        begins[epoch.epoch] = time
        time += epoch.seconds
    return begins


def _epochs(epochs: tuple[EpochEnded, ...], begins: dict[int, float]) -> Iterator[_Moment]:
    for epoch in epochs:
        values = {
            "epoch_loss": epoch.loss,
            "epoch_accuracy": epoch.accuracy,
            "epoch_learning_rate": epoch.learning_rate,
        }
        yield _Moment(begins[epoch.epoch] + epoch.seconds, epoch.epoch, values)


def _validations(epochs: tuple[EpochEnded, ...], begins: dict[int, float]) -> Iterator[_Moment]:
    for epoch in epochs:
        values = {"epoch_loss": epoch.val_loss, "epoch_accuracy": epoch.val_accuracy}
        yield _Moment(begins[epoch.epoch] + epoch.seconds, epoch.epoch, values)


def _batches(table: np.ndarray[tuple[int, int], np.dtype[np.float64]], begins: dict[int, float]) -> Iterator[_Moment]:
    columns = dict(zip(BatchEnded.__struct_fields__, table, strict=True))
    steps = columns["step"].max(initial=0.0)  # of an epoch: the last call of a whole one has them all
    for row in zip(*columns.values(), strict=True):
        call = dict(zip(columns, row, strict=True))
        if call["epoch"] not in begins:  # a kill came between the two tables
            continue
        step = int((call["epoch"] - 1) * steps + call["step"])
        values = {f"batch_{name}": float(call[name]) for name in ("loss", "accuracy", "learning_rate")}
        yield _Moment(begins[int(call["epoch"])] + call["seconds"], step, values)


def _write(folder: Path, record: RunRecord, moments: Iterable[_Moment]) -> None:
    """One file of events, with the configuration as text at its beginning."""
    began = datetime.fromisoformat(record.created).timestamp()
    folder.mkdir()
    path = folder / f"events.out.tfevents.{int(began)}.cnn-explorer"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(tf.compat.v1.Event(wall_time=began, file_version=_FILE_VERSION).SerializeToString())
        writer.write(_text_event(began, "configuration", _configuration(record)))
        for moment in moments:
            values = [tf.compat.v1.Summary.Value(tag=tag, simple_value=value) for tag, value in moment.values.items()]
            summary = tf.compat.v1.Summary(value=values)
            event = tf.compat.v1.Event(wall_time=moment.time, step=moment.step, summary=summary)
            writer.write(event.SerializeToString())


def _text_event(time: float, tag: str, text: str) -> bytes:
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="text")
    value = tf.compat.v1.Summary.Value(
        tag=tag,
        metadata=tf.compat.v1.SummaryMetadata(plugin_data=plugin),
        tensor=tf.make_tensor_proto(text.encode(), dtype=tf.string),
    )
    event = tf.compat.v1.Event(wall_time=time, summary=tf.compat.v1.Summary(value=[value]))
    return bytes(event.SerializeToString())


def _configuration(record: RunRecord) -> str:
    """The settings as a table in Markdown, which TensorBoard shows as such."""
    rows = [("network", record.name), ("dataset", record.dataset.name)]
    rows += [(field.name, getattr(record.training, field.name)) for field in fields_of(TrainingConfig)]
    return "\n".join(("|setting|value|", "|---|---|", *(f"|{name}|{value}|" for name, value in rows)))
