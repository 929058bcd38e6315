"""What is told of the layers of a loaded model: names, shapes, settings, and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.engine.graph.calls import Call, Graph, Ref
from cnn_explorer.engine.graph.inputs import KerasInput
from cnn_explorer.engine.graph.places import Place, graph_places
from cnn_explorer.engine.inspecting.setting_words import settings_of


def layer_infos(
    graph: Graph, keras_inputs: Sequence[KerasInput], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[LayerInfo, ...]:
    """All layers that are shown, in the order of the graph; ``shapes`` are those of their outputs, maps last.

    Receptive field and jump are in pixels of the first input that takes images and is seen.
    """
    places = _places(graph, keras_inputs)
    depths: dict[str, int] = {"": 0}
    infos = []
    for name, call in graph.calls.items():
        depths[name] = 1 + max((depths[ref.call] for ref in call.sources), default=0)
        if name not in shapes:
            continue
        where = places.get(name)
        sources = [_shown(graph, ref, shapes) for ref in call.sources]
        infos.append(
            LayerInfo(
                name=name,
                type=call.type,
                output_shape=shapes[name],
                params=call.operation.count_params() if call.is_layer else 0,
                receptive_field=where[0] if where else None,
                jump=where[1] if where else None,
                sources=tuple(source.call for source in sources),
                depth=depths[name],
                config=settings_of(call.operation),
                takes=tuple(source.number for source in sources if not source.call),
            )
        )
    return tuple(infos)


def output_names(graph: Graph, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """The layers that give the outputs of the model."""
    return tuple(_shown(graph, ref, shapes).call for ref in graph.outputs)


def first_calls(graph: Graph, number: int) -> list[Call]:
    """The layers that take input ``number``."""
    return [call for call in graph.calls.values() if Ref("", number) in call.sources]


def grouped(sentences: Sequence[str]) -> tuple[str, ...]:
    """Sentences on layers, ``name: what``; what is the same for several of them is said once."""
    names: dict[str, list[str]] = {}
    for sentence in sentences:
        name, colon, what = sentence.partition(": ")
        names.setdefault(what if colon else sentence, []).append(name if colon else "")
    told = []
    for what, of in names.items():
        also = "" if len(of) == 1 else f" and {len(of) - 1} more"
        told.append(f"{of[0]}{also}: {what}" if of[0] else what)
    return tuple(told)


def _shown(graph: Graph, ref: Ref, shapes: Mapping[str, tuple[int, ...]]) -> Ref:
    """The output of the layer of ``ref``, or of the first one before it that is shown, or the input before all."""
    while ref.call and ref.call not in shapes:
        sources = graph.calls[ref.call].sources
        ref = sources[0] if sources else Ref("")
    return ref


def _places(graph: Graph, keras_inputs: Sequence[KerasInput]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for number, keras_input in enumerate(keras_inputs):
        if keras_input.is_image:
            told = graph_places(graph, number)
            found = {**{name: place for name, place in told.items() if place is not None}, **found}
    return found
