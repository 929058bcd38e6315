"""The files of the epoch film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.probes import probe_files, read_probe


def write(path: Path, **changes: Any) -> Path:
    arrays: dict[str, Any] = {
        "activations": np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4), "image": np.zeros((4, 5, 1), np.float32),
        "layer": "Conv2D_1", "epoch": 3, "kernels": np.ones((3, 3, 1, 4), np.float32), "kernel_layer": "Conv2D_1",
    } | changes  # fmt: skip
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_that_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    frame = read_probe(write(tmp_path / "epoch-00003.npz"))
    assert (frame.epoch, frame.layer, frame.kernel_layer) == (3, "Conv2D_1", "Conv2D_1")
    assert frame.maps[1, 2].tolist() == [20, 21, 22, 23]
    assert frame.image.shape == (4, 5, 1)
    assert frame.kernels is not None
    assert frame.kernels.shape == (3, 3, 1, 4)
    assert frame.size == 4 * (24 + 20 + 36)


def test_that_a_network_without_kernels_has_a_film_too(tmp_path: Path) -> None:
    assert read_probe(write(tmp_path / "epoch-00000.npz", kernels=None, kernel_layer=None)).kernels is None


def test_that_epochs_are_listed_in_their_order_and_other_files_left_out(tmp_path: Path) -> None:
    for name in ("epoch-00010.npz", "epoch-00002.npz", "epoch-100000.npz", "notes.npz", ".tmp-epoch-00001.npz"):
        write(tmp_path / "probes" / name)
    assert list(probe_files(tmp_path)) == [2, 10, 100_000]
    assert probe_files(tmp_path / "missing") == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"activations": None}, {"image": None}, {"layer": None}, {"epoch": "three"}, {"epoch": [1, 2]},
        {"activations": np.zeros((2, 3, 4), np.float32)}, {"activations": np.zeros((2, 2, 3, 4), np.float32)},
        {"activations": np.zeros((1, 2, 3, 0), np.float32)}, {"activations": np.full((1, 1, 1, 1), "text")},
        {"image": np.zeros((4, 5), np.float32)}, {"kernels": np.zeros((3, 3), np.float32)},
        {"activations": np.array([{}], dtype=object)},
    ],
)  # fmt: skip
def test_that_a_file_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ExplorerError, match=r"epoch-00001\.npz"):
        read_probe(write(tmp_path / "epoch-00001.npz", **changes))


@pytest.mark.parametrize("length", [0, 10, 300, 700])
def test_that_a_file_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "epoch-00001.npz")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ExplorerError, match="could not be read"):
        read_probe(path)


def test_that_a_file_with_a_wrong_byte_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "epoch-00001.npz", activations=np.random.default_rng(0).random((1, 9, 9, 9)))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ExplorerError, match="could not be read"):
        read_probe(path)


def test_that_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="No such file"):
        read_probe(tmp_path / "epoch-00001.npz")
