"""What the dialogue on a person's own images says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.progress import unwatched
from cnn_explorer.data.arrays.array_file import ArrayInfo
from cnn_explorer.data.folders.reader import FolderFacts
from cnn_explorer.ui.pages.data.opening.state import (
    array_text,
    choice_problem,
    drawn_count,
    first_choice,
    folder_summary,
    found_at,
    image_arrays,
    label_arrays,
    proposed_size,
    smallest_classes,
    tells_all,
)

ARRAYS = (
    ArrayInfo("who", (300,), np.dtype(np.int64)),
    ArrayInfo("what", (300, 28, 28), np.dtype(np.uint8)),
    ArrayInfo("other", (50, 28, 28), np.dtype(np.uint8)),
    ArrayInfo("marks", (50,), np.dtype(np.int64)),
)
FACTS = FolderFacts(
    classes=("apple", "pear"), counts=((90, 10), (40, 10)), has_test=True, looked_at=100, image_size=(100, 120),
    of_that_size=80, short_side=100, color="rgb", remarks=(),
)  # fmt: skip


def test_that_a_folder_is_told_in_counts_sizes_and_colour() -> None:
    assert folder_summary(FACTS) == (
        "150 images in 2 classes, 130 for training and 20 for the test. "
        "Sizes differ, most of the 100 looked at are 100×120, in colour."
    )
    assert smallest_classes(FACTS) == "50 to 100 in a class"
    same = replace(FACTS, of_that_size=100, looked_at=150)
    assert folder_summary(replace(same, of_that_size=150)).endswith("for the test. All are 100×120, in colour.")


def test_that_a_size_of_few_images_is_not_said_to_be_that_of_most() -> None:
    assert folder_summary(replace(FACTS, of_that_size=3)).endswith(
        "20 for the test, in colour. Sizes differ; the most frequent is 100×120 (3 of 100 looked at)."
    )


@pytest.mark.parametrize(
    ("image_size", "of_that_size", "short_side", "proposed"),
    [
        ((100, 120), 100, 100, None),
        ((100, 120), 51, 100, None),
        ((100, 120), 50, 60, (60, 60)),
        ((4000, 3000), 2, 1200, (96, 96)),
        ((3000, 4000), 100, 3000, (72, 96)),
        (None, 0, 0, None),
    ],
)
def test_that_the_proposed_size_is_that_of_most_images_or_one_that_can_be_learnt_from(
    image_size: tuple[int, int] | None, of_that_size: int, short_side: int, proposed: tuple[int, int] | None
) -> None:
    facts = replace(FACTS, image_size=image_size, of_that_size=of_that_size, short_side=short_side)
    assert proposed_size(facts) == proposed


def test_that_the_test_part_keeps_an_image_of_each_class_on_both_sides() -> None:
    few = FolderFacts(("a", "b"), ((2, 0), (100, 0)), False, 100, (8, 8), 100, 8, "gray", ())
    assert drawn_count(few, 0.2) == 1 + 20
    assert drawn_count(few, 0.99) == 1 + 99


def test_that_the_likely_arrays_come_first_and_the_first_choice_fits() -> None:
    assert array_text(ARRAYS[1]) == "what · (300, 28, 28) uint8"
    assert [array.name for array in image_arrays(ARRAYS)] == ["what", "other"]
    assert [array.name for array in label_arrays(ARRAYS)] == ["who", "marks"]
    choice = first_choice(ARRAYS)
    assert (choice.train_images, choice.train_labels) == ("what", "who")


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (DatasetSpec(train_images="what", train_labels="who"), ""),
        (DatasetSpec(train_images="what", train_labels="who", test_images="other", test_labels="marks"), ""),
        (DatasetSpec(), "Choose the arrays"),
        (DatasetSpec(train_images="what", train_labels="marks"), "300 images and 50 labels"),
        (DatasetSpec(train_images="what", train_labels="who", test_images="other"), "both arrays"),
        (DatasetSpec(train_images="what", train_labels="what"), "the same array"),
        (
            DatasetSpec(train_images="what", train_labels="who", test_images="what", test_labels="who"),
            "Training and test images are the same",
        ),
    ],
)
def test_that_arrays_that_cannot_belong_together_are_refused_with_the_reason(spec: DatasetSpec, problem: str) -> None:
    said = choice_problem(ARRAYS, spec)
    assert problem in said
    assert bool(problem) == bool(said)


def test_that_a_file_whose_names_tell_needs_no_question(tmp_path: Path) -> None:
    telling, silent = tmp_path / "telling.npz", tmp_path / "silent.npz"
    images, labels = np.zeros((6, 4, 4), np.uint8), np.arange(6) % 2
    np.savez(telling, x_train=images, y_train=labels)
    np.savez(silent, a=images, b=images, c=labels, d=labels)
    assert tells_all(found_at(telling, unwatched))
    assert not tells_all(found_at(silent, unwatched))
