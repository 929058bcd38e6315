"""``.h5`` or ``.keras`` file -> model. A file of unknown origin is looked at first, and built only if that is safe."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import keras

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.file_limits import LIMITS, RAISE, FileLimits
from cnn_explorer.core.model.info import LimitNotBuiltError, ModelStructure, NotBuiltError, WeightsOnlyError
from cnn_explorer.core.sizes import bytes_text
from cnn_explorer.engine.graph.calls import shape_maps_last, unroll
from cnn_explorer.engine.graph.cost import cost_of
from cnn_explorer.engine.graph.inputs import takes_images
from cnn_explorer.engine.models.builder import first_line
from cnn_explorer.engine.models.metadata import MEMBER, ModelMetadata, read_group
from cnn_explorer.engine.models.saving import WEIGHTS_MEMBER
from cnn_explorer.engine.opening.checks.archive import CONFIG_MEMBER, check_archive, extract
from cnn_explorer.engine.opening.checks.config import excess, objection, parse_config, without_compiling
from cnn_explorer.engine.opening.checks.hdf5 import DAMAGED, StoredArray, check_hdf5, require_regular_file
from cnn_explorer.engine.opening.repairs.keras2 import repair
from cnn_explorer.engine.opening.scope_names import allow_names
from cnn_explorer.engine.opening.skeleton import build_skeleton
from cnn_explorer.engine.opening.structure import structure_of, weight_arrays
from cnn_explorer.engine.opening.weight_files import Layout, read_weights

_FORMATS = "A model file is Keras' .h5 or .keras."
_AGAIN = "Copy or save the file again."
_SHOWN = "Its structure and weights can still be shown."
_WEIGHTS_ONLY_KEYS = {"layers", "_layer_checkpoint_dependencies", "vars", "optimizer"}


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model, where it came from, and what its file says; ``metadata`` is ``None`` for files of others.

    ``repairs`` says in sentences what had to be changed, in memory, of an architecture that Keras 3 would refuse.
    ``refuse`` makes the error, from message and hint, of a model that turns out to be of no use.
    """

    model: keras.Model
    path: Path
    metadata: ModelMetadata | None
    repairs: tuple[str, ...] = ()
    refuse: Callable[[str, str], ExplorerError] = ExplorerError


@dataclass(frozen=True)
class _Content:
    """What a file holds, looked at and harmless: the architecture as JSON, where its weights are, and how."""

    path: Path
    config: Any
    arrays: tuple[StoredArray, ...]
    metadata: ModelMetadata | None
    weights: Path
    layout: Layout
    layer_names: dict[str, str] = field(default_factory=dict)

    def not_built(self, message: str, hint: str = "") -> NotBuiltError:
        """The error that carries what can be shown nevertheless."""
        return NotBuiltError(message, f"{hint} {_SHOWN}".strip(), self._structure(message))

    def too_much(self, message: str) -> LimitNotBuiltError:
        """The same for what limits stop."""
        return LimitNotBuiltError(message, f"{RAISE} {_SHOWN}", self._structure(message))

    def _structure(self, reason: str) -> ModelStructure:
        return structure_of(self.path, self.config, self.arrays, reason, self.layer_names)


def load_model_file(path: Path, limits: FileLimits = LIMITS) -> LoadedModel:
    """Load the model in ``path``: a file, or the folder of a run (its ``model.h5``). Nothing is compiled.

    Raises ``ExplorerError`` for everything that is wrong with the file, and for a model of which no input takes
    images. Among them a ``NotBuiltError`` has the structure that can be shown all the same, a ``LimitError`` can be
    helped with higher ``limits``, and a ``WeightsOnlyError`` is about a file without an architecture.
    """
    path = _model_in(path)
    with _content(path, limits) as content:
        config, repairs = repair(content.config)
        if reason := objection(config):
            raise content.not_built(f"CNN Explorer cannot open {path}: it {reason}.")
        if reason := excess(config, limits):
            raise content.too_much(f"CNN Explorer does not open {path}: it {reason}.")
        model = _built(content, config, limits)
    _require_images(model, content)
    return LoadedModel(model, path, content.metadata, repairs, content.not_built)


