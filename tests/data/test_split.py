"""Which images are trained on: seeds, limits, nothing lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.image_array import ImageArray
from cnn_explorer.core.run.config import SplitName, TrainingConfig
from cnn_explorer.data.dataset import Dataset, Picked
from cnn_explorer.data.split import Parts, prepare_split, split_again

DRAWN: tuple[SplitName, ...] = ("shuffled", "stratified")


@pytest.fixture
def dataset() -> Dataset:
    """Image i is filled with i and has the label i % 10."""
    numbers = np.arange(50)
    images = np.broadcast_to(numbers[:, None, None, None], (50, 2, 3, 1)).astype(np.uint8)
    labels = numbers % 10
    return Dataset.of_parts("d", "D", tuple("0123456789"), "f" * 64, images[:40], labels[:40], images[40:], labels[40:])


def _numbers(dataset: Dataset) -> list[int]:
    return [*_of(dataset.train_images), *_of(dataset.test_images)]


def _of(images: ImageArray) -> list[int]:
    numbers: list[int] = images[:][:, 0, 0, 0].tolist()
    return numbers


@pytest.mark.parametrize("split", DRAWN)
def test_that_a_new_split_keeps_sizes_and_every_image_with_its_label(dataset: Dataset, split: SplitName) -> None:
    drawn = split_again(dataset, split, 7)
    assert len(drawn.train_images) == len(drawn.train_labels) == 40
    assert len(drawn.test_images) == len(drawn.test_labels) == 10
    assert sorted(_numbers(drawn)) == list(range(50))
    for part in ("train", "test"):
        images, labels = drawn.part(part)
        np.testing.assert_array_equal(np.array(_of(images)) % 10, labels)
    assert set(_of(drawn.test_images)) != set(range(40, 50))
    assert (drawn.name, drawn.fingerprint) == (dataset.name, dataset.fingerprint)


@pytest.mark.parametrize("split", DRAWN)
def test_that_the_seed_alone_decides_the_split(dataset: Dataset, split: SplitName) -> None:
    np.random.seed(1)  # the global state is what must not matter
    first = _numbers(split_again(dataset, split, 3))
    np.random.seed(2)
    assert _numbers(split_again(dataset, split, 3)) == first
    assert _numbers(split_again(dataset, split, 4)) != first


@pytest.mark.parametrize("split", ["official", *DRAWN])
def test_that_a_split_leaves_the_old_one_alone_and_copies_no_image(dataset: Dataset, split: SplitName) -> None:
    before = _numbers(dataset)
    drawn = split_again(dataset, split, 3)
    assert _numbers(dataset) == before
    assert drawn.images is dataset.images
    assert drawn.labels is dataset.labels
    for images in (drawn.train_images, drawn.test_images):
        held = images.source if isinstance(images, Picked) else images
        assert np.shares_memory(held, dataset.images)


@given(
    labels=st.lists(st.integers(0, 3), min_size=12, max_size=80).map(lambda drawn: [*drawn, *range(4), *range(4)]),
    share=st.floats(0.2, 0.7), seed=st.integers(0, 2**31 - 1),
)  # fmt: skip
def test_that_a_stratified_split_gives_each_class_its_share_within_one_image(
    labels: list[int], share: float, seed: int
) -> None:
    count, test = len(labels), round(share * len(labels))
    images, numbers = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1), np.array(labels)
    cut = count - test
    whole = Dataset.of_parts("d", "D", tuple("abcd"), "", images[:cut], numbers[:cut], images[cut:], numbers[cut:])
    drawn = split_again(whole, "stratified", seed)
    assert sorted(_numbers(drawn)) == list(range(count))
    assert len(drawn.test) == test
    for each in range(4):
        of_class = np.count_nonzero(numbers == each)
        assert abs(np.count_nonzero(drawn.test_labels == each) - of_class * test / count) <= 1
        np.testing.assert_array_equal(numbers[_of(drawn.test_images)], drawn.test_labels)


def test_that_a_class_too_small_to_be_drawn_evenly_is_told(dataset: Dataset) -> None:
    lonely = replace(dataset, labels=np.array([9, *(number % 9 for number in range(49))]))
    with pytest.raises(ExplorerError, match="10 classes cannot be drawn evenly for 10 of 50 images") as raised:
        split_again(lonely, "stratified", 0)
    assert raised.value.hint == "Choose the split shuffled, or larger parts."


def test_that_limits_keep_the_first_images(dataset: Dataset) -> None:
    few = prepare_split(dataset, TrainingConfig(train_limit=5, test_limit=3))
    assert _learnt(few) == [0, 1, 2, 3, 4]
    assert _validated(few) == [40, 41, 42]
    assert few.train_labels.tolist() == [0, 1, 2, 3, 4]
    assert few.validation_labels.tolist() == [0, 1, 2]
    assert isinstance(few.train_images, np.ndarray)
    assert np.shares_memory(few.train_images, dataset.images)


def test_that_a_large_limit_keeps_all(dataset: Dataset) -> None:
    parts = prepare_split(dataset, TrainingConfig(train_limit=10**9, test_limit=1000))
    assert [*_learnt(parts), *_validated(parts)] == list(range(50))


def _learnt(parts: Parts) -> list[int]:
    return _of(parts.train_images)


def _validated(parts: Parts) -> list[int]:
    return _of(parts.validation_images)


def test_that_the_configuration_decides_split_and_limits(dataset: Dataset) -> None:
    for config in (TrainingConfig(), TrainingConfig(split_seed=9)):
        parts = prepare_split(dataset, config)
        assert [*_learnt(parts), *_validated(parts)] == list(range(50))
        assert parts.validation_part == "test"
    for split in DRAWN:
        config = TrainingConfig(split=split, split_seed=9, train_limit=6, test_limit=2)
        drawn, parts = split_again(dataset, split, 9), prepare_split(dataset, config)
        assert _learnt(parts) == _of(drawn.train_images)[:6]
        assert _validated(parts) == _of(drawn.test_images)[:2]
        assert _of(parts.test_images) == _of(drawn.test_images)  # without the limit


@given(
    share=st.floats(0.02, 0.9), seed=st.integers(0, 100), limit=st.none() | st.integers(30, 60),
    split=st.sampled_from(["official", "shuffled"]),
)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_a_validation_part_loses_and_doubles_no_image(
    dataset: Dataset, share: float, seed: int, limit: int | None, split: SplitName
) -> None:
    config = TrainingConfig(validation_split=share, split_seed=seed, train_limit=limit, split=split)
    parts = prepare_split(dataset, config)
    whole = prepare_split(dataset, TrainingConfig(split_seed=seed, train_limit=limit, split=split))
    assert sorted([*_learnt(parts), *_validated(parts)]) == sorted(_learnt(whole))
    assert len(parts.validation_labels) == round(share * len(whole.train_labels))
    assert parts.validation_part == "validation"
    for images, labels in (
        (parts.train_images, parts.train_labels),
        (parts.validation_images, parts.validation_labels),
    ):
        np.testing.assert_array_equal(np.array(_of(images)) % 10, labels)
    assert _of(parts.test_images) == _of(whole.test_images)


def test_that_the_split_seed_draws_the_validation_part(dataset: Dataset) -> None:
    drawn = [_validated(prepare_split(dataset, TrainingConfig(validation_split=0.5, split_seed=n))) for n in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert drawn[0] != list(range(20))
    other_seed = TrainingConfig(validation_split=0.5, split_seed=1, seed=7)
    assert _validated(prepare_split(dataset, other_seed)) == drawn[0]


@pytest.mark.parametrize(("share", "limit"), [(0.01, None), (0.9, 1), (0.9, 3)])
def test_that_a_share_that_leaves_a_part_empty_is_refused(dataset: Dataset, share: float, limit: int | None) -> None:
    with pytest.raises(ExplorerError, match=r"^validation_split: ") as raised:
        prepare_split(dataset, TrainingConfig(validation_split=share, train_limit=limit))
    assert "at least one image" in raised.value.hint


def test_that_a_stratified_validation_part_has_its_share_of_each_class(dataset: Dataset) -> None:
    config = TrainingConfig(split="stratified", validation_split=0.5, split_seed=4)
    parts, whole = prepare_split(dataset, config), split_again(dataset, "stratified", 4)
    assert sorted([*_learnt(parts), *_validated(parts)]) == sorted(_of(whole.train_images))
    np.testing.assert_array_equal(np.bincount(parts.train_labels), np.full(10, 2))
    np.testing.assert_array_equal(np.bincount(parts.validation_labels), np.full(10, 2))
    for images, labels in (
        (parts.train_images, parts.train_labels),
        (parts.validation_images, parts.validation_labels),
    ):
        np.testing.assert_array_equal(np.array(_of(images)) % 10, labels)
    with pytest.raises(ExplorerError, match="cannot be drawn evenly"):
        prepare_split(dataset, TrainingConfig(split="stratified", validation_split=0.2))
