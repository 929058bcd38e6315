"""Make mnist.npz from the four IDX files of MNIST: python build_mnist.py SOURCE_FOLDER OUTPUT.

The files are checked against their SHA-256 fingerprints; the same files give the same contents and, with the
same zlib, the same bytes. Only the format changes; see LICENSE-mnist.md.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.data.arrays.npz import read_npz
from cnn_explorer.data.sources.registry import fingerprint_of
from cnn_explorer.store.atomic import atomic_write


class Source(NamedTuple):
    """One IDX file and what it must hold."""

    file: str
    sha256: str
    shape: tuple[int, ...]


SOURCES: Mapping[str, Source] = {
    "x_train": Source(
        "train-images-idx3-ubyte.gz",
        "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
        (60_000, 28, 28),
    ),
    "y_train": Source(
        "train-labels-idx1-ubyte.gz",
        "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
        (60_000,),
    ),
    "x_test": Source(
        "t10k-images-idx3-ubyte.gz",
        "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
        (10_000, 28, 28),
    ),
    "y_test": Source(
        "t10k-labels-idx1-ubyte.gz",
        "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
        (10_000,),
    ),
}


def decode_idx(data: bytes) -> NDArray[np.uint8]:
    """Read unsigned bytes in IDX: 0, 0, 8, number of axes, their lengths as big-endian uint32, the values.

    Raises ``ValueError`` if ``data`` is something else or has another length than it says.
    """
    if data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * data[3]:
        raise ValueError("not an IDX file of unsigned bytes")
    axes = data[3]
    shape = tuple(int(length) for length in np.frombuffer(data, ">u4", axes, 4))
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * axes)
    return values.reshape(shape)


def read_source(folder: Path, source: Source) -> NDArray[np.uint8]:
    """Read and check one of the files. Raises ``ValueError`` that names the file."""
    data = (folder / source.file).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise ValueError(f"{source.file}: expected SHA-256 {source.sha256}, got {found}")
    array = decode_idx(gzip.decompress(data))
    if array.shape != source.shape:
        raise ValueError(f"{source.file}: expected shape {source.shape}, got {array.shape}")
    return array


def pack(arrays: Mapping[str, NDArray[np.uint8]]) -> bytes:
    """The bytes of an .npz without anything that changes from one call to the next, such as times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, on every system
            npy = io.BytesIO()
            np.lib.format.write_array(npy, array, version=(1, 0), allow_pickle=False)
            archive.writestr(entry, npy.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def main(folder: Path, output: Path) -> None:
    """Build ``output`` from the files in ``folder`` and print its fingerprint, which stands in the registry."""
    atomic_write(output, pack({name: read_source(folder, source) for name, source in SOURCES.items()}))
    print(f"{output}: {output.stat().st_size:,} bytes, fingerprint {fingerprint_of(read_npz(output))}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
