"""Mine, theirs and merged, side by side on one clock.

Owns: the three pictures, the two renderers and the sound that belong to the page, the clock that all follow, whose sound is heard.
Refuses: what is in the cuts, and which change is looked at.

The merged picture has priority: the clock asks for it first, and the others are made with a quarter of its pixels while it plays. Mine is
what the program's own renderer draws, so that three cuts cost two processes more; they end with the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.desktop.bridge.frames import FrameFeed
from app.desktop.bridge.people import PEERS, initials_of
from app.desktop.bridge.transport import Transport
from app.desktop.canvas.look import Look
from app.desktop.canvas.picture import Picture
from app.desktop.merge.late import Late, end
from app.desktop.widgets.avatar import paint_sign
from app.desktop.widgets.basics import IconLabel, column, label, plain_tip, row
from editor_core.document import ChangeSet, Snapshot
from editor_core.timing import TICKS_PER_SECOND, Rate

if TYPE_CHECKING:
    from app.desktop.bridge import RenderPort, SoundPort, Workbench

SIDES = ("mine", "theirs", "merged")
BEFORE = 3 * TICKS_PER_SECOND
"""How long before a change playing begins."""
AFTER = 2 * TICKS_PER_SECOND
MOST_LOOP = 30 * TICKS_PER_SECOND
AFTER_MS = 1500
"""When the processes that can wait start, at the latest."""


class SteadyFeed(FrameFeed):
    """Pictures as large as they are shown, also while it plays: they are small already, and blurred ones hide what changed."""

    def request(self, ticks: int, step: int = 0, ahead: int = 0, loop: tuple[int, int] | None = None) -> None:
        self._wanted, self._playing = ticks, (step, ahead, loop)
        width, height = self.size()
        self._render.request(ticks, width, height, "full", step=step, ahead=ahead, loop=loop)


class SlimFeed(SteadyFeed):
    """Pictures with half the sides of what is shown while it plays: for the player that stands beside the one that matters."""

    def size(self) -> tuple[int, int]:
        width, height = super().size()
        return (max(16, width // 4 * 2), max(16, height // 4 * 2)) if self._playing[0] else (width, height)


class Trio(QObject):
    """Stands for three feeds towards the clock: the merged one is asked first, the others follow."""

    arrived = Signal(QImage, object)

    def __init__(self, first: FrameFeed, others: list[FrameFeed], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._first = first
        self._others = others
        first.arrived.connect(self.arrived)

    def request(self, ticks: int, step: int = 0, ahead: int = 0, loop: tuple[int, int] | None = None) -> None:
        self._first.request(ticks, step, ahead, loop)
        for feed in self._others:
            feed.request(ticks, step, min(ahead, 4), loop)


class Sides(QObject):
    """The three cuts as something to play. `heard` is whose sound there is. `close` ends the processes."""

    heard_changed = Signal()

    def __init__(self, bench: Workbench, makers: tuple[Callable[[], RenderPort], Callable[[], SoundPort]],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        make_render, make_sound = makers
        self._late = (Late(make_sound), Late(make_render))
        self._renders: dict[str, RenderPort] = {"theirs": self._late[1], "merged": make_render()}  # type: ignore[dict-item]
        self._sound: SoundPort = self._late[0]  # type: ignore[assignment]
        self.cuts: dict[str, Snapshot] = {"mine": bench.snapshot}
        self.feeds: dict[str, FrameFeed] = {
            "mine": bench.frames, "theirs": SlimFeed(self._renders["theirs"], self._size, bench.post, parent=self),
            "merged": SteadyFeed(self._renders["merged"], self._size, bench.post, parent=self)}
        self._trio = Trio(self.feeds["merged"], [self.feeds["theirs"], self.feeds["mine"]], self)
        self.transport = Transport(self._sound, self._trio, self._rate, self._end, parent=self)  # type: ignore[arg-type]
        self.heard = "merged"
        self._places: dict[str, list[Path]] = {}
        bench.transport.stop()
        self._soon = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._soon.timeout.connect(self._start)
        self._known = False
        self.feeds["merged"].arrived.connect(self._pictured)

    def _size(self) -> tuple[int, int]:
        timeline = self._bench.snapshot.timeline
        return timeline.width, timeline.height

    def _rate(self) -> Rate:
        return self._bench.rate

    def _end(self) -> int:
        return max(cut.end() for cut in self.cuts.values())

    def begin(self, mine: Snapshot, places: Mapping[str, list[Path]]) -> None:
        """All sides begin as mine, while it is worked out what they are: then only what differs has to be told. The picture that matters
        is made first, the other processes start after it."""
        self._places = dict(places)
        self.cuts = dict.fromkeys(SIDES, mine)
        for port in (*self._renders.values(), self._sound):
            port.load(mine, self._places)
        self.transport.ticks = self._bench.transport.ticks
        self.feeds["merged"].request(self.transport.ticks)
        self._soon.start()

    def _pictured(self, *_picture: object) -> None:
        """Until the merged cut is on the screen, everything else would take time from working it out."""
        if self._known:
            self._start()

    def _start(self) -> None:
        """Starts what could wait."""
        self._soon.stop()
        for late in self._late:
            late.start()

    def locate(self, places: Mapping[str, list[Path]]) -> None:
        """Where media lie, as far as that is another place than was known."""
        for asset, paths in places.items():
            if paths != self._places.get(asset, []):
                self._places[asset] = list(paths)
                for port in (*self._renders.values(), self._sound):
                    port.locate(asset, list(paths))

    def change(self, side: str, change: ChangeSet, cut: Snapshot) -> None:
        """The cut of a side, theirs or merged, went on: to what it is, or by a choice."""
        self.cuts["mine"] = self._bench.snapshot
        self.cuts[side] = cut
        self._known = self._known or side == "merged"
        if not change.operations:
            if side == "merged":
                self._start()  # its picture is there already
            return
        self._renders[side].change(change, cut)
        if self.heard == side:
            self._sound.change(change, cut)
        self.feeds[side].again()

    def again(self) -> None:
        """Asks for the moment that is looked at once more, on all sides."""
        self._trio.request(self.transport.ticks)

    def hear(self, side: str) -> None:
        """Whose sound is heard: mine, theirs or merged."""
        if side in self.cuts and side != self.heard:
            self.heard = side
            self._sound.load(self.cuts[side], self._places)
            self.heard_changed.emit()

    def go(self, start: int, end: int, *, loop: bool, play: bool) -> None:
        """Shows a change: from three seconds before it, round and round if `loop`; a moment inside it while it does not play."""
        transport = self.transport
        transport.stop()
        frame = transport.frame
        first = max(0, start - BEFORE) // frame * frame
        last = max(first + frame, min(max(self._end(), frame), min(end, start + MOST_LOOP) + AFTER))
        transport.set_loop(False)
        transport.set_marks(first, last)
        transport.set_loop(loop)
        inside = start + min(end - start, BEFORE) // 2
        transport.seek(first if play else inside // frame * frame)
        if play:
            transport.play()

    def close(self) -> None:
        self.transport.stop()
        self._soon.stop()
        end(*self._renders.values(), self._sound)
        self._bench.frames.request(self._bench.transport.ticks)


class Player(QWidget):
    """One side: its name over its picture. `chosen` when it is clicked."""

    chosen = Signal()

    def __init__(self, bench: Workbench, side: str, feed: FrameFeed, name: str, words: str, badge: QWidget,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._theme = theme
        self.side = side
        self._on = self._begun = False
        self.picture = Picture(bench, Look(theme), self)
        self.picture.size_of = lambda: (bench.snapshot.timeline.width, bench.snapshot.timeline.height)
        self.picture.feed = feed
        self.picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.picture.setAccessibleName(f"{name} picture")
        self.title = label(theme, name, font="strong")
        self.words = label(theme, words, "secondary", cut=True)
        layout = column(row(badge, self.title, self.words, spacing=theme.px(6), margins=(theme.px(8), 0, theme.px(8), 0)), self.picture,
                        spacing=theme.px(4), margins=(3, theme.px(5), 3, 3))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setAccessibleName(f"{name}, {words}")
        self._feed = feed

    def begin(self) -> None:
        """From now on its pictures are those of its side."""
        if not self._begun:
            self._begun = True
            self._feed.arrived.connect(self.picture.show_frame)
            if self.side == "mine" and not self._feed.image.isNull():
                self.picture.show_frame(self._feed.image)

    def set_on(self, on: bool) -> None:
        """Whether this is the side whose sound is heard."""
        if on != self._on:
            self._on = on
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._on:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent"), 1.5))
        painter.drawRoundedRect(QRectF(self.picture.geometry()).adjusted(-1.5, -1.5, 1.5, 1.5), 3, 3)
        painter.end()


class Badge(QWidget):
    """A round mark with initials in somebody's colour."""

    def __init__(self, theme: Any, initials: str, colour: str, name: str, size: int = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._initials, self._colour = theme, initials, colour
        self.setFixedSize(theme.px(size), theme.px(size))
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(name))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_badge(painter, self._theme, QRectF(self.rect()), self._initials, self._colour)
        painter.end()


