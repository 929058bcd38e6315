"""Setting the controls above a grid as they were elsewhere, or once."""

from __future__ import annotations

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.ui.pages.inspect.maps.grid_controls import EVERYWHERE, GridControls


def put_choice(controls: GridControls, choice: MapStyle) -> None:
    """Let the controls say ``choice``; they announce nothing."""
    controls.blockSignals(True)  # theirs alone: the boxes in them still tell them
    controls.columns.setValue(choice.columns)
    controls.colormap.setCurrentIndex(max(controls.colormap.findData(choice.colormap), 0))
    scale = EVERYWHERE if choice.everywhere else choice.scale
    controls.scale.setCurrentIndex(max(controls.scale.findData(scale), 0))
    controls.lines.setChecked(choice.lines)
    controls.blockSignals(False)
