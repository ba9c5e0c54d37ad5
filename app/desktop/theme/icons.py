"""Icons: Lucide's set and our own drawings, in any token colour.

Owns: finding an icon's SVG by name, drawing it at a size, colour and scale, keeping what was drawn.
Refuses: which icon a command has (the command says).
"""

from __future__ import annotations

import functools
import logging
import sqlite3
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

log = logging.getLogger(__name__)

_MISSING = ('<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" '
            'stroke="currentColor" stroke-width="2"><rect x="4" y="4" width="16" height="16" rx="3"/></svg>')


@functools.cache
def svg(name: str) -> str:
    """The SVG text of an icon: `pe-…` and `logo` are ours, the rest Lucide's. A plain box for a name that is not known."""
    own = resources.files("resources").joinpath(f"icons/{name}.svg")
    if own.is_file():
        return own.read_text("utf-8")
    found = _lucide(name)
    if found is None:
        log.warning("there is no icon called %s", name)
    return found or _MISSING


def exists(name: str) -> bool:
    """Whether an icon of that name is there."""
    return resources.files("resources").joinpath(f"icons/{name}.svg").is_file() or _lucide(name) is not None


@functools.cache
def _lucide(name: str) -> str | None:
    try:
        row = _set().execute("SELECT svg FROM icons WHERE name = ? OR name IN (SELECT name FROM icon_aliases WHERE alias = ?)",
                             (name, name)).fetchone()
    except sqlite3.Error as error:
        log.warning("Lucide's icons cannot be read: %s", error)
        return None
    return row[0] if row else None


@functools.cache
def _set() -> sqlite3.Connection:
    """Lucide's set; opened once, because that takes longer than finding an icon in it. sqlite lets one thread at a time have it."""
    import lucide

    place = Path(lucide.get_default_db_path()).resolve().as_uri()
    return sqlite3.connect(f"{place}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def draw(name: str, colour: str, size: int, ratio: float, stroke: float = 2.0) -> QPixmap:
    """The icon as a pixmap of `size` logical pixels at a device pixel ratio. Kept by all its arguments."""
    return _drawn(name, colour, size, ratio, stroke)


@functools.lru_cache(maxsize=2000)
def _drawn(name: str, colour: str, size: int, ratio: float, stroke: float) -> QPixmap:
    text = svg(name).replace("currentColor", colour)  # QtSvg paints currentColor black
    if stroke != 2.0:
        text = text.replace('stroke-width="2"', f'stroke-width="{stroke}"')
    side = max(1, round(size * ratio))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def make(name: str, normal: str, off: str, on: str, size: int, ratio: float) -> QIcon:
    """A QIcon: `normal` colour, `off` when disabled, `on` when checked."""
    icon = QIcon()
    for scale in sorted({1.0, 2.0, ratio}):
        icon.addPixmap(draw(name, normal, size, scale), QIcon.Mode.Normal, QIcon.State.Off)
        icon.addPixmap(draw(name, off, size, scale), QIcon.Mode.Disabled, QIcon.State.Off)
        icon.addPixmap(draw(name, off, size, scale), QIcon.Mode.Disabled, QIcon.State.On)
        icon.addPixmap(draw(name, on, size, scale), QIcon.Mode.Normal, QIcon.State.On)
    return icon
