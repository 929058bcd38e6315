"""What PyInstaller cannot see of TensorFlow by itself. Takes the place of the hook of pyinstaller-hooks-contrib.

That one collects every module and data file of TensorFlow and Keras; here are those that an import of TensorFlow and
Keras reaches, and what both import by name only.
"""

from contents import EXCLUDED_MODULES
from PyInstaller.utils.hooks import collect_submodules


def _wanted(name: str) -> bool:
    parts = name.split(".")
    excluded = any(name == left_out or name.startswith(f"{left_out}.") for left_out in EXCLUDED_MODULES)
    return not excluded and "tests" not in parts and not name.endswith("_test")


hiddenimports = [
    # Keras chooses its backend by name.
    *collect_submodules("keras", filter=_wanted),
    # tensorflow.python.util.lazy_loader
    *collect_submodules("tensorflow.python.data.ops", filter=_wanted),
    "tensorflow.compiler.tf2tensorrt._pywrap_py_utils",
    "tensorflow.compiler.tf2tensorrt.ops.gen_trt_ops",
    "tensorflow.python.keras.callbacks",
    "tensorflow.python.keras.callbacks_v1",
    "tensorflow.python.keras.engine.base_layer",
    "tensorflow.python.keras.engine.base_layer_v1",
    "tensorflow.python.keras.engine.functional",
    "tensorflow.python.keras.engine.input_layer",
    "tensorflow.python.keras.engine.sequential",
    "tensorflow.python.keras.engine.training",
    "tensorflow.python.keras.engine.training_v1",
    "tensorflow.python.keras.layers.recurrent",
    "tensorflow.python.keras.metrics",
    "tensorflow.python.keras.models",
    # imported by its libraries in C++
    "ml_dtypes",
]

# A second way to the libraries, as a link in the top folder, leads TensorFlow astray when it asks where it is.
bindepend_symlink_suppression = ["**/libtensorflow_cc.so*", "**/libtensorflow_framework.so*"]
