"""What the window remembers from one session to the next, declared once and kept as one small JSON file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.store.atomic import atomic_write, write_failure
from cnn_explorer.ui.theme import Mode


@dataclass(frozen=True)
class Settings:
    """Layout, look and what was last worked on.

    ``geometry``, and ``splitters``, ``columns`` of tables and other ``windows`` (by object name) hold Qt's own bytes,
    in base64 in the file.
    ``dataset``, ``network`` and ``config`` are those of the last session, MNIST and ``None`` at the first start;
    ``own_sources`` are the user's files and folders that were a data set once, the newest first; ``recent`` are the
    paths of models and networks, likewise.
    """

    theme: Mode = "system"
    text_scale: Annotated[int, msgspec.Meta(ge=50, le=400)] = 100
    page: str = ""
    geometry: bytes = b""
    splitters: dict[str, bytes] = field(default_factory=dict)
    columns: dict[str, bytes] = field(default_factory=dict)
    windows: dict[str, bytes] = field(default_factory=dict)
    dataset: DatasetSpec = field(default_factory=DatasetSpec)
    own_sources: tuple[DatasetSpec, ...] = ()
    recent: tuple[str, ...] = ()
    network: Architecture | None = None
    config: TrainingConfig | None = None


def load(path: Path) -> Settings:
    """The settings in ``path``; the defaults if there are none, or none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Settings()


def save(path: Path, settings: Settings) -> None:
    """Replace ``path``. Raises ``ExplorerError`` if it cannot be written; the old file stays then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failure(path, error) from error
    atomic_write(path, msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n")
