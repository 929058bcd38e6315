"""The card of one layer: its name and size, and its views, one at a time: what it makes of the image, its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.model.info import LayerInfo
from cnn_explorer.text.layers import layer_facts, layer_size
from cnn_explorer.ui.pages.inspect.paged import Paged
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.segments import Segments


class View(NamedTuple):
    """One view of a layer. ``widget``: it, or what makes it when it is first shown."""

    key: str
    title: str
    tooltip: str
    widget: QWidget | Callable[[], QWidget]


class LayerPane(QFrame):
    """``stack`` is the place of the views."""

    view_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.title, self.size_text = QLabel(), ElidedLabel()
        self.title.setObjectName("inspect_layer_title")
        self.size_text.setObjectName("inspect_layer_size")
        set_role(self.title, "title")
        set_role(self.size_text, "muted")
        self.stack = Paged()
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(self.title)
        self._head.addWidget(self.size_text, 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 12, 12, 8)
        self._layout.setSpacing(8)
        self._layout.addLayout(self._head)

    def set_views(self, views: tuple[View, ...], actions: tuple[QWidget, ...]) -> None:
        """Offer views, and show the first; ``actions`` stand at the right of the head. Called once."""
        self._views = {view.key: view for view in views}
        self._made: dict[str, QWidget] = {}
        self.segments = Segments(tuple(view[:3] for view in views), "inspect_view", self)
        self.segments.chosen.connect(self.show_view)
        for widget in (self.segments, *actions):
            self._head.addWidget(widget)
        self._layout.addWidget(self.stack, 1)  # now: Tab goes through the head first
        for view in views:
            if isinstance(view.widget, QWidget):
                self._add(view.key, view.widget)
        self.show_view(views[0].key)

    @property
    def view(self) -> str:
        """The key of the view that is shown."""
        return self.segments.key

    def show_view(self, key: str) -> None:
        """Show one of the views."""
        self.segments.choose(key)
        wanted = self._views[key].widget
        if key not in self._made and not isinstance(wanted, QWidget):
            self._add(key, wanted())
        self.stack.setCurrentWidget(self._made[key])
        self.view_chosen.emit(key)

    def _add(self, key: str, widget: QWidget) -> None:
        self._made[key] = widget
        self.stack.addWidget(widget)

    def show_layer(self, layer: LayerInfo) -> None:
        """Say which layer it is."""
        self.title.setText(layer.name)
        self.size_text.setText(layer_size(layer))
        self.size_text.setToolTip(layer_facts(layer))
