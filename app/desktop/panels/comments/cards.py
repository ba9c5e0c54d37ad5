"""One thread as a card: where everything stands on it, and painting that.

Owns: the layout of a card at a width, hit zones, its spoken name. Refuses: which cards there are, and editing.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from app.desktop.bridge import Workbench
from app.desktop.bridge.discussion import Discussion, Shown
from app.desktop.theme.theme import Theme
from app.desktop.widgets.avatar import paint_sign
from editor_core.comments import Comment, Person
from editor_core.timing import format_timecode

_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
SHORT = 2
"""Lines of a card that is not chosen."""
MOST = 5000
"""Layouts kept."""
REPLY_ROW = 38
"""Pixels at 100 % for the reply field under a chosen card."""


@dataclass
class Card:
    """A card of `height` pixels: `ops` are (what, rectangle, arguments), `zones` (rectangle, what a click there does)."""

    height: int = 0
    ops: list[tuple[str, QRect, tuple[Any, ...]]] = field(default_factory=list)
    zones: list[tuple[QRect, str]] = field(default_factory=list)


class Cards:
    """Lays cards out and paints them; layouts are kept while nothing about them changes."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self.theme: Theme = bench.theme
        self.talk: Discussion = bench.comments
        self._kept: dict[Any, tuple[Shown, tuple[bool, ...], Card]] = {}
        self._cuts: dict[Any, str] = {}

    def forget(self) -> None:
        """After a change of theme, or of people's colours."""
        self._kept.clear()
        self._cuts.clear()

    def card(self, one: Shown, width: int, *, chosen: bool) -> Card:
        """The card of a thread."""
        key = (one.thread.id, width, chosen)
        waits = (self.talk.notices.unread_in(one.thread.id), *(self.talk.waits(c) for c in one.thread.comments))
        known = self._kept.get(key)
        if known is not None and known[0].thread is one.thread and known[0].place == one.place and known[1] == waits:
            return known[2]
        if len(self._kept) > MOST:
            self._kept.clear()
        card = _Layout(self, one, width, chosen, waits).card
        self._kept[key] = one, waits, card
        return card

    def cut(self, words: str, font: QFont, width: int, lines: int) -> str:
        """As much of a text as fits; worked out when it is painted and not before."""
        key = (words, font.pixelSize(), width, lines)
        known = self._cuts.get(key)
        if known is None:
            if len(self._cuts) > MOST:
                self._cuts.clear()
            known = self._cuts[key] = _cut(words, QFontMetrics(font), width, lines)
        return known

    def timecode(self, ticks: int) -> str:
        return format_timecode(ticks, self._bench.rate)

    def paint(self, painter: QPainter, card: Card, box: QRect, *, chosen: bool, hovered: bool) -> None:
        """Paints a card into a rectangle of its size."""
        theme = self.theme
        if chosen:
            painter.fillRect(box, theme.color("accent-soft"))
        elif hovered:
            painter.fillRect(box, theme.color("hover", 0.5))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), theme.color("line"))
        painter.save()
        painter.translate(box.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for what, rect, args in card.ops:
            if what == "text":
                words, font, token, flags, lines = args
                if lines:
                    words = self.cut(words, font, rect.width(), lines)
                painter.setFont(font)
                painter.setPen(theme.color(token))
                painter.drawText(rect, flags, words)
            elif what == "avatar":
                paint_sign(painter, theme, rect, *args)
            elif what == "icon":
                painter.drawPixmap(rect.topLeft(), theme.pixmap(*args))
            elif what == "badge":
                _badge(painter, theme, rect, *args)
        painter.restore()


def _badge(painter: QPainter, theme: Theme, box: QRect, words: str, font: QFont, token: str) -> None:
    fill = QColor(theme.color(token))
    if words:
        fill.setAlphaF(0.16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, theme.px(3), theme.px(3))
    painter.setFont(font)
    painter.setPen(theme.color(token))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)


