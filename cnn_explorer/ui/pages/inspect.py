"""The Inspect page: any layer of any model, for any image of the data set."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.core.model_info import Look
from cnn_explorer.core.training import PreprocessingName
from cnn_explorer.data.pictures import save_activations_npz, save_grid_png
from cnn_explorer.ui.jobs import Failure
from cnn_explorer.ui.pages.inspect_state import chosen_layer, class_names, file_name, why_no_look
from cnn_explorer.ui.pages.page import Page
from cnn_explorer.ui.readings import Split, as_maps, verdict
from cnn_explorer.ui.services import OpenModel
from cnn_explorer.ui.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.empty_state import EmptyState
from cnn_explorer.ui.widgets.image_picker import ImagePicker
from cnn_explorer.ui.widgets.layer_view import LayerView
from cnn_explorer.ui.widgets.model_card import ModelCard, open_model_button

_NO_MODEL = "Train a network or open a model file to look inside it."
_SOON = "A network is being trained: its model comes here when the run has ended."
_FILTERS = {"png": "PNG picture (*.png)", "npz": "NumPy arrays (*.npz)"}


class InspectPage(Page):
    """Opens models, sends images through them, and keeps the choice of layer, image and colours meanwhile."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._model: OpenModel | None = None
        self._look: Look | None = None
        self._layer = ""
        self._split: Split = "test"
        self._index = 0
        self._asks_preprocessing = False
        self.card, self.picker, self.view = ModelCard(), ImagePicker(), LayerView()
        self.no_look = EmptyState("image", "")
        self._open_action = QAction(theme().icon("folder-open"), "Open model…", self)
        self._open_action.setObjectName("inspect_open_model_action")
        self._below, self._stack = QStackedWidget(), QStackedWidget()
        self._lay_out()
        self._connect()
        if session.model_path is not None:
            self.open_model(session.model_path)

    @property
    def model(self) -> OpenModel | None:
        """The model that is shown."""
        return self._model

    @property
    def look(self) -> Look | None:
        """What the model makes of the image that is shown; ``None`` before it has answered."""
        return self._look

    def file_actions(self) -> tuple[QAction, ...]:
        """Actions for the File menu, in its order."""
        return (self._open_action,)

    def ask_for_model(self) -> None:
        """Let the user choose a model file, and open it."""
        if path := self.choose_model_file():
            self.session.page_requested.emit("inspect")
            self.open_model(path)

    def choose_model_file(self) -> Path | None:
        """The native dialog for a model file; ``None`` if it was cancelled."""
        start = str(self._model.info.path.parent) if self._model else ""
        name, _ = QFileDialog.getOpenFileName(self, "Open model", start, "Models (*.h5 *.hdf5 *.keras);;All files (*)")
        return Path(name) if name else None

    def choose_save_file(self, proposal: str, kind: str) -> Path | None:
        """The native dialog for a file to write; it asks before an existing file is replaced."""
        start = self._model.info.path.parent / proposal if self._model else Path(proposal)
        name, _ = QFileDialog.getSaveFileName(self, f"Save as {kind.upper()}", str(start), _FILTERS[kind])
        if not name:
            return None
        path = Path(name)
        return path if path.suffix else path.with_suffix(f".{kind}")

    def open_model(self, path: Path) -> None:
        """Load a model in the background and look into it."""
        self._empty.text.setText(f"Opening {path.name} …")
        self.card.show_opening(path)
        self.session.engine.submit(
            lambda _: self.session.services.open_model(path), self._show_model, failed=self._not_opened,
            channel="model",
        )  # fmt: skip

    def _show_invitation(self) -> None:
        self._empty.text.setText(_SOON if self.session.runs.is_running else _NO_MODEL)

    def _not_opened(self, failure: Failure) -> None:
        """The model that was shown before stays."""
        self._show_invitation()
        if self._model is not None:
            self.card.show_model(self._model.info, self._layer)
        self.session.report(failure)

    def _show_model(self, model: OpenModel) -> None:
        self._model = model
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
        self._layer = chosen_layer(info, self._layer)
        self.card.show_model(info, self._layer)
        self._request_look()

    def _prepare_otherwise(self, name: str) -> None:
        model, dataset = self._model, self.session.dataset
        if model is None or dataset is None:
            return
        wanted = cast(PreprocessingName, name)
        self.session.engine.submit(
            lambda _: model.with_preprocessing(wanted, dataset.train_images), self._replace_model, channel="model"
        )

    def _replace_model(self, model: OpenModel) -> None:
        """The same model, prepared otherwise: the choice of preprocessing stays on offer."""
        self._model = model
        self._request_look()

    def _request_look(self) -> None:
        """Show the chosen image at once, and ask the model what it makes of it."""
        self._stack.setCurrentIndex(0 if self._model is None else 1)
        if self._model is None:
            return
        model, dataset = self._model, self.session.dataset
        self._look = None
        obstacle = why_no_look(model.info, dataset)
        self._show_obstacle(obstacle)
        self.picker.setVisible(not obstacle)
        if obstacle or dataset is None:
            return
        counts: dict[Split, int] = {"test": len(dataset.test_images), "train": len(dataset.train_images)}
        if not counts[self._split]:
            self._split = "train" if self._split == "test" else "test"
        self._index = min(self._index, counts[self._split] - 1)
        self.picker.show_dataset(counts, self._split, self._index)
        self.picker.show_preprocessing(model.info.preprocessing, asked=self._asks_preprocessing)
        images, labels = dataset.part(self._split)
        image = images[self._index]
        true_name = dataset.classes[labels[self._index]]
        self.picker.show_raw(image, true_name)
        self.session.engine.submit(
            lambda _: model.look(image), partial(self._show_look, model, true_name), failed=self._not_looked,
            channel="look",
        )  # fmt: skip

    def _show_obstacle(self, text: str) -> None:
        """A sentence in the place of the maps; "" shows the maps."""
        self.no_look.text.setText(text)
        self._below.setCurrentWidget(self.no_look if text else self.view)

    def _not_looked(self, failure: Failure) -> None:
        self.picker.show_prepared(None)
        self.picker.show_verdict(None)
        self._show_obstacle(failure.message)
        self.session.report(failure)

    def _show_look(self, model: OpenModel, true_name: str, look: Look) -> None:
        dataset = self.session.dataset
        if model is not self._model or dataset is None:
            return  # the answer of a model that is no longer shown
        self._look = look
        self._show_obstacle("")
        count = look.prediction.size if look.prediction is not None else 0
        self.picker.show_prepared(look.image)
        self.picker.show_verdict(verdict(look.prediction, class_names(model.info, dataset, count), true_name))
        self._show_layer()

    def _show_layer(self) -> None:
        """The chosen layer of the look that is there; no engine is asked for it."""
        if self._model is None or self._look is None or self.session.dataset is None:
            return
        info = self._model.info
        layer = info.layer(self._layer)
        activation = self._look.activations.get(self._layer)
        if layer is None or activation is None:
            return
        last = layer is info.layers[-1]
        names = class_names(info, self.session.dataset, activation.size) if last else ()
        self.view.show_activation(layer, activation, names)

    def _choose_layer(self, name: str) -> None:
        self._layer = name
        self._show_layer()

    def _choose_image(self, split: str, index: int) -> None:
        self._split, self._index = cast(Split, split), index
        self._request_look()

    def _save(self, kind: str) -> None:
        look = self._look
        if look is None or self._model is None:
            return
        proposal = file_name(self._model.info, self._layer, self._split, self._index, f".{kind}")
        path = self.choose_save_file(proposal, kind)
        if path is None:
            return
        write = self._png_writer(look) if kind == "png" else self._npz_writer(look)
        self.session.engine.submit(
            lambda _: write(path), lambda _: self.session.say("success", f"Saved {path.name}.", str(path))
        )

    def _png_writer(self, look: Look) -> Callable[[Path], None]:
        choice, activation = self.view.choice, look.activations[self._layer]
        maps = as_maps(activation)
        shown: NDArray[Any] = activation.reshape(-1) if maps is None else maps
        # The dialog has asked already whether an existing file may be replaced.
        return partial(
            save_grid_png, activation=shown, columns=choice.columns, colormap=choice.colormap, scale=choice.scale,
            force=True,
        )  # fmt: skip

    def _npz_writer(self, look: Look) -> Callable[[Path], None]:
        activation = np.asarray(look.activations[self._layer])
        return partial(save_activations_npz, activations=activation, image=look.image, layer=self._layer, force=True)

    def _connect(self) -> None:
        self.session.model_ready.connect(self.open_model)
        self.session.dataset_changed.connect(self._request_look)
        self.card.open_button.clicked.connect(self.ask_for_model)
        self._open_action.triggered.connect(self.ask_for_model)
        self.card.layers.layer_chosen.connect(self._choose_layer)
        self.picker.image_chosen.connect(self._choose_image)
        self.picker.preprocessing_chosen.connect(self._prepare_otherwise)
        self.view.save_requested.connect(self._save)
        keys: tuple[tuple[Qt.Key, Callable[[], None]], ...] = (
            (Qt.Key.Key_Comma, lambda: self.picker.step(-1)),
            (Qt.Key.Key_Period, lambda: self.picker.step(1)),
            (Qt.Key.Key_PageUp, lambda: self.card.layers.step(-1)),
            (Qt.Key.Key_PageDown, lambda: self.card.layers.step(1)),
        )
        for key, act in keys:
            self._shortcut(key).activated.connect(act)
        escape = self._shortcut(Qt.Key.Key_Escape)
        escape.setEnabled(False)
        escape.activated.connect(lambda: self.view.enlarge(None))
        self.view.enlarged_changed.connect(escape.setEnabled)

    def _shortcut(self, key: Qt.Key) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return shortcut

    def _lay_out(self) -> None:
        train = QPushButton("Train a network")
        train.setIcon(theme().icon("play", "on_accent"))
        train.setObjectName("inspect_go_to_train")
        train.setToolTip("Go to the Train page.")
        set_role(train, "primary")
        train.clicked.connect(lambda: self.session.page_requested.emit("train"))
        open_button = open_model_button("inspect_open_first_model")
        open_button.clicked.connect(self.ask_for_model)
        self._empty = EmptyState("scan-eye", "", (train, open_button))
        self._show_invitation()
        self.session.runs.queue_changed.connect(self._show_invitation)
        self._below.addWidget(self.view)
        self._below.addWidget(self.no_look)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.picker)
        right.addWidget(self._below, 1)
        loaded = QWidget()
        row = QHBoxLayout(loaded)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.card)
        row.addLayout(right, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(loaded)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self._stack)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
