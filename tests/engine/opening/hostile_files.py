"""Model files that mean harm, each made by one function; ``FILES`` says what must become of them.

A trap is a file that must not come to be (code that ran), a named pipe at which a reader would hang (a file that was
read), or a secret whose content must not be seen.
"""

from __future__ import annotations

import base64
import json
import marshal
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

Json = dict[str, Any]


def small_model() -> keras.Sequential:
    """The good model that most files are made from."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((12, 12, 1), name="input"),
            keras.layers.Conv2D(4, 3, activation="relu", name="conv"),
            keras.layers.MaxPooling2D(name="pool"),
            keras.layers.Flatten(name="flat"),
            keras.layers.Dense(3, activation="softmax", name="out"),
        ],
        name="small",
    )


def change_config(path: Path, change: Callable[[Json], Any]) -> None:
    """Rewrite the architecture in a ``.h5`` or ``.keras`` file; ``change`` alters it, or gives a new text."""
    if path.suffix == ".h5":
        with h5py.File(path, "a") as file:
            config = json.loads(file.attrs["model_config"])
            new = change(config)
            file.attrs["model_config"] = new if isinstance(new, str) else json.dumps(config)
        return
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    new = change(config)
    members["config.json"] = (new if isinstance(new, str) else json.dumps(config)).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def with_config(change: Callable[[Json, Path], Any]) -> Callable[[Path], None]:
    """A maker: the small model with another architecture. ``change`` gets the folder of the traps too."""

    def make(path: Path) -> None:
        small_model().save(path)
        change_config(path, lambda config: change(config, path.parent))

    return make


def with_file(change: Callable[[h5py.File, Path], None]) -> Callable[[Path], None]:
    """A maker: the small model as ``.h5`` with something done to its content."""

    def make(path: Path) -> None:
        small_model().save(path)
        with h5py.File(path, "a") as file:
            change(file, path.parent)

    return make


# Code of the file's author


def bytecode(folder: Path) -> str:
    """A function that leaves a trace, as Keras' Lambda layers carry it."""
    code = compile(f"lambda x: (open({str(folder / 'trace')!r}, 'w').close(), x)[1]", "lambda", "eval").co_consts[0]
    return base64.b64encode(marshal.dumps(code)).decode()


def lambda_layer(config: Json, folder: Path) -> None:
    function = {"class_name": "__lambda__", "config": {"code": bytecode(folder), "defaults": None, "closure": None}}
    config["config"]["layers"].insert(1, {"class_name": "Lambda", "config": {"name": "evil", "function": function}})


def old_lambda_layer(config: Json, folder: Path) -> None:
    inner = {"name": "evil", "function": [bytecode(folder), None, None], "function_type": "lambda"}
    config["config"]["layers"].insert(1, {"class_name": "Lambda", "config": inner})


def hidden_lambda(config: Json, folder: Path) -> None:
    """Within a wrapper, and within the settings of a layer that has no such setting."""
    lambda_layer(config, folder)
    layer = config["config"]["layers"].pop(1)
    config["config"]["layers"][1]["config"]["kernel_initializer"] = layer


def bare_lambda(config: Json, folder: Path) -> None:
    function = {"class_name": "__lambda__", "config": {"value": [bytecode(folder), None, None]}}
    config["config"]["layers"][1]["config"]["activation"] = function


def system_function(module: str, name: str) -> Callable[[Json, Path], None]:
    """``os.system`` as the activation, with a shell command as the layer's name, in each way to say it."""

    def change(config: Json, folder: Path) -> None:
        config["config"]["layers"][1]["config"]["activation"] = {
            "module": module, "class_name": "function", "config": name, "registered_name": name,
        }  # fmt: skip

    return change


def system_class(config: Json, folder: Path) -> None:
    evil = {"module": "os", "class_name": "system", "config": {"command": f"touch {folder / 'trace'}"}}
    config["config"]["layers"].insert(1, evil | {"registered_name": None})


def system_without_module(config: Json, folder: Path) -> None:
    config["config"]["layers"].insert(
        1, {"class_name": "os.system", "config": {"command": f"touch {folder / 'trace'}"}}
    )


def system_as_text(config: Json, folder: Path) -> None:
    config["config"]["layers"][1]["config"]["activation"] = "os.system"


