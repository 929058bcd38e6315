"""The question before a run is stopped for good. Pages ask about their own unsaved work (``Page.confirm_leaving``)."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from cnn_explorer.core.run.history import RunState
from cnn_explorer.text.runs import closing_question


def stop_and_close(parent: QWidget, state: RunState, waiting: int) -> bool:
    """Ask whether the run may be stopped, ``waiting`` other ones forgotten, and the window closed."""
    question, consequence = closing_question(state, waiting)
    box = QMessageBox(parent)
    box.setObjectName("question")
    box.setWindowTitle("Training goes on" if state.is_running else "Runs wait")
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(question)
    box.setInformativeText(consequence)
    yes, no = ("Stop and close", "Keep training") if state.is_running else ("Close", "Keep the queue")
    stop = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    stop.setObjectName("question_stop")
    keep.setObjectName("question_keep")
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return box.clickedButton() is stop
