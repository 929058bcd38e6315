"""The options of ``train``: one for each field of ``TrainingConfig``, made from the field itself.

The values stay text until they meet the field's own limits in ``config_of``, so that a configuration file and
the command line are judged by the same rule and refused in the same words.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.core.training import TrainingConfig

F = TypeVar("F", bound=Callable[..., Any])

TRAINING_FIELDS = fields_of(TrainingConfig)


def option_name(field: str) -> str:
    """``batch_size`` -> ``--batch-size``."""
    return "--" + field.replace("_", "-")


def with_training_options(command: F) -> F:
    """Give a typer command one option for each field of ``TrainingConfig``, in place of its ``**settings``."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    made = [_parameter(field) for field in TRAINING_FIELDS]
    command.__signature__ = signature.replace(parameters=[*own, *made])  # type: ignore[attr-defined]  # typer reads it
    return command


def _parameter(field: Field) -> inspect.Parameter:
    default = "no limit" if field.default is None else field.default
    option = typer.Option(
        option_name(field.name),
        help=f"{field.description} Default: {default}.",
        metavar="|".join(map(str, field.choices)) or {"integer": "N", "number": "X"}.get(field.kind, "NAME"),
        show_default=False,
        rich_help_panel=f"Training: {field.group}",
    )
    return inspect.Parameter(
        field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )


def config_of(settings: Mapping[str, str | None], base: TrainingConfig) -> TrainingConfig:
    """``base`` with the given settings; those that are ``None`` were not given.

    Raises ``ExplorerError`` that names the option and says what was expected.
    """
    values = msgspec.to_builtins(base)
    for field in TRAINING_FIELDS:
        text = settings[field.name]
        if text is None:
            continue
        try:
            # On its own, so that a refusal is this option's; texts become numbers by msgspec's lax mode.
            changed = msgspec.convert({field.name: text}, TrainingConfig, strict=False)
        except msgspec.ValidationError as error:
            raise ExplorerError(f'{option_name(field.name)}: expected {field.expected()}, got "{text}".') from error
        values[field.name] = getattr(changed, field.name)
    return msgspec.convert(values, TrainingConfig)
