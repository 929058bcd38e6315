"""What the Build page shows, derived from the network and the data set. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import Inference, Problem
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.ui.pages.build.stack.rows import StackRow, Total, stack_rows, totals


@dataclass(frozen=True)
class BuildState:
    """All but the selection. ``verdict`` says whether the network can be trained; it is good if ``problems`` is empty.

    ``data_shape`` is the shape of the data set's images where it differs from the network's input, else ``None``.
    """

    rows: tuple[StackRow, ...]
    totals: tuple[Total, ...]
    problems: tuple[Problem, ...]
    verdict: str
    data_shape: tuple[int, int, int] | None


def build_state(
    architecture: Architecture,
    inference: Inference,
    problems: tuple[Problem, ...],
    batch_size: int,
    dataset: Dataset | None,
) -> BuildState:
    """Derive the page. ``problems`` are the session's: without a data set only the network's own are known."""
    data_shape = None
    if dataset is not None:
        data_shape = dataset.image_shape if dataset.image_shape != architecture.input_shape else None
    return BuildState(
        rows=stack_rows(architecture, inference, problems),
        totals=totals(inference, batch_size),
        problems=problems,
        verdict=_verdict(architecture, problems, dataset),
        data_shape=data_shape,
    )


def _verdict(architecture: Architecture, problems: tuple[Problem, ...], dataset: Dataset | None) -> str:
    if problems:
        many = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        return f"{many}: this network can be saved, but not trained yet."
    if dataset is None or not architecture.layers:
        return "No problems."
    return f"Ready to train on {dataset.title}: it takes {shape_text(architecture.input_shape)} images."
