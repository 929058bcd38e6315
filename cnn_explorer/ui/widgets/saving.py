"""How pages write a file that a person has named: the dialogue, the missing suffix, the answer in the message bar."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QStandardPaths
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.ui.session.session import Session


def documents() -> str:
    """The folder in which dialogues begin."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def ask_save_path(parent: QWidget, title: str, name: str, kind: str) -> Path | None:
    """The file that someone chooses to write; it asks before an existing one is replaced.

    ``name`` is what is proposed: a name in the folder of documents, or a path.
    """
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(Path(documents()) / name), kind)
    return Path(chosen) if chosen else None


def with_suffix(path: Path, suffix: str) -> Path:
    """``path``, with ``suffix`` if it has none.

    Raises ``ExplorerError`` if there is a file of that longer name: the dialogue has asked about the shorter one only.
    """
    if path.suffix:
        return path
    path = path.with_suffix(suffix)
    if os.path.lexists(path):
        raise ExplorerError(f"{path} exists already.", f"Give the name with {suffix} to replace it.")
    return path


def save(session: Session, path: Path | None, suffix: str, content: Callable[[], bytes]) -> None:
    """Write ``content`` to ``path``, with ``suffix`` if it has none, and say so; ``None`` was cancelled."""
    if path is None:
        return
    try:
        path = with_suffix(path, suffix)
        atomic_write(path, content())
    except ExplorerError as error:
        session.report(error)
    else:
        session.say("success", f"Saved {path}.")


def png(picture: QImage) -> bytes:
    """A picture as the content of a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(picture)
    return bytes(data.data())
