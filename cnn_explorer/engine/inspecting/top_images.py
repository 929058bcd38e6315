"""Which images of a data set activate the maps of a layer most, and which maps no image activates.

The images pass once, some at a time, so that whoever asks sees results early and can let other work through between.
Memory is that of one call and of what is kept for each map; it does not grow with the number of images.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import time
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.top_images import BEST, TopImages, drawn
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.engine.inspecting.batches import ImageBatches, refuse_other_images
from cnn_explorer.engine.inspecting.inspector import Inspector
from cnn_explorer.store import top_images as kept_top_images
from cnn_explorer.store.file_stamp import file_stamp

MOST_MAPS = 100_000
"""Of a layer that is looked at: a vector's values are maps too, and a flattened image may have millions."""

_GATHERED = 2**22  # values that are looked through at once for the node of a winner


class TopImagesSearch:
    """A pass of images through a model that is under way. Made by ``find_top_images``."""

    def __init__(self, inspector: Inspector, dataset: Dataset, split: str, layer: str, count: int) -> None:
        refuse_other_images(inspector, dataset)
        self._images, labels = dataset.part(split)
        if not len(labels):
            raise ExplorerError("This part of the data set has no images.", "Choose the other part.")
        self._places = drawn(len(labels), count)
        shape = _output_shape(inspector, layer)
        maps = _maps(shape)
        self._image_batches = ImageBatches(inspector, (layer,), _digest, extra=16 * (maps + math.prod(shape)))
        self._key = _key(inspector, self._image_batches, dataset, split, layer, self._places)
        nothing = _nothing(layer, split, shape, maps, len(self._places))
        kept = kept_top_images.load(self._key)
        self._state = kept if kept is not None and _is_about(kept, nothing, len(labels)) else nothing

    @property
    def top_images(self) -> TopImages:
        """What is known by now; all of it already if these images have passed before and that was kept."""
        return self._state

    def advance(self, seconds: float) -> TopImages:
        """Send more images through, for about so long, but one call at least; what is known then.

        Raises ``ExplorerError`` if images cannot be read.
        """
        end = time.perf_counter() + seconds
        while not self._state.complete:
            places = self._places[self._state.done :]
            count, (outputs, *reduced) = self._image_batches.next(self._images, places)
            high, low, means = (tensor.numpy()[:count] for tensor in reduced)
            self._state = _with(self._state, np.asarray(places[:count]), outputs, high, low, means)
            if time.perf_counter() > end:
                break
        if self._state.complete:
            with contextlib.suppress(ExplorerError):  # a full disk must not spoil the result
                kept_top_images.keep(self._key, self._state)
        return self._state


def find_top_images(inspector: Inspector, dataset: Dataset, split: str, layer: str, count: int) -> TopImagesSearch:
    """Begin to look at ``count`` images of ``split``, ``train`` or ``test``, for what they make of ``layer``.

    Of more images than ``count`` always the same are drawn (``core.maps.top_images.drawn``). Raises ``ExplorerError``
    if the model takes other images, the part has none, or the layer does not exist or has more than ``MOST_MAPS`` maps.
    """
    return TopImagesSearch(inspector, dataset, split, layer, count)


def _output_shape(inspector: Inspector, layer: str) -> tuple[int, ...]:
    info = inspector.info.layer(layer)
    if info is None:
        names = ", ".join(each.name for each in inspector.info.layers)
        raise ExplorerError(f'The model has no layer "{layer}".', f"Its layers are: {names}.")
    if _maps(info.output_shape) > MOST_MAPS:
        raise ExplorerError(
            f"{layer} gives {_maps(info.output_shape):,} values for an image; images can be found for {MOST_MAPS:,}.",
            "Choose the layer before or after it.",
        )
    return info.output_shape


def _maps(shape: tuple[int, ...]) -> int:
    """How many maps an output has: a plane is one, and each value of anything else that is not maps."""
    return shape[-1] if len(shape) == 3 else 1 if len(shape) == 2 else math.prod(shape)


def _digest(_images: Any, outputs: list[Any], _real: Any) -> list[Any]:
    """The outputs as (images, nodes, maps), and of each image and map the largest, smallest and mean value."""
    (output,) = outputs
    images, shape = tf.shape(output)[0], output.shape[1:]
    if len(shape) == 3:
        output = tf.reshape(output, (images, -1, shape[-1]))
    elif len(shape) == 2:
        output = tf.reshape(output, (images, -1, 1))
    else:
        output = tf.reshape(output, (images, 1, -1))
    return [output, tf.reduce_max(output, 1), tf.reduce_min(output, 1), tf.reduce_mean(output, 1)]


