from __future__ import annotations

import gc
import resource
from pathlib import Path

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf

from cnn_explorer.core.network.architecture import Architecture
from cnn_explorer.core.run.config import TrainingConfig
from cnn_explorer.core.run.control import RunControl
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.training import cleanup as module
from cnn_explorer.engine.training.cleanup import apply_gradients_directly, cleaned_up
from cnn_explorer.engine.training.trainer import resume, train

CONFIG = TrainingConfig(epochs=1, batch_size=32, train_limit=64, test_limit=32)


def remains() -> tuple[int, int]:
    """Graphs and models that are in memory now; the program collected its garbage itself."""
    found = gc.get_objects()
    return (
        sum(isinstance(one, tf.Graph) for one in found),
        sum(isinstance(one, keras.Model) for one in found),
    )


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_that_a_run_leaves_no_graph_and_no_model_in_memory(
    tmp_path: Path, toy: Dataset, noisy_network: Architecture, precision: str, listener
) -> None:
    config = msgspec.structs.replace(CONFIG, precision=precision)
    train(noisy_network, config, toy, tmp_path / "first", listener(), RunControl())
    before = remains()
    train(noisy_network, config, toy, tmp_path / "run", listener(), RunControl())
    assert remains() == before
    resume(tmp_path / "run", toy, listener(), RunControl(), epochs=2)
    assert remains() == before


@pytest.mark.skipif(module._trim is None, reason="the C library has no word for it")
def test_that_freed_memory_goes_back_to_the_system_however_the_run_ends() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    blocks = [bytearray(b"x" * 65_536) for _ in range(2000)]
    last = blocks.pop()  # holds what lies below it: the C library by itself gives back only the end of its heap
    high = resident()
    del blocks
    with pytest.raises(KeyError), cleaned_up():
        raise KeyError
    assert high - resident() > 100 * 2**20
    assert len(last) == 65_536


@pytest.mark.parametrize("automatic", [True, False])
def test_that_it_collects_only_where_python_would(monkeypatch: pytest.MonkeyPatch, automatic: bool) -> None:
    collected = list[None]()
    monkeypatch.setattr(gc, "isenabled", lambda: automatic)
    monkeypatch.setattr(gc, "collect", lambda: collected.append(None))
    with cleaned_up():
        assert not collected
    assert len(collected) == automatic


@pytest.mark.parametrize("scaled", [False, True])
def test_that_gradients_applied_directly_do_what_keras_does(scaled: bool) -> None:
    results = []
    for directly in (False, True):
        variable = keras.Variable(np.ones(3, np.float32))
        optimizer = keras.optimizers.Adam(0.1)
        if scaled:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        optimizer.build([variable])
        if directly:
            apply_gradients_directly(optimizer)
        for step in range(3):
            optimizer.apply([tf.constant([1.0, -2.0, 0.5 * step])], [variable])
        results.append(variable.numpy())
    np.testing.assert_array_equal(*results)
