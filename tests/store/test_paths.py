"""Where things are kept, in all the ways in which the program can be installed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store import paths


def test_that_a_resource_of_the_checkout_is_found() -> None:
    found = paths.resource("datasets", "mnist.npz")
    assert found == Path(__file__).parents[2] / "resources" / "datasets" / "mnist.npz"


def test_that_a_wheel_brings_its_resources_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "cnn_explorer"
    (package / "resources").mkdir(parents=True)
    (package / "resources" / "a.txt").write_text("wheel")
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert paths.resource("a.txt").read_text() == "wheel"


def test_that_a_frozen_executable_finds_its_resources_where_it_was_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "a.txt").write_text("frozen")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resource("a.txt").read_text() == "frozen"


def test_that_a_missing_resource_is_named_with_a_way_out() -> None:
    with pytest.raises(ExplorerError) as caught:
        paths.resource("datasets", "nothing.npz")
    assert "resources/datasets/nothing.npz" in caught.value.message
    assert "Install" in caught.value.hint


def test_that_one_variable_moves_runs_caches_and_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path))
    assert paths.runs_dir() == tmp_path / "runs"
    assert paths.cache_dir() == tmp_path / "cache"
    assert paths.datasets_dir() == tmp_path / "cache" / "datasets"
    assert paths.settings_file() == tmp_path / "settings.json"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [None, ""])
def test_that_without_the_variable_the_systems_places_are_used(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("CNN_EXPLORER_HOME")
    else:
        monkeypatch.setenv("CNN_EXPLORER_HOME", value)
    for path in (paths.runs_dir(), paths.cache_dir(), paths.settings_file()):
        assert path.is_absolute()
        assert "cnn-explorer" in path.parts
    assert paths.runs_dir().name == "runs"


class _Clock(datetime):
    @classmethod
    def now(cls) -> _Clock:
        return cls(2026, 11, 21, 10, 15, 30)


def test_that_a_new_run_folder_bears_time_and_name_and_never_exists_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "datetime", _Clock)
    names = []
    for _ in range(3):
        folder = paths.new_run_folder("mnist-simple", tmp_path)
        names.append(folder.name)
        folder.mkdir()
    assert names == [
        "2026-11-21_10-15-30_mnist-simple",
        "2026-11-21_10-15-30_mnist-simple-2",
        "2026-11-21_10-15-30_mnist-simple-3",
    ]


def test_that_a_dangling_link_counts_as_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "datetime", _Clock)
    paths.new_run_folder("net", tmp_path).symlink_to(tmp_path / "gone")
    assert paths.new_run_folder("net", tmp_path).name.endswith("_net-2")


def test_that_runs_go_to_the_users_folder_by_default() -> None:
    assert paths.new_run_folder("net").parent == paths.runs_dir()


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("../../etc/passwd", "_etc-passwd"),
        ("my net: 1/2", "_my-net-1-2"),
        ("ziffern_größer", "_ziffern_größer"),
        ("...", "_run"),
        ("", "_run"),
        ("数" * 300, "_" + "数" * 40),
    ],
)
def test_that_any_name_of_a_network_gives_a_plain_folder_name(tmp_path: Path, name: str, end: str) -> None:
    folder = paths.new_run_folder(name, tmp_path)
    assert folder.parent == tmp_path
    assert folder.name.endswith(end)
    assert len(os.fsencode(folder.name)) < 255
    folder.mkdir()


def test_that_paths_need_no_heavy_library() -> None:
    code = "import sys, cnn_explorer.store.paths; print({'numpy', 'PySide6', 'sklearn', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_that_data_sets_of_packages_are_looked_for_where_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_DIRS", f"{tmp_path}:relative::/usr/share")
    assert paths.system_datasets_dirs() == (tmp_path / "datasets", Path("/usr/share/datasets"))
    monkeypatch.delenv("XDG_DATA_DIRS")
    assert paths.system_datasets_dirs()[-1] == Path("/usr/share/datasets")


def test_that_places_that_do_not_exist_yet_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(tmp_path / "a" / "b"))
    paths.require_places()
    assert list(tmp_path.iterdir()) == []


def test_that_a_place_where_nothing_can_be_kept_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("CNN_EXPLORER_HOME", str(file / "home"))
    with pytest.raises(ExplorerError, match="Nothing can be kept in") as caught:
        paths.require_places()
    assert f"{file} cannot be written to" in caught.value.message
    assert "CNN_EXPLORER_HOME" in caught.value.hint
