"""The article's first figure, on all 70,000 images: what the small network reaches in five epochs."""

from __future__ import annotations

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
