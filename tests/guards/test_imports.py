"""The core is quick to import because it imports next to nothing."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import cnn_explorer.core

HEAVY = {"PySide6", "pyqtgraph", "keras", "tensorflow", "sklearn", "scipy", "h5py", "PIL", "typer", "rich"}
PROBE = """
import importlib, json, sys
brought = {}
for name in sys.argv[1:]:
    before = set(sys.modules)
    importlib.import_module(name)
    brought[name] = sorted({module.partition(".")[0] for module in set(sys.modules) - before})
print(json.dumps(brought))
"""


def test_that_no_module_of_the_core_imports_qt_keras_or_other_heavy_packages() -> None:
    names = [name for _, name, _ in pkgutil.walk_packages(cnn_explorer.core.__path__, "cnn_explorer.core.")]
    assert len(names) > 40
    run = subprocess.run([sys.executable, "-c", PROBE, *names], capture_output=True, text=True, check=True)
    brought = {name: HEAVY.intersection(modules) for name, modules in json.loads(run.stdout).items()}
    assert brought == {name: set() for name in names}
