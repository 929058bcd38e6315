"""Random specs, and random stacks of small layers that fit each other."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import msgspec
from hypothesis import strategies as st

from cnn_explorer.core.fields import Field, fields_of
from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture, LayerKind
from cnn_explorer.core.network.inference import infer

SMALL = {
    "filters": st.integers(1, 4),
    "units": st.integers(1, 5),
    "depth_multiplier": st.integers(1, 3),
    "kernel_size": st.tuples(st.integers(1, 4), st.integers(1, 4)),
    "pool_size": st.tuples(st.integers(1, 3), st.integers(1, 3)),
    "strides": st.one_of(
        st.integers(1, 3).map(lambda stride: (stride, stride)), st.tuples(st.integers(1, 3), st.integers(1, 3))
    ),
    "dilation_rate": st.one_of(st.just((1, 1)), st.tuples(st.integers(1, 3), st.integers(1, 3))),
    "output_padding": st.tuples(st.integers(0, 2), st.integers(0, 2)),
    "size": st.tuples(st.integers(1, 3), st.integers(1, 3)),
    "margins": st.tuples(st.integers(0, 3), st.integers(0, 3)),
}
"""What fields are drawn from where a stack is to be built: enough for every rule, little to compute."""


def _values(field: Field) -> st.SearchStrategy[Any]:
    """All values that a field of a spec allows."""
    low = field.minimum if field.minimum is not None else field.above
    match field.kind:
        case "boolean":
            strategy: st.SearchStrategy[Any] = st.booleans()
        case "integer":
            strategy = st.integers(int(low or 0), int(field.maximum or 0))
        case "number":
            strategy = st.floats(
                low,
                field.maximum,
                exclude_min=field.above is not None,
                exclude_max=field.below is not None,
                allow_nan=False,
                allow_infinity=False,
            )
        case "choice":
            strategy = st.sampled_from(field.choices)
        case "integers":
            strategy = st.tuples(*[st.integers(int(low or 0), int(field.maximum or 0))] * field.length)
        case "numbers":
            element = "integer" if field.whole else "number"
            one = _values(dataclasses.replace(field, kind=element, optional=False))
            strategy = st.lists(one, max_size=6).map(tuple)
        case "pairs":
            margins = st.integers(int(low or 0), int(field.maximum or 0))
            strategy = st.tuples(st.tuples(margins, margins), st.tuples(margins, margins))
        case "spec":
            assert field.spec is not None
            strategy = specs(field.spec)
        case "text":
            strategy = st.from_regex(field.pattern or r"\A[^\x00]{0,20}\Z").filter(lambda text: len(text) <= 64)
        case "list":
            strategy = st.lists(st.one_of([specs(kind.spec) for kind in LAYER_KINDS]), max_size=4).map(tuple)
    return st.one_of(st.none(), strategy) if field.optional else strategy


def specs(spec: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any value of a spec class within its limits."""
    return st.builds(spec, **{field.name: _values(field) for field in fields_of(spec)})


def _small(field: Field) -> st.SearchStrategy[Any]:
    if field.kind == "pairs":
        return st.tuples(SMALL["margins"], SMALL["margins"])
    if field.kind == "number" and field.maximum is None:
        return st.floats(-2, 2)
    if field.name not in SMALL:
        return _values(field)
    return st.one_of(st.none(), SMALL[field.name]) if field.optional else SMALL[field.name]


@st.composite
def small_layers(draw: st.DrawFn, kind: LayerKind, taken: frozenset[str]) -> AnyLayer:
    """A layer of that kind that is cheap to build, with a free name."""
    layer = kind.new(taken)
    drawn = {field.name: draw(_small(field)) for field in fields_of(kind.spec) if field.name != "name"}
    return msgspec.structs.replace(layer, **drawn)


@st.composite
def stacks(
    draw: st.DrawFn, kinds: tuple[LayerKind, ...] = LAYER_KINDS, most: int = 9
) -> tuple[Architecture, Architecture | None]:
    """A stack that fits, and one whose last layer was drawn for it and did not fit (``None`` if there was none)."""
    side = st.integers(1, 14)
    architecture = Architecture(input_shape=draw(st.tuples(side, side, st.integers(1, 3))))
    wrong = None
    for _ in range(draw(st.integers(1, most))):
        taken = frozenset(layer.name for layer in architecture.layers)
        layer = draw(small_layers(draw(st.sampled_from(kinds)), taken))
        longer = msgspec.structs.replace(architecture, layers=(*architecture.layers, layer))
        inference = infer(longer)
        if inference.problems:
            wrong = longer
        elif math.prod(inference.output_shape or ()) <= 20_000:
            architecture = longer
    return architecture, wrong
