"""What ``make`` says and does on machines where something is missing; with stand-ins for Python and the program."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the files that the environment is made from."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(_ROOT / name, tmp_path)
    return tmp_path


def _script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def _make(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    screenless = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "MAKEFLAGS")}
    return subprocess.run(
        ["make", "--no-print-directory", *map(str, arguments)],
        cwd=folder, env=screenless | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_that_an_old_python_is_refused_in_one_sentence(checkout: Path) -> None:
    python = _script(checkout / "old", 'case "$*" in --version) echo "Python 3.9.1";; *) exit 1;; esac')
    done = _make(checkout, "run", f"PYTHON={python}")
    assert done.returncode != 0
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"CNN Explorer needs Python 3.11, 3.12 or 3.13, but {python} is Python 3.9.1:")
    assert not (checkout / ".venv").exists()


def test_that_a_missing_python_is_said(checkout: Path) -> None:
    done = _make(checkout, "test", "PYTHON=no-such-python")
    assert done.returncode != 0
    assert done.stdout.startswith("There is no no-such-python: install Python 3.11")


def test_that_a_python_without_venv_names_the_package_to_install(checkout: Path) -> None:
    python = _script(checkout / "bare", 'case "$*" in *ensurepip*) exit 1;; esac')
    done = _make(checkout, "run", f"PYTHON={python}")
    assert done.returncode != 0
    assert done.stdout == "Python's venv module is missing: sudo apt-get install python3-venv\n"


@pytest.fixture
def installed(checkout: Path) -> Path:
    """The same with a finished environment, in which ``cnn-explorer`` only says how it was called."""
    _script(checkout / ".venv/bin/python", "exit 0")
    _script(checkout / ".venv/bin/cnn-explorer", 'echo "called: $*."')
    (checkout / ".venv/.ready").touch()
    return checkout


def test_that_run_without_a_display_says_so_and_runs_the_demo(installed: Path) -> None:
    said, called = _make(installed, "run").stdout.splitlines()
    assert said.startswith("There is no display")
    assert called == "called: demo."


def test_that_run_with_a_display_opens_the_window_and_makes_nothing_anew(installed: Path) -> None:
    assert _make(installed, "run", DISPLAY=":0").stdout == "called: .\n"


def test_that_a_missing_library_ends_run_before_the_program_starts(installed: Path) -> None:
    _script(installed / ".venv/bin/python", 'echo "sudo apt-get install libegl1" >&2; exit 2')
    done = _make(installed, "run")
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("sudo apt-get install libegl1\n")


def test_that_a_change_of_the_lock_makes_the_environment_anew(installed: Path) -> None:
    ready = installed / ".venv/.ready"
    os.utime(ready, (1, 1))
    assert "Making the environment" in _make(installed, "run").stdout
    assert ready.stat().st_mtime > 1
    assert "Making the environment" not in _make(installed, "run").stdout
