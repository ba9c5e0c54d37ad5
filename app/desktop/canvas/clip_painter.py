"""One clip, painted.

Owns: body, name bar, badges, slates, fades and level lines of a clip at every width. Refuses: selection and ghosts (overlay),
and deciding which clips are visible.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from app.desktop.canvas.filmstrip import Filmstrip
from app.desktop.canvas.levels import gain_factor, gain_y, opacity_y
from app.desktop.canvas.look import Look
from app.desktop.canvas.waves import CHUNK, Waves
from editor_core.document import View
from editor_core.schema import Clip, Crop, MediaReference, Point, Scale
from editor_core.timing import Rate

_TOKENS = {"video": "clip-video", "audio": "clip-audio", "title": "clip-title", "solid": "clip-generator", "caption": "clip-caption"}
_PLAIN = (None, Point(0.5, 0.5), Scale(), 0.0, Crop(), "normal")


def token_of(clip: Clip, offline: bool) -> str:
    """Start of the token names of a clip's colours."""
    return "clip-offline" if offline else _TOKENS[clip.kind]


def title_of(clip: Clip, asset: MediaReference | None) -> str:
    """The words on a clip."""
    if clip.name:
        return clip.name
    if clip.kind == "title":
        return clip.text.split("\n", 1)[0] or "Title"
    if clip.kind == "solid":
        return "Solid"
    return asset.name if asset is not None else clip.text or "Clip"


def drift_frames(view: View, clip: Clip, rate: Rate) -> int:
    """Frames by which a clip runs ahead (+) or behind (-) of the clip it is linked to; 0 when in step."""
    if not clip.link:
        return 0
    for other in view.linked(clip)[1:]:
        if other.asset == clip.asset:
            off = (clip.start - clip.source_range.start) - (other.start - other.source_range.start)
            return round(off / rate.ticks_per_frame)
    return 0


