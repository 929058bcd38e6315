"""The microscope of the Inspect page: it follows the image and the model, and walks from node to node."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.nodes.steps import Node, Source, Step, Unexplained, strongest_source
from cnn_explorer.text.nodes import agreement, image_name, node_words, number
from cnn_explorer.ui.pages.inspect.inspection import Inspection, NodeAt
from cnn_explorer.ui.pages.inspect.microscope.scene import Scene
from cnn_explorer.ui.pages.inspect.microscope.scenes import pixel_scene, scene
from cnn_explorer.ui.pages.inspect.microscope.walk import Walk, neighbour, within
from cnn_explorer.ui.pages.inspect.microscope.window import MicroscopeWindow
from cnn_explorer.ui.pages.inspect.throttle import Throttle
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session

_PACE = 16
"""Milliseconds between two nodes while a key is held down: 60 a second."""

Shape = tuple[int, ...]


class InspectMicroscope(QObject):
    """Opens on ``Inspection.microscope_wanted``. ``mark`` is told which node of the layer in view is looked at."""

    image_stepped = Signal(int)
    """The image before (-1) or behind (1) is wanted."""

    def __init__(
        self, session: Session, inspection: Inspection, mark: Callable[[Node | None], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._inspection, self._mark_in_view = session, inspection, mark
        self.window = MicroscopeWindow(parent)
        self._walk: Walk | None = None
        self._step: Step | None = None
        self._shown: tuple[str, Shape] | None = None
        """Layer and shape of what the body shows: there the chosen term stays."""
        self._shapes: dict[tuple[str, int], Shape] = {}
        """Outputs that no forward pass has, as the steps name them: those of operations, say."""
        self._other_model = False
        self._throttle = Throttle(_PACE, self)
        self._throttle.due.connect(self._send)
        inspection.microscope_wanted.connect(self.open)
        inspection.model_changed.connect(self._on_model)
        inspection.forward_changed.connect(self._on_forward)
        inspection.layer_changed.connect(self._mark)
        inspection.receptive_fields_changed.connect(self._on_fields)
        head, body = self.window.head, self.window.body
        head.strongest_wanted.connect(self._go_to_strongest)
        head.forward_wanted.connect(lambda: self._go(self._walk.forward() if self._walk else None))
        head.crumb_clicked.connect(lambda index: self._go(self._walk.to(index) if self._walk else None))
        body.place_opened.connect(lambda place: self._go(self._walk.into(place) if self._walk else None))
        body.node_chosen.connect(self._choose_node)
        self.window.stepped.connect(self._move)
        self.window.image_stepped.connect(self.image_stepped)
        self.window.went.connect(self._on_closed)

    @property
    def walk(self) -> Walk | None:
        """The way that is shown; ``None`` before there is any."""
        return self._walk

    @property
    def step(self) -> Step | None:
        """The arithmetic that is shown; ``None`` at the image, and before it is there."""
        return self._step

    def open(self, at: NodeAt) -> None:
        """Show a node, as the beginning of a walk."""
        if self._inspection.forward is not None:
            self.window.come()
            self._go(Walk((Source(at.layer, at.node),)))

    def _go(self, walk: Walk | None) -> None:
        if walk is None:
            return
        self._walk = walk
        self._mark()
        self._show_head()
        if self._inspection.forward is not None:
            self.window.body.show_here(walk.here)
            self._request()

    def _move(self, down: int, across: int, maps: int) -> None:
        shape = self._shape(self._walk.here) if self._walk else None
        if self._walk is not None and shape is not None:
            node = neighbour(shape, self._walk.here.node, down, across, maps)
            if node != self._walk.here.node:
                self._go(self._walk.aside(node))

    def _choose_node(self, row: int, column: int) -> None:
        if self._walk is not None:
            self._go(self._walk.aside((row, column, *self._walk.here.node[2:])))

    def _go_to_strongest(self) -> None:
        """Only from what is shown: while a step is on its way nobody knows what contributed most."""
        if self._walk is None or self._step is None or not self._is_here(self._step):
            return
        source = strongest_source(self._step)
        if source is not None:
            self._go(self._walk.into(source))

    def _request(self) -> None:
        assert self._walk is not None
        if self._walk.here.layer:
            self._throttle.want()
        else:
            self._throttle.forget()
            self._show_pixel(self._walk.here)

    def _send(self) -> None:
        model, forward, walk = self._inspection.model, self._inspection.forward, self._walk
        if model is None or forward is None or walk is None or not walk.here.layer:
            self._throttle.forget()
            return
        here = walk.here
        self._session.engine.submit(
            lambda _: model.step(forward, here.layer, here.node), partial(self._show_step, forward), failed=self._fail,
            channel="microscope",
        )  # fmt: skip

    def _show_step(self, forward: ForwardPass, step: Step) -> None:
        for before in step.inputs:
            self._shapes[before.layer, before.number] = before.shape
        # While a key is held down the last answer that has come is shown, though one is further already.
        if forward is self._inspection.forward and self._walk is not None and self._walk.here.layer == step.layer:
            self._step = step
            text, same = _agreement(step)
            self._show(scene(step), text, same, (step.layer, step.inputs[0].shape))
            self.window.head.strongest.setEnabled(strongest_source(step) is not None)
        self._throttle.answered()

    def _show_pixel(self, here: Source) -> None:
        forward, chosen = self._inspection.forward, self._inspection.image
        if forward is None:
            return
        prepared = float(forward.inputs[here.number][here.node])
        raw = None
        shape = forward.inputs[here.number].shape
        if chosen is not None and here.number == self._inspection.input_number and chosen.image.shape == shape:
            raw = float(chosen.image[here.node])
        preprocessing = self._inspection.model.info.preprocessing if self._inspection.model else ""
        self._step = None
        self._show(pixel_scene(here, raw, prepared, preprocessing), "", None, ("", shape))
        self.window.head.strongest.setEnabled(False)

    def _show(self, shown: Scene, agreed: str, same: bool | None, kind: tuple[str, Shape]) -> None:
        assert self._walk is not None
        self.window.say("")
        self.window.head.show_agreement(agreed, same)
        self.window.body.show_scene(shown, self._walk.here, self._maps, keep=kind == self._shown)
        self._shown = kind

    def _show_head(self) -> None:
        walk, info = self._walk, self._inspection.model.info if self._inspection.model else None
        if walk is None or info is None:
            return
        here = walk.here
        layer = info.layer(here.layer)
        facts = [layer.type] if layer else []
        receptive_fields = self._inspection.receptive_fields
        if here.layer and receptive_fields is not None and self._shape(here) is not None:
            facts.append(self._inspection.sees(receptive_fields.rectangle(here.layer, here.node)))
        name = here.layer or image_name(here.number).capitalize()
        title = f"{name} · {node_words(here.node, of_image=not here.layer)}"
        self.window.head.show_walk(walk, title, " · ".join(facts))
        self.window.setWindowTitle(f"Microscope – {title}")

    def _on_fields(self) -> None:
        """Of a closed window nobody reads it, and its node may be one of another model."""
        if self.window.isVisible():
            self._show_head()

    def _shape(self, place: Source) -> Shape | None:
        forward, model = self._inspection.forward, self._inspection.model
        if not place.layer:
            return forward.inputs[place.number].shape if forward else None
        if forward is not None and place.layer in forward.activations:
            return forward.activations[place.layer].shape
        layer = model.info.layer(place.layer) if model else None
        return layer.output_shape if layer else self._shapes.get((place.layer, 0))

    def _maps(self, place: Source) -> NDArray[np.float32] | None:
        """The maps of which a place is one, of the forward pass that is there."""
        forward = self._inspection.forward
        if forward is None:
            return None
        values = forward.activations.get(place.layer) if place.layer else forward.inputs[place.number]
        fits = values is not None and values.ndim == len(place.node) == 3 and place.node[2] < values.shape[2]
        return values if fits else None

    def _is_here(self, step: Step) -> bool:
        return self._walk is not None and (
            step.layer == self._walk.here.layer and step.node in (self._walk.here.node, ())
        )  # a single number has no place

    def _on_model(self) -> None:
        self._other_model = True
        self._shapes.clear()
        self._step = None
        self._throttle.forget()

    def _on_forward(self) -> None:
        """The same node of another forward pass: of another image, or of another model if that has such a node."""
        if not self.window.isVisible() or self._walk is None:
            return
        if self._inspection.forward is None:
            self._step = None
            self._throttle.forget()
            if self._inspection.image is None:
                self.window.say("There is no image to look at.")
            return
        walk, shape = self._walk, self._shape(self._walk.here)
        if shape is None:
            self.window.say(f"This model has no layer {walk.here.layer}. Double-click a node on the Inspect page.")
            self._inspection.node_marked.emit(None)
            self._mark_in_view(None)
        elif self._other_model:
            self._go(Walk((Source(walk.here.layer, within(shape, walk.here.node), walk.here.number),)))
        else:
            self._go(walk)
        self._other_model = False

    def _fail(self, failure: Failure) -> None:
        self.window.say(failure.message)
        self._session.report(failure)
        self._throttle.answered()

    def _mark(self) -> None:
        """Tell the page which node is looked at; the grid only if it shows that layer."""
        if self._walk is None or not self.window.isVisible():
            return
        here = self._walk.here
        in_view = here.layer or here.number == self._inspection.input_number
        self._inspection.node_marked.emit(NodeAt(here.layer, here.node) if in_view else None)
        self._mark_in_view(here.node if here.layer and here.layer == self._inspection.layer else None)

    def _on_closed(self) -> None:
        self._throttle.forget()
        self._inspection.node_marked.emit(None)
        self._mark_in_view(None)


def _agreement(step: Step) -> tuple[str, bool | None]:
    if isinstance(step.work, Unexplained):
        return f"the layer says {number(step.output)}", None
    return agreement(step.output, step.work.value)