def helper(module: str, name: str, **arguments: Any) -> Callable[[Json, Path], None]:
    """A function or class of Keras' own that is no layer, where a layer is expected."""

    def change(config: Json, folder: Path) -> None:
        given = {key: str(folder / value) if value == "secret" else value for key, value in arguments.items()}
        evil = {"module": module, "class_name": name, "config": given, "registered_name": name}
        config["config"]["layers"].insert(1, evil)

    return change


def legacy_helper(name: str) -> Callable[[Json, Path], None]:
    def change(config: Json, folder: Path) -> None:
        config["config"]["layers"].insert(1, {"class_name": name, "config": {"config": {"class_name": "Lambda"}}})

    return change


def helper_as_text(config: Json, folder: Path) -> None:
    config["config"]["layers"][1]["config"]["activation"] = "deserialize"


def compile_helper(config: Json, folder: Path) -> None:
    """Keras would build this only for training; it is never looked at here, so the model opens."""
    function = {"class_name": "function", "module": "os", "config": "system", "registered_name": "system"}
    config["compile_config"] = {"optimizer": function, "loss": function}


def vocabulary(config: Json, folder: Path) -> None:
    """A layer that reads the file that it is told."""
    secret = folder / "pipe"
    config["config"]["layers"].insert(1, {"class_name": "StringLookup", "config": {"vocabulary": str(secret)}})


# Other files


def pipe(folder: Path) -> str:
    """A named pipe: who opens it to read hangs."""
    os.mkfifo(folder / "pipe")
    return str(folder / "pipe")


def reading_vocabulary(path: Path) -> None:
    pipe(path.parent)
    with_config(vocabulary)(path)


def external_link(file: h5py.File, folder: Path) -> None:
    del file["model_weights/out"]
    file["model_weights/out"] = h5py.ExternalLink(pipe(folder), "/out")


def external_link_aside(file: h5py.File, folder: Path) -> None:
    """Where Keras never looks."""
    file["notes"] = h5py.ExternalLink(pipe(folder), "/out")


def external_link_as_ours(file: h5py.File, folder: Path) -> None:
    file["cnn_explorer"] = h5py.ExternalLink(pipe(folder), "/cnn_explorer")


def soft_link(file: h5py.File, folder: Path) -> None:
    del file["model_weights/out"]
    file["model_weights/out"] = h5py.SoftLink("/model_weights/conv")


def strange_link(file: h5py.File, folder: Path) -> None:
    """Its name would clear a terminal, and make two lines of one."""
    file["model_weights/a\x1b[2J\nb"] = h5py.SoftLink("/nowhere")


def dangling_link(file: h5py.File, folder: Path) -> None:
    file["model_weights/more"] = h5py.SoftLink("/nowhere")


def circle(file: h5py.File, folder: Path) -> None:
    file["model_weights/again"] = file["model_weights"]


def circle_of_root(file: h5py.File, folder: Path) -> None:
    file["model_weights/root"] = file["/"]


def kernel_path(file: h5py.File) -> str:
    """Where the dense layer's kernel lies."""
    found: list[str] = []
    file["model_weights"].visit(lambda name: found.append(name) if name.endswith("out/kernel") else None)
    return f"model_weights/{found[0]}"


def replace_kernel(file: h5py.File, **how: Any) -> None:
    name = kernel_path(file)
    shape = file[name].shape
    del file[name]
    file.create_dataset(name, **({"shape": shape, "dtype": "f4"} | how))


def external_storage(file: h5py.File, folder: Path) -> None:
    replace_kernel(file, external=[(pipe(folder), 0, h5py.h5f.UNLIMITED)])


def virtual(file: h5py.File, folder: Path) -> None:
    name = kernel_path(file)
    layout = h5py.VirtualLayout(file[name].shape, "f4")
    layout[:] = h5py.VirtualSource(pipe(folder), "data", file[name].shape)
    del file[name]
    file.create_virtual_dataset(name, layout)


# Bombs


def empty_array(file: h5py.File, folder: Path) -> None:
    """3.4 GiB that are declared and not there; Keras' own guard begins at 4."""
    replace_kernel(file, shape=(912_680_550,))


