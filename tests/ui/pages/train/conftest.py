"""The Train page in a window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.train.page import TrainPage
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import theme


@pytest.fixture
def train_page(qtbot: QtBot, session: Session) -> Iterator[TrainPage]:
    """The Train page in a window of 1280 × 800 points."""
    page = TrainPage(session)
    qtbot.addWidget(page)
    page.resize(1190, 660)
    with qtbot.waitExposed(page):
        page.show()
    yield page
    if theme().mode != "system":  # that would style the whole page anew
        theme().set_mode("system")
