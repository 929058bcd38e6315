"""HTML put together from elements, in which text stays text: whatever is no ``Markup`` is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_EMPTY = frozenset({"img", "meta", "br", "path", "line", "rect"})
"""Elements without content."""
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Markup(str):
    """HTML that is right as it stands."""

    __slots__ = ()


def element(tag: str, *content: str, **attributes: str | float) -> Markup:
    """``<tag attribute="value">content</tag>``; text in the content, and all values of attributes, are escaped.

    A ``_`` at the end of an attribute's name is left out (``class_``), others become ``-``. Empty attributes are left
    out.
    """
    named = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(_text(value))}"'
        for name, value in attributes.items()
        if value != ""
    )
    if tag in _EMPTY:
        return Markup(f"<{tag}{named}>" if tag in ("img", "meta", "br") else f"<{tag}{named}/>")
    return Markup(f"<{tag}{named}>{joined(content)}</{tag}>")


def joined(parts: Iterable[str]) -> Markup:
    """The parts one after another, text escaped."""
    return Markup("".join(part if isinstance(part, Markup) else html.escape(_legal(part)) for part in parts))


def _text(value: str | float) -> str:
    return _legal(value) if isinstance(value, str) else f"{value:g}"


def _legal(text: str) -> str:
    """Without control characters, halves of pairs, and those that turn round the text after them."""
    return _ILLEGAL.sub("\ufffd", text)
