"""Which arguments mean the window, and what happens where no window can be shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_explorer.__main__ import is_command, window_arguments
from cnn_explorer.cli import COMMANDS


def test_that_no_arguments_and_gui_mean_the_window() -> None:
    assert window_arguments([]) == ()
    assert window_arguments(["gui"]) == ()
    assert window_arguments(["gui", "run"]) == (Path("run"),)


def test_that_a_path_that_exists_means_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my run").mkdir()
    assert window_arguments(["my run"]) == (Path("my run"),)
    assert window_arguments([str(tmp_path)]) == (tmp_path,)


def test_that_a_model_s_name_means_the_window_even_if_there_is_none() -> None:
    assert window_arguments(["missing.h5"]) == (Path("missing.h5"),)
    assert window_arguments(["missing.keras"]) == (Path("missing.keras"),)


def test_that_commands_win_over_folders_of_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (command.__name__ for command in COMMANDS):
        (tmp_path / name).mkdir()
        assert window_arguments([name]) == (() if name == "gui" else None)


def test_that_every_command_of_the_command_line_is_known_here() -> None:
    assert [command.__name__ for command in COMMANDS if not is_command(command.__name__)] == []


def test_that_what_commands_share_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("arguments", "output", "__init__", "train.h5", "train.command", "nosuch"):
        (tmp_path / name).mkdir()
        assert window_arguments([name]) == (Path(name),)


@pytest.mark.parametrize("arguments", [["--help"], ["gui", "--help"], ["nonsense"], ["train", "x"], ["gui", "a", "b"]])
def test_that_everything_else_is_the_command_line_s(arguments: list[str]) -> None:
    assert window_arguments(arguments) is None


def test_that_the_window_is_told_from_a_command_without_importing_the_command_line(tmp_path: Path) -> None:
    code = (
        "import sys; from cnn_explorer.__main__ import window_arguments; "
        "assert window_arguments([sys.argv[1]]); assert not window_arguments(['train']); "
        "print(*sorted(name for name in sys.modules if name.startswith(('cnn_explorer.c', 'typer'))))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cnn_explorer.commands", "cnn_explorer.core", "cnn_explorer.core.errors"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "cnn_explorer", *arguments],
        capture_output=True, text=True, check=False, env=kept | environment,
    )  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_that_without_a_display_one_line_says_what_to_do() -> None:
    done = run()
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "no display" in line
    assert "cnn-explorer demo" in line


def test_that_a_missing_model_is_one_line_and_no_window() -> None:
    done = run("gui", "missing.h5", QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "There is no file missing.h5" in line


def test_that_a_home_where_nothing_can_be_kept_is_one_line_and_no_window(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = run("gui", QT_QPA_PLATFORM="offscreen", CNN_EXPLORER_HOME=str(file))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"{file} cannot be written to" in line
