"""For models with several inputs or outputs: which input the image goes to, and whose prediction is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from cnn_explorer.ui.theme import set_role
from cnn_explorer.ui.widgets.elided_label import ElidedLabel


class PortsBar(QFrame):
    """Each choice is there only if there is one to make; without any the bar is hidden."""

    input_chosen = Signal(int)
    output_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.inputs, self.outputs = QComboBox(), QComboBox()
        self._input_label, self._output_label = QLabel("Image goes to"), QLabel("Prediction of")
        self.said = ElidedLabel()
        self.said.setObjectName("inspect_ports_said")
        set_role(self.said, "muted")
        for box, name, title, tooltip in (
            (self.inputs, "inspect_input", "Input", "The input of the model that gets the image; others keep theirs."),
            (self.outputs, "inspect_output", "Output", "The output of the model that is shown as the prediction."),
        ):
            box.setObjectName(name)
            box.setAccessibleName(title)
            box.setToolTip(tooltip)
            box.setMinimumContentsLength(12)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.inputs.activated.connect(lambda: self.input_chosen.emit(self.inputs.currentData()))
        self.outputs.activated.connect(lambda: self.output_chosen.emit(self.outputs.currentData()))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        for label, box in ((self._input_label, self.inputs), (self._output_label, self.outputs)):
            set_role(label, "muted")
            row.addWidget(label)
            row.addWidget(box)
            row.addSpacing(8)
        row.addWidget(self.said, 1)
        self.hide()

    def show_choices(self, inputs: tuple[tuple[int, str], ...], outputs: tuple[str, ...]) -> None:
        """Offer these inputs, (number, title), and outputs; fewer than two of a kind are no choice."""
        self.inputs.clear()
        for number, title in inputs:
            self.inputs.addItem(title, number)
        self.outputs.clear()
        for name in outputs:
            self.outputs.addItem(name, name)
        for label, box in ((self._input_label, self.inputs), (self._output_label, self.outputs)):
            label.setVisible(box.count() > 1)
            box.setVisible(box.count() > 1)

    def show_chosen(self, number: int, output: str, said: str) -> None:
        """Show what is in force, without a signal, and what the inputs get."""
        self.inputs.setCurrentIndex(self.inputs.findData(number))
        self.outputs.setCurrentIndex(self.outputs.findData(output))
        self.said.setText(said)
        self.said.setToolTip(said)