def _nothing(layer: str, split: str, shape: tuple[int, ...], maps: int, wanted: int) -> TopImages:
    return TopImages(
        layer=layer,
        split=split,
        shape=shape,
        done=0,
        wanted=wanted,
        indices=np.full((BEST, maps), -1, np.int64),
        values=np.full((BEST, maps), -np.inf, np.float32),
        places=np.zeros((BEST, maps), np.int64),
        low=np.full(maps, np.inf, np.float32),
        high=np.full(maps, -np.inf, np.float32),
        means=np.zeros(maps),
        silent=np.zeros(maps, np.int64),
    )


def _is_about(kept: TopImages, nothing: TopImages, total: int) -> bool:
    """Whether a file of the cache says what it must; it may have been damaged in any way."""
    same = all(getattr(kept, name) == getattr(nothing, name) for name in ("layer", "split", "shape", "wanted", "maps"))
    return same and int(kept.indices.max()) < total


def _with(
    state: TopImages, images: NDArray[np.int64], outputs: Any,
    high: NDArray[np.float32], low: NDArray[np.float32], means: NDArray[np.float32],
) -> TopImages:  # fmt: skip
    """``state`` after more images: ``outputs`` a tensor (images or more, nodes, maps), the others (images, maps)."""
    if not np.isfinite(means).all():  # NaN decides no comparison, and every library treats it otherwise
        known = outputs.numpy()[: len(images)]
        known = np.where(np.isnan(known), np.float32(-np.inf), known)
        high, low = known.max(axis=1), known.min(axis=1)
    indices, values, places = state.indices, state.values, state.places
    hit = np.flatnonzero((high > values[-1]).any(axis=0))
    if len(hit):
        pool = np.concatenate((values[:, hit], high[:, hit]))
        # Stable: at equal values those that were there, and then the earlier ones, stay before the others.
        order = np.argsort(-pool, axis=0, kind="stable")[:BEST]
        numbers = np.concatenate((indices[:, hit], np.broadcast_to(images[:, np.newaxis], (len(images), len(hit)))))
        nodes = np.concatenate((places[:, hit], np.full((len(images), len(hit)), -1, np.int64)))
        found, largest, where = (np.take_along_axis(each, order, axis=0) for each in (numbers, pool, nodes))
        something = np.greater(largest, -np.inf)  # nothing but NaN may fill up a place, and is no image
        new = np.nonzero((order >= BEST) & something)
        where[new] = _first_largest(outputs.numpy(), order[new] - BEST, hit[new[1]])
        indices, values, places = indices.copy(), values.copy(), places.copy()
        indices[:, hit], values[:, hit] = np.where(something, found, -1), largest
        places[:, hit] = np.where(something, where, 0)
    done = state.done + len(images)
    return TopImages(
        layer=state.layer,
        split=state.split,
        shape=state.shape,
        done=done,
        wanted=state.wanted,
        indices=indices,
        values=values,
        places=places,
        low=np.minimum(state.low, low.min(axis=0)),
        high=np.maximum(state.high, high.max(axis=0)),
        means=(state.means * state.done + means.sum(axis=0, dtype=np.float64)) / done,
        silent=state.silent + ((high == 0) & (low == 0)).sum(axis=0),
    )


def _first_largest(outputs: NDArray[np.float32], images: NDArray[np.int64], maps: NDArray[np.int64]) -> Any:
    """For each pair of an image and a map the node with the largest value, the first of equal ones; NaN is none."""
    found = np.zeros(len(images), np.int64)
    step = max(1, _GATHERED // outputs.shape[1])
    for start in range(0, len(images), step):
        piece = slice(start, start + step)
        values = outputs[images[piece], :, maps[piece]]
        found[piece] = np.where(np.isnan(values), np.float32(-np.inf), values).argmax(axis=1)
    return found


def _key(
    inspector: Inspector, image_batches: ImageBatches, dataset: Dataset, split: str, layer: str,
    places: NDArray[np.int64] | range,
) -> str:  # fmt: skip
    """A text that changes with anything that changes the result, "" if there is no model file any more.

    The file stands for the wiring, the weights for themselves: the file may be a later one than what was opened.
    """
    path = inspector.info.path
    stamp = file_stamp(path)
    if stamp is None:
        return ""
    digest = hashlib.blake2b(digest_size=16)
    for call in image_batches.calls.values():
        for weight in getattr(call.operation, "weights", ()):
            digest.update(weight.numpy().reshape(-1).view(np.uint8))
    preprocessing = inspector.preprocessing
    images = np.asarray(dataset.train if split == "train" else dataset.test, np.int64)[np.asarray(places)]
    for array in (preprocessing.offset, preprocessing.scale, images):
        digest.update(array.tobytes())
    file = (str(path.absolute()), stamp.changed, stamp.size)
    return repr((file, digest.hexdigest(), preprocessing.name, layer, dataset.fingerprint, split))
