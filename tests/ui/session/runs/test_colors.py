"""Colours of compared runs: stable, and apart for all eyes."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cnn_explorer.ui.session.runs.colors import COLORS, DASHES, ColorBook
from cnn_explorer.ui.theme import DARK, LIGHT, Palette

PATHS = st.integers(0, 30).map(lambda number: Path("runs") / str(number))

# Machado, Oliveira, Fernandes 2009: what people without one kind of cone see, on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "no red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}  # fmt: skip


def linear(color: str) -> NDArray[np.float64]:
    parts = np.array([int(part, 16) / 255 for part in re.findall("..", color[1:])])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Björn Ottosson's space, in which distances are as people see them."""
    to_cones = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    to_lab = np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    lab: NDArray[np.float64] = to_lab @ np.cbrt(to_cones @ np.clip(rgb, 0, 1))
    return lab


@given(st.lists(PATHS))
def test_that_a_run_keeps_its_look_whichever_others_come(asked: list[Path]) -> None:
    book = ColorBook()
    first: dict[Path, object] = {}
    for path in asked:
        assert first.setdefault(path, book.style(path)) == book.style(path)
    assert book.style(Path("runs/0").absolute()) == book.style(Path("runs/0"))


@given(st.lists(PATHS, unique=True, max_size=COLORS * len(DASHES)))
def test_that_no_two_runs_look_the_same(asked: list[Path]) -> None:
    book = ColorBook()
    looks = [book.style(path) for path in asked]
    assert len(set(looks)) == len(looks)
    assert len({style.color for style in looks[:COLORS]}) == len(looks[:COLORS])
    assert all(style.dash == 0 for style in looks[:COLORS])


def test_that_a_run_that_was_only_passed_by_frees_its_look_if_it_was_the_last() -> None:
    book = ColorBook()
    one, two, three = (book.style(Path(name)) for name in "abc")
    book.give_back(Path("a"))
    assert book.style(Path("a")) == one
    book.give_back(Path("c"))
    assert book.style(Path("d")) == three
    assert book.style(Path("b")) == two


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_colours_can_be_told_apart_by_everyone(palette: Palette, eyes: str) -> None:
    assert len(palette.series) == COLORS
    seen = {color: oklab(EYES[eyes] @ linear(color)) for color in palette.series}
    for one, other in combinations(palette.series, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 0.075, (one, other)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_colours_stand_out_from_the_card(palette: Palette) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    ground = float(weights @ linear(palette.surface)) + 0.05
    for color in palette.series:
        light = float(weights @ linear(color)) + 0.05
        assert max(light, ground) / min(light, ground) >= 3.0, color
