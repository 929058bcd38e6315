"""Make colormaps.npz: python build_colormaps.py OUTPUT.

viridis, inferno and magma are the tables that pyqtgraph brings along (see LICENSE-colormaps.md); jet, gray and
coolwarm are computed here.
"""

from __future__ import annotations

import io
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.store.atomic import atomic_write

POSITIONS = np.linspace(0.0, 1.0, 256)

# Red, green and blue of jet: the positions and values between which it is straight, as in matplotlib's _cm.py.
JET = (
    ((0.0, 0.35, 0.66, 0.89, 1.0), (0.0, 0.0, 1.0, 1.0, 0.5)),
    ((0.0, 0.125, 0.375, 0.64, 0.91, 1.0), (0.0, 0.0, 1.0, 1.0, 0.0, 0.0)),
    ((0.0, 0.11, 0.34, 0.65, 1.0), (0.5, 1.0, 1.0, 0.0, 0.0)),
)

# K. Moreland, "Diverging Color Maps for Scientific Visualization" (2009): cool-warm from blue to red.
COOL = (59, 76, 192)
WARM = (180, 4, 38)
WHITE_POINT = np.array([95.047, 100.0, 108.883])  # D65
SRGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def table(name: str) -> NDArray[np.uint8]:
    """One of pyqtgraph's tables: lines of red, green, blue in 0…1, comments after ";"."""
    text = (files("pyqtgraph") / "colors" / "maps" / f"{name}.csv").read_text(encoding="utf-8")
    return to_bytes(np.loadtxt(text.splitlines(), delimiter=",", comments=";"))


def to_bytes(colors: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours (256, 3) in 0…1 as bytes."""
    assert colors.shape == (256, 3)
    return np.rint(np.clip(colors, 0.0, 1.0) * 255).astype(np.uint8)


def jet() -> NDArray[np.uint8]:
    """Blue, cyan, yellow, red: the classic, though its lightness misleads."""
    return to_bytes(np.stack([np.interp(POSITIONS, corners, values) for corners, values in JET], axis=1))


def gray() -> NDArray[np.uint8]:
    """Black to white."""
    return np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)


def coolwarm() -> NDArray[np.uint8]:
    """Blue over white to red, interpolated in Moreland's Msh space, in which lightness changes evenly."""
    return to_bytes(np.stack([msh_to_rgb(between(position)) for position in POSITIONS]))


def between(position: float) -> NDArray[np.float64]:
    """The Msh colour at 0…1: from cool to white in the first half, from white to warm in the second."""
    saturated = rgb_to_msh(COOL if position < 0.5 else WARM)
    middle = max(88.0, rgb_to_msh(COOL)[0], rgb_to_msh(WARM)[0])
    white = np.array([middle, 0.0, adjusted_hue(saturated, middle)])
    share = 2 * position if position < 0.5 else 2 - 2 * position
    return (1 - share) * saturated + share * white


def adjusted_hue(saturated: NDArray[np.float64], middle: float) -> float:
    """The hue that white must be given, so that colours between it and ``saturated`` look even in hue."""
    m, s, h = saturated
    if m >= middle:
        return float(h)
    spin = s * np.sqrt(middle**2 - m**2) / (m * np.sin(s))
    return float(h + spin if h > -np.pi / 3 else h - spin)


def rgb_to_msh(rgb: tuple[int, int, int]) -> NDArray[np.float64]:
    """sRGB bytes -> magnitude, saturation and hue: CIELAB in polar coordinates."""
    channel = np.array(rgb) / 255
    linear = np.where(channel > 0.04045, ((channel + 0.055) / 1.055) ** 2.4, channel / 12.92)
    x, y, z = SRGB_TO_XYZ @ linear * 100 / WHITE_POINT
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    lab = np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])
    magnitude = np.linalg.norm(lab)
    return np.array([magnitude, np.arccos(lab[0] / magnitude), np.arctan2(lab[2], lab[1])])


def msh_to_rgb(msh: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of ``rgb_to_msh``, with red, green and blue in 0…1."""
    m, s, h = msh
    lightness, a, b = m * np.cos(s), m * np.sin(s) * np.cos(h), m * np.sin(s) * np.sin(h)
    fy = (lightness + 16) / 116
    f = np.array([fy + a / 500, fy, fy - b / 200])
    xyz = np.where(f > 0.206893, f**3, (f - 16 / 116) / 7.787) * WHITE_POINT / 100
    linear = np.clip(np.linalg.solve(SRGB_TO_XYZ, xyz), 0.0, 1.0)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


def main(output: Path) -> None:
    """Build ``output``: one array (256, 3) of bytes a colour map."""
    tables = {name: table(name) for name in ("viridis", "inferno", "magma")}
    tables |= {"jet": jet(), "gray": gray(), "coolwarm": coolwarm()}
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **tables)
    atomic_write(output, packed.getvalue())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
