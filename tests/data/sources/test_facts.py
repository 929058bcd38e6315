"""What a file or folder of the user's is told to be, before it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.sources.facts import kind_of, source_facts

IMAGES, LABELS = np.zeros((9, 6, 5, 1), np.uint8), np.arange(9)


def _npz(path: Path, **arrays: NDArray[Any]) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]  # the stub takes allow_pickle for one of them
    return path


def test_that_the_kind_is_told_by_the_bytes_and_not_by_the_name(tmp_path: Path) -> None:
    _npz(tmp_path / "a.npz", images=IMAGES).rename(tmp_path / "picture.dat")
    with h5py.File(tmp_path / "b.mat", "w") as file:
        file["images"] = IMAGES
    (tmp_path / "c.bin").write_bytes(b"\0\0\x08\x01\0\0\0\x02ab")
    kinds = [kind_of(tmp_path / name) for name in ("picture.dat", "b.mat", "c.bin")]
    assert [kind and kind.name for kind in kinds] == ["npz", "hdf5", "idx"]


def test_that_a_folder_of_idx_files_is_told_from_one_of_classes(tmp_path: Path) -> None:
    (tmp_path / "classes" / "cats").mkdir(parents=True)
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\x02ab")
    kinds = kind_of(tmp_path / "classes"), kind_of(tmp_path / "mnist")
    assert [kind and kind.name for kind in kinds] == [None, "idx"]


def test_that_the_arrays_are_listed_with_shape_and_type(tmp_path: Path) -> None:
    facts = source_facts(_npz(tmp_path / "a.npz", b=IMAGES, a=LABELS.astype(np.int16)))
    listed = {array.name: (array.shape, str(array.dtype)) for array in facts.arrays}
    assert listed == {"a": ((9,), "int16"), "b": ((9, 6, 5, 1), "uint8")}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("x_train", "y_train", "x_test", "y_test"), ("x_train", "y_train", "x_test", "y_test")),
        (("X_train", "Y_train", "X_test", "Y_test"), ("X_train", "Y_train", "X_test", "Y_test")),
        (("train_set_x", "train_set_y", "test_set_x", "test_set_y"),) * 2,
        (("images", "labels", "other", "rest"), ("images", "labels", "", "")),
        (("data", "target", "other", "rest"), ("data", "target", "", "")),
        (("first", "second", "third", "fourth"), None),
    ],
)
def test_that_names_tell_the_arrays_or_someone_has_to_choose(
    names: tuple[str, ...], expected: tuple[str, ...] | None, tmp_path: Path
) -> None:
    arrays = dict(zip(names, (IMAGES, LABELS, IMAGES, LABELS), strict=True))
    facts = source_facts(_npz(tmp_path / "a.npz", **arrays))
    if expected is None:
        assert facts.spec is None
    else:
        roles = dict(zip(("train_images", "train_labels", "test_images", "test_labels"), expected, strict=True))
        assert facts.spec == DatasetSpec(source=str(tmp_path / "a.npz"), **roles)  # type: ignore[arg-type]


def test_that_two_arrays_are_enough_to_tell_them_apart(tmp_path: Path) -> None:
    facts = source_facts(_npz(tmp_path / "a.npz", first=LABELS, second=IMAGES))
    assert facts.spec is not None
    assert (facts.spec.train_images, facts.spec.train_labels) == ("second", "first")


def test_that_test_arrays_alone_are_no_data_set(tmp_path: Path) -> None:
    assert source_facts(_npz(tmp_path / "a.npz", x_test=IMAGES, y_test=LABELS)).spec is None


@pytest.mark.parametrize("name", ["missing.npz", "text.txt"])
def test_that_what_is_no_data_set_is_refused_with_a_list_of_kinds(name: str, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("hello")
    with pytest.raises(ExplorerError) as refusal:
        source_facts(tmp_path / name)
    assert "NPZ, IDX or HDF5" in refusal.value.hint
