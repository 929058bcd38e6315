"""The row below the film: first, back, play, on, last, and the slider over the epochs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QWidget

from cnn_explorer.ui.theme import theme
from cnn_explorer.ui.widgets.tool_button import tool_button

_LOOP, _SLOWEST, _FASTEST = 5000, 500, 60  # milliseconds


def pace(frames: int) -> int:
    """Milliseconds that each frame stands: the whole film takes 5 s, few frames stand longer, many shorter."""
    return max(_FASTEST, min(_SLOWEST, _LOOP // max(frames, 1)))


class FilmTransport(QWidget):
    """Says where to go. The place is a number of a frame, from 0; not of an epoch, since some may be missing."""

    place_chosen = Signal(int)
    play_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = tool_button("skip-back", "film_first", "The first frame: before training (Home).")
        self.back = tool_button("chevron-left", "film_back", "One epoch back (left arrow).")
        self.play = tool_button("play", "film_play", "Play (Space).")
        self.on = tool_button("chevron-right", "film_on", "One epoch on (right arrow).")
        self.last = tool_button("skip-forward", "film_last", "The newest frame (End).")
        for step in (self.back, self.on):
            step.setAutoRepeat(True)
            step.setAutoRepeatInterval(80)
        self.slider = EpochSlider(self)
        self.label = QLabel(self)
        self.label.setObjectName("film_epoch")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for button in (self.first, self.back, self.play, self.on, self.last):
            layout.addWidget(button)
        layout.addSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addSpacing(8)
        layout.addWidget(self.label)
        self.setFocusProxy(self.slider)
        self.first.clicked.connect(lambda: self.go(0))
        self.back.clicked.connect(lambda: self.go(self.slider.value() - 1))
        self.on.clicked.connect(lambda: self.go(self.slider.value() + 1))
        self.last.clicked.connect(lambda: self.go(self.slider.maximum()))
        self.play.clicked.connect(self.play_pressed)
        self.slider.play_pressed.connect(self.play_pressed)
        self.slider.valueChanged.connect(self.place_chosen)

    def go(self, place: int) -> None:
        """Go to a frame as a person does; not past the ends."""
        place = max(0, min(place, self.slider.maximum()))
        if place == self.slider.value():
            self.place_chosen.emit(place)  # also who stays at the end has chosen it
        else:
            self.slider.setValue(place)

    def show_place(self, place: int, count: int, text: str) -> None:
        """Show where the film is, of ``count`` frames; no signal."""
        self.slider.blockSignals(True)
        self.slider.setMaximum(max(0, count - 1))
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self.label.setText(text)
        # No jumping about while it plays: the room of the longest text so far.
        self.label.setMinimumWidth(max(self.label.minimumWidth(), self.label.sizeHint().width()))
        self.slider.setAccessibleDescription(text)
        for button, useful in (
            (self.first, place > 0),
            (self.back, place > 0),
            (self.play, count > 1),
            (self.on, place < count - 1),
            (self.last, place < count - 1),
        ):
            button.setEnabled(useful)
        self.slider.setEnabled(count > 1)

    def forget_width(self) -> None:
        """Another film may have shorter texts."""
        self.label.setMinimumWidth(0)

    def show_playing(self, playing: bool) -> None:
        """Let the button say what it would do now."""
        self.play.setIcon(theme().icon("pause" if playing else "play"))
        self.play.setToolTip("Pause (Space)." if playing else "Play, over and over (Space).")
        self.play.setAccessibleName("Pause the film" if playing else "Play the film")

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key asks for; whether it was one of the film's."""
        match event.key():
            case Qt.Key.Key_Space:
                self.play_pressed.emit()
            case Qt.Key.Key_Left:
                self.go(self.slider.value() - 1)
            case Qt.Key.Key_Right:
                self.go(self.slider.value() + 1)
            case Qt.Key.Key_Home:
                self.go(0)
            case Qt.Key.Key_End:
                self.go(self.slider.maximum())
            case _:
                return False
        return True


class EpochSlider(QSlider):
    """A slider that goes where one clicks, and plays on Space."""

    play_pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("film_slider")
        self.setAccessibleName("Epoch of the film")
        self.setToolTip("The epoch that is shown: arrows, Home and End; Space plays.")
        self.setPageStep(5)
        self.setMinimumWidth(80)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.play_pressed.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
            at, span = event.position().toPoint().x() - handle // 2, self.width() - handle
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, span))
        super().mousePressEvent(event)  # the handle is under the cursor now, ready to be dragged
