"""The file that a command writes."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import refuse_existing


def check_output(path: Path, suffixes: tuple[str, ...], force: bool) -> None:
    """Raise ``ExplorerError`` if ``path`` exists (without ``force``) or has none of the ``suffixes`` (none: any)."""
    if suffixes and path.suffix not in suffixes:
        named = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
        raise ExplorerError(f"{path} does not say what to write.", f"Let its name end in {named}.")
    refuse_existing(path, force)
