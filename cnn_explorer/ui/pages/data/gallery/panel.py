"""The gallery of the Data page: all images of the data set, filtered, sorted, and checked with a model."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.ui.forms.editor_base import tip
from cnn_explorer.ui.pages.data.gallery.blocks import picture_of
from cnn_explorer.ui.pages.data.gallery.filter import FilterBar
from cnn_explorer.ui.pages.data.gallery.grid import GalleryGrid
from cnn_explorer.ui.pages.data.gallery.plane import Tile
from cnn_explorer.ui.pages.data.gallery.predictions import CheckRow
from cnn_explorer.ui.pages.data.gallery.saving import SaveButton, enlarged
from cnn_explorer.ui.pages.data.gallery.state import (
    Catalog,
    Filter,
    ImageFacts,
    catalog,
    chosen,
    count_text,
    image_facts,
    mistakes,
    picture_name,
    why_no_pin,
)
from cnn_explorer.ui.pages.data.gallery.zoom import ZoomSlider
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets import saving
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.empty_state import EmptyState

_INSPECT_TIP = "See what the layers of the open model make of this image (Return, or a double click)."
_PIN_TIP = "Let the next run film what it makes of this test image, epoch after epoch (key P)."


class GalleryPanel(QFrame):
    """Follows the session's data set and the split of its configuration."""

    class_shown = Signal(int)
    """The class that is shown alone now; -1 for several."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self._catalog: Catalog | None = None
        self._wanted: tuple[object, ...] = ()
        self._shown: NDArray[np.int64] = np.zeros(0, np.int64)  # positions in the catalogue, in their order
        self.grid = GalleryGrid(session.thumbnails)
        self.filter, self.check = FilterBar(ZoomSlider(self.grid)), CheckRow(session)
        self.count, self.facts = ElidedLabel(), ElidedLabel()
        self.inspect, self.pin = QPushButton("Inspect"), QPushButton("Pin")
        self.save = SaveButton()
        self.empty = EmptyState("images", "")
        self._show_all = QPushButton("Show all images")
        self.nothing = EmptyState("search", "No image passes the filter.", (self._show_all,))
        self._stack = QStackedWidget()
        self._actions = self._make_actions()
        self._set_up()
        self._lay_out()
        self._connect()
        self._take_dataset()

    @property
    def shown(self) -> NDArray[np.int64]:
        """The positions of the images that pass the filter, in the order in which they are shown."""
        return self._shown

    @property
    def current(self) -> ImageFacts | None:
        """What is known of the current image; ``None`` if there is none."""
        return self._facts_of(self.grid.current)

    def show_class(self, number: int) -> None:
        """Show the images of this class only; -1 for all of them."""
        self._filter_by(replace(self.filter.filter, classes=frozenset({number} if number >= 0 else ())))

    def show_places(self, places: tuple[int, ...]) -> None:
        """Show only these images of ``Dataset.images``, in this order; none: all that the filter lets pass."""
        self._filter_by(Filter(places=places))

    def show_image(self, position: int) -> None:
        """Make the image at ``position`` of the catalogue the current one, if the filter lets it pass."""
        found = np.flatnonzero(self._shown == position)
        if len(found):
            self.grid.choose(int(found[0]))

    # What is shown

    def _take_dataset(self) -> None:
        """Show what the session has, in the split of its configuration; finding that out may take a moment."""
        dataset, config = self._session.dataset, self._session.config
        if dataset is None:
            self._wanted = ()
            self._show_loading()
            return
        seed = 0 if config.split == "official" else config.split_seed
        wanted = (dataset, config.split, seed)
        if wanted == self._wanted:
            self._show_marks()  # another image may be pinned
            return
        self._wanted = wanted
        self._session.thumbnails.submit(
            lambda _: catalog(dataset, config.split, seed), self._take_catalog, failed=self._no_catalog,
            channel="catalog",
        )  # fmt: skip

    def _no_catalog(self, failure: Failure) -> None:
        """It cannot be split so: the data set is shown as it came."""
        self._session.report(failure)
        dataset = self._session.dataset
        if dataset is not None:
            self._take_catalog(catalog(dataset, "official", 0))

    def _take_catalog(self, made: Catalog) -> None:
        old, self._catalog = self._catalog, made
        if old is None or old.official is not made.official:
            self._shown = np.zeros(0, np.int64)
            self.filter.show_classes(made.dataset.classes)
            self.filter.show_filter(Filter(part=self.filter.filter.part))
            self.class_shown.emit(-1)
            self.save.show_size(*made.dataset.image_shape[:2])
        self.check.show_catalog(made)
        self._show_images()

    def _show_images(self) -> None:
        made = self._catalog
        if made is None:
            return
        current = int(self._shown[self.grid.current]) if 0 <= self.grid.current < len(self._shown) else -1
        self._shown = chosen(made, self.filter.filter, self.check.answers)
        kept = np.flatnonzero(self._shown == current)
        self.grid.set_images(
            made.dataset.images, made.places[self._shown], self._tile, int(kept[0]) if len(kept) else -1
        )
        self._show_marks()
        self._show_count()
        self._stack.setCurrentWidget(self.grid if len(self._shown) else self.nothing)
        self._show_facts()

    def _show_answers(self) -> None:
        """Other answers of the model: the same images in the same places, unless the filter asks for answers."""
        wanted = self.filter.filter
        self.filter.show_answers(self.check.answers.any)
        if wanted.asks_answers:
            if not self.check.answers.any:
                self.filter.show_filter(wanted.without_answers())
            self._show_images()
        elif self._catalog is not None:
            self._show_marks()
            self._show_count()
            self._show_facts()

    def _show_count(self) -> None:
        """How many images are shown; with answers the check says how many there are, and only a part is news."""
        shown, all_ = len(self._shown), 0 if self._catalog is None else len(self._catalog)
        self.count.setText(count_text(shown, all_))
        self.count.setVisible(shown < all_ or not self.check.answers.any)

    def _show_marks(self) -> None:
        """Which of the images the model gets wrong, and which one is pinned."""
        made = self._catalog
        if made is None:
            return
        pinned = np.flatnonzero(self._shown == len(made.dataset.train) + self._session.config.probe_index)
        wrong = mistakes(made, self.check.answers, self._shown)
        self.grid.mark(wrong, int(pinned[0]) if len(pinned) else -1)

    def _tile(self, number: int) -> Tile:
        facts = self._facts_of(number)
        if facts is None:
            return Tile("", "", "")
        return Tile(facts.caption, facts.true, self._sentence(facts))

    def _sentence(self, facts: ImageFacts) -> str:
        """What is known of an image, and whether the film shows it."""
        pinned = facts.split == "test" and facts.index == self._session.config.probe_index
        return facts.sentence + (", pinned for the film" if pinned else "")

    def _show_loading(self) -> None:
        """Only while there is nothing else to be shown: the old data set stays until the new one is there."""
        session = self._session
        if session.dataset is not None:
            return
        said = session.loading_words or f"{session.dataset_failure} Choose a data set at the left.".strip()
        self.empty.text.setText(said)
        self._stack.setCurrentWidget(self.empty)
        self.count.clear()
        self._show_facts()

    def _facts_of(self, number: int) -> ImageFacts | None:
        if self._catalog is None or not 0 <= number < len(self._shown):
            return None
        return image_facts(self._catalog, self.check.answers, int(self._shown[number]))

    def _show_facts(self) -> None:
        """The line below: the current image, which the buttons are for, else the one under the cursor."""
        current = self.current
        said = current or self._facts_of(self.grid.hovered)
        invitation = "Click an image, or use the arrow keys." if len(self._shown) else ""
        self.facts.setText(self._sentence(said) if said else invitation)
        set_role(self.facts, "error" if said and said.wrong else "muted" if said is None else "")
        self.facts.style().polish(self.facts)
        for control in (self.inspect, self.save):
            control.setEnabled(current is not None)
        obstacle = why_no_pin(current)
        self.pin.setEnabled(not obstacle)
        self.pin.setToolTip(tip(obstacle or _PIN_TIP))
        for name, action in self._actions.items():
            action.setEnabled(current is not None and not (name == "pin" and obstacle))
        self._actions["pin"].setToolTip(obstacle or _PIN_TIP)

    # What one does with an image

    def _inspect(self) -> None:
        if self._catalog is None or self.current is None:
            return
        split, index = self._catalog.official_of(int(self._shown[self.grid.current]))
        self._session.page_requested.emit("inspect")
        self._session.image_requested.emit(split, index)

    def _pin(self) -> None:
        facts = self.current
        if facts is None or why_no_pin(facts):
            return
        self._session.config = msgspec.structs.replace(self._session.config, probe_index=facts.index)
        self._show_facts()  # says so: a message would lie over the button that was just pressed

    def _copy(self) -> None:
        image = self._image()
        if image is not None:
            QGuiApplication.clipboard().setImage(picture_of(image))
            self._session.say("info", "The image is on the clipboard.")

    def _save(self, scale: int) -> None:
        image, facts = self._image(), self.current
        if image is None or facts is None or self._catalog is None:
            return
        name = picture_name(self._catalog.dataset, facts, scale)
        path = saving.ask_save_path(self, "Save the image", name, "PNG picture (*.png)")
        saving.save(self._session, path, ".png", lambda: saving.png(enlarged(picture_of(image), scale)))

    def _image(self) -> NDArray[np.uint8] | None:
        if self._catalog is None or self.current is None:
            return None
        image: NDArray[np.uint8] = self._catalog.dataset.images[self._catalog.places[self._shown[self.grid.current]]]
        return image

    def _open_menu(self, _number: int, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("gallery_menu")
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self._actions.values()))
        menu.popup(point)

    def _filter_by(self, wanted: Filter) -> None:
        self.filter.show_filter(wanted)
        self._apply_filter()

    def _apply_filter(self) -> None:
        self.check.show_part(self.filter.filter.part)
        self.class_shown.emit(self.filter.filter.only_class)
        try:
            self._show_images()
        except ExplorerError as error:
            self._session.report(error)

    # Putting it together

    def _make_actions(self) -> dict[str, QAction]:
        made = {}
        for key, text, icon, shortcut, act in (
            ("inspect", "Inspect this image", "scan-eye", "", self._inspect),
            ("pin", "Pin for the film", "pin", "P", self._pin),
            ("copy", "Copy image", "copy", QKeySequence.StandardKey.Copy, self._copy),
            ("save", "Save as PNG…", "image-down", "", lambda: self._save(self.save.scale.value())),
        ):
            action = QAction(theme().icon(icon), text, self.grid)
            action.setObjectName(f"gallery_action_{key}")
            if shortcut:
                action.setShortcut(QKeySequence(shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, act=act: act())
            made[key] = action
        self.grid.addActions(list(made.values()))
        return made

    def _set_up(self) -> None:
        self.grid.setAccessibleDescription("The arrow keys go from image to image, Return inspects one, P pins it.")
        self.count.setObjectName("gallery_count")
        self.count.setAccessibleName("How many images are shown")
        set_role(self.count, "muted")
        self.facts.setObjectName("gallery_facts")
        self.inspect.setObjectName("gallery_inspect")
        self.inspect.setAccessibleName("Inspect this image")
        self.pin.setAccessibleName("Pin this image for the film")
        self.inspect.setIcon(theme().icon("scan-eye"))
        self.inspect.setToolTip(tip(_INSPECT_TIP))
        self.pin.setObjectName("gallery_pin")
        self.pin.setIcon(theme().icon("pin"))
        self._show_all.setObjectName("gallery_show_all")
        self._show_all.setToolTip("Clear the filter.")

    def _connect(self) -> None:
        session = self._session
        session.dataset_changed.connect(self._take_dataset)
        session.config_changed.connect(self._take_dataset)
        session.dataset_progress.connect(lambda *_: self._show_loading())
        self.filter.changed.connect(lambda _: self._apply_filter())
        self.check.changed.connect(self._show_answers)
        self.grid.current_changed.connect(lambda _: self._show_facts())
        self.grid.hovered_changed.connect(lambda _: self._show_facts())
        self.grid.opened.connect(lambda _: self._inspect())
        self.grid.menu_wanted.connect(self._open_menu)
        self.inspect.clicked.connect(self._inspect)
        self.pin.clicked.connect(self._pin)
        self.save.copy.clicked.connect(self._copy)
        self.save.save_wanted.connect(self._save)
        self._show_all.clicked.connect(lambda: self._filter_by(Filter()))

    def _lay_out(self) -> None:
        for widget in (self.grid, self.empty, self.nothing):
            self._stack.addWidget(widget)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.check, 1)
        middle.addWidget(self.count)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.facts, 1)
        for button in (self.inspect, self.pin, self.save):
            below.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.filter)
        layout.addLayout(middle)
        layout.addWidget(self._stack, 1)
        layout.addLayout(below)
