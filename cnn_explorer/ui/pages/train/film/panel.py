"""The epoch film: how the maps of a pinned image, and the first kernels, change while a network learns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnn_explorer.core.maps.style import MapStyle
from cnn_explorer.core.run.events import Probed
from cnn_explorer.core.sizes import shape_text
from cnn_explorer.export.pictures.colormaps import COLORMAPS
from cnn_explorer.store.probes import ProbeFrame, probe_files
from cnn_explorer.store.runs import RunFolder
from cnn_explorer.ui.pages.train.film.choice import FilmChoice
from cnn_explorer.ui.pages.train.film.pictures import FilmPictures, FilmStyle
from cnn_explorer.ui.pages.train.film.reel import Reel, Reply, Wish, read_frames
from cnn_explorer.ui.pages.train.film.transport import FilmTransport, pace
from cnn_explorer.ui.session.jobs import Failure, Job
from cnn_explorer.ui.session.session import Session
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel
from cnn_explorer.ui.widgets.empty_state import EmptyState

NO_RUN = "A run films how its maps change from epoch to epoch: start training."
NO_FRAME_YET = "The first picture comes before the first epoch."
NO_FILM = "This run has no film: none of its pictures is there."
_AT_THE_END = 3
"""The last frame stands as long as so many others, before the film begins again."""
_SCALES = (
    ("map", "scale per map", "Each map from its own smallest to its own largest value."),
    ("layer", "scale per layer", "The same limits for all maps, so that they can be compared."),
    ("standardized", "standardized", "Each map around its mean, cut off at two standard deviations."),
)
_EPOCHS = (
    (False, "each epoch for itself", "The scale follows each epoch: one sees the pattern."),
    (True, "same for all epochs", "One scale for the whole film: one sees the values grow."),
)


class FilmPanel(QFrame):
    """Shows the film of one run, follows it while it goes, and sets what the next run films."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self._folder: Path | None = None
        self._running = False
        self._follows = True
        self._epoch = 0
        self._reel = Reel()
        self._wish: Wish = ()
        self._reading = False
        self._listed = True
        self.map_style = FilmStyle()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._rest = 0
        self.title, self.facts = ElidedLabel(parent=self), ElidedLabel(parent=self)
        self.pictures, self.transport, self.choice = FilmPictures(), FilmTransport(), FilmChoice(session)
        self.hint = ElidedLabel(parent=self)
        self.colormap, self.scale, self.epochs = QComboBox(self), QComboBox(self), QComboBox(self)
        self._set_up()
        self._lay_out()
        self.transport.place_chosen.connect(self._on_place_chosen)
        self.transport.play_pressed.connect(self._on_play_pressed)
        self.pictures.pointed.connect(self._show_facts)
        self._show()

    @property
    def is_playing(self) -> bool:
        """Whether the film plays by itself."""
        return self._timer.isActive()

    @property
    def epoch(self) -> int:
        """The epoch that is shown."""
        return self._epoch

    def show_run(self, folder: Path | None, running: bool) -> None:
        """Show the film of a run, from its newest frame; while it is running, new frames follow by ``add_probe``."""
        begins = folder != self._folder or (running and not self._running)
        self._running = running
        if begins:
            self._folder, self._reel, self._follows, self._reading = folder, Reel(), True, False
            self._listed = folder is None
            self.stop()
            self.transport.forget_width()
            self.pictures.grid.forget()
            if folder is not None:
                self._submit(lambda _job: probe_files(folder), self._on_listed)
        self._show()

    def add_probe(self, event: Probed) -> None:
        """A frame of the shown run has been written."""
        path = Path(event.path)
        if self._folder is None or path.parent != RunFolder(self._folder).probes:
            return
        self._reel.add({event.epoch: path}, again=True)
        self._go_on()

    def stop(self) -> None:
        """Stop playing."""
        self._timer.stop()
        self.transport.show_playing(False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() or not self._reel.epochs or not self.transport.take_key(event):
            super().keyPressEvent(event)

    def _on_listed(self, files: dict[int, Path]) -> None:
        self._reading, self._listed = False, True
        self._reel.add(files)
        self._go_on()

    def _go_on(self) -> None:
        """There are other epochs than before: follow the newest, or stay."""
        epochs = self._reel.epochs
        if epochs and (self._follows or self._epoch not in epochs):
            self._epoch = epochs[-1] if self._follows else min(epochs, key=lambda epoch: abs(epoch - self._epoch))
        if self.is_playing:
            self._timer.setInterval(pace(len(epochs)))
        self._show()
        self._read()

    def _read(self) -> None:
        """Have the next frames read, unless that is going on."""
        self._wish = self._reel.wish(self._epoch)
        if self._wish and not self._reading:
            # The job looks what is wanted when its turn has come, not when it was queued.
            self._submit(lambda _job: read_frames(lambda: self._wish), self._on_read)

    def _submit(self, work: Callable[[Job], Any], done: Callable[[Any], None]) -> None:
        self._reading = True
        self._session.disk.submit(work, done, failed=self._on_failed, channel=f"film {id(self)}")

    def _on_read(self, reply: Reply) -> None:
        self._reading = False
        self._reel.take(reply, self._epoch)
        self._go_on()

    def _on_failed(self, failure: Failure) -> None:
        self._reading = False
        self._session.report(failure)

    def _on_place_chosen(self, place: int) -> None:
        self.stop()
        if self._reel.epochs:
            self._follows = place == len(self._reel.epochs) - 1
            self._show_epoch(self._reel.epochs[place])

    def _on_play_pressed(self) -> None:
        if self.is_playing:
            self.stop()
        elif len(self._reel.epochs) > 1:
            self._follows, self._rest = False, 0
            if self._epoch == self._reel.epochs[-1]:
                self._show_epoch(self._reel.epochs[0])
            self._timer.start(pace(len(self._reel.epochs)))
            self.transport.show_playing(True)

    def _tick(self) -> None:
        """The next frame, if it is at hand already; the film waits rather than leaving some out."""
        epochs = self._reel.epochs
        place = epochs.index(self._epoch)
        if place == len(epochs) - 1 and self._rest < _AT_THE_END:
            self._rest += 1
            return
        following = epochs[(place + 1) % len(epochs)]
        if self._reel.frame(following) is None:
            self._read()
            return
        self._rest = 0
        self._show_epoch(following)

    def _show_epoch(self, epoch: int) -> None:
        self._epoch = epoch
        self._show()
        self._read()

    def _show(self) -> None:
        """Bring everything up to date; a frame that is not at hand leaves the one before on the screen."""
        epochs, frame = self._reel.epochs, self._reel.frame(self._epoch)
        for part in (self.transport, self._controls):
            part.setVisible(bool(epochs))
        if not epochs:
            if self._listed:
                self._empty.text.setText(NO_RUN if self._folder is None else NO_FRAME_YET if self._running else NO_FILM)
            self.title.clear()
            self.facts.clear()
            self._body.setCurrentWidget(self._empty)
        else:
            self.transport.show_place(epochs.index(self._epoch), len(epochs), self._epoch_text())
        if frame is not None and epochs:
            self._body.setCurrentWidget(self.pictures)
            kernel_limits = self._reel.kernel_limits(frame) if frame.kernels is not None else None
            self.pictures.show_frame(frame, self.map_style, self._reel.map_limits(frame), kernel_limits)
            self._show_facts()
        self._show_hint()

    def _epoch_text(self) -> str:
        last = self._reel.epochs[-1]
        started = self._session.runs.state.started
        if self._running and started is not None and Path(started.run) == self._folder:
            last = max(last, started.epochs)
        text = f"Epoch {self._epoch:,} of {last:,}"
        if self._epoch == 0:
            return f"{text} · before training"
        return f"{text} · newest" if self._running and self._follows else text

    def _show_facts(self, pointed: str = "") -> None:
        frame = self._reel.frame(self._epoch)
        if frame is not None:
            self.title.setText(frame.layer)
            self.facts.setText(pointed or _size(frame))

    def _show_hint(self) -> None:
        broken = self._reel.broken
        words = ", ".join(f"{epoch:,}" for epoch in sorted(broken)[:5]) + (" …" if len(broken) > 5 else "")
        self.hint.setText(f"Left out, since it cannot be read: epoch {words}" if broken else "")
        self.hint.setToolTip(next((str(error) for error in broken.values()), ""))
        self.hint.setVisible(bool(broken))

    def _on_style_chosen(self) -> None:
        maps = MapStyle(colormap=self.colormap.currentText(), scale=self.scale.currentData())
        self.map_style = FilmStyle(maps, self.epochs.currentData())
        self.epochs.setEnabled(self.map_style.maps.scale != "standardized")
        self._show()

    def _set_up(self) -> None:
        set_role(self.title, "title")
        self.title.setObjectName("film_title")
        self.facts.setObjectName("film_facts")
        self.hint.setObjectName("film_hint")
        for label in (self.facts, self.hint):
            set_role(label, "muted")
        self.colormap.addItems(COLORMAPS)
        for box, rows in ((self.scale, _SCALES), (self.epochs, _EPOCHS)):
            for number, (value, text, tooltip) in enumerate(rows):
                box.addItem(text, value)
                box.setItemData(number, tooltip, Qt.ItemDataRole.ToolTipRole)
        for box, name, spoken, tooltip in (
            (self.colormap, "film_colormap", "Colour map", "The colours for small to large values."),
            (self.scale, "film_scale", "Scale", "Which values get the ends of the colour map."),
            (self.epochs, "film_epochs", "Scale over the epochs", "Whether all epochs have the same scale."),
        ):
            box.setObjectName(name)
            box.setAccessibleName(spoken)
            box.setToolTip(tooltip)
            box.setMinimumContentsLength(6)
            box.currentIndexChanged.connect(self._on_style_chosen)

    def _lay_out(self) -> None:
        self._controls = QWidget(self)
        controls = QHBoxLayout(self._controls)
        controls.setContentsMargins(0, 0, 0, 0)
        controls.setSpacing(4)
        for box in (self.colormap, self.scale, self.epochs):
            controls.addWidget(box)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.facts, 1)
        head.addWidget(self._controls)
        self._empty = EmptyState("film", NO_RUN)
        self._body = QStackedWidget(self)
        self._body.addWidget(self._empty)
        self._body.addWidget(self.pictures)
        line = QFrame(self)
        set_role(line, "separator")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._body, 1)
        layout.addWidget(self.hint)
        layout.addWidget(self.transport)
        layout.addWidget(line)
        layout.addWidget(self.choice)


def _size(frame: ProbeFrame) -> str:
    count = frame.maps.shape[2]
    return f"{'1 map' if count == 1 else f'{count:,} maps'} of {shape_text(frame.maps.shape[:2])}"
