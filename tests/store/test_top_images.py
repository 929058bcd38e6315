"""Results of long passes in the cache: whole, bounded, and never trusted."""

from __future__ import annotations

import dataclasses
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn_explorer.core.maps.top_images import BEST, Excitement
from cnn_explorer.store import top_images as excitements
from cnn_explorer.store.paths import cache_dir


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path))
    return cache_dir() / "excitement"


def result(maps: int = 3) -> Excitement:
    rng = np.random.default_rng(0)
    return Excitement(
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
    assert excitements.load("one") is None
    excitements.keep("one", result())
    found = excitements.load("one")
    assert found is not None
    for field in dataclasses.fields(Excitement):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(result(), field.name))
    assert excitements.load("another") is None


def test_that_nothing_is_kept_without_a_key(folder: Path) -> None:
    excitements.keep("", result())
    assert not folder.exists()
    assert excitements.load("") is None


def test_that_a_file_cut_off_anywhere_counts_as_none(folder: Path) -> None:
    excitements.keep("one", result())
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        file.write_bytes(whole[:length])
        assert excitements.load("one") is None


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
    excitements.keep("one", result())
    (file,) = folder.iterdir()
    with np.load(file) as arrays:
        stored = {**arrays, **changed}
    buffer = io.BytesIO()
    np.savez(buffer, **stored)
    file.write_bytes(buffer.getvalue())
    assert excitements.load("one") is None


def test_that_a_file_under_the_name_of_another_key_counts_as_none(folder: Path) -> None:
    excitements.keep("one", result())
    (one,) = folder.iterdir()
    excitements.keep("two", result())
    (two,) = (path for path in folder.iterdir() if path != one)
    two.write_bytes(one.read_bytes())
    assert excitements.load("two") is None


def test_that_the_files_that_were_not_used_for_longest_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excitements, "_MOST_FILES", 3)
    for number, key in enumerate(("a", "b", "c")):
        before = set(folder.iterdir()) if folder.exists() else set()
        excitements.keep(key, result())
        (new,) = set(folder.iterdir()) - before
        os.utime(new, (number, number))
    assert excitements.load("a") is not None  # used just now
    excitements.keep("d", result())
    assert [excitements.load(key) is not None for key in "abcd"] == [True, False, True, True]


def test_that_all_files_together_stay_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    excitements.keep("a", result())
    size = next(folder.iterdir()).stat().st_size
    monkeypatch.setattr(excitements, "_MOST_BYTES", 2 * size + size // 2)
    for key in "bcd":
        excitements.keep(key, result())
    assert len(list(folder.iterdir())) == 2
