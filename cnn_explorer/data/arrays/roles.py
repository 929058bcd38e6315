"""Which arrays of a file are the images and which the labels, told by their names and shapes."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from cnn_explorer.core.dataset_spec import DatasetSpec
from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.data.arrays.array_file import ArrayFile, ArrayInfo

_NAMES = {
    "train_images": ("train_images", "x_train", "xtrain", "images_train", "train_x", "train_data", "train_set_x"),
    "train_labels": ("train_labels", "y_train", "ytrain", "labels_train", "train_y", "train_targets", "train_set_y"),
    "test_images": ("test_images", "x_test", "xtest", "images_test", "test_x", "test_data", "test_set_x"),
    "test_labels": ("test_labels", "y_test", "ytest", "labels_test", "test_y", "test_targets", "test_set_y"),
}
_UNSPLIT = {
    "train_images": ("images", "x", "data", "image"),
    "train_labels": ("labels", "y", "target", "targets", "label", "classes"),
}
CLASS_NAMES = ("class_names", "classes", "label_names", "names", "list_classes")
"""Arrays of text that name the classes, one a class."""


@dataclass(frozen=True)
class Roles:
    """The arrays of a data set; those of the test part are ``None`` where there is none."""

    train_images: ArrayInfo
    train_labels: ArrayInfo
    test_images: ArrayInfo | None
    test_labels: ArrayInfo | None


def may_be_images(array: ArrayInfo) -> bool:
    """Whether the shape allows it: images without or with channels, or flat ones, in numbers."""
    return array.dtype.kind in "biuf" and len(array.shape) in (2, 3, 4)


def may_be_labels(array: ArrayInfo) -> bool:
    """Whether the shape allows it: a number or a word an image, or one column for each class."""
    return array.dtype.kind in "biufSUO" and len(array.shape) in (1, 2)


def guessed(file: ArrayFile) -> DatasetSpec | None:
    """The names of the arrays as far as they tell; ``None`` if a person has to choose."""
    by_word = {_word(array.name): array for array in reversed(file.arrays)}
    for table in (_NAMES, _UNSPLIT):
        found = {
            role: next((by_word[word].name for word in words if word in by_word), "") for role, words in table.items()
        }
        if found["train_images"] and found["train_labels"]:
            return msgspec.structs.replace(DatasetSpec(source=str(file.path)), **found)
    # Test arrays alone are no data set; and whoever leaves the training arrays out may have lost them.
    tests = {*_NAMES["test_images"], *_NAMES["test_labels"]}
    arrays = [array for array in file.arrays if _word(array.name) not in tests]
    pictures = [array for array in arrays if may_be_images(array) and len(array.shape) > 2]
    labels = [array for array in arrays if may_be_labels(array) and array.dtype.kind != "f"]
    if len(pictures) == 1:
        fitting = [array for array in labels if array.shape[0] == pictures[0].shape[0]]
        if len(fitting) == 1:
            return DatasetSpec(source=str(file.path), train_images=pictures[0].name, train_labels=fitting[0].name)
    return None


def _word(name: str) -> str:
    return name.rsplit("/", 1)[-1].lower().replace("-", "_").replace(" ", "_")


def roles_of(file: ArrayFile, spec: DatasetSpec) -> Roles:
    """The arrays that ``spec`` names, or that the names in the file tell.

    Raises ``ExplorerError`` if there are none such, if a person has to choose, or if counts do not fit each other.
    """
    named = spec if spec.train_images or spec.train_labels else guessed(file)
    if named is None:
        raise ExplorerError(
            f"{file.path} does not tell by its names which arrays are images and labels: {_listed(file)}.",
            "Choose them (--train-images and --train-labels).",
        )
    roles = Roles(
        _array(file, named.train_images, "train_images"),
        _array(file, named.train_labels, "train_labels"),
        _array(file, named.test_images, "test_images") if named.test_images else None,
        _array(file, named.test_labels, "test_labels") if named.test_labels else None,
    )
    if (roles.test_images is None) != (roles.test_labels is None):
        missing = "labels" if roles.test_labels is None else "images"
        raise ExplorerError(f"{file.path} has a test part without {missing}.", "Choose both arrays, or neither.")
    for images, labels in ((roles.train_images, roles.train_labels), (roles.test_images, roles.test_labels)):
        if images is None or labels is None:
            continue
        if not may_be_images(images):
            raise ExplorerError(f'{file.path}: "{images.name}" are no images: {_text(images)}.', _IMAGES)
        if not may_be_labels(labels):
            raise ExplorerError(f'{file.path}: "{labels.name}" are no labels: {_text(labels)}.', _LABELS)
        if images.shape[0] != labels.shape[0]:
            raise ExplorerError(
                f'{file.path}: "{images.name}" has {images.shape[0]:,} images, "{labels.name}" has '
                f"{labels.shape[0]:,} labels.",
                "There must be one label for each image.",
            )
    return roles


_IMAGES = "Expected numbers (count, rows, columns) or (count, rows, columns, channels)."
_LABELS = "Expected one number or word for each image."


def _array(file: ArrayFile, name: str, role: str) -> ArrayInfo:
    array = file.array(name)
    if array is None:
        what = f'no array "{name}"' if name else f"no array for {role}"
        raise ExplorerError(f"{file.path} has {what}; it has {_listed(file)}.", "Choose one of these.")
    return array


def _listed(file: ArrayFile) -> str:
    return ", ".join(f"{array.name} {_text(array)}" for array in file.arrays[:8]) or "no arrays"


def _text(array: ArrayInfo) -> str:
    return f"{array.dtype} ({', '.join(map(str, array.shape))})"