def empty_chunks(file: h5py.File, folder: Path) -> None:
    replace_kernel(file, shape=(300_000, 3_000), chunks=(1000, 1000), compression="gzip")


def huge_chunk(file: h5py.File, folder: Path) -> None:
    replace_kernel(file, shape=(100, 3), maxshape=(None, 3), chunks=(300_000_000, 3))


def many_empty_arrays(file: h5py.File, folder: Path) -> None:
    for index in range(60):
        file.create_dataset(f"model_weights/more{index}", (16_000_000,), "f4")


def many_groups(file: h5py.File, folder: Path) -> None:
    """Within the limit, and the model cannot be built: all of it is shown."""
    for index in range(4_900):
        file.create_dataset(f"model_weights/more{index}/kernel", (3,), "f4")
    file.attrs["model_config"] = file.attrs["model_config"].replace('"Conv2D"', '"Unknown"')


def too_many_groups(file: h5py.File, folder: Path) -> None:
    for index in range(20_000):
        file.create_group(f"model_weights/more{index}")


def packed(file: h5py.File, folder: Path) -> None:
    """400 MB of zeros that take 400 kB."""
    name = kernel_path(file)
    del file[name]
    zeros = np.zeros((1000, 1000), np.float32)
    data = file.create_dataset(name, (100_000, 1000), "f4", chunks=(1000, 1000), compression="gzip", compression_opts=9)
    for row in range(0, 100_000, 1000):
        data[row : row + 1000] = zeros


def aliased_texts(path: Path) -> None:
    """2,000 names that all point to one text of 4 MB: 8 GB to read, in a file of 4 MB."""
    small_model().save(path)
    with h5py.File(path, "a") as file:
        group = file["model_weights"]
        del group.attrs["layer_names"]
        group.attrs["long"] = "n" * 4_000_000
        group.attrs["layer_names"] = np.array([f"layer-name-{index:06}" for index in range(2000)], object)
    content = bytearray(path.read_bytes())
    # The reference of a text is its length (4 bytes), the place of its heap (8) and its number there (4).
    start = content.index(struct.pack("<I", 4_000_000))
    reference = bytes(content[start : start + 16])
    assert content[int.from_bytes(reference[4:12], "little") :].startswith(b"GCOL")
    place = 0
    while (place := content.find(struct.pack("<I", 17), place)) >= 0:
        heap = int.from_bytes(content[place + 4 : place + 12], "little")
        if content[heap : heap + 4] == b"GCOL":
            content[place : place + 16] = reference
        place += 1
    path.write_bytes(content)


def text_length(length: int) -> Callable[[Path], None]:
    """The architecture's text has another length where it is referred to than where it lies."""

    def make(path: Path) -> None:
        small_model().save(path)
        content = bytearray(path.read_bytes())
        with h5py.File(path) as file:
            told = struct.pack("<I", len(file.attrs["model_config"]))
        place = content.index(told)
        while content[int.from_bytes(content[place + 4 : place + 12], "little") :][:4] != b"GCOL":
            place = content.index(told, place + 1)
        content[place : place + 4] = struct.pack("<I", length)
        path.write_bytes(content)

    return make


def large_dense(config: Json, folder: Path) -> None:
    config["config"]["layers"][-1]["config"]["units"] = 25_000_000


def huge_dense(config: Json, folder: Path) -> None:
    config["config"]["layers"][-1]["config"]["units"] = 10**15


def slow_initializer(config: Json, folder: Path) -> None:
    """Orthogonal matrices of 12,000 × 12,000 take minutes to find."""
    layers = config["config"]["layers"]
    layers[-1]["config"].update(units=12_000, kernel_initializer={"class_name": "Orthogonal", "config": {}})
    layers.append(json.loads(json.dumps(layers[-1])))
    layers[-1]["config"]["name"] = "out2"


def large_input(config: Json, folder: Path) -> None:
    """No weight depends on it, and every look would take gigabytes."""
    layers = config["config"]["layers"]
    layers[0]["config"]["batch_shape"] = [None, 100_000, 100_000, 1]
    del layers[2:]


def deep_json(config: Json, folder: Path) -> str:
    return "[" * 200_000 + "]" * 200_000


