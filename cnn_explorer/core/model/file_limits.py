"""How much a model file of unknown origin may ask for, and one that someone trusts."""

from __future__ import annotations

from dataclasses import dataclass

RAISE = "If you trust the file, open it without this limit (--trust on the command line)."
"""What to do about a ``LimitError``."""


@dataclass(frozen=True)
class FileLimits:
    """How much a model file may ask for. Who trusts a file can open it with larger ones.

    ``weight_bytes``: all arrays together, as numbers in memory. ``expansion``: how many times as large as on the
    disk they may become there, above 64 MB. ``objects``: groups and arrays. ``depth``: groups within groups.
    ``config_bytes``: the JSON text of the architecture. ``config_depth``: lists and objects within each other.
    ``calls``: layers that are called when the network is built, those of models within the model each time; what takes
    as long to build as several others counts so often.
    ``activations``: the numbers that one image becomes in all layers' outputs, and meanwhile within a layer.
    ``steps``: how long it takes, as in ``effort``: some seconds. ``text``: letters of a name or another text in the
    architecture; TensorFlow writes each name many times.
    """

    weight_bytes: int = 4 << 30
    expansion: int = 20
    objects: int = 10_000
    depth: int = 40
    config_bytes: int = 8 << 20
    config_depth: int = 100
    calls: int = 1_500
    activations: int = 150_000_000
    steps: int = 200_000_000_000
    text: int = 2_000


LIMITS = FileLimits()


def raised_limits(free: int | None) -> FileLimits:
    """The limits for files that someone trusts: what ``free`` bytes of memory can hold, and much of the rest.

    ``free`` is ``None`` where nobody knows.
    """
    free = free or 32 * LIMITS.weight_bytes // 10
    return FileLimits(
        weight_bytes=max(LIMITS.weight_bytes, free * 6 // 10),
        expansion=100_000,
        objects=1_000_000,
        depth=200,
        config_bytes=512 << 20,
        config_depth=300,
        calls=100_000,
        activations=max(LIMITS.activations, free // 10),  # four bytes each, in TensorFlow and in a forward pass
        steps=100 * LIMITS.steps,
        text=100_000,
    )
