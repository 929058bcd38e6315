"""Images wherever they lie, as one kind of thing."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class ImageArray(Protocol):
    """Images (count, rows, columns, channels; bytes) that lie anywhere: arrays, maps of files, and ``Picked`` ones.

    Whatever is taken out of it by an index, a slice or an array of indices is an array in memory, or a view of one.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Count, rows, columns and channels."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, key: Any) -> NDArray[np.uint8]: ...
