"""Files of arrays that claim, or unfold to, far more than they hold: refused before the memory is filled."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.data.sources.facts import source_facts
from cnn_explorer.store import paths

IMAGES, LABELS = np.zeros((4, 3, 3), np.uint8), np.array([0, 1, 0, 1])


def _npy(shape: tuple[int, ...], descr: str = "|u1") -> bytes:
    """An array that claims this shape, with three bytes of values."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue() + b"abc"


def _npz(images: tuple[int, ...], labels: tuple[int, ...], descr: str = "|u1") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "set.npz", "w") as archive:
            archive.writestr("x_train.npy", _npy(images))
            archive.writestr("y_train.npy", _npy(labels, descr))
        return folder / "set.npz"

    return write


def _hdf5(fill: Callable[[h5py.File], object]) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with h5py.File(folder / "set.h5", "w") as file:
            fill(file)
        return folder / "set.h5"

    return write


def _declared(file: h5py.File) -> None:
    """Two billion images and labels, none of which is written: a kilobyte."""
    file.create_dataset("x_train", (2 * 10**9, 1, 1), "u1", chunks=(10**6, 1, 1))
    file.create_dataset("y_train", (2 * 10**9,), "i8", chunks=(10**6,))


def _folded(file: h5py.File) -> None:
    """A chunk of 3 GB, of which the library would unpack all for the first row."""
    file.create_dataset("x_train", (4, 3, 10**9), "u1", chunks=(1, 3, 10**9), compression="gzip")
    file["y_train"] = LABELS


def _many_paths(file: h5py.File) -> None:
    """Forty levels of groups, each with the next one under ten names: 10 to the 40th paths."""
    file["x_train"], file["y_train"] = IMAGES, LABELS
    group = file.create_group("first")
    for level in range(40):
        below = file.create_group(f"level{level}")
        for name in range(10):
            group[str(name)] = below
        group = below


def _circle(file: h5py.File) -> None:
    file["x_train"], file["y_train"] = IMAGES, LABELS
    file["group/again"] = file["/"]


BOMBS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "labels that are declared": (_hdf5(_declared), '"y_train" is too large to be read as labels'),
    "labels of endless words": (_npz((4, 3, 3), (4,), "<U500000000"), '"y_train" is too large to be read as labels'),
    "a chunk of gigabytes": (_hdf5(_folded), "stored in chunks that are too large"),
    "groups on many paths": (_hdf5(_many_paths), "more groups and arrays than a data set has"),
    "groups in a circle": (_hdf5(_circle), "more groups and arrays than a data set has"),
    "images of gigabytes": (_npz((4, 50_000, 50_000), (4,)), "images of 50,000×50,000 pixels, at most 4,096"),
    "a negative number of images": (_npz((-5, 3, 3), (-5,)), "is damaged: the array x_train.npy has the shape"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("what", BOMBS)
def test_that_a_small_file_cannot_fill_the_memory(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    write, sentence = BOMBS[what]
    path = write(tmp_path)
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(ExplorerError, match=sentence):
            load_dataset(DatasetSpec(source=str(path)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6
    assert not [file for file in (tmp_path / "home").rglob("*") if file.is_file() and file.suffix != ".lock"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.timeout(20)
def test_that_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ExplorerError, match="is no file and no folder"):
        source_facts(tmp_path / "pipe")


def test_that_a_label_between_the_known_ones_is_not_said_to_be_beyond_them(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, x_train=IMAGES, y_train=[-1, 1, 2, 3], x_test=IMAGES, y_test=[0, 1, 2, 3])
    with pytest.raises(ExplorerError, match="test label 0 is outside the range: the training labels are -1, 1, 2, 3"):
        load_dataset(DatasetSpec(source=str(path)))
