"""Run by the tests in a process of its own: loads model files and says of each how it ended, and what it took.

One path a line on stdin, one JSON object a line on stdout. Whatever would be a sign that a file's code has run or that
another file was read is written down by an audit hook, which sees what Python does, and by the caller's traps, which
see the rest.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import NotBuiltError
from cnn_explorer.engine.inspecting.inspector import open_model

_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.remove",
    "os.rename",
    "subprocess.Popen",
    "socket.connect",
    "socket.getaddrinfo",
    "marshal.loads",
    "code.__new__",
    "pickle.find_class",
    "ctypes.dlopen",
)
_TEMPORARY = str(Path(tempfile.gettempdir()) / "cnn-explorer-")
_seen: list[str] = []
_watched: Path | None = None


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if _watched is None:
        return
    if event == "open":
        name = str(args[0])
        if name in (str(_watched), "") or name.startswith((_TEMPORARY, sys.prefix, sys.base_prefix, "/proc/self")):
            return
        if not args[0] or isinstance(args[0], int):
            return
        _seen.append(f"open {name}")
    elif event in _FORBIDDEN and not _importing() and not _of_our_temporary_folder(event, args):
        _seen.append(f"{event} {args!r:.200}")


def _of_our_temporary_folder(event: str, args: tuple[Any, ...]) -> bool:
    return event == "os.remove" and (str(args[0]).startswith(_TEMPORARY) or args[1] != -1)


def _importing() -> bool:
    """Whether a module is being imported, which unmarshals its own code."""
    frame = sys._getframe()
    while frame is not None:
        if "importlib" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def _memory(key: str) -> int:
    """Bytes, as the kernel counts them."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded = open_model(path).loaded
    except NotBuiltError as error:
        layers = [[layer.name, layer.type, layer.params] for layer in error.structure.layers]
        return {"outcome": "structure", "says": str(error), "layers": layers}
    except ExplorerError as error:
        return {"outcome": "sentence", "says": str(error)}
    except Exception as error:  # what the tests are to find
        return {"outcome": "defect", "says": f"{type(error).__name__}: {error}"}
    return {"outcome": "model", "says": "", "layers": [layer.name for layer in loaded.model.layers]}


def main() -> None:
    """Warm up with two good models, then one line for each path."""
    global _watched
    with tempfile.TemporaryDirectory() as folder:
        inputs = keras.Input((8, 8, 1))
        outputs = keras.layers.Dropout(0.5)(keras.layers.BatchNormalization()(keras.layers.Conv2D(2, 3)(inputs)))
        for name in ("warm.h5", "warm.keras"):
            keras.Model(inputs, outputs).save(Path(folder) / name)
            open_model(Path(folder) / name).forward(np.zeros((8, 8, 1), np.uint8))
    sys.addaudithook(_watch)
    for line in sys.stdin:
        path = Path(line.strip())
        Path("/proc/self/clear_refs").write_text("5")  # the highest mark of memory counts anew
        before = _memory("VmRSS")
        _seen.clear()
        _watched = path
        start = time.process_time()  # of this process: others may keep the machine busy
        result = _load(path)
        seconds = time.process_time() - start
        _watched = None
        result.update(seconds=seconds, grown=_memory("VmHWM") - before, seen=list(_seen))
        print(json.dumps(result), flush=True)


main()
