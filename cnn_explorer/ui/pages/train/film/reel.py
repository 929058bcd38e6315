"""A film in memory: which epochs it has, which of them are kept at hand, and the limits of all; no Qt in here."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.imaging import Limits, map_limits
from cnn_explorer.store.probes import ProbeFrame, read_probe

_ROOM = 192 * 2**20
"""Bytes of frames that are kept at hand: 2,000 frames of 32 maps of 26×26."""
_PATIENCE = 0.04
"""Seconds that one job reads for, so that others get their turn."""

Wish = tuple[tuple[int, Path], ...]
Reply = list[tuple[int, ProbeFrame | ExplorerError]]


def read_frames(wish: Callable[[], Wish]) -> Reply:
    """Read the files of ``wish`` in that order, for a while; at least one, if there is one."""
    end, reply = time.monotonic() + _PATIENCE, Reply()
    for epoch, path in wish():
        try:
            reply.append((epoch, read_probe(path)))
        except ExplorerError as error:
            reply.append((epoch, error))
        if time.monotonic() > end:
            break
    return reply


def kernel_planes(kernels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Kernels (rows, columns, in, out) as planes (rows, columns, out) that have one scale.

    With three inputs their red, green and blue weights lie side by side: (rows, 3 · columns, out). With other
    numbers of inputs it is the mean over them.
    """
    rows, columns, inputs, outputs = kernels.shape
    if inputs == 3:
        return kernels.reshape(rows, columns * inputs, outputs)
    mean: NDArray[np.float32] = kernels.mean(axis=2, dtype=np.float32)
    return mean


class Reel:
    """The frames of one run. ``broken`` tells of each epoch that could not be read why."""

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._paths: dict[int, Path] = {}
        self._frames: dict[int, ProbeFrame] = {}
        self._measured: set[int] = set()
        self._limits: dict[tuple[str, int], Limits] = {}
        self.epochs: tuple[int, ...] = ()
        self.broken: dict[int, ExplorerError] = {}

    def add(self, files: dict[int, Path], again: bool = False) -> None:
        """There are files of these epochs; ``again``: they are new even if the epochs were known."""
        if again:
            for epoch in files:
                self._frames.pop(epoch, None)
                self._measured.discard(epoch)
                self.broken.pop(epoch, None)
        self._paths |= files
        self._count_epochs()

    def frame(self, epoch: int) -> ProbeFrame | None:
        """The frame of an epoch, if it is at hand."""
        return self._frames.get(epoch)

    def wish(self, current: int) -> Wish:
        """What to read next while ``current`` is shown: it and those behind it, then all whose limits are not known."""
        ahead = [epoch for epoch in self._window(current) if epoch not in self._frames]
        rest = [epoch for epoch in self.epochs if epoch not in self._measured and epoch not in ahead]
        return tuple((epoch, self._paths[epoch]) for epoch in (*ahead, *rest))

    def take(self, reply: Reply, current: int) -> None:
        """Keep what was read; what is far behind ``current`` goes if there is no room."""
        for epoch, frame in reply:
            if isinstance(frame, ExplorerError):
                self.broken[epoch] = frame
                self._frames.pop(epoch, None)
                continue
            self._frames[epoch] = frame
            if epoch not in self._measured:
                self._measured.add(epoch)
                self._measure(("maps", frame.maps.shape[2]), frame.maps)
                if frame.kernels is not None:
                    self._measure(("kernels", frame.kernels.shape[3]), kernel_planes(frame.kernels))
        self._count_epochs()
        if sum(frame.size for frame in self._frames.values()) > self._room:
            near = set(self._window(current))
            self._frames = {epoch: frame for epoch, frame in self._frames.items() if epoch in near}

    def map_limits(self, frame: ProbeFrame) -> Limits:
        """The limits of each of the frame's maps over all epochs read so far."""
        return self._limits[("maps", frame.maps.shape[2])]

    def kernel_limits(self, frame: ProbeFrame) -> Limits:
        """The limits of each of the frame's kernels over all epochs read so far."""
        assert frame.kernels is not None
        return self._limits[("kernels", frame.kernels.shape[3])]

    def _window(self, current: int) -> list[int]:
        """The epochs from ``current`` on, around the end, for which there is room."""
        start = next((place for place, epoch in enumerate(self.epochs) if epoch >= current), 0)
        size = max((frame.size for frame in self._frames.values()), default=1)
        return [*self.epochs[start:], *self.epochs[:start]][: max(2, self._room // max(size, 1))]

    def _measure(self, what: tuple[str, int], planes: NDArray[np.float32]) -> None:
        low, high = map_limits(planes)
        known = self._limits.get(what, (low, high))
        self._limits[what] = np.minimum(low, known[0]), np.maximum(high, known[1])

    def _count_epochs(self) -> None:
        self.epochs = tuple(epoch for epoch in sorted(self._paths) if epoch not in self.broken)