def _model_in(path: Path) -> Path:
    """The file that ``path`` means; it exists and is not empty."""
    if os.path.isdir(path):  # noqa: PTH112  # `Path.is_dir` raises for paths that are too long
        if not (path / "model.h5").is_file():
            raise ExplorerError(f"{path} is a folder without a model.h5.", "Choose a model file, or a run's folder.")
        path = path / "model.h5"
    require_regular_file(path)
    return path


@contextlib.contextmanager
def _content(path: Path, limits: FileLimits) -> Iterator[_Content]:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:  # gone, or a disk that fails, since it was found
        raise ExplorerError(f"{path} cannot be read: {error.strerror}.", _AGAIN) from error
    if start == b"PK\x03\x04":
        with tempfile.TemporaryDirectory(prefix="cnn-explorer-") as folder:
            content = _check_archive(path, limits, Path(folder))
            _require_suffix(path, "a zip archive", (".keras",))
            yield content
    elif h5py.is_hdf5(path):
        content = _check_hdf5(path, limits)
        _require_suffix(path, "an HDF5 file", (".h5", ".hdf5"))
        yield content
    else:
        raise ExplorerError(f"{path} is not a model file: it is neither HDF5 nor a .keras archive.", _FORMATS)


def _require_suffix(path: Path, what: str, suffixes: tuple[str, ...]) -> None:
    if path.suffix not in suffixes:
        wanted = " or ".join(suffixes)
        raise ExplorerError(
            f"{path} is {what}, but its name does not end in {wanted}.",
            f"Rename it: Keras chooses the format by the name, {wanted} here.",
        )


def _check_hdf5(path: Path, limits: FileLimits) -> _Content:
    try:
        with h5py.File(path, "r") as file:
            arrays = check_hdf5(file, path, str(path), limits)
            config = file.attrs.get("model_config")
            if config is None:
                raise _no_architecture(path, file)
            return _Content(path, _architecture(path, config, limits), arrays, read_group(file), path, "keras2")
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno in (errno.EAGAIN, errno.EACCES):
            raise ExplorerError(f"{path} is being written by another program.", "Wait until it is done.") from error
        raise ExplorerError(f"{path} is damaged: {_damage(error)}", _AGAIN) from error


def _no_architecture(path: Path, file: h5py.File) -> ExplorerError:
    if "layer_names" in file.attrs or _WEIGHTS_ONLY_KEYS & set(file):
        return WeightsOnlyError(
            f"{path} holds weights only, no architecture: nothing says which layers they belong to.",
            "Save the whole model with model.save(...), open the model.h5 of the run, or name the network that they "
            "belong to.",
        )
    return ExplorerError(f"{path} is an HDF5 file, but not a Keras model.", _FORMATS)


def _check_archive(path: Path, limits: FileLimits, folder: Path) -> _Content:
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive, path, limits)
            config = _architecture(path, archive.read(CONFIG_MEMBER), limits)
            weights = extract(archive, WEIGHTS_MEMBER, folder)
            own = extract(archive, MEMBER, folder) if MEMBER in archive.namelist() else None
        metadata = None
        if own is not None:
            with h5py.File(own, "r") as file:
                check_hdf5(file, own, str(path), limits)
                metadata = read_group(file)
        with h5py.File(weights, "r") as file:
            arrays = check_hdf5(file, weights, str(path), limits)
            names = _layer_names(file, arrays)
        return _Content(path, config, arrays, metadata, weights, "keras3", names)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, *DAMAGED) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise ExplorerError(f"There is no room on the disk to unpack {path}.", "Free some disk space.") from error
        raise ExplorerError(f"{path} is damaged: {_damage(error)}", _AGAIN) from error


def _architecture(path: Path, text: Any, limits: FileLimits) -> Any:
    return without_compiling(parse_config(text, str(path), limits))


