from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model
from cnn_explorer.engine.inspecting.predictions import predict


@pytest.fixture(scope="module")
def inspector(finished: Any) -> Inspector:
    return open_model(finished.folder)


def test_that_each_image_gets_the_class_and_confidence_of_a_forward_pass(
    inspector: Inspector, toy: Dataset, finished: Any
) -> None:
    predictions = predict(inspector, toy, "test")
    outputs = np.array([inspector.forward(image).prediction for image in toy.test_images[:]])
    np.testing.assert_array_equal(predictions.predictions, outputs.argmax(axis=1))
    np.testing.assert_allclose(predictions.confidences, outputs.max(axis=1), rtol=1e-5)
    assert predictions.predictions.dtype == np.int64
    assert predictions.confidences.dtype == np.float32
    assert (predictions.split, predictions.fingerprint) == ("test", toy.fingerprint)
    assert predictions.model == Path(finished.folder) / "model.h5"
    accuracy = (predictions.predictions == toy.test_labels).mean()
    assert accuracy == pytest.approx(finished.said.epochs[-1].val_accuracy)


def test_that_images_of_another_split_are_predicted_in_its_order(inspector: Inspector, toy: Dataset) -> None:
    official = np.concatenate([predict(inspector, toy, part).predictions for part in ("train", "test")])
    drawn = split_again(toy, "shuffled", 3)
    np.testing.assert_array_equal(predict(inspector, drawn, "train").predictions, official[drawn.train])


def test_that_predicting_tells_how_far_it_is_and_can_be_ended(inspector: Inspector, toy: Dataset) -> None:
    heard: list[tuple[str, int, int]] = []

    def watch(what: str, done: int, total: int) -> None:
        heard.append((what, done, total))
        if done >= 64:
            raise CancelledError(f"{what} was cancelled.")

    with pytest.raises(CancelledError):
        predict(inspector, toy, "test", watch)
    assert heard == [("Judging 70 images", 0, 70), ("Judging 70 images", 64, 70)]


def test_that_a_data_set_of_other_classes_is_refused(inspector: Inspector, toy: Dataset) -> None:
    with pytest.raises(ExplorerError, match="3 values for an image, the data set has 4 classes"):
        predict(inspector, replace(toy, classes=(*toy.classes, "none")), "test")
