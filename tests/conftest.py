"""What every test needs: no screen, no chatter of TensorFlow, a home of its own, no thread left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    # Before anyone imports Qt or TensorFlow.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    # A shell that runs the tests in the background has Ctrl+C ignored, and what they start inherits that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Runs, caches and settings of the tests go to a temporary folder, never to the user's."""
    home = tmp_path_factory.mktemp("home")
    os.environ["CNN_EXPLORER_HOME"] = str(home)
    yield home
    del os.environ["CNN_EXPLORER_HOME"]
