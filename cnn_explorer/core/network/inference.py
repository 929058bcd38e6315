"""Architecture -> shapes, parameters, MACs, receptive field, jump, memory, problems; without Keras."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from cnn_explorer.core.network.architecture import AnyLayer, Architecture
from cnn_explorer.core.network.layers.rules import Effect, Flow, MisfitError, Shape, effect_of
from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.core.network.receptive_field import Sight
from cnn_explorer.core.sizes import shape_text

MOST_VALUES = 2**31 - 1
"""No more weights in a network, and no more values in one image's output of a layer, than this (8 GiB of float32).

Beyond it TensorFlow's 32-bit indices break, and no machine that someone learns on could train it.
"""

BYTES_PER_VALUE = 4
"""Everything is counted in float32."""

# Keras gives its input layer one of the first names, and its HDF5 format uses the last one for a group of its own.
_RESERVED_NAME = re.compile(r"input_layer(_\d+)?|top_level_model_weights")


@dataclass(frozen=True)
class LayerFacts:
    """What one layer does to the data; all but its name and type is ``None`` from the first layer on that does
    not fit its input.

    ``output_shape`` is without the batch axis. ``macs`` are multiply-accumulates for one image: one for each
    product of a weight and a value in convolutions and Dense layers; nothing else counts.
    ``receptive_field`` and ``jump`` are (rows, columns) on the input image, ``None`` where an output value
    has no place on it (after Flatten, say). ``memory`` is the output of one image in bytes of float32.
    """

    name: str
    type: str
    output_shape: Shape | None
    params: int | None
    trainable_params: int | None
    macs: int | None
    receptive_field: tuple[int, int] | None
    jump: tuple[float, float] | None
    memory: int | None


@dataclass(frozen=True)
class Problem:
    """Why the network cannot be built or trained, and the way out. ``layer`` is "" for the whole network.

    ``index`` is the layer's index, ``None`` for the whole network.
    """

    layer: str
    message: str
    index: int | None = None


@dataclass(frozen=True)
class Inference:
    """What is known of a whole architecture.

    Totals are over the layers whose facts are known. ``output_shape`` is ``None`` if some layer does not fit.
    """

    layers: tuple[LayerFacts, ...]
    problems: tuple[Problem, ...]
    total_params: int
    trainable_params: int
    total_macs: int
    output_shape: Shape | None
    input_shape: Shape

    def memory(self, batch_size: int) -> int:
        """Bytes of float32 that training on a batch of ``batch_size`` images holds at once.

        Counted: all weights; for each trainable one its gradient and one number of the optimizer (which keeps none,
        one or two, so this is one for all); the images of the batch, and every layer's output for them, which the
        backward pass needs again (Flatten copies nothing). Not counted: gradients of outputs, working space of the
        convolutions, masks of Dropout, the data set, and TensorFlow itself (some 100 MB). So the real need is
        higher; mixed precision about halves the part of the outputs.
        """
        weights = self.total_params + 2 * self.trainable_params
        outputs = sum(facts.memory or 0 for facts in self.layers if not traits_of(facts.type).reshapes)
        return BYTES_PER_VALUE * (weights + batch_size * prod(self.input_shape)) + batch_size * outputs


def infer(architecture: Architecture) -> Inference:
    """All facts and problems of ``architecture``; an empty one has no problem here."""
    flow: Flow | None = Flow(architecture.input_shape)
    sight: Sight | None = Sight()
    problems: list[Problem] = []
    facts: list[LayerFacts] = []
    names: set[str] = set()
    params = frozen = macs = 0
    if prod(architecture.input_shape) > MOST_VALUES:
        values = f"{prod(architecture.input_shape):,} values, more than {MOST_VALUES:,}"
        problems.append(
            Problem("", f"An image of {shape_text(architecture.input_shape)} has {values}: use smaller images.")
        )
        flow = None
    for index, layer in enumerate(architecture.layers):
        if message := _name_problem(layer.name, names):
            problems.append(Problem(layer.name, message, index))
        names.add(layer.name)
        if flow is None:
            facts.append(_unknown(layer))
            continue
        try:
            effect = effect_of(layer, flow)
            _refuse_absurd_size(layer, effect, params)
        except MisfitError as misfit:
            problems.append(Problem(layer.name, str(misfit), index))
            facts.append(_unknown(layer))
            flow = None
            continue
        sight = sight.through(effect.steps) if sight else None
        flow = flow.after(layer, effect)
        facts.append(_known(layer, effect, sight))
        params, frozen, macs = params + effect.params, frozen + effect.frozen_params, macs + effect.macs
    return Inference(
        layers=tuple(facts),
        problems=tuple(problems),
        total_params=params,
        trainable_params=params - frozen,
        total_macs=macs,
        output_shape=flow.shape if flow else None,
        input_shape=architecture.input_shape,
    )


def training_problems(
    architecture: Architecture, image_shape: tuple[int, int, int], class_count: int
) -> tuple[Problem, ...]:
    """Why this network cannot be trained on such images: its own problems, then those with the data set.

    The loss is the cross-entropy of probabilities, so the network must end in a softmax over the classes.
    """
    inference = infer(architecture)
    problems = list(inference.problems)
    if not architecture.layers:
        problems.append(
            Problem("", f"The network has no layers: add some, and end with Flatten and {_ending(class_count)}.")
        )
    if architecture.input_shape != image_shape:
        takes, has = shape_text(architecture.input_shape), shape_text(image_shape)
        message = (
            f"The network takes images of {takes}, the data set has images of {has}: set the input shape to {has}."
        )
        problems.append(Problem("", message))
    if architecture.layers and inference.output_shape is not None:
        message = _ending_problem(architecture.layers[-1], inference.output_shape, class_count)
        if message:
            problems.append(Problem(architecture.layers[-1].name, message, len(architecture.layers) - 1))
        if inference.trainable_params == 0:
            message = "No layer of the network has weights that could be learnt: add a Conv2D or Dense layer."
            problems.append(Problem("", message))
    return tuple(problems)


def _ending(class_count: int) -> str:
    return f"Dense({class_count}, softmax)"


def _ending_problem(last: AnyLayer, shape: Shape, class_count: int) -> str:
    """Why the network's last layer does not tell classes; empty if it does."""
    ending = _ending(class_count)
    if len(shape) != 1:
        return (
            f"{last.name} is the last layer and gives maps of {shape_text(shape)}, not one number for each of the "
            f"{class_count} classes: end with Flatten and {ending}."
        )
    if shape != (class_count,):
        return (
            f"{last.name} is the last layer and gives {shape[0]:,} numbers, but the data set has {class_count} "
            f"classes: end with {ending}."
        )
    if getattr(last, "activation", "") != "softmax":
        return f"{last.name} is the last layer and does not give probabilities: end with {ending}."
    return ""


