"""What someone drops on the window or names on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.ui.opening import Opening, opening


@pytest.mark.parametrize("name", ["a.h5", "a.keras", "A.H5", "a.hdf5"])
def test_that_models_are_known_by_their_suffix(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    assert opening(path) == Opening("model", path)


def test_that_a_json_file_is_an_architecture(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.touch()
    assert opening(path) == Opening("architecture", path)


def test_that_a_run_folder_means_its_model(tmp_path: Path) -> None:
    (tmp_path / "run.json").touch()
    with pytest.raises(ExplorerError, match=r"no model\.h5 yet"):
        opening(tmp_path)
    (tmp_path / "model.h5").touch()
    assert opening(tmp_path) == Opening("model", tmp_path / "model.h5")


def test_that_everything_else_is_refused_with_a_way_out(tmp_path: Path) -> None:
    picture = tmp_path / "digit.png"
    picture.touch()
    for path, message in ((picture, "not a file that"), (tmp_path, "not a run"), (tmp_path / "x.h5", "no file")):
        with pytest.raises(ExplorerError, match=message) as caught:
            opening(path)
        assert caught.value.hint
