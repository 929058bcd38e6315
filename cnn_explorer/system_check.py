"""Can Qt start here? Asked before Qt is imported, because Qt answers with a traceback or ends the process.

``python -m cnn_explorer.system_check`` ends silently with 0, or with one sentence and 2 if a library is missing
that every part of the program needs, even without a screen. Only the standard library is used.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Mapping

from cnn_explorer.core.errors import ExplorerError

# Library -> package of Debian and Ubuntu: what the Qt in PySide6-Essentials is linked to and does not bring along.
QT_LIBRARIES: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
}
X11_LIBRARIES: Mapping[str, str] = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND_LIBRARIES: Mapping[str, str] = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
_NO_SCREEN = "Run cnn-explorer demo, which needs none, or use the command line (cnn-explorer --help)."


def require_libraries() -> None:
    """Raise ``ExplorerError`` that says what to install, if Qt cannot even be imported."""
    if sys.platform.startswith("linux"):
        _complain(missing(QT_LIBRARIES), QT_LIBRARIES)


def require_window(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ``ExplorerError`` that says what to do, if no window can be opened here."""
    if not sys.platform.startswith("linux"):
        return
    require_libraries()
    wanted = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if wanted and wanted != "xcb" and not wanted.startswith("wayland"):
        return  # offscreen, vnc and the like need nothing more
    tables = []
    if environment.get("WAYLAND_DISPLAY") and wanted != "xcb":
        tables.append(WAYLAND_LIBRARIES)
    if environment.get("DISPLAY") and not wanted.startswith("wayland"):
        tables.append(X11_LIBRARIES)
    if not tables:
        raise ExplorerError("There is no display, so the window cannot be shown.", _NO_SCREEN)
    lacking = [missing(table) for table in tables]
    if all(lacking):  # Qt tries one after the other
        _complain(lacking[-1], tables[-1])
    if tables == [X11_LIBRARIES] and not _answers():
        raise ExplorerError(f"The display {environment['DISPLAY']} does not answer.", _NO_SCREEN)


def missing(libraries: Iterable[str]) -> tuple[str, ...]:
    """Those of ``libraries`` that the dynamic linker does not find."""
    return tuple(name for name in libraries if not _loads(name))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _complain(lacking: tuple[str, ...], packages: Mapping[str, str]) -> None:
    if not lacking:
        return
    one = len(lacking) == 1
    raise ExplorerError(
        f"Qt needs {'a library' if one else 'libraries'} that this system lacks: {', '.join(lacking)}.",
        f"Install {'it' if one else 'them'} with: sudo apt-get install {' '.join(packages[name] for name in lacking)} "
        f"(not Debian or Ubuntu? Then the package that holds {'this file' if one else 'these files'}).",
    )


def _answers() -> bool:
    """Whether the X server of ``DISPLAY`` lets us in; Qt would abort the process."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers: bool = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return answers


def main() -> int:
    """Check the libraries; the exit code of ``python -m cnn_explorer.system_check``."""
    try:
        require_libraries()
    except ExplorerError as error:
        print(f"cnn-explorer: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
