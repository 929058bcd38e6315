"""Model files that are odd without being hostile: names that TensorFlow refuses, files in use, paths that cannot be."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import NotBuiltError
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.engine.models.builder import first_line
from cnn_explorer.engine.opening import loader
from tests.engine.opening.hostile_files import small_model

NAMES = ("my conv", "Свёртка", "_private", "a:b>c", "\x1b[31m<b>\n", "\ud800")


def test_that_layers_of_any_name_are_computed_as_keras_does(tmp_path: Path) -> None:
    path = tmp_path / "names.h5"
    convolutions = [layers.Conv2D(2, 2, name=name) for name in NAMES[:-1]]
    model = keras.Sequential([keras.Input((8, 8, 1)), *convolutions], name="a model")
    model.save(path)
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 1), dtype=np.uint8)
    forward = open_model(path).forward(image)
    values = image[np.newaxis] / np.float32(255)
    for layer in convolutions:
        values = layer(values)
        np.testing.assert_allclose(forward.activations[layer.name], np.asarray(values)[0], rtol=1e-5, atol=1e-6)


def test_that_half_a_character_in_a_name_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "names.h5"
    small_model().save(path)
    with h5py.File(path, "r+") as file:
        text = file.attrs["model_config"]
        assert '"conv"' in text
        file.attrs["model_config"] = text.replace('"conv"', '"\\ud800"')
    assert NAMES[-1] in open_model(path).forward(np.zeros((12, 12, 1), np.uint8)).activations


def test_that_what_cannot_be_computed_at_all_says_why(tmp_path: Path) -> None:
    path = tmp_path / "wrong.h5"
    # Keras finds out only when there are real values.
    text = layers.Reshape((6, 6, 2), dtype="string")
    keras.Sequential([keras.Input((6, 6, 2)), text]).save(path)
    with pytest.raises(NotBuiltError, match=r"cannot be computed: .*reshape.* \(Reshape\)"):
        open_model(path)


def test_that_a_file_that_someone_writes_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.h5"
    small_model().save(path)

    def locked(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Unable to synchronously open file (unable to lock file)")

    monkeypatch.setattr(h5py, "File", locked)
    with pytest.raises(ExplorerError, match=r"small\.h5 is being written by another program\. Wait"):
        open_model(path)


def test_that_a_file_that_goes_away_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.h5"
    small_model().save(path)

    def gone(path: Path) -> Any:
        path.unlink()

    monkeypatch.setattr(loader, "require_regular_file", gone)
    with pytest.raises(ExplorerError, match="cannot be read: No such file"):
        open_model(path)


@pytest.mark.parametrize("path", [Path("a" * 300 + ".h5"), Path(__file__) / "model.h5"])
def test_that_a_path_that_cannot_be_is_told(path: Path) -> None:
    with pytest.raises(ExplorerError, match="cannot be read"):
        open_model(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Exception encountered when calling X.call().\n\n\x1b[1mToo small.\x1b[0m\n\nArguments", "Too small."),
        ("<class X> could not.\n\nException encountered: Error when deserializing class 'X' using config={}.\n\n"
         "Exception encountered: filters=-2", "filters=-2."),
        ("Graph execution error:\n\nDetected at node X\n<stack traces unavailable>\nOOM when", "OOM when."),
        ("name=\x1b]0;title\x07", "name=?]0;title?"),
        ("", "ValueError."),
    ],
)  # fmt: skip
def test_that_the_line_of_an_exception_is_the_one_that_says_something(text: str, said: str) -> None:
    assert first_line(ValueError(text)) == said
