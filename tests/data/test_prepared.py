"""The copy of the user's images in the cache: made once, mapped ever after, whole or not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError, unwatched
from cnn_explorer.data import prepared as module
from cnn_explorer.data.arrays.npz import PublishedArrays
from cnn_explorer.data.dataset import Dataset, Skipped
from cnn_explorer.data.prepared import Facts, Writer, official_order, prepared
from cnn_explorer.data.sources.registry import fingerprint_of
from cnn_explorer.store import paths

SOURCE = Path("/somewhere/fruits")
SPEC = DatasetSpec(source=str(SOURCE), test_part=0.25)
TRAIN = 30


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the copies, empty and of this test's own."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home" / "cache" / "prepared"


def _arrays(count: int = 40, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (count, 4, 5, 3), np.uint8), generator.permutation(np.arange(count) % 3)


def _facts(**changes: object) -> Facts:
    fields: dict[str, object] = {
        "name": "fruits", "title": "Fruits", "classes": ("apple", "Äpfel", "kiwi"), "train_count": TRAIN,
        "remarks": ("One was turned.",), "skipped": (Skipped("kiwi/1.png", "cut off"),),
    }  # fmt: skip
    return Facts(**(fields | changes))  # type: ignore[arg-type]  # mypy sees objects only


class Build:
    """Writes ``_arrays`` in pieces and counts how often."""

    def __init__(self, seed: int = 0) -> None:
        self.calls, self._seed = 0, seed

    def __call__(self, writer: Writer) -> Facts:
        self.calls += 1
        images, labels = _arrays(seed=self._seed)
        for start in range(0, len(labels), 7):
            writer.add(images[start : start + 7], labels[start : start + 7])
        return _facts()


def _get(build: Callable[[Writer], Facts], key: str = "key") -> Dataset:
    return prepared(SOURCE, key, SPEC, build, unwatched)


def _copies(cache: Path) -> list[Path]:
    """Everything in the cache but the locks, which are empty."""
    found = [path for path in cache.iterdir() if path.suffix != ".lock"] if cache.exists() else []
    return sorted(path for path in found if path.stat().st_size)


def test_that_what_was_written_comes_back() -> None:
    dataset = _get(Build())
    images, labels = _arrays()
    np.testing.assert_array_equal(dataset.images, images)
    np.testing.assert_array_equal(dataset.labels, labels)
    assert (dataset.train, dataset.test) == (range(TRAIN), range(TRAIN, 40))
    assert (dataset.name, dataset.title, dataset.classes) == ("fruits", "Fruits", ("apple", "Äpfel", "kiwi"))
    assert (dataset.remarks, dataset.skipped) == (("One was turned.",), (Skipped("kiwi/1.png", "cut off"),))
    assert isinstance(dataset.skipped[0], Skipped)
    assert dataset.spec == SPEC


def test_that_the_images_are_a_plain_map_that_cannot_be_changed() -> None:
    dataset = _get(Build())
    assert type(dataset.images) is np.ndarray
    assert type(dataset.train_images[:3]) is np.ndarray
    assert not dataset.images.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        dataset.images[0, 0, 0, 0] = 1
    assert dataset.labels.dtype == np.int64


def test_that_the_fingerprint_is_that_of_the_same_arrays() -> None:
    images, labels = _arrays()
    arrays = PublishedArrays(images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:])
    assert _get(Build()).fingerprint == fingerprint_of(arrays)


def test_that_a_fingerprint_of_many_pieces_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE", 17)
    test_that_the_fingerprint_is_that_of_the_same_arrays()


def test_that_the_second_time_only_maps() -> None:
    build = Build()
    first, second = _get(build), _get(build)
    assert build.calls == 1
    assert first.fingerprint == second.fingerprint
    np.testing.assert_array_equal(first.images, second.images)


def test_that_another_key_replaces_the_copy_and_leaves_those_of_other_sources(cache: Path) -> None:
    prepared(Path("/somewhere/else"), "key", SPEC, Build(), unwatched)
    (other,) = _copies(cache)
    old = _get(Build(seed=1), "old")
    new = _get(Build(seed=2), "new")
    assert len(_copies(cache)) == 2
    assert other in _copies(cache)
    np.testing.assert_array_equal(new.images, _arrays(seed=2)[0])
    if sys.platform != "win32":  # Windows removes no file that is mapped
        np.testing.assert_array_equal(old.images, _arrays(seed=1)[0])  # who has it mapped keeps it
    again = Build(seed=1)
    _get(again, "old")
    assert again.calls == 1


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


_DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "images cut off": ("images.bin", _cut),
    "images too long": ("images.bin", _lengthen),
    "images empty": ("images.bin", lambda path: path.write_bytes(b"")),
    "images missing": ("images.bin", Path.unlink),
    "labels cut off": ("labels.bin", _cut),
    "labels of fewer images": ("labels.bin", lambda path: path.write_bytes(path.read_bytes()[8:])),
    "labels out of range": ("labels.bin", lambda path: path.write_bytes(bytes([9, *bytes(7)]) * 40)),
    "labels missing": ("labels.bin", Path.unlink),
    "facts cut off": ("facts.json", _cut),
    "facts of another kind": ("facts.json", lambda path: path.write_text('{"format": 1}')),
    "facts that are no text": ("facts.json", lambda path: path.write_bytes(b"\xff\xfe\0")),
    "facts missing": ("facts.json", Path.unlink),
    "another format": (
        "facts.json", lambda path: path.write_text(path.read_text().replace('"format": 1', '"format": 0')),
    ),
    "another shape": ("facts.json", lambda path: path.write_text(path.read_text().replace("40", "41", 1))),
    "no training images": (
        "facts.json", lambda path: path.write_text(path.read_text().replace('"train_count": 30', '"train_count": 0')),
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", _DAMAGES)
def test_that_a_damaged_copy_is_made_again(cache: Path, damage: str) -> None:
    _get(Build())
    (copy,) = _copies(cache)
    name, spoil = _DAMAGES[damage]
    spoil(copy / name)
    build = Build()
    dataset = _get(build)
    assert build.calls == 1
    np.testing.assert_array_equal(dataset.images, _arrays()[0])
    assert _copies(cache) == [copy]


def test_that_an_end_by_the_watch_leaves_nothing(cache: Path) -> None:
    for stage in ("Writing", "Computing"):

        def watch(what: str, done: int, total: int, stage: str = stage) -> None:
            if what.startswith(stage):
                raise CancelledError("The end.")

        with pytest.raises(CancelledError):
            prepared(SOURCE, "key", SPEC, Build(), watch)
        assert _copies(cache) == []


@pytest.mark.parametrize("error", [CancelledError("The end."), RuntimeError("defect"), KeyboardInterrupt()])
def test_that_a_build_that_fails_leaves_the_older_copy_and_nothing_else(cache: Path, error: BaseException) -> None:
    _get(Build(), "old")
    before = _copies(cache)

    def build(writer: Writer) -> Facts:
        writer.add(*_arrays())
        raise error

    with pytest.raises(type(error)):
        _get(build, "new")
    assert _copies(cache) == before
    again = Build()
    _get(again, "old")
    assert again.calls == 0


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """The system lets no file grow beyond ``size`` bytes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [1000, 2400, 2500])  # in the images, in the labels, in the facts
def test_that_a_disk_that_takes_no_more_is_a_sentence_and_leaves_nothing(
    cache: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = _arrays()
    if size == 2400:  # more bytes of labels than of images
        images = images[:, :1, :1]
        size = 200
    with _largest_file(size), pytest.raises(ExplorerError, match="could not be written") as caught:
        _get(lambda writer: writer.add(images, labels) or _facts(title="T" * 3000))
    assert str(cache) in caught.value.message
    assert paths.HOME_VARIABLE in caught.value.hint
    assert _copies(cache) == []


def test_that_a_disk_too_small_is_noticed_before_anything_is_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(paths.__file__)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=29_000_000))

    def build(writer: Writer) -> Facts:
        writer.reserve(1000, (100, 100, 3))
        raise AssertionError

    with pytest.raises(ExplorerError, match="1,000 images of 100×100×3 need 30 MB, 29 MB are free"):
        _get(build)
    assert _copies(cache) == []


