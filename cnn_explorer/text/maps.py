"""Maps, their nodes and the values of vectors in words. Numbers count from 0, as in the files and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.maps.dead_maps import DeadMaps, QuietMaps
from cnn_explorer.core.maps.statistics import MapFigures
from cnn_explorer.text.numbers import figure, rough, share_text

_NAMED = 12  # how many map numbers a summary lists before it breaks off


def quiet_reason(quiet: QuietMaps, number: int) -> str:
    """Why map ``number`` is marked; "" if it is not and there is nothing to say of other images either."""
    known = quiet.dead_maps
    if number in quiet.zero:
        return _with_others("zero on this image", number in known.zero if known else None, known)
    if number in quiet.constant:
        value = f" ({figure(quiet.values[quiet.constant.index(number)])})" if quiet.values else ""
        silent = number in (*known.constant, *known.zero) if known else None
        return _with_others(f"constant on this image{value}", silent, known)
    if known is not None and number in known.zero:
        return f"zero on {_others(known)}, but not on this one"
    if known is not None and number in known.constant:
        return f"constant on {_others(known)}, but not on this one"
    return ""


def quiet_summary(quiet: QuietMaps) -> str:
    """One line under the grid: how many maps are quiet, and which."""
    parts = [
        f"{_how_many(numbers, quiet.count)} {word} on this image: {listed(numbers)}"
        for numbers, word in ((quiet.zero, "zero"), (quiet.constant, "constant"))
        if numbers
    ]
    if quiet.dead_maps is not None:
        dead = len({*quiet.dead_maps.zero, *quiet.dead_maps.constant})
        parts.append(f"{dead:,} of {quiet.count:,} show nothing on {_others(quiet.dead_maps)}")
    return " · ".join(parts)


def listed(numbers: Sequence[int]) -> str:
    """The numbers of some maps; a long list breaks off."""
    return ", ".join(map(str, numbers[:_NAMED])) + (" …" if len(numbers) > _NAMED else "")


def figures_text(figures: MapFigures) -> str:
    """What a map amounts to, in one line."""
    return (
        f"min {rough(figures.low)} · mean {rough(figures.mean)} · max {rough(figures.high)} · "
        f"deviation {rough(figures.deviation)} · {share_text(figures.zeros)} zeros"
    )


def zero_values(vector: NDArray[Any]) -> str:
    """How many values of a vector are 0, in words; "" if none is."""
    zero = vector.size - int(np.count_nonzero(vector))
    return f"{zero:,} of {vector.size:,} values {'is' if zero == 1 else 'are'} zero on this image" if zero else ""


def node_text(number: int, row: int, column: int, value: float, reason: str = "") -> str:
    """The status line for one node of one map."""
    text = f"map {number} · row {row}, column {column} · value {figure(value)}"
    return f"{text} · {reason}" if reason else text


def value_text(index: int, value: float, name: str = "") -> str:
    """The status line for one value of a vector."""
    return f"value {index}{f' ({name})' if name and name != str(index) else ''} · {figure(value)}"


def _others(dead_maps: DeadMaps) -> str:
    return f"all {dead_maps.count:,} images looked at"


def _with_others(text: str, silent: bool | None, dead_maps: DeadMaps | None) -> str:
    if dead_maps is None:
        return text
    return f"{text} and on {_others(dead_maps)}" if silent else f"{text}, not on {_others(dead_maps)}"


def _how_many(numbers: tuple[int, ...], count: int) -> str:
    if count == 1:
        return "The map is"
    return f"{len(numbers)} of {count:,} maps {'is' if len(numbers) == 1 else 'are'}"
