"""Reading what the user names on the command line."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig

_LARGEST_TEXT = 50_000_000  # bytes; the deepest network a person writes stays far below


def network(preset_name: str | None, file: Path | None) -> Architecture:
    """The network that ``--preset`` or ``--architecture`` names.

    Raises ``ExplorerError`` if there is none, if both or none is given, and with the path to a wrong value.
    """
    if preset_name is not None and file is None:
        return preset(preset_name).architecture
    if file is not None and preset_name is None:
        return Architecture.from_json(_read(file, "architecture"))
    raise ExplorerError("Which network?", "Give one of --preset and --architecture.")


def read_config(path: Path) -> TrainingConfig:
    """A configuration file. Raises ``ExplorerError`` if it cannot be read or says something impossible."""
    return TrainingConfig.from_json(_read(path, "configuration"))


def _read(path: Path, what: str) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > _LARGEST_TEXT:
            raise ExplorerError(f"{path} is too large to be an {what} file.", f"Give the path of an {what} file.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ExplorerError(f"There is no {what} file {path}.", "Check the path.") from error
    except OSError as error:
        raise ExplorerError(
            f"The {what} file {path} could not be read: {error.strerror}.", "Give the path of a JSON file."
        ) from error
