"""The files of an epoch film: the maps of a run's pinned image, and its first kernels, an epoch a file."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.runs import RunFolder

_NAME = re.compile(r"epoch-(\d{5,9})\.npz")


@dataclass(frozen=True, eq=False)
class ProbeFrame:
    """One file: a frame of the film.

    ``maps``: (rows, columns, maps) of ``layer``; ``image``: (rows, columns, channels) as the network got it;
    ``kernels``: (rows, columns, in, out) of ``kernel_layer``, ``None`` in a network without any. All float32.
    ``epoch`` 0 is before training.
    """

    epoch: int
    layer: str
    image: NDArray[np.float32]
    maps: NDArray[np.float32]
    kernels: NDArray[np.float32] | None
    kernel_layer: str

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return self.maps.nbytes + self.image.nbytes + (self.kernels.nbytes if self.kernels is not None else 0)


def probe_files(run: Path) -> dict[int, Path]:
    """The epochs that a run's folder has a file of, in their order; none if it has no film."""
    try:
        found = [(match, path) for path in RunFolder(run).probes.iterdir() if (match := _NAME.fullmatch(path.name))]
    except OSError:
        return {}
    return {int(match[1]): path for match, path in sorted(found, key=lambda pair: int(pair[0][1]))}


def read_probe(path: Path) -> ProbeFrame:
    """Read one file. Raises ``ExplorerError`` if it is not there, broken, or something else."""
    try:
        # Opened here, since numpy leaves a file open that turns out to be broken.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            maps, image = archive["activations"], archive["image"]
            kernels = archive.get("kernels")
            kernel_layer = str(archive["kernel_layer"]) if "kernel_layer" in archive else ""
            layer, epoch = str(archive["layer"]), int(archive["epoch"])
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, zlib.error, NotImplementedError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the file is broken"
        raise ExplorerError(f"{path} could not be read: {reason}.", "The film goes on without this epoch.") from error
    fits = maps.ndim == 4 and len(maps) == 1 and image.ndim == 3 and (kernels is None or kernels.ndim == 4)
    numeric = all(array is None or np.issubdtype(array.dtype, np.number) for array in (maps, image, kernels))
    if not (fits and numeric and maps.size and image.size):
        raise ExplorerError(f"{path} holds no maps of one image.", "The film goes on without this epoch.")
    return ProbeFrame(
        epoch, layer, image.astype(np.float32), maps[0].astype(np.float32),
        kernels.astype(np.float32) if kernels is not None and kernels.size else None, kernel_layer,
    )  # fmt: skip
