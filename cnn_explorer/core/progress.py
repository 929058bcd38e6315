"""How slow work on data tells how far it is, and how it is ended."""

from __future__ import annotations

from typing import Protocol

from cnn_explorer.core.errors import ExplorerError


class CancelledError(ExplorerError):
    """Someone asked for the end of it; nothing half-done is left behind."""


class Watch(Protocol):
    """Hears what is being done and how much of it; raises ``CancelledError`` when it shall end.

    ``what`` is a phrase such as "Reading 60,000 images"; ``total`` is 0 where nobody knows it. It is called some
    times a second at least, also while nothing moves on.
    """

    def __call__(self, what: str, done: int, total: int) -> None: ...


def unwatched(what: str, done: int, total: int) -> None:
    """Nobody listens, and nobody ends it."""
