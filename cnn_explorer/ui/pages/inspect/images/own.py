"""The user's own images on the Inspect page: read one by one in the background, and brought to the model's input."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnn_explorer.data.images.own import (
    Bringing,
    Brought,
    UserImage,
    brought,
    read_user_image,
    thumbnail,
    user_image_of,
)
from cnn_explorer.ui.pages.inspect.images.sources.files import THUMB, FilesChooser
from cnn_explorer.ui.pages.inspect.images.state import OwnImage
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session


@dataclass(frozen=True)
class _Wish:
    """Which image is to be brought, to which shape, and how."""

    entry: OwnImage
    shape: tuple[int, int, int]
    how: Bringing


class OwnImages(QObject):
    """The list behind ``FilesChooser``. Only the image that is shown is held in full."""

    changed = Signal()
    """Another image is chosen, or the chosen one is ready, or it is to be brought otherwise."""

    def __init__(self, session: Session, chooser: FilesChooser, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._chooser = session, chooser
        self._entries: list[OwnImage] = []
        self._chosen = -1
        self._waiting: deque[OwnImage] = deque()
        self._failures: list[Failure] = []
        self._asked = self._to_choose = 0
        self._shown: tuple[OwnImage, UserImage] | None = None
        self._wish: _Wish | None = None
        self._answer: Brought | Failure | None = None
        chooser.file_chosen.connect(self._choose)
        chooser.removed.connect(self._remove)
        chooser.way_changed.connect(self.changed)
        chooser.inverted_changed.connect(self._set_inverted)
        chooser.show_chosen(-1)

    @property
    def is_empty(self) -> bool:
        """Whether there is no image, and none on its way."""
        return not self._entries and not self._waiting

    @property
    def chosen(self) -> OwnImage | None:
        """The chosen image."""
        return self._entries[self._chosen] if self._chosen >= 0 else None

    def choose(self, image: OwnImage) -> None:
        """Choose an image of the list; one that was removed from it comes back."""
        if image in self._entries:
            self._choose(self._entries.index(image))
        else:
            self._add([image])

    @property
    def name(self) -> str:
        """The name of the chosen image without its suffix."""
        return Path(self._entries[self._chosen].name).stem if self._entries else ""

    def add_files(self, paths: list[Path]) -> None:
        """Read image files; those that cannot be read are told of, the others go into the list."""
        self._add([OwnImage(path.name, partial(read_user_image, path)) for path in paths])

    def add_pixels(self, pixels: NDArray[np.uint8]) -> None:
        """Take a picture that was pasted or dropped: (rows, columns, 4)."""
        picture = user_image_of(pixels)
        self._add([OwnImage("pasted", lambda: picture)])

    def brought(self, shape: tuple[int, int, int]) -> Brought | Failure | None:
        """The chosen image for a model of that input shape, or why there is none; ``None`` while it is on its way."""
        if self._chosen < 0:
            return None
        entry = self._entries[self._chosen]
        how = Bringing(self._chooser.resize_way, entry.invert, self._chooser.centre.isChecked())
        wish = _Wish(entry, shape, how)
        if wish != self._wish:
            self._wish, self._answer = wish, None
            self._bring(wish)
        if isinstance(self._answer, Brought):
            self._chooser.show_ways(gray=shape[2] == 1, inverted=self._answer.inverted)
        return self._answer

    def _add(self, entries: list[OwnImage]) -> None:
        idle = not self._waiting
        self._waiting.extend(entries)
        self._asked += len(entries)
        if idle and entries:
            self._to_choose = len(self._entries)
            self._read_next()
            self.changed.emit()

    def _read_next(self) -> None:
        """One image a job, so that the one that is looked at needs not wait for a hundred thumbnails."""
        if not self._waiting:
            self._tell_failures()
            self.changed.emit()
            return
        entry = self._waiting[0]
        self._session.pictures.submit(
            lambda _: thumbnail(entry.read(), THUMB), partial(self._put, entry), failed=self._not_read
        )

    def _put(self, entry: OwnImage, small: NDArray[np.uint8]) -> None:
        self._waiting.popleft()
        self._entries.append(entry)
        self._chooser.add(entry.name, small)
        if len(self._entries) - 1 == self._to_choose:
            self._choose(self._to_choose)
        self._read_next()

    def _not_read(self, failure: Failure) -> None:
        self._waiting.popleft()
        self._failures.append(failure)
        self._read_next()

    def _tell_failures(self) -> None:
        failures, asked = self._failures, self._asked
        self._failures, self._asked = [], 0
        if len(failures) == 1:
            self._session.report(failures[0])
        elif failures:
            sentences = "\n".join(failure.message for failure in failures)
            text = f"{len(failures):,} of {asked:,} images could not be read."
            self._session.say("error", text, "The details name them.", sentences)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._entries):
            self._chosen = index
            self._chooser.show_chosen(index)
            self.changed.emit()

    def _remove(self, index: int) -> None:
        if 0 <= index < len(self._entries):
            entry = self._entries.pop(index)
            self._chooser.remove(index)
            if self._shown is not None and self._shown[0] is entry:
                self._shown = None
            self._chosen = min(index, len(self._entries) - 1)
            self._chooser.show_chosen(self._chosen)
            self.changed.emit()

    def _set_inverted(self, inverted: bool) -> None:
        if self._chosen >= 0:
            self._entries[self._chosen].invert = inverted
            self.changed.emit()

    def _bring(self, wish: _Wish) -> None:
        shown = self._shown[1] if self._shown is not None and self._shown[0] is wish.entry else None

        def work(_: object) -> tuple[UserImage, Brought]:
            user_image = shown or wish.entry.read()
            return user_image, brought(user_image, wish.shape, wish.how)

        self._session.pictures.submit(
            work, partial(self._take, wish), failed=partial(self._not_brought, wish), channel="own image"
        )

    def _take(self, wish: _Wish, result: tuple[UserImage, Brought]) -> None:
        user_image, self._answer = result
        self._shown = wish.entry, user_image
        self.changed.emit()

    def _not_brought(self, wish: _Wish, failure: Failure) -> None:
        self._answer = failure
        self._session.report(failure)
        self.changed.emit()
