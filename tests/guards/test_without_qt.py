"""What says that it needs no Qt, or derives what is shown, can be imported where there is none."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_WINDOW = _ROOT / "cnn_explorer" / "ui"
_PROBE = """
import importlib, json, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(f"Qt is not there: {name}")

sys.meta_path.insert(0, NoQt())
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        failed[name] = str(error)
print(json.dumps(failed))
"""


def _promises(path: Path) -> bool:
    text = (ast.get_docstring(ast.parse(path.read_text())) or "").lower()
    return path.name in ("state.py", "header_state.py") or "no qt" in text or "without qt" in text


def test_that_promises_of_no_qt_hold_transitively() -> None:
    paths = [path for path in sorted(_WINDOW.rglob("*.py")) if path.name != "__init__.py" and _promises(path)]
    paths += sorted((_ROOT / "cnn_explorer" / "text").glob("[!_]*.py"))
    names = [".".join(path.relative_to(_ROOT).with_suffix("").parts) for path in paths]
    assert len(names) > 40
    run = subprocess.run([sys.executable, "-c", _PROBE, *names], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == {}
