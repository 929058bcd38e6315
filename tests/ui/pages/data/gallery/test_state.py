"""What the gallery shows and says, against filters written with plain loops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import Predictions
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again
from cnn_explorer.ui.pages.data.gallery.state import (
    Answers,
    Catalog,
    Filter,
    catalog,
    chosen,
    count_text,
    image_facts,
    index_ranges,
    picture_name,
    score,
    why_no_check,
    why_no_pin,
)
from tests.ui.fakes import digits

MODEL = Path("runs/1/model.h5")


@pytest.fixture
def dataset() -> Dataset:
    return digits(64, 20)


@pytest.fixture
def official(dataset: Dataset) -> Catalog:
    return catalog(dataset, "official", 0)


def predicted(made: Catalog, split: str, wrong: set[int], model: Path = MODEL) -> Predictions:
    """Images ``wrong`` of a part are taken for the next class; confidences rise from 0 to 1."""
    labels = made.dataset.part(split)[1]
    predictions = np.array([(y + (i in wrong)) % 10 for i, y in enumerate(labels)])
    return Predictions(split, predictions, np.linspace(0, 1, len(labels), dtype=np.float32), model, "0" * 64)


def answered(made: Catalog, wrong: set[int], split: str = "test") -> Answers:
    return Answers.none(len(made)).plus(predicted(made, split, wrong), made.dataset)


@pytest.mark.parametrize("split", ["official", "shuffled", "stratified"])
def test_that_the_catalogue_has_every_image_once_in_the_split_that_is_trained_on(dataset: Dataset, split) -> None:
    made = catalog(dataset, split, 7)
    assert sorted(made.places) == list(range(84))
    expected = split_again(dataset, split, 7)
    for position in range(84):
        part = "train" if position < 64 else "test"
        index = position if position < 64 else position - 64
        assert (made.split_of(position), made.index_of(position)) == (part, index)
        image, label = expected.part(part)[0][index], expected.part(part)[1][index]
        assert np.array_equal(dataset.images[made.places[position]], image)
        assert made.labels[position] == label


@pytest.mark.parametrize("split", ["official", "shuffled", "stratified"])
def test_that_an_image_of_any_split_is_found_in_the_official_one(dataset: Dataset, split) -> None:
    made = catalog(dataset, split, 3)
    for position in range(84):
        part, index = made.official_of(position)
        assert np.array_equal(dataset.part(part)[0][index], dataset.images[made.places[position]])


def test_that_it_is_found_where_the_official_parts_are_no_ranges(dataset: Dataset) -> None:
    order = np.random.default_rng(1).permutation(84)
    made = catalog(replace(dataset, train=order[:64], test=order[64:]), "shuffled", 2)
    for position in range(84):
        part, index = made.official_of(position)
        assert (order[:64] if part == "train" else order[64:])[index] == made.places[position]


def test_that_a_split_that_cannot_be_is_refused(dataset: Dataset) -> None:
    single = replace(dataset, labels=np.array([0] * 83 + [1]))
    with pytest.raises(ExplorerError, match="split"):
        catalog(single, "stratified", 0)


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("", ()), ("  ", ()), ("1234", ((1234, 1234),)), ("10-20,42", ((10, 20), (42, 42))),
        (" 1 - 2 ; 5 ,", ((1, 2), (5, 5))), ("3–4", ((3, 4),)), ("7-7", ((7, 7),)),
    ],
)  # fmt: skip
def test_that_indices_are_read(text: str, ranges: tuple[tuple[int, int], ...]) -> None:
    assert index_ranges(text) == ranges


@pytest.mark.parametrize("text", ["x", "1-", "-1", "1.5", "20-10", "1 2", "9" * 30])
def test_that_what_is_no_index_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        index_ranges(text)
    assert text in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(), Filter(part="train"), Filter(part="test"), Filter(classes=frozenset({3})),
        Filter(part="test", classes=frozenset({1, 2, 7})), Filter(indices="5-9, 30"),
        Filter(part="train", indices="19-21"), Filter(indices="999999999999999999"), Filter(verdict="wrong"),
        Filter(verdict="right"), Filter(verdict="wrong", confidence=(0.2, 0.6)), Filter(confidence=(0.5, 1.0)),
        Filter(part="train", verdict="right"),
    ],
)  # fmt: skip
def test_that_exactly_the_images_of_the_filter_are_shown(official: Catalog, wanted: Filter) -> None:
    wrong = {0, 3, 4, 11}
    answers = answered(official, wrong)
    confidences = np.linspace(0, 1, 20, dtype=np.float32)

    def passes(position: int) -> bool:
        part = "train" if position < 64 else "test"
        index = position if part == "train" else position - 64
        asked = part == "test"
        sure = asked and wanted.confidence[0] <= confidences[index] <= wanted.confidence[1]
        return (
            wanted.part in ("all", part)
            and (not wanted.classes or int(official.dataset.labels[position]) in wanted.classes)
            and (not wanted.indices or any(low <= index <= high for low, high in index_ranges(wanted.indices)))
            and (wanted.verdict == "any" or (asked and (index in wrong) == (wanted.verdict == "wrong")))
            and (wanted.confidence == (0.0, 1.0) or sure)
        )

    assert chosen(official, wanted, answers).tolist() == [p for p in range(84) if passes(p)]


def test_that_the_surest_mistakes_come_first_and_what_was_not_asked_last(official: Catalog) -> None:
    order = chosen(official, Filter(order="mistakes"), answered(official, {2, 9, 17}))
    assert (order[:3] - 64).tolist() == [17, 9, 2]
    assert (order[3:20] - 64).tolist() == [i for i in range(20) if i not in (2, 9, 17)]
    assert order[20:].tolist() == list(range(64))


def test_that_chosen_places_come_in_their_own_order(dataset: Dataset) -> None:
    made = catalog(dataset, "shuffled", 1)
    found = chosen(made, Filter(places=(70, 3, 40)), Answers.none(84))
    assert made.places[found].tolist() == [70, 3, 40]


def test_that_answers_stay_with_their_images_in_another_split(dataset: Dataset, official: Catalog) -> None:
    answers = answered(official, {5})
    other = catalog(dataset, "shuffled", 9)
    (found,) = chosen(other, Filter(verdict="wrong"), answers)
    assert other.places[found] == 64 + 5


def test_that_answers_of_two_parts_add_up_and_those_of_another_model_do_not(official: Catalog) -> None:
    both = answered(official, {1, 2}).plus(predicted(official, "train", {0}), official.dataset)
    assert len(chosen(official, Filter(verdict="wrong"), both)) == 3
    other = both.plus(predicted(official, "test", set(), Path("other.h5")), official.dataset)
    assert not len(chosen(official, Filter(verdict="wrong"), other))
    assert len(chosen(official, Filter(verdict="right"), other)) == 20


def test_that_the_score_counts_what_was_asked(official: Catalog) -> None:
    assert score(official, Answers.none(84), "all") is None
    answers = answered(official, {1, 2})
    found = score(official, answers, "all")
    assert found is not None
    assert found.sentence == "20 test images · 18 right · 2 wrong"
    assert found.accuracy == "90.00 % right"
    assert score(official, answers, "train") is None
    both = score(official, answers.plus(predicted(official, "train", {0}), official.dataset), "all")
    assert both is not None
    assert both.sentence == "84 images · 81 right · 3 wrong"


def test_that_an_image_is_told_in_words(official: Catalog) -> None:
    answers = answered(official, {19})
    label = int(official.labels[83])
    facts = image_facts(official, answers, 83)
    assert facts.sentence == f"Test image 19 · class {label} · predicted {(label + 1) % 10} (100.0 %), wrong"
    assert facts.caption == f"{label} → {(label + 1) % 10}"
    assert facts.wrong
    unasked = image_facts(official, answers, 7)
    assert unasked.sentence == f"Training image 7 · class {official.labels[7]}"
    assert unasked.caption == str(official.labels[7])
    assert picture_name(official.dataset, facts, 8) == f"mnist_test-19_{label}_8x.png"
    named = replace(unasked, true="T-shirt/top")
    assert picture_name(official.dataset, named, 1) == "mnist_train-7_T-shirt-top.png"


def test_that_only_test_images_can_be_pinned(official: Catalog) -> None:
    assert not why_no_pin(image_facts(official, Answers.none(84), 64))
    assert "test images" in why_no_pin(image_facts(official, Answers.none(84), 63))
    assert why_no_pin(None)


def test_that_a_check_needs_a_model_and_images(official: Catalog) -> None:
    assert not why_no_check(official, MODEL, "all")
    assert "Train a network" in why_no_check(official, None, "all")
    assert why_no_check(None, MODEL, "all")
    none = catalog(digits(4, 0), "official", 0)
    assert why_no_check(none, MODEL, "test")
    assert not why_no_check(none, MODEL, "train")


def test_that_a_filter_knows_whether_it_asks_for_answers() -> None:
    plain = Filter(part="test", classes=frozenset({4}), indices="1-2")
    assert not plain.asks_answers
    assert plain.only_class == 4
    assert Filter(classes=frozenset({1, 2})).only_class == -1
    for asking in (Filter(verdict="right"), Filter(confidence=(0.1, 1.0)), Filter(order="mistakes")):
        assert asking.asks_answers
        assert not asking.without_answers().asks_answers


def test_that_counts_are_told_in_words() -> None:
    assert count_text(70_000, 70_000) == "70,000 images"
    assert count_text(1, 1) == "1 image"
    assert count_text(130, 70_000) == "130 of 70,000"
