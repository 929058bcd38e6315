"""JSON files that hold a spec: decoding with the path to what is wrong.

msgspec decides whether a value is right; only when it is not, this module looks for the first wrong part and
says what was expected there: ``layers[2].filters: expected an integer from 1 to 4096, got "many"``.
"""

from __future__ import annotations

import codecs
import typing
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.fields import fields_of

S = TypeVar("S", bound=msgspec.Struct)


def decode(text: bytes | str, spec: type[S], what: str) -> S:
    """Decode JSON ``text`` into ``spec``; ``what`` names the kind of file in messages.

    Raises ``ExplorerError`` with the path to the first wrong value.
    """
    data = text.encode() if isinstance(text, str) else text
    try:
        value = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8))  # some editors of Windows begin with it
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ExplorerError(f"This is not a JSON file: {error}.", f"The {what} file must be JSON text.") from error
    try:
        return msgspec.convert(value, spec)
    except (msgspec.ValidationError, RecursionError) as error:
        message = _wrong_part(value, spec, "") or str(error)
        raise ExplorerError(f"{message}.", f"Mend this value in the {what} file and load it again.") from error


def _wrong_part(value: Any, annotation: Any, path: str) -> str:
    """Describe the first part of ``value`` that ``annotation`` refuses; empty if there is none."""
    if get_origin(annotation) is typing.Annotated:
        annotation = get_args(annotation)[0]
    specs = _specs(annotation)
    if not specs:
        return ""
    if not isinstance(value, dict):
        return f"{path or 'file'}: expected an object, got {_shown(value)}"
    if len(specs) > 1:
        by_tag = {spec.__struct_config__.tag: spec for spec in specs}
        tag = value.get("type", msgspec.UNSET)
        if not isinstance(tag, str) or tag not in by_tag:
            got = "nothing" if tag is msgspec.UNSET else _shown(tag)
            return f"{_at(path, 'type')}: expected one of {', '.join(map(str, by_tag))}, got {got}"
        return _wrong_key(value, by_tag[tag], path)
    return _wrong_key(value, specs[0], path)


def _specs(annotation: Any) -> tuple[type[msgspec.Struct], ...]:
    """The spec classes that ``annotation`` admits."""
    options = get_args(annotation) or (annotation,)
    return tuple(o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct))


def _wrong_key(value: dict[str, Any], spec: type[msgspec.Struct], path: str) -> str:
    hints = typing.get_type_hints(spec, include_extras=True)
    known = {field.name: field for field in fields_of(spec)}
    for key in value:
        if key not in known and not (key == "type" and spec.__struct_config__.tag):
            return f"{_at(path, key)}: unknown key, {spec.__name__} knows {', '.join(known)}"
    for name, field in known.items():
        if name not in value:
            if field.required:
                return f"{_at(path, name)}: missing, expected {field.expected()}"
            continue
        hint, part, here = hints[name], value[name], _at(path, name)
        if field.kind == "list":
            if not isinstance(part, list):
                return f"{here}: expected a list, got {_shown(part)}"
            for index, item in enumerate(part):
                item_type = get_args(hint)[0]
                if message := _refused(item, item_type, f"{here}[{index}]", _item_words(item_type)):
                    return message
        elif message := _refused(part, hint, here, field.expected()):
            return message
    return ""


def _item_words(item_type: Any) -> str:
    """What an item of a list is, in words."""
    if _specs(item_type):
        return "a layer"
    return "a text" if item_type is str else f"a list of {len(get_args(item_type))} texts"


def _refused(value: Any, annotation: Any, path: str, expected: str) -> str:
    try:
        msgspec.convert(value, annotation)
    except (msgspec.ValidationError, RecursionError):
        return _wrong_part(value, annotation, path) or f"{path}: expected {expected}, got {_shown(value)}"
    return ""


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shown(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
