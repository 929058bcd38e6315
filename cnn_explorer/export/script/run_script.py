"""A run as a Keras script that repeats it."""

from __future__ import annotations

from cnn_explorer.export.script.keras_script import training_script
from cnn_explorer.store.runs import RunFolder


def run_script(run: RunFolder) -> str:
    """The script of ``export.script.keras_script``, with everything that this run did. Raises ``ExplorerError``.

    A run that began with the weights of another file, and not of its seed, has a copy of them: the script reads that.
    """
    record = run.read()
    weights = str(run.initial_weights.resolve()) if record.initial_weights else None
    dataset = record.dataset
    return training_script(
        record.architecture, record.training, dataset.name, weights, record.rate_changes, dataset.spec
    )
