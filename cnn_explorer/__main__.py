"""``python -m cnn_explorer`` and the command ``cnn-explorer``: the window at once, or the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from cnn_explorer import gpu_probe
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.system_check import require_window

_SHARED = ("arguments", "output")
"""The folders in ``commands`` that are no command, but what commands share."""
_OPENED_SUFFIXES = (".h5", ".hdf5", ".keras", ".json")


def main() -> int:
    """Run the program with the arguments of the process; returns the exit code."""
    if sys.argv[1:2] == [gpu_probe.FLAG]:  # how ``engine.device.gpu`` lets another process ask the driver
        return gpu_probe.main(sys.argv[2:])
    wanted = window_arguments(sys.argv[1:])
    if wanted is None:
        from cnn_explorer.cli import main as command_line  # half a second that the window does without

        return command_line()
    try:
        return open_window(*wanted)
    except ExplorerError as error:
        print(f"cnn-explorer: {error}", file=sys.stderr)
        return 2


def window_arguments(arguments: Sequence[str]) -> tuple[Path, ...] | None:
    """What the window shall open, at most one path; ``None`` if the command line is meant."""
    rest = arguments[1:] if arguments[:1] == ["gui"] else arguments
    if not rest:
        return ()
    if len(rest) > 1 or rest[0].startswith("-"):
        return None
    path = Path(rest[0])
    named = rest is not arguments  # after "gui" a word is a path, whatever it looks like
    if named or (not is_command(rest[0]) and (path.exists() or path.suffix.lower() in _OPENED_SUFFIXES)):
        return (path,)
    return None


def is_command(word: str) -> bool:
    """Whether ``word`` belongs to the command line even if a file bears that name: there is a module of that name.

    The table of commands says the same, but takes half a second to import.
    """
    is_name = word.isidentifier() and not word.startswith("_") and word not in _SHARED
    return is_name and find_spec(f"cnn_explorer.commands.{word}") is not None


def open_window(model_or_run: Path | None = None) -> int:
    """Show the window; raises ``ExplorerError`` if it cannot be shown here, or if there is nothing to open."""
    require_window()
    # Not before the check: without a system library this import ends in a traceback.
    from cnn_explorer.app import run_window

    return run_window(model_or_run)


if __name__ == "__main__":
    sys.exit(main())
