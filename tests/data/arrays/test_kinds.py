"""The table of kinds of files of arrays: whoever adds a row need touch nothing else."""

from __future__ import annotations

import contextlib
import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays import kinds
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo
from cnn_explorer.data.arrays.kinds import ARRAY_KINDS, ArrayKind
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.data.sources import facts
from cnn_explorer.data.sources.facts import kind_of, source_facts
from cnn_explorer.ui.session.file_kinds import DATASET_FILES, openable

IMAGES, LABELS = np.arange(8 * 6 * 5, dtype=np.uint8).reshape(8, 6, 5), np.arange(8) % 2


def _npz(folder: Path) -> Path:
    np.savez(folder / "set.npz", images=IMAGES, labels=LABELS)
    return folder / "set.npz"


def _hdf5(folder: Path) -> Path:
    with h5py.File(folder / "set.hdf5", "w") as file:
        file["images"], file["labels"] = IMAGES, LABELS
    return folder / "set.hdf5"


def _idx(folder: Path) -> Path:
    for name, values in (("train-images-idx3-ubyte", IMAGES), ("train-labels-idx1-ubyte", LABELS)):
        head = bytes([0, 0, 8, values.ndim]) + b"".join(side.to_bytes(4, "big") for side in values.shape)
        (folder / f"{name}.gz").write_bytes(gzip.compress(head + values.astype(np.uint8).tobytes()))
    return folder / "train-images-idx3-ubyte.gz"


MAKERS = {"npz": _npz, "hdf5": _hdf5, "idx": _idx}


@pytest.mark.parametrize("kind", ARRAY_KINDS, ids=lambda kind: kind.name)
def test_that_a_file_of_each_kind_is_told_dropped_chosen_and_read(kind: ArrayKind, tmp_path: Path) -> None:
    path = MAKERS[kind.name](tmp_path)
    assert kind_of(path) is kind
    assert openable(path) == ("dataset", path)
    assert any(path.match(pattern) and pattern in DATASET_FILES for pattern in kind.patterns)
    dataset = load_dataset(DatasetSpec(source=str(path)))
    assert sorted(image.tobytes() for image in dataset.images) == sorted(image.tobytes() for image in IMAGES)


@pytest.mark.parametrize("kind", ARRAY_KINDS, ids=lambda kind: kind.name)
def test_that_a_damaged_file_goes_to_the_reader_that_its_name_tells(kind: ArrayKind, tmp_path: Path) -> None:
    path = tmp_path / f"damaged{kind.suffixes[0]}"
    path.write_bytes(b"nothing of that kind")
    assert kind_of(path) is kind
    with pytest.raises(ExplorerError):
        source_facts(path)


def test_that_a_new_kind_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def opened(path: Path) -> Iterator[ArrayFile]:
        arrays = {"images": IMAGES, "labels": LABELS}
        infos = tuple(ArrayInfo(name, values.shape, values.dtype) for name, values in arrays.items())

        def read(array: ArrayInfo) -> Any:
            yield arrays[array.name]

        yield ArrayFile(path, infos, read)

    raw = ArrayKind("raw", "RAW", (".raw",), begins=lambda _path, head: head.startswith(b"RAW!"), open=opened)
    for module in (kinds, facts):
        monkeypatch.setattr(module, "ARRAY_KINDS", (*ARRAY_KINDS, raw))
    (tmp_path / "pictures").write_bytes(b"RAW! and so on")
    assert source_facts(tmp_path / "pictures").kind is raw
    assert len(load_dataset(DatasetSpec(source=str(tmp_path / "pictures"))).images) == len(IMAGES)


def test_that_the_table_is_light_to_import() -> None:
    code = "import sys, cnn_explorer.data.arrays.kinds; print({'h5py', 'PIL', 'sklearn'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert run.stdout.strip() == "set()"
