"""What every test needs: no screen, no chatter of TensorFlow, a home of its own, no thread left behind."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

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


@pytest.fixture
def load_script() -> Callable[[str], ModuleType]:
    """A function that imports ``resources/<path>``: the scripts beside the resources belong to no package."""

    def load(path: str) -> ModuleType:
        file = Path(__file__).parents[1] / "resources" / path
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