def rather_deep_json(config: Json, folder: Path) -> None:
    part: Any = "x"
    for _ in range(300):
        part = [part]
    config["config"]["layers"][1]["config"]["more"] = part


def deep_models(config: Json, folder: Path) -> None:
    inner = config["config"]["layers"]
    for depth in range(40):
        inner = [{"class_name": "Sequential", "config": {"name": f"model{depth}", "layers": inner}}]
    config["config"]["layers"] = inner


def long_json(config: Json, folder: Path) -> str:
    return '{"class_name": "Sequential", "config": {"layers": [' + "[]," * 20_000_000 + "[]]}}"


def many_layers(config: Json, folder: Path) -> None:
    flat = config["config"]["layers"][3]
    for index in range(20_000):
        copy = json.loads(json.dumps(flat))
        copy["config"]["name"] = f"flat{index}"
        config["config"]["layers"].insert(4, copy)


def functional(name: str, layers: list[Json], outputs: str) -> Json:
    config = {"name": name, "layers": layers, "input_layers": [["input", 0, 0]], "output_layers": [[outputs, 0, 0]]}
    return {"class_name": "Functional", "name": name, "config": config}


def input_layer() -> Json:
    config = {"batch_shape": [None, 12, 12, 1], "dtype": "float32", "name": "input"}
    return {"class_name": "InputLayer", "name": "input", "config": config, "inbound_nodes": []}


def doubled_models(config: Json, folder: Path) -> None:
    """A model that calls a model twice, which calls a model twice …: 2 to the 30th calls in 20 kB."""
    relu = {"class_name": "ReLU", "name": "relu", "config": {"name": "relu"}, "inbound_nodes": [[["input", 0, 0, {}]]]}
    model = functional("model0", [input_layer(), relu], "relu")
    for depth in range(30):
        name = model["config"]["name"]
        model["inbound_nodes"] = [[["input", 0, 0, {}]], [[name, 1, 0, {}]]]
        outer = functional(f"model{depth + 1}", [input_layer(), model], name)
        outer["config"]["output_layers"] = [[name, 2, 0]]
        model = outer
    config.clear()
    config.update(model)


def wrapped_models(config: Json, folder: Path) -> None:
    """The same within a wrapper, twenty times: forwards and backwards each time."""
    layer: Json = {"class_name": "LSTM", "config": {"units": 1, "name": "lstm", "return_sequences": True}}
    for depth in range(20):
        layer = {"class_name": "Bidirectional", "config": {"name": f"both{depth}", "layer": layer}}
    config["config"]["layers"].insert(3, layer)


def backwards(config: Json, folder: Path) -> None:
    """A chain of layers that is written down from its end."""
    chain = []
    for index in range(1400):
        before = f"relu{index - 1}" if index else "input"
        chain.append(
            {"class_name": "ReLU", "name": f"relu{index}", "config": {"name": f"relu{index}"},
             "inbound_nodes": [[[before, 0, 0, {}]]]}
        )  # fmt: skip
    model = functional("backwards", [input_layer(), *reversed(chain)], "relu1399")
    config.clear()
    config.update(model)


def unrolled(config: Json, folder: Path) -> None:
    config["config"]["layers"][3:] = [
        {"class_name": "Reshape", "config": {"name": "steps", "target_shape": [100, 1]}},
        {"class_name": "TimeDistributed",
         "config": {"name": "many", "layer": {"class_name": "LSTMCell", "config": {"units": 1, "unroll": True}}}},
    ]  # fmt: skip


# What is not what it should be


def texts_as_weights(file: h5py.File, folder: Path) -> None:
    name = kernel_path(file)
    del file[name]
    file[name] = np.array(["x"] * 300, dtype=h5py.string_dtype())


def references_as_weights(file: h5py.File, folder: Path) -> None:
    name = kernel_path(file)
    del file[name]
    file.create_dataset(name, (300,), dtype=h5py.ref_dtype)


def records_as_weights(file: h5py.File, folder: Path) -> None:
    name = kernel_path(file)
    del file[name]
    file[name] = np.zeros(300, [("a", "f4"), ("b", "f4")])


def type_as_group(file: h5py.File, folder: Path) -> None:
    file["model_weights/kind"] = np.dtype("f4")


