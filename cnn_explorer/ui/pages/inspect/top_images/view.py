"""The images that activate one map of a layer most, with what is needed to find them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnn_explorer.core.maps.top_images import BEST
from cnn_explorer.data.dataset import Split
from cnn_explorer.ui.forms.editor_base import tip
from cnn_explorer.ui.pages.inspect.images.sources.dataset import IndexBox
from cnn_explorer.ui.pages.inspect.top_images.tiles import Tile, TopImageTiles
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.empty_state import EmptyState
from cnn_explorer.ui.widgets.segments import Segments
from cnn_explorer.ui.widgets.tool_button import tool_button

_PARTS = (
    ("test", "Test", "Look at images that the network has not seen in training."),
    ("train", "Training", "Look at images that the network was trained on."),
)
_FINE = 1000
_FIND = "Send images of the data set through the network, and keep those that activate each map of this layer most."


class TopImagesView(QWidget):
    """Only shows what it is told to; ``wanted`` and ``map_wanted`` say what a person asks for."""

    wanted = Signal()
    """The images shall be found, for the part and the count that are chosen."""
    cancelled = Signal()
    choice_changed = Signal()
    """Another part or another count."""
    map_wanted = Signal(int)
    image_wanted = Signal(int)
    """Number of the tile whose image shall be looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map, self.unit, self.of = (
            IndexBox("inspect_top_images_map", "Map", "Number of the map."),
            QLabel(),
            QLabel(),
        )
        self.parts = Segments(_PARTS, "inspect_top_images_part")
        self.count = QComboBox()
        self.search, self.cancel = QPushButton("Find images"), QPushButton("Cancel")
        self.progress, self.said = QProgressBar(), ElidedLabel()
        self.crop = tool_button(
            "maximize", "inspect_top_images_crop", "Show only what the node with the largest value sees.", text="Crop"
        )
        self.tiles, self.empty = TopImageTiles(BEST), EmptyState("images", "")
        self.facts = ElidedLabel()
        self._body = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_progress(None)

    @property
    def split(self) -> Split:
        """The part of the data set that is chosen."""
        return "train" if self.parts.key == "train" else "test"

    @property
    def images(self) -> int:
        """How many images are to be looked at; 0 while there are none to choose from."""
        return int(self.count.currentData() or 0)

    def show_parts(self, counts: dict[Split, int]) -> None:
        """Which parts have images; one that has some is chosen."""
        for part, count in counts.items():
            self.parts.set_available(part, count > 0)
        other: Split = "train" if self.split == "test" else "test"
        if not counts[self.split] and counts[other]:
            self.parts.choose(other)

    def show_counts(self, choices: tuple[tuple[str, int], ...], chosen: int) -> None:
        """How many images may be looked at, in words and as numbers."""
        self.count.blockSignals(True)
        self.count.clear()
        for words, count in choices:
            self.count.addItem(words, count)
        self.count.setCurrentIndex(max(self.count.findData(chosen), 0))
        self.count.blockSignals(False)

    def show_map(self, number: int, count: int, unit: str) -> None:
        """Which map is in question, of how many; ``unit`` is what it is called."""
        self.map.blockSignals(True)
        self.map.setMaximum(max(0, count - 1))
        self.map.setValue(number)
        self.map.blockSignals(False)
        self.map.setAccessibleName(unit.capitalize())
        self.unit.setText(unit.capitalize())
        self.of.setText(f"of {count:,}")

    def show_obstacle(self, text: str) -> None:
        """Why no images can be found, in a sentence; "" if they can."""
        self.search.setEnabled(not text)
        self.search.setToolTip(tip(text or _FIND))

    def show_progress(self, share: float | None, text: str = "") -> None:
        """How far the search is, 0…1; ``None`` if there is none. ``text`` stands beside it."""
        running = share is not None
        had_focus = self.cancel.hasFocus() or self.search.hasFocus()
        self.search.setVisible(not running)
        self.cancel.setVisible(running)
        self.progress.setVisible(running)
        if share is not None:
            self.progress.setValue(round(_FINE * share))
        if had_focus:
            (self.cancel if running else self.search).setFocus()
        self.said.setText(text)
        self.said.setToolTip(text)

    def show_tiles(self, tiles: tuple[Tile, ...], keep: bool) -> None:
        """Show images; the place of the current one stays if ``keep``."""
        self.tiles.show_tiles(tiles, keep)
        self._show(self.tiles)

    def show_sentence(self, text: str) -> None:
        """Say why there are no images."""
        self.empty.text.setText(text)
        self.tiles.show_tiles((), keep=False)
        self._show(self.empty)

    def show_facts(self, text: str) -> None:
        """What else is known of the map and of the layer."""
        self.facts.setText(text)
        self.facts.setToolTip(tip(text))

    def _show(self, widget: QWidget) -> None:
        self._body.setCurrentWidget(widget)
        self.crop.setEnabled(widget is self.tiles)

    def _connect(self) -> None:
        self.search.clicked.connect(self.wanted)
        self.cancel.clicked.connect(self.cancelled)
        self.parts.chosen.connect(lambda _key: self.choice_changed.emit())
        self.count.currentIndexChanged.connect(lambda _index: self.choice_changed.emit())
        self.map.valueChanged.connect(self.map_wanted)
        self.crop.toggled.connect(self.tiles.show_cropped)
        self.tiles.opened.connect(self.image_wanted)

    def _lay_out(self) -> None:
        self.map.setMinimumWidth(72)
        self.unit.setObjectName("inspect_top_images_unit")
        self.count.setObjectName("inspect_top_images_count")
        self.count.setAccessibleName("How many images to look at")
        self.count.setToolTip("How many images to look at; of more than that always the same ones are drawn.")
        self.search.setObjectName("inspect_top_images_find")
        self.search.setIcon(theme().icon("search", "on_accent"))
        set_role(self.search, "primary")
        self.cancel.setObjectName("inspect_top_images_cancel")
        self.cancel.setIcon(theme().icon("x"))
        self.cancel.setToolTip("Stop; what was found by then stays.")
        self.progress.setObjectName("inspect_top_images_progress")
        self.progress.setAccessibleName("How far the search is")
        self.progress.setRange(0, _FINE)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(72)
        self.crop.setCheckable(True)
        self.facts.setObjectName("inspect_top_images_facts")
        self.said.setObjectName("inspect_top_images_said")
        for label in (self.of, self.said, self.facts):
            set_role(label, "muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        map_words: tuple[QWidget, ...] = (self.unit, self.map, self.of)
        for widget in map_words:
            row.addWidget(widget)
        row.addSpacing(8)
        controls: tuple[QWidget, ...] = (self.parts, self.count, self.search, self.cancel, self.progress)
        for widget in controls:
            row.addWidget(widget, alignment=Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.said, 1)
        row.addWidget(self.crop)
        self._body.addWidget(self.empty)
        self._body.addWidget(self.tiles)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._body, 1)
        layout.addWidget(self.facts)
