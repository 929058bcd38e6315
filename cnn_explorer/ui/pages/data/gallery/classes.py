"""The button whose list chooses some of the classes of a data set."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from cnn_explorer.ui.theme import set_role

_MOST_ROWS = 14
_NAMED = 2
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


def classes_text(names: tuple[str, ...], chosen: frozenset[int]) -> str:
    """What stands on the button: All classes, Bag, Bag and Coat, or 5 classes."""
    if not chosen:
        return "All classes"
    if len(chosen) > _NAMED:
        return f"{len(chosen)} classes"
    return " and ".join(names[number] for number in sorted(chosen))


_AROUND = 30  # padding, border and arrow


class ClassButton(QToolButton):
    """Chooses classes; none chosen means all of them. The list stays open until one clicks beside it."""

    chosen_changed = Signal(object)
    """The frozenset of the classes' numbers, after a person changed it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_classes")
        self.setToolTip("Show only the images of some classes.")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._names: tuple[str, ...] = ()
        self.list = _Checks()
        self.list.setObjectName("gallery_class_list")
        self.list.setAccessibleName("Classes to show")
        set_role(self.list, "plain")
        self.all = QPushButton("All classes")
        self.all.setObjectName("gallery_all_classes")
        self.all.setToolTip("Show the images of all classes.")
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(self.list)
        layout.addWidget(self.all)
        action = QWidgetAction(self)
        action.setDefaultWidget(box)
        menu = QMenu(self)
        menu.addAction(action)
        menu.aboutToShow.connect(self.list.setFocus)
        self.setMenu(menu)
        self.list.itemChanged.connect(self._announce)
        self.all.clicked.connect(self._choose_all)
        self.show_classes((), frozenset())

    @property
    def chosen(self) -> frozenset[int]:
        """The numbers of the chosen classes."""
        rows = range(self.list.count())
        return frozenset(row for row in rows if self.list.item(row).checkState() == _CHECKED)

    def show_classes(self, names: tuple[str, ...], chosen: Iterable[int]) -> None:
        """Offer these classes, and show which are chosen; no signal."""
        wanted = frozenset(chosen)
        self.list.blockSignals(True)
        if names != self._names:
            self._names = names
            self.list.clear()
            for name in names:
                item = QListWidgetItem(name)
                item.setFlags(
                    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
                )
                self.list.addItem(item)
        for row in range(self.list.count()):
            self.list.item(row).setCheckState(_CHECKED if row in wanted else _UNCHECKED)
        self.list.blockSignals(False)
        self.list.updateGeometry()
        self._show_text()

    def _choose_all(self) -> None:
        self.show_classes(self._names, frozenset())
        self.chosen_changed.emit(self.chosen)
        self.menu().close()

    def _announce(self) -> None:
        self._show_text()
        self.chosen_changed.emit(self.chosen)

    def _show_text(self) -> None:
        text = classes_text(self._names, self.chosen)
        width = 14 * self.fontMetrics().averageCharWidth()
        self.setMinimumWidth(width + _AROUND)  # what stands beside it keeps its place, whatever is chosen
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width))
        self.setAccessibleName(f"Classes that are shown: {text}")


class _Checks(QListWidget):
    """A list of boxes that a click anywhere on a row checks."""

    def __init__(self) -> None:
        super().__init__()
        self.itemClicked.connect(self._turn)
        self._before: Qt.CheckState | None = None
        self.itemPressed.connect(self._remember)

    def sizeHint(self) -> QSize:
        rows = min(_MOST_ROWS, max(1, self.count()))
        height = self.sizeHintForRow(0) if self.count() else self.fontMetrics().height()
        width = self.sizeHintForColumn(0) + 36 if self.count() else 0
        return QSize(max(160, width), rows * height + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            item.setCheckState(_UNCHECKED if item.checkState() == _CHECKED else _CHECKED)
        else:
            super().keyPressEvent(event)

    def _remember(self, item: QListWidgetItem) -> None:
        self._before = item.checkState()

    def _turn(self, item: QListWidgetItem) -> None:
        if item.checkState() == self._before:  # Qt turns it itself when the click was on the box
            item.setCheckState(_UNCHECKED if item.checkState() == _CHECKED else _CHECKED)
