"""A model file that was not opened: why, what it holds all the same, and the ways on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.model.info import (
    LayerInfo,
    LimitError,
    ModelStructure,
    NotBuiltError,
    StoredLayer,
    WeightsOnlyError,
)
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.text.numbers import counted
from cnn_explorer.ui.pages.inspect.fact_table import Facts, FactTable
from cnn_explorer.ui.pages.inspect.model.card import open_model_button
from cnn_explorer.ui.pages.inspect.model.layer_list import LayerList
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel

_RISK = (
    "Opening it anyway may take as much memory as the file asks for, and slow the computer down. No code in it runs, "
    "whatever you choose. Do this only if you know where the file comes from."
)
_SHOWN = "Its structure and weights can still be shown."  # what the error promises, this page keeps
_LAMBDA = "A Lambda layer holds code of its own. That is never run here; only its settings are shown."


@dataclass(frozen=True)
class NotOpened:
    """What there is to say of the file. ``risk``: the price of trusting it; ``network``: whose weights it may hold.

    Both are "" where that is no way on. ``structure`` is ``None`` where nothing but the reason is known.
    """

    path: Path
    message: str
    hint: str = ""
    structure: ModelStructure | None = None
    risk: str = ""
    network: str = ""

    @classmethod
    def of(cls, path: Path, error: ExplorerError, network: str) -> NotOpened:
        """``network`` is the name of the one on the Build page."""
        weights_only, limited = isinstance(error, WeightsOnlyError), isinstance(error, LimitError)
        return cls(
            path, error.message,
            "" if weights_only or limited else error.hint.removesuffix(_SHOWN).strip(),
            error.structure if isinstance(error, NotBuiltError) else None,
            _RISK if limited else "",
            network if weights_only else "",
        )  # fmt: skip


def layer_rows(structure: ModelStructure) -> tuple[LayerInfo, ...]:
    """The layers of a structure as rows of a list; shapes are not known."""
    return tuple(LayerInfo(layer.name, layer.type or "weights", (), layer.params) for layer in structure.layers)


def layer_facts_of(layer: StoredLayer) -> Facts:
    """All that a file says of a layer."""
    weights = tuple(
        (weight.name, f"{shape_text(weight.shape) or 'one number'} · {weight.dtype} · {weight.count:,}")
        for weight in layer.weights
    )
    facts: Facts = (("Weights in the file: shape, type, numbers", weights),) if weights else ()
    return (*facts, ("Configuration", layer.config)) if layer.config else facts


class StructurePage(QWidget):
    """The place of the maps and of everything else while a file is shown that was not opened."""

    trust_requested = Signal(object)
    """``Path`` of a file that the user trusts."""
    attach_requested = Signal(object)
    """``Path`` of a file of weights for the network of the Build page."""
    open_requested = Signal()
    back_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file = NotOpened(Path(), "")
        self.title, self.reason, self.ways = ElidedLabel(), QLabel(), QLabel()
        self.trust = self._button("Open anyway", "inspect_open_anyway", "Open the file with higher limits.")
        self.attach = self._button(
            "Use with the network on the Build page", "inspect_attach_weights",
            "Give the weights in this file to the network as it stands on the Build page.",
        )  # fmt: skip
        self.back = self._button("Back", "inspect_back_to_model", "Go back to the model that was looked at before.")
        self.other = open_model_button("inspect_open_another")
        self.other.setText("Open another model…")
        self.layers = LayerList()
        self.facts = FactTable("inspect_structure_facts", "What the file says of the layer")
        self.layer_title, self.layer_note = ElidedLabel(), QLabel()
        self.size_text = QLabel()
        self._body = QSplitter()
        self._lay_out()
        self._connect()

    def show_file(self, file: NotOpened) -> None:
        """Say what there is to say of a file that was not opened."""
        self._file = file
        structure = file.structure
        self.title.setText(structure.name if structure and structure.name else file.path.name)
        self.title.setToolTip(str(file.path))
        self.reason.setText(file.message)
        self.show_opening(None)
        self.trust.setVisible(bool(file.risk))
        self.attach.setVisible(bool(file.network))
        self._body.setVisible(structure is not None)
        if structure is not None:
            count = counted(len(structure.layers), "layer", "layers")
            self.size_text.setText(f"{count} · {structure.total_params:,} weights in the file")
            rows = layer_rows(structure)
            # What a model was not opened for is looked at first.
            first = next((row for row in rows if row.type == "Lambda"), rows[0] if rows else None)
            self.layers.show_layers(rows, first.name if first else "")
            self._show_layer(self.layers.chosen)

    def show_opening(self, path: Path | None) -> None:
        """Say that a file is on its way; ``None``: what there is to do with this one."""
        file = self._file
        attach = f"Its weights may fit the network “{file.network}” of the Build page." if file.network else ""
        ways = " ".join(part for part in (file.hint, file.risk, attach) if part)
        self.ways.setText(f"Opening {path.name} …" if path else ways)
        self.ways.setVisible(bool(self.ways.text()))

    def offer_back(self, name: str) -> None:
        """Lead back to the model of that name; "" if there is none."""
        self.back.setText(f"Back to {name}")
        self.back.setVisible(bool(name))

    def _show_layer(self, name: str) -> None:
        structure = self._file.structure
        layer = next((one for one in structure.layers if one.name == name), None) if structure else None
        if layer is None:
            self.facts.show_facts(())
            return
        self.layer_title.setText(f"{layer.name} · {layer.type}" if layer.type else layer.name)
        self.layer_title.setToolTip(self.layer_title.text())
        self.facts.show_facts(layer_facts_of(layer))
        note = (
            _LAMBDA if layer.type == "Lambda" else "" if layer.weights else "The file holds no weights of this layer."
        )
        self.layer_note.setText(note)
        self.layer_note.setVisible(bool(note))

    def _button(self, text: str, name: str, tooltip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tooltip)
        return button

    def _connect(self) -> None:
        self.trust.clicked.connect(lambda: self.trust_requested.emit(self._file.path))
        self.attach.clicked.connect(lambda: self.attach_requested.emit(self._file.path))
        self.other.clicked.connect(self.open_requested)
        self.back.clicked.connect(self.back_requested)
        self.layers.layer_chosen.connect(self._show_layer)

    def _lay_out(self) -> None:
        self.layers.setObjectName("inspect_structure_layers")
        self.layers.setToolTip("Choose the layer whose settings and weights are listed beside.")
        self.reason.setObjectName("inspect_structure_reason")
        self.back.setIcon(theme().icon("undo-2"))
        set_role(self.title, "title")
        set_role(self.layer_title, "title")
        set_role(self.size_text, "section")
        for label in (self.ways, self.layer_note):
            set_role(label, "muted")
        for label in (self.reason, self.ways, self.layer_note):
            label.setWordWrap(True)
        icon = QLabel()
        icon.setPixmap(theme().icon("triangle-alert", "warning").pixmap(20, 20))
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(icon)
        first.addWidget(self.title, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.attach, self.trust, self.other, self.back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        head = _card()
        layout = QVBoxLayout(head)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(first)
        layout.addWidget(self.reason)
        layout.addWidget(self.ways)
        layout.addLayout(buttons)
        self._body.setObjectName("inspect_structure_splitter")
        self._body.setHandleWidth(12)
        self._body.setChildrenCollapsible(False)
        self._body.addWidget(_column(self.size_text, self.layers))
        self._body.addWidget(_column(self.layer_title, self.layer_note, self.facts))
        self._body.setStretchFactor(0, 2)
        self._body.setStretchFactor(1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(head)
        column.addWidget(self._body, 1)
        column.addStretch(0)


def _card() -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    return card


def _column(*widgets: QWidget) -> QFrame:
    """A card with the last of the widgets filling it."""
    card = _card()
    layout = QVBoxLayout(card)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget, int(widget is widgets[-1]))
    return card
