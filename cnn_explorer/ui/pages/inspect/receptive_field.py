"""What a node sees of the image: its rectangle on the pictures of the image, and in words."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from cnn_explorer.ui.pages.inspect.images.picker import ImagePicker
from cnn_explorer.ui.pages.inspect.inspection import Inspection, NodeAt
from cnn_explorer.ui.session.jobs import Failure
from cnn_explorer.ui.session.services import ReceptiveFields
from cnn_explorer.ui.session.session import Session

_REST = 400
"""Milliseconds after a forward pass, and between two tries: finding receptive fields must never delay one."""


class ReceptiveFieldMarks(QObject):
    """Has the fields of a model found once, when the engine rests; shows that of the node someone points at."""

    def __init__(self, session: Session, inspection: Inspection, picker: ImagePicker, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._inspection, self._picker = session, inspection, picker
        self._number = -1  # of the input whose fields are known or on their way
        self._failure = ""
        self._pointed: NodeAt | None = None
        self._marked: NodeAt | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._find)
        inspection.model_changed.connect(self._on_model)
        inspection.forward_changed.connect(self._on_forward)
        inspection.receptive_fields_changed.connect(self._show)
        inspection.node_pointed.connect(self._point)
        inspection.node_marked.connect(self._mark)

    def _on_model(self) -> None:
        self._rest.stop()
        self._number, self._failure = -1, ""
        self._pointed = None
        self._inspection.set_receptive_fields(None)

    def _on_forward(self) -> None:
        if self._inspection.forward is not None and self._number != self._inspection.input_number:
            self._rest.start()

    def _find(self) -> None:
        model = self._inspection.model
        if model is None:
            return
        if self._session.engine.busy:
            self._rest.start()
            return
        number = self._number = self._inspection.input_number

        def done(receptive_fields: ReceptiveFields) -> None:
            if model is self._inspection.model and number == self._number:
                self._inspection.set_receptive_fields(receptive_fields)

        def failed(failure: Failure) -> None:
            if model is self._inspection.model:
                self._failure = failure.message
                self._show()

        self._session.engine.submit(lambda _: model.receptive_fields(number), done, failed=failed, channel="fields")

    def _point(self, at: NodeAt | None) -> None:
        self._pointed = at
        self._show()

    def _mark(self, at: NodeAt | None) -> None:
        self._marked = at
        self._show()

    def _show(self) -> None:
        at, model = self._pointed or self._marked, self._inspection.model
        if at is None or model is None:
            self._picker.show_receptive_field(None, "")
            return
        if not at.layer:
            row, column = at.node[:2]
            self._picker.show_receptive_field(
                (row, column, row + 1, column + 1), f"row {row}, column {column} of the image"
            )
        elif self._inspection.receptive_fields is not None:
            rectangle = self._inspection.receptive_fields.rectangle(at.layer, at.node)
            self._picker.show_receptive_field(rectangle, f"{at.layer} {self._inspection.sees(rectangle)}")
        else:
            unknown = f"What it sees of the image is not known: {self._failure}"
            self._picker.show_receptive_field(None, unknown if self._failure else f"{at.layer} sees …")
