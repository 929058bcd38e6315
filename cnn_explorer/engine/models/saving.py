"""Keras model -> ``.h5`` or ``.keras`` file that carries its metadata, whole or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import keras

# Not of Keras' public interface, which writes HDF5 only straight to the disk: on a full one the HDF5 library then
# fails while its handles are closed, and the process dies. This function fills a file that is open in memory.
from keras.src.legacy.saving.legacy_h5_format import save_model_to_hdf5

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.engine.models import metadata as model_metadata
from cnn_explorer.engine.models.metadata import ModelMetadata
from cnn_explorer.store.atomic import atomic_write, replacing

WEIGHTS_MEMBER = "model.weights.h5"
"""The weights in a ``.keras`` archive; taken out, it is a file for ``keras.Model.load_weights``."""


def save_model(
    model: keras.Model, path: Path, metadata: ModelMetadata | None, members: dict[str, bytes] | None = None
) -> None:
    """Write ``model`` to ``path``, in the format of its suffix, replacing what is there.

    ``.h5`` holds the model without the optimizer; ``.keras`` also with its state if the model is compiled, and
    the additional ``members``. Both open in plain Keras. Raises ``ExplorerError`` if the path cannot be written
    or has another suffix.
    """
    match path.suffix:
        case ".h5" | ".hdf5":
            atomic_write(path, hdf5_content(model, metadata))
        case ".keras":
            extra = dict(members or {})
            if metadata is not None:
                extra[model_metadata.MEMBER] = model_metadata.to_bytes(metadata)
            with replacing(path) as temporary:
                model.save(temporary)
                with zipfile.ZipFile(temporary, "a") as archive:
                    for name, content in extra.items():
                        archive.writestr(name, content)
        case _:
            raise ExplorerError(f"{path} is no name for a model file.", "Let it end in .h5 or .keras.")


def hdf5_content(model: keras.Model, metadata: ModelMetadata | None) -> bytes:
    """What ``save_model`` writes into an ``.h5`` file, for who writes it into several."""
    with h5py.File("model", "w", driver="core", backing_store=False) as file:
        save_model_to_hdf5(model, file, include_optimizer=False)
        if metadata is not None:
            model_metadata.write_group(file, metadata)
        file.flush()
        return bytes(file.id.get_file_image())
