"""The articles' figures on all 70,000 images: what their networks reach in a few epochs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_that_mnist_simple_reaches_the_article_s_accuracy(cli: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ("--preset", "mnist-simple", "--dataset", "mnist", "--epochs", 5, "--out", out, "--json")
    events = cli("train", *options).events
    epochs = [event for event in events if event["event"] == "epoch"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3, 4, 5]
    assert epochs[-1]["val_accuracy"] >= 0.987
    # 0.952, 0.9868, 0.9907, 0.9931, 0.9948 in the article; the order of images and the machine make the last digit.
    for epoch, expected in zip(epochs, (0.952, 0.9868, 0.9907, 0.9931, 0.9948), strict=True):
        assert epoch["accuracy"] == pytest.approx(expected, abs=0.005)
    scores = cli("evaluate", out / "model.h5", "--dataset", "mnist", "--json").json
    assert scores["accuracy"] == epochs[-1]["val_accuracy"]
    assert scores["count"] == 10_000


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_that_mnist_regularized_reaches_0_990_within_8_epochs(cli: Callable[..., Any], tmp_path: Path) -> None:
    # The article's settings; docs/results.md has all 80 epochs.
    settings = {
        "optimizer": "rmsprop", "momentum": 0.8, "learning_rate": 0.001, "batch_size": 64, "epochs": 8,
        "schedule": "power", "decay_steps": 1, "decay_rate": 0.001, "regularizer": "l2", "regularizer_strength": 0.001,
    }  # fmt: skip
    config = tmp_path / "article.json"
    config.write_text(json.dumps(settings))
    options = ("--preset", "mnist-regularized", "--dataset", "mnist", "--config", config, "--out", tmp_path / "run")
    epochs = [event for event in cli("train", *options, "--json").events if event["event"] == "epoch"]
    assert max(epoch["val_accuracy"] for epoch in epochs) >= 0.990
    # lr0 / (1 + 0.001 · step) after all 8 · 938 steps
    assert epochs[-1]["learning_rate"] == pytest.approx(0.001 / (1 + 0.001 * 7_504), rel=1e-6)
