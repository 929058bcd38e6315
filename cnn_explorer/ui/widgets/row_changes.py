"""What turns the rows of one list into those of another, so that a table need not begin anew; no Qt in here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

Span = tuple[int, int]
"""The first and the last of neighbouring rows."""


class Changes(NamedTuple):
    """First ``removed``, places in the old list, from the end on; then ``inserted``, places in the new one."""

    removed: tuple[Span, ...]
    inserted: tuple[Span, ...]


def changes(old: Sequence[Hashable], new: Sequence[Hashable]) -> Changes:
    """The fewest rows to take out of ``old`` and to put in to get ``new``. No key may occur twice in a list.

    A row that changes its place is taken out and put in again.
    """
    places = {key: place for place, key in enumerate(new)}
    stay = set(_longest_rising([places[key] for key in old if key in places]))
    removed = [number for number, key in enumerate(old) if places.get(key) not in stay]
    return Changes(spans(removed)[::-1], spans(place for place in range(len(new)) if place not in stay))


def spans(numbers: Iterable[int]) -> tuple[Span, ...]:
    """Rising numbers as spans of neighbours: 1, 2, 5 are (1, 2), (5, 5)."""
    found: list[Span] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return tuple(found)


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """The longest selection of ``numbers``, all different, that rises from left to right (patience sorting)."""
    ends: list[int] = []
    """The smallest number with which a rising selection of each length can end."""
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(ends, number)
        before[number] = ends[pile - 1] if pile else None
        ends[pile : pile + 1] = [number]
    chosen = []
    last = ends[-1] if ends else None
    while last is not None:
        chosen.append(last)
        last = before[last]
    return chosen[::-1]
