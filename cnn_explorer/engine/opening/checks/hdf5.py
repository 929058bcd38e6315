"""A look at a model file of unknown origin with h5py alone, before anything of it is believed or built.

A file must not make us read another file, reserve memory that it does not fill itself, or keep us busy without end.
What is looked at here is the container; ``archive_check`` does the same for ``.keras``, ``config_check`` looks at
the architecture that the container holds.
"""

from __future__ import annotations

import math
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import LIMITS, RAISE, FileLimits
from cnn_explorer.core.model.info import LimitError
from cnn_explorer.core.sizes import bytes_text
from cnn_explorer.engine.opening.checks.text_heap import Span, check_texts

_WITHOUT_LINKS = "Save the model again, with its weights in the file itself."
_NOT_OF_KERAS = "Keras does not write such files: get the model from its source again."

_FILTERS = frozenset({1, 2, 3, 32000})  # deflate, shuffle, fletcher32, lzf: the ones that h5py brings itself
_SMALL = 64 << 20
_OWN_GROUP = "/cnn_explorer/"

DAMAGED = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError, AttributeError, MemoryError)
"""What h5py raises for files that are damaged."""


@dataclass(frozen=True)
class StoredArray:
    """An array in a file: where, and what it declares."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int

    @property
    def count(self) -> int:
        """How many numbers it declares."""
        return math.prod(self.shape)


def require_regular_file(path: Path) -> None:
    """Raise ``ExplorerError`` unless ``path`` is a file that holds something and can be read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ExplorerError(f"{path} is not a regular file.", "A model file is Keras' .h5 or .keras.")
        if status.st_size == 0:
            raise ExplorerError(f"{path} is empty.", "Copy or save the file again.")
        path.open("rb").close()
    except FileNotFoundError as error:
        raise ExplorerError(f"There is no file {path}.", "Check the path.") from error
    except OSError as error:
        raise ExplorerError(f"{path} cannot be read: {error.strerror}.", "Check the path, and its rights.") from error


def check_hdf5(file: h5py.File, path: Path, label: str, limits: FileLimits = LIMITS) -> tuple[StoredArray, ...]:
    """All arrays of an HDF5 file, open from ``path``, by name, after looking at everything that is in it.

    Raises ``ExplorerError`` that calls the file ``label``, and what h5py raises for damaged files (``DAMAGED``).
    """
    if file.userblock_size:
        raise ExplorerError(f"{label} begins with something that is not HDF5.", _NOT_OF_KERAS)
    walk = _Walk(file, path, label, limits)
    arrays = tuple(walk.arrays(file))
    check_texts(path, walk.texts, walk.spans, _SMALL)
    size = path.stat().st_size
    declared = sum(array.nbytes for array in arrays)
    if declared > limits.weight_bytes:
        raise LimitError(
            f"The arrays of {label} take {bytes_text(declared)} in memory; the limit is "
            f"{bytes_text(limits.weight_bytes)}.",
            RAISE,
        )
    if declared > max(_SMALL, limits.expansion * size):
        raise LimitError(
            f"The arrays of {label} would take {bytes_text(declared)} in memory, but the file has only "
            f"{bytes_text(size)}: they are empty, or packed beyond measure.",
            f"A file of weights is about as large as they are. {RAISE}",
        )
    return arrays


