"""The button whose menu says what to compare with: another image, a class, another model, a pin."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from cnn_explorer.ui.pages.inspect.compare.state import Choice, Offers, model_words
from cnn_explorer.ui.theme import theme


class CompareMenu(QToolButton):
    """Asks for ``Offers`` each time it opens: set them with ``show_offers`` when ``opening`` says so."""

    opening = Signal()
    chosen = Signal(object)
    """A ``Choice``, or ``None`` for nothing."""
    file_wanted = Signal()
    model_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice: Choice | None = None
        self.setObjectName("compare_menu_button")
        self.setText("Compare with")
        self.setAccessibleName("Compare with")
        self.setToolTip("Set something beside what is in view, and see the difference (key C).")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choices = QMenu(self)
        self.choices.setObjectName("compare_menu")
        self.choices.setToolTipsVisible(True)
        self.choices.aboutToShow.connect(self.opening)
        self.setMenu(self.choices)

    def show_choice(self, choice: Choice | None) -> None:
        """Which choice is in force."""
        self._choice = choice

    def show_offers(self, offers: Offers) -> None:
        """Fill the menu anew."""
        menu = self.choices
        menu.clear()
        if offers.why_none:
            self._add(menu, offers.why_none, "compare_none_possible").setEnabled(False)
            return
        nothing = self._add(menu, "Nothing", "compare_nothing")
        nothing.setCheckable(True)
        nothing.setChecked(self._choice is None)
        nothing.triggered.connect(lambda: self.chosen.emit(None))
        menu.addSeparator()
        if offers.frozen is not None:
            self._choice_action(menu, "This image, kept while others follow", "compare_frozen", offers.frozen)
        for title, name, choice in offers.images:
            self._choice_action(menu, title, name, choice)
        self._sub_menu("An image of class", "compare_of_class", offers.of_classes)
        file = self._add(menu, "An image file…", "compare_file")
        file.triggered.connect(self.file_wanted)
        menu.addSeparator()
        self._sub_menu("The average of class", "compare_mean", offers.means)
        menu.addSeparator()
        if offers.model is not None:
            self._choice_action(menu, model_words(offers.model), "compare_known_model", offers.model)
        model = self._add(menu, "Another model…", "compare_model")
        model.triggered.connect(self.model_wanted)
        if offers.pins:
            menu.addSeparator()
        for number, pin in enumerate(offers.pins):
            action = self._choice_action(menu, pin.name, f"compare_pin_{number}", pin)
            if not action.isChecked():  # an icon would hide the mark
                action.setIcon(theme().icon("pin"))

    def _sub_menu(self, title: str, name: str, choices: tuple[tuple[str, Choice], ...]) -> None:
        if not choices:
            return
        sub = self.choices.addMenu(title)
        sub.setObjectName(name)
        for class_name, choice in choices:
            self._choice_action(sub, class_name, f"{name}_{class_name}", choice)

    def _choice_action(self, menu: QMenu, title: str, name: str, choice: Choice) -> QAction:
        action = self._add(menu, title, name)
        if choice == self._choice:
            action.setCheckable(True)
            action.setChecked(True)
        action.triggered.connect(partial(self._choose, choice))
        return action

    def _choose(self, choice: Choice, _checked: bool = False) -> None:
        self.chosen.emit(choice)

    def _add(self, menu: QMenu, title: str, name: str) -> QAction:
        action = QAction(title.replace("&", "&&"), menu)
        action.setObjectName(name)
        menu.addAction(action)
        return action