def number_as_config(file: h5py.File, folder: Path) -> None:
    file.attrs["model_config"] = 7.0


def names_as_numbers(file: h5py.File, folder: Path) -> None:
    file["model_weights"].attrs["layer_names"] = [1, 2, 3]


def array_as_group(file: h5py.File, folder: Path) -> None:
    del file["model_weights"]
    file["model_weights"] = np.zeros(3, np.float32)


def other_shape(file: h5py.File, folder: Path) -> None:
    replace_kernel(file, data=np.zeros((3, 100), np.float32), shape=None)


def strange_settings(config: Json, folder: Path) -> None:
    config["config"]["layers"][1]["config"].update(kernel_size=["a", None], strides={"x": 1}, filters="many")


def strange_layers(config: Json, folder: Path) -> None:
    config["config"]["layers"] = {"0": 7}


def strange_names(config: Json, folder: Path) -> None:
    config["config"]["layers"][1]["class_name"] = ["Conv2D", {"x": 1}]


def library_plugin(file: h5py.File, folder: Path) -> None:
    """A filter for which the HDF5 library would load a program library."""
    name = kernel_path(file)
    shape = file[name].shape
    del file[name]
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(shape)
    plist.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, (1, 2))
    h5py.h5d.create(file.id, name.encode(), h5py.h5t.NATIVE_FLOAT, h5py.h5s.create_simple(shape), plist)


# Archives


def with_members(**members: bytes) -> Callable[[Path], None]:
    """A maker: the small model as ``.keras`` with more members; ``__`` stands for what names cannot have."""

    def make(path: Path) -> None:
        small_model().save(path)
        with zipfile.ZipFile(path, "a") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("UP", "../").replace("ROOT", "/").replace("_", "."), content)

    return make


def symbolic_member(path: Path) -> None:
    small_model().save(path)
    info = zipfile.ZipInfo("assets")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc")


def second_config(path: Path) -> None:
    small_model().save(path)
    content = path.read_bytes()
    path.write_bytes(content)
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("config.jsox")
        archive.writestr(info, json.dumps({"class_name": "Lambda", "config": {}}))
    path.write_bytes(path.read_bytes().replace(b"config.jsox", b"config.json"))


def zip_bomb(name: str, size: int) -> Callable[[Path], None]:
    """A member of zeros that takes a thousandth of its size."""

    def make(path: Path) -> None:
        small_model().save(path)
        with zipfile.ZipFile(path) as archive:
            members = {member: archive.read(member) for member in archive.namelist() if member != name}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
            with archive.open(name, "w", force_zip64=True) as file:
                for _ in range(size >> 20):
                    file.write(bytes(1 << 20))

    return make


def external_in_archive(path: Path) -> None:
    small_model().save(path)
    weights = path.with_suffix(".tmp")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights.write_bytes(members["model.weights.h5"])
    with h5py.File(weights, "a") as file:
        file["layers/more"] = h5py.ExternalLink(pipe(path.parent), "/x")
    members["model.weights.h5"] = weights.read_bytes()
    weights.unlink()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def external_in_metadata(path: Path) -> None:
    small_model().save(path)
    inner = path.with_suffix(".tmp")
    with h5py.File(inner, "w") as file:
        file["cnn_explorer"] = h5py.ExternalLink(pipe(path.parent), "/cnn_explorer")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(inner, "cnn_explorer/metadata.h5")
    inner.unlink()


# Files that are none


def named_pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@dataclass(frozen=True)
class Hostile:
    """``outcome``: ``sentence``, ``structure`` (that, and a partial view) or ``model``; ``says``: a part of it."""

    make: Callable[[Path], None]
    outcome: str
    says: str = ""
    suffix: str = ".h5"


LAMBDA = "holds a Lambda layer, that is program code, which is not run here"
NOT_AMONG = "not among the layers that are built here"
LINKED = "is a link to another file"

