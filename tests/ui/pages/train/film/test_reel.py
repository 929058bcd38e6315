"""The parts of the epoch film that need no window: frames in memory, columns, legend, pace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.store.probes import ProbeFrame
from cnn_explorer.ui.pages.train.film.pictures import FilmStyle, best_columns, film_legend
from cnn_explorer.ui.pages.train.film.reel import Reel, kernel_planes, read_frames
from cnn_explorer.ui.pages.train.film.transport import pace
from tests.ui.pages.train.film.driver import SHAPE, write_frame


def frame(epoch: int, maps: NDArray[np.float32]) -> ProbeFrame:
    return ProbeFrame(epoch, "layer", np.zeros((2, 2, 1), np.float32), maps, None, "")


def fill(reel: Reel, run: Path, current: int) -> list[int]:
    """Read until nothing is wished for; the epochs in the order in which they came."""
    came: list[int] = []
    for _ in range(100):
        wish = reel.wish(current)
        if not wish:
            return came
        reply = read_frames(lambda wish=wish: wish[:1])
        came += [epoch for epoch, _ in reply]
        reel.take(reply, current)
    raise AssertionError("no end")


def reel_of(run: Path, room: int, epochs: int) -> Reel:
    reel = Reel(room)
    reel.add({epoch: Path(write_frame(run, epoch).path) for epoch in range(epochs)})
    return reel


def test_that_the_frame_in_view_is_read_first_then_those_behind_it(tmp_path: Path) -> None:
    reel = reel_of(tmp_path, 10**9, 5)
    assert fill(reel, tmp_path, 3) == [3, 4, 0, 1, 2]
    assert all(reel.frame(epoch) for epoch in range(5))


def test_that_a_long_film_keeps_what_is_near_and_knows_all_limits(tmp_path: Path) -> None:
    size = 4 * (4 * 6 * 3 + 25 + 36)
    reel = reel_of(tmp_path, 3 * size, 8)
    came = fill(reel, tmp_path, 6)
    assert came[:3] == [6, 7, 0]
    assert sorted(came) == list(range(8))
    assert [epoch for epoch in range(8) if reel.frame(epoch)] == [0, 6, 7]
    shown = reel.frame(6)
    assert shown is not None
    low, high = reel.map_limits(shown)
    assert low.tolist() == [0, 0, 0]
    assert high.tolist() == [8, 16, 24]
    assert reel.kernel_limits(shown)[1].max() == 8


def test_that_a_frame_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    reel = reel_of(tmp_path, 10**9, 2)
    fill(reel, tmp_path, 0)
    again = write_frame(tmp_path, 1, np.full(SHAPE, 7.0))
    reel.add({1: Path(again.path)}, again=True)
    assert fill(reel, tmp_path, 0) == [1]
    newer = reel.frame(1)
    assert newer is not None
    assert newer.maps.max() == 7


@pytest.mark.parametrize(
    ("shape", "room", "columns"),
    [((26, 26, 32), (200, 400), 8), ((26, 26, 32), (400, 200), 4), ((5, 5, 1), (100, 900), 1), ((3, 9, 6), (90, 90), 1),
     ((26, 26, 32), (0, 0), 1)],
)  # fmt: skip
def test_that_maps_use_the_room(shape: tuple[int, int, int], room: tuple[int, int], columns: int) -> None:
    assert best_columns(shape, room) == columns


def test_that_the_legend_says_what_is_shared() -> None:
    maps = np.array([0, 1, 2, 3, 4, 5, 6, 7], np.float32).reshape(2, 2, 2)
    limits = np.array([-1.0, 0.0]), np.array([10.0, 20.0])

    def words(shared: bool = False, **changes: Any) -> tuple[str, str, str]:
        made = film_legend(frame(1, maps), FilmStyle(MapStyle(**changes), shared), limits)
        return made.low, made.high, made.note

    assert words() == ("min", "max", "each map from its own min to max")
    assert words(shared=True)[2] == "each map from its own min to max, over all epochs"
    assert words(scale="layer") == ("0.0000", "7.0000", "the same for all maps")
    assert words(scale="layer", shared=True) == ("−1.0000", "20.0000", "the same for all maps and epochs")
    assert words(scale="layer", shared=True, colormap="coolwarm")[:2] == ("−20.0000", "20.0000")
    assert words(scale="standardized", shared=True)[2] == "around each map's mean"


def test_that_the_film_takes_about_five_seconds() -> None:
    assert [pace(count) for count in (1, 6, 20, 50, 1000)] == [500, 500, 250, 100, 60]


def test_that_colour_weights_lie_side_by_side_and_others_are_averaged() -> None:
    kernels = np.arange(2 * 2 * 3 * 4, dtype=np.float32).reshape(2, 2, 3, 4)
    assert kernel_planes(kernels).shape == (2, 6, 4)
    assert kernel_planes(kernels[:, :, :2])[0, 0].tolist() == [2, 3, 4, 5]
