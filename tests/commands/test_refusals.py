"""What cannot be done with a model is said in one line, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest


@pytest.fixture(scope="module")
def bad_files(trained: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that are no models."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "truncated.h5").write_bytes(trained.model.read_bytes()[:50_000])
    (folder / "text.h5").write_text("no model")
    (folder / "empty.h5").touch()
    (folder / "folder").mkdir()
    (folder / "text.png").write_text("no image")
    model = keras.models.load_model(trained.model, compile=False)
    model.save_weights(folder / "only.weights.h5")
    return folder


_ACTIVATIONS = ("activations", "{model}", "--out", "{new}.npz", "--layer")
_IMAGE = ("--dataset", "mnist", "--index", "0")
REFUSED = {
    "missing file": (("evaluate", "nosuch.h5", "--dataset", "mnist"), "There is no file nosuch.h5."),
    "truncated": (("evaluate", "{bad}/truncated.h5", "--dataset", "mnist"), "{bad}/truncated.h5 is damaged: "),
    "weights only": (("evaluate", "{bad}/only.weights.h5", "--dataset", "mnist"), "{bad}/only.weights.h5 holds"),
    "text": (("summary", "{bad}/text.h5"), "{bad}/text.h5 is not a model file"),
    "empty": (("summary", "{bad}/empty.h5"), "{bad}/empty.h5 is empty."),
    "no run": (("summary", "{bad}/folder"), "{bad}/folder"),
    "unknown data set": (("evaluate", "{model}", "--dataset", "emnist"), 'There is no data set "emnist".'),
    "unknown layer": (
        (*_ACTIVATIONS, "Conv2D_9", *_IMAGE),
        'The model has no layer "Conv2D_9". Its layers are: Conv2D_1, Max_Pool_1, Conv2D_2, Max_Pool_2, Conv2D_3, '
        "Flatten_1, Dense_1, Dense_2.",
    ),
    "index too large": (
        (*_ACTIVATIONS, "Conv2D_1", "--dataset", "mnist", "--index", "10000"),
        "--index 10000 is out of range: mnist has 10,000 test images. Give an index from 0 to 9999.",
    ),
    "index below 0": ((*_ACTIVATIONS, "Conv2D_1", "--dataset", "mnist", "--index", "-1"), "--index -1 is out of range"),
    "no image": ((*_ACTIVATIONS, "Conv2D_1"), "Which image? Give --dataset and --index, or --image."),
    "no index": ((*_ACTIVATIONS, "Conv2D_1", "--dataset", "mnist"), "Which image?"),
    "two images": ((*_ACTIVATIONS, "Conv2D_1", "--image", "x.png", *_IMAGE), "--image and --dataset with --index name"),
    "image of text": ((*_ACTIVATIONS, "Conv2D_1", "--image", "{bad}/text.png"), "{bad}/text.png could not be read"),
    "fit on one image": (
        (*_ACTIVATIONS, "Conv2D_1", "--image", "x.png", "--preprocessing", "standardize"),
        "--preprocessing standardize is fitted on a data set",
    ),
    "other suffix": (
        ("activations", "{model}", "--layer", "Conv2D_1", *_IMAGE, "--out", "{new}.jpg"),
        "{new}.jpg does not say what to write. Let its name end in .png, .npz or .csv.",
    ),
    "existing file": (
        ("activations", "{model}", "--layer", "Conv2D_1", *_IMAGE, "--out", "{bad}/text.png"),
        "{bad}/text.png exists already.",
    ),
    "no folder": (
        ("activations", "{model}", "--layer", "Conv2D_1", *_IMAGE, "--out", "{new}/a.png"),
        "{new}/a.png could not be written: the folder {new} does not exist.",
    ),
    "unknown colours": ((*_ACTIVATIONS, "Conv2D_1", *_IMAGE, "--colormap", "pink"), 'There is no colour map "pink".'),
    "unknown scale": (
        (*_ACTIVATIONS, "Conv2D_1", *_IMAGE, "--scale", "x"),
        'There is no scale "x". Choose one of: map, layer, all, standardized.',
    ),
    "too many pixels": (
        (*_ACTIVATIONS, "Conv2D_1", *_IMAGE, "--pixels", "33"), "Invalid value for '--pixels'",
    ),
    "no room for numbers": (
        ("activations", "{model}", "--layer", "Conv2D_3", *_IMAGE, "--out", "{new}.png", "--pixels", "1", "--numbers"),
        "The maps are too small for numbers.",
    ),
    "report without image": (("report", "{model}", "--out", "{new}.html"), "Which image?"),
    "report of another kind": (
        ("report", "{model}", *_IMAGE, "--out", "{new}.pdf"),
        "{new}.pdf does not say what to write. Let its name end in .html or .htm.",
    ),
    "report in no folder": (
        ("report", "{model}", *_IMAGE, "--out", "{new}/r.html"),
        "{new}/r.html could not be written: the folder {new} does not exist.",
    ),
    "no columns": ((*_ACTIVATIONS, "Conv2D_1", *_IMAGE, "--columns", "0"), "Invalid value for '--columns'"),
    "table of a model": (("export", "{model}", "--to", "csv", "--out", "{new}.csv"), "{model} is not the folder of a"),
    "log of a model": (
        ("export", "{model}", "--to", "tensorboard", "--out", "{new}"), "{model} is not the folder of a run.",
    ),
    "log of no run": (("export", "{bad}/folder", "--to", "tensorboard", "--out", "{new}"), "{bad}/folder is not the"),
    "name of a format": (
        ("export", "{model}", "--to", "keras", "--out", "{new}.h5"), "{new}.h5 does not say what to write.",
    ),
    "existing export": (
        ("export", "{model}", "--to", "h5", "--out", "{bad}/text.h5"), "{bad}/text.h5 exists already.",
    ),
    # Of these the preprocessing is a guess, which is worth a line, but not beside a refusal.
    "unknown layer of others": (
        ("activations", "{foreign}", "--out", "{new}.npz", "--layer", "x", *_IMAGE), 'The model has no layer "x".',
    ),
    "image of text for others": (
        ("report", "{foreign}", "--out", "{new}.html", "--image", "{bad}/text.png"), "{bad}/text.png could not be read",
    ),
    "code of a graph": (
        ("export", "{foreign}", "--to", "keras-code", "--out", "{new}.py"), 'The layer "sum" is of the type Add.',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_that_wrong_input_is_answered_by_one_line_and_leaves_nothing(
    cli: Callable[..., Any], trained: Any, bad_files: Path, foreign: Path, tmp_path: Path, case: str
) -> None:
    names = {"bad": bad_files, "model": trained.model, "foreign": foreign, "new": tmp_path / "new"}
    arguments, expected = REFUSED[case]
    before = {path: path.stat().st_mtime_ns for path in bad_files.rglob("*")}
    assert cli(*(word.format(**names) for word in arguments)).refusal.startswith(expected.format(**names))
    assert list(tmp_path.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in bad_files.rglob("*")} == before


@pytest.mark.slow
def test_that_a_real_process_says_one_line_too(process: Callable[..., Any], bad_files: Path) -> None:
    path = bad_files / "truncated.h5"
    assert process("evaluate", path, "--dataset", "mnist").refusal.startswith(f"{path} is damaged: ")
