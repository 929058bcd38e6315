"""The generated scripts at work, with Keras and without this program: one as people start it, the others together."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from cnn_explorer.core.network.architecture import Architecture, Conv2D, Dense, Flatten
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import preset
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.events import LearningRateChanged
from cnn_explorer.core.run.schedules import schedule_of
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import fit_preprocessing
from cnn_explorer.data.split import Parts, prepare_split
from cnn_explorer.export.script.keras_script import training_script

SMALL = Architecture(
    name="small",
    input_shape=(28, 28, 1),
    layers=(
        Conv2D(name="c", filters=2, kernel_size=(3, 3), strides=(4, 4), activation="relu"),
        Flatten(name="f"),
        Dense(name="d", units=10, activation="softmax"),
    ),
)
STANDING = TrainingConfig(epochs=4, batch_size=16, learning_rate=1e-12, plateau_patience=1)
"""Nothing changes with such a learning rate: every epoch after the first is one without an improvement."""
CONFIGS = {
    # First, because it sets what can be set only before TensorFlow computes.
    "runtime": TrainingConfig(
        epochs=1, batch_size=16, optimizer="sgd", momentum=0.9, nesterov=True, regularizer="l1_l2",
        regularizer_scope="all", preprocessing="scale", split="shuffled", split_seed=3, train_limit=32, test_limit=8,
        device="cpu", precision="mixed_bfloat16", jit_compile="off", intra_op_threads=2, inter_op_threads=1,
    ),
    "none": TrainingConfig(epochs=1, warmup_steps=7, optimizer="adamw", weight_decay=0.02),
    "power": TrainingConfig(
        epochs=1, schedule="power", warmup_steps=7, decay_rate=0.5, preprocessing="standardize_image",
        split="stratified", split_seed=5,
    ),
    "exponential": TrainingConfig(
        epochs=1, schedule="exponential", decay_rate=0.5, decay_steps=9, warmup_steps=7,
        preprocessing="standardize_channel",
    ),
    "cosine": TrainingConfig(
        epochs=1, schedule="cosine", decay_steps=30, warmup_steps=7, preprocessing="scale_signed", augment_noise=0.1,
    ),
    "piecewise": TrainingConfig(
        epochs=1, schedule="piecewise", boundaries=(10, 20), values=(0.5, 0.25), warmup_steps=7,
        class_weight="custom", class_weight_values=tuple(number / 4 for number in range(10)),
    ),
    "plateau": msgspec.structs.replace(STANDING, reduce_on_plateau="val_loss", plateau_factor=0.5),
    "plateau of a schedule": msgspec.structs.replace(
        STANDING, reduce_on_plateau="val_accuracy", plateau_factor=0.5, min_learning_rate=1e-13, schedule="power",
        decay_rate=0.125,
    ),
    "changed": msgspec.structs.replace(STANDING, epochs=1),
    "changed schedule": msgspec.structs.replace(STANDING, epochs=1, schedule="power", decay_rate=0.125),
    "early": msgspec.structs.replace(STANDING, early_stopping="val_loss", patience=2),
    # Last, because operations stay deterministic.
    "augmented": TrainingConfig(
        epochs=2, batch_size=16, loss="categorical_crossentropy", label_smoothing=0.1, class_weight="balanced",
        augment_shift=0.1, augment_rotation=10, augment_zoom=0.1, augment_flip="both", augment_noise=0.05,
        validation_split=0.2, split_seed=3, deterministic=True,
    ),
}  # fmt: skip
CHANGE = LearningRateChanged(epoch=1, step=3, learning_rate=0.5e-12, reason="asked")
"""Made in the runs whose names begin with "changed"."""
STEPS = (0, 1, 3, 6, 7, 8, 10, 16, 17, 18, 25, 27, 28, 36, 37, 38, 100)
DRIVER = f"""
import os, pickle, runpy, sys, keras, numpy as np
results, home = {{}}, os.getcwd()
for name in sys.argv[1:]:
    os.makedirs(name)
    os.chdir(name)
    keras.config.set_dtype_policy("float32")
    sys.argv = ["train.py", "../digits.npz"]
    found = runpy.run_path(f"../{{name}}.py")
    os.chdir(home)
    optimizer = found["model"].optimizer
    results[name] = {{
        "rate": float(optimizer.learning_rate),
        "batches": int(optimizer.iterations),
        "weight_decay": optimizer.weight_decay,
        "rates": [float(found["schedule"](step)) for step in {STEPS}] if "schedule" in found else None,
        "restored": keras.models.load_model(f"{{name}}/model.h5").count_params(),
        "augmented": np.array(found["augment"](found["x_train"], 0)[0]) if "augment" in found else None,
        **{{key: found[key] for key in found if key[:2] in ("x_", "y_") or key == "class_weight"}},
    }}
