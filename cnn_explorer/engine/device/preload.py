"""Makes ``import tensorflow`` bearable for the other threads, and quiet. Nothing here imports TensorFlow.

Measured on two cores with tensorflow 2.21, as the longest gap of another thread's 5 ms ticker during the import:
0.31 to 1.6 s without this module, 0.02 s with it; and the import takes half a second less. Two things held the
interpreter: loading a library of 1 GB inside an import statement, and full garbage collections over the
hundreds of thousands of objects that the import makes.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib.util
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Level 3 keeps only fatal messages: on a machine without a GPU, level 2 still reports that as an error.
# ``runtime.start`` says in words what is with the GPU. It is read when the library is loaded, hence here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# In the order in which they need each other. The last one has its own copy of the CUDA loader, which speaks too.
_LIBRARIES = (
    "libtensorflow_framework.so.2",
    "libtensorflow_cc.so.2",
    "python/profiler/internal/_pywrap_profiler_plugin.so",
)
# Said by static initialisers before any log level is read, so no setting silences them.
_CHATTER = re.compile(rb"All log messages before absl::InitializeLog|cudart_stub\.cc")


def load_libraries() -> None:
    """Load TensorFlow's shared libraries without holding the interpreter; the import then finds them loaded.

    Does nothing on other systems than Linux, and nothing for a file that is not there: the import loads it then.
    """
    spec = importlib.util.find_spec("tensorflow")
    if sys.platform != "linux" or spec is None or not spec.submodule_search_locations:
        return
    # A call of a foreign function releases the interpreter; ``ctypes.CDLL(path)`` does not (Python 3.11).
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_int]
    folder = Path(spec.submodule_search_locations[0])
    with _without_chatter():
        for name in _LIBRARIES:
            if (folder / name).is_file():
                dlopen(os.fsencode(folder / name), os.RTLD_NOW)


@contextlib.contextmanager
def collector_at_rest() -> Iterator[None]:
    """No garbage collection in the block; what the block made is then left out of all later collections.

    Modules live as long as the process, and looking through them again and again costs 0.15 s a time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Hold back what is written to the process's stderr in the block; afterwards write it, less the chatter."""
    try:
        original = os.dup(2)
    except OSError:  # no stderr at all, as in a windowed program
        yield
        return
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(original, 2)
            os.close(original)
            kept.seek(0)
            for line in kept:
                if not _CHATTER.search(line):
                    os.write(2, line)
