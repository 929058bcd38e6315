"""A page on one model and one image: structure, prediction, the maps and kernels of all layers, in one HTML file.

It holds its pictures itself, asks no network for anything, and runs nothing. What is left out or made smaller so that
it stays a file that opens at once is said in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cnn_explorer.core.model.info import ForwardPass, LayerInfo, LayerWeight, ModelInfo
from cnn_explorer.core.network.layers.traits import traits_of
from cnn_explorer.core.progress import Watch, unwatched
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.report.image import RawImage, image_section
from cnn_explorer.export.report.layers import layer_section
from cnn_explorer.export.report.markup import Markup, element, joined
from cnn_explorer.export.report.style import STYLE
from cnn_explorer.store.atomic import atomic_write, refuse_existing

_TITLES = (
    ("cnn_explorer", "CNN Explorer"), ("keras", "Keras"), ("tensorflow", "TensorFlow"), ("numpy", "NumPy"),
    ("python", "Python"),
)  # fmt: skip
"""What of ``versions`` is told."""
MOST_LAYERS = 80
"""So many layers get a section of their own."""
_MOST_NODES, _FEWEST_A_LAYER, _MOST_A_LAYER = 4_000_000, 50_000, 400_000
"""Nodes that are painted, in all and for one layer."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportMatter:
    """What a report is about.

    ``images``: the raw images that went in, each with its name; ``true_name``: the class of the first, "" if nobody
    knows. ``names``: those of the model's outputs. ``weights`` gives those of a layer. ``made``: when; ``versions``:
    of the program and what it stands on.
    """

    info: ModelInfo
    forward: ForwardPass
    images: tuple[tuple[str, RawImage], ...]
    true_name: str
    names: tuple[str, ...]
    weights: Callable[[str], tuple[LayerWeight, ...]]
    made: datetime
    versions: tuple[tuple[str, str], ...]


def save_report(path: Path, matter: ReportMatter, force: bool = False, watch: Watch = unwatched) -> None:
    """Write ``report_page`` as a file.

    Raises ``ExplorerError`` if ``path`` exists (without ``force``) or cannot be written, and what ``watch`` raises.
    """
    refuse_existing(path, force)
    page = report_page(matter, watch)
    watch("Writing the report", 1, 1)
    atomic_write(path, page.encode("utf-8"))


