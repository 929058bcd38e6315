"""``evaluate``: how well a model does on the images of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cnn_explorer.commands.arguments.dataset import reading_of, spec_of, with_reading_options, without_keywords
from cnn_explorer.commands.arguments.options import Json, ModelFile, Preparation, Split, Trust
from cnn_explorer.commands.output import console
from cnn_explorer.commands.output.console import Column
from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.run.config import PreprocessingName


@without_keywords
@with_reading_options
def evaluate(
    model: ModelFile,
    dataset: Annotated[str, typer.Option("--dataset", metavar="NAME|PATH", help="Which images: a name, or your own.")],
    split: Split = "test",
    preprocessing: Preparation = None,
    trust: Trust = False,
    as_json: Json = False,
    **keywords: str | None,
) -> None:
    """Say how well a model does on a data set: accuracy, confusion, figures for each class."""
    spec = spec_of(dataset, reading_of(keywords))
    document = _evaluated(model, spec, split, preprocessing, trust)
    if as_json:
        console.result_json(document)
    else:
        _show(document, split)


def _evaluated(
    model: Path, dataset: DatasetSpec, split: Literal["train", "test"], preprocessing: PreprocessingName | None,
    trusted: bool,
) -> dict[str, Any]:  # fmt: skip
    """The document of ``evaluate --json`` for the model in ``model``. Raises ``ExplorerError``."""
    from cnn_explorer.commands.arguments.loading import notes_on
    from cnn_explorer.commands.arguments.model import opened
    from cnn_explorer.engine.evaluating.evaluate import evaluate
    from cnn_explorer.engine.models.losses import SPARSE

    inspector, data = opened(model, dataset, preprocessing, trusted)
    assert data is not None
    images, labels = data.part(split)
    metadata = inspector.loaded.metadata
    loss = metadata.loss if metadata else SPARSE
    scores = evaluate(inspector.loaded.model, inspector.preprocessing, images, labels, data.classes, loss=loss)
    assert scores is not None  # nobody stopped it
    console.remark(*notes_on(data))
    if metadata is not None and metadata.fingerprint != data.fingerprint:
        console.remark(f"The model was trained on {metadata.dataset}, and not on these images of {data.name}.")
    return scores.as_dict(data.classes)


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
