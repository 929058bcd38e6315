"""``presets`` and ``datasets``: what can be named on the command line."""

from __future__ import annotations

from typing import Any

from cnn_explorer.commands import console
from cnn_explorer.commands.console import Column
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.sources import registry
from cnn_explorer.data.sources.registry import DatasetSource, state_of


def presets(as_json: bool) -> None:
    """List the networks to start from."""
    rows = [
        {
            "name": preset.name,
            "title": preset.title,
            "description": preset.description,
            "source": preset.source,
            "input_shape": preset.architecture.input_shape,
            "total_params": infer(preset.architecture).total_params,
        }
        for preset in PRESETS
    ]
    if as_json:
        console.result_json(rows)
        return
    columns = (Column("Name"), Column("Images"), Column("Parameters", right=True), Column("What it is"))
    console.table(
        columns,
        [
            (preset.name, shape_text(preset.architecture.input_shape), f"{row['total_params']:,}", preset.title)
            for preset, row in zip(PRESETS, rows, strict=True)
        ],
    )


def datasets(as_json: bool) -> None:
    """List the data sets that can be loaded by name."""
    if as_json:
        console.result_json([_dataset(source) for source in registry.SOURCES])
        return
    columns = (
        Column("Name"), Column("Images"), Column("Classes", right=True), Column("Training", right=True),
        Column("Test", right=True), Column("Where"), Column("What it is"),
    )  # fmt: skip
    console.table(
        columns,
        [
            (
                source.name, shape_text(source.image_shape), str(len(source.classes)), f"{source.train_count:,}",
                f"{source.test_count:,}", state_of(source).text, source.description,
            )
            for source in registry.SOURCES
        ],
    )  # fmt: skip


def _dataset(source: DatasetSource) -> dict[str, Any]:
    """A row for programs. ``fingerprint`` is ``null`` where only the published files' checksums are known."""
    state = state_of(source)
    return {
        "name": source.name,
        "title": source.title,
        "description": source.description,
        "licence": source.licence,
        "image_shape": source.image_shape,
        "classes": source.classes,
        "train_count": source.train_count,
        "test_count": source.test_count,
        "fingerprint": source.fingerprint or None,
        "state": state.kind,
        "path": None if state.path is None else str(state.path),
        "download_bytes": state.download_bytes,
        "folder": str(source.folder) if source.files else None,
        "files": [
            {"name": file.name, "urls": file.urls, "size": file.size, "sha256": file.sha256} for file in source.files
        ],
        "remarks": source.remarks,
    }
