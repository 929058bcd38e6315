"""How ``activations`` paints where nobody has chosen, and what the choices mean."""

from __future__ import annotations

from typing import Any

import pytest
import typer.main

from cnn_explorer.cli import app
from cnn_explorer.commands.activations import SCALES, picture_options
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.style import DEFAULT_STYLE


def test_that_pictures_look_as_in_the_window_where_nobody_has_chosen() -> None:
    group: Any = typer.main.get_command(app)
    given = {option.name: option.default for option in group.commands["activations"].params}
    assert (given["columns"], given["colormap"], given["scale"]) == (8, "viridis", "map")
    assert (
        picture_options(given["columns"], given["colormap"], given["scale"], None, False, False).maps == DEFAULT_STYLE
    )


def test_that_every_scale_is_one_of_the_maps_and_one_has_the_limits_of_all_layers() -> None:
    found = {scale: picture_options(4, "magma", scale, None, False, False).maps for scale in SCALES}
    assert {scale: (maps.scale, maps.everywhere) for scale, maps in found.items()} == {
        "map": ("map", False),
        "layer": ("layer", False),
        "all": ("layer", True),
        "standardized": ("standardized", False),
    }
    with pytest.raises(ExplorerError, match="no scale"):
        picture_options(4, "magma", "image", None, False, False)
