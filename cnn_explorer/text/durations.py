"""Spans of time as people read them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """A span of time as ``m:ss``, from one hour on ``h:mm:ss``."""
    whole = max(0, round(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
