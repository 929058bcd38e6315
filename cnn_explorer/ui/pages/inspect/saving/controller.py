"""What the Inspect page gives away: pictures, values and reports, as files and on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QWidget

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.core.maps.statistics import overall_limits
from cnn_explorer.core.model.info import ForwardPass
from cnn_explorer.core.progress import CancelledError
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.pictures.activation_table import map_text, save_activations_csv
from cnn_explorer.export.pictures.captions import picture_words, shown_values
from cnn_explorer.export.pictures.colormaps import colormap
from cnn_explorer.export.pictures.grid import (
    MOST_A_NODE,
    PictureStyle,
    grid_picture,
    picture_size,
    save_activations_npz,
    save_grid_png,
)
from cnn_explorer.export.pictures.legend import LegendText, with_legend
from cnn_explorer.export.report.page import ReportMatter, save_report
from cnn_explorer.text.verdicts import verdict
from cnn_explorer.ui.pages.inspect.images.state import ChosenImage
from cnn_explorer.ui.pages.inspect.inspection import Inspection
from cnn_explorer.ui.pages.inspect.maps.layer_view import LayerView
from cnn_explorer.ui.pages.inspect.model.ports import InspectPorts
from cnn_explorer.ui.pages.inspect.saving.menu import SaveMenu
from cnn_explorer.ui.pages.inspect.saving.report_progress import ReportProgress
from cnn_explorer.ui.pages.inspect.state import file_name
from cnn_explorer.ui.session.jobs import Failure, Job
from cnn_explorer.ui.session.services import OpenModel
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.widgets import saving
from cnn_explorer.ui.widgets.page_keys import on_keys

FILTERS = {
    "png": "PNG picture (*.png)",
    "npz": "NumPy arrays (*.npz)",
    "csv": "Table (*.csv)",
    "html": "Web page (*.html)",
}
"""The kinds of files, as the native dialog names them."""
Names = Callable[[OpenModel, int], tuple[str, ...]]


@dataclass(frozen=True)
class _Shown:
    """What is on the screen: everything that a file is made of."""

    model: OpenModel
    forward: ForwardPass
    image: ChosenImage
    layer: str

    @property
    def activation(self) -> NDArray[np.float32]:
        return self.forward.activations[self.layer]


class InspectSaving(QObject):
    """Answers the ``menu``, and the keys for copying, which work in the whole ``window``.

    ``names`` gives those of a model's outputs, if there are so many.
    """

    def __init__(
        self, session: Session, inspection: Inspection, view: LayerView, ports: InspectPorts, names: Names,
        window: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._session, self._inspection, self._view, self._ports = session, inspection, view, ports
        self._names, self._window = names, window
        self._report: Job | None = None
        self.menu, self.progress = SaveMenu(), ReportProgress()
        self.menu.save_requested.connect(self.save)
        self.menu.copy_requested.connect(self.copy)
        self.menu.choice_changed.connect(self._show_choice)
        self.progress.cancelled.connect(self.cancel_report)
        on_keys(window, (QKeySequence.StandardKey.Copy,), partial(self.copy, "picture"))
        on_keys(window, ("Ctrl+Shift+C",), partial(self.copy, "values"))

    def choose_file(self, proposal: str, kind: str) -> Path | None:
        """The native dialog for a file to write; it asks before an existing file is replaced."""
        model = self._inspection.model
        start = model.info.path.parent / proposal if model else Path(proposal)
        return saving.ask_save_path(self._window, f"Save as {kind.upper()}", str(start), FILTERS[kind])

    def save(self, kind: str) -> None:
        """Write a file of that kind on what is shown, after asking for its name."""
        shown = self._shown()
        if shown is None:
            return
        about = "report" if kind == "html" else shown.layer
        path = self.choose_file(file_name(shown.model.info, about, shown.image.name, f".{kind}"), kind)
        if path is None:
            return
        try:
            path = saving.with_suffix(path, f".{kind}")
        except ExplorerError as error:
            self._session.report(error)
            return
        if kind == "html":
            self._write_report(shown, path)
            return
        write = self._writer(shown, kind)
        self._session.disk.submit(
            lambda _: write(path), lambda _: self._session.say("success", f"Saved {path.name}.", str(path))
        )

    def copy(self, what: str) -> None:
        """Put the picture, or the values of the chosen map, on the clipboard."""
        shown = self._shown()
        if shown is None:
            self._session.say("info", "There is nothing to copy yet.", "Choose an image first.")
        elif what == "values":
            text, said = self._values(shown)
            QGuiApplication.clipboard().setText(text)
            self._session.say("success", said, "Paste it into a spreadsheet.")
        else:
            paint = self._painter(shown)
            self._session.pictures.submit(lambda _: paint(), self._copy_picture, channel="copy")

    def cancel_report(self) -> None:
        """End the report that is being written; no file is left of it."""
        if self._report is not None:
            self._report.control.stop()
            self._report = None
            self.progress.hide()
            self._session.say("info", "The report was cancelled.")

    def _shown(self) -> _Shown | None:
        """What there is to save; ``None`` while there is no answer to the image."""
        inspection = self._inspection
        if inspection.model is None or inspection.forward is None or inspection.image is None:
            return None
        if inspection.layer not in inspection.forward.activations:
            return None
        self._view.catch_up()  # it may wait behind a comparison
        return _Shown(inspection.model, inspection.forward, inspection.image, inspection.layer)

    def _style(self, shown: _Shown) -> PictureStyle:
        """The picture as it is on the screen, in the size that was chosen; without the limits of all layers yet."""
        grid, wanted = self._view.grid, self.menu.choice
        values = shown_values(shown.activation)
        maps = values.ndim == 3
        choice = grid.choice if maps else self._view.choice.with_colors(signed=bool((values < 0).any()))
        node = grid.node_size if maps else self._view.vector.strip.node_size
        on_screen = max(1, min(MOST_A_NODE, round(node * self._window.devicePixelRatioF())))
        return PictureStyle(
            choice, pixels=wanted.pixels or on_screen, order=grid.numbers if maps else None,
            numbers=wanted.numbers and maps,
        )  # fmt: skip

    def _legend_maker(self, shown: _Shown) -> Callable[[PictureStyle], LegendText | None]:
        """What writes the legend, if one is wanted."""
        if not self.menu.choice.legend:
            return lambda _style: None
        prediction = self._ports.prediction(shown.forward)
        names = self._names(shown.model, 0 if prediction is None else prediction.size)
        said = verdict(prediction, names, shown.image.true_name)
        return lambda style: picture_words(
            shown.model.info, shown.layer, shown.activation, style, shown.image.name, said.text if said else ""
        )

    def _limited(self, shown: _Shown) -> Callable[[PictureStyle], PictureStyle]:
        """What adds the limits of all layers, if the scale has these; not for the window's thread."""
        if not self._view.choice.everywhere:
            return lambda style: style
        return lambda style: replace(style, limits=overall_limits(shown.forward.activations.values()))

    def _writer(self, shown: _Shown, kind: str) -> Callable[[Path], None]:
        """What writes a file, for a worker thread. It replaces an existing file: the dialog has asked already."""
        values, layer = shown.activation, shown.layer
        if kind == "npz":
            return partial(save_activations_npz, activations=values, image=shown.forward.image, layer=layer, force=True)
        if kind == "csv":
            return partial(save_activations_csv, activation=values, force=True)
        style, limited, legend = self._style(shown), self._limited(shown), self._legend_maker(shown)

        def write(path: Path) -> None:
            final = limited(style)
            save_grid_png(path, shown_values(values), final, legend(final), force=True)

        return write

    def _painter(self, shown: _Shown) -> Callable[[], NDArray[np.uint8]]:
        style, limited, legend = self._style(shown), self._limited(shown), self._legend_maker(shown)

        def paint() -> NDArray[np.uint8]:
            final = limited(style)
            picture, words = grid_picture(shown_values(shown.activation), final), legend(final)
            return picture if words is None else with_legend(picture, words, colormap(final.maps.colormap))

        return paint

    def _copy_picture(self, picture: NDArray[np.uint8]) -> None:
        high, wide, _ = picture.shape
        pixels = np.ascontiguousarray(picture)
        image = QImage(pixels.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
        QGuiApplication.clipboard().setImage(image)
        self._session.say("success", "The picture is on the clipboard.", f"{shape_text((wide, high))} pixels")

    def _values(self, shown: _Shown) -> tuple[str, str]:
        """The values to copy, with tabs between them, and what they are."""
        values = shown_values(shown.activation)
        if values.ndim == 1:
            return map_text(values), f"The {values.size:,} values of {shown.layer} are on the clipboard."
        number = self._chosen_map(values.shape[2])
        return map_text(values[..., number]), f"The values of map {number} of {shown.layer} are on the clipboard."

    def _chosen_map(self, count: int) -> int:
        """The map with the frame, else the first in the grid."""
        chosen = self._view.grid.chosen
        return chosen if chosen is not None and chosen < count else self._view.grid.number_at(0)

    def _show_choice(self) -> None:
        """Say in the menu what its picture and its values are."""
        shown = self._shown()
        if shown is None:
            self.menu.show_picture("There is nothing to save yet.", False, False)
            return
        values = shown_values(shown.activation)
        try:
            high, wide = picture_size(values.shape, self._style(shown))
        except ExplorerError as error:
            self.menu.show_picture(f"{error.message} {error.hint}", False, values.ndim == 3)
        else:
            around = " and the legend" if self.menu.choice.legend else ""
            around += " · side A alone" if self._view.waits else ""
            self.menu.show_picture(f"{shape_text((wide, high))} pixels{around}", True, values.ndim == 3)
        number = "values" if values.ndim == 1 else f"map {self._chosen_map(values.shape[2])}"
        self.menu.show_values(f"Copy {number}")

    def _write_report(self, shown: _Shown, path: Path) -> None:
        self.cancel_report()
        info, forward, device = shown.model.info, shown.forward, self._session.device
        count = 0 if forward.prediction is None else forward.prediction.size
        matter = ReportMatter(
            info=info, forward=forward, images=self._ports.images or ((shown.image.name, shown.image.image),),
            true_name=shown.image.true_name, names=self._names(shown.model, count), weights=shown.model.weights,
            made=datetime.now().astimezone(), versions=device.versions if device else (),
        )  # fmt: skip

        def work(job: Job) -> None:
            def watch(what: str, done: int, total: int) -> None:
                if job.control.stopped:
                    raise CancelledError(f"{what} was cancelled.")
                job.emit((done, total))

            save_report(path, matter, True, watch)

        # Not on the engine's thread: other images are looked at meanwhile.
        self._report = job = self._session.scans.submit(
            work,
            lambda _: self._report_ended(job, path),
            failed=lambda failure: self._report_ended(job, path, failure),
            progress=lambda told: self.progress.show_share(*told) if self._report is job else None,
            channel="report",
        )
        self.progress.begin()

    def _report_ended(self, job: Job, path: Path, failure: Failure | None = None) -> None:
        if self._report is not job:  # it was cancelled, and that was said
            return
        self._report = None
        self.progress.hide()
        if failure is not None:
            self._session.report(failure)
        else:
            self._session.say("success", f"Saved {path.name}.", f"Open it in a browser: {path}")
