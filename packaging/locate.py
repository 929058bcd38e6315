"""Says where the window's controls are, for clicks from outside, by showing the checkout's window on the same screen.

``python packaging/locate.py`` prints JSON: the middle of each control by its object name, and, under ``ready``, a place
on the button *Train* and the colour that it has there when it can be pressed. The executable brings no way to ask it.
"""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from cnn_explorer.app import FIRST_NETWORK, PAGES, services
from cnn_explorer.core.network.presets import preset
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.session.settings import Settings
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.ui.theme import theme

_CONTROLS = ("rail_train", "rail_inspect", "header_train", "field_epochs")
_EDGE = QPoint(6, 0)  # from the left edge of the button: beside its icon and text


def main() -> None:
    """Print the places."""
    application = QApplication(sys.argv[:1])
    theme().set_mode(Settings().theme)
    session = Session(services(), preset(FIRST_NETWORK).architecture)
    window = MainWindow(session, PAGES, Settings(), lambda _settings: None)
    window.ready.connect(lambda: print_places(window))
    window.ready.connect(window.close_now)
    window.show()
    application.exec()


def print_places(window: MainWindow) -> None:
    """Print them for the window as it is with the page Train."""
    window.show_page("train")
    QApplication.processEvents()
    places = {name: place_of(window, name) for name in _CONTROLS}
    train = window.findChild(QPushButton, "header_train")
    train.setEnabled(True)
    edge = _EDGE + QPoint(0, train.height() // 2)
    color = train.grab().toImage().pixelColor(edge)
    on_screen = train.mapToGlobal(edge)
    ready = {"place": [on_screen.x(), on_screen.y()], "color": [color.red(), color.green(), color.blue()]}
    print(json.dumps({"places": places, "ready": ready}))


def place_of(window: QWidget, name: str) -> list[int]:
    """The middle of the control of that name that can be seen, on the screen."""
    control = next(widget for widget in window.findChildren(QWidget, name) if widget.isVisible())
    middle = control.mapToGlobal(control.rect().center())
    return [middle.x(), middle.y()]


if __name__ == "__main__":
    main()