def report_page(matter: ReportMatter, watch: Watch = unwatched) -> str:
    """The page as HTML; ``watch`` hears of each layer, and may raise to end it."""
    info = matter.info
    layers, left_out = _chosen(info.layers)
    most = min(_MOST_A_LAYER, max(_FEWEST_A_LAYER, _MOST_NODES // max(1, len(layers))))
    sections = []
    for number, layer in enumerate(layers):
        watch("Writing the report", number, len(layers))
        activation = matter.forward.activations.get(layer.name)
        sections.append(layer_section(layer, _anchor(info, layer), activation, matter.weights(layer.name), most))
    name = info.name or info.path.stem
    body = element(
        "main",
        element("header", element("h1", name), element("p", _origin(matter), class_="muted")),
        *(element("p", note, class_="note") for note in _notes(info)),
        element("h2", "Model"),
        element("section", _facts(info)),
        element("h2", "Image and prediction"),
        image_section(info, matter.forward, matter.images, matter.names, matter.true_name),
        element("h2", "Structure"),
        element("section", element("div", _structure(info, layers), class_="wide")),
        element("h2", "Layers"),
        *((element("p", left_out, class_="note"),) if left_out else ()),
        *sections,
        element("footer", _versions(matter)),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Nothing but what stands in the page is ever asked for.
        element(
            "meta", http_equiv="Content-Security-Policy",
            content="default-src 'none'; img-src data:; style-src 'unsafe-inline'",
        ),
        element("title", f"{name}: report"),
        element("style", STYLE),
    )  # fmt: skip
    return f"<!DOCTYPE html>\n{element('html', head, element('body', body), lang='en')}\n"


def _chosen(layers: tuple[LayerInfo, ...]) -> tuple[tuple[LayerInfo, ...], str]:
    """The layers that get a section, and in words which do not."""
    if len(layers) <= MOST_LAYERS:
        return layers, ""
    found = tuple(layer for layer in layers if not traits_of(layer.type).plain)
    if len(found) <= MOST_LAYERS:
        return found, (
            f"Shown are {len(found)} of {len(layers):,} layers: those that normalize, cut off or pad are left out."
        )
    # Evenly, with the first and the last.
    places = sorted({round(place * (len(found) - 1) / (MOST_LAYERS - 1)) for place in range(MOST_LAYERS)})
    return tuple(found[place] for place in places), (
        f"Shown are {len(places)} of {len(layers):,} layers, evenly chosen: all of them would be too much for a page."
    )


def _origin(matter: ReportMatter) -> str:
    path = matter.info.path
    where = f"{path.parent.name}/{path.name}" if path.parent.name else path.name
    made = matter.made
    return f"{where} · CNN Explorer, {made.day} {made:%B %Y, %H:%M}"


def _versions(matter: ReportMatter) -> str:
    found = dict(matter.versions)
    return " · ".join(f"{title} {found[name]}" for name, title in _TITLES if name in found)


def _notes(info: ModelInfo) -> tuple[str, ...]:
    guess = (
        (f"The file does not say how images are prepared for this model; “{info.preprocessing}” is a guess.",)
        if info.preprocessing_is_guess
        else ()
    )
    return (*info.notes, *guess)


def _facts(info: ModelInfo) -> Markup:
    inputs = [f"{entry.name} {shape_text(entry.shape)}" for entry in info.inputs] or [shape_text(info.input_shape)]
    facts = [
        ("Inputs" if len(inputs) > 1 else "Input", ", ".join(inputs)),
        ("Outputs" if len(info.outputs) > 1 else "Output", ", ".join(info.outputs)),
        ("Layers", f"{len(info.layers):,}"),
        ("Parameters", f"{info.total_params:,}"),
        ("Preprocessing", info.preprocessing),
        ("Trained on", info.dataset),
        ("Classes", _listed(info.classes)),
    ]
    return element("dl", *(joined((element("dt", what), element("dd", text))) for what, text in facts if text))


def _listed(names: tuple[str, ...], most: int = 40) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _structure(info: ModelInfo, shown: tuple[LayerInfo, ...]) -> Markup:
    """A line for each layer. Where each takes its values is said only if it is not from the layer before."""
    names = [layer.name for layer in info.layers]
    stacked = all(layer.sources in ((), (before,)) for before, layer in zip(["", *names], info.layers, strict=False))
    heads = [("Layer", ""), ("Type", ""), *([] if stacked else [("From", "")])]
    heads += [(text, "n") for text in ("Output", "Parameters", "Receptive field", "Jump")]
    head = element("tr", *(element("th", text, scope="col", class_=kind) for text, kind in heads))
    with_section = {layer.name for layer in shown}
    rows = []
    for layer in info.layers:
        name: str = layer.name
        if name in with_section:
            name = element("a", name, href=f"#{_anchor(info, layer)}")
        sources = ", ".join(source or "input" for source in layer.sources)
        cells = [element("td", name), element("td", layer.type), *([] if stacked else [element("td", sources)])]
        texts = (
            shape_text(layer.output_shape), f"{layer.params:,}",
            shape_text(layer.receptive_field) if layer.receptive_field else "–",
            shape_text(layer.jump) if layer.jump else "–",
        )  # fmt: skip
        rows.append(element("tr", *cells, *(element("td", text, class_="n") for text in texts)))
    return element("table", element("thead", head), element("tbody", *rows))


def _anchor(info: ModelInfo, layer: LayerInfo) -> str:
    """A name within the page: those of layers may hold anything."""
    return f"layer-{info.layers.index(layer)}"
