"""Brings the weights of the layer in view from the model to their view, when someone looks at it."""

from __future__ import annotations

from functools import cached_property, partial

from PySide6.QtCore import QEvent, QObject

from cnn_explorer.core.model.info import LayerInfo, LayerWeight
from cnn_explorer.core.model.weight_pictures import WeightDigest, digest, picture
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.pages.inspect.weights.view import PictureWish, WeightsView
from cnn_explorer.ui.session.session import Session


class InspectWeights(QObject):
    """The engine copies the weights; statistics and pictures are made beside it, so that looks do not wait for them."""

    def __init__(self, session: Session, inspection: Inspection, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self.inspection = session, inspection
        self._is_due = True
        inspection.layer_changed.connect(self._on_changed)

    @cached_property
    def view(self) -> WeightsView:
        """Made when it is first wanted: it takes a fifth of the time that all of the page takes."""
        view = WeightsView()
        view.installEventFilter(self)
        view.picture_wanted.connect(self._make)
        return view

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._is_due:  # of the view: nothing else is watched
            self._request()
        return super().eventFilter(watched, event)

    def _on_changed(self) -> None:
        self._is_due = True
        if "view" in vars(self) and self.view.isVisible():
            self._request()

    def _request(self) -> None:
        model, layer = self.inspection.model, self.inspection.layer_info
        if model is None or layer is None:
            return
        self._is_due = False
        self.view.show_layer(model.info, layer)
        self._session.engine.submit(
            lambda _: model.weights(layer.name), partial(self._measure, layer), channel="weights"
        )

    def _measure(self, layer: LayerInfo, weights: tuple[LayerWeight, ...]) -> None:
        def work(_job: object) -> tuple[WeightDigest, ...]:
            return tuple(digest(weight) for weight in weights)

        self._session.pictures.submit(work, partial(self._show, layer), channel="weights")

    def _show(self, layer: LayerInfo, digests: tuple[WeightDigest, ...]) -> None:
        if layer is self.inspection.layer_info:  # or those of another one are on their way
            self.view.show_weights(digests)

    def _make(self, wish: PictureWish) -> None:
        self._session.pictures.submit(
            lambda _: picture(wish.digest.weight, wish.layer_type, wish.way, wish.number, wish.unit_shape),
            partial(self.view.show_picture, wish), channel="weight picture",
        )  # fmt: skip
