"""``export``: a run or a model as code, in another format, as a table, as a log for TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cnn_explorer.data.loading import load_dataset
from cnn_explorer.engine.inspecting.inspector import open_model
from cnn_explorer.export.script.keras_script import training_script
from cnn_explorer.store.runs import RunFolder


@pytest.mark.slow
def test_that_an_export_of_a_run_as_code_is_its_training_script(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    out = tmp_path / "train.py"
    assert cli("export", trained.folder, "--to", "keras-code", "--out", out).code == 0
    record = RunFolder(trained.folder).read()
    assert out.read_text() == training_script(record.architecture, record.training, "mnist")


def test_that_an_export_of_a_model_as_code_builds_the_same_network(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    out = tmp_path / "network.py"
    assert cli("export", trained.model, "--to", "keras-code", "--out", out).code == 0
    names: dict[str, Any] = {}
    exec(compile(out.read_text(), str(out), "exec"), names)
    original = keras.models.load_model(trained.model, compile=False)
    assert names["model"].name == original.name
    built, saved = ([json.dumps(layer.get_config()) for layer in model.layers] for model in (names["model"], original))
    assert built == saved


def test_that_models_go_from_one_format_to_the_other_and_back_without_loss(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    there, back = tmp_path / "model.keras", tmp_path / "model.h5"
    assert cli("export", trained.folder, "--to", "keras", "--out", there).out == f"{there}\n"
    assert cli("export", there, "--to", "h5", "--out", back).code == 0
    image = load_dataset("mnist").test_images[0]
    first, last = open_model(trained.model), open_model(back)
    assert (last.info.preprocessing, last.info.classes) == (first.info.preprocessing, first.info.classes)
    assert not last.info.preprocessing_is_guess
    np.testing.assert_array_equal(first.forward(image).prediction, last.forward(image).prediction)


def test_that_the_exported_table_is_the_history_of_the_run(
    cli: Callable[..., Any], trained: Any, tmp_path: Path
) -> None:
    out = tmp_path / "epochs.csv"
    assert cli("export", trained.folder, "--to", "csv", "--out", out).code == 0
    assert out.read_bytes() == (trained.folder / "history.csv").read_bytes()


def test_that_the_exported_log_is_read_by_tensorboard(cli: Callable[..., Any], trained: Any, tmp_path: Path) -> None:
    out = tmp_path / "log"
    assert cli("export", trained.folder, "--to", "tensorboard", "--out", out).out == f"{out}\n"
    (epoch,) = RunFolder(trained.folder).history()
    found = {}
    for part in ("train", "validation"):
        reader = EventAccumulator(str(out / part))
        reader.Reload()
        found[part] = {tag: reader.Scalars(tag)[-1].value for tag in reader.Tags()["scalars"]}
    assert found["train"]["epoch_loss"] == np.float32(epoch.loss)
    assert found["train"]["batch_learning_rate"] == np.float32(0.001)
    assert found["validation"] == {
        "epoch_loss": np.float32(epoch.val_loss), "epoch_accuracy": np.float32(epoch.val_accuracy),
    }  # fmt: skip
    for options in ((), ("--force",)):
        answer = cli("export", trained.folder, "--to", "tensorboard", "--out", out, *options)
        assert answer.refusal == f"{out} exists already. Choose a folder that does not exist yet."
