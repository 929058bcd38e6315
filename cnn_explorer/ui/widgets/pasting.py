"""Images out of what is dropped or pasted: files of this computer, or pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders of this computer that are meant."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def pixels(data: QMimeData) -> NDArray[np.uint8] | None:
    """The picture in ``data`` (rows, columns, 4 with opacity), bytes; ``None`` if there is none."""
    image = data.imageData() if data.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    view = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return view[:, : 4 * plain.width()].reshape(plain.height(), plain.width(), 4).copy()
