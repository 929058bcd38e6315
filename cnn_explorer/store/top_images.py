"""Results of long passes of images through models, kept in the cache: a second time they are there at once.

One file for each, ``excitement/KEY.npz``, without pickles. A file that is damaged, or says something that cannot be,
counts as none. The oldest go when there are too many.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from pathlib import Path

import msgspec
import numpy as np

from cnn_explorer.core.maps.top_images import BEST, TopImages
from cnn_explorer.store.atomic import replacing, write_failure
from cnn_explorer.store.paths import cache_dir

_FORMAT = 1
_MOST_FILES = 200
_MOST_BYTES = 2**27
_LARGEST = 2**25
"""Bytes: a larger file is none of ours."""
_ARRAYS = {
    "indices": np.int64,
    "values": np.float32,
    "places": np.int64,
    "low": np.float32,
    "high": np.float32,
    "means": np.float64,
    "silent": np.int64,
}


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """What there is besides arrays. ``key`` is the text that the file is kept under."""

    format: int
    key: str
    layer: str
    split: str
    shape: tuple[int, ...]
    count: int


def load(key: str) -> TopImages | None:
    """What was kept under this key; ``None`` if there is nothing, or if the key is ""."""
    if not key:
        return None
    path = _path(key)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            head = msgspec.json.decode(file["head"].tobytes(), type=_Head)
            arrays = {name: file[name] for name in _ARRAYS}
        if (head.format, head.key) != (_FORMAT, key):
            return None
        found = TopImages(head.layer, head.split, head.shape, head.count, head.count, **arrays)
        if not _possible(found):
            return None
        os.utime(path)  # used just now: others go first
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # msgspec's errors are ValueErrors
        return None
    return found


def keep(key: str, top_images: TopImages) -> None:
    """Keep a complete result under this key; nothing is done if it is "".

    Raises ``ExplorerError`` if the cache cannot be written.
    """
    if not key:
        return
    path = _path(key)
    head = _Head(
        format=_FORMAT, key=key, layer=top_images.layer, split=top_images.split, shape=top_images.shape,
        count=top_images.done,
    )  # fmt: skip
    arrays = {name: getattr(top_images, name) for name in _ARRAYS}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failure(path, error) from error
    with replacing(path) as temporary:
        np.savez(temporary, head=np.frombuffer(msgspec.json.encode(head), np.uint8), **arrays)
    _clear(path.parent)


def _possible(found: TopImages) -> bool:
    """Whether the arrays have the types and shapes that they must have, and point at images and nodes that exist."""
    maps = found.low.shape[0] if found.low.ndim == 1 else -1
    if any(getattr(found, name).dtype != kind for name, kind in _ARRAYS.items()):
        return False
    shapes = [(BEST, maps)] * 3 + [(maps,)] * 4
    if [getattr(found, name).shape for name in _ARRAYS] != shapes or found.done < 1:
        return False
    nodes = found.shape[0] * found.shape[1] if len(found.shape) in (2, 3) else 1
    wrong = (found.indices < -1) | (found.places < 0) | (found.places >= nodes)
    return not wrong.any()


def _path(key: str) -> Path:
    return cache_dir() / "excitement" / f"{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()[:32]}.npz"


def _clear(folder: Path) -> None:
    """Remove the files that were not used for longest, as far as there are too many or too large ones."""
    found = []
    for path in folder.glob("*.npz"):
        with contextlib.suppress(OSError):  # another process may have removed it
            stat = path.stat()
            found.append((stat.st_mtime_ns, stat.st_size, path))
    size = 0
    for number, (_, bytes_, path) in enumerate(sorted(found, reverse=True)):
        size += bytes_
        if number >= _MOST_FILES or size > _MOST_BYTES:
            with contextlib.suppress(OSError):
                path.unlink()
