"""``datasets --download`` and ``datasets --save``."""

from __future__ import annotations

from pathlib import Path

from cnn_explorer.commands import console, progress
from cnn_explorer.commands.loading import loaded, notes_on
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.data.arrays.writer import save_npz
from cnn_explorer.data.sources import registry


def download(name: str) -> None:
    """Bring a data set into the cache, where all runs find it. Raises ``ExplorerError``."""
    source = registry.source_of(name)
    before = registry.state_of(source)
    with progress.watched(at_once=True) as watch:
        dataset = registry.load_registered(name, watch)
    where = f"They lie in {source.folder}." if before.kind in ("remote", "downloaded") else f"It is {before.text}."
    console.result(f"{source.title}: {len(dataset.labels):,} images. {where}")


def save(spec: DatasetSpec, out: Path, force: bool) -> None:
    """Save a data set as a file. Raises ``ExplorerError``."""
    dataset = loaded(spec)
    with progress.watched() as watch:
        save_npz(dataset, out, watch, force)
    console.remark(*notes_on(dataset))
    console.result(str(out))
