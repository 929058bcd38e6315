"""What goes into the executable and what stays out: tables that the spec, the build and its tests read.

What each of them saves stands in docs/packaging.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

EXCLUDED_MODULES: tuple[str, ...] = (
    # Keras' other backends, and what it or scikit-learn would use if it were there
    "keras.src.backend.jax",
    "keras.src.backend.torch",
    "keras.src.backend.openvino",
    "keras.src.backend.mlx",
    "jax",
    "torch",
    "openvino",
    "cupy",
    "dask",
    "pandas",
    "polars",
    "matplotlib",
    "IPython",
    "tensorboard",
    # parts of TensorFlow that only other programs use
    "tensorflow.lite",
    "tensorflow.compiler.mlir.stablehlo",
    "tensorflow.compiler.tf2xla.ops._xla_ops",
    "tensorflow.python.debug.lib.grpc_debug_server",
    "tensorflow.python.debug.lib.source_remote",
    "grpc",
    "clang",
    # other faces of pyqtgraph and Pillow
    "pyqtgraph.examples",
    "pyqtgraph.opengl",
    "pyqtgraph.jupyter",
    "PIL.ImageTk",
    "tkinter",
    "PySide6.QtTest",
    "PySide6.QtNetwork",
    "PySide6.QtDBus",
    "PIL.AvifImagePlugin",
    "PIL._avif",
    "PIL.ImageCms",
    "PIL._imagingcms",
    # parts of Python
    "readline",
    "sqlite3",
    # what builds and tests Python packages
    "setuptools",
    "pip",
    "pkg_resources",
    "wheel",
    "pytest",
    "pydoc_data",
)
"""Modules that are not collected, with all below them."""

EMPTY_MODULES: tuple[str, ...] = (
    "tensorflow._api.v2.lite",
    "tensorflow._api.v2.compat.v1.lite",
    "tensorflow._api.v2.compat.v2.lite",
    "tensorflow.python.profiler.internal._pywrap_profiler_plugin",
    "PySide6.QtOpenGL",
)
"""Modules that TensorFlow and pyqtgraph import and the program never uses: an empty one stands in each place."""

WITH_SOURCE: tuple[str, ...] = ("tensorflow.python.autograph", "cnn_explorer.engine")
"""Packages whose source goes along: TensorFlow's AutoGraph reads that of its own functions and of those it converts."""

QT_PLUGINS: tuple[str, ...] = (
    # Linux
    "platforms/libqxcb.so",
    "platforms/libqwayland.so",
    "platforms/libqoffscreen.so",
    "platformthemes/libqxdgdesktopportal.so",
    "platforminputcontexts/libcomposeplatforminputcontextplugin.so",
    "platforminputcontexts/libibusplatforminputcontextplugin.so",
    "wayland-decoration-client/*.so",
    "wayland-shell-integration/libxdg-shell.so",
    # Windows and macOS
    "platforms/qwindows.dll",
    "platforms/qoffscreen.dll",
    "platforms/libqcocoa.dylib",
    "platforms/libqoffscreen.dylib",
    "styles/*",
    # all
    "iconengines/*qsvgicon.*",
    "imageformats/*qsvg.*",
    "imageformats/*qjpeg.*",
)
"""The plugins of Qt that stay: the window's systems, input methods, SVG, and JPEG from the clipboard."""

QT_LIBRARIES: tuple[str, ...] = (
    "Core", "Gui", "Widgets", "Svg", "OpenGL", "OpenGLWidgets", "DBus", "XcbQpa", "WaylandClient", "WlShellIntegration",
)  # fmt: skip
"""The libraries of Qt that stay, without ``libQt6`` and the ending."""

LEFT_TO_THE_SYSTEM = re.compile(
    r"lib(stdc\+\+|gcc_s|fontconfig|freetype|expat|png16|brotli(common|dec)|X11|X11-xcb|Xau|Xdmcp|bsd|md)\.so(\..*)?"
)
"""Libraries of Linux that every desktop has and that belong to it: fontconfig reads the system's own configuration, X11
talks to its server, and the C++ library fits its C library (Debian 12's asks for one that Ubuntu 22.04 lacks).
PyInstaller leaves out the C library, OpenGL, Wayland and ``libxcb.so.1`` by itself."""

STRIPPED: tuple[str, ...] = (
    "libtensorflow_cc.so*",
    "libtensorflow_framework.so*",
    "lib_pywrap_tensorflow_common.so",
    "lib_native_proto_caster.so",
    "libpython3*.so*",
    "*.cpython-*.so",
)
"""Files whose symbol tables for debuggers are taken away. Not those that auditwheel has changed (``*.libs``): ``strip``
writes some of them so that they cannot be loaded any more."""

SKLEARN_DATA: tuple[str, ...] = ("sklearn/datasets/data/digits.csv.gz",)
"""What the program reads of scikit-learn's data sets."""


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether ``path`` (with ``/``) is one of those that ``patterns`` name."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)
