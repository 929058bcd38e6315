"""What stands there while the network does not fit the images: why, and the two ways out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnn_explorer.core.network.fitting import fitted
from cnn_explorer.ui.pages.data.sources.state import misfit
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role, theme

_ICON = 16  # pixels


class FittingCard(QFrame):
    """Hidden while network and images fit each other."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_fitting")
        self._session = session
        self._icon = QLabel(self)
        self.words = QLabel(self)
        self.words.setObjectName("data_fitting_words")
        self.words.setWordWrap(True)
        self.fit = QPushButton("Fit the network to these images", self)
        self.fit.setObjectName("data_fit_network")
        self.fit.setAccessibleName("Fit the network to these images")
        self.fit.setToolTip(
            "Change the input and the last layer of the network, and the padding where windows do not fit; "
            "Undo on Build takes it back."
        )
        set_role(self.fit, "primary")
        self.presets = QPushButton("Choose another network", self)
        self.presets.setObjectName("data_choose_preset")
        self.presets.setAccessibleName("Choose another network")
        self.presets.setToolTip("Go to Build, where there are ready-made networks.")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.fit)
        layout.addWidget(self.presets)
        self.fit.clicked.connect(self._on_fit)
        self.presets.clicked.connect(lambda: session.page_requested.emit("build"))
        session.dataset_changed.connect(self._show)
        session.document.changed.connect(self._show)
        theme().changed.connect(self._paint_icon)
        self._paint_icon()
        self._show()

    def _show(self) -> None:
        text = misfit(self._session.document.inference, self._session.dataset)
        self.words.setText(text)
        self.setVisible(bool(text))

    def _paint_icon(self) -> None:
        self._icon.setPixmap(theme().icon("triangle-alert", "warning").pixmap(_ICON, _ICON))

    def _on_fit(self) -> None:
        dataset, document = self._session.dataset, self._session.document
        if dataset is not None:
            network = fitted(document.architecture, dataset.image_shape, len(dataset.classes))
            document.edit(network, f"Fit to {dataset.title}")
            self._say_how_it_went(network.name, dataset.title)

    def _say_how_it_went(self, network: str, dataset: str) -> None:
        problems = self._session.document.inference.problems
        if problems:
            self._session.say("warning", problems[0].message, "The Build page shows the layer, and has other networks.")
        else:
            self._session.say("info", f"{network} fits {dataset} now.", "Undo on the Build page takes it back.")
