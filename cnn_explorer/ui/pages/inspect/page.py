"""The Inspect page: any layer of any model, for any image: of the data set, of the user's own, or drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.nodes.steps import Node
from cnn_explorer.text.verdicts import class_names, verdict
from cnn_explorer.ui.pages.inspect.card_splitter import CardSplitter
from cnn_explorer.ui.pages.inspect.compare.controller import Comparing
from cnn_explorer.ui.pages.inspect.images.controller import NOTHING_DRAWN, InspectImages
from cnn_explorer.ui.pages.inspect.images.picker import ImagePicker
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage, NoImage
from cnn_explorer.ui.pages.inspect.inspection import Inspection, NodeAt
from cnn_explorer.ui.pages.inspect.layer_pane import LayerPane, View
from cnn_explorer.ui.pages.inspect.maps.layer_view import LayerView
from cnn_explorer.ui.pages.inspect.microscope.controller import InspectMicroscope
from cnn_explorer.ui.pages.inspect.model.card import ModelCard
from cnn_explorer.ui.pages.inspect.model.invitations import NoFiles, NoImageInvitation, NoModel
from cnn_explorer.ui.pages.inspect.model.not_opened import StructurePage
from cnn_explorer.ui.pages.inspect.model.opening import ModelOpening
from cnn_explorer.ui.pages.inspect.model.ports import InspectPorts
from cnn_explorer.ui.pages.inspect.paged import Paged
from cnn_explorer.ui.pages.inspect.receptive_field import ReceptiveFieldMarks
from cnn_explorer.ui.pages.inspect.saving.controller import InspectSaving
from cnn_explorer.ui.pages.inspect.state import chosen_layer
from cnn_explorer.ui.pages.inspect.throttle import Throttle
from cnn_explorer.ui.pages.inspect.top_images.controller import TopImagesController
from cnn_explorer.ui.pages.inspect.weights.controller import InspectWeights
from cnn_explorer.ui.session.file_kinds import IMAGE_SUFFIXES, MODEL_FILES
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.services import OpenModel
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.empty_state import EmptyState
from cnn_explorer.ui.widgets.page_keys import on_keys
from cnn_explorer.ui.widgets.pasting import local_paths

_LIVE = 33
"""Milliseconds between two looks at a drawing, at least: 30 a second."""


class InspectPage(Page):
    """Opens models, sends images through them, and keeps the choice of layer, image and colours meanwhile."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.inspection = Inspection(self)
        self._asks_preprocessing = False
        # From the outside inwards: Qt styles all that is in a widget anew whenever that is moved into another one.
        self._stack = QStackedWidget(self)
        self._loaded = CardSplitter("inspect_splitter", self._stack)
        self.card, self._side = ModelCard(), QWidget()
        self._loaded.show_parts(self.card, self._side)
        self.picker, self.pane = ImagePicker(self._side), LayerPane(self._side)
        self._below = Paged(self.pane.stack)
        self.view = LayerView(self._below)
        self.structure = StructurePage(self._stack)
        self.opening, self.ports = ModelOpening(session, self.structure, self), InspectPorts(self.inspection, self)
        self.saving = InspectSaving(session, self.inspection, self.view, self.ports, self._class_names, self)
        self.top_images = TopImagesController(session, self.inspection, self)
        self.images = InspectImages(session, self.picker, self)
        self.comparing = Comparing(
            session, self.inspection, self.images, self.ports, self.view, self.open_model, self._prepare_otherwise, self
        )
        self.weights = InspectWeights(session, self.inspection, self)
        self.field = ReceptiveFieldMarks(session, self.inspection, self.picker, self)
        self.microscope = InspectMicroscope(session, self.inspection, self.view.mark, self)
        self._throttle = Throttle(_LIVE, self)
        self.no_image, self.no_drawing = NoImageInvitation(session), EmptyState("pencil", NOTHING_DRAWN)
        self._empty, self._no_files = NoModel(session, self.ask_for_model), NoFiles(self.ask_for_images)
        self._images_action = QAction(theme().icon("image-plus"), "Open images…", self)
        self._images_action.setObjectName("inspect_open_images_action")
        self._open_action = QAction(theme().icon("folder-open"), "Open model…", self)
        self._open_action.setObjectName("inspect_open_model_action")
        self._lay_out()
        self._connect()
        if session.model_path is not None:
            self.open_model(session.model_path)

    @property
    def model(self) -> OpenModel | None:
        """The model that is shown."""
        return self.inspection.model

    @property
    def forward(self) -> ForwardPass | None:
        """What the model makes of the image that is shown; ``None`` before it has answered."""
        return self.inspection.forward

    def file_actions(self) -> tuple[QAction, ...]:
        """Actions for the File menu, in its order."""
        return (self._open_action, self._images_action)

    def open_path(self, path: Path) -> bool:
        return self.open_paths([path])

    def open_paths(self, paths: list[Path]) -> bool:
        self.images.open_files(paths)
        if self.model is None:
            self.session.say("info", "The image waits on the Inspect page.", "Train a network or open a model first.")
        return True

    def ask_for_images(self) -> None:
        """Let the user choose image files, and add them."""
        if paths := self.choose_image_files():
            self.session.page_requested.emit("inspect")
            self.open_paths(paths)

    def choose_image_files(self) -> list[Path]:
        """The native dialog for image files; empty if it was cancelled."""
        kinds = " ".join(f"*{suffix}" for suffix in IMAGE_SUFFIXES)
        names, _ = QFileDialog.getOpenFileNames(self, "Open images", "", f"Images ({kinds});;All files (*)")
        return [Path(name) for name in names]

    def paste(self) -> None:
        """Take the image or the image files that lie in the clipboard."""
        if not self.images.take(QApplication.clipboard().mimeData()):
            self.session.say("info", "There is no image in the clipboard.", "Copy an image or an image file first.")

    def ask_for_model(self) -> None:
        """Let the user choose a model file, and open it."""
        if path := self.choose_model_file():
            self.session.page_requested.emit("inspect")
            self.open_model(path)

    def choose_model_file(self) -> Path | None:
        """The native dialog for a model file; ``None`` if it was cancelled."""
        start = str(self.model.info.path.parent) if self.model else ""
        name, _ = QFileDialog.getOpenFileName(self, "Open model", start, MODEL_FILES)
        return Path(name) if name else None

    def open_model(self, path: Path) -> None:
        """Load a model in the background and look into it."""
        self.opening.open(path)

    def _show_opening(self, path: Path) -> None:
        self._empty.text.setText(f"Opening {path.name} …")
        self.card.show_opening(path)

    def _not_opened(self) -> None:
        """The model that was shown before stays."""
        self._empty.invite()
        if self.model is not None:
            self.card.show_model(self.model.info, self.inspection.layer)

    def _show_structure(self) -> None:
        """Of the file that was to be opened, what can be said of it; the model stays beneath."""
        self._not_opened()
        self.structure.offer_back(self.card.name.text() if self.model else "")
        self._stack.setCurrentWidget(self.structure)

    def _show_model(self, model: OpenModel) -> None:
        info = model.info
        self._asks_preprocessing = info.preprocessing_is_guess
        dataset = self.session.dataset
        takes_images = dataset is None or dataset.image_shape == info.input_shape
        if info.preprocessing_is_guess and takes_images:
            self.session.say(
                "warning",
                f"{info.path.name} does not say how images are prepared for it; “{info.preprocessing}” is a guess.",
                "If the predictions look wrong, choose another preprocessing beside the image.",
            )
        self.inspection.set_model(model, chosen_layer(info, self.inspection.layer))
        self.card.show_model(info, self.inspection.layer)
        self._show_loaded()
        self._request_forward()

    def _show_loaded(self) -> None:
        """Show the model, or how to come by one."""
        self._stack.setCurrentIndex(0 if self.model is None else 1)

    def _prepare_otherwise(self, name: str) -> None:
        if self.model is not None:
            self.opening.prepare(self.model, name)

    def _replace_model(self, model: OpenModel) -> None:
        """The same model, prepared otherwise: the choice of preprocessing stays on offer."""
        self.inspection.set_model(model, self.inspection.layer)
        self._request_forward()

    def _request_forward(self) -> None:
        """Show the chosen image at once, and ask the model what it makes of it."""
        self._throttle.forget()
        if self.model is None:
            return
        self.inspection.set_forward(None)
        self.picker.show_preprocessing(self.model.info.preprocessing, asked=self._asks_preprocessing)
        self._send(self.model)

    def _pass_live(self) -> None:
        """The drawing has changed: what is shown stays until the answer comes."""
        if self.model is None:
            self._throttle.forget()
        else:
            self._send(self.model)

    def _send(self, model: OpenModel) -> None:
        chosen = self.images.chosen(self.ports.info(model))
        if isinstance(chosen, NoImage):
            self._show_no_image(chosen.reason)
            return
        self.inspection.set_image(chosen)
        if self._below.currentWidget() is not self.no_drawing:
            self._show_obstacle("")  # else until the answer comes there is nothing to see of a drawing
        self.picker.body.show()
        self.picker.show_raw(chosen.image)
        self.picker.show_said(chosen.said)
        images = self.ports.hold(chosen)
        self.session.engine.submit(
            lambda _: self.ports.forward(model, images), partial(self._show_forward, model, chosen),
            failed=self._not_passed, channel="forward pass",
        )  # fmt: skip

    def _show_no_image(self, reason: str) -> None:
        """There is nothing to send through the model: why, in the place of the maps."""
        self._throttle.forget()
        self.inspection.set_image(None)
        self.inspection.set_forward(None)
        self.picker.show_said("")
        source = self.images.source
        if source == "files" and self.images.own.is_empty:
            self._below.setCurrentWidget(self._no_files)
            self.picker.body.hide()
        elif reason:
            self._show_obstacle(reason, ask_for_data=source == "dataset" and self.session.dataset is not None)
            if reason == NOTHING_DRAWN:
                self._below.setCurrentWidget(self.no_drawing)
            self.picker.body.setVisible(source != "dataset")
            self.picker.clear_answer()

    def _show_obstacle(self, text: str, ask_for_data: bool = False) -> None:
        """A sentence in the place of the maps; "" shows the maps."""
        self.no_image.say(text, ask_for_data)
        self._below.setCurrentWidget(self.no_image if text else self.comparing.body)

    def _not_passed(self, failure: Failure) -> None:
        self.picker.show_prepared(None)
        self.picker.show_verdict(None)
        self._show_obstacle(failure.message)
        self.session.report(failure)
        self._throttle.answered()

    def _show_forward(self, model: OpenModel, image: ChosenImage, forward: ForwardPass) -> None:
        try:
            if model is self.model and image is self.inspection.image:  # or nobody wants to see it any more
                self.inspection.set_forward(forward)
                self._show_obstacle("")
                self.picker.show_prepared(self.ports.prepared(forward))
                self._show_prediction()
                self._show_layer()
        finally:
            self._throttle.answered()

    def _show_prediction(self) -> None:
        model, forward, image = self.model, self.inspection.forward, self.inspection.image
        if model is not None and forward is not None and image is not None:
            prediction = self.ports.prediction(forward)
            names = self._class_names(model, prediction.size if prediction is not None else 0)
            self.picker.show_verdict(verdict(prediction, names, image.true_name))

    def _class_names(self, model: OpenModel, count: int) -> tuple[str, ...]:
        dataset = self.session.dataset
        fits = dataset is not None and dataset.image_shape == model.info.input_shape
        return class_names(model.info, dataset if fits else None, count)

    def _show_layer(self) -> None:
        """The chosen layer of the forward pass that is there; no engine is asked for it."""
        model, layer, activation = self.model, self.inspection.layer_info, self.inspection.activation
        if layer is not None:
            self.pane.show_layer(layer)
        if model is None or layer is None or activation is None:
            return
        last = layer is model.info.layers[-1]
        names = self._class_names(model, activation.size) if last else ()
        self.view.show_activation(layer, activation, names, self.inspection.everywhere)

    def _point_at(self, node: Node | None) -> None:
        self.inspection.node_pointed.emit(None if node is None else NodeAt(self.inspection.layer, node))

    def _open_node(self, node: Node) -> None:
        self.inspection.microscope_wanted.emit(NodeAt(self.inspection.layer, node))

    def event(self, event: QEvent) -> bool:
        """While one draws, undo and redo are those of the drawing, and not those of the network on the Build page."""
        asks = event.type() == QEvent.Type.ShortcutOverride and self.images.source == "drawing"
        if asks and isinstance(event, QKeyEvent) and self.picker.canvas.steps_on(event):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.images.source != "drawing" or not self.picker.canvas.steps_on(event):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Pixels are for this page; files go to the window, which knows what they are."""
        event.setAccepted(event.mimeData().hasImage() and not local_paths(event.mimeData()))

    def dropEvent(self, event: QDropEvent) -> None:
        event.setAccepted(self.images.take(event.mimeData()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.picker.fit_canvas(self.height())

    def _connect(self) -> None:
        self.session.model_ready.connect(self.open_model)
        self.session.dataset_changed.connect(self._request_forward)
        self.card.open_button.clicked.connect(self.ask_for_model)
        self._open_action.triggered.connect(self.ask_for_model)
        self.opening.started.connect(self._show_opening)
        self.opening.opened.connect(self._show_model)
        self.opening.prepared.connect(self._replace_model)
        self.opening.failed.connect(self._not_opened)
        self.opening.refused.connect(self._show_structure)
        self.structure.open_requested.connect(self.ask_for_model)
        self.structure.back_requested.connect(self._show_loaded)
        self.ports.changed.connect(self._request_forward)
        self.ports.output_changed.connect(self._show_prediction)
        self.card.layers.layer_chosen.connect(self.inspection.choose_layer)
        self.inspection.layer_changed.connect(lambda: self.card.choose(self.inspection.layer))
        self.inspection.layer_changed.connect(self._show_layer)
        self.comparing.shown.connect(lambda: self.pane.show_view("maps"))
        self.view.map_changed.connect(self.top_images.show_map)
        self.top_images.dead_maps_found.connect(self.view.show_dead_maps)
        self.view.node_pointed.connect(self._point_at)
        self.view.node_opened.connect(self._open_node)
        self.microscope.image_stepped.connect(self.picker.step)
        self.view.controls.changed.connect(lambda: self.microscope.window.body.recolor(self.view.choice))
        self._images_action.triggered.connect(self.ask_for_images)
        self.images.changed.connect(self._request_forward)
        self.images.drawn_on.connect(self._throttle.want)
        self._throttle.due.connect(self._pass_live)
        self.picker.files.open_requested.connect(self.ask_for_images)
        self.picker.files.paste_requested.connect(self.paste)
        self.picker.preprocessing_chosen.connect(self._prepare_otherwise)
        keys: tuple[tuple[Qt.Key | QKeySequence.StandardKey, Callable[[], None]], ...] = (
            (Qt.Key.Key_Comma, lambda: self.picker.step(-1)),
            (Qt.Key.Key_Period, lambda: self.picker.step(1)),
            (Qt.Key.Key_PageUp, lambda: self.card.layers.step(-1)),
            (Qt.Key.Key_PageDown, lambda: self.card.layers.step(1)),
            (QKeySequence.StandardKey.Paste, self.paste),
        )
        for key, act in keys:
            on_keys(self, (key,), act)
        escape = on_keys(self, (Qt.Key.Key_Escape,), lambda: self.view.enlarge(None))
        escape.setEnabled(False)
        self.view.enlarged_changed.connect(escape.setEnabled)

    def _lay_out(self) -> None:
        for widget in (self.comparing.body, self.no_image, self.no_drawing, self._no_files):
            self._below.addWidget(widget)
        images = "Which images of the data set activate the maps most."
        self.pane.set_views(
            (
                View("maps", "Maps", "What the layer makes of the image.", self._below),
                View("weights", "Weights", "What the layer has learnt, and how it is set.", lambda: self.weights.view),
                View("images", "Images", images, self.top_images.view),
            ),
            (*self.comparing.actions, self.saving.progress, self.saving.menu),
        )
        right = QVBoxLayout(self._side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(12)
        right.addWidget(self.picker)
        right.addWidget(self.ports.bar)
        right.addWidget(self.pane, 1)
        self.card.room_wanted.connect(self._loaded.widen)
        for page in (self._empty, self._loaded, self.structure):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._stack)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAcceptDrops(True)
