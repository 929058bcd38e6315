"""Draws the application icon in all sizes: ``python packaging/draw_icons.py``, after a change of one of its SVG files.

Small sizes have drawings of their own, on their pixels; the others come from ``resources/icons/app.svg``.
"""

from __future__ import annotations

import os
from pathlib import Path

import identity
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parents[1]


def draw(size: int) -> None:
    """Write the icon of ``size`` by ``size`` pixels."""
    own = identity.icon(ROOT, size).with_suffix(".svg")
    drawing = QSvgRenderer(str(own if own.exists() else ROOT / "resources" / "icons" / "app.svg"))
    picture = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    drawing.render(painter)
    painter.end()
    if not drawing.isValid() or not picture.save(str(identity.icon(ROOT, size))):
        raise SystemExit(f"The icon of {size} pixels could not be drawn.")


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # read when the application is made
    application = QGuiApplication([])
    for each in identity.ICON_SIZES:
        draw(each)
