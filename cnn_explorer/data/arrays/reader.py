"""Files of arrays (NPZ, IDX, HDF5) as data sets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo, Chunks
from cnn_explorer.data.arrays.roles import CLASS_NAMES, Roles, roles_of
from cnn_explorer.data.arrays.values import Labels, Layout, ValueRange, labels_of, layout_of, range_of
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.prepared import Facts, Writer, official_order, prepared
from cnn_explorer.store.file_stamp import FileStamp

Open = Callable[[Path], AbstractContextManager[ArrayFile]]
_FORMAT = 1


def read_arrays(path: Path, open_file: Open, files: tuple[Path, ...], spec: DatasetSpec, watch: Watch) -> Dataset:
    """The data set in ``path``, whose bytes lie in ``files``; ``spec`` names the arrays, or their names tell.

    Without test arrays ``spec.test_part`` of each class is kept for the test; both parts stay in the file's order.
    Raises ``ExplorerError`` if the file is damaged or its arrays are no data set.
    """
    if (spec.image_size, spec.color, spec.resize) != (None, "auto", "fit"):
        raise ExplorerError(
            "The images of a file of arrays have one size and colour already.",
            "Leave out --image-size, --resize and --color, which are for folders of images.",
        )
    marks = []
    for file in files:
        try:
            stamp = FileStamp.of(file.stat())
        except OSError as error:
            raise ExplorerError(f"{file} could not be read: {error.strerror}.", "Choose another file.") from error
        marks.append(f"{file.name}:{stamp.size}:{stamp.changed}")
    key = f"arrays {_FORMAT} {' '.join(marks)} {msgspec.json.encode(spec).decode()}"
    return prepared(path, key, spec, lambda writer: _build(path, open_file, spec, writer, watch), watch)


def _build(path: Path, open_file: Open, spec: DatasetSpec, writer: Writer, watch: Watch) -> Facts:
    with open_file(path) as file:
        roles = roles_of(file, spec)
        layout = _layout(roles)
        labels = _labels(file, roles)
        parts = _parts(roles, labels, spec)
        values = range_of((array.name, array.dtype, _watched(file, array, watch)) for array in _images(roles))
        total = len(labels.train) + len(labels.test)
        writer.reserve(total, layout.shape)
        done = 0
        for array, known, chosen in parts:
            done = _copy(file, array, known, chosen, layout, values, writer, done, total, watch)
        train_count = len(parts[0][2])
        drawn = roles.test_images is None
        remark = f"{total - train_count:,} of {total:,} images were drawn for the test, by class." if drawn else ""
        if not drawn and spec.test_part != DatasetSpec().test_part:
            remark = "The file has a test part of its own; the share that was given for one is not used."
        remarks = (layout.remark, values.remark, labels.remark, remark)
        return Facts(
            name=path.name.split(".")[0] or path.name,
            title=path.name,
            classes=labels.classes,
            train_count=train_count,
            remarks=tuple(text for text in remarks if text),
        )


def _images(roles: Roles) -> tuple[ArrayInfo, ...]:
    return (roles.train_images,) if roles.test_images is None else (roles.train_images, roles.test_images)


def _layout(roles: Roles) -> Layout:
    layouts = [layout_of(array) for array in _images(roles)]
    if len({layout.shape for layout in layouts}) > 1:
        shapes = " and ".join(shape_text(layout.shape) for layout in layouts)
        raise ExplorerError(
            f"Training and test images have different shapes: {shapes}.", "Choose arrays of the same kind."
        )
    return layouts[0]


def _labels(file: ArrayFile, roles: Roles) -> Labels:
    test = None if roles.test_labels is None else file.whole(roles.test_labels)
    return labels_of(file.whole(roles.train_labels), test, _class_names(file, roles))


def _class_names(file: ArrayFile, roles: Roles) -> tuple[str, ...]:
    """The words of an array that names the classes, if the file has one."""
    for name in CLASS_NAMES:
        array = file.array(name)
        if array is None or array in (roles.train_labels, roles.test_labels):
            continue
        if len(array.shape) == 1 and array.dtype.kind in "SUO" and array.shape[0] <= 100_000:
            words = (word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
                     for word in file.whole(array))  # fmt: skip
            return tuple(words)
    return ()


Part = tuple[ArrayInfo, NDArray[np.int64], NDArray[np.int64]]
"""An array of images, the labels of all of them, and the places of those that are taken, in rising order."""


def _parts(roles: Roles, labels: Labels, spec: DatasetSpec) -> tuple[Part, Part]:
    """The training part and the test part."""
    if roles.test_images is not None:
        train, test = np.arange(len(labels.train)), np.arange(len(labels.test))
        return (roles.train_images, labels.train, train), (roles.test_images, labels.test, test)
    train, test = map(np.sort, official_order(labels.train, spec.test_part))
    return (roles.train_images, labels.train, train), (roles.train_images, labels.train, test)


def _copy(
    file: ArrayFile, array: ArrayInfo, labels: NDArray[np.int64], chosen: NDArray[np.int64], layout: Layout,
    values: ValueRange, writer: Writer, done: int, total: int, watch: Watch,
) -> int:  # fmt: skip
    """Write the chosen images of an array; how many are written in all."""
    start = 0
    with closing(file.read(array)) as chunks:
        for chunk in chunks:
            first, last = np.searchsorted(chosen, (start, start + len(chunk)))
            places = chosen[first:last]
            if len(places):
                images = layout.arranged(values.to_bytes(chunk[places - start]))
                writer.add(images, labels[places])
            start, done = start + len(chunk), done + len(places)
            watch(f"Reading {file.path.name}", done, total)
    return done


def _watched(file: ArrayFile, array: ArrayInfo, watch: Watch) -> Chunks:
    done = 0
    with closing(file.read(array)) as chunks:
        for chunk in chunks:
            watch(f"Checking {file.path.name}", done, array.shape[0])
            yield chunk
            done += len(chunk)
