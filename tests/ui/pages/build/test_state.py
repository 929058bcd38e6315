"""What the Build page shows and what its edits make of a network; no window."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cnn_explorer.core.network.architecture import (
    L1L2,
    LAYER_KINDS,
    Activation,
    AnyLayer,
    Architecture,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    LayerKind,
    LayerNormalization,
    LeakyReLU,
    MaxPooling2D,
    Rescaling,
    ZeroPadding2D,
)
from cnn_explorer.core.network.inference import infer, training_problems
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.pages.build import edits
from cnn_explorer.ui.pages.build.stack.rows import compact, settings, size_text
from cnn_explorer.ui.pages.build.state import BuildState, build_state
from tests.ui.fakes import digits

SIMPLE = preset("mnist-simple").architecture
NAMES = ["Conv2D_1", "Max_Pool_1", "Conv2D_2", "Max_Pool_2", "Conv2D_3", "Flatten_1", "Dense_1", "Dense_2"]


def state_of(architecture: Architecture, *, with_data: bool = True, batch_size: int = 64) -> BuildState:
    dataset, inference = digits(4, 2) if with_data else None, infer(architecture)
    problems = inference.problems
    if dataset is not None:
        problems = training_problems(architecture, dataset.image_shape, len(dataset.classes))
    return build_state(architecture, inference, problems, batch_size, dataset)


def names(architecture: Architecture) -> list[str]:
    return [layer.name for layer in architecture.layers]


def test_that_rows_show_the_figures_of_the_article() -> None:
    rows = state_of(SIMPLE).rows
    assert [row.name for row in rows] == ["Input", *NAMES]
    assert [row.shape_text for row in rows[:4]] == ["28×28×1", "26×26×32", "13×13×32", "11×11×64"]
    assert [row.params_text for row in rows[1:]] == ["320", "0", "18,496", "0", "36,928", "0", "40,390", "710"]
    assert [row.field_text for row in rows[1:]] == ["3×3", "4×4", "8×8", "10×10", "18×18", "", "", ""]
    assert [row.jump_text for row in rows[1:]] == ["1", "2", "2", "4", "4", "", "", ""]


def test_that_totals_count_the_whole_network() -> None:
    totals = {total.caption: total.figure for total in state_of(SIMPLE).totals}
    assert totals["parameters"] == "96,844"
    assert totals["trainable"] == "all"
    # 26²·9·32 + 11²·288·64 + 3²·576·64 + 576·70 + 700 products
    assert totals["MACs"] == compact(194_688 + 2_230_272 + 331_776 + 40_320 + 700)
    assert totals["for a batch of 64"].endswith("MB")


def test_that_frozen_parameters_are_told_from_trainable_ones() -> None:
    net = replace(SIMPLE, layers=(SIMPLE.layers[0], BatchNormalization(name="Norm"), *SIMPLE.layers[1:]))
    totals = {total.caption: total.figure for total in state_of(net).totals}
    assert (totals["parameters"], totals["trainable"]) == ("96,972", "96,908")


def test_that_a_layer_that_does_not_fit_is_marked_and_hides_what_cannot_be_known() -> None:
    pool = MaxPooling2D(name="Max_Pool_3", pool_size=(4, 4))
    state = state_of(edits.inserted(SIMPLE, pool, 5))
    marked = [row.name for row in state.rows if row.problem]
    assert marked == ["Max_Pool_3"]
    assert "3×3" in state.rows[6].problem
    assert {row.shape_text for row in state.rows[6:]} == {"–"}
    assert state.rows[5].shape_text == "3×3×64"
    assert "not trained" in state.verdict


def test_that_the_data_set_decides_about_shape_and_classes() -> None:
    other = replace(SIMPLE, input_shape=(32, 32, 3))
    assert state_of(other, with_data=False).problems == ()
    state = state_of(other)
    assert [problem.index for problem in state.problems] == [None]
    assert state.data_shape == (28, 28, 1)
    assert state_of(SIMPLE).data_shape is None
    assert state_of(SIMPLE).verdict.startswith("Ready to train on MNIST")


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Conv2D(name="a", filters=1, kernel_size=(3, 5)), "1 filter, 3×5"),
        (
            Conv2D(
                name="a", filters=32, kernel_size=(3, 3), strides=(2, 2), padding="same", dilation_rate=(1, 2),
                activation="relu", use_bias=False, kernel_regularizer=L1L2(l2=0.001),
            ),
            "32 filters, 3×3, stride 2, same, dilation 1×2, relu, no bias, L2 0.001",
        ),
        (
            Conv2DTranspose(name="a", filters=8, kernel_size=(4, 4), strides=(2, 2), output_padding=(1, 0)),
            "8 filters, 4×4, stride 2, output padding 1×0",
        ),
        (MaxPooling2D(name="a", strides=(1, 2)), "2×2, stride 1×2"),
        (MaxPooling2D(name="a", strides=(1, 1)), "2×2, stride 1"),
        (LeakyReLU(name="a"), "slope 0.3"),
        (Activation(name="a", activation="relu"), "relu"),
        (ZeroPadding2D(name="a"), "1 on each side"),
        (ZeroPadding2D(name="a", padding=((0, 1), (2, 3))), "rows 0 + 1, columns 2 + 3"),
        (BatchNormalization(name="a"), ""),
        (BatchNormalization(name="a", scale=False, center=False), "no shift, no scale"),
        (LayerNormalization(name="a"), ""),
        (LayerNormalization(name="a", axis=2, scale=False), "axis 2, no scale"),
        (Rescaling(name="a", scale=1 / 255, offset=-1.0), "× 0.003922, − 1"),
        (Dense(name="a", units=1024), "1,024 units"),
        (Flatten(name="a"), ""),
    ],
)  # fmt: skip
def test_that_settings_say_what_is_not_usual(layer: AnyLayer, words: str) -> None:
    assert settings(layer) == words


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0 k"), (99_949, "99.9 k"), (99_950, "100 k"), (999_499, "999 k"),
     (999_500, "1.0 M"), (2_795_000, "2.8 M"), (10**15, "1,000.0 T")],
)  # fmt: skip
def test_that_counts_are_short(number: int, text: str) -> None:
    assert compact(number) == text


def test_that_sizes_have_a_unit() -> None:
    assert (size_text(12), size_text(7_900_000)) == ("12 B", "7.9 MB")


def test_that_new_layers_and_copies_get_free_names() -> None:
    kind = edits.kind_named("Conv2D")
    assert edits.new_layer(SIMPLE, kind).name == "Conv2D_4"
    copied = edits.duplicated(SIMPLE, 1)
    assert names(copied)[:4] == ["Conv2D_1", "Max_Pool_1", "Max_Pool_3", "Conv2D_2"]
    assert replace(copied.layers[2], name="Max_Pool_1") == SIMPLE.layers[1]


@pytest.mark.parametrize("kind", LAYER_KINDS, ids=lambda kind: kind.spec.__name__)
def test_that_every_kind_of_the_palette_has_a_row(kind: LayerKind) -> None:
    assert edits.kind_named(kind.spec.__name__) is kind
    layer = kind.new(())
    row = state_of(Architecture(input_shape=(28, 28, 1), layers=(layer,)), with_data=False).rows[1]
    assert row.shape is not None or row.problem
    assert layer.name in row.sentence


@pytest.mark.parametrize(
    ("index", "before", "expected"),
    [(0, 2, "bacd"), (0, 1, "abcd"), (0, 0, "abcd"), (3, 0, "dabc"), (0, 4, "bcda"), (2, 1, "acbd")],
)
def test_that_a_moved_layer_lands_in_front_of_the_one_it_was_dropped_on(index: int, before: int, expected: str) -> None:
    net = Architecture(input_shape=(8, 8, 1), layers=tuple(Dense(name=name, units=1) for name in "abcd"))
    assert "".join(names(edits.moved(net, index, before))) == expected


@pytest.mark.parametrize("row", [0, 1, 4, 8])
def test_that_an_added_layer_is_selected_and_its_undo_selects_a_neighbour(row: int) -> None:
    added = edits.inserted(SIMPLE, Flatten(name="Flatten_9"), row)
    assert edits.row_after(SIMPLE, added, row) == row + 1
    assert edits.row_after(added, SIMPLE, row + 1) == min(row + 1, 8)


def test_that_the_next_layer_is_selected_after_a_deletion_and_the_deleted_one_after_its_undo() -> None:
    without = edits.removed(SIMPLE, 2)
    assert edits.row_after(SIMPLE, without, 3) == 3
    assert edits.row_after(without, SIMPLE, 1) == 3
    last = edits.removed(SIMPLE, 7)
    assert edits.row_after(SIMPLE, last, 8) == 7


def test_that_undo_selects_the_layer_that_it_changes() -> None:
    changed = edits.replaced(SIMPLE, 4, replace(SIMPLE.layers[4], filters=7))
    assert edits.row_after(changed, SIMPLE, 1) == 5
    assert edits.row_after(SIMPLE, replace(SIMPLE, input_shape=(9, 9, 1)), 3) == 0
    assert edits.row_after(SIMPLE, replace(SIMPLE, name="other"), 3) == 3


def test_that_a_moved_layer_stays_selected() -> None:
    assert edits.row_after(SIMPLE, edits.moved(SIMPLE, 4, 0), 5) == 1


def test_that_another_network_gets_a_selection_of_its_own() -> None:
    empty = Architecture(input_shape=(28, 28, 1))
    assert edits.row_after(SIMPLE, empty, 3) == 0
    assert edits.row_after(empty, SIMPLE, 0) == 0
    assert edits.row_after(SIMPLE, SIMPLE, -1) == -1
    other = Architecture(input_shape=(28, 28, 1), layers=(Flatten(name="f"), Dense(name="d", units=10)))
    assert edits.row_after(SIMPLE, other, 5) == 1


def test_that_an_edit_is_named_after_the_field() -> None:
    layer = SIMPLE.layers[0]
    assert edits.changed_field(layer, replace(layer, filters=2)) == "filters"
    assert edits.changed_field(SIMPLE, replace(SIMPLE, input_shape=(9, 9, 1))) == "input shape"
    assert edits.changed_field(layer, layer) == ""