FILES: dict[str, Hostile] = {
    "lambda": Hostile(with_config(lambda_layer), "structure", LAMBDA),
    "lambda in an archive": Hostile(with_config(lambda_layer), "structure", LAMBDA, ".keras"),
    "lambda of Keras 2": Hostile(with_config(old_lambda_layer), "structure", LAMBDA),
    "lambda as a setting": Hostile(with_config(hidden_lambda), "structure", LAMBDA),
    "lambda as an activation": Hostile(with_config(bare_lambda), "structure", LAMBDA, ".keras"),
    "os.system as a function": Hostile(with_config(system_function("os", "system")), "structure", 'function "system"'),
    "posix.system": Hostile(with_config(system_function("posix", "system")), "structure", "function", ".keras"),
    "eval": Hostile(with_config(system_function("builtins", "eval")), "structure", 'function "eval"', ".keras"),
    "exec in h5": Hostile(with_config(system_function("builtins", "exec")), "structure", 'function "exec"'),
    "os.system as a class": Hostile(with_config(system_class), "structure", NOT_AMONG),
    "os.system in an archive": Hostile(with_config(system_class), "structure", NOT_AMONG, ".keras"),
    "os.system by name": Hostile(with_config(system_without_module), "structure", NOT_AMONG),
    "os.system as a text": Hostile(with_config(system_as_text), "structure", 'activation "os.system"'),
    "keras.utils.get_file": Hostile(
        with_config(helper("keras.utils", "get_file", origin="http://127.0.0.1:9/x")), "structure", NOT_AMONG, ".keras"
    ),
    "keras.utils.load_img": Hostile(
        with_config(helper("keras.utils", "load_img", path="secret")), "structure", NOT_AMONG, ".keras"
    ),
    "keras.models.load_model": Hostile(
        with_config(helper("keras.models", "load_model", filepath="secret")), "structure", NOT_AMONG, ".keras"
    ),
    "unsafe deserialization": Hostile(
        with_config(helper("keras.config", "enable_unsafe_deserialization")), "structure", NOT_AMONG
    ),
    "TFSMLayer": Hostile(with_config(helper("keras.layers", "TFSMLayer", filepath="secret")), "structure", NOT_AMONG),
    "deserialize": Hostile(with_config(legacy_helper("deserialize")), "structure", NOT_AMONG),
    "Wrapper": Hostile(with_config(legacy_helper("Wrapper")), "structure", NOT_AMONG),
    "helper as a text": Hostile(with_config(helper_as_text), "structure", 'activation "deserialize"'),
    "os.system for training": Hostile(with_config(compile_helper), "model", "", ".keras"),
    "vocabulary from a file": Hostile(reading_vocabulary, "structure", NOT_AMONG),
    "external link": Hostile(with_file(external_link), "sentence", LINKED),
    "external link aside": Hostile(with_file(external_link_aside), "sentence", LINKED),
    "external link as ours": Hostile(with_file(external_link_as_ours), "sentence", LINKED),
    "external link in an archive": Hostile(external_in_archive, "sentence", LINKED, ".keras"),
    "external link in metadata": Hostile(external_in_metadata, "sentence", LINKED, ".keras"),
    "soft link": Hostile(with_file(soft_link), "sentence", "links are not followed"),
    "dangling link": Hostile(with_file(dangling_link), "sentence", "links are not followed"),
    "link with a strange name": Hostile(with_file(strange_link), "sentence", "links are not followed"),
    "circle": Hostile(with_file(circle), "sentence", "under another name"),
    "circle of the root": Hostile(with_file(circle_of_root), "sentence", "under another name"),
    "external storage": Hostile(with_file(external_storage), "sentence", "lie in other files"),
    "virtual data": Hostile(with_file(virtual), "sentence", "lie in other files"),
    "3.4 GiB that are not there": Hostile(with_file(empty_array), "sentence", "would take 3.7 GB in memory"),
    "empty chunks": Hostile(with_file(empty_chunks), "sentence", "would take 3.6 GB in memory"),
    "huge chunk": Hostile(with_file(huge_chunk), "sentence", "pieces larger than the file"),
    "many empty arrays": Hostile(with_file(many_empty_arrays), "sentence", "would take 3.8 GB in memory"),
    "4,900 groups": Hostile(with_file(many_groups), "structure", NOT_AMONG),
    "20,000 groups": Hostile(with_file(too_many_groups), "sentence", "more than 10,000 groups and arrays"),
    "packed zeros": Hostile(with_file(packed), "sentence", "packed beyond measure"),
    "one text for all names": Hostile(aliased_texts, "sentence", "the texts of an attribute take 8.0 GB"),
    "long length of a text": Hostile(text_length(0x7FFF0000), "sentence", "a text is not where it should be"),
    "short length of a text": Hostile(text_length(3), "sentence", "a text is not where it should be"),
    "25,000,000 units": Hostile(with_config(large_dense), "structure", "needs 2,525,000,040 parameters"),
    "25,000,000 units in an archive": Hostile(with_config(large_dense), "structure", "needs 2,525,000,040", ".keras"),
    "10^15 units": Hostile(with_config(huge_dense), "structure"),
    "slow initial values": Hostile(with_config(slow_initializer), "structure", "parameters, but the file holds"),
    "large input": Hostile(with_config(large_input), "structure", "One image becomes"),
    "deep JSON": Hostile(with_config(deep_json), "sentence", "nested deeper than 100 levels"),
    "deep JSON in an archive": Hostile(with_config(deep_json), "sentence", "nested deeper than 100", ".keras"),
    "rather deep JSON": Hostile(with_config(rather_deep_json), "sentence", "nested deeper than 100 levels"),
    "models in models": Hostile(with_config(deep_models), "sentence", "nested deeper than 100 levels"),
    "long JSON": Hostile(with_config(long_json), "sentence", "takes 60.0 MB of text"),
    "long JSON in an archive": Hostile(with_config(long_json), "sentence", "would unpack to 60.0 MB", ".keras"),
    "20,000 layers": Hostile(with_config(many_layers), "structure", "the limit is 1,500"),
    "2^30 calls": Hostile(with_config(doubled_models), "structure", "the limit is 1,500"),
    "2^20 calls in wrappers": Hostile(with_config(wrapped_models), "structure", "the limit is 1,500"),
    "backwards": Hostile(with_config(backwards), "structure", "the limit is 1,500"),
    "unrolled": Hostile(with_config(unrolled), "structure", "unrolled"),
    "texts as weights": Hostile(with_file(texts_as_weights), "sentence", "where weights are numbers"),
    "references as weights": Hostile(with_file(references_as_weights), "sentence", "where weights are numbers"),
    "records as weights": Hostile(with_file(records_as_weights), "sentence", "where weights are numbers"),
    "a type as a group": Hostile(with_file(type_as_group), "sentence", "neither a group nor an array"),
    "a number as architecture": Hostile(with_file(number_as_config), "sentence", "not JSON"),
    "numbers as names": Hostile(with_file(names_as_numbers), "structure", "cannot open"),
    "an array as a group": Hostile(with_file(array_as_group), "structure"),
    "other shape": Hostile(with_file(other_shape), "structure", "cannot open"),
    "strange settings": Hostile(with_config(strange_settings), "structure", "cannot open"),
    "strange layers": Hostile(with_config(strange_layers), "structure"),
    "strange names": Hostile(with_config(strange_names), "structure", NOT_AMONG),
    "library plug-in": Hostile(with_file(library_plugin), "sentence", "packed in a way"),
    "path upwards": Hostile(with_members(UPUPtrace=b"x"), "sentence", "points out of the archive", ".keras"),
    "absolute path": Hostile(with_members(ROOTtrace=b"x"), "sentence", "points out of the archive", ".keras"),
    "symbolic link in an archive": Hostile(symbolic_member, "sentence", "is a link", ".keras"),
    "two architectures": Hostile(second_config, "sentence", "two members", ".keras"),
    "zip bomb of weights": Hostile(
        zip_bomb("model.weights.h5", 128 << 20), "sentence", "would unpack to 134.2 MB", ".keras"
    ),
    "zip bomb of JSON": Hostile(zip_bomb("config.json", 16 << 20), "sentence", "would unpack to 16.8 MB", ".keras"),
    "zip bomb of ours": Hostile(
        zip_bomb("cnn_explorer/metadata.h5", 128 << 20), "sentence", "would unpack to 134.2 MB", ".keras"
    ),
    "unknown member": Hostile(with_members(trace=b"x"), "model", "", ".keras"),
    "named pipe": Hostile(named_pipe, "sentence", "not a regular file"),
    "device": Hostile(device, "sentence", "not a regular file"),
}