def test_that_a_cache_that_is_a_file_is_a_sentence(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("")
    with pytest.raises(ExplorerError, match="could not be written"):
        _get(Build())


@pytest.mark.parametrize(
    ("labels", "train_count", "words"),
    [
        ([], 0, "holds no images"),
        ([1, 1, 1], 2, "one class only"),
        ([0, 1, 0], 3, "no test images"),
        ([0, 1, 0], 0, "no training images"),
    ],
)
def test_that_what_nobody_can_learn_from_is_refused(
    cache: Path, labels: list[int], train_count: int, words: str
) -> None:
    def build(writer: Writer) -> Facts:
        writer.add(np.zeros((len(labels), 2, 2, 1), np.uint8), np.array(labels, np.int64))
        return _facts(train_count=train_count)

    with pytest.raises(ExplorerError, match=words) as caught:
        _get(build)
    assert str(SOURCE) in caught.value.message
    assert caught.value.hint
    assert _copies(cache) == []


def test_that_images_of_other_shapes_are_a_defect_of_the_reader() -> None:
    def build(writer: Writer) -> Facts:
        writer.add(np.zeros((1, 2, 2, 1), np.uint8), np.zeros(1, np.int64))
        writer.add(np.zeros((1, 2, 2, 3), np.uint8), np.zeros(1, np.int64))
        return _facts()

    with pytest.raises(ValueError, match="of shape"):
        _get(build)


def test_that_memory_is_that_of_a_piece() -> None:
    piece, count = np.zeros((64, 64, 64, 4), np.uint8), 96  # 1 MB each

    def build(writer: Writer) -> Facts:
        for number in range(count):
            writer.add(piece, np.full(64, number % 3))
        return _facts(train_count=64)

    tracemalloc.start()
    try:
        dataset = _get(build)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert dataset.images.nbytes == 96 * 2**20
    assert peak < 3 * module._PIECE


_PROCESS = """
import sys
from pathlib import Path
import numpy as np
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.data.prepared import Facts, prepared

def build(writer):
    print("building", flush=True)
    sys.stdin.readline()
    writer.add(np.arange(8, dtype=np.uint8).reshape(4, 2, 1, 1), np.array([0, 1, 0, 1]))
    return Facts(name="a", title="A", classes=("x", "y"), train_count=2)

def watch(what, done, total):
    if what.startswith("Waiting"):
        print("waiting", flush=True)

dataset = prepared(Path("/somewhere/shared"), "key", DatasetSpec(), build, watch)
print(dataset.fingerprint, flush=True)
"""


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PROCESS]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_that_of_two_processes_one_builds_and_one_waits() -> None:
    with _start() as first:
        assert _line(first) == "building"
        with _start() as second:
            assert _line(second) == "waiting"
            assert first.stdin is not None
            first.stdin.write("\n")
            first.stdin.flush()
            fingerprint = _line(first)
            said = _line(second)
            while said == "waiting":
                said = _line(second)
            assert len(fingerprint) == 64
            assert said == fingerprint
    assert (first.returncode, second.returncode) == (0, 0)


