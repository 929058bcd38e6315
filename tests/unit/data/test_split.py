"""Which images are trained on: seeds, limits, nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.training import TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import Parts, limited, prepare_split, shuffled


@pytest.fixture
def dataset() -> Dataset:
    """Image i is filled with i and has the label i % 10."""
    numbers = np.arange(50)
    images = np.broadcast_to(numbers[:, None, None, None], (50, 2, 3, 1)).astype(np.uint8)
    labels = numbers % 10
    return Dataset("d", "D", tuple("0123456789"), "f" * 64, images[:40], labels[:40], images[40:], labels[40:])


def _numbers(dataset: Dataset) -> list[int]:
    return [*dataset.train_images[:, 0, 0, 0].tolist(), *dataset.test_images[:, 0, 0, 0].tolist()]


def test_that_a_new_split_keeps_sizes_and_every_image_with_its_label(dataset: Dataset) -> None:
    drawn = shuffled(dataset, 7)
    assert len(drawn.train_images) == len(drawn.train_labels) == 40
    assert len(drawn.test_images) == len(drawn.test_labels) == 10
    assert sorted(_numbers(drawn)) == list(range(50))
    for part in ("train", "test"):
        images, labels = drawn.part(part)
        np.testing.assert_array_equal(images[:, 0, 0, 0] % 10, labels)
    assert set(drawn.test_images[:, 0, 0, 0].tolist()) != set(range(40, 50))
    assert (drawn.name, drawn.fingerprint) == (dataset.name, dataset.fingerprint)


def test_that_the_seed_alone_decides_the_split(dataset: Dataset) -> None:
    np.random.seed(1)  # the global state is what must not matter
    first = _numbers(shuffled(dataset, 3))
    np.random.seed(2)
    assert _numbers(shuffled(dataset, 3)) == first
    assert _numbers(shuffled(dataset, 4)) != first


def test_that_a_new_split_leaves_the_old_one_alone(dataset: Dataset) -> None:
    before = _numbers(dataset)
    shuffled(dataset, 3)
    assert _numbers(dataset) == before


def test_that_limits_keep_the_first_images(dataset: Dataset) -> None:
    few = limited(dataset, 5, 3)
    assert _numbers(few) == [0, 1, 2, 3, 4, 40, 41, 42]
    assert few.train_labels.tolist() == [0, 1, 2, 3, 4]
    assert few.test_labels.tolist() == [0, 1, 2]
    assert np.shares_memory(few.train_images, dataset.train_images)


def test_that_no_limit_or_a_large_one_keeps_all(dataset: Dataset) -> None:
    assert _numbers(limited(dataset, None, 1000)) == list(range(50))


def _learnt(parts: Parts) -> list[int]:
    return parts.train_images[:, 0, 0, 0].tolist()


def _validated(parts: Parts) -> list[int]:
    return parts.validation_images[:, 0, 0, 0].tolist()


def test_that_the_configuration_decides_split_and_limits(dataset: Dataset) -> None:
    for config in (TrainingConfig(), TrainingConfig(split_seed=9)):
        parts = prepare_split(dataset, config)
        assert [*_learnt(parts), *_validated(parts)] == list(range(50))
        assert parts.validation_part == "test"
    config = TrainingConfig(split="shuffled", split_seed=9, train_limit=6, test_limit=2)
    drawn, parts = shuffled(dataset, 9), prepare_split(dataset, config)
    assert _learnt(parts) == drawn.train_images[:6, 0, 0, 0].tolist()
    assert _validated(parts) == drawn.test_images[:2, 0, 0, 0].tolist()
    np.testing.assert_array_equal(parts.test_images, drawn.test_images)  # without the limit


@given(
    share=st.floats(0.02, 0.9), seed=st.integers(0, 100), limit=st.none() | st.integers(30, 60),
    split=st.sampled_from(["official", "shuffled"]),
)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_that_a_validation_part_loses_and_doubles_no_image(
    dataset: Dataset, share: float, seed: int, limit: int | None, split: str
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
        np.testing.assert_array_equal(images[:, 0, 0, 0] % 10, labels)
    np.testing.assert_array_equal(parts.test_images, whole.test_images)


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
