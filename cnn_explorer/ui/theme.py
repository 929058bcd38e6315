"""The only place with colours, style and icons: two palettes, one style sheet, icons that follow the palette."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from string import Template
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from cnn_explorer.core.errors import ExplorerError
from cnn_explorer.store.atomic import atomic_write
from cnn_explorer.store.paths import cache_dir, resource

Mode = Literal["system", "light", "dark"]
TEXT_SCALES = (80, 90, 100, 110, 125, 150, 175, 200)
"""The sizes of text to choose from, in percent of the system's."""


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, named after their role."""

    background: str  # behind everything
    surface: str  # cards, lists, inputs
    raised: str  # hovered or pressed parts, headers of tables
    line: str  # borders and separators
    text: str
    muted: str  # secondary text, units, axis labels
    accent: str  # the next click, selection, training curves
    on_accent: str
    accent_soft: str  # background of selected rows
    second: str  # validation curves
    success: str
    warning: str
    error: str
    warning_soft: str
    error_soft: str
    success_soft: str
    info_soft: str
    series: tuple[str, ...]  # one for each run in a comparison: apart for colour-blind eyes too, see ui/series.py


LIGHT = Palette(
    background="#f4f5f8", surface="#ffffff", raised="#eceef3", line="#d8dce4", text="#1b1f2a", muted="#5f6878",
    accent="#3b5bdb", on_accent="#ffffff", accent_soft="#e3e8fb", second="#d9650f",
    success="#1b7a43", warning="#a15c00", error="#c92a2a",
    warning_soft="#fdf0d9", error_soft="#fce4e4", success_soft="#e0f4e7", info_soft="#e3e8fb",
    series=("#3b5bdb", "#d9650f", "#629456", "#643770", "#16a3a8", "#a15065", "#566004", "#2b3040"),
)  # fmt: skip
DARK = Palette(
    background="#14161c", surface="#1d2029", raised="#282c38", line="#363b49", text="#e7e9ef", muted="#98a1b3",
    accent="#7c9bff", on_accent="#0f1424", accent_soft="#2a3357", second="#ffa35c",
    success="#5fd08d", warning="#f0b65a", error="#ff8080",
    warning_soft="#3a2f1a", error_soft="#3d2023", success_soft="#1b3526", info_soft="#232b48",
    series=("#7c9bff", "#ffa35c", "#99ff90", "#b066ae", "#48d2e2", "#f86577", "#6f7106", "#f1f2f6"),
)  # fmt: skip

_STYLE = Template("""
* { outline: none; }
QMainWindow, QDialog, #page { background: $background; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }
#rail { background: $surface; border: none; border-right: 1px solid $line; }
#rail QToolButton { border: 1px solid transparent; border-radius: 8px; padding: 8px 4px 6px 4px; color: $muted;
    background: transparent; }
#rail QToolButton:hover { background: $raised; color: $text; }
#rail QToolButton:checked { background: $accent_soft; color: $accent; font-weight: 600; }
#rail QToolButton:focus { border-color: $accent; }
#header { background: $surface; border: none; border-bottom: 1px solid $line; }
#card, #plot_values { background: $surface; border: 1px solid $line; border-radius: 8px; }
#data_fitting { background: $warning_soft; border: none; border-radius: 8px; }
QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title_size}pt; font-weight: 600; }
QLabel[role="section"] { font-weight: 600; color: $muted; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $error; }
QLabel[role="verdict"], QLabel[role="wrong"] { font-size: ${title_size}pt; font-weight: 600; }
QLabel[role="wrong"] { color: $error; }
QLabel[role="figure"] { font-size: ${figure_size}pt; font-weight: 600; }
QPushButton, QToolButton { background: $surface; border: 1px solid $line; border-radius: 6px; padding: 5px 12px; }
QToolButton { padding: 5px; }
QPushButton:hover, QToolButton:hover { background: $raised; }
QPushButton:pressed, QToolButton:pressed, QToolButton:checked, QPushButton:checked {
    background: $accent_soft; border-color: $accent; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: transparent; border-color: $line; }
QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: $arrow_down; width: 10px; height: 10px;
    subcontrol-origin: border; subcontrol-position: center right; right: 6px; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[role="primary"]:hover, QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled { background: $raised; color: $muted; border-color: $line; }
QPushButton[role="flat"], QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; }
QPushButton[role="flat"]:hover, QToolButton[role="flat"]:hover { background: $raised; }
QPushButton[role="flat"]:focus, QToolButton[role="flat"]:focus { border-color: $accent; }
QPushButton[role="flat"] { text-align: left; }
QToolButton[role="small"] { padding: 1px 8px; }
QToolButton[role="cross"] { background: transparent; border: 1px solid transparent; padding: 2px; }
QToolButton[role="legend"] { background: transparent; border: 1px solid transparent; padding: 1px 4px;
    color: $muted; }
