"""What lies in a folder of class folders: classes, image files and their parts, none of them opened."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import Watch
from cnn_explorer.data.dataset import Skipped
from cnn_explorer.store.file_stamp import FileStamp

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff")
_TRAIN = ("train", "training")
_TEST = ("test", "testing", "validation", "val")  # the first that is there is the test part
_LAYOUT = "Choose a folder that holds a folder of images (PNG, JPEG, BMP, GIF, WebP, TIFF) for each class."
_PER_WORD = 1000  # files between two words to the watch


@dataclass(frozen=True, eq=False)
class Listing:
    """The image files of ``root`` in a fixed order, by their paths below it.

    ``classes``: names of the class folders in natural order; ``labels``: the class of each file; ``is_test``: whether
    it belongs to the test part, ``None`` if the folder has no parts; ``digest``: changes with any file's name, size or
    time; ``remarks`` and ``skipped`` as in ``Dataset``.
    """

    root: Path
    classes: tuple[str, ...]
    files: tuple[str, ...]
    labels: NDArray[np.int64]
    is_test: NDArray[np.bool_] | None
    digest: str
    remarks: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def list_folder(root: Path, watch: Watch) -> Listing:
    """List a folder of class folders, or one of a training and a test folder that hold class folders.

    Hidden files and whatever is no image by its name are passed over; folders in class folders are too.
    Raises ``ExplorerError`` if the folder cannot be read, or has images in fewer than two class folders.
    """
    folders, beside = _looked_into(root)
    parts = _parts(root, folders)
    remarks = list(_beside(beside, folders, parts))
    skipped: list[Skipped] = []
    names: dict[str, list[tuple[str, str]]] = {}  # the folders of each class, with their parts
    for part in parts:
        for name in _looked_into(root / part)[0] if part else folders:
            names.setdefault(name, []).append((part, f"{part}/{name}" if part else name))
    files: list[str] = []
    labels: list[int] = []
    tests: list[bool] = []
    classes: list[str] = []
    empty: list[str] = []
    digest = hashlib.sha256()
    for name in sorted(names, key=natural):
        count = len(files)
        for part, folder in names[name]:
            for file, stamp in _images(root, folder, skipped):
                digest.update(f"{file}\0{stamp.size}\0{stamp.changed}\n".encode(errors="surrogateescape"))
                files.append(file)
                labels.append(len(classes))
                tests.append(part != parts[0])
                if len(files) % _PER_WORD == 0:
                    watch("Listing images", len(files), 0)
        watch("Listing images", len(files), 0)
        (classes if len(files) > count else empty).append(name)
    if empty:
        remarks.append(f"No images in {listed(empty)}: left out as a class.")
    if len(classes) < 2:
        what = f"images of one class only ({shown(classes[0])})" if classes else "no class folders with images"
        raise ExplorerError(f"The folder {shown(str(root))} holds {what}.", _LAYOUT)
    return Listing(
        root=root,
        classes=tuple(classes),
        files=tuple(files),
        labels=np.array(labels, np.int64),
        is_test=np.array(tests) if len(parts) > 1 else None,
        digest=digest.hexdigest(),
        remarks=tuple(remarks),
        skipped=tuple(skipped),
    )


def natural(name: str) -> tuple[list[str | int], str]:
    """A key to sort by: numbers in names count as numbers, so that 10 comes after 9."""
    pieces = re.split(r"(\d+)", name.casefold())
    return [int(piece) if index % 2 else piece for index, piece in enumerate(pieces)], name


def shown(name: str) -> str:
    """A name of a file as it can be shown on one line and kept in UTF-8: odd characters become escapes."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace") if os.name == "posix" else name
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def listed(names: list[str], most: int = 5) -> str:
    """The first ``most`` names, and how many more there are."""
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + rest


def _parts(root: Path, folders: list[str]) -> tuple[str, ...]:
    """The folders of the training part and of the test part, as far as there are any; "" for the root itself."""
    found = {name.casefold(): name for name in sorted(folders, reverse=True)}

    def first(words: tuple[str, ...]) -> str:
        names = (found[word] for word in words if word in found)
        return next((name for name in names if _looked_into(root / name)[0]), "")

    train, test = first(_TRAIN), first(_TEST)
    if not train:
        return ("",)
    return (train, test) if test else (train,)


def _beside(beside: int, folders: list[str], parts: tuple[str, ...]) -> Iterator[str]:
    """Sentences on what lies in the root and is not read."""
    others = [name for name in sorted(folders, key=natural) if name not in parts] if parts != ("",) else []
    if others:
        yield f"Not read, since they lie beside {' and '.join(map(shown, parts))}: {listed(others)}."
    if beside == 1:
        yield "1 image lies beside the class folders and is not read."
    elif beside:
        yield f"{beside:,} images lie beside the class folders and are not read."


def _looked_into(folder: Path) -> tuple[list[str], int]:
    """The visible folders in ``folder``, and the number of image files. Raises ``ExplorerError``."""
    folders: list[str] = []
    images = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if _is_folder(entry):
                    folders.append(entry.name)
                elif entry.name.lower().endswith(SUFFIXES):
                    images += 1
    except OSError as error:
        raise ExplorerError(f"The folder {shown(str(folder))} could not be read: {error.strerror}.", _LAYOUT) from error
    return folders, images


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _images(root: Path, folder: str, skipped: list[Skipped]) -> list[tuple[str, FileStamp]]:
    """The image files in a class folder, sorted by their paths below the root."""
    found: list[tuple[str, FileStamp]] = []
    try:
        with os.scandir(root / folder) as entries:
            for entry in entries:
                if not entry.name.lower().endswith(SUFFIXES) or entry.name.startswith("."):
                    continue
                file = f"{folder}/{entry.name}"
                try:
                    facts = entry.stat()
                except OSError as error:
                    what = "a link that leads nowhere" if entry.is_symlink() else str(error.strerror)
                    skipped.append(Skipped(shown(file), what))
                    continue
                if stat.S_ISREG(facts.st_mode):
                    found.append((file, FileStamp.of(facts)))
                elif not stat.S_ISDIR(facts.st_mode):
                    skipped.append(Skipped(shown(file), "no regular file"))
    except OSError as error:
        skipped.append(Skipped(shown(folder), f"the folder could not be read: {error.strerror}"))
    return sorted(found)
