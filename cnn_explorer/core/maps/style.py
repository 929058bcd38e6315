"""How maps look: one choice for the window, the film, the command line and files."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnn_explorer.core.maps.arrangement import ARTICLE_COLUMNS
from cnn_explorer.core.maps.imaging import ScaleMode

AUTOMATIC_COLORS = "automatic"
"""As a colour map: ``PLAIN_COLORS``, and ``SIGNED_COLORS`` around 0 for layers with negative values."""
PLAIN_COLORS, SIGNED_COLORS = "viridis", "coolwarm"
DIVERGING: frozenset[str] = frozenset({SIGNED_COLORS})
"""Colour maps whose middle means 0: scale values with ``symmetric=True`` for them."""


@dataclass(frozen=True)
class MapStyle:
    """How maps are shown.

    ``columns``: maps in a row, ``core.maps.arrangement.AUTOMATIC`` (0) for as many as fill the room of a window.
    ``colormap``: a name of ``export.pictures.colormaps``, or ``AUTOMATIC_COLORS`` until the values are known.
    ``scale``: what shares one scale. ``lines``: thin ones between maps. ``everywhere``: the scale of a layer has the
    limits of all layers.
    """

    columns: int = ARTICLE_COLUMNS
    colormap: str = PLAIN_COLORS
    scale: ScaleMode = "map"
    lines: bool = True
    everywhere: bool = False

    @property
    def symmetric(self) -> bool:
        """Whether the middle of the colours means 0."""
        return self.colormap in DIVERGING

    def with_colors(self, signed: bool) -> MapStyle:
        """The same with a colour map of its own if that was automatic; ``signed``: there are negative values."""
        if self.colormap != AUTOMATIC_COLORS:
            return self
        # The middle of a standardized scale is the mean and not 0.
        around_zero = signed and self.scale != "standardized"
        return replace(self, colormap=SIGNED_COLORS if around_zero else PLAIN_COLORS)


DEFAULT_STYLE = MapStyle()
"""How maps are shown as long as nobody has chosen: in the film, on the command line, in files."""
