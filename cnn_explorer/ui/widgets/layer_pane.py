"""The card of one layer: its name and size, and its views, one at a time: what it makes of the image, its weights."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnn_explorer.core.model_info import LayerInfo
from cnn_explorer.ui.readings import layer_facts, layer_size
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.paged import Paged
from cnn_explorer.ui.widgets.segments import Segments


class LayerPane(QFrame):
    """``views``: key, title and tooltip of each, with its widget. ``actions`` stand at the right of the head."""

    view_chosen = Signal(str)

    def __init__(
        self, views: tuple[tuple[str, str, str, QWidget], ...], actions: tuple[QWidget, ...] = (),
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("card")
        self.title, self.size_text = QLabel(), ElidedLabel()
        self.title.setObjectName("inspect_layer_title")
        self.size_text.setObjectName("inspect_layer_size")
        set_role(self.title, "title")
        set_role(self.size_text, "muted")
        self.segments = Segments(tuple(view[:3] for view in views), "inspect_view")
        self._widgets = {key: widget for key, _, _, widget in views}
        self._stack = Paged()
        for widget in self._widgets.values():
            self._stack.addWidget(widget)
        self.segments.chosen.connect(self.show_view)
        if len(views) < 2:
            self.segments.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.size_text, 1)
        head.addWidget(self.segments)
        for action in actions:
            head.addWidget(action)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)

    @property
    def view(self) -> str:
        """The key of the view that is shown."""
        return self.segments.key

    def show_view(self, key: str) -> None:
        """Show one of the views."""
        self.segments.choose(key)
        self._stack.setCurrentWidget(self._widgets[key])
        self.view_chosen.emit(key)

    def show_layer(self, layer: LayerInfo) -> None:
        """Say which layer it is."""
        self.title.setText(layer.name)
        self.size_text.setText(layer_size(layer))
        self.size_text.setToolTip(layer_facts(layer))
