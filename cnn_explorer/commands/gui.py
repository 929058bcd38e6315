"""``gui``: the window, by the way of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cnn_explorer.system_check import require_window


def gui(
    model: Annotated[Path | None, typer.Argument(metavar="[MODEL_OR_RUN]", help="What to open at once.")] = None,
) -> int:
    """Show the window."""
    require_window()
    from cnn_explorer.app import run_window  # Qt: not before the check

    return run_window(model)
