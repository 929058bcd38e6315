"""Results of long passes in the cache: whole, bounded, and never trusted."""

from __future__ import annotations

import dataclasses
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn_explorer.core.maps.top_images import BEST, TopImages
from cnn_explorer.store import top_images
from cnn_explorer.store.paths import cache_dir


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path))
    return cache_dir() / "excitement"


def result(maps: int = 3) -> TopImages:
    rng = np.random.default_rng(0)
    return TopImages(
        "conv", "test", (4, 5, maps), 40, 40,
        indices=rng.integers(0, 40, (BEST, maps)),
        values=rng.normal(size=(BEST, maps)).astype(np.float32),
        places=rng.integers(0, 20, (BEST, maps)),
        low=np.zeros(maps, np.float32),
        high=np.ones(maps, np.float32),
        means=np.ones(maps),
        silent=np.zeros(maps, np.int64),
    )  # fmt: skip


def test_that_what_was_kept_is_there_again(folder: Path) -> None:
    assert top_images.load("one") is None
    top_images.keep("one", result())
    found = top_images.load("one")
    assert found is not None
    for field in dataclasses.fields(TopImages):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(result(), field.name))
    assert top_images.load("another") is None


def test_that_nothing_is_kept_without_a_key(folder: Path) -> None:
    top_images.keep("", result())
    assert not folder.exists()
    assert top_images.load("") is None


def test_that_a_file_cut_off_anywhere_counts_as_none(folder: Path) -> None:
    top_images.keep("one", result())
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        file.write_bytes(whole[:length])
        assert top_images.load("one") is None


@pytest.mark.parametrize(
    "changed",
    [
        {"indices": np.zeros((BEST, 2), np.int64)},
        {"indices": np.full((BEST, 3), -2)},
        {"places": np.full((BEST, 3), 20)},
        {"values": np.zeros((BEST, 3), np.float64)},
        {"low": np.zeros((3, 1), np.float32)},
        {"means": np.array([object()] * 3)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_that_arrays_that_cannot_be_count_as_none(folder: Path, changed: dict[str, Any]) -> None:
    top_images.keep("one", result())
    (file,) = folder.iterdir()
    with np.load(file) as arrays:
        stored = {**arrays, **changed}
    buffer = io.BytesIO()
    np.savez(buffer, **stored)
    file.write_bytes(buffer.getvalue())
    assert top_images.load("one") is None


def test_that_a_file_under_the_name_of_another_key_counts_as_none(folder: Path) -> None:
    top_images.keep("one", result())
    (one,) = folder.iterdir()
    top_images.keep("two", result())
    (two,) = (path for path in folder.iterdir() if path != one)
    two.write_bytes(one.read_bytes())
    assert top_images.load("two") is None


def test_that_the_files_that_were_not_used_for_longest_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top_images, "_MOST_FILES", 3)
    for number, key in enumerate(("a", "b", "c")):
        before = set(folder.iterdir()) if folder.exists() else set()
        top_images.keep(key, result())
        (new,) = set(folder.iterdir()) - before
        os.utime(new, (number, number))
    assert top_images.load("a") is not None  # used just now
    top_images.keep("d", result())
    assert [top_images.load(key) is not None for key in "abcd"] == [True, False, True, True]


def test_that_all_files_together_stay_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top_images.keep("a", result())
    size = next(folder.iterdir()).stat().st_size
    monkeypatch.setattr(top_images, "_MOST_BYTES", 2 * size + size // 2)
    for key in "bcd":
        top_images.keep(key, result())
    assert len(list(folder.iterdir())) == 2
