"""Colours that can be read, icons that follow them, text that scales."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cnn_explorer.store.paths import cache_dir
from cnn_explorer.ui import theme as theme_module
from cnn_explorer.ui.theme import DARK, LIGHT, TEXT_SCALES, Palette, set_role, theme


@pytest.fixture(autouse=True)
def _theme_as_before(qapp: QApplication) -> Iterator[None]:
    yield
    theme().set_mode("system")
    theme().set_text_scale(100)


def contrast(first: str, second: str) -> float:
    """The ratio of WCAG 2.1, 1 to 21."""

    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


SOFT = ("accent_soft", "info_soft", "success_soft", "warning_soft", "error_soft")
TEXTS = [
    *((text, ground) for text in ("text", "muted") for ground in ("background", "surface", "raised", *SOFT)),
    ("accent", "surface"), ("accent", "accent_soft"), ("on_accent", "accent"), ("success", "surface"),
    ("warning", "surface"), ("error", "surface"), ("error", "error_soft"), ("surface", "error"),
]  # fmt: skip
DRAWN = [("second", "surface"), ("accent", "surface"), ("success", "success_soft"), ("warning", "warning_soft")]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_text_and_curves_stand_out(palette: Palette) -> None:
    for foreground, ground in TEXTS:
        assert contrast(getattr(palette, foreground), getattr(palette, ground)) >= 4.5, (foreground, ground)
    for foreground, ground in DRAWN:
        assert contrast(getattr(palette, foreground), getattr(palette, ground)) >= 3.0, (foreground, ground)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_that_every_colour_is_written_as_six_digits(palette: Palette) -> None:
    for field in fields(Palette):
        value = getattr(palette, field.name)
        for color in value if field.name == "series" else (value,):
            assert re.fullmatch(r"#[0-9a-f]{6}", color), field.name


def test_that_the_style_sheet_uses_no_colour_but_the_palette_s() -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\s*[;\s}]", theme_module._STYLE.template.replace("#card {", ""))


def test_that_a_mode_switches_palette_and_tells_painted_widgets(qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme().changed):
        theme().set_mode("dark")
    assert theme().is_dark
    assert theme().palette is DARK
    theme().set_mode("light")
    assert not theme().is_dark
    assert QApplication.palette().window().color().name() == LIGHT.background


def test_that_the_system_s_scheme_is_followed_only_in_system_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:
            return Qt.ColorScheme.Dark

        def setColorScheme(self, scheme: Qt.ColorScheme) -> None:
            pass

    monkeypatch.setattr(QGuiApplication, "styleHints", Hints)
    theme().set_mode("system")
    assert theme().is_dark
    theme().set_mode("light")
    assert not theme().is_dark


def colours(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal, state: QIcon.State = QIcon.State.Off) -> set[str]:
    """The colours of the icon's solid pixels."""
    image = icon.pixmap(QSize(48, 48), mode, state).toImage()
    pixels = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


def test_that_an_icon_follows_the_theme_and_its_state(qapp: QApplication) -> None:
    theme().set_mode("light")
    icon = theme().icon("square", "text", "accent")
    assert colours(icon) == {LIGHT.text}
    assert colours(icon, state=QIcon.State.On) == {LIGHT.accent}
    assert colours(icon, QIcon.Mode.Disabled) == {LIGHT.muted}
    theme().set_mode("dark")
    assert colours(icon) == {DARK.text}


def test_that_text_grows_in_steps_and_stays_within_its_ends(qtbot: QtBot) -> None:
    label = QLabel("Title")
    qtbot.addWidget(label)
    set_role(label, "title")
    sizes = []
    theme().set_text_scale(TEXT_SCALES[0])
    for _ in range(len(TEXT_SCALES) + 2):
        label.ensurePolished()
        sizes.append((theme().text_scale, QApplication.font().pointSizeF(), label.font().pointSizeF()))
        theme().step_text_scale(1)
    assert [size[0] for size in sizes] == [*TEXT_SCALES, TEXT_SCALES[-1], TEXT_SCALES[-1]]
    normal = {scale: size for scale, size, _ in sizes}[100]
    for scale, size, title in sizes:
        assert size == pytest.approx(normal * scale / 100)
        assert title == pytest.approx(1.15 * size, abs=0.1)


def test_that_an_unknown_text_scale_becomes_the_nearest(qapp: QApplication) -> None:
    theme().set_text_scale(107)
    assert theme().text_scale == 110
    theme().set_text_scale(100_000)
    assert theme().text_scale == TEXT_SCALES[-1]


def test_that_the_arrows_of_the_controls_are_in_the_cache(qapp: QApplication) -> None:
    theme_module._image.cache_clear()
    theme().set_mode("dark")
    files = {path.name for path in (cache_dir() / "style").iterdir()}
    assert f"chevron-down-{DARK.muted.lstrip('#')}.svg" in files
    assert all(name.endswith(".svg") for name in files)


def test_that_a_cache_that_cannot_be_written_costs_no_more_than_the_arrows(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("CNN_EXPLORER_HOME", "/dev/null/nowhere")
    theme_module._image.cache_clear()
    try:
        assert theme_module._image("chevron-up", "#123456") == "none"
        theme().set_mode("dark")
        assert theme().is_dark
    finally:
        theme_module._image.cache_clear()
