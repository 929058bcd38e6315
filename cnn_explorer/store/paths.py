"""Where things are kept: resources of the program, runs, caches and settings of the user.

Nothing here creates a folder; whoever writes does.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import platformdirs

from cnn_explorer.core.errors import ExplorerError

HOME_VARIABLE = "CNN_EXPLORER_HOME"
"""Environment variable that names one folder for everything that is kept for the user."""

_APP = "cnn-explorer"
_PACKAGE = Path(__file__).resolve().parents[1]
_LONGEST_NAME = 40  # characters; four bytes each and a time stamp still fit into a file name


def _resource_folders() -> Iterator[Path]:
    frozen = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's boot loader
    if frozen is not None:
        yield Path(frozen) / "resources"
    yield _PACKAGE / "resources"  # installed from a wheel
    yield _PACKAGE.parent / "resources"  # a checkout


def resource(*parts: str) -> Path:
    """The file or folder ``parts`` below ``resources/``, in a checkout, a wheel or a frozen executable.

    Raises ``ExplorerError`` if it is not there.
    """
    for folder in _resource_folders():
        path = folder.joinpath(*parts)
        if path.exists():
            return path
    raise ExplorerError(
        f"The file resources/{'/'.join(parts)} is missing: this installation of CNN Explorer is not complete.",
        "Install CNN Explorer again.",
    )


def program() -> tuple[str, ...]:
    """The command that starts this program; arguments may follow."""
    if getattr(sys, "frozen", False):  # set by PyInstaller's boot loader
        return (sys.executable,)
    return (sys.executable, "-m", "cnn_explorer")


def _home() -> Path | None:
    """The folder that ``CNN_EXPLORER_HOME`` names; ``None`` if it is unset or empty."""
    value = os.environ.get(HOME_VARIABLE)
    return Path(value).expanduser().absolute() if value else None


def runs_dir() -> Path:
    """Where runs lie that were given no other place."""
    return (_home() or platformdirs.user_data_path(_APP, appauthor=False)) / "runs"


def cache_dir() -> Path:
    """Where things lie that can be fetched or computed again."""
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path(_APP, appauthor=False)


def datasets_dir() -> Path:
    """Where downloaded data sets lie, each in a folder of its name."""
    return cache_dir() / "datasets"


def system_datasets_dirs() -> tuple[Path, ...]:
    """Where packages of the system put data sets: ``datasets`` below each folder of ``XDG_DATA_DIRS``.

    Debian's are in /usr/share/datasets.
    """
    folders = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return tuple(Path(folder) / "datasets" for folder in folders.split(":") if Path(folder).is_absolute())


def settings_file() -> Path:
    """The file that keeps window layout, theme and last page (JSON)."""
    return (_home() or platformdirs.user_config_path(_APP, appauthor=False)) / "settings.json"


def require_places() -> None:
    """Raise ``ExplorerError`` if nothing can be kept for the user: no run could be made, no setting saved.

    Nothing is made here either: the nearest folder that is there has to let one be made in it.
    """
    for folder in (runs_dir(), settings_file().parent):
        there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise ExplorerError(
                f"Nothing can be kept in {folder}, since {there} cannot be written to.",
                f"Let the environment variable {HOME_VARIABLE} name a folder that can.",
            )


def new_run_folder(name: str, parent: Path | None = None) -> Path:
    """A path in ``parent`` (``runs_dir()`` by default) that does not exist yet: date, time, name of the network.

    Characters of ``name`` that make trouble in paths become "-"; a second run in the same second gets "-2".
    """
    word = re.sub(r"[^\w.\-]+", "-", name)[:_LONGEST_NAME].strip("-.") or "run"
    stem = f"{datetime.now().astimezone():%Y-%m-%d_%H-%M-%S}_{word}"
    folder = runs_dir() if parent is None else parent
    candidates = (folder / (stem if number == 1 else f"{stem}-{number}") for number in count(1))
    return next(path for path in candidates if not os.path.lexists(path))
