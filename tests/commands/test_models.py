"""``evaluate``, ``activations``, ``summary``, ``export`` and ``demo``: what can be done with a trained model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from cnn_explorer.commands import demo
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.data.loading import load_dataset
from cnn_explorer.ui.shell.main_window import MainWindow
from cnn_explorer.window_picture import picture_of_window

LAYERS = ("Conv2D_1", "Max_Pool_1", "Conv2D_2", "Max_Pool_2", "Conv2D_3", "Flatten_1", "Dense_1", "Dense_2")

PLAIN_KERAS = """
import sys
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
image = np.load(sys.argv[2])["image"]
outputs = keras.Model(model.inputs, [layer.output for layer in model.layers]).predict(image[np.newaxis], verbose=0)
np.savez(sys.argv[3], **{layer.name: output for layer, output in zip(model.layers, outputs)})
assert "cnn_explorer" not in sys.modules
"""


def test_that_evaluate_needs_the_model_file_alone_and_repeats_the_last_result_of_the_run(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.h5"
    moved.write_bytes(trained.model.read_bytes())
    answer = cli("evaluate", moved, "--dataset", "mnist", "--json")
    assert (answer.code, answer.err) == (0, "")
    scores, epoch = answer.json, trained.answer.events[1]
    assert list(scores) == ["accuracy", "loss", "count", "confusion", "classes", "per_class"]
    assert scores["accuracy"] == epoch["val_accuracy"]
    assert scores["loss"] == pytest.approx(epoch["val_loss"], rel=1e-6)
    assert scores["count"] == 10_000
    confusion = np.array(scores["confusion"])
    assert np.trace(confusion) / confusion.sum() == scores["accuracy"]
    labels = load_dataset("mnist").test_labels
    assert confusion.sum(axis=1).tolist() == np.bincount(labels).tolist()
    assert scores["classes"] == list("0123456789")
    seven = scores["per_class"][7]
    assert list(seven) == ["class", "precision", "recall", "f1", "support"]
    assert seven["recall"] == pytest.approx(confusion[7, 7] / confusion[7].sum())
    assert seven["precision"] == pytest.approx(confusion[7, 7] / max(confusion[:, 7].sum(), 1))
    assert f"accuracy {scores['accuracy']:.4f}" in cli("evaluate", trained.folder, "--dataset", "mnist").out


def test_that_evaluate_says_when_the_images_are_not_those_of_the_training(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "others.npz"
    np.savez(path, images=rng.integers(0, 256, (20, 28, 28, 1), np.uint8), labels=np.repeat(np.arange(10), 2))
    answer = cli("evaluate", trained.folder, "--dataset", path, "--json")
    assert answer.json["count"] == 10
    assert "The model was trained on mnist, and not on these images of others." in answer.err


@pytest.mark.parametrize("split", ["shuffled", pytest.param("stratified", marks=pytest.mark.slow)])
def test_that_test_images_of_another_split_stay_test_images(
    cli: Callable[..., Any], tmp_path: Path, split: str
) -> None:
    out = tmp_path / "run"
    options = ("--preset", "mnist-mlp", "--dataset", "mnist", "--train-limit", 200, "--epochs", 1)
    trained = cli("train", *options, "--split", split, "--split-seed", 5, "--out", out, "--json")
    answer = cli("evaluate", out / "model.h5", "--dataset", "mnist", "--json")
    assert answer.json["accuracy"] == trained.events[1]["val_accuracy"]
    assert answer.err == f"The images are split as in the model's training: {split}, seed 5.\n"


@pytest.mark.slow
def test_that_activations_are_those_of_plain_keras_for_every_layer(
    cli: Callable[..., Any], trained: Any, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    files = {layer: tmp_path / f"{layer}.npz" for layer in LAYERS}
    for layer, path in files.items():
        answer = cli("activations", trained.folder, "--layer", layer, "--dataset", "mnist", "--index", 3, "--out", path)
        assert (answer.code, answer.out, answer.err) == (0, f"{path}\n", "")
    plain = tmp_path / "plain.npz"
    environment = {key: value for key, value in clean_environment.items() if key != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-I", "-c", PLAIN_KERAS, trained.model, files["Conv2D_1"], plain], env=environment, check=True,
        capture_output=True,
    )  # fmt: skip
    with np.load(plain) as expected:
        assert set(expected) == set(LAYERS)
        for layer, path in files.items():
            with np.load(path) as found:
                assert found["activations"].shape == expected[layer].shape
                assert found["activations"].dtype == np.float32
                assert str(found["layer"]) == layer
                np.testing.assert_allclose(found["activations"], expected[layer], rtol=0, atol=1e-5)


def test_that_the_picture_of_a_layer_is_its_grid(cli: Callable[..., Any], trained: Any, tmp_path: Path) -> None:
    path = tmp_path / "maps.png"
    where = ("--dataset", "mnist", "--split", "train", "--index", 59_999)
    options = ("--columns", 16, "--colormap", "gray", "--scale", "standardized")
    assert cli("activations", trained.model, "--layer", "Conv2D_1", *where, *options, "--out", path).code == 0
    with Image.open(path) as picture:
        side = 3 * 26  # maps of 26×26, enlarged to 64 pixels or more
        assert picture.size == (16 * (side + 1) - 1, 2 * (side + 1) - 1)
    answer = cli("activations", trained.model, "--layer", "Conv2D_1", *where, "--out", path)
    assert answer.refusal == f"{path} exists already. Choose another path, or use --force to replace it."
    before = path.read_bytes()
    assert cli("activations", trained.model, "--layer", "Dense_1", *where, "--out", path, "--force").code == 0
    assert path.read_bytes() != before


def test_that_a_table_and_a_picture_with_a_legend_are_written_too(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    choose = ("activations", trained.model, "--layer", "Max_Pool_2", "--dataset", "mnist", "--index", 3, "--out")
    table, plain, legend, numbers = (tmp_path / name for name in ("a.csv", "a.npz", "a.png", "n.png"))
    assert cli(*choose, table).out == f"{table}\n"
    cli(*choose, plain)
    rows = np.loadtxt(table, delimiter=",", skiprows=1)
    number, row, column = rows[:, :3].astype(int).T
    with np.load(plain) as expected:
        assert len(rows) == expected["activations"].size
        np.testing.assert_array_equal(expected["activations"][0, row, column, number], rows[:, 3].astype(np.float32))
    assert cli(*choose, legend, "--pixels", 7, "--legend", "--scale", "all").code == 0
    assert cli(*choose, numbers, "--pixels", 7, "--numbers", "--columns", 4).code == 0
    with Image.open(legend) as picture:
        assert picture.width == 26 * 13 + 2 * 13  # as wide as a legend needs: the maps have 8 * 36 - 1
    with Image.open(numbers) as picture:
        assert picture.width == 4 * 36 - 1
        assert picture.height > 16 * 36 - 1 + 16 * 12


def test_that_a_report_is_one_page_on_the_model_and_the_image(
    cli: Callable[..., Any], trained: Any, foreign: Path, tmp_path: Path
) -> None:
    path, image = tmp_path / "report.html", tmp_path / "digit.png"
    answer = cli("report", trained.folder, "--dataset", "mnist", "--index", 3, "--out", path)
    assert (answer.code, answer.out, answer.err) == (0, f"{path}\n", "")
    page = path.read_text(encoding="utf-8")
    for words in (*LAYERS, "96,844", "Image test-3, as it is", "0 (true class)", f"Keras {keras.__version__}"):
        assert words in page, words
    assert page.count("data:image/png;base64,") > len(LAYERS)
    assert len(page) < 1_000_000
    refused = cli("report", trained.folder, "--dataset", "mnist", "--index", 3, "--out", path)
    assert refused.refusal == f"{path} exists already. Choose another path, or use --force to replace it."
    Image.fromarray(load_dataset("mnist").test_images[3, :, :, 0]).save(image)
    assert cli("report", foreign, "--image", image, "--out", path, "--force").code == 0
    page = path.read_text(encoding="utf-8")
    assert "left, right" in page  # where the sum takes its values
    assert "does not say how images are prepared" in page


def test_that_an_image_file_is_taken_as_the_image_of_the_data_set(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    Image.fromarray(load_dataset("mnist").test_images[3, :, :, 0]).save(tmp_path / "digit.png")
    from_file, from_dataset = tmp_path / "a.npz", tmp_path / "b.npz"
    choose = ("activations", trained.model, "--layer", "Dense_2")
    cli(*choose, "--image", tmp_path / "digit.png", "--out", from_file)
    cli(*choose, "--dataset", "mnist", "--index", 3, "--out", from_dataset)
    with np.load(from_file) as one, np.load(from_dataset) as other:
        np.testing.assert_array_equal(one["activations"], other["activations"])
        np.testing.assert_array_equal(one["image"], other["image"])


def test_that_dark_ink_on_paper_is_told_of_and_inverted_only_if_asked(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    digit = load_dataset("mnist").test_images[3]
    paper = tmp_path / "paper.png"
    Image.fromarray(255 - digit[:, :, 0]).save(paper)
    choose = ("activations", trained.model, "--layer", "Dense_2", "--out")
    told = cli(*choose, tmp_path / "a.npz", "--image", paper)
    assert told.code == 0
    assert told.err == f"{paper} looks like dark ink on bright paper: --invert makes it bright on dark, as MNIST is.\n"
    silent = cli(*choose, tmp_path / "b.npz", "--image", paper, "--invert")
    assert (silent.code, silent.err) == (0, "")
    cli(*choose, tmp_path / "c.npz", "--dataset", "mnist", "--index", 3)
    with np.load(tmp_path / "b.npz") as one, np.load(tmp_path / "c.npz") as other:
        np.testing.assert_array_equal(one["image"], other["image"])
    refused = cli(*choose, tmp_path / "d.npz", "--dataset", "mnist", "--index", 3, "--invert")
    assert refused.refusal.startswith("--invert has no place without --image.")


def test_that_models_of_others_get_a_guess_that_is_told_and_can_be_overruled(
    cli: Callable[..., Any], foreign: Path, tmp_path: Path
) -> None:
    choose = ("activations", foreign, "--layer", "sum", "--dataset", "mnist", "--index", 0, "--force")
    guessed = cli(*choose, "--out", tmp_path / "a.npz")
    assert guessed.err == f"{foreign} does not say how images are prepared: guessing --preprocessing scale.\n"
    said = cli(*choose, "--out", tmp_path / "b.npz", "--preprocessing", "none")
    assert (said.code, said.err) == (0, "")
    raw = load_dataset("mnist").test_images[0]
    with np.load(tmp_path / "a.npz") as a, np.load(tmp_path / "b.npz") as b:
        np.testing.assert_allclose(a["image"], raw / 255, atol=1e-6)
        np.testing.assert_array_equal(b["image"], raw)
    assert cli("evaluate", foreign, "--dataset", "mnist", "--preprocessing", "standardize", "--json").err == ""


def test_that_the_summary_of_a_model_file_is_that_of_its_network(cli: Callable[..., Any], trained: Any) -> None:
    expected = cli("summary", "--preset", "mnist-simple", "--json").json
    assert cli("summary", trained.model, "--json").json == expected
    assert cli("summary", trained.folder, "--json").json == expected


def test_that_the_summary_of_a_graph_says_what_is_known(cli: Callable[..., Any], foreign: Path) -> None:
    summary = cli("summary", foreign, "--json").json
    params = (9 + 1) * 3 + (1 + 1) * 3 + (28 * 28 * 3 + 1) * 10
    assert (summary["total_params"], summary["trainable_params"]) == (params, params)
    assert {layer["name"]: layer["output_shape"] for layer in summary["layers"]}["sum"] == [28, 28, 3]
    macs = [layer["macs"] for layer in summary["layers"]]
    assert sum(macs) == 28 * 28 * (9 * 3 + 1 * 3 + 3 * 10)
    assert cli("summary", foreign).code == 0


def test_that_doctor_says_what_the_program_runs_on(cli: Callable[..., Any]) -> None:
    report = cli("doctor", "--json").json
    assert report["versions"]["keras"] == keras.__version__
    assert report["default_device"] in {device["name"] for device in report["devices"]}
    assert report["gpu_note"].endswith(".")
    assert report["window_note"].endswith(".")
    assert report["gpu"]["has_driver"] in (True, False)
    assert (report["gpu"]["needs_cuda"] == "") is not tf.test.is_built_with_cuda()
    assert set(report["paths"]) == {"runs", "cache", "datasets", "settings", "resources"}
    assert report["datasets"]["mnist"] == "bundled"
    text = cli("doctor").out
    for words in (keras.__version__, report["gpu_note"], report["paths"]["runs"], report["datasets"]["digits"], "CPU"):
        assert words in text


@pytest.mark.slow
def test_that_the_demo_leaves_model_grids_and_a_picture_of_the_window(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "CONFIG", TrainingConfig(epochs=1, train_limit=128, test_limit=64))
    out = tmp_path / "demo"
    answer = cli("demo", "--out", out)
    assert answer.code == 0
    _, *paths = answer.out.splitlines()
    grids = [out / "activations" / f"{number}-{layer}.png" for number, layer in enumerate(LAYERS, start=1)]
    assert [Path(path) for path in paths] == [out / "model.h5", *grids, out / "window.png"]
    assert "on the first 128 of 60,000 images" in answer.err
    assert keras.models.load_model(out / "model.h5", compile=False).count_params() == 96_844
    with Image.open(grids[0]) as picture:
        assert picture.size == (8 * 79 - 1, 4 * 79 - 1)
    with Image.open(out / "window.png") as picture:
        assert picture.size == (1280, 800)
        assert len(picture.convert("RGB").getcolors(100_000) or ()) > 100  # maps in colours, not an empty window
    assert cli("demo", "--out", out).refusal.startswith(f"{out} exists already.")


@pytest.mark.slow
def test_that_a_window_that_fails_says_so_at_once(
    trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ExplorerError, match="There is no file"):
        picture_of_window(tmp_path / "nosuch.h5", tmp_path / "window.png")

    def broken(window: MainWindow, path: Path) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(MainWindow, "open_path", broken)
    hook = sys.excepthook
    with pytest.raises(RuntimeError, match="a defect"):
        picture_of_window(trained.model, tmp_path / "window.png")
    assert sys.excepthook is hook
    assert list(tmp_path.iterdir()) == []
