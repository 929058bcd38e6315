"""The command line on models of others: graphs, files of Keras 2, files that ask for too much or hold code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from cnn_explorer.core.model.file_limits import FileLimits
from cnn_explorer.core.network.presets import preset
from cnn_explorer.engine.inspecting import inspector as activations
from cnn_explorer.engine.models.builder import build
from tests.engine.opening.hostile_files import FILES, small_model

TF_KERAS = Path(__file__).parents[1] / "fixtures" / "tf_keras"


def test_that_a_nested_model_of_keras_2_is_summed_up_and_its_repair_told(cli: Callable[..., Any]) -> None:
    answer = cli("summary", TF_KERAS / "nested.h5", "--json")
    assert answer.code == 0
    assert "counted from 0" in answer.err
    document = answer.json
    assert set(document) == {
        "name", "input_shape", "total_params", "trainable_params", "layers", "problems",
    }  # fmt: skip
    assert [layer["name"] for layer in document["layers"]] == [
        "inner/deepest/conv", "inner/relu", "inner#2/deepest/conv", "inner#2/relu", "flat", "out",
    ]  # fmt: skip
    assert sum(layer["params"] for layer in document["layers"]) == document["total_params"]
    second = document["layers"][2]
    assert second == {
        "name": "inner#2/deepest/conv", "type": "Conv2D", "output_shape": [10, 10, 3], "params": 0, "macs": 100 * 36,
        "receptive_field": [3, 3], "jump": [1, 1],
    }  # fmt: skip


def test_that_several_inputs_and_outputs_are_told(cli: Callable[..., Any]) -> None:
    answer = cli("summary", TF_KERAS / "two_inputs.h5")
    assert answer.code == 0
    assert "It takes 2 inputs: left 8×8×1, right 10×10×3." in answer.err
    assert "It has 2 outputs: first, second." in answer.err


def test_that_a_model_that_is_not_built_is_shown_and_refused(cli: Callable[..., Any], tmp_path: Path) -> None:
    FILES["lambda"].make(tmp_path / "lambda.h5")
    answer = cli("summary", tmp_path / "lambda.h5", "--json", "--trust")
    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert "Lambda" in line
    document = answer.json
    assert [(layer["type"], layer["params"]) for layer in document["layers"]][1:3] == [("Lambda", 0), ("Conv2D", 40)]
    assert document["problems"][0]["message"] in line
    table = cli("summary", tmp_path / "lambda.h5")
    assert table.code == 2
    assert "343 parameters" in table.out


def test_that_names_in_a_file_cannot_write_what_a_terminal_obeys(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "names.h5"
    names = ("\x1b]0;title\x07", "\x9b31m<script>x\n\r", "\u202enoc")
    convolutions = [keras.layers.Conv2D(2, 2, name=name) for name in names]
    keras.Sequential([keras.Input((8, 8, 1)), *convolutions], name="\x1b[2J").save(path)
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "image.png")
    common = (path, "--image", tmp_path / "image.png")
    told = [
        cli("summary", path), cli("export", path, "--to", "keras-code", "--out", tmp_path / "code.py"),
        cli("activations", *common, "--layer", "none", "--out", tmp_path / "a.png"),
        cli("report", *common, "--out", tmp_path / "page.html"),
    ]  # fmt: skip
    assert [answer.code for answer in told] == [0, 2, 2, 0]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (page, *(answer.out + answer.err for answer in told)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "<script" not in page
    assert "]0;title?" in told[0].out


def test_that_a_path_that_is_too_long_is_refused_in_a_sentence(cli: Callable[..., Any]) -> None:
    for arguments in (("summary",), ("export", "--to", "h5", "--out", "new.h5"), ("evaluate", "--dataset", "mnist")):
        assert "File name too long" in cli(*arguments, f"{'a' * 300}.h5").refusal


def test_that_trust_lifts_a_limit(cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_model().save(tmp_path / "small.h5")
    monkeypatch.setattr(activations, "LIMITS", FileLimits(activations=10))
    answer = cli("summary", tmp_path / "small.h5", "--json")
    assert answer.code == 2
    assert "--trust" in answer.err
    assert cli("summary", tmp_path / "small.h5", "--trust").code == 0
    choose = ("activations", tmp_path / "small.h5", "--layer", "conv", "--out", tmp_path / "a.npz", "--image")
    np.save(tmp_path / "image.npy", np.zeros((12, 12, 1), np.uint8))
    refused = cli(*choose, tmp_path / "image.npy")
    assert "--trust" in refused.err


def test_that_weights_are_summed_up_with_their_network(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "some.weights.h5"
    small_model().save_weights(path)
    assert "name the network" in cli("summary", path).refusal
    assert "do not fit" in cli("summary", path, "--preset", "mnist-simple").refusal
    own = tmp_path / "own.weights.h5"
    build(preset("mnist-simple").architecture, seed=1).save_weights(own)
    answer = cli("summary", own, "--preset", "mnist-simple", "--json")
    assert (answer.code, answer.json["total_params"]) == (0, 96_844)
