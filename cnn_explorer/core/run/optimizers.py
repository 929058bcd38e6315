"""The optimizers: one row each. Form, command line, files, compiling and generated code all follow the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

NEUTRAL: Mapping[str, object] = {"momentum": 0.0, "nesterov": False}
"""Values of settings that are Keras' own defaults in every optimizer that takes them; code may leave them out."""


@dataclass(frozen=True)
class Optimizer:
    """``name`` is what run.json, command line and form say; ``keras_class`` is the class in ``keras.optimizers``.

    ``settings`` are the fields of ``TrainingConfig`` that it takes beside the learning rate; Keras' arguments have
    the same names. Other fields of this kind have no effect with it.
    """

    name: str
    keras_class: str
    settings: tuple[str, ...] = ()


OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer("rmsprop", "RMSprop", ("momentum",)),
    Optimizer("adam", "Adam"),
    Optimizer("adamw", "AdamW", ("weight_decay",)),
    Optimizer("nadam", "Nadam"),
    Optimizer("adamax", "Adamax"),
    Optimizer("sgd", "SGD", ("momentum", "nesterov")),
    Optimizer("lion", "Lion", ("weight_decay",)),
)
"""In the order in which they are offered."""

_BY_NAME = {row.name: row for row in OPTIMIZERS}

if TYPE_CHECKING:
    OptimizerName = str  # mypy knows no Literal that is made from a table; msgspec and the forms do
else:
    OptimizerName = Literal[tuple(_BY_NAME)]


def optimizer_named(name: OptimizerName) -> Optimizer:
    """The row of ``name``."""
    return _BY_NAME[name]


def optimizers_with(setting: str) -> tuple[OptimizerName, ...]:
    """The names of the optimizers that take ``setting``."""
    return tuple(row.name for row in OPTIMIZERS if setting in row.settings)
