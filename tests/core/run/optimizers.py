"""What tests need that walk the table of optimizers."""

from __future__ import annotations

from typing import Any

import pytest

from cnn_explorer.core.run.optimizers import OPTIMIZERS, Optimizer

EACH_OPTIMIZER = pytest.mark.parametrize("row", OPTIMIZERS, ids=lambda row: row.name)
OTHER_VALUES: dict[str, Any] = {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}
"""For each setting that some optimizer takes a value that is not the default."""


def taken(row: Optimizer) -> dict[str, Any]:
    """Those of ``OTHER_VALUES`` that the optimizer takes."""
    return {name: OTHER_VALUES[name] for name in row.settings}


def arguments_of(optimizer: Any) -> dict[str, Any]:
    """What makes up an optimizer of Keras, but for its name, in which Keras counts the optimizers of the process."""
    return {key: value for key, value in optimizer.get_config().items() if key != "name"}
