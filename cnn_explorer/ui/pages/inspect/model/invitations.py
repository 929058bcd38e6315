"""What the Inspect page shows while there is no model, or no image for it: the way to one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton

from cnn_explorer.ui.pages.inspect.model.card import open_model_button
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme
from cnn_explorer.ui.widgets.empty_state import EmptyState

_NO_MODEL = "Train a network or open a model file to look inside it."
_SOON = "A network is being trained: its model comes here when the run has ended."
_NO_FILES = "Drop images here, paste one with Ctrl+V, or open image files."


class NoModel(EmptyState):
    """Leads to the Train page and to a model file."""

    def __init__(self, session: Session, open_model: Callable[[], None]) -> None:
        train = _primary("Train a network", "play", "inspect_go_to_train", "Go to the Train page.")
        train.clicked.connect(lambda: session.page_requested.emit("train"))
        open_button = open_model_button("inspect_open_first_model")
        open_button.clicked.connect(open_model)
        super().__init__("scan-eye", "", (train, open_button))
        self._session = session
        self.invite()
        session.runs.queue_changed.connect(self.invite)

    def invite(self) -> None:
        """Say how to come by a model."""
        self.text.setText(_SOON if self._session.runs.is_running else _NO_MODEL)


class NoFiles(EmptyState):
    """Leads to image files."""

    def __init__(self, open_images: Callable[[], None]) -> None:
        tooltip = "Open image files of any kind and size."
        button = _primary("Open images…", "image-plus", "inspect_open_first_images", tooltip)
        button.clicked.connect(open_images)
        super().__init__("image-plus", _NO_FILES, (button,))


class NoImageInvitation(EmptyState):
    """Why there is nothing to see; leads to the Data page where another data set is the way out."""

    def __init__(self, session: Session) -> None:
        tooltip = "Go to the Data page, where the data set of this model can be chosen."
        self.data = _primary("Choose a data set", "database", "inspect_go_to_data", tooltip)
        self.data.clicked.connect(lambda: session.page_requested.emit("data"))
        super().__init__("image", "", (self.data,))

    def say(self, why: str, ask_for_data: bool) -> None:
        """Show the sentence ``why``."""
        self.text.setText(why)
        self.data.setVisible(ask_for_data)


def _primary(text: str, icon: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(theme().icon(icon, "on_accent"))
    button.setObjectName(name)
    button.setAccessibleName(text.removesuffix("…"))
    button.setToolTip(tooltip)
    set_role(button, "primary")
    return button
