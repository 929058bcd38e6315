"""The keys of the microscope, declared once: the window makes its shortcuts and its footer from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyEntry:
    """``action`` is what the window knows it by; ``keys`` are Qt's words for them."""

    action: str
    keys: tuple[str, ...]


KEYS: tuple[KeyEntry, ...] = (
    KeyEntry("node_left", ("Left",)),
    KeyEntry("node_right", ("Right",)),
    KeyEntry("node_up", ("Up",)),
    KeyEntry("node_down", ("Down",)),
    KeyEntry("map_before", ("PgUp", "[")),
    KeyEntry("map_behind", ("PgDown", "]")),
    KeyEntry("strongest", ("Backspace", "B")),
    KeyEntry("forward", ("Shift+Backspace", "F")),
    KeyEntry("term_before", ("Ctrl+Up",)),
    KeyEntry("term_behind", ("Ctrl+Down",)),
    KeyEntry("cell_left", ("Shift+Left",)),
    KeyEntry("cell_right", ("Shift+Right",)),
    KeyEntry("cell_up", ("Shift+Up",)),
    KeyEntry("cell_down", ("Shift+Down",)),
    KeyEntry("open", ("Return", "Enter")),
    KeyEntry("image_before", (",",)),
    KeyEntry("image_behind", (".",)),
)

FOOTER = (
    ("← ↑ ↓ →", "node"),
    ("PgUp PgDn", "map"),
    ("Backspace", "strongest input"),
    ("F", "forward again"),
    ("Ctrl ↑ ↓", "term"),
    ("Shift ← ↑ ↓ →", "cell"),
    ("Enter", "go there"),
    (", .", "image"),
    ("Esc", "close"),
)
"""What the line at the bottom says of them: the keys, and what they are for."""
