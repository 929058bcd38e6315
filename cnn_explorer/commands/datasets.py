"""``datasets``: the data sets that have a name, one of them downloaded, or any one saved as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cnn_explorer.commands.arguments.dataset import (
    given,
    reading_of,
    spec_of,
    with_reading_options,
    without_keywords,
)
from cnn_explorer.commands.arguments.options import Force, Json, path_option
from cnn_explorer.commands.arguments.output_file import check_output
from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.console import Column
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.sources import registry
from cnn_explorer.data.sources.registry import DatasetSource, state_of


@without_keywords
@with_reading_options
def datasets(
    as_json: Json = False,
    download: Annotated[
        str | None, typer.Option("--download", metavar="NAME", help="Download this one, for all runs.")
    ] = None,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME|PATH", help="Save this one as the .npz that the scripts of runs read."),
    ] = None,
    out: Annotated[Path | None, path_option("--out", "FILE", "Where to save it (.npz).")] = None,
    force: Force = False,
    **keywords: str | None,
) -> None:
    """List the data sets, download one, or save one as a file."""
    reading = reading_of(keywords)
    if save is None and (idle := [*given(reading), *(["--out"] if out else []), *(["--force"] if force else [])]):
        raise ExplorerError(f"{idle[0]} has no place without --save.", "Leave it out.")
    if [as_json, download is not None, save is not None].count(True) > 1:
        raise ExplorerError("--json, --download and --save are three things.", "Do one after the other.")
    if download is not None:
        _download(download)
    elif save is not None:
        if out is None:
            raise ExplorerError("--out is missing.", "Say where to save it, as in --out data.npz.")
        check_output(out, (".npz",), force)
        _save(spec_of(save, reading), out, force)
    else:
        _list(as_json)


def _list(as_json: bool) -> None:
    """List the data sets that can be loaded by name."""
    if as_json:
        console.result_json([_row(source) for source in registry.SOURCES])
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


def _row(source: DatasetSource) -> dict[str, Any]:
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


def _download(name: str) -> None:
    """Bring a data set into the cache, where all runs find it. Raises ``ExplorerError``."""
    from cnn_explorer.commands.output import progress

    source = registry.source_of(name)
    before = registry.state_of(source)
    with progress.watched(at_once=True) as watch:
        dataset = registry.load_registered(name, watch)
    where = f"They lie in {source.folder}." if before.kind in ("remote", "downloaded") else f"It is {before.text}."
    console.result(f"{source.title}: {len(dataset.labels):,} images. {where}")


def _save(spec: DatasetSpec, out: Path, force: bool) -> None:
    """Save a data set as a file. Raises ``ExplorerError``."""
    from cnn_explorer.commands.arguments.loading import loaded, notes_on
    from cnn_explorer.commands.output import progress
    from cnn_explorer.data.arrays.writer import save_npz

    dataset = loaded(spec)
    with progress.watched() as watch:
        save_npz(dataset, out, watch, force)
    console.remark(*notes_on(dataset))
    console.result(str(out))
