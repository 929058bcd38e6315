from __future__ import annotations

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.preprocessing import Preprocessing, fit_preprocessing
from cnn_explorer.engine.evaluating.evaluate import Scores, evaluate
from cnn_explorer.engine.models.builder import build


@pytest.fixture(scope="module")
def preprocessing(toy: Dataset) -> Preprocessing:
    return fit_preprocessing("standardize", toy.train_images)


@pytest.fixture(scope="module")
def model(network: Architecture) -> keras.Sequential:
    return build(network, seed=4)


@pytest.fixture(scope="module")
def scores(model: keras.Sequential, preprocessing: Preprocessing, toy: Dataset) -> Scores:
    result = evaluate(model, preprocessing, toy.test_images, toy.test_labels, toy.classes)
    assert result is not None
    return result


def test_that_loss_and_accuracy_are_those_of_keras_with_the_penalties(
    scores: Scores, model: keras.Sequential, preprocessing: Preprocessing, toy: Dataset
) -> None:
    prepared = preprocessing.apply(toy.test_images)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = model.evaluate(prepared, toy.test_labels, verbose=0)
    assert float(model.losses[0]) > 0.001
    assert scores.loss == pytest.approx(loss, rel=1e-5)
    assert scores.accuracy == pytest.approx(accuracy, rel=1e-6)
    predicted = np.asarray(model(prepared)).argmax(axis=1)
    np.testing.assert_array_equal(scores.predictions, predicted)
    assert scores.accuracy == (predicted == toy.test_labels).sum() / 70


def test_that_the_document_counts_every_image_once(scores: Scores, toy: Dataset) -> None:
    document = scores.as_dict(toy.classes)
    assert document["count"] == 70
    assert document["classes"] == ["left", "middle", "right"]
    confusion = np.array(document["confusion"])
    np.testing.assert_array_equal(confusion, confusion_matrix(toy.test_labels, scores.predictions, labels=[0, 1, 2]))
    assert confusion.sum() == 70
    assert np.trace(confusion) / 70 == document["accuracy"]
    for index, row in enumerate(document["per_class"]):
        right, of_class, as_class = confusion[index, index], confusion[index].sum(), confusion[:, index].sum()
        assert row["class"] == toy.classes[index]
        assert row["support"] == of_class
        assert row["recall"] == pytest.approx(right / of_class)
        assert row["precision"] == pytest.approx(right / as_class if as_class else 0.0)


def test_that_a_class_which_never_occurs_is_no_warning() -> None:
    scores = Scores(0.5, np.array([0, 0, 1]), np.array([0, 1, 1]), np.ones(3, np.float32))
    per_class = scores.as_dict(("a", "b", "c"))["per_class"]
    assert per_class[2] == {"class": "c", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0}


def test_that_the_same_model_gets_the_same_digits_again(
    scores: Scores, model: keras.Sequential, preprocessing: Preprocessing, toy: Dataset
) -> None:
    again = evaluate(model, preprocessing, toy.test_images, toy.test_labels, toy.classes)
    assert again is not None
    assert again.loss == scores.loss


def test_that_an_evaluation_reports_its_progress_and_can_be_stopped(
    model: keras.Sequential, preprocessing: Preprocessing, toy: Dataset
) -> None:
    heard: list[tuple[int, int]] = []

    def report(done: int, count: int) -> None:
        heard.append((done, count))

    arguments = (model, preprocessing, toy.test_images, toy.test_labels, toy.classes)
    assert evaluate(*arguments, report=report) is not None
    assert heard == [(64, 70), (70, 70)]
    assert evaluate(*arguments, stop=lambda: True, report=report) is None
    assert heard[2:] == [(64, 70)]


def test_that_images_or_classes_which_do_not_fit_the_model_are_refused(
    model: keras.Sequential, preprocessing: Preprocessing, toy: Dataset
) -> None:
    with pytest.raises(ExplorerError, match="images of 12×12×1, the data set has 9×9×1"):
        evaluate(model, preprocessing, np.zeros((2, 9, 9, 1), np.uint8), toy.test_labels[:2], toy.classes)
    with pytest.raises(ExplorerError, match="3 values for an image, the data set has 4 classes"):
        evaluate(model, preprocessing, toy.test_images, toy.test_labels, (*toy.classes, "none"))
