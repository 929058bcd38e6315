"""``--dataset NAME|PATH`` and the options that say how a user's own images are read, as a ``DatasetSpec``."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import typer

from cnn_explorer.commands.arguments.training import option_name
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.sources import registry

F = TypeVar("F", bound=Callable[..., Any])
Reading = Mapping[str, str | None]
"""For each option of ``READING`` what was given; ``None`` is what was not."""


@dataclass(frozen=True)
class ReadingOption:
    """An option for one field of ``DatasetSpec``. ``reads``: what it means something for."""

    field: str
    metavar: str
    words: str
    expected: str
    reads: Literal["folder", "file", "both"]


_ARRAY = "the name of an array"
READING: tuple[ReadingOption, ...] = (
    ReadingOption(
        "image_size", "ROWSxCOLUMNS", "Folders: the size that every image is brought to. Default: the most frequent.",
        "two numbers from 1 to 4096 as in 100x100", "folder",
    ),
    ReadingOption(
        "resize", "fit|crop|stretch",
        "Folders: how images get that size: fit keeps all of them, crop fills and cuts off, stretch distorts. "
        "Default: fit.",
        "fit, crop or stretch", "folder",
    ),
    ReadingOption(
        "color", "auto|gray|rgb", "Folders: grey or colour images. Default: auto, what most of them are.",
        "auto, gray or rgb", "folder",
    ),
    ReadingOption("train_images", "ARRAY", "Files of arrays: which one holds the images.", _ARRAY, "file"),
    ReadingOption("train_labels", "ARRAY", "Files of arrays: which one holds their labels.", _ARRAY, "file"),
    ReadingOption("test_images", "ARRAY", "Files of arrays: which one holds the test images.", _ARRAY, "file"),
    ReadingOption("test_labels", "ARRAY", "Files of arrays: which one holds their labels.", _ARRAY, "file"),
    ReadingOption(
        "test_part", "X", "The share of each class that is kept for the test where no test images are given. "
        "Default: 0.2.",
        "a number above 0 and below 1", "both",
    ),
)  # fmt: skip


def with_reading_options(command: F) -> F:
    """Give a typer command the options of ``READING``; they come in its ``**keywords``, which stay open for others."""
    signature = inspect.signature(command, eval_str=True)
    parameters = list(signature.parameters.values())
    others = [p for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
    made = [_parameter(option) for option in READING]
    command.__signature__ = signature.replace(  # type: ignore[attr-defined]  # typer reads it
        parameters=[*others, *made, *(p for p in parameters if p not in others)]
    )
    return command


def without_keywords(command: F) -> F:
    """Hide ``**keywords`` of a command from typer, which knows no such parameter."""
    signature = inspect.signature(command)
    kept = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]  # typer reads it
    return command


def _parameter(option: ReadingOption) -> inspect.Parameter:
    made = typer.Option(
        option_name(option.field), metavar=option.metavar, help=option.words, show_default=False,
        rich_help_panel="Reading your own images",
    )  # fmt: skip
    return inspect.Parameter(
        option.field, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, made]
    )


def reading_of(keywords: MutableMapping[str, Any]) -> Reading:
    """Take the options of ``READING`` out of the keywords of a command."""
    return {option.field: keywords.pop(option.field) for option in READING}


def given(reading: Reading) -> tuple[str, ...]:
    """The options that were given, as on the command line."""
    return tuple(option_name(field) for field, value in reading.items() if value is not None)


def spec_of(dataset: str, reading: Reading) -> DatasetSpec:
    """The data set that is meant: a registered name, else a path, with how it is read.

    Raises ``ExplorerError`` if there is neither, or for an option that means nothing there or has a wrong value.
    """
    names = tuple(source.name for source in registry.SOURCES)
    if dataset in names:
        spec = DatasetSpec(source=dataset)
    else:
        path = Path(os.path.abspath(Path(dataset).expanduser()))  # noqa: PTH100  # without "..": one path, one copy
        if not path.exists():
            raise _unknown(dataset, path)
        spec = DatasetSpec(source=str(path))
    values: dict[str, Any] = {}
    for option in READING:
        value = reading[option.field]
        if value is not None:
            _refuse_idle(option, spec)
            values[option.field] = _value(option, value)
    return msgspec.structs.replace(spec, **values)


def check_registered(spec: DatasetSpec | None) -> registry.DatasetSource | None:
    """What is known of ``spec`` before it is loaded; ``None`` for the user's own images."""
    return None if spec is None or spec.path is not None else registry.source_of(spec.source)


def _unknown(dataset: str, path: Path) -> ExplorerError:
    if Path(dataset).name != dataset or dataset.startswith("~"):
        return ExplorerError(f"There is no file or folder {path}.", "Give the path of your images, or a name.")
    try:
        registry.source_of(dataset)
    except ExplorerError as error:
        return ExplorerError(error.message, f"{error.hint} Or give the path of a file or folder of images.")
    raise AssertionError("it is registered")


def _refuse_idle(option: ReadingOption, spec: DatasetSpec) -> None:
    name, path = option_name(option.field), spec.path
    if path is None:
        raise ExplorerError(
            f"{name} has no place beside --dataset {spec.source}.", "It is for images of your own; leave it out."
        )
    if option.reads != "both" and (option.reads == "folder") != path.is_dir():
        what = "a folder of images" if option.reads == "folder" else "a file of arrays"
        raise ExplorerError(f"{name} is for {what}, which {path} is not.", "Leave it out.")


def _value(option: ReadingOption, text: str) -> Any:
    value: Any = text.strip()
    if option.field == "image_size":
        value = re.split(r"\s*[x×,]\s*", value)
    try:
        changed = msgspec.convert({option.field: value}, DatasetSpec, strict=False)
    except msgspec.ValidationError as error:
        raise ExplorerError(f'{option_name(option.field)}: expected {option.expected}, got "{text}".') from error
    return getattr(changed, option.field)
