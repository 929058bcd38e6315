"""The way to a data set in memory, or mapped into it: a registered one, or the user's own."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.data.arrays.reader import read_arrays
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.folders.reader import read_folder
from cnn_explorer.data.sources.facts import kind_of
from cnn_explorer.data.sources.registry import load_registered


def load_dataset(spec: DatasetSpec | str, watch: Watch = unwatched) -> Dataset:
    """Load what ``spec`` says, or the registered data set of that name, in its official split.

    ``watch`` hears how far it is and may end it. Raises ``ExplorerError`` if there is no such source, or if its data
    are missing, damaged, or other ones than were published.
    """
    if isinstance(spec, str):
        spec = DatasetSpec(source=spec)
    path = spec.path
    return load_registered(spec.source, watch) if path is None else _read_own(path, spec, watch)


def _read_own(path: Path, spec: DatasetSpec, watch: Watch) -> Dataset:
    kind = kind_of(path)
    if kind is None:
        return read_folder(path, spec, watch)
    files = kind.files(path)
    if len(files) > 1 and path.is_file():
        path = path.parent  # the set has the folder's name
    return read_arrays(path, kind.open, files, spec, watch)
