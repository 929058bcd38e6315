"""The row of pins: the latest one is in view, the wheel goes along the row."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.inspect.compare.pin_strip import PinStrip


def _shown(strip: PinStrip, number: int) -> bool:
    pin = strip.findChild(QWidget, f"pin_{number}_remove")
    assert pin is not None
    return strip.rect().contains(QPoint(pin.mapTo(strip, pin.rect().center())))


def test_that_a_new_pin_comes_into_view_and_the_wheel_brings_the_others_back(qtbot: QtBot) -> None:
    strip = PinStrip()
    qtbot.addWidget(strip)
    strip.resize(400, 40)
    strip.show()  # only then are the pins laid out: before, all lie at the same place
    names = [f"mnist-simple · Conv2D_1 · test {number}" for number in range(5)]
    strip.show_pins(names[:4])
    strip.show_pins(names)
    qtbot.waitUntil(lambda: _shown(strip, 4) and not _shown(strip, 0))
    where = QPointF(20, 10)
    up = QPoint(0, 120 * 20)
    turn = QWheelEvent(
        where, strip.mapToGlobal(where), QPoint(), up, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(strip.viewport(), turn)
    assert _shown(strip, 0)
