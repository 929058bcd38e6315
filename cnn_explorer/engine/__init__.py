"""The floor that knows Keras. Importing it takes seconds: the window does so on a worker thread.

TensorFlow is imported here, before any module of this package needs it, because it must be prepared first.
"""

from __future__ import annotations

import importlib

from cnn_explorer.engine.device import preload

preload.load_libraries()
with preload.collector_at_rest():
    # By name and not as statements, which a formatter would move above the lines that must come before.
    for _module in ("tensorflow", "keras", "h5py", "sklearn.metrics"):
        importlib.import_module(_module)
