"""One clip, painted.

Owns: body, name bar, badges, slates, fades and level lines of a clip at every width. Refuses: selection and ghosts (overlay),
and deciding which clips are visible.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

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


_SMOOTH = QPainter.RenderHint.Antialiasing


def token_of(clip: Clip, offline: bool) -> str:
    """Start of the token names of a clip's colours."""
    return "clip-offline" if offline else _TOKENS[clip.kind]


def title_of(clip: Clip, asset: MediaReference | None) -> str:
    """The words on a clip."""
    if clip.name:
        return clip.name
    if clip.kind in ("title", "caption"):
        return clip.text.split("\n", 1)[0] or clip.kind.capitalize()
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
    """Draws clips of one document with one look. `late` collects what was left out for lack of time and must be painted again."""

    def __init__(self, look: Look, strip: Filmstrip, waves: Waves) -> None:
        self.strip = strip
        self.waves = waves
        self.late: list[QRect] = []
        self.stand_ins: Callable[[], Collection[str]] = tuple
        """Assets of which a smaller file is shown, because the original is elsewhere."""
        self.said: Callable[[str], int] = lambda clip: 0
        """How many open comments stand on a clip."""
        self._drifts: tuple[View | None, dict[str, int]] = (None, {})
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self.look = look
        self.waves.forget()
        self.strip.forget()
        self.waves.ratio = self.strip.ratio = look.ratio
        self._hatches: dict[int, QBrush] = {}
        self._inks = {token: f"{token}-text" for token in (*_TOKENS.values(), "clip-offline")}
        self._colours = {token: (look.colour(token), look.colour(f"{token}-bar"), QPen(look.colour(f"{token}-edge")))
                         for token in (*_TOKENS.values(), "clip-offline")}

    def paint(self, painter: QPainter, view: View, clip: Clip, box: QRect, seen: tuple[int, int], per_tick: float, *,
              offline: bool = False, levels: bool = False, ghost: bool = False) -> None:
        """Paints the clip into `box`; `seen` are the first and past-the-last pixel that need painting.

        `levels` also draws the level line of a clip whose level is untouched. A `ghost` is not where the document has it, so
        nothing is said of its drift.
        """
        token = "clip-offline" if offline else _TOKENS[clip.kind]
        fill, bar, edge = self._colours[token]
        m = self.look.m
        width, height = box.width(), box.height()
        solid = painter.opacity()
        if not clip.enabled:
            painter.setOpacity(solid * 0.45)
        painter.setPen(edge)
        painter.setBrush(fill)
        painter.setRenderHint(_SMOOTH)
        painter.drawRoundedRect(QRectF(box.left() + 0.5, box.top() + 0.5, width - 1, height - 1), 2.5, 2.5)
        painter.setRenderHint(_SMOOTH, False)
        if height >= m.bare_height:
            painter.fillRect(box.left() + 1, box.top() + 1, width - 2, m.name_bar - 1, bar)
        if not clip.enabled:
            painter.setOpacity(solid)
        if width >= m.lod_label:
            self.inside(painter, view, clip, box, seen, per_tick, offline=offline, levels=levels, ghost=ghost)

    def inside(self, painter: QPainter, view: View, clip: Clip, box: QRect, seen: tuple[int, int], per_tick: float, *,
               offline: bool = False, levels: bool = False, ghost: bool = False) -> None:
        """Paints what is on a clip whose bar and body are there already; see `paint`."""
        m = self.look.m
        height = box.height()
        solid = painter.opacity()
        if not clip.enabled:
            painter.setOpacity(solid * 0.45)
        asset = view.find(MediaReference, clip.asset) if clip.asset else None
        bare = height < m.bare_height
        if not bare:
            left, top = box.left(), box.top()
            body = QRect(left + 1, top + m.name_bar, box.width() - 2, height - m.name_bar - 1)
            self._body(painter, clip, asset, left, body, seen, per_tick, offline)
            if clip.fade_in or clip.fade_out:
                self._fades(painter, clip, body, per_tick)
            if levels or (clip.gain_db != 0.0 if clip.kind == "audio" else clip.opacity < 1.0):
                self._level(painter, clip, body)
        if offline:
            self._offline(painter, clip, asset, box, seen, bare)
        self._words(painter, None if ghost else view, clip, asset, box, "clip-offline" if offline else _TOKENS[clip.kind], bare)
        if not clip.enabled:
            painter.setOpacity(solid)

    def _drift(self, view: View, clip: Clip) -> int:
        """As `drift_frames`, kept for as long as the same view is painted."""
        if self._drifts[0] is not view:
            self._drifts = (view, {})
        known = self._drifts[1].get(clip.id)
        if known is None:
            known = self._drifts[1][clip.id] = drift_frames(view, clip, view.timeline.rate)
        return known

    def _body(self, painter: QPainter, clip: Clip, asset: MediaReference | None, left: int, body: QRect, seen: tuple[int, int],
              per_tick: float, offline: bool) -> None:
        if clip.kind == "solid":
            painter.fillRect(body.adjusted(3, 3, -3, -3), QColor(clip.color[:7]))
        elif clip.kind in ("title", "caption"):
            self._text(painter, clip, body)
        elif asset is None or offline:
            return
        elif clip.kind == "audio":
            self._wave(painter, clip, body.adjusted(0, 1, 0, -1), seen, per_tick)
        else:
            self.strip.paint(painter, clip, asset, left, body, seen, per_tick)

    def _text(self, painter: QPainter, clip: Clip, body: QRect) -> None:
        """The words of a title, as many lines as fit."""
        look = self.look
        room, x = body.width() - 12, max(body.left(), 0) + 5
        if room < 20:
            return
        solid = painter.opacity()
        painter.setOpacity(solid * 0.75)
        step = math.ceil(look.label_height) + 1
        lines = clip.text.split("\n")[0 if clip.name else 1:]  # without a name the bar shows the first line
        for number, line in enumerate(lines[:max(0, (body.height() - 3) // step)]):
            look.draw(painter, x, body.top() + 2 + number * step, look.label(line, room, look.label_font), "clip-title-text")
        painter.setOpacity(solid)

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
                                     gain_factor(clip.gain_db), peak, mean, clip.stream - 1)
            if self.waves.hurried:
                self.late.append(QRect(body.left() + number * CHUNK, body.top(), width, body.height()))
            if image is not None:
                painter.drawImage(QPoint(body.left() + number * CHUNK, body.top()), image)

    def _fades(self, painter: QPainter, clip: Clip, body: QRect, per_tick: float) -> None:
        line = QPen(self.look.colour("clip-audio-text" if clip.is_sound else "clip-video-text"), 1.2)
        painter.setRenderHint(_SMOOTH)
        for length, edge, sign in ((clip.fade_in, body.left(), 1), (clip.fade_out, body.right() + 1, -1)):
            reach = min(body.width(), round(length * per_tick))
            if reach < 2:
                continue
            far = edge + sign * reach
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.soft("canvas", 0.5))
            painter.drawPolygon(QPolygonF([QPointF(edge, body.top()), QPointF(far, body.top()), QPointF(edge, body.bottom() + 1)]))
            painter.setPen(line)
            painter.drawLine(QPointF(edge, body.bottom() + 1), QPointF(far, body.top()))
        painter.setRenderHint(_SMOOTH, False)

    def _level(self, painter: QPainter, clip: Clip, body: QRect) -> None:
        if body.height() < 18:
            return
        y = gain_y(clip.gain_db, body.top(), body.height()) if clip.is_sound else opacity_y(clip.opacity, body.top(), body.height())
        painter.fillRect(body.left(), y, body.width(), 1, self.look.colour(f"{_TOKENS[clip.kind]}-text"))

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
        look.draw(painter, left + 24, body.top() + 2, words, "clip-offline-text")
        name = look.label(asset.name if asset else clip.name, body.width() - 40, look.label_font)
        look.draw(painter, left + 24, body.top() + 18, name, "clip-offline-text")

    def _words(self, painter: QPainter, view: View | None, clip: Clip, asset: MediaReference | None, box: QRect, token: str,
               bare: bool) -> None:
        look = self.look
        bar = box.height() if bare else look.m.name_bar
        right, top, left = box.right() - 3, box.top(), max(box.left(), 0) + 5
        plain = box.width() < look.m.lod_all and (view is None or not clip.link or not self._drift(view, clip))
        for text, icon, kind in () if plain else reversed(self._badges(view, clip, asset, box.width())):
            if icon:
                right -= look.m.px(13)
                painter.drawPixmap(right, top + (bar - look.m.px(11)) // 2, look.icon(icon, f"{token}-text", 11))
            else:
                right = self._badge(painter, text, kind, right, top, bar)
        room = right - left - 2
        if room >= 8:
            label = look.label(title_of(clip, asset), room, look.label_font)
            look.draw(painter, left, top + (bar - look.label_height) / 2, label, self._inks[token])

    def drift_box(self, view: View, clip: Clip, box: QRect) -> QRect:
        """Where the drift badge of a clip that is drawn in `box` lies; empty when it has none."""
        if box.width() < self.look.m.lod_label or not clip.link or not self._drift(view, clip):
            return QRect()
        look, right = self.look, box.right() - 3
        asset = view.find(MediaReference, clip.asset) if clip.asset else None
        width = 0
        for text, icon, _ in reversed(self._badges(view, clip, asset, box.width())):
            width = look.m.px(13) if icon else math.ceil(look.label(text, 120, look.badge_font).width) + 10
            right -= width
        bar = box.height() if box.height() < look.m.bare_height else look.m.name_bar
        return QRect(right + 4, box.top(), width - 4, bar)

    def _badge(self, painter: QPainter, text: str, kind: str, right: int, top: int, bar: int) -> int:
        """Draws a badge whose right edge is at `right`; gives where the next one ends."""
        look = self.look
        label = look.label(text, 120, look.badge_font)
        width = math.ceil(label.width) + 6
        height = look.m.px(13)
        warn = kind == "warn"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("warn-fill" if warn else "badge"))
        painter.setRenderHint(_SMOOTH)
        painter.drawRoundedRect(right - width, top + (bar - height) // 2, width, height, 2, 2)
        painter.setRenderHint(_SMOOTH, False)
        look.draw(painter, right - width + 3, top + (bar - look.metrics(look.badge_font).height()) / 2, label,
                  "warn-ink" if warn else "badge-ink")
        return right - width - 4

    def _badges(self, view: View | None, clip: Clip, asset: MediaReference | None, width: int) -> list[tuple[str, str, str]]:
        """(text, icon, kind) from left to right; under 60 px only drift."""
        found: list[tuple[str, str, str]] = []
        drift = self._drift(view, clip) if clip.link and view is not None else 0
        if drift:
            found.append((f"{'+' if drift > 0 else '−'}{abs(drift)} f", "", "warn"))
        if width < self.look.m.lod_all:
            return found
        if asset is not None and asset.video is not None and asset.video.variable and not clip.is_sound:
            found.append(("VFR", "", "warn"))
        if clip.asset and clip.asset in self.stand_ins():
            found.append(("Proxy", "", ""))
        if clip.link:
            found.append(("", "link", ""))
        if not clip.enabled:
            found.append(("", "eye-off", ""))
        if clip.opacity < 1 and not clip.is_sound:
            found.append((f"{round(clip.opacity * 100)} %", "", ""))
        if clip.kind != "audio" and (clip.position, clip.anchor, clip.scale, clip.rotation, clip.crop, clip.blend_mode) != _PLAIN:
            found.append(("fx", "", ""))
        said = self.said(clip.id)
        if said:
            found += [("", "message-square", ""), *([(str(said), "", "")] if said > 1 else [])]
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