pickle.dump(results, open("results.pickle", "wb"))
"""


@pytest.fixture(scope="module")
def digits() -> Dataset:
    """Images that a network can tell apart at once, more of some classes than of others."""
    rng = np.random.default_rng(0)
    parts: list[Any] = []
    for count in (64, 16):
        labels = np.minimum(rng.integers(0, 14, count), 9)
        images = rng.integers(0, 50, (count, 28, 28, 1), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[:, 2 * label : 2 * label + 3] = 255
        parts += [images, labels]
    return Dataset.of_parts("digits", "Digits", tuple("0123456789"), "", *parts)


def save(digits: Dataset, path: Path) -> None:
    """Write a file like Keras' mnist.npz."""
    np.savez(
        path, x_train=digits.train_images[..., 0], y_train=digits.train_labels.astype(np.uint8),
        x_test=digits.test_images[..., 0], y_test=digits.test_labels.astype(np.uint8),
    )  # fmt: skip


def test_that_a_script_without_a_file_says_how_it_is_called() -> None:
    script = training_script(preset("mnist-mlp").architecture, TrainingConfig(), "MNIST")
    start = script.index("if len(sys.argv)")
    first = script[start : script.index("with np.load")]
    with pytest.raises(SystemExit, match=r"^usage: python train.py DATA.npz"):
        exec(first, {"sys": SimpleNamespace(argv=["train.py"], exit=sys.exit)})


@pytest.mark.slow
def test_that_a_script_trains_and_saves_the_same_network(digits: Dataset, tmp_path: Path) -> None:
    save(digits, tmp_path / "mnist.npz")
    architecture = preset("mnist-simple").architecture
    script = tmp_path / "train.py"
    script.write_text(training_script(architecture, TrainingConfig(epochs=1), "mnist"), encoding="utf-8")
    assert "cnn_explorer" not in script.read_text(encoding="utf-8")

    run = subprocess.run(
        [sys.executable, "train.py", "mnist.npz"], cwd=tmp_path, capture_output=True, text=True, timeout=240
    )

    assert run.returncode == 0, run.stderr
    assert re.search(r"val_accuracy: [01]\.\d+", run.stdout)
    assert "1/1" in run.stdout  # batches of the epoch
    with h5py.File(tmp_path / "model.h5") as file:
        weights: dict[str, int] = {}
        for name, group in file["model_weights"].items():
            group.visititems(
                lambda _, item, name=name: weights.__setitem__(
                    name, weights.get(name, 0) + (item.size if isinstance(item, h5py.Dataset) else 0)
                )
            )
    expected = {facts.name: facts.params for facts in infer(architecture).layers if facts.params}
    assert {name: count for name, count in weights.items() if count} == expected


