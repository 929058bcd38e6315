"""The script that made resources/datasets/mnist.npz, on files of its own."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cnn_explorer.data.arrays.npz import read_npz

Load = Callable[[str], ModuleType]


@pytest.fixture
def script(load_script: Load) -> ModuleType:
    return load_script("datasets/build_mnist.py")


def _idx(*shape: int) -> bytes:
    count = int(np.prod(shape))
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + bytes(i % 10 for i in range(count))


def _sources(script: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four small files and a table that knows them."""
    small = {}
    for name, source in script.SOURCES.items():
        shape = (3, *source.shape[1:])
        data = gzip.compress(_idx(*shape), mtime=0)
        (folder / source.file).write_bytes(data)
        small[name] = source._replace(shape=shape, sha256=hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(script, "SOURCES", small)


def test_that_the_output_holds_the_sources_and_is_the_same_every_time(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sources(script, tmp_path, monkeypatch)
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    script.main(tmp_path, first)
    script.main(tmp_path, second)
    assert first.read_bytes() == second.read_bytes()
    arrays = read_npz(first)
    assert arrays.train_images.shape == (3, 28, 28, 1)
    assert arrays.train_images.ravel()[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert arrays.test_labels.tolist() == [0, 1, 2]


def test_that_a_source_with_another_fingerprint_is_refused(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sources(script, tmp_path, monkeypatch)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(_idx(3), mtime=1))
    with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte\.gz: expected SHA-256"):
        script.main(tmp_path, tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


def test_that_a_source_of_another_shape_is_refused(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sources(script, tmp_path, monkeypatch)
    script.SOURCES["y_test"] = script.SOURCES["y_test"]._replace(shape=(4,))
    with pytest.raises(ValueError, match="expected shape"):
        script.main(tmp_path, tmp_path / "out.npz")


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\x08\x03\0\0", b"\0\0\x0d\x01\0\0\0\0", _idx(2, 3)[:-1], _idx(2, 3) + b"\0", b"PNG......."]
)
def test_that_what_is_no_idx_file_is_refused(script: ModuleType, data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  numpy and the script word it differently
        script.decode_idx(data)