class ClipPainter:
    """Draws clips of one document with one look."""

    def __init__(self, look: Look, strip: Filmstrip, waves: Waves) -> None:
        self.look = look
        self.strip = strip
        self.waves = waves
        self._hatches: dict[int, QBrush] = {}

    def paint(self, painter: QPainter, view: View, clip: Clip, box: QRect, seen: tuple[int, int], per_tick: float, *,
              offline: bool = False, levels: bool = False) -> None:
        """Paints the clip into `box`; `seen` are the first and past-the-last pixel that need painting.

        `levels` also draws the level line of a clip whose level is untouched.
        """
        token = token_of(clip, offline)
        look = self.look
        faded = not clip.enabled
        if faded:
            painter.setOpacity(0.45)
        painter.setPen(look.colour(f"{token}-edge"))
        painter.setBrush(look.colour(token))
        if box.width() >= self.look.m.lod_label:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        else:
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        asset = view.find(MediaReference, clip.asset) if clip.asset else None
        bare = box.height() < self.look.m.bare_height
        if not bare:
            painter.fillRect(box.left() + 1, box.top() + 1, box.width() - 2, self.look.m.name_bar - 1, look.colour(f"{token}-bar"))
            body = box.adjusted(1, self.look.m.name_bar, -1, -1)
            self._body(painter, clip, asset, box, body, seen, per_tick, offline)
            self._fades(painter, clip, body, per_tick)
            self._level(painter, clip, body, levels)
        if offline and box.width() >= self.look.m.lod_label:
            self._offline(painter, clip, asset, box, seen, bare)
        if box.width() >= self.look.m.lod_label:
            self._words(painter, view, clip, asset, box, seen, token, bare)
        if faded:
            painter.setOpacity(1.0)

    def _body(self, painter: QPainter, clip: Clip, asset: MediaReference | None, box: QRect, body: QRect, seen: tuple[int, int],
              per_tick: float, offline: bool) -> None:
        if asset is None or offline or box.width() < self.look.m.lod_label:
            if clip.kind == "solid":
                painter.fillRect(body.adjusted(3, 3, -3, -3), QColor(clip.color[:7]))
            return
        if clip.kind == "audio":
            self._wave(painter, clip, body.adjusted(0, 1, 0, -1), seen, per_tick)
        else:
            self.strip.paint(painter, clip, asset, box.left(), body, seen, per_tick)

    def _wave(self, painter: QPainter, clip: Clip, body: QRect, seen: tuple[int, int], per_tick: float) -> None:
        if body.height() < 6:
            return
        peak, mean = self.look.colour("wave"), self.look.colour("wave-rms")
        first = max(0, (max(seen[0], body.left()) - body.left()) // CHUNK)
        last = (min(seen[1], body.right() + 1) - body.left() - 1) // CHUNK
        for number in range(first, last + 1):
            width = min(CHUNK, body.width() - number * CHUNK)
            if width <= 0:
                break
            image = self.waves.chunk(clip.asset, clip.source_range.start, 1 / per_tick, number, width, body.height(),
                                     gain_factor(clip.gain_db), peak, mean)
            if image is not None:
                painter.drawImage(QPoint(body.left() + number * CHUNK, body.top()), image)

    def _fades(self, painter: QPainter, clip: Clip, body: QRect, per_tick: float) -> None:
        if not clip.fade_in and not clip.fade_out:
            return
        shade = QColor(self.look.colour("canvas"))
        shade.setAlphaF(0.5)
        line = self.look.colour("clip-audio-text" if clip.is_sound else "clip-video-text")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for length, edge, sign in ((clip.fade_in, body.left(), 1), (clip.fade_out, body.right() + 1, -1)):
            reach = min(body.width(), round(length * per_tick))
            if reach < 2:
                continue
            far = edge + sign * reach
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawPolygon(QPolygonF([QPointF(edge, body.top()), QPointF(far, body.top()), QPointF(edge, body.bottom() + 1)]))
            painter.setPen(QPen(line, 1.2))
            painter.drawLine(QPointF(edge, body.bottom() + 1), QPointF(far, body.top()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _level(self, painter: QPainter, clip: Clip, body: QRect, always: bool) -> None:
        if body.height() < 18 or body.width() < self.look.m.lod_label:
            return
        changed = clip.gain_db != 0 if clip.is_sound else clip.opacity < 1
        if not changed and not always:
            return
        y = gain_y(clip.gain_db, body.top(), body.height()) if clip.is_sound else opacity_y(clip.opacity, body.top(), body.height())
        painter.setPen(QPen(self.look.colour(f"{_TOKENS[clip.kind]}-text"), 1))
        painter.drawLine(body.left(), y, body.right(), y)

    def _offline(self, painter: QPainter, clip: Clip, asset: MediaReference | None, box: QRect, seen: tuple[int, int],
                 bare: bool) -> None:
        body = box if bare else box.adjusted(1, self.look.m.name_bar, -1, -1)
        painter.setBrushOrigin(box.left(), box.top())
        painter.fillRect(body, self._hatch("clip-offline-edge", 0.32))
        if bare or body.height() < 30 or body.width() < 120:
            return
        left = max(body.left(), seen[0] if body.left() < 0 else body.left()) + 9
        look = self.look
        painter.drawPixmap(left, body.top() + 9, look.icon("unlink", "danger", 16))
        words = look.label("Media offline", body.width() - 40, look.strong_font)
        look.draw(painter, left + 24, body.top() + 2, words, look.strong_font, "clip-offline-text")
        name = look.label(asset.name if asset else clip.name, body.width() - 40, look.label_font)
        look.draw(painter, left + 24, body.top() + 18, name, look.label_font, "clip-offline-text")

    def _words(self, painter: QPainter, view: View, clip: Clip, asset: MediaReference | None, box: QRect, seen: tuple[int, int],
               token: str, bare: bool) -> None:
        look = self.look
        bar = box.height() if bare else self.look.m.name_bar
        right = box.right() - 3
        for text, icon, kind in reversed(self._badges(view, clip, asset, box.width())):
            if icon:
                right -= 13
                painter.drawPixmap(right, box.top() + (bar - 11) // 2, look.icon(icon, f"{token}-text", 11))
            else:
                label = look.label(text, 120, look.badge_font)
                width = math.ceil(label.width) + 6
                right -= width
                place = QRect(right, box.top() + (bar - 13) // 2, width, 13)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("warn-fill" if kind == "warn" else "badge"))
                painter.drawRoundedRect(place, 2, 2)
                look.draw(painter, right + 3, place.top() + 0.5, label, look.badge_font,
                          "warn-ink" if kind == "warn" else "badge-ink")
                right -= 4
        left = max(box.left(), 0) + 5
        room = min(right, 100000) - left - 2
        if room >= 8:
            font = look.label_font
            label = look.label(title_of(clip, asset), room, font)
            look.draw(painter, left, box.top() + (bar - look.metrics(font).height()) / 2, label, font, f"{token}-text")

    def _badges(self, view: View, clip: Clip, asset: MediaReference | None, width: int) -> list[tuple[str, str, str]]:
        """(text, icon, kind) from left to right; under 60 px only drift."""
        found: list[tuple[str, str, str]] = []
        drift = drift_frames(view, clip, view.timeline.rate)
        if drift:
            found.append((f"{'+' if drift > 0 else '−'}{abs(drift)} f", "", "warn"))
        if width < self.look.m.lod_all:
            return found
        if asset is not None and asset.video is not None and asset.video.variable and not clip.is_sound:
            found.append(("VFR", "", "warn"))
        if clip.link:
            found.append(("", "link", ""))
        if not clip.enabled:
            found.append(("", "eye-off", ""))
        if clip.opacity < 1 and not clip.is_sound:
            found.append((f"{round(clip.opacity * 100)} %", "", ""))
        if (clip.position, clip.anchor, clip.scale, clip.rotation, clip.crop, clip.blend_mode) != _PLAIN and clip.kind != "audio":
            found.append(("fx", "", ""))
        return found

    def _hatch(self, token: str, alpha: float) -> QBrush:
        colour = QColor(self.look.colour(token))
        colour.setAlphaF(alpha)
        known = self._hatches.get(colour.rgba())
        if known is None:
            known = self._hatches[colour.rgba()] = hatch(colour, 9, 2)
        return known


def hatch(colour: QColor, period: int, width: int, back: QColor | None = None) -> QBrush:
    """A brush of diagonal stripes falling to the left, `width` of every `period` pixels along the axes' diagonal."""
    side = round(period * math.sqrt(2))
    tile = QPixmap(side, side)
    tile.fill(back or Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, width))
    for offset in (-side, 0, side):
        painter.drawLine(QPointF(offset - 2, side + 2), QPointF(offset + side + 2, -2))
    painter.end()
    brush = QBrush(tile)
    brush.setTransform(QTransform())
    return brush


def paint_transition(painter: QPainter, look: Look, box: QRect, selected: bool) -> None:
    """A transition: a box over the cut with a diagonal and a shaded half."""
    fill = QColor(look.colour("clip-adjust-bar"))
    fill.setAlphaF(0.88)
    ink = look.colour("clip-adjust-text")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(look.colour("focus"), 2) if selected else QPen(ink, 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(area, 2.5, 2.5)
    half = QPainterPath(area.topLeft())
    half.lineTo(area.bottomLeft())
    half.lineTo(area.topRight())
    half.closeSubpath()
    shade = QColor(ink)
    shade.setAlphaF(0.22)
    painter.fillPath(half, shade)
    painter.setPen(QPen(ink, 1.3))
    painter.drawLine(area.bottomLeft(), area.topRight())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
