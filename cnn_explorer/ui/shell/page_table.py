"""What a row of the table of pages says: enough to show the rail before any page is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page import Page


@dataclass(frozen=True)
class PageEntry:
    """One entry of the rail. ``make`` may import what the page needs, since it is called when it is wanted.

    ``at_once``: the page that the window opens on if it remembers none; it is made before the first painting, if it
    is the one to be shown.
    """

    key: str
    title: str
    icon: str
    tooltip: str
    make: Callable[[Session], Page]
    at_once: bool = False
