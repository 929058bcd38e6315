"""What the next run films: one image of the test part, and a layer of the network."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from cnn_explorer.core.network.inference import Inference
from cnn_explorer.core.run.config import SplitName, TrainingConfig
from cnn_explorer.data.dataset import Dataset
from cnn_explorer.data.split import split_again
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.maps.pixel_view import PixelView, photo
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.image_steps import ImageSteps, StepNames

_PICTURE = 32  # pixels
_STEPS = StepNames(
    ("film_next_back", "The image before this one."),
    ("film_next_on", "The image after this one."),
    ("film_next_random", "A random image of the test part."),
)


def layers_with_maps(inference: Inference) -> tuple[str, ...]:
    """The layers that can be filmed, in their order."""
    return tuple(facts.name for facts in inference.layers if facts.output_shape and len(facts.output_shape) == 3)


def first_filmed(inference: Inference) -> str:
    """The layer that is filmed if none is chosen: the first one with maps and weights, else the first with maps."""
    names = layers_with_maps(inference)
    weighty = (facts.name for facts in inference.layers if facts.name in names and facts.params)
    return next(weighty, names[0] if names else "")


def mended(config: TrainingConfig, inference: Inference, tested: int | None) -> tuple[TrainingConfig, str]:
    """The configuration with a film that can be made, and what was changed for it, "" if nothing was.

    A network with problems says nothing: it is being worked on. ``tested``: how many test images there are.
    """
    said = []
    layer, index = config.probe_layer, config.probe_index
    if layer and not inference.problems and layer not in layers_with_maps(inference):
        said.append(f"{layer} is no layer with maps of this network: the first one with kernels is filmed.")
        layer = ""
    if tested is not None and index >= tested:
        said.append(f"There is no test image {index:,}: image 0 is filmed.")
        index = 0
    return msgspec.structs.replace(config, probe_layer=layer, probe_index=index), " ".join(said)


class FilmChoice(QWidget):
    """Shows and sets ``probe_index`` and ``probe_layer`` of the session's configuration."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.picture, self.index, self.truth = PixelView(self), QSpinBox(self), ElidedLabel(parent=self)
        self.layer, self.hint = QComboBox(self), ElidedLabel(parent=self)
        self._steps = ImageSteps(self.index, _STEPS, self)
        self._names: tuple[str, ...] | None = None
        self._drawn_from: Dataset | None = None
        self._way: tuple[SplitName, int] | None = None
        self._drawn: Dataset | None = None
        self._set_up()
        self._lay_out()
        self.index.valueChanged.connect(lambda index: self._choose(probe_index=index))
        self.layer.activated.connect(lambda: self._choose(probe_layer=self.layer.currentData()))
        session.config_changed.connect(self._show)
        session.dataset_changed.connect(self._show)
        session.document.changed.connect(self._show)
        self._show()

    def step(self, by: int) -> None:
        """Go to a neighbouring image, not past the ends."""
        self._steps.step(by)

    def _choose(self, **changes: object) -> None:
        self._say("")
        self._session.config = msgspec.structs.replace(self._session.config, **changes)

    def _show(self) -> None:
        session, inference = self._session, self._session.document.inference
        dataset = session.dataset
        config, said = mended(session.config, inference, len(dataset.test_labels) if dataset else None)
        if said:
            self._say(said)
            session.config = config  # comes back here
            return
        self.index.blockSignals(True)
        self.index.setMaximum(len(dataset.test_labels) - 1 if dataset else config.probe_index)
        self.index.setValue(config.probe_index)
        self.index.blockSignals(False)
        self._steps.setEnabled(dataset is not None)
        if dataset is not None:
            self._draw(dataset, config)
        self._show_layers(inference, config.probe_layer)

    def _draw(self, dataset: Dataset, config: TrainingConfig) -> None:
        """Find the test part that the run will have, and show its image."""
        way = (config.split, config.split_seed)
        if self._drawn is not None and self._drawn_from is dataset and way == self._way:
            self._show_image()
        elif config.split == "official":
            self._take(dataset, way, dataset)
        else:  # the first stratified draw imports scikit-learn, and every draw of a large set takes its time
            self._session.disk.submit(
                lambda _: split_again(dataset, *way), partial(self._take, dataset, way), channel="film",
                failed=lambda failure: self._say(failure.message),
            )  # fmt: skip

    def _take(self, dataset: Dataset, way: tuple[SplitName, int], drawn: Dataset) -> None:
        config = self._session.config
        if dataset is not self._session.dataset or way != (config.split, config.split_seed):
            return  # the settings have changed while it was drawn
        self._drawn_from, self._way, self._drawn = dataset, way, drawn
        self._show_image()

    def _show_image(self) -> None:
        drawn = self._drawn
        assert drawn is not None
        place = drawn.test[self._session.config.probe_index]
        name = drawn.classes[drawn.labels[place]]
        self.picture.set_image(photo(drawn.images[place], 0.0, 255.0))
        self.truth.setText(name)
        self.truth.setToolTip(f"The image's class: {name}.")

    def _say(self, text: str) -> None:
        self.hint.setText(text)
        self.hint.setToolTip(text)
        self.hint.setVisible(bool(text))

    def _show_layers(self, inference: Inference, chosen: str) -> None:
        names = layers_with_maps(inference)
        first = first_filmed(inference)
        entries = (first, *names)
        if entries != self._names:
            self._names = entries
            self.layer.clear()
            self.layer.addItem(f"first ({first})" if first else "no layer has maps", "")
            for name in names:
                self.layer.addItem(name, name)
            self.layer.setEnabled(bool(names))
        self.layer.setCurrentIndex(max(0, self.layer.findData(chosen)))

    def _set_up(self) -> None:
        self.picture.setObjectName("film_next_image")
        self.picture.setAccessibleName("The image that the next run films")
        self.picture.setToolTip("The image that the next run films, as it is in the data set.")
        self.picture.zoomable = False
        self.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.picture.setFixedSize(QSize(_PICTURE, _PICTURE))
        self.index.setObjectName("film_next_index")
        self.index.setAccessibleName("Pinned image of the next run")
        self.index.setToolTip("Number of the image in the test part, from 0.")
        self.index.setAccelerated(True)
        self.index.setMinimumWidth(84)
        indent(self.index)
        self.truth.setObjectName("film_next_class")
        self.layer.setObjectName("film_next_layer")
        self.layer.setAccessibleName("Layer that the next run films")
        self.layer.setToolTip(
            "The layer whose maps the next run keeps after every epoch; first: the first one with kernels."
        )
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(10)
        self.hint.setObjectName("film_next_hint")
        set_role(self.hint, "error")

    def _lay_out(self) -> None:
        heading, layer = QLabel("Next run", self), QLabel("Layer", self)
        set_role(heading, "section")
        set_role(layer, "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.hint)
        row.addWidget(heading)
        row.addSpacing(8)
        row.addWidget(self.picture)
        row.addWidget(self._steps)
        row.addSpacing(4)
        row.addWidget(self.truth)
        row.addSpacing(12)
        row.addWidget(layer)
        row.addWidget(self.layer, 2)
        row.addStretch(1)
        self._say("")
