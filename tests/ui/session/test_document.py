"""The edited architecture: its history, its facts, and whether something would be lost."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.core.network.architecture import Architecture, Conv2D, Dense, Flatten
from cnn_explorer.ui.session.document import ArchitectureDocument


def network(filters: int = 8, name: str = "n") -> Architecture:
    convolution = Conv2D(name="c", filters=filters, kernel_size=(3, 3))
    return Architecture(
        name=name, input_shape=(8, 8, 1), layers=(convolution, Flatten(name="f"), Dense(name="d", units=10))
    )


@pytest.fixture
def document(qtbot: QtBot) -> ArchitectureDocument:
    return ArchitectureDocument(network())


def test_that_an_edit_is_shown_and_can_be_undone_and_redone(document: ArchitectureDocument, qtbot: QtBot) -> None:
    with qtbot.waitSignal(document.changed):
        document.edit(network(16), "More filters")
    assert document.architecture == network(16)
    assert document.undo_stack.undoText() == "More filters"
    with qtbot.waitSignal(document.changed):
        document.undo_stack.undo()
    assert document.architecture == network(8)
    document.undo_stack.redo()
    assert document.architecture == network(16)


def test_that_the_facts_follow_every_edit(document: ArchitectureDocument) -> None:
    # 3·3·1·filters + filters, then 6·6·filters·10 + 10
    assert document.inference.total_params == 9 * 8 + 8 + 36 * 8 * 10 + 10
    document.edit(network(16), "More filters")
    assert document.inference.total_params == 9 * 16 + 16 + 36 * 16 * 10 + 10
    document.undo_stack.undo()
    assert document.inference.total_params == 9 * 8 + 8 + 36 * 8 * 10 + 10


def test_that_an_edit_that_changes_nothing_is_no_step(document: ArchitectureDocument, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(document.changed):
        document.edit(network(8), "Nothing")
    assert not document.undo_stack.canUndo()
    assert not document.unsaved


def test_that_turning_one_spin_box_is_one_step(document: ArchitectureDocument) -> None:
    for filters in range(9, 33):
        document.edit(network(filters), "Change filters", merge_key="c.filters")
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.architecture == network(8)


def test_that_different_fields_and_plain_edits_stay_steps_of_their_own(document: ArchitectureDocument) -> None:
    document.edit(network(9), "Change filters", merge_key="c.filters")
    document.edit(network(9, "m"), "Change name", merge_key="name")
    document.edit(network(10, "m"), "Change filters", merge_key="c.filters")
    document.edit(network(11, "m"), "Take preset")
    document.edit(network(12, "m"), "Take preset")
    assert document.undo_stack.count() == 5


def test_that_a_merge_does_not_reach_over_a_save(document: ArchitectureDocument, tmp_path: Path) -> None:
    document.edit(network(9), "Change filters", merge_key="c.filters")
    document.mark_saved(tmp_path / "n.json")
    document.edit(network(10), "Change filters", merge_key="c.filters")
    assert document.unsaved
    document.undo_stack.undo()
    assert document.architecture == network(9)
    assert not document.unsaved


def test_that_undoing_back_to_the_saved_state_leaves_nothing_unsaved(document: ArchitectureDocument) -> None:
    document.edit(network(9), "a")
    assert document.unsaved
    document.undo_stack.undo()
    assert not document.unsaved


def test_that_opening_another_network_begins_a_new_history(document: ArchitectureDocument, tmp_path: Path) -> None:
    document.edit(network(9), "a")
    other = msgspec.structs.replace(network(4), name="other")
    document.open(other, tmp_path / "other.json")
    assert document.architecture == other
    assert document.path == tmp_path / "other.json"
    assert not document.undo_stack.canUndo()
    assert not document.unsaved