def _name_problem(name: str, names_before: set[str]) -> str:
    """Why Keras would not take, or not save, a layer of this name; empty if it would."""
    if name in names_before:
        return f"{name}: a layer before has the same name: give this one a name of its own."
    if _RESERVED_NAME.fullmatch(name):
        return f"{name}: Keras keeps this name for itself: give the layer another one."
    return ""


def _refuse_absurd_size(layer: AnyLayer, effect: Effect, params_before: int) -> None:
    if params_before + effect.params > MOST_VALUES:
        raise MisfitError(
            f"{layer.name}: with its {effect.params:,} weights the network has more than {MOST_VALUES:,}: make it "
            "smaller, or the maps before it."
        )
    if prod(effect.shape) > MOST_VALUES:
        raise MisfitError(
            f"{layer.name}: its output of {shape_text(effect.shape)} has more than {MOST_VALUES:,} values: make it "
            "smaller, or the maps before it."
        )


def _known(layer: AnyLayer, effect: Effect, sight: Sight | None) -> LayerFacts:
    return LayerFacts(
        name=layer.name,
        type=layer.type,
        output_shape=effect.shape,
        params=effect.params,
        trainable_params=effect.params - effect.frozen_params,
        macs=effect.macs,
        receptive_field=sight.largest(effect.shape) if sight else None,
        jump=sight.jump if sight else None,
        memory=prod(effect.shape) * BYTES_PER_VALUE,
    )


def _unknown(layer: AnyLayer) -> LayerFacts:
    return LayerFacts(layer.name, layer.type, None, None, None, None, None, None, None)
