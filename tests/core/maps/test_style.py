"""How maps look, and in which colours."""

from __future__ import annotations

from cnn_explorer.core.maps.style import AUTOMATIC_COLORS, DEFAULT_STYLE, MapStyle


def test_that_colours_are_chosen_by_sign_and_only_where_nobody_chose() -> None:
    automatic = MapStyle(colormap=AUTOMATIC_COLORS)
    assert automatic.with_colors(signed=False).colormap == "viridis"
    assert automatic.with_colors(signed=True).colormap == "coolwarm"
    standardized = MapStyle(colormap=AUTOMATIC_COLORS, scale="standardized")
    assert standardized.with_colors(signed=True).colormap == "viridis", "its middle is the mean, not 0"
    assert MapStyle(colormap="magma").with_colors(signed=True).colormap == "magma"


def test_that_only_diverging_colours_have_a_middle() -> None:
    assert MapStyle(colormap="coolwarm").symmetric
    assert not DEFAULT_STYLE.symmetric


def test_that_nobody_having_chosen_is_one_choice() -> None:
    assert (MapStyle(), DEFAULT_STYLE.columns, DEFAULT_STYLE.colormap, DEFAULT_STYLE.scale) == (
        DEFAULT_STYLE, 8, "viridis", "map",
    )  # fmt: skip