class _Layout:
    """Works a card out, from top to bottom."""

    def __init__(self, cards: Cards, one: Shown, width: int, chosen: bool, waits: tuple[bool, ...]) -> None:
        self.cards, self.theme, self.talk = cards, cards.theme, cards.talk
        self.one, self.width, self.chosen = one, width, chosen
        self.unread, self.waits = waits[0], waits[1:]
        px = self.theme.px
        self.strong, self.body, self.label = self.theme.font("strong", 600), self.theme.font("body", 400), self.theme.font("label", 400)
        self.left, self.right = px(46), width - px(12)
        self.card = Card()
        self.y = px(9)
        self._root()
        if chosen:
            for number, reply in enumerate(one.thread.replies, 1):
                if not reply.removed:
                    self._reply(reply, self.waits[number])
            self.y += px(REPLY_ROW)
        else:
            self._summary()
        self.card.height = self.y + px(8)

    def _text(self, words: str, font: QFont, token: str, left: int, right: int, *, lines: int = 0) -> None:
        """A paragraph at the present height; `lines` cuts it."""
        metrics = QFontMetrics(font)
        room = max(20, right - left)
        few = words if not lines else words.strip()[:lines * room // 2]
        height = metrics.boundingRect(QRect(0, 0, room, 1 << 20), _WRAP, few or " ").height()
        if lines:
            height = min(height, metrics.lineSpacing() * (lines - 1) + metrics.height())
        self.card.ops.append(("text", QRect(left, self.y, room, height + 2), (words, font, token, _WRAP, lines)))
        self.y += height + self.theme.px(2)

    def _icon(self, name: str, token: str, x: int, y: int, size: int = 13) -> None:
        self.card.ops.append(("icon", QRect(x, y, size, size), (name, token, size)))

    def _root(self) -> None:
        px, thread, place = self.theme.px, self.one.thread, self.one.place
        root = thread.root
        self._avatar(root.author, QRect(px(12), self.y, px(24), px(24)))
        if self.unread:
            self.card.ops.append(("badge", QRect(px(4), self.y + px(9), px(6), px(6)), ("", self.label, "accent")))
        code = self.cards.timecode(place.start)
        if place.duration:
            code += f" – {self.cards.timecode(place.start + place.duration)}"
        beside = QFontMetrics(self.body).horizontalAdvance(code) + px(36)  # a long name leaves room for the time and a mark
        x = self._words(self.talk.name(root.author), self.strong, "text", self.left, beside)
        at = self._words(code, self.body, "accent", x + px(7))
        self.card.zones.append((QRect(x + px(4), self.y - px(3), at - x, px(20)), "seek"))
        self._tags(at + px(8))
        self.y += QFontMetrics(self.strong).height() + px(2)
        if root.removed:
            self._text("Removed", self.body, "text-3", self.left, self.right)
        else:
            self._text(root.text, self.body, "text", self.left, self.right, lines=0 if self.chosen else SHORT)
        self._at_once(root)
        self._where()

    def _avatar(self, person: Person, box: QRect) -> None:
        self.card.ops.append(("avatar", box, (self.talk.initials(person), self.talk.colour_token(person), self.talk.ink_token(person))))

    def _words(self, words: str, font: QFont, token: str, x: int, beside: int = 0) -> int:
        """Words on the present line, with so many pixels left free beside them; where they end."""
        metrics = QFontMetrics(font)
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(self.theme.px(40) if beside else 10, self.right - x - beside))
        width = metrics.horizontalAdvance(words)
        box = QRect(x, self.y, width + 2, metrics.height())
        self.card.ops.append(("text", box, (words, font, token, int(Qt.AlignmentFlag.AlignLeft), 0)))
        return x + width

    def _tags(self, least: int) -> None:
        """Marks at the right of the first line, as many as fit: unsent, task, drawing, mine, resolved."""
        px, thread = self.theme.px, self.one.thread
        x, metrics = self.right, QFontMetrics(self.label)
        middle = self.y + QFontMetrics(self.strong).height() // 2
        marks: list[tuple[str, str, str]] = []
        if any(self.waits):
            marks.append(("clock", "", "warn"))
        if thread.assignee is not None:
            mine = thread.assignee.is_(self.talk.me)
            marks.append(("", "Task" if not mine else "Your task", "warn"))
        if thread.drawing:
            marks.append(("pencil", "Drawing", "text-3"))
        if not thread.open:
            marks.append(("check", "Resolved", "ok"))
        if thread.anchor.pinned:
            marks.append(("film", "", "text-3"))
        for icon, words, token in marks:
            width = metrics.horizontalAdvance(words)
            whole = width + (px(10) if words and not icon else px(16) if icon and words else px(14))
            if x - whole < least:
                if not icon:
                    break
                words, width, whole = "", 0, px(14)
                if x - whole < least:
                    break
            if words and not icon:
                box = QRect(x - whole, middle - px(8), whole, px(16))
                self.card.ops.append(("badge", box, (words, self.label, token)))
            else:
                self._icon(icon, token, x - whole, middle - px(6))
                if words:
                    box = QRect(x - width, middle - metrics.height() // 2, width + 2, metrics.height())
                    self.card.ops.append(("text", box, (words, self.label, token, int(Qt.AlignmentFlag.AlignLeft), 0)))
            x -= whole + px(7)

    def _at_once(self, comment: Comment) -> None:
        """What others, or another device, wrote at the same time."""
        if not comment.versions or (not self.chosen and comment is self.one.thread.root):
            return
        px = self.theme.px
        for version in comment.versions[1:]:
            self._icon("git-fork", "warn", self.left, self.y + px(2), 12)
            when = _when(version.time)
            self._text(f"Written at the same time, {when}: {version.text}", self.label, "warn", self.left + px(17), self.right)

    def _where(self) -> None:
        """What became of the moment it is about, and whose task it is."""
        px, place, thread = self.theme.px, self.one.place, self.one.thread
        words = {"removed": "Clip removed. Show in history", "trimmed": "This moment was cut away"}.get(place.following, "")
        if words:
            self._icon("unlink", "text-3", self.left, self.y + px(2), 12)
            top = self.y
            self._text(words, self.label, "text-3", self.left + px(17), self.right)
            if place.following == "removed":
                self.card.zones.append((QRect(self.left, top, self.right - self.left, self.y - top), "history"))
        if self.chosen and thread.assignee is not None and not thread.assignee.is_(self.talk.me):
            self._text(f"Task for {self.talk.name(thread.assignee)}", self.label, "warn", self.left, self.right)

    def _summary(self) -> None:
        """Of a card that is not chosen: how many replies."""
        count = sum(not reply.removed for reply in self.one.thread.replies)
        if count:
            last = next(reply for reply in reversed(self.one.thread.replies) if not reply.removed)
            words = f"{count} {'reply' if count == 1 else 'replies'}, {self.talk.name(last.author)} {_when(last.time)}"
            self._text(words, self.label, "text-3", self.left, self.right, lines=1)

    def _reply(self, reply: Comment, waits: bool) -> None:
        px = self.theme.px
        self.y += px(6)
        side = px(18)
        self._avatar(reply.author, QRect(self.left, self.y, side, side))
        left = self.left + side + px(8)
        x = self._words(self.talk.name(reply.author), self.strong, "text", left)
        x = self._words(_when(reply.time) + (", edited" if reply.edited else ""), self.label, "text-3", x + px(6))
        if waits:
            self._icon("clock", "warn", x + px(6), self.y + px(2), 12)
        if reply.drawing:
            self._icon("pencil", "text-3", self.right - px(13), self.y + px(2), 12)
        self.y += QFontMetrics(self.strong).height() + px(1)
        top = self.y
        self._text(reply.text, self.body, "text", left, self.right)
        self._at_once(reply)
        self.card.zones.append((QRect(left, top, self.right - left, self.y - top), f"reply:{reply.name}"))


def _cut(words: str, metrics: QFontMetrics, width: int, lines: int) -> str:
    """As much of a text as fits into so many lines."""
    most = metrics.lineSpacing() * lines + 2

    def fits(text: str) -> bool:
        return metrics.boundingRect(QRect(0, 0, width, 1 << 20), _WRAP, text).height() <= most

    words = words.strip()
    if fits(words):
        return words
    low, high = 0, min(len(words), 600)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(words[:middle].rstrip() + "…") else (low, middle - 1)
    return words[:low].rstrip() + "…"


def _when(milliseconds: int) -> str:
    when = datetime.datetime.fromtimestamp(milliseconds / 1000)
    days = (datetime.date.today() - when.date()).days
    return f"{when:%H:%M}" if days == 0 else f"{when:%a}" if 0 < days < 7 else f"{when:%d %b}"


def spoken(one: Shown, talk: Discussion, code: str) -> str:
    """`Comment by Ana at 1:19:05, open, drawing, 1 reply: text`."""
    thread = one.thread
    parts = [f"Comment by {talk.name(thread.root.author)} at {code}", thread.state]
    if thread.assignee is not None:
        parts.append(f"task of {talk.name(thread.assignee)}")
    if thread.drawing:
        parts.append("drawing")
    if one.place.following == "removed":
        parts.append("clip removed")
    count = sum(not reply.removed for reply in thread.replies)
    if count:
        parts.append(f"{count} {'reply' if count == 1 else 'replies'}")
    if any(talk.waits(comment) for comment in thread.comments):
        parts.append("not sent yet")
    return f"{', '.join(parts)}: {thread.root.text}"


def zone_at(card: Card, spot: QPoint) -> str:
    """What a click does at a place of a card; empty for choosing it."""
    return next((what for rect, what in card.zones if rect.contains(spot)), "")
