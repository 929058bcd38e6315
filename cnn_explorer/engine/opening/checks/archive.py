"""A look at a ``.keras`` archive of unknown origin before anything of it is unpacked or built."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import LIMITS, RAISE, FileLimits
from cnn_explorer.core.model.info import LimitError
from cnn_explorer.core.sizes import bytes_text
from cnn_explorer.engine.models.metadata import MEMBER
from cnn_explorer.engine.models.saving import WEIGHTS_MEMBER
from cnn_explorer.engine.opening.checks.hdf5 import shown

CONFIG_MEMBER = "config.json"
_NOT_OF_KERAS = "Keras does not write such files: get the model from its source again."
_BLOCK = 1 << 20
_METADATA_BYTES = 256 << 20


def check_archive(archive: zipfile.ZipFile, path: Path, limits: FileLimits = LIMITS) -> None:
    """Look at the list of members. Nothing is unpacked, and only those that are known are ever read.

    Raises ``ExplorerError``, and ``zipfile.BadZipFile`` for damaged archives.
    """
    infos = archive.infolist()
    if len(infos) > limits.objects:
        raise LimitError(f"{path} holds more than {limits.objects:,} members.", RAISE)
    names: set[str] = set()
    for info in infos:
        # `filename` is cut at a zero byte and has the system's separators replaced; this is what the archive says.
        name = info.orig_filename
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in name or "\\" in name or "\0" in name:
            raise ExplorerError(
                f"{path} has a member {shown(info.filename)} that points out of the archive.", _NOT_OF_KERAS
            )
        mode = info.external_attr >> 16
        if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
            raise ExplorerError(f"{path}: the member {shown(name)} is a link, not a file.", _NOT_OF_KERAS)
        if info.flag_bits & 0x1:
            raise ExplorerError(f"{path} is protected by a password.", "Unpack it, and save the model without one.")
        if name in names:
            raise ExplorerError(f"{path} has two members {shown(name)}.", _NOT_OF_KERAS)
        names.add(name)
    if CONFIG_MEMBER not in names:
        raise ExplorerError(
            f"{path} is a zip archive, but not a Keras model: it has no config.json.",
            "A model file is Keras' .h5 or .keras.",
        )
    if WEIGHTS_MEMBER not in names:
        raise ExplorerError(f"{path} holds an architecture without weights.", "Copy or save the file again.")
    size = path.stat().st_size
    most = {CONFIG_MEMBER: limits.config_bytes, WEIGHTS_MEMBER: limits.weight_bytes, MEMBER: _METADATA_BYTES}
    for name, allowed in most.items():
        if name in names:
            _check_size(archive.getinfo(name), path, allowed, max(64 << 20, limits.expansion * size))


def _check_size(info: zipfile.ZipInfo, path: Path, most: int, believable: int) -> None:
    if info.file_size > min(most, believable):
        raise LimitError(
            f"{path}: the member {shown(info.filename)} would unpack to {bytes_text(info.file_size)}, more than "
            f"{bytes_text(min(most, believable))}.",
            RAISE,
        )


def extract(archive: zipfile.ZipFile, member: str, folder: Path) -> Path:
    """Unpack one member, and nothing else, into ``folder``; never more bytes than ``check_archive`` has seen."""
    target = folder / PurePosixPath(member).name
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            file.write(block)
    return target
