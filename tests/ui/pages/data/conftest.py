"""The Data page with a small data set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.data.page import DataPage
from cnn_explorer.ui.session.session import Session
from tests.ui.pages.data import driver as data_page_driver


@pytest.fixture
def data_page(qtbot: QtBot, session: Session) -> Iterator[DataPage]:
    """The page with 64 training and 20 test images of digits."""
    page = data_page_driver.open_page(qtbot, session)
    qtbot.waitUntil(lambda: page.gallery.grid.count == 84)
    yield page
    qtbot.waitUntil(lambda: not (session.scans.busy or session.thumbnails.busy))


@pytest.fixture
def checked(qtbot: QtBot, data_page: DataPage, session: Session) -> DataPage:
    """The page after the fake model was asked about all images: every third one of a part is wrong."""
    session.model_ready.emit(data_page_driver.MODEL)
    data_page_driver.click(qtbot, data_page, "gallery_check")
    qtbot.waitUntil(lambda: not data_page.gallery.check.running)
    return data_page
