"""Files of arrays as data sets: every kind gives the same images, and bad ones end in a sentence."""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays import array_file
from cnn_explorer.data.arrays.idx import read_idx
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.store import paths

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 6, 5, 1), np.uint8)
LABELS = np.arange(30) % 3
TRAIN, TEST = slice(0, 20), slice(20, 30)
PUBLISHED = {"x_train": IMAGES[TRAIN], "y_train": LABELS[TRAIN], "x_test": IMAGES[TEST], "y_test": LABELS[TEST]}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, and small chunks, so that everything is read in several."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(array_file, "CHUNK_BYTES", 200)
    return tmp_path / "home" / "cache"


def write_npz(path: Path, arrays: dict[str, NDArray[Any]]) -> Path:
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # the stub takes allow_pickle for one of them
    return path


def write_hdf5(path: Path, arrays: dict[str, NDArray[Any]]) -> Path:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[f"data/{name}"] = array
    return path


IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte", "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte", "y_test": "t10k-labels-idx1-ubyte",
}  # fmt: skip


def idx_bytes(array: NDArray[Any]) -> bytes:
    """By hand, after the description of the format."""
    assert array.dtype == np.uint8
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx(path: Path, arrays: dict[str, NDArray[Any]], packed: bool = False) -> Path:
    path.mkdir()
    for name, array in arrays.items():
        squeezed = array[..., 0] if array.ndim == 4 else array.astype(np.uint8)
        data = idx_bytes(squeezed)
        (path / (IDX_NAMES[name] + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    return path


def load(path: Path, **changes: Any) -> Dataset:
    return load_dataset(msgspec.structs.replace(DatasetSpec(source=str(path)), **changes))


WRITERS: dict[str, Callable[[Path], Path]] = {
    "npz": lambda folder: write_npz(folder / "set.npz", PUBLISHED),
    "hdf5": lambda folder: write_hdf5(folder / "set.hdf5", PUBLISHED),
    "idx": lambda folder: write_idx(folder / "set", PUBLISHED),
    "idx-gz": lambda folder: write_idx(folder / "set", PUBLISHED, packed=True),
    "one-idx-of-four": lambda folder: write_idx(folder / "set", PUBLISHED) / IDX_NAMES["y_test"],
}


@pytest.mark.parametrize("kind", WRITERS)
def test_that_every_kind_of_file_gives_its_images_and_labels(kind: str, tmp_path: Path) -> None:
    dataset = load(WRITERS[kind](tmp_path))
    np.testing.assert_array_equal(dataset.images, IMAGES)
    np.testing.assert_array_equal(dataset.labels, LABELS)
    assert (dataset.train, dataset.test) == (range(20), range(20, 30))
    assert (dataset.name, dataset.classes, dataset.remarks) == ("set", ("0", "1", "2"), ())


def test_that_the_same_images_have_the_same_fingerprint_in_every_kind_of_file(tmp_path: Path) -> None:
    made = [WRITERS[kind](tmp_path) for kind in ("npz", "hdf5", "idx")]
    assert len({load(path).fingerprint for path in made}) == 1


def test_that_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "set.npz", PUBLISHED)
    before = load(path)
    write_npz(path, PUBLISHED | {"x_train": 255 - IMAGES[TRAIN]})
    np.testing.assert_array_equal(load(path).train_images[:], 255 - IMAGES[TRAIN])
    np.testing.assert_array_equal(before.train_images[:], IMAGES[TRAIN])


def test_that_a_file_without_a_test_part_keeps_a_share_of_each_class_for_the_test(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "set.npz", {"images": IMAGES, "labels": LABELS})
    dataset = load(path, test_part=0.3)
    assert np.bincount(dataset.test_labels).tolist() == [3, 3, 3]
    assert dataset.remarks == ("9 of 30 images were drawn for the test, by class.",)
    # No image gets lost or doubled, and each keeps its label: the images are all different.
    original = {image.tobytes(): label for image, label in zip(IMAGES, LABELS, strict=True)}
    assert {image.tobytes(): label for image, label in zip(dataset.images, dataset.labels, strict=True)} == original


def test_that_a_share_for_the_test_is_not_dropped_silently_where_the_file_has_test_images(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "set.npz", PUBLISHED)
    asked, plain = load(path, test_part=0.3), load(path)
    assert asked.remarks == ("The file has a test part of its own; the share that was given for one is not used.",)
    assert plain.remarks == ()
    assert len(asked.test) == len(plain.test)


@pytest.mark.parametrize(
    ("stored", "remark"),
    [
        (IMAGES / 255.0, "The values 0…1 were brought to bytes, 0…255."),
        ((IMAGES / 255.0).astype(np.float32), "The values 0…1 were brought to bytes, 0…255."),
        (IMAGES.astype(np.float64), "The values 0…255 were rounded to bytes."),
        (IMAGES.astype(np.int32), ""),
        (IMAGES / 127.5 - 1, "The values -1…1 were brought to bytes, 0…255."),
        (IMAGES.astype(np.uint16) * 257, "The values 0…65535 were brought to bytes, 0…255."),
        (np.moveaxis(IMAGES, -1, 1), "Channels came first and were moved to the end."),
        (np.asfortranarray(IMAGES), ""),
    ],
    ids=["0 to 1", "float32", "floats", "integers", "signed", "16 bits", "channels first", "fortran"],
)
def test_that_any_numbers_become_the_bytes_that_they_were(stored: NDArray[Any], remark: str, tmp_path: Path) -> None:
    stored = stored.copy("K")
    if not remark.startswith("Channels"):
        stored[0].flat[:2] = stored.max(), stored.min()  # both ends of the range occur, so that it can be told
    expected = IMAGES.copy()
    if not remark.startswith("Channels"):
        expected[0].flat[:2] = IMAGES.max(), IMAGES.min()
    path = write_npz(tmp_path / "set.npz", {"images": stored, "labels": LABELS, "x_test": stored, "y_test": LABELS})
    dataset = load(path, train_images="images", train_labels="labels", test_images="x_test", test_labels="y_test")
    np.testing.assert_array_equal(dataset.train_images[:], expected)
    assert dataset.remarks == ((remark,) if remark else ())


def test_that_rows_of_pixels_become_images(tmp_path: Path) -> None:
    gray, colour = RNG.integers(0, 256, (4, 49), np.uint8), RNG.integers(0, 256, (4, 48), np.uint8)
    labels = np.array([0, 1, 0, 1])
    for pixels, shape in ((gray, (7, 7, 1)), (colour, (4, 4, 3))):
        path = write_npz(tmp_path / "set.npz", {"data": pixels, "target": labels})
        dataset = load(path, test_part=0.5)
        assert dataset.image_shape == shape
        assert {image.tobytes() for image in dataset.images} == {row.tobytes() for row in pixels}


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.array(["pear", "apple"])[LABELS % 2], ("apple", "pear")),
        (np.array([b"pear", b"apple"])[LABELS % 2], ("apple", "pear")),
        (LABELS[:, None], ("0", "1", "2")),
        (np.eye(3)[LABELS], ("0", "1", "2")),
        (LABELS.astype(np.float32), ("0", "1", "2")),
        (LABELS + 1, ("1", "2", "3")),
        (LABELS * 1000, ("0", "1000", "2000")),
        (LABELS == 1, ("0", "1")),
    ],
    ids=["words", "bytes", "column", "one-hot", "floats", "from 1", "with gaps", "yes or no"],
)
def test_that_labels_of_any_kind_are_understood(labels: NDArray[Any], classes: tuple[str, ...], tmp_path: Path) -> None:
    dataset = load(write_npz(tmp_path / "set.npz", {"images": IMAGES, "labels": labels}))
    assert dataset.classes == classes
    flat = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.ravel()
    expected = {image.tobytes(): word for image, word in zip(IMAGES, flat, strict=True)}
    for image, label in zip(dataset.images, dataset.labels, strict=True):
        word = expected[image.tobytes()]
        word = word.decode() if isinstance(word, bytes) else word
        assert classes[label] == (str(word) if isinstance(word, str) else str(int(word)))


