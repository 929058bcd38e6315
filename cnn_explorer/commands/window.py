"""``gui``: the window, by the way of the command line."""

from __future__ import annotations

from cnn_explorer.app import run_window

__all__ = ["run_window"]
