"""``.h5`` or ``.keras`` file -> model, after a look at the file that says in words what is wrong with it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.engine.builder import first_line
from cnn_explorer.engine.metadata import ModelMetadata, read_group, read_member
from cnn_explorer.engine.saving import WEIGHTS_MEMBER

_FORMATS = "A model file is Keras' .h5 or .keras."
_AGAIN = "Copy or save the file again."
_WEIGHTS_ONLY_KEYS = {"layers", "_layer_checkpoint_dependencies", "vars", "optimizer"}


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model, where it came from, and what its file says; ``metadata`` is ``None`` for files of others."""

    model: keras.Model
    path: Path
    metadata: ModelMetadata | None

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of the image that the model takes."""
        rows, columns, channels = self.model.inputs[0].shape[1:]
        return rows, columns, channels


def load_model_file(path: Path) -> LoadedModel:
    """Load the model in ``path``: a file, or the folder of a run (its ``model.h5``). Nothing is compiled.

    Raises ``ExplorerError`` for everything that is wrong with the file, and for a model that does not take one
    image of a fixed size.
    """
    path = _model_in(path)
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        metadata = _look_into_archive(path)
        _require_suffix(path, "a zip archive", (".keras",))
    elif h5py.is_hdf5(path):
        metadata = _look_into_hdf5(path)
        _require_suffix(path, "an HDF5 file", (".h5", ".hdf5"))
    else:
        raise ExplorerError(f"{path} is not a model file: it is neither HDF5 nor a .keras archive.", _FORMATS)
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises nearly everything here, and all of it is about the file
        raise ExplorerError(
            f"Keras {keras.__version__} cannot open {path}: {first_line(error)}",
            "The file may be damaged, or need layers or a version of Keras that are not here.",
        ) from error
    _require_one_image(model, path, metadata)
    return LoadedModel(model, path, metadata)


def _model_in(path: Path) -> Path:
    """The file that ``path`` means; it exists and is not empty."""
    if path.is_dir():
        if not (path / "model.h5").is_file():
            raise ExplorerError(f"{path} is a folder without a model.h5.", "Choose a model file, or a run's folder.")
        path = path / "model.h5"
    if not path.exists():
        raise ExplorerError(f"There is no file {path}.", "Check the path.")
    if not path.is_file():
        raise ExplorerError(f"{path} is not a regular file.", _FORMATS)
    try:
        if path.stat().st_size == 0:
            raise ExplorerError(f"{path} is empty.", _AGAIN)
        path.open("rb").close()
    except OSError as error:
        raise ExplorerError(f"{path} cannot be read: {error.strerror}.", "Check the rights of the file.") from error
    return path


def _require_suffix(path: Path, what: str, suffixes: tuple[str, ...]) -> None:
    if path.suffix not in suffixes:
        wanted = " or ".join(suffixes)
        raise ExplorerError(
            f"{path} is {what}, but its name does not end in {wanted}.",
            f"Rename it: Keras chooses the format by the name, {wanted} here.",
        )


def _look_into_hdf5(path: Path) -> ModelMetadata | None:
    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
            if config is None:
                raise _no_architecture(path, file)
            _refuse_lambda(path, _json(path, config))
            return read_group(file)
    except (OSError, RuntimeError, KeyError) as error:
        raise ExplorerError(f"{path} is damaged: {_damage(error)}", _AGAIN) from error


def _no_architecture(path: Path, file: h5py.File) -> ExplorerError:
    if "layer_names" in file.attrs or _WEIGHTS_ONLY_KEYS & set(file):
        return ExplorerError(
            f"{path} holds weights only, no architecture: nothing says which layers they belong to.",
            "Save the whole model with model.save(...), or open the model.h5 of the run.",
        )
    return ExplorerError(f"{path} is an HDF5 file, but not a Keras model.", _FORMATS)


def _look_into_archive(path: Path) -> ModelMetadata | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "config.json" not in names:
                raise ExplorerError(f"{path} is a zip archive, but not a Keras model: it has no config.json.", _FORMATS)
            if WEIGHTS_MEMBER not in names:
                raise ExplorerError(f"{path} holds an architecture without weights.", _AGAIN)
            _refuse_lambda(path, _json(path, archive.read("config.json")))
            # Read here as well, since Keras' message about a damaged one speaks of something else.
            h5py.File(io.BytesIO(archive.read(WEIGHTS_MEMBER)), "r").close()
            return read_member(archive)
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, KeyError) as error:
        raise ExplorerError(f"{path} is damaged: {_damage(error)}", _AGAIN) from error


def _damage(error: BaseException) -> str:
    text = first_line(error)
    return "it ends too early." if "truncated" in text or "not a zip file" in text else text


def _json(path: Path, text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise ExplorerError(f"{path} is damaged: its architecture is not JSON.", _AGAIN) from error


def _refuse_lambda(path: Path, config: Any) -> None:
    """Lambda layers carry program code of whoever made the file; Keras refuses most of them, we all."""
    if any(name == "Lambda" for name in _class_names(config)):
        raise ExplorerError(
            f"{path} holds a Lambda layer, that is program code, which is not run here.",
            "Replace the layer by one of Keras' own and save the model again.",
        )


def _class_names(config: Any) -> Iterator[Any]:
    waiting = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part.get("class_name")
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _require_one_image(model: keras.Model, path: Path, metadata: ModelMetadata | None) -> None:
    shapes = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or []]
    if len(shapes) != 1 or len(shapes[0]) != 4 or None in shapes[0][1:]:
        raise ExplorerError(
            f"{path} takes {shapes or 'inputs of unknown shape'}; one image of a fixed size, as (None, rows, columns, "
            "channels), was expected.",
            "Models with other inputs cannot be opened yet.",
        )
    if metadata is not None:
        for array in (metadata.preprocessing.offset, metadata.preprocessing.scale):
            if any(size not in (1, side) for size, side in zip(array.shape, shapes[0][1:], strict=True)):
                raise ExplorerError(
                    f"{path} is damaged: its preprocessing is made for images of another shape.",
                    "Save the model again from its run.",
                )
