"""``evaluate``: how well a model does on the images of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from cnn_explorer.commands import console
from cnn_explorer.commands.console import Column
from cnn_explorer.commands.loading import notes_on
from cnn_explorer.commands.models import opened
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.run.config import PreprocessingName
from cnn_explorer.engine.evaluating.evaluate import evaluate
from cnn_explorer.engine.models.losses import SPARSE


def run(
    model: Path,
    dataset: DatasetSpec,
    split: Literal["train", "test"],
    preprocessing: PreprocessingName | None,
    as_json: bool,
    trusted: bool = False,
) -> None:
    """Evaluate the model in ``model`` and print the figures. Raises ``ExplorerError``."""
    inspector, data = opened(model, dataset, preprocessing, trusted)
    assert data is not None
    images, labels = data.part(split)
    metadata = inspector.loaded.metadata
    loss = metadata.loss if metadata else SPARSE
    scores = evaluate(inspector.loaded.model, inspector.preprocessing, images, labels, data.classes, loss=loss)
    assert scores is not None  # nobody stopped it
    document = scores.as_dict(data.classes)
    console.remark(*notes_on(data))
    if metadata is not None and metadata.fingerprint != data.fingerprint:
        console.remark(f"The model was trained on {metadata.dataset}, and not on these images of {data.name}.")
    if as_json:
        console.result_json(document)
    else:
        _show(document, split)


def _show(document: dict[str, Any], split: str) -> None:
    console.result(
        f"{document['count']:,} {split} images: accuracy {document['accuracy']:.4f}, loss {document['loss']:.4f}"
    )
    console.table(
        (
            Column("Class"), Column("Precision", right=True), Column("Recall", right=True), Column("F1", right=True),
            Column("Images", right=True),
        ),
        [
            (
                row["class"], f"{row['precision']:.4f}", f"{row['recall']:.4f}", f"{row['f1']:.4f}",
                f"{row['support']:,}",
            )
            for row in document["per_class"]
        ],
    )  # fmt: skip
    console.result("Confusion (row: true class, column: answer)")
    heads = (Column(""), *(Column(name, right=True) for name in document["classes"]))
    rows = zip(document["classes"], document["confusion"], strict=True)
    console.table(heads, [(name, *map(str, counts)) for name, counts in rows])
