"""What a group of settings says in one line: what differs from the defaults. No Qt in here."""

from __future__ import annotations

from typing import Any

import msgspec

from cnn_explorer.core.fields import Field
from cnn_explorer.text.numbers import short


def differences(fields: tuple[Field, ...], value: msgspec.Struct) -> tuple[str, ...]:
    """The settings of ``fields``, those of one group, that have an effect and are not at their defaults.

    The group is named after its first field, whose choice speaks for itself, together with a number that this
    choice brings and that counts even at its default: ``("l2 0.001", "early stopping val_loss")``.
    """
    found: list[str] = []
    first_changed = False
    for field in fields:
        current = getattr(value, field.name)
        is_first = field is fields[0]
        changed = current != field.default
        if not field.is_relevant(value):
            continue
        if is_first and changed and field.kind in ("choice", "text"):
            found.append(str(current))
            first_changed = True
        elif first_changed and len(found) == 1 and _comes_with(field, fields[0]) and current:
            found[0] += f" {_words(field, current)}"
        elif changed:
            found.append(_difference(field, current))
    return tuple(found)


def _comes_with(field: Field, first: Field) -> bool:
    """Whether a number counts at its default as soon as the first field has a choice that needs it."""
    needs = any(other == first.name for other, _ in field.relevant_when)
    return needs and field.kind == "number" and bool(field.default)


def _difference(field: Field, current: Any) -> str:
    title = field.title if field.title.isupper() or field.title[:3].isupper() else field.title.lower()
    if field.kind == "boolean":
        return title if current else f"not {title}"
    return f"{title} {_words(field, current)}"


def _words(field: Field, current: Any) -> str:
    """A value as its editor shows it."""
    if field.zero and current == 0:
        return field.zero
    if field.kind == "numbers":
        return ", ".join(short(number) for number in current) if current else "none"
    if field.kind == "number":
        return short(float(current))
    if current is None:
        return "no limit"
    return f"{current:,}" if field.kind == "integer" else str(current)