class _Walk:
    """Through all groups of one file, each visited once, whatever points to it."""

    def __init__(self, file: h5py.File, path: Path, label: str, limits: FileLimits) -> None:
        self._label = label
        self._size = path.stat().st_size
        self.texts: Counter[str] = Counter()
        """How many attributes with texts have each name."""
        self.spans: list[Span] = []
        """Where the arrays lie."""
        self._limits = limits
        self._seen: set[int] = {h5py.h5o.get_info(file.id).addr}
        self._stored = 0

    def arrays(self, group: h5py.Group, prefix: str = "", depth: int = 0) -> Iterator[StoredArray]:
        if depth > self._limits.depth:
            raise LimitError(f"The groups of {self._label} lie more than {self._limits.depth} deep.", RAISE)
        self._attributes(group)
        if len(group) > self._limits.objects:
            raise self._too_many()
        for key in group:
            name = f"{prefix}/{key}"
            if group.id.links.get_info(key.encode("utf-8", "surrogateescape")).type != h5py.h5l.TYPE_HARD:
                raise self._linked(name, group.get(key, getlink=True))
            member = group[key]
            address = h5py.h5o.get_info(member.id).addr
            if address in self._seen:
                raise ExplorerError(
                    f"{self._label}: {shown(name)} is in the file under another name already.", _NOT_OF_KERAS
                )
            self._seen.add(address)
            if len(self._seen) > self._limits.objects:
                raise self._too_many()
            if isinstance(member, h5py.Group):
                yield from self.arrays(member, name, depth + 1)
            elif isinstance(member, h5py.Dataset):
                yield self._array(name, member)
            else:
                raise ExplorerError(f"{self._label}: {shown(name)} is neither a group nor an array.", _NOT_OF_KERAS)

    def _too_many(self) -> LimitError:
        return LimitError(f"{self._label} holds more than {self._limits.objects:,} groups and arrays.", RAISE)

    def _linked(self, name: str, link: Any) -> ExplorerError:
        if isinstance(link, h5py.ExternalLink):
            return ExplorerError(
                f"{self._label}: {shown(name)} is a link to another file, {shown(link.filename)}; such links are not "
                "followed.",
                _WITHOUT_LINKS,
            )
        return ExplorerError(
            f"{self._label}: {shown(name)} is a link; links are not followed in model files.", _WITHOUT_LINKS
        )

    def _array(self, name: str, data: h5py.Dataset) -> StoredArray:
        self._attributes(data)
        plist = data.id.get_create_plist()
        if plist.get_external_count() or plist.get_layout() == h5py.h5d.VIRTUAL:
            raise ExplorerError(
                f"{self._label}: the data of {shown(name)} lie in other files, which are not read.", _WITHOUT_LINKS
            )
        if not {plist.get_filter(index)[0] for index in range(plist.get_nfilters())} <= _FILTERS:
            # The HDF5 library would look for a program library that can read them.
            raise ExplorerError(
                f"{self._label}: {shown(name)} is packed in a way that is not read here.", _WITHOUT_LINKS
            )
        dtype, shape = data.dtype, tuple(int(side) for side in data.shape or ())
        kind = "bfloat16" if dtype.kind == "V" and _is_bfloat16(data) else str(dtype)
        if dtype.kind not in "fiub" and kind != "bfloat16" and not (dtype.kind == "S" and name.startswith(_OWN_GROUP)):
            raise ExplorerError(
                f"{self._label}: {shown(name)} holds {shown(dtype)}, where weights are numbers.", _NOT_OF_KERAS
            )
        if data.chunks is not None and math.prod(data.chunks) * dtype.itemsize > max(_SMALL, 2 * self._size):
            raise ExplorerError(
                f"{self._label}: {shown(name)} is stored in pieces larger than the file.", _NOT_OF_KERAS
            )
        # One array behind the other: more than the file has means that some of them are the same, or are not there.
        stored = data.id.get_storage_size()
        self._stored += stored
        if self._stored > self._size:
            raise ExplorerError(f"{self._label} declares more data than it has.", "Copy or save the file again.")
        if stored and (offset := data.id.get_offset()) is not None:
            self.spans.append((offset, offset + stored))
        return StoredArray(name, shape, kind, math.prod(shape) * dtype.itemsize)

    def _attributes(self, owner: h5py.Group | h5py.Dataset) -> None:
        """Attributes are read whole: what they declare must be small, or be in the file."""
        count = h5py.h5a.get_num_attrs(owner.id)
        if count > self._limits.objects:
            raise self._too_many()
        for index in range(count):
            attribute = h5py.h5a.open(owner.id, index=index)
            kind = attribute.get_type()
            elements = math.prod(attribute.shape)
            if isinstance(kind, h5py.h5t.TypeStringID) and kind.is_variable_str():
                fits = True  # as far as `check_texts` says so
                self.texts[attribute.name.decode("utf-8", "surrogateescape")] += 1
            elif isinstance(kind, h5py.h5t.TypeVlenID | h5py.h5t.TypeReferenceID | h5py.h5t.TypeCompoundID):
                fits = False
            else:
                fits = elements * kind.get_size() <= max(1 << 20, self._size)
            if not fits:
                name = shown(attribute.name.decode(errors="replace"))
                raise ExplorerError(f"{self._label}: the attribute {name} is not what Keras writes.", _NOT_OF_KERAS)


def shown(value: object, most: int = 100) -> str:
    """What a file says of itself, in a sentence: in quotes, one line, not too long, nothing that a terminal obeys."""
    text = "".join(character if character.isprintable() else "?" for character in str(value)[:most])
    return f'"{text}"'


def _is_bfloat16(data: h5py.Dataset) -> bool:
    """Keras stores this type, which HDF5 does not know, as two bytes and names it beside them (not read here yet)."""
    return bool(data.dtype.itemsize == 2 and "dtype" in data.attrs)