def paint_badge(painter: QPainter, theme: Any, box: QRectF, initials: str, colour: str) -> None:
    """Initials in a disc."""
    paint_sign(painter, theme, box, initials, colour, "text-on-accent" if colour == "accent-fill" else "peer-ink")


def side_badge(bench: Workbench, side: str, title: str) -> QWidget:
    """The mark of a side: me, them, both."""
    if side == "merged":
        return IconLabel(bench.theme, "git-merge", "accent", 16)
    return Badge(bench.theme, *badge_of(bench, "" if side == "mine" else title, side == "mine"), title)


def badge_of(bench: Workbench, name: str, mine: bool) -> tuple[str, str]:
    """Initials and colour of somebody, or of their cut: the colour that they have in the room. My cut may have work of others in it."""
    if mine and name in ("", "You"):
        return "Y", "accent-fill"
    together = bench.late.get("together")
    if together is not None:
        known = [(one.name, one.key) for one in together.people] + [(one.person, one.key) for one in together.now.members]
        found = max((one for one in known if one[0] and name.startswith(one[0])), key=lambda one: len(one[0]), default=None)
        if found is not None:
            return initials_of(found[0]), PEERS[together.colour_of(found[1]) % len(PEERS)]
    name = name.removeprefix("You, in ").removesuffix(".proedit").removesuffix("’s cut")
    return initials_of(name.replace("-", " ")), PEERS[0]
