"""A hand that works the Build page as a person would: clicks, keys, drags."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListView, QListWidget, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnn_explorer.ui.pages.build.page import BuildPage
from cnn_explorer.ui.pages.build.stack.delegate import ROW
from cnn_explorer.ui.pages.build.stack.rows import StackRow
from cnn_explorer.ui.session.session import Session

LEFT = Qt.MouseButton.LeftButton
Message = tuple[str, str, str, str]


class Driver:
    """Shows the page of ``session``, works it, and remembers what the message bar is told."""

    def __init__(self, qtbot: QtBot, session: Session) -> None:
        self.qtbot, self.session = qtbot, session
        self.document = session.document
        self.messages: list[Message] = []
        session.message.connect(lambda *words: self.messages.append(words))
        self.page = BuildPage(session)
        qtbot.addWidget(self.page)
        self.page.resize(1190, 700)
        with qtbot.waitActive(self.page):
            self.page.show()
            self.page.activateWindow()
        self.stack = self.view(QListView, "build_stack")
        self.stack.setFocus()

    def view(self, kind: type[QWidget], name: str) -> QAbstractItemView:
        found = self.page.findChild(kind, name)
        assert isinstance(found, QAbstractItemView)
        return found

    def field(self, name: str, kind: type[QWidget] = QSpinBox) -> QWidget:
        """The control of a field of the chosen layer."""
        found = next(w for w in self.page.findChildren(kind, f"field_{name}") if w.isVisible())
        assert isinstance(found, QWidget)
        return found

    def text(self, name: str) -> str:
        label = self.page.findChild(QLabel, name)
        assert isinstance(label, QLabel)
        return label.text()

    def click_row(self, row: int) -> None:
        self.click_item(self.stack, row)

    def click_item(self, view: QAbstractItemView, row: int) -> None:
        index = view.model().index(row, 0)
        view.scrollTo(index)
        self.qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())

    def click_named(self, view: QAbstractItemView, text: str) -> None:
        rows = [view.model().index(row, 0).data() for row in range(view.model().rowCount())]
        self.click_item(view, rows.index(text))

    def add(self, kind: str) -> None:
        self.click_named(self.view(QListWidget, "build_palette"), kind)

    def take(self, title: str) -> None:
        self.click_named(self.view(QListWidget, "build_presets"), title)

    def press(self, name: str) -> None:
        button = self.page.findChild(QToolButton, f"{name}_button")
        assert isinstance(button, QToolButton)
        self.qtbot.mouseClick(button, LEFT)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.stack, key, modifier)

    def drop(self, data: QMimeData, at: QPoint) -> None:
        """What Qt sends at the end of a drag."""
        viewport = self.stack.viewport()
        actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
        rest = data, LEFT, Qt.KeyboardModifier.NoModifier
        QGuiApplication.sendEvent(viewport, QDragEnterEvent(at, actions, *rest))
        QGuiApplication.sendEvent(viewport, QDragMoveEvent(at, actions, *rest))
        QGuiApplication.sendEvent(viewport, QDropEvent(QPointF(at), actions, *rest))

    @property
    def rows(self) -> list[StackRow]:
        model = self.stack.model()
        return [model.index(row, 0).data(ROW) for row in range(model.rowCount())]

    @property
    def row(self) -> int:
        return self.stack.currentIndex().row()

    @property
    def names(self) -> list[str]:
        return [layer.name for layer in self.document.architecture.layers]