def test_that_an_array_of_words_names_the_classes(tmp_path: Path) -> None:
    names = np.array(["ant", "bee", "cat", "dog"])
    dataset = load(write_npz(tmp_path / "set.npz", PUBLISHED | {"class_names": names}))
    assert dataset.classes == ("ant", "bee", "cat", "dog")
    np.testing.assert_array_equal(dataset.labels, LABELS)


def test_that_words_in_hdf5_are_read(tmp_path: Path) -> None:
    path = tmp_path / "set.h5"
    with h5py.File(path, "w") as file:
        file["images"] = IMAGES
        file["labels"] = np.array(["Äpfel", "kiwi", "fig"], object)[LABELS]
    assert load(path).classes == ("fig", "kiwi", "Äpfel")


def test_that_arrays_can_be_chosen_where_their_names_do_not_tell(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "set.npz", {"a": IMAGES, "b": 255 - IMAGES, "c": LABELS, "d": 2 - LABELS})
    with pytest.raises(ExplorerError, match=r"does not tell by its names.*a uint8 \(30, 6, 5, 1\)") as refusal:
        load(path)
    assert "--train-images" in refusal.value.hint
    dataset = load(path, train_images="b", train_labels="d")
    assert {image.tobytes() for image in dataset.images} == {image.tobytes() for image in 255 - IMAGES}


