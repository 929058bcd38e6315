"""Files of Keras 2, and what Keras 2 computed for them (``tests/fixtures/make_tf_keras_models.py``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnn_explorer.engine.graph.calls import maps_last
from cnn_explorer.engine.inspecting.inspector import Inspector, open_model

FOLDER = Path(__file__).parents[2] / "fixtures" / "tf_keras"
NAMES = sorted(path.stem for path in FOLDER.glob("*.h5"))


@pytest.fixture(scope="module", params=NAMES)
def opened(request: pytest.FixtureRequest) -> tuple[Inspector, dict[str, np.ndarray]]:
    """A model and the arrays of Keras 2."""
    with np.load(FOLDER / f"{request.param}.npz") as file:
        return open_model(FOLDER / f"{request.param}.h5"), dict(file)


def test_that_the_fixtures_are_all_there() -> None:
    assert len(NAMES) == 8


def test_that_every_layer_gives_what_keras_2_computed(opened: tuple[Inspector, dict[str, np.ndarray]]) -> None:
    inspector, truth = opened
    first = inspector.info.name == "channels_first"
    images = {
        number: np.ascontiguousarray(maps_last(truth.pop(f"input_{number}"), first))
        for number in range(len(inspector.info.inputs))
    }
    forward = inspector.forward_all(images)
    assert set(forward.activations) == set(truth)
    for name, expected in truth.items():
        values = forward.activations[name]
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, maps_last(expected, first), rtol=1e-5, atol=1e-5, err_msg=name)
        layer = inspector.info.layer(name)
        assert layer is not None
        assert layer.output_shape == values.shape
    last = forward.activations[inspector.info.outputs[0]]
    np.testing.assert_array_equal(forward.prediction, last)


def test_that_random_nodes_of_every_layer_are_explained(opened: tuple[Inspector, dict[str, np.ndarray]]) -> None:
    inspector, _ = opened
    rng = np.random.default_rng(1)
    images = {
        number: rng.integers(0, 256, each.shape, dtype=np.uint8) for number, each in enumerate(inspector.info.inputs)
    }
    forward = inspector.forward_all(images)
    for name, values in forward.activations.items():
        node = tuple(int(rng.integers(size)) for size in values.shape)
        step = inspector.step(forward, name, node)
        assert step.output == values[node]
        np.testing.assert_allclose(step.work.value, step.output, rtol=1e-5, atol=1e-5, err_msg=name)


def test_that_what_was_repaired_is_told() -> None:
    assert any("counted from 0" in note for note in open_model(FOLDER / "nested.h5").info.notes)
    assert any("groups" in note for note in open_model(FOLDER / "separable.h5").info.notes)
    assert any("rng_type" in note for note in open_model(FOLDER / "transfer.h5").info.notes)
    assert any("math.truediv" in note for note in open_model(FOLDER / "operations.h5").info.notes)
