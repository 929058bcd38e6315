"""The table of optimizers and the training configuration fit each other; Keras' side is in engine/models."""

from __future__ import annotations

import msgspec
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import fields_of
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.optimizers import OPTIMIZERS, Optimizer, optimizer_named, optimizers_with
from tests.core.run.optimizers import EACH_OPTIMIZER, OTHER_VALUES, taken

FIELDS = {field.name: field for field in fields_of(TrainingConfig)}
NAMES = tuple(row.name for row in OPTIMIZERS)


def test_that_the_setting_offers_the_rows_of_the_table_in_their_order() -> None:
    assert FIELDS["optimizer"].choices == NAMES
    assert len(set(NAMES)) == len(NAMES)
    assert FIELDS["optimizer"].default in NAMES


@EACH_OPTIMIZER
def test_that_a_file_may_name_each_optimizer(row: Optimizer) -> None:
    config = TrainingConfig(optimizer=row.name)
    assert TrainingConfig.from_json(config.to_json()) == config
    assert optimizer_named(row.name) is row


@pytest.mark.parametrize("name", ["", "RMSprop", "adamwx", "rmsprop ", None, 0, ["adam"]])
def test_that_no_other_name_is_taken(name: object) -> None:
    words = ", ".join(f'"{known}"' for known in NAMES)
    with pytest.raises(ExplorerError, match=f"^optimizer: expected one of {words}, got "):
        TrainingConfig.from_json(msgspec.json.encode({"optimizer": name}))


@EACH_OPTIMIZER
def test_that_a_setting_counts_exactly_where_the_row_takes_it(row: Optimizer) -> None:
    config = TrainingConfig(optimizer=row.name, **OTHER_VALUES)
    assert config.optimizer_arguments == taken(row)
    counted = {name for name, field in FIELDS.items() if dict(field.relevant_when).keys() == {"optimizer"}}
    assert counted == OTHER_VALUES.keys()
    assert {name for name in counted if FIELDS[name].is_relevant(config)} == set(row.settings)


@pytest.mark.parametrize("setting", OTHER_VALUES)
def test_that_no_setting_is_without_an_optimizer(setting: str) -> None:
    assert optimizers_with(setting)
    assert FIELDS[setting].default != OTHER_VALUES[setting]