def _changed(**changes: Any) -> Callable[[Path], Path]:
    return lambda folder: write_npz(folder / "set.npz", PUBLISHED | changes)


def _with(value: float) -> NDArray[np.float32]:
    images = (IMAGES[TRAIN] / 255).astype(np.float32)
    images[3, 2, 1] = value
    return images


def _pickled(folder: Path) -> Path:
    np.savez(folder / "set.npz", x_train=np.array([{"a": 1}], object), y_train=LABELS[TRAIN])
    return folder / "set.npz"


def _truncated_member(folder: Path) -> Path:
    """An array that says that it is longer than it is."""
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (20, 6, 5, 1), }"
    header = header.ljust(117) + b"\n"
    short = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + IMAGES[:7].tobytes()
    write_npz(folder / "set.npz", {"y_train": LABELS[TRAIN]})
    with zipfile.ZipFile(folder / "set.npz", "a") as archive:
        archive.writestr("x_train.npy", short)
    return folder / "set.npz"


def _cut_off(folder: Path) -> Path:
    path = write_npz(folder / "set.npz", PUBLISHED)
    path.write_bytes(path.read_bytes()[:-40])
    return path


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "pickled objects": (_pickled, "pickled Python objects, which are never read"),
    "a short array": (_truncated_member, '"x_train" is shorter than it says'),
    "a truncated file": (_cut_off, "is damaged"),
    "pixels that are no numbers": (_changed(x_train=_with(np.nan)), r"no numbers \(NaN or infinite\), in an image"),
    "infinite pixels": (_changed(x_train=_with(np.inf)), r"no numbers \(NaN or infinite\)"),
    "labels outside the range": (_changed(y_test=LABELS[TEST] + 7), "The test label 9 is outside the range"),
    "negative labels": (_changed(y_test=LABELS[TEST] - 9), "The test label -7 is outside the range"),
    "labels outside the names": (_changed(class_names=np.array(["a", "b"])), "label 2 is outside.*2 class names"),
    "too few labels": (_changed(y_train=LABELS[:7]), '"x_train" has 20 images, "y_train" has 7 labels'),
    "one class": (_changed(y_train=LABELS[TRAIN] * 0, y_test=LABELS[TEST] * 0), "All images are of one class, 0"),
    "broken labels": (_changed(y_train=LABELS[TRAIN] + 0.5), "training labels are no whole numbers"),
    "labels that are no numbers": (_changed(y_train=np.full(20, np.nan)), "labels have values that are no num"),
    "unclear columns": (_changed(y_train=np.ones((20, 3))), "do not tell one class for each image"),
    "different shapes": (_changed(x_test=IMAGES[TEST][:, :5]), "different shapes: 6×5×1 and 5×5×1"),
    "two channels": (_changed(x_train=np.zeros((20, 6, 5, 2), np.uint8)), r"1 or 3 channels.*\(20, 6, 5, 2\)"),
    "five axes": (_changed(x_train=np.zeros((20, 2, 2, 2, 2), np.uint8)), '"x_train" are no images'),
    "words as images": (_changed(x_train=np.array(["a"] * 20)), '"x_train" are no images'),
    "a test part without labels": (lambda folder: write_npz(folder / "set.npz", {
        name: array for name, array in PUBLISHED.items() if name != "y_test"}), "a test part without labels"),
    "no arrays": (lambda folder: write_npz(folder / "set.npz", {}), "which arrays are images and labels: no arrays"),
    "nothing": (lambda folder: folder / "set.npz", "is not there"),
    "something else": (lambda folder: _text(folder / "set.txt"), "is no data set"),
    "no HDF5": (lambda folder: _text(folder / "set.h5"), "could not be read as HDF5"),
    "no NPZ": (lambda folder: _text(folder / "set.npz"), "is damaged"),
}  # fmt: skip


def _text(path: Path) -> Path:
    path.write_text("Lorem ipsum dolor sit amet")
    return path


@pytest.mark.parametrize("what", BAD)
def test_that_bad_input_ends_in_a_sentence_and_leaves_nothing(what: str, tmp_path: Path, cache: Path) -> None:
    make, sentence = BAD[what]
    path = make(tmp_path)
    with pytest.raises(ExplorerError, match=sentence) as refusal:
        load(path)
    assert refusal.value.hint
    assert not [file for file in cache.rglob("*") if file.is_file() and file.suffix != ".lock"]


