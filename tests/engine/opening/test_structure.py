from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import LIMITS, FileLimits
from cnn_explorer.core.model.info import NotBuiltError, StoredWeight
from cnn_explorer.engine.opening.checks.config import excess, objection, parse_config
from cnn_explorer.engine.opening.checks.hdf5 import StoredArray
from cnn_explorer.engine.opening.loader import load_model_file
from cnn_explorer.engine.opening.repairs.keras2 import repair
from cnn_explorer.engine.opening.skeleton import build_skeleton
from cnn_explorer.engine.opening.structure import structure_of


@keras.saving.register_keras_serializable(package="tests")
class Doubling(keras.layers.Layer):
    """A layer of someone's own, with a weight."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        self.factor = self.add_weight(shape=(1,), initializer="ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


def own_layer_model() -> keras.Model:
    image = keras.Input((6, 6, 1), name="image")
    inner_input = keras.Input((6, 6, 1), name="inside")
    inner = keras.Model(inner_input, keras.layers.Conv2D(2, 3, name="conv")(inner_input), name="inner")
    return keras.Model(image, Doubling(name="own")(inner(image)), name="mine")


@pytest.mark.parametrize("name", ["model.h5", "model.keras"])
def test_that_a_model_with_layers_of_someones_own_is_shown(tmp_path: Path, name: str) -> None:
    model = own_layer_model()
    model.save(tmp_path / name)
    with pytest.raises(NotBuiltError, match="Doubling") as raised:
        load_model_file(tmp_path / name)
    shown = raised.value.structure
    assert (shown.name, shown.path) == ("mine", tmp_path / name)
    assert shown.reason == raised.value.message
    assert shown.total_params == model.count_params() == 21
    # .h5 keeps the weights of a model within the model in one group.
    owner = "inner" if name.endswith(".h5") else "inner/conv"
    assert [(layer.name, layer.params) for layer in shown.layers if layer.params] == [(owner, 20), ("own", 1)]
    kinds = {layer.name: layer.type for layer in shown.layers}
    assert kinds["inner/conv"] == "Conv2D"
    assert kinds["own"].endswith("Doubling")
    conv = next(layer for layer in shown.layers if layer.name == "inner/conv")
    assert dict(conv.config)["kernel_size"] == "[3, 3]"


def test_that_weights_have_their_names_shapes_and_types(tmp_path: Path) -> None:
    own_layer_model().save(tmp_path / "model.h5")
    with pytest.raises(NotBuiltError) as raised:
        load_model_file(tmp_path / "model.h5")
    inner = next(layer for layer in raised.value.structure.layers if layer.name == "inner")
    assert sorted((weight.shape, weight.dtype) for weight in inner.weights) == [
        ((2,), "float32"),
        ((3, 3, 1, 2), "float32"),
    ]
    assert any("kernel" in weight.name for weight in inner.weights)


def test_that_weights_of_no_known_layer_are_shown_too() -> None:
    arrays = [
        _array("/model_weights/gone/gone/kernel:0", (2, 3)),
        _array("/optimizer_weights/m", (9,)),
        _array("/layers/dense/vars/0", (4,)),
    ]
    shown = structure_of(Path("a.h5"), None, arrays, "why", {})
    assert [(layer.name, layer.type) for layer in shown.layers] == [("gone", ""), ("dense", "")]
    assert shown.layers[0].weights == (StoredWeight("kernel", (2, 3), "float32"),)
    assert shown.total_params == 10


def _array(name: str, shape: tuple[int, ...]) -> StoredArray:
    return StoredArray(name, shape, "float32", 4 * int(np.prod(shape)))


def test_that_a_skeleton_takes_no_memory_and_leaves_nothing_behind() -> None:
    dense = {"class_name": "Dense", "config": {"name": "out", "units": 10**9}}
    start = {"class_name": "InputLayer", "config": {"batch_shape": [None, 1000], "name": "in"}}
    config = {"class_name": "Sequential", "config": {"name": "large", "layers": [start, dense]}}
    assert build_skeleton(config).params == 10**12 + 10**9  # 4 TB
    # Keras would give memory to all that wait for it when the next layer finds out its shape.
    assert keras.layers.Dense(2)(keras.Input((3,))).shape == (None, 2)


def test_that_a_user_can_raise_a_limit(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((20, 20, 1)), keras.layers.Conv2D(4, 3), keras.layers.Conv2D(4, 3)])
    model.save(tmp_path / "model.h5")
    for strict in (
        FileLimits(activations=100),
        FileLimits(calls=2),
        FileLimits(config_bytes=100),
        FileLimits(weight_bytes=100),
    ):
        with pytest.raises(ExplorerError, match="the limit is"):
            load_model_file(tmp_path / "model.h5", strict)
    np.testing.assert_array_equal(load_model_file(tmp_path / "model.h5").model.get_weights()[0], model.get_weights()[0])


def test_that_a_model_of_large_depth_counts_each_layer_once() -> None:
    layers = [
        {"class_name": "Conv2D", "config": {"name": f"c{i}", "kernel_initializer": _glorot()}} for i in range(1400)
    ]
    config = {"class_name": "Sequential", "config": {"name": "deep", "layers": layers}}
    assert objection(config) is None
    assert excess(config, LIMITS) is None
    assert excess(config, FileLimits(calls=1399)) == "calls 1,400 layers; the limit is 1,399"


def _glorot() -> dict[str, Any]:
    return {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {}, "registered_name": None}


def test_that_an_optimizer_of_someones_own_is_no_obstacle(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3)])
    model.compile("adam", "mse")
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["compile_config"]["optimizer"]["class_name"] = "MyOwn"
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert load_model_file(tmp_path / "model.keras").model.input_shape == (None, 8, 8, 1)


def one_of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words.split())


KEYS = one_of(
    "class_name config module name layers inbound_nodes registered_name function layer batch_input_shape axis mode "
    "activation dtype groups unroll time_major value type keras_history build_input_shape concat_axis"
)
WORDS = one_of(
    "Sequential Functional Conv2D Dense Lambda function keras.layers builtins os relu add InputLayer Merge sum "
    "Convolution2D BatchNormalization LSTM ndarray Policy Bidirectional ReLU"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_that_any_json_is_looked_at_without_a_failure(config: Any) -> None:
    repaired, _ = repair(config)
    reason = objection(repaired)
    assert reason is None or "\n" not in reason
    if reason is None:
        assert excess(repaired, LIMITS) is None
    structure_of(Path("a.h5"), config, [], "why")


@settings(max_examples=100, deadline=None)
@given(st.text() | st.binary() | JSON.map(json.dumps))
def test_that_any_text_is_json_or_refused(text: str | bytes) -> None:
    try:
        wanted = json.loads(text)
    except ValueError:
        with pytest.raises(ExplorerError, match="file is damaged: its architecture is not JSON"):
            parse_config(text, "file", LIMITS)
    else:
        assert json.dumps(parse_config(text, "file", LIMITS)) == json.dumps(wanted)  # as text: NaN is not itself


def test_that_a_file_of_old_weights_without_an_architecture_says_so(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv"]
        file["conv/kernel"] = np.zeros(3, np.float32)
    with pytest.raises(ExplorerError, match="holds weights only"):
        load_model_file(tmp_path / "a.h5")
