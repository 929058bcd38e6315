"""What a spec's fields are: read from its annotations, for forms, command line and error messages.

A spec is a frozen ``msgspec.Struct``. Each field carries its limits and its words in ``msgspec.Meta``;
this module reads them back, so that a limit and a description stand in one place only.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

Kind = Literal["boolean", "integer", "number", "choice", "text", "integers", "numbers", "pairs", "spec", "list"]


@dataclass(frozen=True)
class Field:
    """One field of a spec: what a form shows and what an error message says was expected.

    ``kind`` ``integers`` is a tuple of ``length`` integers, ``pairs`` a pair of pairs of integers, ``numbers`` any
    number of numbers (``whole``: of integers), ``spec`` a nested spec (its class in
    ``spec``) or any JSON object, ``list`` any number of specs. ``optional`` fields also take ``None``, which means "no
    limit". ``above`` and ``below`` are limits that are not allowed themselves (``maximum`` is set together with
    ``below``). ``words`` is what ``expected`` says where limits do not say it all. ``zero`` is the word for 0 where
    that leaves the choice to the program. ``short``: how the field is told among others in a line, with {} for its
    value; "" if it is not. ``relevant_when`` names other fields and the values for which this one has an effect.
    """

    name: str
    kind: Kind
    title: str = ""
    description: str = ""
    default: Any = msgspec.NODEFAULT
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] = ()
    length: int = 0
    whole: bool = False
    optional: bool = False
    pattern: str = ""
    max_length: int | None = None
    words: str = ""
    zero: str = ""
    short: str = ""
    spec: type[msgspec.Struct] | None = None
    group: str = ""
    relevant_when: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self.default is msgspec.NODEFAULT

    def is_relevant(self, value: msgspec.Struct) -> bool:
        """Whether the field has an effect, given the other fields of ``value``."""
        return all(getattr(value, other) in allowed for other, allowed in self.relevant_when)

    def expected(self) -> str:
        """What may stand here, in words: ``an integer from 1 to 4096``."""
        match self.kind:
            case _ if self.words:
                words = self.words
            case "boolean":
                words = "true or false"
            case "integer":
                words = "an integer" + self._limits()
            case "number":
                words = "a number" + self._limits()
            case "choice":
                choices = ", ".join(msgspec.json.encode(choice).decode() for choice in self.choices)
                words = f"one of {choices}" if len(self.choices) > 1 else choices
            case "text":
                words = f"a text of up to {self.max_length} characters" if self.max_length else "a text"
            case "integers":
                words = f"a list of {self.length} integers" + self._limits()
            case "numbers":
                words = f"a list of {'integers' if self.whole else 'numbers'}" + self._limits()
            case "pairs":
                words = "two lists of two integers" + self._limits()
            case "spec":
                words = "an object"
            case "list":
                words = "a list"
        return words + (" or null" if self.optional else "")

    def _limits(self) -> str:
        if self.minimum is not None and self.below is not None:
            return f" of {_plain(self.minimum)} or more, below {_plain(self.below)}"
        if self.minimum is not None and self.maximum is not None:
            return f" from {_plain(self.minimum)} to {_plain(self.maximum)}"
        if self.above is not None and self.below is not None:
            return f" above {_plain(self.above)} and below {_plain(self.below)}"
        if self.above is not None and self.maximum is not None:
            return f" above {_plain(self.above)} and up to {_plain(self.maximum)}"
        return ""


def _plain(number: float) -> str:
    """100000 and 0.5, not 1e+05 and 5e-1."""
    return str(int(number)) if number == int(number) else str(number)


def _read(field: Field, annotation: Any) -> Field:
    """Fill in ``field`` from a type annotation, from the outermost wrapper inwards."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        field = _read(field, args[0])
        for meta in args[1:]:
            assert isinstance(meta, Meta)
            extra = meta.extra or {}
            field = replace(
                field,
                title=meta.title or field.title,
                description=meta.description or field.description,
                minimum=meta.ge if meta.ge is not None else field.minimum,
                above=meta.gt if meta.gt is not None else field.above,
                below=meta.lt if meta.lt is not None else field.below,
                maximum=next((m for m in (meta.le, meta.lt) if m is not None), field.maximum),
                pattern=meta.pattern or field.pattern,
                max_length=meta.max_length or field.max_length,
                words=extra.get("expected", field.words),
                zero=extra.get("zero", field.zero),
                short=extra.get("short", field.short),
                group=extra.get("group", field.group),
                relevant_when=tuple(extra.get("when", {}).items()) or field.relevant_when,
            )
        return field
    if origin is Literal:
        return replace(field, kind="choice", choices=args)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (arg for arg in args if arg is not type(None))
        return replace(_read(field, inner), optional=True)
    if origin is tuple and args[-1] is Ellipsis:
        bare = get_args(args[0])[0] if get_origin(args[0]) is Annotated else args[0]
        if bare in (int, float):
            return replace(_read(field, args[0]), kind="numbers", whole=bare is int)
        return replace(field, kind="list")
    if origin is tuple:
        inner_field = _read(field, args[0])
        if inner_field.kind == "integers":
            return replace(inner_field, kind="pairs")
        return replace(inner_field, kind="integers", length=len(args))
    if origin is dict:
        return replace(field, kind="spec")
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return replace(field, kind="spec", spec=annotation)
    kinds: dict[Any, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return replace(field, kind=kinds[annotation])


@cache
def fields_of(spec: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The fields of a spec class, in the order in which they are written there."""
    hints = typing.get_type_hints(spec, include_extras=True)
    fields = []
    for info in msgspec.structs.fields(spec):
        default = info.default
        if info.default_factory is not msgspec.NODEFAULT:
            default = info.default_factory()
        title = info.name.replace("_", " ").capitalize()
        fields.append(_read(Field(info.name, "text", title=title, default=default), hints[info.name]))
    return tuple(fields)
