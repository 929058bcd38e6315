"""What the facts say, and the work behind them, on a small data set with everything planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cnn_explorer.core.progress import CancelledError, unwatched
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data import preprocessing
from cnn_explorer.data.analysis.duplicates import DuplicateCounts, Group
from cnn_explorer.data.analysis.statistics import Spread
from cnn_explorer.data.dataset import Dataset, Skipped
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.data.split import prepare_split, split_again
from cnn_explorer.ui.pages.data.facts.state import (
    DuplicateSearch,
    PartCounts,
    counted_classes,
    counts_note,
    duplicate_verdict,
    group_note,
    group_title,
    measured_classes,
    measured_tensor,
    part_counts,
    skipped_text,
    split_key,
    tensor_key,
    tensor_rows,
    tensor_shapes,
    tensor_text,
)
from tests.ui.fakes import digits


@pytest.fixture
def dataset() -> Dataset:
    """64 training and 20 test images."""
    return digits()


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (TrainingConfig(), PartCounts(64, 0, 20, 0)),
        (TrainingConfig(validation_split=0.25), PartCounts(48, 16, 20, 0)),
        (TrainingConfig(train_limit=10, test_limit=5), PartCounts(10, 0, 5, 69)),
        (TrainingConfig(train_limit=40, validation_split=0.1), PartCounts(36, 4, 20, 24)),
        (TrainingConfig(train_limit=1000, test_limit=1000), PartCounts(64, 0, 20, 0)),
    ],
)
def test_that_the_counts_are_those_of_the_run(dataset: Dataset, config: TrainingConfig, expected: PartCounts) -> None:
    counts = part_counts(config, dataset)
    assert counts == expected
    parts = prepare_split(dataset, config)
    assert counts.training == len(parts.train_images)
    if config.validation_split:
        assert counts.validation == len(parts.validation_images)
    else:
        assert counts.test == len(parts.validation_images)


def test_that_the_note_says_what_the_counts_do_not() -> None:
    assert counts_note(PartCounts(60, 0, 20, 0)) == "Validation is on the test images."
    assert counts_note(PartCounts(50, 10, 20, 0)) == ""
    assert counts_note(PartCounts(50, 0, 20, 10)) == (
        "Validation is on the test images. 10 images are left out by the limits."
    )


@pytest.mark.parametrize("name", ["standardize", "scale", "none"])
@pytest.mark.parametrize("split", ["official", "shuffled"])
def test_that_the_tensor_is_measured_on_what_the_network_learns_from(dataset: Dataset, name: str, split: str) -> None:
    config = TrainingConfig(preprocessing=name, split=split, train_limit=50, validation_split=0.2)  # type: ignore[arg-type]
    raw, prepared = measured_tensor(dataset, config, unwatched)
    learnt = prepare_split(dataset, config).train_images[:]
    values = fit_preprocessing(config.preprocessing, learnt).apply(learnt).astype(np.float64)
    for spread, images in ((raw, learnt), (prepared, values)):
        assert spread.minimum == images.min()
        assert spread.maximum == images.max()
        assert spread.mean == pytest.approx(images.mean(), abs=1e-9)
        assert spread.deviation == pytest.approx(images.std(), rel=1e-6)


def test_that_the_fit_of_the_preprocessing_can_be_ended(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocessing, "_CHUNK_IMAGES", 8)

    def watch(what: str, done: int, total: int) -> None:
        if "Fitting" in what:
            raise CancelledError("Enough.")

    with pytest.raises(CancelledError):
        measured_tensor(dataset, TrainingConfig(preprocessing="standardize"), watch)


def test_that_the_table_shows_shapes_types_and_values() -> None:
    shapes = tensor_shapes((54000, 28, 28, 1))
    assert [text for _, text in shapes] == ["(54000, 28, 28, 1)", "(None, 28, 28, 1)"]
    rows = tensor_rows((Spread(0, 255, 33.318, 78.567), Spread(-0.4242, 244.9, -8.9e-10, 1.0)))
    assert [tuple(row) for row in rows] == [
        ("Type", "uint8", "float32"),
        ("Minimum", "0", "−0.424"),
        ("Maximum", "255", "245"),
        ("Mean", "33.3", "0"),
        ("Deviation", "78.6", "1"),
    ]
    assert tensor_text(shapes, rows).splitlines()[4] == "Minimum\t0\t−0.424"


def test_that_values_that_are_not_known_yet_are_shown_as_such() -> None:
    assert tensor_rows(None)[1] == ("Minimum", "…", "…")


def test_that_only_what_changes_the_result_asks_for_new_work(dataset: Dataset) -> None:
    base = TrainingConfig()

    def changes(**settings: object) -> tuple[bool, bool]:
        other = TrainingConfig(**settings)  # type: ignore[arg-type]
        return split_key(dataset, base) != split_key(dataset, other), tensor_key(dataset, base) != tensor_key(
            dataset, other
        )

    assert changes(epochs=9, test_limit=3, split_seed=5) == (False, False)
    assert changes(preprocessing="scale") == (False, True)
    assert changes(train_limit=10) == (False, True)
    assert changes(validation_split=0.1) == (False, True)
    assert changes(split="shuffled") == (True, True)


def test_that_classes_are_counted_and_averaged_in_the_drawn_parts(dataset: Dataset) -> None:
    config = TrainingConfig(split="shuffled", split_seed=3)
    parts = split_again(dataset, "shuffled", 3)
    counts, moments = counted_classes(dataset, config), measured_classes(dataset, config, unwatched)
    for label in range(10):
        members = parts.train_images[np.flatnonzero(parts.train_labels == label)]
        assert counts.training[label] == moments.counts[label] == len(members)
        assert counts.test[label] == (parts.test_labels == label).sum()
        np.testing.assert_allclose(moments.mean[label], members.mean(axis=0), rtol=1e-6)


def planted(dataset: Dataset) -> Dataset:
    """The same with image 3 of the training part as image 5 of the test part, under another label."""
    images, labels = dataset.images.copy(), dataset.labels.copy()
    images[64 + 5] = images[3]
    labels[64 + 5] = (labels[3] + 1) % 10
    return replace(dataset, images=images, labels=labels, fingerprint="1" * 64)


def test_that_duplicates_are_found_named_and_pictured(dataset: Dataset) -> None:
    # The fake's images carry their number in a pixel: images of both parts may be the same by their make.
    dataset = planted(replace(dataset, images=_all_different(dataset)))
    found = DuplicateSearch()(dataset, TrainingConfig(), unwatched)
    assert found.groups == (Group((3, 69), "across", agree=False),)
    assert found.counts == DuplicateCounts(across=1, train=0, test=0, disagreeing=1)
    assert (found.pictures[0] == dataset.images[3]).all()
    assert group_title(found.groups[0], found) == "Training 3 = Test 5"
    first, second = dataset.classes[dataset.labels[3]], dataset.classes[dataset.labels[69]]
    assert group_note(found.groups[0], dataset) == f"Different labels: {first}, {second}"


def test_that_another_split_needs_no_second_comparison(dataset: Dataset) -> None:
    dataset = planted(replace(dataset, images=_all_different(dataset)))
    search, told = DuplicateSearch(), []

    def watch(what: str, done: int, total: int) -> None:
        told.append(what)

    search(dataset, TrainingConfig(), watch)
    compared = len(told)
    config = TrainingConfig(split="shuffled")
    found = search(dataset, config, watch)
    assert len(told) == compared
    parts = split_again(dataset, "shuffled", 0)
    in_test = [place in parts.test for place in (3, 69)]
    expected = "across" if len(set(in_test)) == 2 else "test" if in_test[0] else "train"
    assert [group.where for group in found.groups] == [expected]


def _all_different(dataset: Dataset) -> np.ndarray:
    images = dataset.images.copy()
    images[:, 0, 0, 0] = np.arange(len(images))
    return images


def test_that_the_verdict_warns_of_test_images_that_were_trained_on() -> None:
    fine = duplicate_verdict(DuplicateCounts(0, 4, 0, 0), 10_000)
    assert (fine.role, fine.text) == ("success", "No test image is among the training images.")
    bad = duplicate_verdict(DuplicateCounts(12, 0, 0, 3), 10_000)
    assert (bad.role, bad.text) == ("warning", "12 test images are among the training images.")
    assert "0.12 % of the test" in bad.why
    assert "3 groups" in bad.why


def test_that_skipped_files_are_listed_with_their_reasons(dataset: Dataset) -> None:
    some = replace(dataset, skipped=tuple(Skipped(f"a/{number}.png", "it is damaged") for number in range(5)))
    assert skipped_text(some).count("it is damaged") == 5
    assert skipped_text(some, 2).splitlines()[2] == "… and 3 more"
