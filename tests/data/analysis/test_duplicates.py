"""Duplicates: all that were planted are found, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from cnn_explorer.data.analysis import chunks
from cnn_explorer.data.analysis.duplicates import DuplicateCounts, Group, duplicate_counts, groups_of, same_images

TRAINING = 30


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_CHUNK_BYTES", 5 * 6 * 6)


def unwatched(what: str, done: int, total: int) -> None:
    """Nobody listens."""


@pytest.fixture
def images() -> np.ndarray:
    """30 training and 10 test images, with three planted groups."""
    images = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 1), dtype=np.uint8)
    images[35] = images[3]  # across both parts
    images[17] = images[29] = images[4]  # three times in the training part
    images[39] = images[31]  # twice in the test part
    images[20] = images[10]
    images[20, 5, 5, 0] ^= 1  # all but the same
    return images


def split() -> np.ndarray:
    return np.arange(40) >= TRAINING


def test_that_every_planted_duplicate_is_found_and_nothing_else(images: np.ndarray) -> None:
    assert same_images(images, unwatched) == ((3, 35), (4, 17, 29), (31, 39))


def test_that_images_without_duplicates_give_no_groups(images: np.ndarray) -> None:
    assert same_images(images[5:17], unwatched) == ()
    assert same_images(images[:0], unwatched) == ()


def test_that_images_that_are_all_the_same_are_one_group() -> None:
    assert same_images(np.zeros((12, 3, 3, 1), np.uint8), unwatched) == (tuple(range(12)),)


def test_that_a_group_says_where_it_lies_and_whether_its_labels_agree(images: np.ndarray) -> None:
    labels = np.zeros(40, np.int64)
    labels[29] = 1
    assert groups_of(same_images(images, unwatched), split(), labels) == (
        Group((3, 35), "across", agree=True),
        Group((4, 17, 29), "train", agree=False),
        Group((31, 39), "test", agree=True),
    )


def test_that_another_split_changes_where_duplicates_lie_but_not_which_there_are(images: np.ndarray) -> None:
    same, labels = same_images(images, unwatched), np.zeros(40, np.int64)
    is_test = np.isin(np.arange(40), (3, 35, 29, 31))
    groups = groups_of(same, is_test, labels)
    assert {group.places: group.where for group in groups} == {
        (3, 35): "test", (4, 17, 29): "across", (31, 39): "across",
    }  # fmt: skip
    assert [group.where for group in groups] == ["across", "across", "test"]


def test_that_the_counts_are_those_of_what_was_planted(images: np.ndarray) -> None:
    labels = np.zeros(40, np.int64)
    labels[35] = 7
    groups = groups_of(same_images(images, unwatched), split(), labels)
    assert duplicate_counts(groups, split()) == DuplicateCounts(across=1, train=2, test=1, disagreeing=1)


def test_that_a_group_in_both_parts_counts_for_each_of_them() -> None:
    is_test = np.array([False, False, True, True, True])
    groups = groups_of(((0, 1, 2, 3, 4),), is_test, np.zeros(5, np.int64))
    assert duplicate_counts(groups, is_test) == DuplicateCounts(across=3, train=1, test=2, disagreeing=0)