@pytest.fixture(scope="module")
def results(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each script of ``CONFIGS`` leaves behind."""
    return _run_scripts(tuple(CONFIGS), digits, tmp_path_factory.mktemp("scripts"))


def _run_scripts(names: tuple[str, ...], digits: Dataset, folder: Path) -> dict[str, Any]:
    save(digits, folder / "digits.npz")
    for name in names:
        changes = [CHANGE] if name.startswith("changed") else []
        script = training_script(SMALL, CONFIGS[name], "digits", rate_changes=changes)
        (folder / f"{name}.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-c", DRIVER, *names]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stderr
    loaded: dict[str, Any] = np.load(folder / "results.pickle", allow_pickle=True)
    return loaded


def test_that_a_script_does_what_its_run_would_do(digits: Dataset, tmp_path: Path) -> None:
    found = _run_scripts(("power",), digits, tmp_path)["power"]
    assert found["restored"] == infer(SMALL).total_params
    assert found["rates"] == pytest.approx([schedule_of(CONFIGS["power"])(step) for step in STEPS], rel=1e-5)
    parts = prepare_split(digits, CONFIGS["power"])
    np.testing.assert_array_equal(found["y_train"], parts.train_labels)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_that_every_script_leaves_a_model_that_plain_keras_opens(results: dict[str, Any], name: str) -> None:
    assert results[name]["restored"] == infer(SMALL).total_params


@pytest.mark.slow
@pytest.mark.parametrize("name", ["none", "power", "exponential", "cosine", "piecewise"])
def test_that_the_rate_of_a_script_is_the_schedule_with_its_warm_up(results: dict[str, Any], name: str) -> None:
    expected = [schedule_of(CONFIGS[name])(step) for step in STEPS]
    assert results[name]["rates"] == pytest.approx(expected, rel=1e-5, abs=1e-10)
    assert results[name]["rate"] == pytest.approx(schedule_of(CONFIGS[name])(1), rel=1e-5)


@pytest.mark.slow
def test_that_a_plateau_lowers_the_rate_after_each_epoch_without_improvement(results: dict[str, Any]) -> None:
    assert results["plateau"]["batches"] == 4 * 4
    assert results["plateau"]["rate"] == pytest.approx(1e-12 * 0.5**3, rel=1e-5)


@pytest.mark.slow
def test_that_a_plateau_lowers_a_schedule_too_but_not_below_the_lowest_rate(results: dict[str, Any]) -> None:
    # After epochs 2, 3 and 4: half, then as much as reaches the lowest rate, then nothing.
    schedule = schedule_of(CONFIGS["plateau of a schedule"])
    factor = 1.0
    for step in (8, 12, 16):
        if (rate := schedule(step) * factor) > 1e-13:
            factor *= max(0.5, 1e-13 / rate)
    assert results["plateau of a schedule"]["rate"] == pytest.approx(schedule(16) * factor, rel=1e-5)
    assert factor < 0.5


@pytest.mark.slow
def test_that_a_rate_that_was_changed_by_hand_stays_changed_and_follows_its_schedule(results: dict[str, Any]) -> None:
    assert results["changed"]["rate"] == pytest.approx(0.5e-12, rel=1e-5)
    schedule = schedule_of(CONFIGS["changed schedule"])
    assert results["changed schedule"]["rate"] == pytest.approx(0.5e-12 * schedule(4) / schedule(2), rel=1e-5)


@pytest.mark.slow
def test_that_a_script_stops_early(results: dict[str, Any]) -> None:
    assert results["early"]["batches"] == 3 * 4  # the first epoch, and two that were no better


@pytest.mark.slow
def test_that_the_images_of_a_script_are_those_of_the_run(results: dict[str, Any], digits: Dataset) -> None:
    for name in ("runtime", "none", "power", "exponential", "cosine", "augmented"):
        found, config = results[name], CONFIGS[name]
        parts: Parts = prepare_split(digits, config)
        prepare = fit_preprocessing(config.preprocessing, parts.train_images)
        other = "val" if config.validation_split else "test"
        np.testing.assert_allclose(found[f"x_{other}"], prepare.apply(parts.validation_images[:]), rtol=1e-4, atol=1e-4)
        learnt = parts.train_images[:] if config.augments else prepare.apply(parts.train_images[:])
        np.testing.assert_allclose(found["x_train"], learnt, rtol=1e-4, atol=1e-4)
        labels = found["y_train"].argmax(axis=1) if found["y_train"].ndim == 2 else found["y_train"]
        np.testing.assert_array_equal(labels, parts.train_labels)


@pytest.mark.slow
def test_that_augmented_images_are_other_ones_within_the_range_of_bytes(
    results: dict[str, Any], digits: Dataset
) -> None:
    found = results["augmented"]
    parts = prepare_split(digits, CONFIGS["augmented"])
    prepare = fit_preprocessing("standardize", parts.train_images)
    images = found["augmented"] * prepare.scale + prepare.offset
    assert images.shape == parts.train_images.shape
    assert np.abs(images - parts.train_images[:]).mean() > 10
    assert images.min() >= -1e-3
    assert images.max() <= 255 + 1e-3


@pytest.mark.slow
def test_that_the_other_settings_arrive(results: dict[str, Any], digits: Dataset) -> None:
    assert results["none"]["weight_decay"] == 0.02
    assert results["runtime"]["batches"] == 32 // 16
    assert results["piecewise"]["class_weight"] == {number: number / 4 for number in range(10)}
    labels = prepare_split(digits, CONFIGS["augmented"]).train_labels
    present = np.unique(labels)
    expected = compute_class_weight("balanced", classes=present, y=labels)
    weights = results["augmented"]["class_weight"]
    assert [weights[number] for number in present] == pytest.approx(expected)
    assert results["augmented"]["y_val"].shape == (13, 10)
