"""What differs between runs."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_explorer.core.network.architecture import (
    L1L2,
    AnyLayer,
    Architecture,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
)
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.text.run_differences import ABSENT, Difference, Setup, _aligned, comparison, differences, value_words

NETWORK = preset("mnist-simple").architecture
DATA = {"Name": "mnist", "Images": "28×28×1"}


def setup(architecture: Architecture = NETWORK, dataset: dict[str, str] = DATA, **settings: object) -> Setup:
    return Setup(architecture, TrainingConfig(**settings), dataset)  # type: ignore[arg-type]


def network(*layers: object) -> Architecture:
    return Architecture(input_shape=(28, 28, 1), layers=layers)  # type: ignore[arg-type]


def test_that_equal_setups_have_no_differences() -> None:
    assert differences([setup(), setup(), setup()]) == ()


def test_that_a_changed_setting_is_one_row_with_the_values_in_the_order_of_the_setups() -> None:
    assert differences([setup(seed=1), setup(seed=7)]) == (Difference("Run", "Seed", ("1", "7")),)


def test_that_settings_without_effect_are_left_out() -> None:
    # Decay steps have no effect without a schedule, momentum none with Adam.
    one, other = setup(optimizer="adam", decay_steps=5, momentum=0.1), setup(optimizer="adam", decay_steps=9)
    assert differences([one, other]) == ()


def test_that_a_setting_with_effect_in_one_setup_only_is_absent_in_the_other() -> None:
    found = {row.name: row.values for row in differences([setup(momentum=0.8), setup(optimizer="adam", momentum=0.8)])}
    assert found == {"Optimizer": ("rmsprop", "adam"), "Momentum": ("0.8", ABSENT)}


def test_that_zero_has_its_word_where_it_leaves_the_choice_to_the_program() -> None:
    found = {row.name: row.values for row in differences([setup(gpu_memory=0.35, seed=1), setup(intra_op_threads=2)])}
    assert found == {"Seed": ("1", "0"), "GPU memory": ("0.35", "automatic"), "Threads": ("automatic", "2")}


def test_that_other_data_differ_by_what_is_other() -> None:
    other = {"Name": "fashion", "Images": "28×28×1"}
    assert differences([setup(), setup(dataset=other)]) == (Difference("Data set", "Name", ("mnist", "fashion")),)


def test_that_a_changed_field_of_a_layer_is_named_by_layer_and_field() -> None:
    first = NETWORK.layers[0]
    changed = msgspec.structs.replace(NETWORK, layers=(msgspec.structs.replace(first, filters=7), *NETWORK.layers[1:]))
    (row,) = differences([setup(), setup(changed)])
    assert row == Difference("Network", f"{first.name}: filters", (str(first.filters), "7"))  # type: ignore[union-attr]


def test_that_an_inserted_layer_does_not_make_those_below_it_differ() -> None:
    layers = NETWORK.layers
    longer = msgspec.structs.replace(NETWORK, layers=(*layers[:2], Dropout(name="Drop", rate=0.5), *layers[2:]))
    assert differences([setup(), setup(longer)]) == (
        Difference("Network", "Drop", (ABSENT, "Dropout, rate 0.5")),
    )  # fmt: skip


def test_that_layers_of_one_name_meet_even_where_others_of_their_type_are_nearer() -> None:
    kernel = {"kernel_size": (3, 3)}
    one = network(Conv2D(name="a", filters=8, **kernel), Conv2D(name="b", filters=16, **kernel))
    other = network(Conv2D(name="b", filters=16, **kernel))
    assert differences([setup(one), setup(other)]) == (
        Difference("Network", "a", ("Conv2D, filters 8, kernel size 3×3", ABSENT)),
    )


def test_that_a_renamed_layer_is_a_difference_of_name_only() -> None:
    one, other = (
        network(Flatten(name="f"), Dense(name="x", units=3)),
        network(Flatten(name="f"), Dense(name="y", units=3)),
    )
    assert differences([setup(one), setup(other)]) == (Difference("Network", "x: name", ("x", "y")),)


def test_that_three_networks_are_laid_side_by_side() -> None:
    pool, flat = MaxPooling2D(name="p"), Flatten(name="f")
    found = differences([setup(network(flat)), setup(network(pool, flat)), setup(network(pool))])
    assert [(row.name, row.values) for row in found] == [
        ("p", (ABSENT, "MaxPooling2D", "MaxPooling2D")),
        ("f", ("Flatten", "Flatten", ABSENT)),
    ]


def test_that_one_setup_is_described_whole() -> None:
    rows = comparison([setup(schedule="power", decay_steps=10)])
    found = {(row.group, row.name): row.values for row in rows}
    assert found["Data set", "Name"] == ("mnist",)
    assert found["Optimization", "Decay steps"] == ("10",)
    assert ("Optimization", "Boundaries") not in found
    assert [row.name for row in rows if row.group == "Network"][2:] == [layer.name for layer in NETWORK.layers]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not set"), ("", "not set"), (True, "yes"), (False, "no"), (12_000, "12,000"), (0.1, "0.1"),
        (1e-05, "1e-05"), ((3, 5), "3×5"), ((), "none"), (L1L2(), "none"), (L1L2(l2=0.01), "L2 0.01"),
        (L1L2(l1=0.1, l2=0.01), "L1 0.1 + L2 0.01"),
    ],
)  # fmt: skip
def test_that_values_are_written_as_people_would(value: object, words: str) -> None:
    assert value_words(value) == words


def test_that_a_list_of_two_numbers_is_no_size() -> None:
    (row,) = (
        row for row in comparison([setup(schedule="piecewise", boundaries=(20, 40))]) if row.name == "Boundaries"
    )  # fmt: skip
    assert row.values == ("20, 40",)


LAYERS = st.lists(
    st.builds(
        lambda kind, name: kind(name=name), st.sampled_from([Flatten, MaxPooling2D]), st.sampled_from(["a", "b", "c"])
    ),
    max_size=6,
).map(tuple)


@given(st.lists(LAYERS, min_size=1, max_size=4))
def test_that_side_by_side_every_layer_keeps_its_place_in_its_own_network(stacks: list[tuple[AnyLayer, ...]]) -> None:
    slots = _aligned(stacks)
    for number, stack in enumerate(stacks):
        assert tuple(slot[number] for slot in slots if slot[number] is not None) == stack
    for slot in slots:
        assert len({layer.type for layer in slot if layer is not None}) == 1


def test_that_two_equal_stacks_meet_layer_by_layer() -> None:
    assert _aligned([NETWORK.layers, NETWORK.layers]) == [(layer, layer) for layer in NETWORK.layers]
