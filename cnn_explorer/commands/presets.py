"""``presets``: the networks to start from."""

from __future__ import annotations

from cnn_explorer.commands.arguments.options import Json
from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.console import Column
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS
from cnn_explorer.core.sizes import shape_text


def presets(as_json: Json = False) -> None:
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
