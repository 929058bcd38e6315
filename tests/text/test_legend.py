"""What the colours mean, in words."""

from __future__ import annotations

import numpy as np

from cnn_explorer.text.legend import legend


def test_that_the_legend_prints_the_limits_only_where_all_maps_share_them() -> None:
    maps = np.array([-1.0, 2.0, 0.0, 4.0], np.float32).reshape(1, 2, 2)
    shared = legend(maps, "layer", symmetric=False, many=True)
    assert (shared.high, shared.middle, shared.low) == ("4.0000", "0", "−1.0000")
    assert shared.middle_at == 0.2, "0 stands where it is"
    assert legend(np.abs(maps), "layer", symmetric=False, many=True).middle == ""
    diverging = legend(maps, "layer", symmetric=True, many=True)
    assert (diverging.high, diverging.middle, diverging.low) == ("4.0000", "0", "−4.0000")
    assert diverging.note == "the same for all maps; the values go from −1.0000 to 4.0000"
    everywhere = np.array([-8.0]), np.array([2.0])
    beyond = legend(maps, "layer", symmetric=True, many=True, everywhere=everywhere)
    assert (beyond.high, beyond.low) == ("8.0000", "−8.0000")
    assert beyond.note.startswith("the same for all layers")
    own = legend(maps, "map", symmetric=False, many=True)
    assert (own.high, own.low) == ("max", "min")
    alone = legend(maps, "map", symmetric=False, many=False)
    assert (alone.high, alone.low) == ("4.0000", "−1.0000")
    assert legend(maps, "standardized", symmetric=False, many=True).middle == "mean"
