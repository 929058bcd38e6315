"""Comparing on the Inspect page: what is in view, A, beside something else, B, with their difference."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.ui.pages.inspect.compare.difference import SideBySide, side_by_side
from cnn_explorer.ui.pages.inspect.compare.menu import CompareMenu
from cnn_explorer.ui.pages.inspect.compare.pin_strip import PinStrip
from cnn_explorer.ui.pages.inspect.compare.pins import PinPlace, Pins
from cnn_explorer.ui.pages.inspect.compare.side import SideB
from cnn_explorer.ui.pages.inspect.compare.state import (
    Choice,
    ClassMean,
    Offers,
    OtherFile,
    OtherImage,
    OtherModel,
    Side,
    image_head,
    layer_beside,
    model_words,
    names_of,
    neighbour,
    offered_layers,
    offers,
    told_apart,
)
from cnn_explorer.ui.pages.inspect.compare.values import Head, Pin
from cnn_explorer.ui.pages.inspect.compare.view import CompareView, Shown
from cnn_explorer.ui.pages.inspect.images.controller import InspectImages
from cnn_explorer.ui.pages.inspect.inspection import Inspection, NodeAt
from cnn_explorer.ui.pages.inspect.maps.grid_choice import put_choice
from cnn_explorer.ui.pages.inspect.maps.layer_view import LayerView
from cnn_explorer.ui.pages.inspect.model.ports import InspectPorts
from cnn_explorer.ui.pages.inspect.paged import Paged
from cnn_explorer.ui.pages.inspect.state import why_no_forward
from cnn_explorer.ui.session.file_kinds import IMAGE_SUFFIXES, MODEL_FILES
from cnn_explorer.ui.session.jobs import Job
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.widgets.page_keys import on_keys
from cnn_explorer.ui.widgets.scan_line import ScanLine
from cnn_explorer.ui.widgets.tool_button import tool_button


class Comparing(QObject):
    """``body`` takes the place of the maps: the pins, and either the maps of one image or a comparison.

    ``actions`` stand at the right of the layer's head. ``open_model`` and ``prepare`` (the name of a preprocessing)
    change what the ``page`` looks into.
    """

    shown = Signal()
    """A comparison begins, or is another one: it wants to be seen."""

    def __init__(
        self, session: Session, inspection: Inspection, images: InspectImages, ports: InspectPorts, maps: LayerView,
        open_model: Callable[[Path], None], prepare: Callable[[str], None], page: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(page)
        self._session, self._inspection, self._images, self._maps = session, inspection, images, maps
        self._ports, self._page = ports, page
        self.choice: Choice | None = None
        self._layers: dict[str, str] = {}
        place = PinPlace(self._grid_choice, self._put_choice, open_model, prepare)
        self.pins = Pins(session, inspection, images, place, self)
        self.other = SideB(session, inspection, ports, self)
        self.body = QWidget(maps.parentWidget())
        self._stack = Paged(self.body)
        self.menu, self.strip = CompareMenu(), PinStrip()
        self.pin_button = tool_button("pin", "inspect_pin", "Keep this state to come back to it (key P).")
        self.end_button = tool_button("x", "compare_end", "Compare with nothing any more.")
        self.actions: tuple[QWidget, ...] = (self.pin_button, self.menu, self.end_button)
        self._lay_out()
        self._connect()
        self.choose(None)

    @cached_property
    def view(self) -> CompareView:
        """A beside B; made when something is first compared."""
        view = CompareView()
        view.stepped.connect(self._choose_index)
        view.layer_chosen.connect(self._choose_layer)
        view.units_chosen.connect(self._show)
        view.scale_changed.connect(self._show)
        view.node_pointed.connect(self._point_at)
        view.node_opened.connect(self._open_node)
        view.progress.addWidget(ScanLine(self.other.average, "Averaging the images of the class", "compare_average"))
        self._stack.addWidget(view)
        return view

    @property
    def side(self) -> Side | None:
        """What stands on side B."""
        return self.other.side

    def choose(self, choice: Choice | None) -> None:
        """Compare with something, or with nothing."""
        alike = type(choice) is type(self.choice) and not isinstance(choice, Pin | OtherModel)
        if choice is not None and self.choice is None:
            self._maps.enlarge(None)
            self.view.show_choice(self._maps.choice)
        if not alike:
            self._layers = {}
            self.other.forget()
        self.choice = choice
        self.menu.show_choice(choice)
        self._show_page(self._maps if choice is None else self.view)
        self._maps.waits = choice is not None
        if choice is None:
            self._maps.catch_up()
        if choice is not None:
            self._show_steps()
        self.other.ask(choice)
        self._show()
        if choice is not None:
            self.shown.emit()

    def _show_page(self, page: QWidget) -> None:
        """Who has the keyboard on the maps has it on the maps afterwards too, not on whatever control comes next."""
        before, focused = self._stack.currentWidget(), self._stack.window().focusWidget()
        inside = before is not None and focused is not None and before.isAncestorOf(focused)
        self._stack.setCurrentWidget(page)
        if before is not page and (inside or focused is self.end_button):
            (self._maps.grid if page is self._maps else self.view.grids.grids[0]).setFocus()
        self.end_button.setVisible(page is not self._maps)

    def step(self, by: int) -> None:
        """Go to a neighbouring image on side B, not past the ends."""
        dataset = self._session.dataset
        if isinstance(self.choice, OtherImage) and dataset is not None:
            _, labels = dataset.part(self.choice.split)
            found = neighbour(labels, self.choice.index, by, self.choice.class_index)
            if found is not None:
                self.choose(replace(self.choice, index=found))

    def ask_for_file(self) -> None:
        """Let the user choose an image file for side B."""
        kinds = " ".join(f"*{suffix}" for suffix in IMAGE_SUFFIXES)
        if path := self.choose_file("Compare with an image", "", f"Images ({kinds});;All files (*)"):
            self.choose(OtherFile(path))

    def ask_for_model(self) -> None:
        """Let the user choose a model file for side B."""
        model = self._inspection.model
        start = str(model.info.path.parent) if model is not None else ""
        if path := self.choose_file("Compare with a model", start, MODEL_FILES):
            self.choose(OtherModel(path))

    def choose_file(self, title: str, start: str, kinds: str) -> Path | None:
        """The native dialog for a file; ``None`` if it was cancelled."""
        name, _ = QFileDialog.getOpenFileName(self._page, title, start, kinds)
        return Path(name) if name else None

    # What is seen

    def _show(self) -> None:
        """Set the layer in view beside that of side B; the arithmetic is done in the background."""
        layer, a, side = self._inspection.layer_info, self._inspection.activation, self.side
        if layer is None or a is None or self.choice is None:
            return
        beside = layer_beside(layer, side.model.layers, self._layers.get(layer.name, "")) if side is not None else None
        named = beside.name if beside is not None else ""
        b = side.forward.activations.get(named) if side is not None else None
        counted = side is not None and side.deviations is not None and self.view.units.isChecked()
        deviation = side.deviations.get(named) if counted and side is not None and side.deviations else None
        choice = self.view.choice

        def work(_job: Job) -> SideBySide:
            pair = side_by_side(a, b, choice.scale, deviation)
            if not pair.as_bars:
                pair.ready(choice)  # of large layers, what takes longest
            return pair

        self._session.pictures.submit(work, partial(self._show_pair, side, named), channel="compare")

    def _show_pair(self, side: Side | None, beside: str, pair: SideBySide) -> None:
        model, layer, dataset = self._inspection.model, self._inspection.layer_info, self._session.dataset
        if self.choice is None or model is None or layer is None:
            return
        last = layer is model.info.layers[-1]
        offered = offered_layers(model.info, layer, side.model) if side is not None else ()
        self.view.show_shown(
            Shown(
                pair, self._head_a(side), side.head if side is not None else self._waiting(),
                names=names_of(model.info, dataset, pair.a.size) if last else (), layers=offered, layer=beside,
                deviates=side is not None and side.deviations is not None,
            )
        )  # fmt: skip

    def _head_a(self, side: Side | None) -> Head:
        model, image, forward = self._inspection.model, self._inspection.image, self._inspection.forward
        if model is None or image is None or forward is None:
            return Head("", "")
        other = side.model if side is not None else model.info
        title = told_apart(model.info, other) if isinstance(self.choice, OtherModel) else image.title
        return image_head(title, model.info, forward, self._session.dataset, image.image, image.true_name)

    def _waiting(self) -> Head:
        """What stands above side B while there is nothing."""
        dataset = self._session.dataset
        if isinstance(self.choice, ClassMean) and dataset is not None:
            return Head(f"Average of class {dataset.classes[self.choice.class_index]}", self.other.said)
        if isinstance(self.choice, OtherModel):
            return Head(model_words(self.choice), self.other.said or "Opening…")
        if isinstance(self.choice, OtherFile):
            return Head(self.choice.path.name, self.other.said or "Reading…")
        return Head("", self.other.said)

    def _show_steps(self) -> None:
        dataset, choice = self._session.dataset, self.choice
        if isinstance(choice, OtherImage) and dataset is not None:
            self.view.show_index(choice.index, len(dataset.part(choice.split)[1]), choice.split)
        else:
            self.view.show_index(None)

    # What happens elsewhere

    def _on_model(self) -> None:
        """Another model in view: an image or a class has to go through it too."""
        if isinstance(self.choice, OtherImage | ClassMean | OtherFile):
            of_dataset = not isinstance(self.choice, OtherFile)
            self.other.forget()
            self.choose(None if of_dataset and self._obstacle() else self.choice)

    def _on_forward(self) -> None:
        if self._inspection.forward is not None and isinstance(self.choice, OtherModel):
            self.other.ask(self.choice)
        self._show()

    def _on_dataset(self) -> None:
        if isinstance(self.choice, OtherImage | ClassMean):
            self.choose(None)
            self._session.say("info", "The data set is another one: nothing is compared any more.")

    def _obstacle(self) -> str:
        """Why no image of the data set can stand on side B."""
        model = self._inspection.model
        return (
            why_no_forward(self._ports.info(model), self._session.dataset)
            if model is not None
            else "There is no model yet."
        )

    def _offer(self) -> None:
        model, dataset, view = self._inspection.model, self._session.dataset, self.pins.of_view()
        if model is None or view is None:
            self.menu.show_offers(Offers(why_none="There is no image in view yet."))
            return
        split, index = self._images.place
        labels = dataset.part(split)[1] if dataset is not None and not self._obstacle() else None
        classes = dataset.classes if dataset is not None else ()
        other = self.other.other
        found = offers(
            labels, classes, split, index if self._images.source == "dataset" else None, random.random(),
            None if other is None else OtherModel(other.info.path), self.pins.pins,
        )  # fmt: skip
        self.menu.show_offers(found if found.frozen is not None else replace(found, frozen=view))

    def _choose_index(self, index: int) -> None:
        """An index that was typed or stepped to. A step goes to the next one of the class, if one was chosen."""
        choice, dataset = self.choice, self._session.dataset
        if not isinstance(choice, OtherImage) or dataset is None or index == choice.index:
            return
        if choice.class_index is not None and abs(index - choice.index) == 1:
            self.step(index - choice.index)
            self._show_steps()
            return
        kept = choice.class_index if dataset.part(choice.split)[1][index] == choice.class_index else None
        self.choose(OtherImage(choice.split, index, kept))

    def _choose_layer(self, name: str) -> None:
        self._layers[self._inspection.layer] = name
        self._show()

    def _point_at(self, node: Node | None) -> None:
        self._inspection.node_pointed.emit(None if node is None else NodeAt(self._inspection.layer, node))

    def _open_node(self, node: Node) -> None:
        self._inspection.microscope_wanted.emit(NodeAt(self._inspection.layer, node))

    # Pins

    def _grid_choice(self) -> MapStyle:
        """How maps are painted: columns as beside no other side, the rest as it is seen."""
        if self.choice is None:
            return self._maps.choice
        return replace(self.view.choice, columns=self._maps.choice.columns)

    def _put_choice(self, choice: MapStyle) -> None:
        put_choice(self._maps.controls, choice)
        self._maps.controls.changed.emit()
        if self.choice is not None:
            self.view.show_choice(choice)
            self._show()

    def _go_to(self, number: int) -> None:
        pin = self.pins.pins[number]
        if self.choice is pin:
            self.choose(None)  # it would be compared with itself
        self.pins.go_to(pin)

    def _remove(self, number: int) -> None:
        self.pins.remove(self.pins.pins[number])

    def _connect(self) -> None:
        inspection, session = self._inspection, self._session
        inspection.model_changed.connect(self._on_model)
        inspection.forward_changed.connect(self._on_forward)
        inspection.layer_changed.connect(self._show)
        session.dataset_changed.connect(self._on_dataset)
        self.other.changed.connect(self._show)
        self.other.given_up.connect(lambda: self.choose(None))
        self.menu.opening.connect(self._offer)
        self.menu.chosen.connect(self.choose)
        self.menu.file_wanted.connect(self.ask_for_file)
        self.menu.model_wanted.connect(self.ask_for_model)
        self.end_button.clicked.connect(lambda: self.choose(None))
        self.pin_button.clicked.connect(self.pins.add)
        self.pins.changed.connect(lambda: self.strip.show_pins([pin.name for pin in self.pins.pins]))
        self.strip.chosen.connect(self._go_to)
        self.strip.compared.connect(lambda number: self.choose(self.pins.pins[number]))
        self.strip.removed.connect(self._remove)
        keys: tuple[tuple[tuple[str, ...], Callable[[], None]], ...] = (
            (("P",), self.pins.add),
            (("C",), lambda: self.menu.showMenu()),
            # With Shift, the keys of , and . are < and > on one keyboard, ; and : on another.
            (("Shift+,", "Shift+<", "<"), lambda: self.step(-1)),
            (("Shift+.", "Shift+>", ">"), lambda: self.step(1)),
        )
        for names, act in keys:
            on_keys(self._page, names, act)

    def _lay_out(self) -> None:
        self._stack.addWidget(self._maps)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.strip)
        layout.addWidget(self._stack, 1)
