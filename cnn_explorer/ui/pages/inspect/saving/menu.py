"""The button that takes what Inspect shows out of the program: as a picture, as numbers, as a page to pass on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from cnn_explorer.export.pictures.grid import MOST_A_NODE
from cnn_explorer.ui.forms.editor_base import indent
from cnn_explorer.ui.theme import set_role, theme

_AS_ON_SCREEN = 0


@dataclass(frozen=True)
class PictureChoice:
    """``pixels`` a node, 0 for as many as on the screen; whether a legend and the numbers of maps are wanted."""

    pixels: int = _AS_ON_SCREEN
    legend: bool = False
    numbers: bool = False


class SaveMenu(QToolButton):
    """Opens a small box. ``choice`` is how pictures are wanted."""

    save_requested = Signal(str)
    """``png``, ``npz``, ``csv`` or ``html``."""
    copy_requested = Signal(str)
    """``picture`` or ``values``."""
    choice_changed = Signal()
    """Also when the box opens: what it says of the picture may be out of date."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspect_save")
        self.setText("Save")
        self.setIcon(theme().icon("save"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAccessibleName("Save or copy")
        self.setToolTip("Save or copy the picture, the values, or a report of the model on this image.")
        self.pixels, self.size_text = QSpinBox(), QLabel()
        self.legend, self.numbers = QCheckBox("Legend"), QCheckBox("Numbers of the maps")
        self.copy_picture = _button(
            "copy", "inspect_copy_picture", "Copy", "Put the picture on the clipboard (Ctrl+C)."
        )
        self.png = _button("image-down", "inspect_save_png", "Save as PNG…", "Save what is shown as a picture.")
        self.copy_values = _button(
            "copy", "inspect_copy_values", "Copy", "Put the values on the clipboard, for a spreadsheet (Ctrl+Shift+C)."
        )
        self.npz = _button("file-down", "inspect_save_npz", "NumPy (NPZ)…", "Save the unscaled values for numpy.")
        self.csv = _button("table-2", "inspect_save_csv", "Table (CSV)…", "Save the unscaled values, a line for each.")
        self.html = _button(
            "file-code", "inspect_save_html", "Save report…",
            "Save a page with structure, prediction, and the maps and kernels of all layers, for any browser.",
        )  # fmt: skip
        self.show_values("Copy map 0000")  # as wide as it may become
        self._set_up()
        self._lay_out()
        for button, act in (
            (self.png, lambda: self.save_requested.emit("png")),
            (self.npz, lambda: self.save_requested.emit("npz")),
            (self.csv, lambda: self.save_requested.emit("csv")),
            (self.html, lambda: self.save_requested.emit("html")),
            (self.copy_picture, lambda: self.copy_requested.emit("picture")),
            (self.copy_values, lambda: self.copy_requested.emit("values")),
        ):
            button.clicked.connect(self.menu().close)
            button.clicked.connect(act)
        self.pixels.valueChanged.connect(self.choice_changed)
        self.legend.toggled.connect(self.choice_changed)
        self.numbers.toggled.connect(self.choice_changed)
        self.menu().aboutToShow.connect(self.choice_changed)
        self.menu().installEventFilter(self)

    @property
    def choice(self) -> PictureChoice:
        """How pictures are wanted."""
        return PictureChoice(self.pixels.value(), self.legend.isChecked(), self.numbers.isChecked())

    def show_picture(self, text: str, possible: bool, maps: bool) -> None:
        """What the picture would be, its size or why there can be none; ``maps``: it shows maps, and no vector."""
        self.size_text.setText(text)
        set_role(self.size_text, "muted" if possible else "error")
        self.size_text.style().polish(self.size_text)
        self.png.setEnabled(possible)
        self.copy_picture.setEnabled(possible)
        self.numbers.setEnabled(maps)

    def show_values(self, title: str) -> None:
        """Which values Copy takes: ``Copy map 3``."""
        self.copy_values.setText(title)
        # A box that is open already does not grow any more.
        self.copy_values.setMinimumWidth(max(self.copy_values.minimumWidth(), self.copy_values.sizeHint().width()))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """The keyboard begins in the box when it opens."""
        if watched is self.menu() and event.type() == QEvent.Type.Show:
            self.pixels.setFocus(Qt.FocusReason.PopupFocusReason)
        return False

    def _set_up(self) -> None:
        self.pixels.setObjectName("inspect_picture_pixels")
        self.pixels.setAccessibleName("Pixels of a node in the picture")
        self.pixels.setToolTip("How large the picture becomes: the side of one node, or of one value, in pixels.")
        self.pixels.setRange(_AS_ON_SCREEN, MOST_A_NODE)
        self.pixels.setSpecialValueText("as on the screen")
        self.pixels.setSuffix(" px a node")
        indent(self.pixels)
        self.legend.setObjectName("inspect_picture_legend")
        self.legend.setToolTip("Write around the picture what it shows and what its colours mean.")
        self.legend.setChecked(True)
        self.numbers.setObjectName("inspect_picture_numbers")
        self.numbers.setToolTip("Write its number over each map.")
        self.size_text.setObjectName("inspect_picture_size")
        self.size_text.setWordWrap(True)
        self.size_text.setMinimumHeight(2 * self.size_text.fontMetrics().lineSpacing())  # it may become two lines
        self.size_text.setAlignment(Qt.AlignmentFlag.AlignTop)
        set_role(self.size_text, "muted")
        set_role(self.png, "primary")
        self.png.setIcon(theme().icon("image-down", "on_accent"))

    def _lay_out(self) -> None:
        box = QWidget()
        picture = QGridLayout()
        picture.setHorizontalSpacing(8)
        picture.setVerticalSpacing(8)
        picture.addWidget(QLabel("Size"), 0, 0)
        picture.addWidget(self.pixels, 0, 1)
        picture.addWidget(self.legend, 1, 1)
        picture.addWidget(self.numbers, 2, 1)
        picture.addWidget(self.size_text, 3, 1)
        picture.setColumnStretch(1, 1)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(_section("Picture"))
        layout.addLayout(picture)
        layout.addLayout(_row(self.copy_picture, self.png))
        layout.addSpacing(4)
        layout.addWidget(_section("Values"))
        layout.addLayout(_row(self.copy_values, self.npz, self.csv))
        layout.addSpacing(4)
        layout.addWidget(_section("Model and image"))
        layout.addLayout(_row(self.html))
        action = QWidgetAction(self)
        action.setDefaultWidget(box)
        menu = _Box(self)
        menu.addAction(action)
        self.setMenu(menu)


class _Box(QMenu):
    """A menu in which Tab goes from one control to the next, as everywhere else: a plain one would take it away."""

    def focusNextPrevChild(self, next_: bool) -> bool:
        return QWidget.focusNextPrevChild(self, next_)


def _button(icon: str, name: str, text: str, tooltip: str) -> QPushButton:
    button = QPushButton(theme().icon(icon), text)
    button.setObjectName(name)
    button.setAccessibleName(f"{text.rstrip('…')}: {tooltip}")
    button.setToolTip(tooltip)
    button.setAutoDefault(True)  # Enter presses it too
    return button


def _section(text: str) -> QLabel:
    label = QLabel(text)
    set_role(label, "section")
    return label


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row
