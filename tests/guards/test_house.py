"""How the house is laid out: a folder is a subject, says what it is, and is small; tests and documentation follow.

Who may import whom is held by import-linter (``make lint``).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_explorer.app import PAGES

_ROOT = Path(__file__).parents[2]
_PROGRAM = _ROOT / "cnn_explorer"
_TESTS = _ROOT / "tests"
_MOST_FILES = 24
_MOST_LINES = 400
_OUTSIDE = {"guards", "fixtures"}
"""Folders of the tests that belong to no folder of the program."""
_TRUSTED = {"hostile_files.py"}
"""A table of one kind may be longer."""


def _folders(top: Path) -> Iterator[Path]:
    yield from (path for path in (top, *top.rglob("*")) if path.is_dir() and any(path.glob("*.py")))


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


FOLDERS = [*_folders(_PROGRAM), *_folders(_TESTS)]
PACKAGES = [folder for folder in _folders(_PROGRAM) if folder != _PROGRAM]


def _name(path: Path) -> str:
    return str(path.relative_to(_ROOT))


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_that_a_folder_is_small(folder: Path) -> None:
    assert len(_sources(folder)) <= _MOST_FILES


@pytest.mark.parametrize("folder", PACKAGES, ids=_name)
def test_that_no_prefix_in_file_names_stands_for_a_folder_that_was_not_made(folder: Path) -> None:
    """Three files that begin, or end, with the same word are a subject of their own."""
    words = [path.stem.split("_") for path in _sources(folder)]
    ends = Counter(word[0] for word in words if len(word) > 1) + Counter(f"-{word[-1]}" for word in words if word[1:])
    assert [end for end, count in ends.items() if count > 2] == []


@pytest.mark.parametrize("folder", PACKAGES, ids=_name)
def test_that_a_folder_says_what_it_is_and_the_documentation_says_the_same(folder: Path) -> None:
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    assert text
    first = text.partition("\n\n")[0].replace("\n", " ")
    assert first.endswith(".")
    documented = re.sub(r"\s+", " ", (_ROOT / "docs" / "architecture.md").read_text())
    assert f"| `{folder.relative_to(_PROGRAM)}/` | {first} |".replace("``", "`") in documented


def test_that_a_file_has_one_idea() -> None:
    long = [path for path in _PROGRAM.rglob("*.py") if len(path.read_text().splitlines()) > _MOST_LINES]
    assert long == []
    tests = [path for path in _TESTS.rglob("*.py") if path.name not in _TRUSTED]
    assert [path for path in tests if len(path.read_text().splitlines()) > _MOST_LINES] == []


def test_that_the_tests_mirror_the_program() -> None:
    tested = {folder.relative_to(_TESTS) for folder in _folders(_TESTS)}
    kept = {folder.relative_to(_PROGRAM) for folder in _folders(_PROGRAM)}
    assert {folder for folder in tested - kept if folder.parts[0] not in _OUTSIDE} == set()


def test_that_a_page_is_one_folder_and_one_row() -> None:
    folders = {path.parent.name for path in (_PROGRAM / "ui" / "pages").glob("*/page.py")}
    assert folders == {path.name for path in PACKAGES if path.parent == _PROGRAM / "ui" / "pages"}
    assert folders == {entry.key for entry in PAGES}
    for key in folders:
        states = (_PROGRAM / "ui" / "pages" / key).rglob("state.py")
        assert next(states, None), f"{key} derives what it shows nowhere"
