"""Python code as text, formatted as black and ruff do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from cnn_explorer.core.network.architecture import L1L2

_WIDTH = 88  # the line length of black, and of ruff where nothing else is set


def literal(value: Any) -> str:
    """A value of a spec as code; pairs of the same number as that number, as Keras takes it."""
    match value:
        case str():
            return json.dumps(value)
        case (int() as down, int() as across) if down == across:
            return str(down)
        case L1L2(l1=0.0, l2=strength):
            return f"regularizers.L2({strength!r})"
        case L1L2(l1=strength, l2=0.0):
            return f"regularizers.L1({strength!r})"
        case L1L2():
            return f"regularizers.L1L2(l1={value.l1!r}, l2={value.l2!r})"
    return repr(value)


def call(head: str, arguments: Iterable[str], *, indent: int = 0, end: str = "") -> list[str]:
    """A call, on one line if it fits, else with its arguments on the next, else one argument a line."""
    space, arguments = " " * indent, list(arguments)
    together = ", ".join(arguments)
    if len(line := f"{space}{head}({together}){end}") <= _WIDTH:
        return [line]
    inner = space + "    "
    if len(line := inner + together) <= _WIDTH:
        return [f"{space}{head}(", line, f"{space}){end}"]
    return [f"{space}{head}(", *_each(arguments, len(inner)), f"{space}){end}"]


def _each(arguments: Iterable[str], indent: int) -> Iterator[str]:
    """One argument a line; one that is too long must be a plain call itself."""
    for argument in arguments:
        if indent + len(argument) < _WIDTH or not argument.endswith(")"):
            yield f"{' ' * indent}{argument},"
        else:
            head, _, inside = argument.removesuffix(")").partition("(")
            yield from call(head, inside.split(", "), indent=indent, end=",")


def long_list(head: str, items: Iterable[str]) -> list[str]:
    """``head = [...]``, on one line if it fits, else one item a line."""
    items = list(items)
    if len(line := f"{head} = [{', '.join(items)}]") <= _WIDTH:
        return [line]
    return [f"{head} = [", *(f"    {item}," for item in items), "]"]
