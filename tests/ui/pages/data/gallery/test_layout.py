"""Where the tiles lie: what ``at`` finds, what ``visible`` names and what ``rectangle`` says must agree."""

from __future__ import annotations

import pytest

from cnn_explorer.ui.pages.data.gallery.layout import SIDES, Layout, TileSize, nearest_size, tile_sizes

SMALL, LARGE = TileSize(28, 28, 1), TileSize(64, 48, 0)


@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (32, 32), (20, 40)])
def test_that_small_images_are_shown_in_whole_multiples(shape: tuple[int, int]) -> None:
    sizes = tile_sizes(*shape)
    assert all((size.height, size.width) == (size.scale * shape[0], size.scale * shape[1]) for size in sizes)
    assert len(sizes) >= 6
    assert [size.side for size in sizes] == sorted({size.side for size in sizes})


def test_that_large_images_are_made_smaller_in_their_proportions() -> None:
    sizes = tile_sizes(100, 200)
    reduced = [size for size in sizes if not size.scale]
    assert [size.side for size in reduced] == [side for side in SIDES if side < 200]
    assert all(size.width == 2 * size.height for size in sizes)
    assert sizes[-1].scale >= 1


def test_that_a_very_flat_image_keeps_a_pixel() -> None:
    assert all(size.height >= 1 for size in tile_sizes(1, 4096))


def test_that_the_nearest_size_is_found() -> None:
    sizes = tile_sizes(28, 28)
    assert sizes[nearest_size(sizes, 64)].side == 56
    assert nearest_size(sizes, 10_000) == len(sizes) - 1


@pytest.mark.parametrize("count", [0, 1, 7, 70_000])
@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("width", [10, 333, 1200])
def test_that_every_tile_is_found_where_it_lies(count: int, size: TileSize, width: int) -> None:
    layout = Layout(count, width, size, 15)
    for number in {0, 1, count // 2, count - 1} & set(range(count)):
        left, top = layout.corner(number)
        assert layout.at(left, top) == number
        assert layout.at(left + size.width - 1, top + size.height + layout.caption - 1) == number
        assert layout.at(left - 1, top) is None
        assert layout.at(left, top - 1) is None
        assert number in layout.visible(top, top + 1)
        assert number in layout.visible(top + size.height - 1, top + size.height)
        assert top + size.height <= layout.height
        if layout.columns > 1:
            assert 0 <= left <= width - size.width
    assert layout.at(5, layout.height + 5) is None
    assert len(layout.visible(0, layout.height)) == count


def test_that_only_what_can_be_seen_is_visible() -> None:
    layout = Layout(70_000, 1000, SMALL, 15)
    seen = layout.visible(100_000 // 17, 100_000 // 17 + 600)
    assert len(seen) < 2 * layout.columns + 600 / layout.step[1] * layout.columns
    tops = [layout.corner(number)[1] for number in seen]
    assert max(tops) < 100_000 // 17 + 600
    assert min(tops) + SMALL.height + 40 > 100_000 // 17


def test_that_scrolling_to_a_tile_shows_all_of_it_and_not_more_than_needed() -> None:
    layout = Layout(1000, 500, LARGE, 15)
    _, corner = layout.corner(500)
    for top in (0, corner - 100, corner - 10, corner + 20, layout.height):
        moved = layout.scrolled_to(500, top, 300)
        assert moved <= corner
        assert corner + LARGE.height + layout.caption <= moved + 300
    assert layout.scrolled_to(500, corner - 100, 300) == corner - 100


def test_that_words_stand_under_tiles_that_are_wide_enough() -> None:
    assert Layout(10, 500, SMALL, 15).caption == 0
    assert Layout(10, 500, LARGE, 15).caption >= 15
