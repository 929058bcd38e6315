"""The options of ``train``: one for each field of ``TrainingConfig``, made from the field itself.

The values stay text until they meet the field's own limits in ``config_of``, so that a configuration file and
the command line are judged by the same rule and refused in the same words. Only ``--flag`` and ``--no-flag`` say
at once what they mean.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.core.run.config import TrainingConfig

F = TypeVar("F", bound=Callable[..., Any])
Settings = Mapping[str, str | bool | None]
"""For each field of ``TrainingConfig`` what was given; ``None`` is what was not."""

TRAINING_FIELDS = fields_of(TrainingConfig)
_METAVARS = {"integer": "N", "number": "X", "text": "NAME"}


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
    name, metavar = option_name(field.name), ""
    if field.kind == "boolean":
        name += f"/--no-{name.removeprefix('--')}"
    elif field.kind == "numbers":
        metavar = "N,N,..." if field.whole else "X,X,..."
    else:
        metavar = "|".join(map(str, field.choices)) or _METAVARS[field.kind]
    option = typer.Option(
        name,
        help=f"{field.description} Default: {_default(field)}.",
        metavar=metavar,
        show_default=False,
        rich_help_panel=f"Training: {field.group}",
    )
    annotation = Annotated[bool | None, option] if field.kind == "boolean" else Annotated[str | None, option]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _default(field: Field) -> str:
    match field.default:
        case None:
            return "no limit"
        case bool(on):
            return "yes" if on else "no"
        case tuple(values):
            return ",".join(map(str, values)) or "nothing"
    if field.zero and field.default == 0:
        return f"{field.default:g} ({field.zero})"
    return str(field.default) or "nothing"


def config_of(settings: Settings, base: TrainingConfig) -> TrainingConfig:
    """``base`` with the given settings.

    Raises ``ExplorerError`` that names the option and says what was expected.
    """
    values = msgspec.to_builtins(base)
    for field in TRAINING_FIELDS:
        given = settings[field.name]
        if given is None:
            continue
        try:
            # On its own, so that a refusal is this option's; texts become numbers by msgspec's lax mode.
            changed = msgspec.convert({field.name: _parts(field, given)}, TrainingConfig, strict=False)
        except msgspec.ValidationError as error:
            commas = "Put commas between them, as in 1,2,3." if field.kind == "numbers" else ""
            raise ExplorerError(
                f'{option_name(field.name)}: expected {field.expected()}, got "{given}".', commas
            ) from error
        values[field.name] = getattr(changed, field.name)
    return msgspec.convert(values, TrainingConfig)


def _parts(field: Field, given: str | bool) -> Any:
    if field.kind != "numbers" or not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",")] if given.strip() else []


def refuse_problems(config: TrainingConfig, settings: Settings, classes: int | None) -> None:
    """Raise ``ExplorerError`` for settings that do not go together, with the option or the name in the file."""
    for field, message in config.problems(classes):
        name = field if settings[field] is None else option_name(field)
        raise ExplorerError(f"{name}: {message[0].lower()}{message[1:]}")


def idle_notes(configs: Sequence[TrainingConfig], given: Collection[str]) -> tuple[str, ...]:
    """A sentence for each of the settings ``given`` that changes nothing in any of ``configs``, where it has no effect.

    A configuration file may hold all settings, so only those of the command line are worth a word.
    """
    return tuple(
        f"{option_name(field.name)} has no effect without {_needs(field)}."
        for field in TRAINING_FIELDS
        if field.name in given
        and not any(field.is_relevant(config) for config in configs)
        and any(getattr(config, field.name) != field.default for config in configs)
    )


def _needs(field: Field) -> str:
    return " and ".join(
        f"{option_name(other)} {' or '.join(map(str, allowed))}" for other, allowed in field.relevant_when
    )
