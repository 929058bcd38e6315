"""From a node computed by hand to what is shown of it: one function for each kind of work; no Qt in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnn_explorer.core.nodes.steps import (
    Activated,
    Blend,
    Carried,
    Convolution,
    DenseSum,
    Merge,
    Node,
    Normalization,
    Pointwise,
    Pooling,
    SeparableConvolution,
    Source,
    Step,
    Unexplained,
    Values,
    strongest_source,
)
from cnn_explorer.text.nodes import crumb, map_name, map_words, node_words, number, source_name, span_words
from cnn_explorer.ui.pages.inspect.microscope.scene import Equation, Figure, Focus, Plate, Scene, SumPart, Terms

_FIRST = 10  # of the terms of a long sum, said beside the rest
_SIDE_BY_SIDE = 4  # inputs of a merge that find room in one line


def scene(step: Step) -> Scene:
    """What there is to see of a node."""
    match step.work:
        case Convolution():
            return _convolution(step, step.work)
        case SeparableConvolution():
            return _separable(step, step.work)
        case Pooling():
            return _pooling(step, step.work)
        case Normalization():
            return _normalization(step, step.work)
        case DenseSum():
            return _dense(step, step.work)
        case Pointwise():
            return _pointwise(step, step.work)
        case Merge():
            return _merge(step, step.work)
        case Carried():
            return _carried(step, step.work)
        case Blend():
            return _blend(step, step.work)
        case Unexplained():
            return _unexplained(step, step.work)


def pixel_scene(place: Source, raw: float | None, prepared: float, preprocessing: str) -> Scene:
    """The end of the way: a value of an input, as it was (``None`` if nobody knows) and as the network gets it."""
    got = Figure("as the network gets it", number(prepared), "=" if raw is None else "→", strong=True)
    row = (got,) if raw is None else (Figure("in the image", f"{raw:.0f}"), got)
    remarks = ["This is the image: here the way ends."]
    if raw is not None:
        remarks.append(f"The preprocessing ({preprocessing}) makes of it what the network gets.")
    return Scene(prepared, (row,), tuple(remarks), focus=lambda _: Focus(place))


def _convolution(step: Step, work: Convolution) -> Scene:
    before = step.inputs[0]
    weight_limit, limit = _largest(work.kernel), _largest(work.products)
    where = span_words(work.window)

    def equation(term: int) -> Equation:
        at = work.maps[term]
        plates = (
            Plate(map_words(before, at), "values", work.patch[:, :, term]),
            Plate("kernel", "weights", work.kernel[:, :, term], weight_limit),
            Plate("products", "products", work.products[:, :, term], limit),
        )
        tail = f"sum {number(work.partial[term])}"
        return Equation(plates, ("×", "="), work.window, before.layer, before.number, at, where, tail)

    def focus(term: int) -> Focus:
        return Focus(Source(before.layer, _corner(work.maps[term]), before.number), work.window)

    terms = Terms(
        f"{len(work.maps):,} input {'channels' if not before.layer else 'maps'}",
        work.partial,
        lambda term: map_name(before, work.maps[term]),
        lambda _: "",
        lambda _: None,
        _signs(work.partial),
        lambda term: work.products[:, :, term],
        limit,
    )
    few = len(work.maps) == 1
    label = "Σ products" if few else f"Σ of {len(work.maps):,} {'channels' if not before.layer else 'maps'}"
    rows = (_sum(label, work.total, work.bias, work.activated),)
    best = int(np.argmax(np.abs(work.partial)))
    return Scene(work.value, rows, (), None if few else terms, equation, focus, best)


def _separable(step: Step, work: SeparableConvolution) -> Scene:
    before, multiplier = step.inputs[0], work.kernels.shape[3]
    weight_limit, limit = _largest(work.kernels), _largest(work.products)
    where = span_words(work.window)

    def equation(term: int) -> Equation:
        at, path = divmod(term, multiplier)
        plates = (
            Plate(map_words(before, at), "values", work.patch[:, :, at]),
            Plate("kernel of this map", "weights", work.kernels[:, :, at, path], weight_limit),
            Plate("products", "products", work.products[:, :, at, path], limit),
        )
        tail = f"sum {number(work.between[term])} × weight {number(work.weights[term])}"
        tail += f" = {number(work.contributions[term])}"
        return Equation(plates, ("×", "="), work.window, before.layer, before.number, at, where, tail)

    def focus(term: int) -> Focus:
        return Focus(Source(before.layer, _corner(term // multiplier), before.number), work.window)

    def name(term: int) -> str:
        at, path = divmod(term, multiplier)
        return map_name(before, at) + (f", kernel {path}" if multiplier > 1 else "")

    terms = Terms(
        f"{work.between.size:,} sums × weights",
        work.contributions,
        name,
        lambda term: f"{number(work.between[term])} × {number(work.weights[term])}",
        lambda _: None,
        _signs(work.contributions),
        lambda term: work.products[:, :, term // multiplier, term % multiplier],
        limit,
    )
    remark = "First each map is summed with a kernel of its own; then these sums are added, each with one weight."
    rows = (_sum(f"Σ of {work.between.size:,} sums × weights", work.total, work.bias, work.activated),)
    best = int(np.argmax(np.abs(work.contributions)))
    return Scene(work.value, rows, (remark,), terms, equation, focus, best)


def _pooling(step: Step, work: Pooling) -> Scene:
    before, largest = step.inputs[0], work.kind == "max"
    place = work.window.node(*work.winner)
    plate = Plate(map_words(before, work.map), "values", work.patch)
    tail = "" if place is None or not largest else f"the largest is at row {place[0]}, column {place[1]}"
    shown = Equation(
        (plate,), (), work.window, before.layer, before.number, work.map, span_words(work.window), tail,
        work.winner if largest else None, padding_counts=False,
    )  # fmt: skip
    places = "1 value" if work.count == 1 else f"{work.count:,} values"
    if largest:
        row: tuple[SumPart, ...] = (Figure(f"largest of {places}", number(work.value), strong=True),)
    else:
        row = (
            Figure(f"Σ of {places}", number(work.total)), Figure("their number", f"{work.count:,}", "÷"),
            _output(work.value),
        )  # fmt: skip
    remarks = ("Places on padding take no part.",) if shown.has_padding else ()
    focus = Focus(Source(before.layer, _corner(work.map), before.number), work.window)
    return Scene(work.value, (row,), remarks, None, lambda _: shown, lambda _: focus)


def _normalization(step: Step, work: Normalization) -> Scene:
    deviation: tuple[SumPart, ...] = (
        Figure("variance", number(work.variance), "√ ("),
        Figure("ε", number(work.epsilon), "+", ")"),
        Figure("deviation", number(work.deviation), "="),
    )
    if work.epsilon == 0:
        deviation = (Figure("variance", number(work.variance), "√"), Figure("deviation", number(work.deviation), "="))
    standardized = (
        Figure("x", number(work.x), "("),
        Figure("mean", number(work.mean), "−", ")"),
        Figure("deviation", number(work.deviation), "÷"),
        Figure("standardized", number(work.standardized), "="),
    )
    result = (
        Figure("γ", number(work.gamma)),
        Figure("standardized", number(work.standardized), "×"),
        Figure("β", number(work.beta), "+"),
        _output(work.value),
    )
    rows = (deviation, standardized, result)
    if work.together is None or work.sources is None:
        remark = "Mean and variance are those that the layer has kept from training."
        return Scene(work.value, rows, (remark,), focus=_node_focus(step))
    return _normalized_together(step, work, work.together, work.sources, rows)


def _normalized_together(
    step: Step,
    work: Normalization,
    values: Values,
    sources: NDArray[np.intp],
    rows: tuple[tuple[SumPart, ...], ...],
) -> Scene:
    """With the values of this image that mean and variance are of."""
    before, count = step.inputs[0], values.size
    many = "1 value" if count == 1 else f"{count:,} values"

    def source(term: int) -> Source:
        return Source(before.layer, _node(sources[term]), before.number)

    mean = (
        Figure(f"Σ of {many}", number(float(values.sum()))), Figure("their number", f"{count:,}", "÷"),
        Figure("mean", number(work.mean), "="),
    )  # fmt: skip
    variance = (
        Figure("Σ of (value − mean)²", number(work.variance * count)), Figure("their number", f"{count:,}", "÷"),
        Figure("variance", number(work.variance), "="),
    )  # fmt: skip
    terms = Terms(
        f"{many} of {source_name(before)}, normalized together",
        values,
        lambda term: node_words(_node(sources[term]), not before.layer),
        lambda term: f"{number(float(values[term]))} − mean = {number(float(values[term]) - work.mean)}",
        source,
    )
    remark = "Mean and variance are those of this image alone."
    return Scene(
        work.value, (mean, variance, *rows), (remark,), terms, None, lambda term: Focus(source(term)), work.place
    )


def _dense(step: Step, work: DenseSum) -> Scene:
    before = step.inputs[0]

    def source(term: int) -> Source:
        if work.origins is not None and work.origin_layer:
            return Source(work.origin_layer, _node(work.origins[term]))
        return Source(before.layer, _node(work.sources[term]), before.number)

    def name(term: int) -> str:
        if work.origins is None:
            return node_words(_node(work.sources[term]))
        row, column, at = _node(work.origins[term])
        return f"{'map' if work.origin_layer else 'channel'} {at} ({row}, {column})"

    from_layer = source_name(before) if work.origins is None else work.origin_layer or "image"
    terms = Terms(
        f"{work.products.size:,} inputs of {from_layer} × weights",
        work.products,
        name,
        lambda term: f"{number(work.inputs[term])} × {number(work.weights[term])}",
        source,
        _rest(work.products, work.order),
    )
    rows = (_sum(f"Σ of {work.products.size:,} products", work.total, work.bias, work.activated),)
    return Scene(work.value, rows, (), terms, None, lambda term: Focus(source(term)), int(work.order[0]))


def _pointwise(step: Step, work: Pointwise) -> Scene:
    row = (Figure("x", number(work.activated.before)), work.activated, _output(work.value))
    return Scene(work.value, (row,), focus=_node_focus(step))


def _merge(step: Step, work: Merge) -> Scene:
    names = [source_name(before) for before in step.inputs]
    signs = {"add": "+", "average": "+", "subtract": "−", "multiply": "×"}
    row: list[SumPart]
    if len(work.values) > _SIDE_BY_SIDE:
        names_of_kinds = {"add": "sum", "subtract": "difference", "multiply": "product", "average": "mean"}
        kind = names_of_kinds.get(work.kind, work.kind)
        row = [Figure(f"{kind} of {len(work.values)} values", number(work.value), strong=True)]
    else:
        sign = signs.get(work.kind, "and")
        row = [
            Figure(name, number(value), sign if at else "")
            for at, (name, value) in enumerate(zip(names, work.values, strict=True))
        ]
        if work.kind == "average":
            row = _bracketed(row)
            row.append(Figure("their number", str(len(work.values)), "÷"))
        output = _output(work.value)
        row.append(output if work.kind in signs else Figure(f"the {work.kind}", output.text, "→", strong=True))
    terms = Terms(
        f"{len(work.values)} inputs",
        np.array(work.values),
        lambda term: names[term],
        lambda term: node_words(work.sources[term], not step.inputs[term].layer),
        lambda term: Source(step.inputs[term].layer, work.sources[term], step.inputs[term].number),
    )
    strongest = strongest_source(step)
    chosen = next((at for at in range(len(names)) if terms.source(at) == strongest), 0)
    return Scene(
        work.value, (tuple(row),), (), terms, None,
        lambda term: Focus(Source(step.inputs[term].layer, work.sources[term], step.inputs[term].number)), chosen,
    )  # fmt: skip


def _bracketed(row: list[SumPart]) -> list[SumPart]:
    """The same in brackets."""
    first, last = row[0], row[-1]
    assert isinstance(first, Figure)
    assert isinstance(last, Figure)
    return [replace(first, sign="("), *row[1:-1], replace(last, closing=")")]


def _carried(step: Step, work: Carried) -> Scene:
    row: tuple[SumPart, ...] = (Figure("padding", number(work.value), strong=True),)
    if work.source is None:
        return Scene(work.value, (row,), ("No node lies here: the layer puts a 0.",))
    before = step.inputs[work.input]
    place = Source(before.layer, work.source, before.number)
    row = (Figure(crumb(place), number(work.value)), _output(work.value))
    remark = f"{step.type} changes no value: this one comes from {source_name(before)} as it is."
    return Scene(work.value, (row,), (remark,), focus=_node_focus(step))


def _blend(step: Step, work: Blend) -> Scene:
    before = step.inputs[0]

    def source(term: int) -> Source:
        return Source(before.layer, work.sources[term], before.number)

    terms = Terms(
        f"{len(work.values)} neighbours × weights",
        np.multiply(work.values, work.weights),
        lambda term: node_words(work.sources[term], not before.layer),
        lambda term: f"{number(work.values[term])} × {number(work.weights[term])}",
        source,
    )
    row = (Figure("weighted mean", number(work.value), strong=True),)
    chosen = int(np.argmax(np.abs(terms.values)))
    return Scene(work.value, (row,), (), terms, None, lambda term: Focus(source(term)), chosen)


def _unexplained(step: Step, work: Unexplained) -> Scene:
    remarks = [work.reason]
    if work.source is not None:
        place = strongest_source(step)
        said = crumb(place) if place else ""
        remarks.append(f"By its gradient it depends most on {said}.")
    row = (Figure("what the layer gives", number(work.value), strong=True),)
    return Scene(work.value, (row,), tuple(remarks), focus=_node_focus(step))


def _node_focus(step: Step) -> Callable[[int], Focus | None]:
    place = strongest_source(step)
    return lambda _: Focus(place) if place else None


def _sum(label: str, total: float, bias: float, activated: Activated) -> tuple[SumPart, ...]:
    """Σ + bias, through the function, = the output; a function that does nothing is not shown."""
    parts: list[SumPart] = [Figure(label, number(total)), Figure("bias", number(bias), "+")]
    if activated.function != "linear":
        parts += [Figure("sum", number(activated.before), "="), activated]
    return (*parts, _output(activated.after))


def _output(value: float) -> Figure:
    return Figure("output", number(value), "=", strong=True)


def _largest(values: Values) -> float:
    return float(np.abs(values).max()) if values.size else 0.0


def _signs(values: Values) -> str:
    """Both sides of a sum."""
    up, down = float(values[values > 0].sum()), float(values[values < 0].sum())
    return f"above 0: {number(up)} · below 0: {number(down)}"


def _rest(products: Values, order: NDArray[np.intp]) -> str:
    """The largest products of a long sum beside all others."""
    if products.size <= _FIRST:
        return _signs(products)
    first, rest = float(products[order[:_FIRST]].sum()), float(products[order[_FIRST:]].sum())
    return f"the {_FIRST} largest {number(first)} · the other {products.size - _FIRST:,} together {number(rest)}"


def _corner(at: int) -> Node:
    return 0, 0, at


def _node(places: NDArray[np.intp]) -> Node:
    return tuple(int(place) for place in places)