QToolButton[role="legend"]:hover, QToolButton[role="cross"]:hover { background: $raised; }
QToolButton[role="legend"]:focus, QToolButton[role="cross"]:focus { border-color: $accent; }
QToolButton[role="legend"]:checked { color: $text; }
QPushButton[role="fold"] { background: transparent; border: 1px solid transparent; text-align: left; }
QPushButton[role="fold"]:hover { background: $raised; }
QPushButton[role="fold"]:focus { border-color: $accent; }
QPushButton[role="segment"]:checked { color: $accent; font-weight: 600; }
QPushButton[role="badge"] { background: $error_soft; color: $error; border: none; padding: 0 6px; }
QPushButton[role="badge"]:hover, QPushButton[role="badge"]:focus { background: $error; color: $surface; }
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {
    background: $surface; border: 1px solid $line; border-radius: 6px; padding: 4px 6px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 18px; }
QAbstractSpinBox { padding: 3px 6px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"] { border-color: $error; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $muted; background: $background; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: 18px; border: none; margin: 1px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border-top-right-radius: 5px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; border-bottom-right-radius: 5px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $raised; }
QAbstractSpinBox::up-arrow { image: $arrow_up; width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: $arrow_down; width: 10px; height: 10px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: $arrow_down; width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; selection-background-color: $accent_soft;
    selection-color: $text; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $muted;
    background: $surface; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus, QRadioButton::indicator:focus {
    border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: $check; }
QCheckBox::indicator:checked:disabled { background: $muted; border-color: $muted; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent; background: $on_accent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: $surface;
    border: 1px solid $muted; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QListView, QTreeView, QTableView { background: $surface; border: 1px solid $line; border-radius: 8px;
    selection-background-color: $accent_soft; selection-color: $text; alternate-background-color: $background;
    gridline-color: $line; }
QListView::item { padding: 4px; border-radius: 4px; }
QListView::item:hover, QTableView::item:hover, QTreeView::item:hover { background: $raised; }
QListView::item:selected, QTableView::item:selected, QTreeView::item:selected {
    background: $accent_soft; color: $text; }
QListView:focus, QTableView:focus, QTreeView:focus { border-color: $accent; }
QTableView::item { padding: 0 6px; }
QTableView[role="facts"] { border: none; border-radius: 0; }
QTableView[role="facts"]::item { padding: 0; }
#inspect_graph { background: $surface; border: 1px solid $line; border-radius: 8px; }
#inspect_graph:focus { border-color: $accent; }
QListView[role="plain"], QTableView[role="plain"] { border: none; }
QFrame[role="chip"] { background: $raised; border: none; border-radius: 5px; }
QFrame[role="separator"] { background: $line; border: none; min-height: 1px; max-height: 1px; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $line;
    padding: 5px 6px; }
QHeaderView[role="wide"]::section { padding: 5px 9px; }
QHeaderView::up-arrow { image: $arrow_up; }
QHeaderView::down-arrow { image: $arrow_down; }
QHeaderView::up-arrow, QHeaderView::down-arrow { width: 9px; height: 9px; subcontrol-origin: border;
    subcontrol-position: top center; }
QTableCornerButton::section { background: $surface; border: none; border-bottom: 1px solid $line; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; margin: 1px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: transparent; border: none; width: 0; height: 0; }
QAbstractScrollArea::corner { background: transparent; }
QProgressBar { background: $raised; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
QSplitter::handle { background: transparent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar::tab { padding: 6px 12px; border: none; border-bottom: 2px solid transparent; color: $muted; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QMenu { background: $surface; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $muted; }
QMenu::icon { padding-left: 6px; }
QMenu::indicator { width: 12px; height: 12px; left: 8px; }
QMenu::indicator:checked { image: $tick; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenuBar { background: $surface; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 5px 10px; background: transparent; }
QMenuBar::item:selected { background: $accent_soft; border-radius: 4px; }
#messageBar { border: none; border-bottom: 1px solid $accent; background: $info_soft; }
#messageBar[level="error"] { background: $error_soft; border-bottom-color: $error; }
#messageBar[level="warning"] { background: $warning_soft; border-bottom-color: $warning; }
#messageBar[level="success"] { background: $success_soft; border-bottom-color: $success; }
#messageBar[floating="true"] { border: 1px solid $accent; border-radius: 8px; }
#messageBar[floating="true"][level="success"] { border-color: $success; }
""")
_IMAGES = {
    "arrow_up": ("chevron-up", "muted"),
    "arrow_down": ("chevron-down", "muted"),
    "check": ("check", "on_accent"),
    "tick": ("check", "text"),
}
"""Pictures in the style sheet: its own name for each, the icon, and the palette's colour."""


class Theme(QObject):
    """The look of the running program; ``changed`` tells those who paint by hand to paint anew."""

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self.mode: Mode = "system"
        self.text_scale = 100
        self.palette = LIGHT
        self._system_font = application.font()
        hints = QGuiApplication.styleHints()
        application.setStyle("Fusion")
        self._apply()
        hints.colorSchemeChanged.connect(self._apply)

    def set_mode(self, mode: Mode) -> None:
        """Follow the system's scheme, or keep to one."""
        self.mode = mode
        schemes = {
            "system": Qt.ColorScheme.Unknown,
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
        }
        QGuiApplication.styleHints().setColorScheme(schemes[mode])
        self._apply()

    def set_text_scale(self, percent: int) -> None:
        """Show text at ``percent`` of the system's size; out of ``TEXT_SCALES``, the nearest of them."""
        self.text_scale = min(TEXT_SCALES, key=lambda scale: abs(scale - percent))
        self._apply()

    def step_text_scale(self, steps: int) -> None:
        """Go to the next larger (1) or smaller (-1) size of text; stays at the ends."""
        index = TEXT_SCALES.index(self.text_scale) + steps
        self.set_text_scale(TEXT_SCALES[max(0, min(index, len(TEXT_SCALES) - 1))])

    @property
    def is_dark(self) -> bool:
        """Whether the dark palette is shown."""
        return self.palette is DARK

    def icon(self, name: str, role: str = "text", checked_role: str = "") -> QIcon:
        """The icon of that name in ``resources/icons/lucide``, in the palette's colour ``role``.

        It looks up the colour at every painting, so that it follows a change of theme. On a button that is
        checked it takes the colour ``checked_role``, if there is one.
        """
        return QIcon(_Icon(self, name, role, checked_role or role))

    def color(self, role: str) -> QColor:
        """The palette's colour of that role."""
        return QColor(getattr(self.palette, role))

    def _apply(self) -> None:
        scheme = QGuiApplication.styleHints().colorScheme()
        dark = self.mode == "dark" or (self.mode == "system" and scheme == Qt.ColorScheme.Dark)
        self.palette = DARK if dark else LIGHT
        colors = {field.name: getattr(self.palette, field.name) for field in fields(Palette)}
        images = {key: _image(icon, colors[role]) for key, (icon, role) in _IMAGES.items()}
        font = QFont(self._system_font)
        size = font.pointSizeF() * self.text_scale / 100
        font.setPointSizeF(size)
        sizes = {"title_size": f"{1.15 * size:.1f}", "figure_size": f"{1.3 * size:.1f}"}
        self._application.setFont(font)
        self._application.setPalette(_qt_palette(self.palette))
        self._application.setStyleSheet(_STYLE.substitute(colors | images | sizes))
        self.changed.emit()


def theme() -> Theme:
    """The theme of the running application; made on first use, since Qt allows one application only."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    found = application.findChild(Theme)
    return found if isinstance(found, Theme) else Theme(application)


def set_role(widget: QObject, role: str) -> None:
    """Give a widget a role of the style sheet (title, section, strong, muted, figure, error; primary, flat, badge)."""
    widget.setProperty("role", role)


def _qt_palette(colors: Palette) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colors.background,
        QPalette.ColorRole.WindowText: colors.text,
        QPalette.ColorRole.Base: colors.surface,
        QPalette.ColorRole.AlternateBase: colors.background,
        QPalette.ColorRole.Text: colors.text,
        QPalette.ColorRole.Button: colors.surface,
        QPalette.ColorRole.ButtonText: colors.text,
        QPalette.ColorRole.ToolTipBase: colors.raised,
        QPalette.ColorRole.ToolTipText: colors.text,
        QPalette.ColorRole.PlaceholderText: colors.muted,
        QPalette.ColorRole.Highlight: colors.accent,
        QPalette.ColorRole.HighlightedText: colors.on_accent,
        QPalette.ColorRole.Link: colors.accent,
        QPalette.ColorRole.Mid: colors.line,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.muted))
    return palette


def _svg(name: str, color: str) -> bytes:
    return resource("icons", "lucide", f"{name}.svg").read_text("utf-8").replace("currentColor", color).encode()


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name, color)))


@lru_cache(maxsize=64)
def _image(name: str, color: str) -> str:
    """The icon as a picture in the style sheet, which takes files only: written once to the cache.

    Where nothing can be written the controls go without arrows and ticks; they work all the same.
    """
    path = cache_dir() / "style" / f"{name}-{color.lstrip('#')}.svg"
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, _svg(name, color).replace(b'stroke-width="2"', b'stroke-width="3"'))
        except (OSError, ExplorerError):
            return "none"
    return f'url("{path.as_posix()}")'


class _Icon(QIconEngine):
    def __init__(self, owner: Theme, name: str, role: str, checked_role: str) -> None:
        super().__init__()
        self._owner, self._name, self._role, self._checked_role = owner, name, role, checked_role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        role = self._checked_role if state == QIcon.State.On else self._role
        if mode == QIcon.Mode.Disabled:
            role = "muted"
        _renderer(self._name, getattr(self._owner.palette, role)).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Icon(self._owner, self._name, self._role, self._checked_role)
