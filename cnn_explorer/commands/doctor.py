"""``doctor``: what the program runs on, and where it keeps things."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from cnn_explorer.commands.arguments.options import Json
from cnn_explorer.commands.output import console
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.gpu_diagnosis import GpuFacts
from cnn_explorer.data.sources.registry import SOURCES, state_of
from cnn_explorer.store import paths
from cnn_explorer.system_check import QT_LIBRARIES, missing, require_window


def doctor(as_json: Json = False) -> None:
    """Say what the program runs on, why a GPU is used or not, and where things are kept."""
    from cnn_explorer.engine.device import gpu, runtime

    report, facts = runtime.start(), gpu.probe()
    document: dict[str, Any] = {
        "versions": dict(report.versions),
        "devices": [{"name": device.name, "description": device.description} for device in report.devices],
        "default_device": report.default,
        "gpu_note": report.gpu_note,
        "gpu": _gpu_facts(facts),
        "missing_libraries": list(missing(QT_LIBRARIES)) if sys.platform.startswith("linux") else [],
        "window_note": _window_note(),
        "paths": {
            "runs": str(paths.runs_dir()),
            "cache": str(paths.cache_dir()),
            "datasets": str(paths.datasets_dir()),
            "settings": str(paths.settings_file()),
            "resources": str(paths.resource()),
        },
        "datasets": {source.name: state_of(source).text for source in SOURCES},
    }
    if as_json:
        console.result_json(document)
    else:
        _show(document, facts)


def _gpu_facts(facts: GpuFacts) -> dict[str, Any]:
    """What was found out about GPUs, whether one is used or not. Memory in bytes."""
    found: dict[str, Any] = msgspec.to_builtins(facts)
    return {name: value for name, value in found.items() if name not in ("used", "failure")}


def _window_note() -> str:
    """One sentence: whether a window can be shown here, and if not, why."""
    try:
        require_window()
    except ExplorerError as error:
        return str(error)
    return "The window can be shown."


def _show(document: dict[str, Any], facts: GpuFacts) -> None:
    sections = {
        "Versions": document["versions"],
        "Devices": {device["name"]: device["description"] for device in document["devices"]},
        "GPU": _gpu_rows(facts),
        "Kept in": document["paths"],
        "Data sets": document["datasets"],
    }
    width = max(len(name) for rows in sections.values() for name in rows)
    for title, rows in sections.items():
        console.result(title)
        for name, value in rows.items():
            console.result(f"  {name:<{width}}  {value}")
    console.result(f"{document['gpu_note']}\n{document['window_note']}")


def _gpu_rows(facts: GpuFacts) -> dict[str, str]:
    """The same for people, without what is not known."""
    rows = {
        "TensorFlow's CUDA": facts.needs_cuda or "none",
        "driver": facts.driver or ("there" if facts.has_driver else "none"),
        "driver's CUDA": ".".join(map(str, facts.driver_cuda or ())),
        "missing": ", ".join(facts.missing),
    }
    for number, found in enumerate(facts.gpus):
        rows[f"GPU {number}"] = f"{found.described}, compute capability {'.'.join(map(str, found.capability))}"
    return {name: value for name, value in rows.items() if value}
