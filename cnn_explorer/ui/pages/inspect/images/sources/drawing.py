"""The tools beside the canvas: pen, eraser, undo, redo, clear, and how the drawing is brought to the network."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QSlider, QWidget

from cnn_explorer.ui.pages.inspect.images.draw_canvas import WIDTHS, DrawCanvas
from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.tool_button import tool_button

_SLIDER = 20  # pixels, or its handle would be cut


class DrawingTools(QWidget):
    """Controls of a ``canvas``."""

    way_changed = Signal()
    """Centred and scaled like MNIST, or not any more."""

    def __init__(self, canvas: DrawCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.eraser = tool_button("eraser", "inspect_draw_eraser", "Rub out instead of drawing (key E).")
        self.undo = tool_button("undo-2", "inspect_draw_undo", "Take back the last stroke (Ctrl+Z).")
        self.redo = tool_button("redo-2", "inspect_draw_redo", "Draw again what was taken back.")
        self.wipe = tool_button("trash-2", "inspect_draw_clear", "Wipe the canvas (key Delete).", "Clear")
        self.like_mnist = QCheckBox("Centred and scaled like MNIST")
        self._set_up()
        self._lay_out()
        self._show_steps()

    def _set_up(self) -> None:
        self.width_slider.setObjectName("inspect_draw_width")
        self.width_slider.setAccessibleName("Width of the pen")
        self.width_slider.setToolTip("Width of the pen and of the eraser.")
        self.width_slider.setRange(*WIDTHS)
        self.width_slider.setMinimumHeight(_SLIDER)
        self.width_slider.setValue(self._canvas.pen_width)
        self.width_slider.valueChanged.connect(self._set_width)
        self.eraser.setCheckable(True)
        self.eraser.toggled.connect(self._canvas.set_erases)
        self._canvas.eraser_changed.connect(self.eraser.setChecked)
        self.undo.clicked.connect(self._canvas.undo)
        self.redo.clicked.connect(self._canvas.redo)
        self.wipe.clicked.connect(self._canvas.clear)
        self._canvas.steps_changed.connect(self._show_steps)
        self._canvas.changed.connect(self._show_steps)
        self.like_mnist.setObjectName("inspect_draw_like_mnist")
        self.like_mnist.setToolTip(
            "Scale the ink into a box of 20×20 and put its centre of mass into the middle, as MNIST did with its "
            "digits. Without it the network sees the drawing where and as large as it is."
        )
        self.like_mnist.setChecked(True)
        self.like_mnist.toggled.connect(self.way_changed)

    def _lay_out(self) -> None:
        pen = QLabel("Pen")
        set_role(pen, "muted")
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.eraser, self.undo, self.redo):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.wipe)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.addWidget(pen, 0, 0)
        grid.addWidget(self.width_slider, 0, 1)
        grid.addLayout(buttons, 1, 0, 1, 2)
        grid.addWidget(self.like_mnist, 2, 0, 1, 2)
        grid.setRowStretch(3, 1)

    def _set_width(self, width: int) -> None:
        self._canvas.pen_width = width

    def _show_steps(self) -> None:
        self.undo.setEnabled(self._canvas.can_undo)
        self.redo.setEnabled(self._canvas.can_redo)
        self.wipe.setEnabled(not self._canvas.is_empty)
