"""The document of ``summary``: of a network that is described, and how it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.console import Column
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.store.runs import RunFolder


def of_architecture(architecture: Architecture) -> dict[str, Any]:
    """The document of ``summary --json``; values that are not known after a problem are ``None``."""
    inference = infer(architecture)
    return {
        "name": architecture.name,
        "input_shape": architecture.input_shape,
        "total_params": inference.total_params,
        "trainable_params": inference.trainable_params,
        "layers": [
            {
                "name": layer.name,
                "type": layer.type,
                "output_shape": layer.output_shape,
                "params": layer.params,
                "macs": layer.macs,
                "receptive_field": layer.receptive_field,
                "jump": whole(layer.jump),
            }
            for layer in inference.layers
        ],
        "problems": [{"layer": problem.layer, "message": problem.message} for problem in inference.problems],
    }


def whole(jump: tuple[float, float] | None) -> list[float | int] | None:
    """Whole numbers as integers: jumps are fractions after an UpSampling2D only."""
    return None if jump is None else [int(step) if step == int(step) else step for step in jump]


def of_run(folder: Path) -> dict[str, Any]:
    """The same document for the network of a run. Raises ``ExplorerError`` if ``folder`` holds no run."""
    return of_architecture(RunFolder(folder).read().architecture)


def show(summary: dict[str, Any], as_json: bool) -> None:
    """Print the document as it is, or as a table for people."""
    if as_json:
        console.result_json(summary)
        return
    shape = summary["input_shape"]
    console.result(summary["name"] if shape is None else f"{summary['name']}: images {shape_text(shape)}")
    columns = (
        Column("Layer"), Column("Type"), Column("Output", right=True), Column("Parameters", right=True),
        Column("MACs", right=True), Column("Receptive field", right=True), Column("Jump", right=True),
    )  # fmt: skip
    console.table(
        columns,
        [
            (
                layer["name"], layer["type"], _shape(layer["output_shape"]), _number(layer["params"]),
                _number(layer["macs"]), _pair(layer["receptive_field"]), _pair(layer["jump"]),
            )
            for layer in summary["layers"]
        ],
    )  # fmt: skip
    trainable = summary["trainable_params"]
    of_them = "" if trainable is None else f", {trainable:,} of them trainable"
    console.result(f"{summary['total_params']:,} parameters{of_them}")
    for problem in summary["problems"]:
        console.result(f"Problem: {problem['message']}")


def _shape(value: Any) -> str:
    return "?" if value is None else shape_text(value)


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _pair(value: Any) -> str:
    return "–" if value is None else shape_text(value)
