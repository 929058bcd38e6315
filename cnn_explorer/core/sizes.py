"""The text of a size: of an array, and of bytes. It stands so low because every floor says sizes."""

from __future__ import annotations

from collections.abc import Iterable


def shape_text(shape: Iterable[float | None]) -> str:
    """26×26×32; an open side is ``?``, and a step may be a fraction: 0.5×0.5. "" for one number, which has no sides."""
    return "×".join(map(_side, shape))


def megabytes(count: int) -> str:
    """Bytes of a file or a disk: 171 MB; at least one unless there is nothing."""
    return f"{max(round(count / 1e6), 1) if count else 0:,} MB"


def bytes_text(count: int) -> str:
    """Bytes of which a tenth matters, as beside a limit: 0.4 MB, 16.8 MB, 3.7 GB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def _side(side: float | None) -> str:
    if side is None:
        return "?"
    return f"{side:g}" if isinstance(side, float) else f"{side:,}"
