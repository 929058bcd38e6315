"""The window opens before TensorFlow is imported, and does without whatever else is slow to import."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROBE = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
ENGINE = {"tensorflow", "keras", "sklearn", "scipy", "h5py"}
SLOW = {"pyqtgraph", "PIL", "typer", "rich"}


def modules_after_importing(name: str) -> set[str]:
    run = subprocess.run([sys.executable, "-c", PROBE, name], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout))


@pytest.mark.parametrize("name", ["cnn_explorer.ui.shell.main_window", "cnn_explorer.app", "cnn_explorer.__main__"])
def test_that_the_window_needs_no_engine_and_nothing_slow(name: str) -> None:
    loaded = modules_after_importing(name)
    assert "cnn_explorer" in loaded
    assert loaded & (ENGINE | SLOW) == set()


def test_that_the_first_page_needs_no_engine_and_nothing_slow() -> None:
    assert modules_after_importing("cnn_explorer.ui.pages.build.page") & (ENGINE | SLOW) == set()


@pytest.mark.parametrize("name", ["cnn_explorer.ui.pages.train.page", "cnn_explorer.ui.pages.inspect.page"])
def test_that_the_other_pages_need_no_engine(name: str) -> None:
    assert modules_after_importing(name) & ENGINE == set()
