"""An X server without a screen, and hands for it: what is on it, clicks, keys, and the close button of a window.

Clicks and keys come from the server itself (XTEST), as those of a mouse and a keyboard do; the program under test
cannot tell the difference. Needs Xvfb and libXtst (Debian: xvfb, libxtst6).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_PATIENCE = 0.02
"""Seconds between two looks at the screen."""
_CLIENT_MESSAGE, _CURRENT_TIME, _REVERT_TO_PARENT = 33, 0, 2  # names and numbers of X.h
_CONTROL, _TAB = 0xFFE3, 0xFF09


class _ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 16),  # an XEvent is larger than each of its kinds
    ]


class Screen:
    """One screen: ``name`` is for DISPLAY."""

    def __init__(self, name: str, frame_buffer: Path) -> None:
        self.name = name
        self._frame_buffer = frame_buffer
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XInternAtom.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(name.encode()))
        self._root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))

    def picture(self) -> NDArray[np.uint8]:
        """What can be seen now: an array of shape (rows, columns, 3)."""
        data = self._frame_buffer.read_bytes()  # an XWD file: a head of big-endian numbers, colours, pixels
        head = np.frombuffer(data, ">u4", 25)
        size, width, height, line, colors = (int(head[index]) for index in (0, 4, 5, 12, 19))
        rows = np.frombuffer(data, np.uint8, height * line, size + 12 * colors).reshape(height, line)
        return rows[:, : width * 4].reshape(height, width, 4)[:, :, 2::-1]

    def click(self, place: tuple[int, int]) -> None:
        """Move the mouse to ``place`` (column, row) and press its left button."""
        self._test.XTestFakeMotionEvent(self._display, -1, *place, _CURRENT_TIME)
        for pressed in (1, 0):
            self._test.XTestFakeButtonEvent(self._display, 1, pressed, _CURRENT_TIME)
        self._x.XFlush(self._display)

    def type_over(self, text: str) -> None:
        """Replace the text of the field that has the focus, and leave it: Ctrl+A, ``text``, Tab."""
        self._key(_CONTROL, 1)
        self._press(ord("a"))
        self._key(_CONTROL, 0)
        for letter in text:
            self._press(ord(letter))
        self._press(_TAB)
        self._x.XFlush(self._display)

    def give_focus(self) -> None:
        """Let the largest window have the keyboard, as a window manager does with a new one."""
        self._x.XSetInputFocus(self._display, self._window(), _REVERT_TO_PARENT, ctypes.c_ulong(_CURRENT_TIME))
        self._x.XFlush(self._display)

    def close_window(self) -> None:
        """Ask the largest window to close, as its close button does."""
        window = self._window()
        protocols, delete = (
            self._x.XInternAtom(self._display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        message = _ClientMessage(type=_CLIENT_MESSAGE, window=window.value, message_type=protocols, format=32)
        message.data[0] = delete
        self._x.XSendEvent(self._display, window, 0, ctypes.c_long(0), ctypes.byref(message))
        self._x.XFlush(self._display)

    def _window(self) -> ctypes.c_ulong:
        ignored = ctypes.c_ulong()
        children, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self._x.XQueryTree(
            self._display, self._root, ctypes.byref(ignored), ctypes.byref(ignored), ctypes.byref(children),
            ctypes.byref(count),
        )  # fmt: skip
        return ctypes.c_ulong(max(children[: count.value], key=self._area))

    def _area(self, window: int) -> int:
        root, numbers = ctypes.c_ulong(), [ctypes.c_uint() for _ in range(6)]
        self._x.XGetGeometry(
            self._display, ctypes.c_ulong(window), ctypes.byref(root), *(ctypes.byref(number) for number in numbers)
        )
        return numbers[2].value * numbers[3].value

    def _press(self, symbol: int) -> None:
        self._key(symbol, 1)
        self._key(symbol, 0)

    def _key(self, symbol: int, pressed: int) -> None:
        code = self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(symbol))
        self._test.XTestFakeKeyEvent(self._display, code & 0xFF, pressed, _CURRENT_TIME)


@contextmanager
def screen(folder: Path, width: int = 1280, height: int = 800) -> Iterator[Screen]:
    """A server for the block; its picture lies in ``folder``. Its name is a number that no other server has."""
    reading, writing = os.pipe()
    command = [
        "Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-fbdir", str(folder), "-ac",
        "-nolisten", "tcp",
    ]  # fmt: skip
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            number = said.readline().strip()
        yield Screen(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait()


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> float:
    """Look until ``holds``; the seconds that it took. Raises ``TimeoutError`` that names ``what`` was waited for.

    What happens in another process sends no signal to this one: it has to be looked at.
    """
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(_PATIENCE)
    return time.monotonic() - began
