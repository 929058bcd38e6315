"""The table of data sets and the bundled MNIST."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.npz import PublishedArrays, read_npz
from cnn_explorer.data.sources import registry
from cnn_explorer.data.sources.registry import SOURCES, DatasetSource, fingerprint_of, load_registered
from cnn_explorer.store import paths


def test_that_the_bundled_mnist_is_the_published_one() -> None:
    mnist = load_registered("mnist")
    assert mnist.train_images.shape == (60_000, 28, 28, 1)
    assert mnist.test_images.shape == (10_000, 28, 28, 1)
    assert mnist.image_shape == (28, 28, 1)
    assert (mnist.train_images.dtype, mnist.train_labels.dtype) == (np.uint8, np.int64)
    assert mnist.classes == tuple("0123456789")
    # Counts per digit, mean and deviation as found all over the literature.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.train_labels).tolist() == counts
    assert np.bincount(mnist.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert mnist.train_images.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_that_every_row_of_the_table_is_complete(source: DatasetSource) -> None:
    assert source.name
    assert source.title
    assert source.description.endswith(".")
    assert source.licence
    assert len(set(source.classes)) == len(source.classes) > 1
    assert source.fingerprint or source.files, "nothing guards it"
    for checksum in filter(None, (source.fingerprint, *(file.sha256 for file in source.files))):
        assert len(bytes.fromhex(checksum)) == 32
    for file in source.files:
        assert all(url.endswith(f"/{file.name}") for url in file.urls)
        assert file.urls
        assert file.size > 0


def test_that_names_are_unique() -> None:
    assert len({source.name for source in SOURCES}) == len(SOURCES)


def test_that_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ExplorerError) as caught:
        load_registered("minst")
    assert '"minst"' in caught.value.message
    assert "mnist" in caught.value.hint


def _tiny() -> PublishedArrays:
    images = np.arange(5 * 2 * 2, dtype=np.uint8).reshape(5, 2, 2, 1)
    labels = np.array([0, 1, 0, 1, 1], np.int64)
    return PublishedArrays(images[:3], labels[:3], images[3:], labels[3:])


def _register(monkeypatch: pytest.MonkeyPatch, load: Callable[[Path], PublishedArrays], fingerprint: str = "") -> None:
    source = DatasetSource(
        name="tiny", title="Tiny", description="Five images.", licence="none", image_shape=(2, 2, 1),
        classes=("a", "b"), train_count=3, test_count=2, fingerprint=fingerprint or fingerprint_of(_tiny()), load=load,
    )  # fmt: skip
    monkeypatch.setattr(registry, "SOURCES", (*SOURCES, source))


def test_that_the_table_can_be_extended_by_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    _register(monkeypatch, lambda _folder: _tiny())
    tiny = load_registered("tiny")
    assert (tiny.name, tiny.title, tiny.classes) == ("tiny", "Tiny", ("a", "b"))
    assert tiny.test_labels.tolist() == [1, 1]


def test_that_the_fingerprint_is_sha256_over_shapes_and_bytes() -> None:
    arrays = _tiny()
    by_hand = hashlib.sha256(
        b"(3, 2, 2, 1)" + bytes(range(12))
        + b"(3,)" + bytes([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        + b"(2, 2, 2, 1)" + bytes(range(12, 20))
        + b"(2,)" + bytes([1, 0, 0, 0, 0, 0, 0, 0] * 2)
    )  # fmt: skip
    assert fingerprint_of(arrays) == by_hand.hexdigest()
    strided = arrays._replace(train_images=np.asfortranarray(arrays.train_images))
    assert fingerprint_of(strided) == by_hand.hexdigest()


@pytest.mark.parametrize("part", ["train_images", "train_labels", "test_images", "test_labels"])
def test_that_one_changed_number_is_noticed(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = _tiny()._asdict()
    arrays[part] = arrays[part].copy()
    arrays[part].flat[0] ^= 1
    _register(monkeypatch, lambda _folder: PublishedArrays(**arrays))
    with pytest.raises(ExplorerError, match="fingerprint"):
        load_registered("tiny")


def test_that_a_part_that_lacks_images_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    _register(monkeypatch, lambda _folder: _tiny()._replace(test_images=_tiny().test_images[:1]))
    with pytest.raises(ExplorerError, match="not complete"):
        load_registered("tiny")


def test_that_a_missing_mnist_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_PACKAGE", tmp_path / "cnn_explorer")
    with pytest.raises(ExplorerError, match=r"resources/datasets/mnist\.npz is missing"):
        load_registered("mnist")


def _write(path: Path, **changes: object) -> Path:
    arrays: dict[str, object] = dict(zip(("x_train", "y_train", "x_test", "y_test"), _tiny(), strict=True))
    np.savez_compressed(path, **(arrays | changes))  # type: ignore[arg-type]  # numpy's stub takes bool for keywords
    return path


def test_that_grey_images_get_a_channel_axis_and_colour_keeps_its_own(tmp_path: Path) -> None:
    grey = _write(tmp_path / "grey.npz", x_train=np.zeros((3, 2, 2), np.uint8))
    assert read_npz(grey).train_images.shape == (3, 2, 2, 1)
    colour = _write(tmp_path / "colour.npz", x_test=np.zeros((2, 4, 4, 3), np.uint8))
    assert read_npz(colour).test_images.shape == (2, 4, 4, 3)


def test_that_a_file_cut_off_anywhere_is_called_damaged(tmp_path: Path) -> None:
    whole = _write(tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "cut.npz"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ExplorerError) as caught:
            read_npz(path)
        assert str(path) in caught.value.message


def test_that_a_file_of_another_kind_is_not_called_safe_to_unpickle(tmp_path: Path) -> None:
    path = tmp_path / "text.npz"
    path.write_text("no archive")
    with pytest.raises(ExplorerError) as caught:
        read_npz(path)
    assert caught.value.message == f"{path} is damaged: it is no whole .npz file."


def test_that_flipped_bytes_never_end_in_another_error(tmp_path: Path) -> None:
    whole = _write(tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "flipped.npz"
    for position in range(0, len(whole), 13):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        with contextlib.suppress(ExplorerError):
            assert len(read_npz(path)) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"x_train": np.zeros((3, 2, 2), np.float32)},
        {"x_train": np.zeros(3, np.uint8)},
        {"y_test": np.array(["a", "b"])},
        {"y_test": np.array([0.5, 1.5])},
        {"y_train": np.array([{}, {}, {}], dtype=object)},
    ],
    ids=["floats", "no images", "texts as labels", "fractions as labels", "pickled objects"],
)
def test_that_other_contents_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    path = _write(tmp_path / "other.npz", **changes)
    with pytest.raises(ExplorerError) as caught:
        read_npz(path)
    assert str(path) in caught.value.message


def test_that_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    text, single, missing, folder = (tmp_path / name for name in ("a.npz", "b.npy", "c.npz", "d.npz"))
    text.write_text("no zip")
    np.save(single, np.zeros(3))
    folder.mkdir()
    for path in (text, single, missing, folder):
        with pytest.raises(ExplorerError):
            read_npz(path)


def test_that_the_digits_are_those_of_scikit_learn_in_a_fixed_split() -> None:
    digits = load_registered("digits")
    assert digits.image_shape == (8, 8, 1)
    assert digits.spec == DatasetSpec(source="digits")
    published = load_digits()
    tested: list[int] = []
    for label in range(10):
        tested += np.flatnonzero(published.target == label)[4::5].tolist()
    places = np.sort(tested)
    assert digits.test_labels.tolist() == published.target[places].tolist()
    assert digits.train_labels.tolist() == np.delete(published.target, places).tolist()
    values = np.round(digits.images[..., 0] / 255 * 16, 3)
    restored = np.empty_like(published.images)
    restored[np.delete(np.arange(1797), places)], restored[places] = values[:1442], values[1442:]
    assert np.abs(restored - published.images).max() <= 16 / 255 / 2 + 1e-3
    assert (digits.images.min(), digits.images.max()) == (0, 255)
    assert (np.bincount(digits.test_labels) / np.bincount(digits.labels)).round(1).tolist() == [0.2] * 10
    assert any("0 to 16" in remark for remark in digits.remarks)
    assert any("test part" in remark for remark in digits.remarks)


def test_that_missing_data_of_scikit_learn_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ExplorerError, match="scikit-learn's data are missing"):
        load_registered("digits")


def test_that_table_and_digits_need_nothing_that_takes_long_to_import() -> None:
    code = (
        "import sys; from cnn_explorer.data.sources.registry import SOURCES, load_registered, state_of;"
        "[state_of(source) for source in SOURCES]; load_registered('digits');"
        "print({'sklearn', 'PIL', 'PySide6', 'keras', 'requests'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
