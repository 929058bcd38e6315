"""Who the program is, for all that is made of it: name, version, resources, icons."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

NAME = "cnn-explorer"
TITLE = "CNN Explorer"
APP_ID = "org.cnn_explorer.CNNExplorer"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
_WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)
_MAC_SIZES = (16, 32, 64, 128, 256, 512)


def version(root: Path) -> str:
    """The version of the checkout in ``root``, as in pyproject.toml."""
    return str(_pyproject(root)["project"]["version"])


def version_numbers(text: str) -> tuple[int, int, int, int]:
    """Windows' four numbers: ``1.2.3`` and ``1.2.3rc1`` are ``(1, 2, 3, 0)``."""
    numbers = [int(number) for number in re.findall(r"\d+", text)[:3]]
    return tuple([*numbers, 0, 0, 0, 0][:4])


def resources(root: Path) -> tuple[str, ...]:
    """The files and folders below ``resources/`` that the wheel brings: the executable has the same."""
    return tuple(_pyproject(root)["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])


def icon(root: Path, size: int) -> Path:
    """The drawing of the application icon for that size."""
    return root / "resources" / "icons" / "app" / f"{size}.png"


def icon_file(root: Path, path: Path) -> Path:
    """Write all sizes into one ``.ico`` (Windows) or ``.icns`` (macOS) file, and return its path."""
    from PIL import Image  # only these two systems need it, and the tests of this module

    sizes = _WINDOWS_SIZES if path.suffix == ".ico" else _MAC_SIZES
    pictures = []
    for size in sizes:
        with Image.open(icon(root, size)) as picture:
            pictures.append(picture.copy())
    *others, largest = pictures
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ico":
        largest.save(path, sizes=[(size, size) for size in sizes], append_images=others)
    else:
        largest.save(path, append_images=others)
    return path


def _pyproject(root: Path) -> dict[str, dict[str, dict]]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
