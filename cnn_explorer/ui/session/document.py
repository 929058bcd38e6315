"""The architecture that is being edited: undo, redo, saved or not. Build writes it, Train and header read it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import Inference, infer


class ArchitectureDocument(QObject):
    """One architecture with its history of edits. Every change goes through ``edit`` and can be undone."""

    changed = Signal()

    def __init__(self, architecture: Architecture, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.path: Path | None = None
        self._architecture = architecture
        self._inference = infer(architecture)

    @property
    def architecture(self) -> Architecture:
        """What is on the screen now."""
        return self._architecture

    @property
    def inference(self) -> Inference:
        """Shapes, counts and problems of ``architecture``."""
        return self._inference

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost without saving."""
        return not self.undo_stack.isClean()

    def edit(self, architecture: Architecture, text: str, merge_key: str = "") -> None:
        """Replace the architecture; ``text`` names the step in Undo.

        Successive edits with the same ``merge_key`` (say, one spin box being turned) become one step.
        """
        if architecture != self._architecture:
            self.undo_stack.push(_Edit(self, self._architecture, architecture, text, merge_key))

    def open(self, architecture: Architecture, path: Path | None) -> None:
        """Start anew with another architecture; its history begins here."""
        self.path = path
        self.undo_stack.clear()
        self.show(architecture)

    def mark_saved(self, path: Path) -> None:
        """Remember that the architecture as it is now lies in ``path``."""
        self.path = path
        self.undo_stack.setClean()

    def show(self, architecture: Architecture) -> None:
        """Set the architecture without a step of undo; for the undo commands."""
        self._architecture = architecture
        self._inference = infer(architecture)
        self.changed.emit()


class _Edit(QUndoCommand):
    def __init__(
        self, document: ArchitectureDocument, before: Architecture, after: Architecture, text: str, merge_key: str
    ) -> None:
        super().__init__(text)
        self._document, self._before, self._after, self._key = document, before, after, merge_key

    def redo(self) -> None:
        self._document.show(self._after)

    def undo(self) -> None:
        self._document.show(self._before)

    def id(self) -> int:
        if not self._key:
            return -1
        return int.from_bytes(hashlib.sha256(self._key.encode()).digest()[:3], "big")

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Edit) or other._key != self._key:
            return False
        self._after = other._after
        return True
