"""The two-up and four-up views of trimming, drawn in place of the program picture.

Owns: where the panes lie, their pictures, labels and frame counts. Refuses: making pictures, and deciding which.

Two panes stand side by side with the cut between them. Of four, the two that the trim changes are large, and the two that stay stand
small above or below them on their side of the cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from app.desktop.canvas.look import Look
from editor_core.edits.wording import amount
from editor_core.timing import Rate, format_timecode

GAP = 4
_WORDS = QColor("#E8EAED")
_QUIET = QColor("#A9AEB6")


def boxes(panes: Sequence[Any], area: QRect, shape: float, label: int) -> list[QRect]:
    """Where each pane's picture lies in `area`; `shape` is width over height, `label` the height of the words under each."""
    large = [n for n, pane in enumerate(panes) if not pane.small]
    small = [n for n, pane in enumerate(panes) if pane.small]
    width = (area.width() - GAP) // 2
    height = min(round(width / shape), area.height() - label - (round(area.height() * 0.3) if small else 0))
    width = min(width, round(height * shape))
    low = min(round(width * 0.45 / shape), area.height() - height - 2 * label - GAP) if small else 0
    low = max(0, low)
    used = height + label + ((low + label + GAP) if low else 0)
    top = area.top() + (area.height() - used) // 2
    middle = area.left() + area.width() // 2
    found = [QRect() for _ in panes]
    for place, number in enumerate(large):
        left = middle - GAP // 2 - width if place == 0 else middle + GAP // 2
        found[number] = QRect(left, top + ((low + label + GAP) if low else 0), width, height)
    for place, number in enumerate(small):
        thin = round(low * shape)
        left = middle - GAP // 2 - width if place == 0 else middle + GAP // 2 + width - thin
        found[number] = QRect(left, top, thin, low)
    return found


def paint_panes(painter: QPainter, look: Look, area: QRect, shape: float, monitor: Any, rate: Rate) -> None:
    """Paints the panes of a `TrimMonitor` into `area`."""
    label = look.m.px(20)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for number, (pane, box) in enumerate(zip(monitor.panes, boxes(monitor.panes, area, shape, label), strict=True)):
        if box.height() < 8:
            continue
        picture = monitor.pictures[number] if number < len(monitor.pictures) else QImage()
        if picture.isNull() or pane.clip is None:
            painter.fillRect(box, QColor(Qt.GlobalColor.black))
        else:
            painter.drawImage(QRectF(box), picture)
        moved = bool(pane.moved)
        if moved:
            bad = bool(monitor.limit)
            left = box.right() - 1 if pane.side == "out" else box.left()
            painter.fillRect(left, box.top(), 2, box.height(), look.colour("danger" if bad else "focus"))
        wide = max(box.width(), look.m.px(110)) if pane.small else box.width()
        left = box.left() if box.center().x() < area.center().x() else box.right() + 1 - wide
        _paint_words(painter, look, pane, QRect(left, box.bottom() + 1, wide, label), rate, bool(monitor.limit))
    if monitor.limit:
        words = look.label(monitor.limit, area.width() - 24, look.strong_font)
        box = QRect(area.center().x() - round(words.width / 2) - 8, area.top() + 6, round(words.width) + 16, look.m.px(22))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.colour("danger"))
        painter.setBrush(look.colour("danger-soft"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        look.draw(painter, box.left() + 8, box.top() + (box.height() - look.metrics(look.strong_font).height()) / 2, words, "danger")


def _paint_words(painter: QPainter, look: Look, pane: Any, line: QRect, rate: Rate, bad: bool) -> None:
    """Under a picture: what it is and where in its media, and by how many frames its edge has moved."""
    font = look.label_font
    painter.setFont(font)
    flags = int(Qt.AlignmentFlag.AlignVCenter)
    if pane.clip is None:
        painter.setPen(_QUIET)
        painter.drawText(line, flags | int(Qt.AlignmentFlag.AlignHCenter), "Nothing here")
        return
    count = amount(pane.moved, rate) if pane.moved else ""
    room = look.metrics(font).horizontalAdvance(count) + 10 if count else 0
    if count:
        painter.setPen(look.colour("danger") if bad else _WORDS)
        side = Qt.AlignmentFlag.AlignRight if pane.side == "out" else Qt.AlignmentFlag.AlignLeft
        painter.drawText(line.adjusted(4, 0, -4, 0), flags | int(side), count)
    at = format_timecode(max(0, pane.clip.source_range.start + pane.ticks - pane.clip.start), rate)
    free = max(0, round(line.width() - room - 8))
    whole = f"{pane.title}  {at}"
    words = look.label(whole if look.metrics(font).horizontalAdvance(whole) <= free else at, free, font)
    painter.setPen(_QUIET)
    box = line.adjusted(4, 0, round(-4 - room), 0) if pane.side == "out" else line.adjusted(round(4 + room), 0, -4, 0)
    painter.drawText(box, flags | int(Qt.AlignmentFlag.AlignLeft if pane.side == "out" else Qt.AlignmentFlag.AlignRight), words.text)
