"""Registered data sets that must be downloaded or found: with small sets in the place of the large ones."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.data.arrays.npz import PublishedArrays
from cnn_explorer.data.sources import downloads, published, registry
from cnn_explorer.data.sources.registry import DatasetSource, fingerprint_of, load_registered, source_of, state_of
from tests.data.sources import small_sets
from tests.data.sources.file_server import FileServer, Page, file_server

GREY = small_sets.made_up((28, 28, 1))
COLOUR = small_sets.made_up((32, 32, 3))
FILES = {
    "fashion-mnist": (GREY, small_sets.idx_files(GREY)),
    "cifar-10": (COLOUR, {published.CIFAR_10: small_sets.cifar_archive(COLOUR, fine=False)}),
    "cifar-100": (COLOUR, {published.CIFAR_100: small_sets.cifar_archive(COLOUR, fine=True)}),
    "emnist-letters": (GREY, {published.EMNIST: small_sets.emnist_archive(GREY)}),
}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and no packages of the system."""
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    monkeypatch.setattr(downloads, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """All small sets, published; the registry knows them under the names of the large ones."""
    pages = {name: Page(data) for _, files in FILES.values() for name, data in files.items()}
    with file_server(**pages) as server:
        _register(monkeypatch, server.url)
        yield server


def _register(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    rows = tuple(small_sets.like(row, *FILES[row.name], url) if row.name in FILES else row for row in registry.SOURCES)
    monkeypatch.setattr(registry, "SOURCES", rows)


@pytest.mark.parametrize("name", FILES)
def test_that_a_published_set_is_downloaded_and_read_as_it_is(server: FileServer, name: str) -> None:
    arrays = FILES[name][0]
    dataset = load_registered(name)
    assert (dataset.name, dataset.title, dataset.classes) == (name, source_of(name).title, ("a", "b", "c"))
    assert dataset.spec == DatasetSpec(source=name)
    assert dataset.fingerprint == fingerprint_of(arrays)
    for part, images, labels in (("train", *arrays[:2]), ("test", *arrays[2:])):
        got = dataset.part(part)
        assert np.array_equal(np.asarray(got[0]), images)
        assert np.array_equal(got[1], labels)
    assert dataset.remarks == source_of(name).remarks


@pytest.mark.parametrize("name", FILES)
def test_that_the_second_time_needs_no_server_and_no_archive(server: FileServer, name: str) -> None:
    assert state_of(source_of(name)).kind == "remote"
    first = load_registered(name)
    server.pages.clear()
    server.asked.clear()
    for file in source_of(name).files:
        (source_of(name).folder / file.name).unlink()
    assert state_of(source_of(name)).kind == "downloaded"
    assert load_registered(name).fingerprint == first.fingerprint
    assert server.asked == []


def test_that_the_state_says_how_much_is_to_be_downloaded() -> None:
    sizes = {"fashion-mnist": 31, "cifar-10": 170, "cifar-100": 169, "emnist-letters": 562}
    for name, size in sizes.items():
        state = state_of(source_of(name))
        assert (state.kind, state.text) == ("remote", f"to be downloaded ({size} MB)")
        assert not state.is_here
    assert state_of(source_of("mnist")).text == "bundled"
    assert state_of(source_of("digits")).text == "installed with scikit-learn"


def test_that_a_wrong_checksum_leaves_nothing_that_could_be_taken_for_good(server: FileServer) -> None:
    archive = server.pages[published.CIFAR_10]
    good, archive.content = archive.content, archive.content[:-1] + b"!"
    with pytest.raises(ExplorerError, match="checksum differs"):
        load_registered("cifar-10")
    assert list(source_of("cifar-10").folder.iterdir()) == []
    assert state_of(source_of("cifar-10")).kind == "remote"
    archive.content = good
    assert load_registered("cifar-10").fingerprint == fingerprint_of(COLOUR)


def test_that_files_put_there_by_hand_are_taken_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    _register(monkeypatch, "http://127.0.0.1:9")
    source = source_of("fashion-mnist")
    with pytest.raises(ExplorerError) as caught:
        load_registered("fashion-mnist")
    assert f"{', '.join(FILES['fashion-mnist'][1])} from http://127.0.0.1:9 and" in caught.value.hint
    assert f"save them in {source.folder}." in caught.value.hint
    for name, data in FILES["fashion-mnist"][1].items():
        (source.folder / name).write_bytes(data)
    assert "dataset-fashion-mnist" in caught.value.hint
    assert state_of(source).kind == "downloaded"
    assert load_registered("fashion-mnist").fingerprint == fingerprint_of(GREY)


@pytest.mark.parametrize("packed", [True, False])
def test_that_fashion_mnist_is_found_where_debian_puts_it(server: FileServer, tmp_path: Path, packed: bool) -> None:
    folder = tmp_path / "share" / "datasets" / "fashion-mnist"
    small_sets.write(folder, small_sets.idx_files(GREY, packed))
    state = state_of(source_of("fashion-mnist"))
    assert (state.kind, state.path, state.text) == ("found", folder, f"found at {folder}")
    assert load_registered("fashion-mnist").fingerprint == fingerprint_of(GREY)
    assert server.asked == []


def test_that_other_images_where_debian_puts_them_are_refused(server: FileServer, tmp_path: Path) -> None:
    other = GREY._replace(train_images=GREY.train_images[::-1])
    small_sets.write(tmp_path / "share" / "datasets" / "fashion-mnist", small_sets.idx_files(other))
    with pytest.raises(ExplorerError) as caught:
        load_registered("fashion-mnist")
    assert "fingerprint differs" in caught.value.message
    assert "dataset-fashion-mnist" in caught.value.hint


def test_that_an_incomplete_folder_of_debian_s_is_passed_over(server: FileServer, tmp_path: Path) -> None:
    folder = tmp_path / "share" / "datasets" / "fashion-mnist"
    small_sets.write(folder, small_sets.idx_files(GREY))
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    assert state_of(source_of("fashion-mnist")).kind == "remote"
    assert load_registered("fashion-mnist").fingerprint == fingerprint_of(GREY)
    assert len(server.asked) == 4


def test_that_debian_s_folder_is_looked_for_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_DIRS")
    assert Path("/usr/share/datasets") in registry.system_datasets_dirs()


def test_that_the_progress_counts_all_files_and_it_can_be_ended(server: FileServer, tmp_path: Path) -> None:
    total = sum(map(len, FILES["fashion-mnist"][1].values()))
    seen: list[int] = []

    def watch(what: str, done: int, all_of_it: int) -> None:
        if what.startswith("Downloading"):
            assert all_of_it == total
            seen.append(done)
            if "t10k-labels" in what:
                raise CancelledError("Ended.")

    with pytest.raises(CancelledError):
        load_registered("fashion-mnist", watch)
    assert seen == sorted(seen)
    assert seen[-1] == total - len(FILES["fashion-mnist"][1]["t10k-labels-idx1-ubyte.gz"])
    # Whole files stay, and nothing else does.
    kept = sorted(path.name for path in source_of("fashion-mnist").folder.iterdir())
    assert kept == sorted(set(FILES["fashion-mnist"][1]) - {"t10k-labels-idx1-ubyte.gz"})
    assert not [path for path in (tmp_path / "home" / "cache" / "prepared").iterdir() if path.is_dir()]


def test_that_two_who_want_the_same_set_download_it_once(server: FileServer) -> None:
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(load_registered, ["fashion-mnist"] * 2))
    assert [dataset.fingerprint for dataset in both] == [fingerprint_of(GREY)] * 2
    assert len(server.asked) == 4


def test_that_the_reading_can_be_ended_at_once(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, source = threading.Event(), source_of("cifar-10")

    def load(folder: Path) -> PublishedArrays:
        ended.wait()
        return source.load(folder)

    def watch(what: str, done: int, total: int) -> None:
        if what == "Reading CIFAR-10":
            raise CancelledError("Ended.")

    monkeypatch.setattr(registry, "SOURCES", (dataclasses.replace(source, load=load),))
    with pytest.raises(CancelledError):
        load_registered("cifar-10", watch)
    ended.set()


@pytest.mark.parametrize("name", ["cifar-10", "cifar-100", "emnist-letters"])
def test_that_an_archive_of_other_content_is_one_sentence(
    server: FileServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (file,) = FILES[name][1]
    for content in (b"no archive", FILES["cifar-10"][1][published.CIFAR_10][:500]):
        monkeypatch.setitem(FILES, name, (FILES[name][0], {file: content}))
        server.pages[file] = Page(content)
        row = small_sets.like(source_of(name), *FILES[name], server.url)
        monkeypatch.setattr(registry, "SOURCES", (row,))
        with pytest.raises(ExplorerError, match="could not be read"):
            load_registered(name)


def test_that_too_few_images_in_good_files_are_noticed(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of("cifar-10")
    larger = DatasetSource(**{**vars(source), "train_count": source.train_count + 1})
    monkeypatch.setattr(registry, "SOURCES", (larger,))
    with pytest.raises(ExplorerError, match="not complete"):
        load_registered("cifar-10")


def test_that_no_temporary_files_of_an_archive_stay(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    load_registered("emnist-letters")
    assert [path for path in sorted(tmp_path.iterdir()) if path not in before] == [tmp_path / "home"]
