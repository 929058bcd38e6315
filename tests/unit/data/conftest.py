"""The scripts beside the resources, which belong to no package, as modules."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def load_script() -> Callable[[str], ModuleType]:
    """A function that imports ``resources/<path>``."""

    def load(path: str) -> ModuleType:
        file = Path(__file__).parents[3] / "resources" / path
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
