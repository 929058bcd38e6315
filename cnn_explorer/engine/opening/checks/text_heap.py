"""How long the texts in an HDF5 file are, from its bytes: h5py cannot tell before it has read them.

A text of any length in an attribute is a reference to an object in a *global heap collection*, with a length of its
own. The HDF5 library believes that length before it looks at the object: one wrong bit, and it takes 2 GB; a thousand
names may all be the same text of megabytes; a length below the object's own would have it write where it must not.
Formats: HDF5 File Format Specification 3.0, III.E (heap), IV.A.2.b (dataspace) and IV.A.2.m (attribute).
"""

from __future__ import annotations

import math
import mmap
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnn_explorer.core.sizes import bytes_text

_HEAP = b"GCOL\x01"
_HEAP_HEAD = 16
_OBJECT = struct.Struct("<HHIQ")  # index, references, nothing, size; then the object, up to a multiple of 8
_REFERENCE = struct.Struct("<IQI")  # length, place of the collection, index in it
_SIZES = struct.Struct("<HHH")  # of the attribute's name, type and dataspace
_OF_ANY_LENGTH = 9  # class of a type
_MOST_STEPS = 1_000_000  # references and objects that are looked at; a file can make them lie over each other

Span = tuple[int, int]
"""Start and end, in bytes from the start of the file."""


class WrongTextError(ValueError):
    """A text that is not where, or not as long as, the file says."""


def check_texts(path: Path, expected: Counter[str], data: Sequence[Span], most: int) -> None:
    """Check all texts of attributes of the ``expected`` names (and how many attributes with texts have each).

    ``data`` are the parts of the file that hold arrays, where nothing is looked for. No attribute's texts may take
    more than ``most`` bytes. Raises ``WrongTextError``.
    """
    if not expected:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        heaps: dict[int, dict[int, int]] = {}
        steps = 0
        for name, count in expected.items():
            found = 0
            for references in _attributes(content, name.encode("utf-8", "surrogateescape"), data):
                found += 1
                length = 0
                steps += 1 + len(references)
                for size, place, index in references:
                    if place not in heaps:
                        heaps[place], seen = _sizes(content, place)
                        steps += seen
                    if steps > _MOST_STEPS:
                        raise WrongTextError("it refers to its texts without end.")
                    if size and heaps[place].get(index) != size:
                        raise WrongTextError("a text is not where it should be.")
                    length += size
                if length > most:
                    raise WrongTextError(f"the texts of an attribute take {bytes_text(length)}.")
            if found < count:
                raise WrongTextError("an attribute is not where it should be.")


def _attributes(content: mmap.mmap, name: bytes, data: Sequence[Span]) -> Iterator[list[tuple[int, int, int]]]:
    """The references to texts in each attribute of that name."""
    for start, end in _gaps(data, len(content)):
        place = content.find(name + b"\0", start, end)
        while place >= 0:
            references = _references(content, place, len(name) + 1)
            if references is not None:
                yield references
            place = content.find(name + b"\0", place + 1, end)


def _gaps(data: Sequence[Span], size: int) -> Iterator[Span]:
    """What lies between the arrays."""
    last = 0
    for start, end in sorted(data):
        if start > last:
            yield last, start
        last = max(last, end)
    yield last, size


def _references(content: mmap.mmap, place: int, name_size: int) -> list[tuple[int, int, int]] | None:
    """Those of the attribute whose name begins at ``place``; ``None`` if it is no attribute, or holds no texts."""
    for version, head in ((1, 8), (2, 8), (3, 9)):
        begin = place - head
        if begin < 0 or content[begin] != version:
            continue
        sizes = _SIZES.unpack_from(content, begin + 2)
        if sizes[0] != name_size:
            continue
        step = 8 if version == 1 else 1
        kind, space, values = (place + sum(-(-size // step) * step for size in sizes[:count]) for count in (1, 2, 3))
        if values > len(content) or content[kind] & 0x0F != _OF_ANY_LENGTH:
            continue
        count = _elements(content, space)
        if count > _MOST_STEPS or values + count * _REFERENCE.size > len(content):
            raise WrongTextError("an attribute is longer than it can be.")
        return [_REFERENCE.unpack_from(content, values + index * _REFERENCE.size) for index in range(count)]
    return None


def _elements(content: mmap.mmap, space: int) -> int:
    """How many elements a dataspace has."""
    version, rank, kind = content[space], content[space + 1], content[space + 3]
    if version == 2 and kind == 2:  # none at all
        return 0
    start = space + (8 if version == 1 else 4)
    return math.prod(int.from_bytes(content[start + 8 * axis : start + 8 * axis + 8], "little") for axis in range(rank))


def _sizes(content: mmap.mmap, place: int) -> tuple[dict[int, int], int]:
    """The sizes of the objects in the collection at ``place``, by their index, and how many were looked at.

    Nothing if there is no collection.
    """
    found: dict[int, int] = {}
    seen = 0
    if content[place : place + len(_HEAP)] != _HEAP:
        return found, seen
    end = min(len(content), place + int.from_bytes(content[place + 8 : place + _HEAP_HEAD], "little"))
    place += _HEAP_HEAD
    while place + _OBJECT.size <= end and seen <= _MOST_STEPS:
        seen += 1
        index, _, _, size = _OBJECT.unpack_from(content, place)
        if index == 0:  # the free space at the end
            break
        found[index] = size
        place += _OBJECT.size + -(-size // 8) * 8
    return found, seen