def test_that_what_a_killed_process_built_is_built_again(cache: Path) -> None:
    with _start() as process:
        assert _line(process) == "building"
        process.kill()
    build = Build()
    dataset = prepared(Path("/somewhere/shared"), "key", SPEC, build, unwatched)
    assert build.calls == 1
    assert len(dataset.images) == 40


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60), st.floats(0.01, 0.99) | st.none(),
)  # fmt: skip
def test_that_the_official_order_keeps_every_image_once_and_draws_by_class(
    labels: list[int], test_part: float | None
) -> None:
    given_labels = np.array(labels, np.int64)
    train, test = official_order(given_labels, test_part)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(len(labels)))
    for label in set(labels):
        drawn, count = int((given_labels[test] == label).sum()), labels.count(label)
        if test_part is None or count == 1:
            assert drawn == 0
        else:
            assert drawn == min(max(1, round(count * test_part)), count - 1)
    np.testing.assert_array_equal(train, official_order(given_labels, test_part)[0])


def test_that_the_first_images_are_a_fair_mix() -> None:
    train, _ = official_order(np.repeat(np.arange(10), 100), 0.2)
    first = np.bincount(np.repeat(np.arange(10), 100)[train[:200]], minlength=10)
    assert first.min() >= 8  # expected 20 each, deviation 4