@pytest.mark.parametrize("changes", [{"image_size": (9, 9)}, {"color": "gray"}, {"resize": "crop"}])
def test_that_sizes_and_colours_are_for_folders(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="one size and colour already"):
        load(write_npz(tmp_path / "set.npz", PUBLISHED), **changes)


def test_that_nothing_is_unpickled(tmp_path: Path) -> None:
    """An array whose unpickling would leave a trace."""
    trace = tmp_path / "trace"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (trace,))

    np.savez(tmp_path / "set.npz", images=IMAGES, labels=LABELS, extra=np.array([Trap()], object))
    with pytest.raises(ExplorerError, match="pickled"):
        load(tmp_path / "set.npz")
    assert not trace.exists()


def _linked(kind: str) -> Callable[[h5py.File, Path], None]:
    def external_link(file: h5py.File, other: Path) -> None:
        file["x_test"] = h5py.ExternalLink(str(other), "/images")

    def external_storage(file: h5py.File, other: Path) -> None:
        file.create_dataset("x_test", (10, 6, 5, 1), np.uint8, external=[(str(other), 0, 300)])

    def virtual(file: h5py.File, other: Path) -> None:
        layout = h5py.VirtualLayout((30, 6, 5, 1), np.uint8)
        layout[:] = h5py.VirtualSource(str(other), "images", (30, 6, 5, 1))
        file.create_virtual_dataset("x_test", layout)

    return {"external link": external_link, "external storage": external_storage, "virtual": virtual}[kind]


@pytest.mark.parametrize("kind", ["external link", "external storage", "virtual"])
def test_that_hdf5_never_leads_to_another_file(kind: str, tmp_path: Path) -> None:
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["images"] = IMAGES
    path = tmp_path / "set.h5"
    with h5py.File(path, "w") as file:
        file["x_train"], file["y_train"] = IMAGES, LABELS
        _linked(kind)(file, other)
    with pytest.raises(ExplorerError, match=r"link to another file|lie in other files") as refusal:
        load(path)
    assert "without links" in refusal.value.hint


def test_that_a_soft_link_within_the_file_does_no_harm(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"], file["labels"] = IMAGES, LABELS
        file["loop"] = h5py.SoftLink("/loop")
        file["again"] = h5py.SoftLink("/images")
    assert len(load(tmp_path / "set.h5").images) == 30


def _write_train_images(folder: Path, data: bytes) -> Path:
    write_idx(folder / "set", PUBLISHED)
    (folder / "set" / IDX_NAMES["x_train"]).write_bytes(data)
    return folder / "set" / IDX_NAMES["x_train"]


GOOD = idx_bytes(IMAGES[TRAIN][..., 0])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x01" + GOOD[1:], "magic number is 01000803"),
        (b"\0\0\x07" + GOOD[3:], "magic number is 00000703"),
        (b"", "magic number is missing"),
        (GOOD[:9], "cut off within its header"),
        (GOOD[:-1], "too short: it says that it holds 20 rows, but ends in row 20"),
        (GOOD[:16], "too short: it says that it holds 20 rows, but ends in row 1"),
        (GOOD + b"\0", "longer than it says: 20 rows"),
        (b"\0\0\x08\x03" + struct.pack(">3I", 2**32 - 1, 6, 5) + GOOD[16:], "4,294,967,295 images"),
        (gzip.compress(GOOD)[:-12], "could not be read"),
    ],
    ids=["first byte", "type", "empty", "header", "a byte missing", "no values", "a byte more", "bomb", "gzip cut off"],
)
def test_that_idx_with_a_wrong_magic_number_or_length_is_refused(data: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=sentence):
        load(_write_train_images(tmp_path, data))


@pytest.mark.parametrize("code", ["B", "b", "h", "i", "f", "d"])
def test_that_idx_of_every_type_is_read(code: str, tmp_path: Path) -> None:
    array = np.arange(12).reshape(3, 4).astype(code)
    number = {"B": 8, "b": 9, "h": 11, "i": 12, "f": 13, "d": 14}[code]
    data = bytes((0, 0, number, 2)) + struct.pack(">2I", 3, 4) + array.astype(f">{code}").tobytes()
    (tmp_path / "some.idx").write_bytes(data)
    read = read_idx(tmp_path / "some.idx")
    np.testing.assert_array_equal(read, array)
    assert read.dtype == array.dtype