def _layer_names(file: h5py.File, arrays: Sequence[StoredArray]) -> dict[str, str]:
    """The layers of the groups of Keras 3, which are called after classes; the names are written beside the weights."""
    found: dict[str, str] = {}
    for array in arrays:
        group, name, parts = "", "", array.name.split("/")[1:]
        while len(parts) > 2 and parts[0] == "layers":
            group = f"{group}/layers/{parts[1]}"
            told = file[f"{group}/vars"].attrs.get("name") if f"{group}/vars" in file else None
            name = f"{name}/{told if isinstance(told, str) else parts[1]}".strip("/")
            found[group] = name
            parts = parts[2:]
    return found


def _damage(error: BaseException) -> str:
    text = first_line(error)
    return "it ends too early." if "truncated" in text or "not a zip file" in text else text


def _built(content: _Content, config: dict[str, Any], limits: FileLimits) -> keras.Model:
    """The model with its weights. What it takes in memory is known, and in the file, before it is reserved."""
    try:
        skeleton = build_skeleton(config)
    except Exception as error:  # Keras raises nearly everything here, and all of it is about the file
        raise _refused(content, error) from error
    held = sum(array.count for array in weight_arrays(content.arrays))
    if skeleton.params > held:
        raise content.not_built(
            f"The architecture in {content.path} needs {skeleton.params:,} parameters, but the file holds {held:,}.",
            "The file may be damaged, or made to exhaust the memory.",
        )
    if skeleton.nbytes > limits.weight_bytes:
        raise content.too_much(
            f"The weights of {content.path} take {bytes_text(skeleton.nbytes)} in memory; the limit is "
            f"{bytes_text(limits.weight_bytes)}."
        )
    _refuse_endless(content, skeleton.model, limits)
    try:
        model = skeleton.filled()
        allow_names(model)
        read_weights(model, content.weights, content.layout)
    except Exception as error:  # as above
        raise _refused(content, error) from error
    return model


def _refused(content: _Content, error: Exception) -> NotBuiltError:
    return content.not_built(
        f"Keras {keras.__version__} cannot open {content.path}: {first_line(error)}",
        "The file may be damaged, or need layers or a version of Keras that are not here.",
    )


def _refuse_endless(content: _Content, model: keras.Model, limits: FileLimits) -> None:
    """Raise if one image would take more memory or time than the limits; axes of unknown length count as one."""
    if not getattr(model, "inputs", None):
        return
    try:
        # As it is called, not as its layers remember: a Sequential calls them all again with each one that is added.
        demand = cost_of(unroll(model), max(tensor.shape[0] or 1 for tensor in model.inputs))
    except Exception as error:  # as for the skeleton
        raise _refused(content, error) from error
    if demand.numbers > limits.activations:
        raise content.too_much(
            f"One image becomes {demand.numbers:,} numbers in the network in {content.path}; the limit is "
            f"{limits.activations:,}."
        )
    if demand.steps > limits.steps:
        raise content.too_much(
            f"One image takes the network in {content.path} as long as {demand.steps / 1e9:,.1f} billion "
            f"multiplications; the limit is {limits.steps / 1e9:,.1f} billion."
        )


def _require_images(model: keras.Model, content: _Content) -> None:
    """An input that takes images, and preprocessing that fits one."""
    if not getattr(model, "inputs", None):
        raise content.not_built(f"{content.path} does not say what its network takes.")
    graph = unroll(model)
    if not takes_images(graph):
        takes = " and ".join(str((None, *shape)) for shape in graph.inputs)
        raise content.not_built(
            f"{content.path} takes {takes}, and no images, as (None, rows, columns, channels) would be."
        )
    if content.metadata is None:
        return
    shapes = [shape_maps_last(shape, first) for shape, first in zip(graph.inputs, graph.inputs_first, strict=True)]
    for array in (content.metadata.preprocessing.offset, content.metadata.preprocessing.scale):
        if not any(_fits(array.shape, shape) for shape in shapes):
            raise ExplorerError(
                f"{content.path} is damaged: its preprocessing is made for images of another shape.",
                "Save the model again from its run.",
            )


def _fits(shape: tuple[int, ...], image: tuple[int | None, ...]) -> bool:
    """Whether an array goes with every image of that shape."""
    image = (*image, 1) if len(image) == 2 else image
    return len(image) == 3 and all(size in (1, side) for size, side in zip(shape, image, strict=True))
