"""What a file or folder of the user's is, before it is read: for the choice of arrays, sizes and colours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.array_file import ArrayInfo
from cnn_explorer.data.arrays.kinds import ARRAY_KINDS, ArrayKind
from cnn_explorer.data.arrays.roles import guessed

_TITLES = [kind.title for kind in ARRAY_KINDS]
_KINDS = f"a folder of class folders, or an {', '.join(_TITLES[:-1])} or {_TITLES[-1]} file"


@dataclass(frozen=True)
class SourceFacts:
    """What lies at a path.

    ``kind``: that of a file of arrays, ``None`` for a folder of class folders. ``arrays``: those of a file. ``spec``:
    how to read it, as far as the names tell; ``None`` if someone has to choose the arrays.
    """

    kind: ArrayKind | None
    arrays: tuple[ArrayInfo, ...]
    spec: DatasetSpec | None


def kind_of(path: Path) -> ArrayKind | None:
    """Of which kind the arrays at ``path`` are, told by the first bytes before the name; ``None`` for a folder of
    class folders.

    Raises ``ExplorerError`` if it is neither, or not there.
    """
    try:
        if path.is_dir():
            return next((kind for kind in ARRAY_KINDS if kind.is_folder(path)), None)
        if not path.exists():
            raise ExplorerError(f"{path} is not there.", f"Choose {_KINDS}.")
        if not path.is_file():  # a pipe would keep us waiting for its first byte
            raise ExplorerError(f"{path} is no file and no folder.", f"Choose {_KINDS}.")
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise ExplorerError(f"{path} could not be read: {error.strerror}.", f"Choose {_KINDS}.") from error
    told = [kind for kind in ARRAY_KINDS if kind.begins(path, head)] or [
        kind for kind in ARRAY_KINDS if kind.names(path)
    ]
    if not told:
        raise ExplorerError(f"{path} is no data set.", f"Choose {_KINDS}.")
    return told[0]


def source_facts(path: Path) -> SourceFacts:
    """Look at what lies at ``path`` without reading its images. Raises ``ExplorerError`` if it is no data set."""
    kind = kind_of(path)
    if kind is None:
        return SourceFacts(None, (), DatasetSpec(source=str(path)))
    with kind.open(path) as file:
        return SourceFacts(kind, file.arrays, guessed(file))
