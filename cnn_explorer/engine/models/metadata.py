"""What a model file says beside the weights: how images are prepared, what the classes are called.

In ``.h5`` it is a group ``cnn_explorer`` of the same file, in ``.keras`` a member of the archive that holds the
same group. Plain Keras ignores both. The group has three data sets: ``description`` (JSON text),
``preprocessing_offset`` and ``preprocessing_scale``.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Annotated

import h5py
import msgspec
import numpy as np

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.run.config import LossName, PreprocessingName, SplitName
from cnn_explorer.data.preprocessing import Preprocessing
from cnn_explorer.engine.models.losses import SPARSE, LossSpec

GROUP = "cnn_explorer"
MEMBER = "cnn_explorer/metadata.h5"
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class ModelMetadata:
    """What a model was trained on. ``dataset`` is the data set's name, ``fingerprint`` that of its arrays.

    ``split`` and ``split_seed`` are those of the training: they say which images the model has never seen.
    ``loss`` is what the training made small, and what an evaluation reports.
    """

    preprocessing: Preprocessing
    classes: tuple[str, ...]
    dataset: str
    fingerprint: str
    split: SplitName = "official"
    split_seed: int = 0
    loss: LossSpec = SPARSE


class _Description(msgspec.Struct, frozen=True):
    """The JSON part. Unknown keys are ignored, so that later versions may add some."""

    format: int
    preprocessing: PreprocessingName
    classes: tuple[str, ...]
    dataset: str
    fingerprint: str
    split: SplitName = "official"
    split_seed: int = 0
    loss: LossName = "sparse_categorical_crossentropy"
    label_smoothing: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)] = 0.0


def write_group(file: h5py.File, metadata: ModelMetadata) -> None:
    """Add the group to an open HDF5 file that has none."""
    group = file.create_group(GROUP)
    words = _Description(
        format=_FORMAT,
        preprocessing=metadata.preprocessing.name,
        classes=metadata.classes,
        dataset=metadata.dataset,
        fingerprint=metadata.fingerprint,
        split=metadata.split,
        split_seed=metadata.split_seed,
        loss=metadata.loss.name,
        label_smoothing=metadata.loss.label_smoothing,
    )
    group["description"] = np.bytes_(msgspec.json.encode(words))
    group["preprocessing_offset"] = metadata.preprocessing.offset
    group["preprocessing_scale"] = metadata.preprocessing.scale


def read_group(file: h5py.File) -> ModelMetadata | None:
    """The group's content, ``None`` if the file has none: then someone else made it.

    A damaged group is an ``ExplorerError`` and not "none": guessing the preprocessing of a file that once said it
    would show wrong activations without a word.
    """
    if GROUP not in file:
        return None
    try:
        group = file[GROUP]
        words = msgspec.json.decode(bytes(group["description"][()]), type=_Description)
        if words.format > _FORMAT:
            raise ExplorerError(
                f"The model was saved by a newer version of CNN Explorer (format {words.format}).",
                "Update CNN Explorer, or save the model again without this version's additions.",
            )
        offset = np.asarray(group["preprocessing_offset"][()], np.float32)
        scale = np.asarray(group["preprocessing_scale"][()], np.float32)
        if (
            offset.ndim != 3
            or scale.ndim != 3
            or not (np.isfinite(offset).all() and np.isfinite(scale).all() and scale.all())
        ):
            raise ValueError("the arrays of the preprocessing are unusable")
    except (KeyError, ValueError, TypeError, AttributeError, OSError, msgspec.MsgspecError) as error:
        raise ExplorerError(
            f"What CNN Explorer wrote into this model file is damaged: {error}.",
            f'Save the model again from its run, or delete the group "{GROUP}" to open the file like a foreign one.',
        ) from error
    preprocessing = Preprocessing(words.preprocessing, offset, scale)
    return ModelMetadata(
        preprocessing=preprocessing,
        classes=words.classes,
        dataset=words.dataset,
        fingerprint=words.fingerprint,
        split=words.split,
        split_seed=words.split_seed,
        loss=LossSpec(words.loss, words.label_smoothing),
    )


def to_bytes(metadata: ModelMetadata) -> bytes:
    """The group as an HDF5 file of its own: the member of a ``.keras`` archive."""
    with h5py.File(MEMBER, "w", driver="core", backing_store=False) as file:
        write_group(file, metadata)
        file.flush()
        return bytes(file.id.get_file_image())


def read_member(archive: zipfile.ZipFile) -> ModelMetadata | None:
    """The metadata of an open ``.keras`` archive, ``None`` if it has none; errors as in ``read_group``."""
    if MEMBER not in archive.namelist():
        return None
    with h5py.File(io.BytesIO(archive.read(MEMBER)), "r") as file:
        return read_group(file)
