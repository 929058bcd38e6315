"""The Build page: presets and palette, the stack with its live shapes, the form of the chosen layer."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.network.architecture import LAYER_KINDS, AnyLayer, Architecture
from cnn_explorer.core.network.inference import infer
from cnn_explorer.core.network.presets import PRESETS, preset
from cnn_explorer.ui.pages.build import edits
from cnn_explorer.ui.pages.build.files import BuildFiles
from cnn_explorer.ui.pages.build.layer_form import LayerPanel
from cnn_explorer.ui.pages.build.pick_list import Pick, PickList
from cnn_explorer.ui.pages.build.stack.drawing import VolumeDrawing
from cnn_explorer.ui.pages.build.stack.footer import StackFooter
from cnn_explorer.ui.pages.build.stack.rows import compact, role_of
from cnn_explorer.ui.pages.build.stack.table import KIND_MIME, LayerStack
from cnn_explorer.ui.pages.build.stack.tools import StackTools
from cnn_explorer.ui.pages.build.state import build_state
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.shell.page import Page
from cnn_explorer.ui.theme import set_role, theme

# Least and greatest widths of the outer columns; the stack gets the rest.
_LEFT = 160, 224  # the lists there shorten what is longer
_RIGHT = 288, 360  # at the normal size of text


class BuildPage(Page):
    """Edits the session's document; everything that changes it can be undone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._document = session.document
        self._shown = self._document.architecture
        self._row = 1 if self._shown.layers else 0
        self._visit = 0  # counts selections: edits of one visit to a layer's field become one step of undo
        self.files = BuildFiles(session, self)

        self._presets = PickList(_preset_picks())
        self._presets.setObjectName("build_presets")
        self._presets.setAccessibleName("Presets")
        self._palette = PickList(_palette_picks(), KIND_MIME)
        self._palette.setObjectName("build_palette")
        self._palette.setAccessibleName("Layers to add")
        self._volumes = VolumeDrawing()
        self._stack = LayerStack()
        self._tools = StackTools(
            self._document.undo_stack, self._stack.view, (self.files.open, self.files.save, self.files.copy), self
        )
        self._footer = StackFooter()
        self._panel = LayerPanel()
        self._lay_out()
        self._fit_to_text()
        self._connect()
        self._tools.show_clean(not self._document.unsaved)
        self._refresh()

    def file_actions(self) -> tuple[QAction, ...]:
        return self.files.actions

    def open_path(self, path: Path) -> bool:
        return self.files.open_path(path)

    def confirm_leaving(self) -> bool:
        return self.files.confirm_leaving()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()  # the batch size may have changed on the Train page

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(12)
        presets = _card("Presets", "A click takes the network; undo brings yours back.", self._presets)
        self._presets.show_whole()
        left.addWidget(presets)
        left.addWidget(_card("Layers", "A click adds it below the chosen one; or drag it.", self._palette), 1)

        middle = QFrame()
        middle.setObjectName("card")
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        for part, stretch in ((self._tools, 0), (self._volumes, 0), (self._stack, 1), (self._footer, 0)):
            inside.addWidget(part, stretch)

        columns = QHBoxLayout(self)
        columns.setContentsMargins(16, 16, 16, 16)
        columns.setSpacing(12)
        side = QWidget()
        side.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        side.setMinimumWidth(_LEFT[0])
        side.setMaximumWidth(_LEFT[1])
        columns.addWidget(side)
        columns.addWidget(middle, 4)
        columns.addWidget(self._panel, 1)
        self.setFocusProxy(self._stack.view)

    def _fit_to_text(self) -> None:
        least, greatest = (width * theme().text_scale // 100 for width in _RIGHT)
        self._panel.setMinimumWidth(least)
        self._panel.setMaximumWidth(greatest)

    def _connect(self) -> None:
        self._document.changed.connect(self._on_document_changed)
        self._document.undo_stack.cleanChanged.connect(self._tools.show_clean)
        self.session.dataset_changed.connect(self._refresh)
        theme().changed.connect(self._fit_to_text)
        theme().changed.connect(self._refresh)
        self._presets.picked.connect(self._take_preset)
        self._palette.picked.connect(self._add_kind)
        self._stack.chosen.connect(self._choose)
        self._stack.moved.connect(self._move)
        self._stack.dropped.connect(self._insert_kind)
        self._volumes.chosen.connect(self._stack.choose)
        self._footer.layer_wanted.connect(self._stack.choose)
        self._tools.duplicate.triggered.connect(self._duplicate)
        self._tools.delete.triggered.connect(self._delete)
        self._tools.move_up.triggered.connect(lambda: self._move(self._row - 1, self._row - 2))
        self._tools.move_down.triggered.connect(lambda: self._move(self._row - 1, self._row + 1))
        self._panel.layer_edited.connect(self._edit_layer)
        self._panel.network_edited.connect(self._edit_network)
        self._panel.data_shape_wanted.connect(self._use_data_shape)

    # Edits: each makes the next architecture and gives it to the document, which calls _on_document_changed.

    def _take_preset(self, name: str) -> None:
        taken = preset(name)
        if taken.architecture == self._shown:
            return
        self._document.path = None  # or saving would put the preset into the file of another network
        self._document.edit(taken.architecture, f"Take preset {taken.title}")
        self._choose(1)  # a network is read from its beginning

    def _add_kind(self, name: str) -> None:
        self._insert_kind(name, self._row if self._row >= 0 else len(self._shown.layers))

    def _insert_kind(self, name: str, index: int) -> None:
        layer = edits.new_layer(self._shown, edits.kind_named(name))
        self._document.edit(edits.inserted(self._shown, layer, index), f"Add {layer.name}")

    def _duplicate(self) -> None:
        name = self._shown.layers[self._row - 1].name
        self._document.edit(edits.duplicated(self._shown, self._row - 1), f"Duplicate {name}")

    def _delete(self) -> None:
        name = self._shown.layers[self._row - 1].name
        self._document.edit(edits.removed(self._shown, self._row - 1), f"Delete {name}")

    def _move(self, index: int, before: int) -> None:
        name = self._shown.layers[index].name
        self._row = index + 1  # it stays chosen at its new place
        self._document.edit(edits.moved(self._shown, index, before), f"Move {name}")

    def _edit_layer(self, layer: AnyLayer) -> None:
        index = self._row - 1
        before = self._shown.layers[index]
        field = edits.changed_field(before, layer)
        after = edits.replaced(self._shown, index, layer)
        self._document.edit(after, f"Change {field} of {before.name}", f"{self._visit} {index} {field}")

    def _edit_network(self, architecture: Architecture) -> None:
        field = edits.changed_field(self._shown, architecture)
        self._document.edit(architecture, f"Change {field} of the network", f"{self._visit} network {field}")

    def _use_data_shape(self) -> None:
        if self.session.dataset is not None:
            after = replace(self._shown, input_shape=self.session.dataset.image_shape)
            self._document.edit(after, "Use the data set's shape")

    # Showing

    def _on_document_changed(self) -> None:
        before, self._shown = self._shown, self._document.architecture
        row = edits.row_after(before, self._shown, self._row)
        if row != self._row:
            self._visit += 1
        self._row = row
        self._refresh()

    def _choose(self, row: int) -> None:
        self._visit += 1
        self._row = row
        self._refresh()

    def _refresh(self) -> None:
        session, shown = self.session, self._shown
        state = build_state(
            shown, self._document.inference, session.problems, session.config.batch_size, session.dataset
        )
        self._stack.show_rows(state.rows, self._row)
        self._volumes.show_rows(state.rows, self._row)
        self._footer.show_state(state.totals, state.problems, state.verdict)
        self._tools.show_state(shown.name, self._row, len(shown.layers))
        if self._row > 0:
            layer = shown.layers[self._row - 1]
            description = edits.kind_named(layer.type).description
            self._panel.show_layer(layer, description, state.rows[self._row].problem)
        elif self._row == 0:
            self._panel.show_network(shown, state.data_shape)
        else:
            self._panel.show_nothing()


def _preset_picks() -> list[Pick]:
    return [
        Pick(
            each.title,
            each.name,
            compact(infer(each.architecture).total_params),
            f"{each.description}\n{each.source}.",
        )
        for each in PRESETS
    ]


def _palette_picks() -> list[Pick]:
    picks: list[Pick] = []
    group = ""
    for kind in LAYER_KINDS:
        if kind.group != group:
            picks.append(Pick(kind.group))
            group = kind.group
        name = kind.spec.__name__
        picks.append(Pick(name, name, tooltip=kind.description, role=role_of(kind.spec)))
    return picks


def _card(title: str, hint: str, content: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    heading = QLabel(title)
    heading.setToolTip(hint)
    heading.setContentsMargins(8, 0, 8, 4)
    set_role(heading, "section")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(4, 12, 4, 8)
    layout.setSpacing(0)
    layout.addWidget(heading)
    layout.addWidget(content)
    return card
