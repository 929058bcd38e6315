"""Names that are cut where the room is short."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.widgets.elided_label import elided_name


def test_that_a_cut_name_keeps_its_block_and_its_end(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    metrics: QFontMetrics = label.fontMetrics()
    whole = "block_1_expand_BN"
    assert elided_name(whole, metrics, metrics.horizontalAdvance(whole)) == whole
    room = metrics.horizontalAdvance("block_1_…d_BN") + 2
    cut = elided_name(whole, metrics, room)
    assert cut.startswith("block_1")
    assert cut.endswith("…d_BN")
    assert metrics.horizontalAdvance(cut) <= room
