"""What the list of data sets says; no Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.network.inference import Inference
from cnn_explorer.core.sizes import megabytes, shape_text
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.sources.registry import DatasetSource, SourceState
from cnn_explorer.text.numbers import counted, percent
from cnn_explorer.ui.session.runs.queue import QueueEntry

_SHORT_STATES = {"bundled": "bundled", "library": "in scikit-learn", "downloaded": "downloaded", "found": "installed"}


@dataclass(frozen=True)
class SourceRow:
    """A line of the list. ``spec`` is ``None`` for a heading, and for a hint where there is nothing to choose.

    ``state`` is the word at the right; ``mark``: the data set is the current one, or on its way, or must be
    downloaded, or is not to be found.
    """

    title: str
    facts: str = ""
    state: str = ""
    mark: Literal["", "current", "loading", "download", "missing"] = ""
    spec: DatasetSpec | None = None
    tooltip: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is a file or folder of the user's, which can be forgotten."""
        return self.spec is not None and self.spec.path is not None


def source_rows(
    sources: tuple[DatasetSource, ...],
    states: Mapping[str, SourceState],
    own: tuple[DatasetSpec, ...],
    missing: frozenset[str],
    current: DatasetSpec | None,
    loading: DatasetSpec | None,
) -> tuple[SourceRow, ...]:
    """The whole list. ``states`` and ``missing`` (own sources that are gone) are of those that are known by now."""
    rows = [SourceRow("Ready-made")]
    rows += [_registered(source, states.get(source.name)) for source in sources]
    rows.append(SourceRow("Your own images"))
    rows += [_own(spec, spec.source in missing) for spec in own]
    if not own:
        rows.append(
            SourceRow("", "A folder with a folder of images for each class, or a file of arrays. Drop it here.")
        )
    return tuple(_marked(row, current, loading) for row in rows)


def _registered(source: DatasetSource, state: SourceState | None) -> SourceRow:
    count = source.train_count + source.test_count
    facts = f"{count:,} · {shape_text(source.image_shape)} · {len(source.classes)} classes"
    row = SourceRow(source.title, facts, spec=DatasetSpec(source=source.name))
    more = ""
    if state is not None and state.is_here:
        row = replace(row, state=_SHORT_STATES[state.kind])
        more = f"It is {state.text}. "
    elif state is not None:
        row = replace(row, state=megabytes(state.download_bytes), mark="download")
        more = f"Click to download {row.state} and use it. "
    return replace(row, tooltip=f"{source.description} {more}Licence: {source.licence}.")


def _own(spec: DatasetSpec, missing: bool) -> SourceRow:
    path = spec.path
    assert path is not None
    changes = [shape_text(spec.image_size)] if spec.image_size else []
    if spec.color != "auto":
        changes.append("grey" if spec.color == "gray" else "colour")
    tooltip = f"{path}: {'it is not there any more' if missing else 'click to use it'}. Delete forgets it."
    return SourceRow(
        path.name or str(path), str(path.parent), "not there" if missing else " ".join(changes),
        "missing" if missing else "", spec, tooltip,
    )  # fmt: skip


def _marked(row: SourceRow, current: DatasetSpec | None, loading: DatasetSpec | None) -> SourceRow:
    if row.spec is None:
        return row
    if loading is not None and row.spec.source == loading.source:
        return replace(row, mark="loading")
    if current is not None and row.spec.source == current.source:
        return replace(row, mark="current")
    return row


def progress_words(what: str, done: int, total: int) -> str:
    """How far the loading is: megabytes for a download, a share for all else; "" if nobody knows."""
    if not total:
        return ""
    if what.startswith("Downloading"):
        return f"{done / 1e6:,.0f} of {megabytes(total)}"
    return percent(done / total, 0)


def keeping_words(queue: tuple[QueueEntry, ...], dataset: Dataset | None) -> str:
    """That runs on another data set keep it; "" if there are none."""
    others = [
        entry
        for entry in queue
        if dataset is not None
        and entry.status in ("running", "waiting")
        and entry.dataset.fingerprint != dataset.fingerprint
    ]
    if not others:
        return ""
    if others[0].status == "running":
        rest = len(others) - 1
        more = f", and {counted(rest, 'run', 'runs')} in the queue likewise" if rest else ""
        return f"The current run keeps {others[0].dataset.title}, with which it began{more}."
    return f"{counted(len(others), 'run', 'runs')} in the queue will still use {others[0].dataset.title}."


def misfit(inference: Inference, dataset: Dataset | None) -> str:
    """Why the network does not fit the images, in a sentence; "" if it does, or if there is no network."""
    if dataset is None or not inference.layers:
        return ""
    shape, classes = inference.output_shape, len(dataset.classes)
    outputs = shape[0] if shape is not None and len(shape) == 1 else None
    if inference.input_shape == dataset.image_shape and outputs in (None, classes):
        return ""
    gives = f" and gives {outputs:,} classes" if outputs else ""
    return (
        f"The network takes {shape_text(inference.input_shape)}{gives}; "
        f"these images are {shape_text(dataset.image_shape)} in {classes:,} classes."
    )
