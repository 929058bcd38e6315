"""What a model says of every image of a data set: for the gallery, which shows right and wrong, and how sure it was."""

from __future__ import annotations

import tensorflow as tf

from cnn_explorer.core.model.info import Predictions
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.evaluating.evaluate import evaluate
from cnn_explorer.engine.inspecting.inspector import Inspector
from cnn_explorer.engine.models.losses import SPARSE


def predict(inspector: Inspector, dataset: Dataset, split: str, watch: Watch = unwatched) -> Predictions:
    """Judge all images of ``split``, ``train`` or ``test``, of ``dataset`` as it is split.

    ``watch`` hears how far it is several times a second and may end it. Raises ``ExplorerError`` if the model takes
    other images, or does not end in one value for each class.
    """
    images, labels = dataset.part(split)

    def report(done: int, count: int) -> None:
        watch(f"Judging {count:,} images", done, count)

    report(0, len(labels))
    with tf.device(inspector.device):
        # The loss is of no interest here, and any model with a value for each class has the sparse one.
        scores = evaluate(
            inspector.loaded.model, inspector.preprocessing, images, labels, dataset.classes, report=report, loss=SPARSE
        )
    assert scores is not None  # that is for those who ask for a stop; a watch raises
    return Predictions(split, scores.predictions, scores.confidences, inspector.info.path, dataset.fingerprint)
