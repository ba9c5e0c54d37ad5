"""The viewer's side of the render server: asks for frames, gets pixels, survives the server.

Owns: newest-wins requests, the ring of frames in shared memory, restarts with the request still open, statistics.
Refuses: Qt, PyAV and Skia; and deciding when to ask (see `transport`).

Callbacks run on a thread of this client; hand over to your own. After a crash or a hang the last frame stays where it was shown,
and the newest request is made again as soon as a new server has the document, typically well within a second.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Clip
from render.confine import Limits
from render.messages import (
    FromRenderServer,
    Kept,
    Measure,
    Measured,
    NotShown,
    Pane,
    Peek,
    Peeked,
    Prepare,
    Release,
    Ring,
    Show,
    Shown,
    Trouble,
)
from render.playback.delivered import FrameInfo, OnFrame, OnKept, OnMeasured, OnPeek, OnTrouble, Statistics
from render.playback.errors import FrameHeldTooLong
from render.playback.frame_ring import Slots, ring_bytes, up
from render.playback.link import Locations, ServerLink
from render.playback.quality import AutoQuality, Quality, scaled
from render.wire import SharedBlock, WireError

_log = logging.getLogger(__name__)

SLOTS = 5
MOST_HELD = 2
"""Frames that `FrameInfo.hold` may keep at once; the rest stay in circulation."""
RENDER_LIMITS = Limits()
TELL_EVERY = 5.0
"""Seconds between two messages that the server was started again."""
CAUTIOUS_FOR = 30.0
"""Seconds without rendering ahead after the server has died three times within that time."""


class RenderClient:
    """One render server and its frames.

    `patience` is how many seconds the server may work without answering anything before it is ended, `silence` how many it may be
    without a heartbeat (drawing holds the interpreter for up to about half a second).
    """

    def __init__(self, *, limits: Limits = RENDER_LIMITS, patience: float = 12.0, silence: float = 4.0) -> None:
        self._patience = patience
        self._block = SharedBlock.create(up(1), "proeditor frames")
        self._lock = threading.RLock()
        self._slots: Slots | None = None
        self._held: dict[int, int] = {}
        self._listeners: list[OnFrame] = []
        self._troubles: list[OnTrouble] = []
        self._kept: list[OnKept] = []
        self._peeks: list[OnPeek] = []
        self._measures: list[OnMeasured] = []
        self._numbers = 0
        self._open: Show | None = None
        self._asked: dict[int, tuple[float, Quality | float, float]] = {}
        self._waiting_since: float | None = None
        self._deaths: deque[float] = deque(maxlen=3)
        self._died_on: tuple[int, int] = (-1, 0)
        self._told_at = -1e9
        self._auto = AutoQuality()
        self.statistics = Statistics()
        self._link = ServerLink("render", FromRenderServer, limits=limits, shared=(self._block.fd,), silence=silence,
                                greeting=self._greeting, on_message=self._hear, on_down=self._down, on_up=self._up,
                                overdue=self._overdue)

    @property
    def pid(self) -> int:
        """Process id of the server; 0 while there is none."""
        return self._link.pid

    @property
    def resident(self) -> int:
        """MiB of the server at its last heartbeat."""
        return self._link.resident

    def on_frame(self, callback: OnFrame) -> None:
        """Adds a receiver of frames."""
        self._listeners.append(callback)

    def on_trouble(self, callback: OnTrouble) -> None:
        """Adds a receiver of what people should know: media that is shown as a slate, restarts."""
        self._troubles.append(callback)

    def on_kept(self, callback: OnKept) -> None:
        """Adds a receiver of which frames are in memory: told a few times a second while that changes."""
        self._kept.append(callback)

    def load(self, snapshot: Snapshot, locations: Locations) -> None:
        """The document to show from now on, whole, and where its assets lie."""
        with self._lock:
            self._link.load(snapshot, locations)
            if self._open is not None:  # it asks for a revision of the document before
                self._open = msgspec.structs.replace(self._open, revision=snapshot.revision)
                self._link.post(self._open, "show")

    def change(self, change: ChangeSet, after: Snapshot | None = None) -> None:
        """The document went on by one ChangeSet. `after` is the snapshot it made, if at hand; else the client works it out."""
        self._link.change(change, after)

    def locate(self, asset: str, paths: list[Path]) -> None:
        """An asset lies elsewhere now, or is back."""
        self._link.locate(asset, paths)

    def request(self, ticks: int, width: int, height: int, quality: Quality | float = "full", *, step: int = 0, ahead: int = 0,
                loop: tuple[int, int] | None = None, planes: str = "yuv420p", hashed: bool = False) -> int:
        """Asks for the frame at a timeline time, of the newest revision; replaces requests that are not begun. Its number.

        `width` × `height` is the picture at full quality; `quality` is one of its names or a share of 0.01 to 1. `step` is the
        distance in ticks to the next frame that will be asked for (0 when standing still, negative backwards) and `ahead` how many
        of them to prepare, going round in `loop` if that is given ([start, end) in ticks). `hashed` also asks for the digest of
        the planes that an export encodes.
        """
        with self._lock:
            chosen: Quality | float = self._auto.choose(step != 0) if quality == "auto" else quality
            made = scaled(width, height, chosen)
            self._fit(width, height)
            self._numbers += 1
            if time.monotonic() - (self._deaths[0] if len(self._deaths) == 3 else -1e9) < CAUTIOUS_FOR:
                ahead = 0
            loop_start, loop_end = loop or (0, 0)
            show = Show(request=self._numbers, revision=self._link.revision, ticks=ticks, width=made[0], height=made[1], step=step,
                        ahead=ahead, loop_start=loop_start, loop_end=loop_end, planes=planes, hashed=hashed)
            budget = abs(step) / 705_600 if quality == "auto" and step else 0.0
            self._open = show
            self._asked[show.request] = (time.monotonic(), chosen, budget)
            if self._waiting_since is None:
                self._waiting_since = time.monotonic()
            self._link.post(show, "show")
            return show.request

    def on_peek(self, callback: OnPeek) -> None:
        """Adds a receiver of the pictures that `peek` asked for."""
        self._peeks.append(callback)

    def peek(self, panes: Sequence[tuple[Clip | None, int]], width: int, height: int) -> int:
        """Asks for up to four small pictures, each of a clip as it might be at a timeline time (None: black); replaces peeks that
        are not begun. Its number. The answer may never come: after a crash nobody asks again."""
        with self._lock:
            self._fit(width, height * len(panes))
            self._numbers += 1
            made = tuple(Pane(clip=clip, ticks=ticks) for clip, ticks in panes)
            self._link.post(Peek(request=self._numbers, panes=made, width=width, height=height), "peek")
            return self._numbers

    def prepare(self, start: int, end: int) -> None:
        """Has the frames of `[start, end)` ticks made ahead when nothing else is to be done, in the size of playing, as far as memory goes;
        in place of what was asked so before. An edit ends it."""
        self._link.post(Prepare(start=start, end=end), "prepare")

    def on_measured(self, callback: OnMeasured) -> None:
        """Adds a receiver of what `measure` asked for."""
        self._measures.append(callback)

    def measure(self, clips: Sequence[Clip], width: int, height: int) -> int:
        """Asks how large titles are in a frame of `width` × `height` project pixels; at most 64 of them. Its number. The answer may
        never come: after a crash nobody asks again."""
        with self._lock:
            self._numbers += 1
            self._link.post(Measure(request=self._numbers, clips=tuple(clips), width=width, height=height))
            return self._numbers

    def close(self) -> None:
        """Ends the server and gives the memory back, once nobody holds a frame of it any more."""
        self._link.close()
        with self._lock:
            self._slots = None
            self._held = {}
        self._block.close()

    def _fit(self, width: int, height: int) -> None:
        """Makes room for frames of that size; a larger ring is put behind the present one, which others may still be reading."""
        needed = width * height * 4
        if self._slots is not None and self._slots.ring.slot_bytes >= needed:
            return
        number, base = (self._slots.ring.number + 1, up(self._block.size)) if self._slots is not None else (1, 0)
        ring = Ring(number=number, base=base, slot_bytes=needed, slots=SLOTS)
        self._block.grow(base + ring_bytes(ring))
        self._slots = Slots(self._block, ring)
        self._held = {}
        self._link.post(ring)

    def _greeting(self) -> list[Any]:
        with self._lock:
            messages: list[Any] = []
            if self._slots is not None:
                ring = self._slots.ring
                messages.append(Ring(number=ring.number, base=ring.base, slot_bytes=ring.slot_bytes, slots=ring.slots,
                                     held=sorted(self._held)))
            if self._open is not None:
                messages.append(self._open)
            return messages

    def _up(self) -> None:
        with self._lock:
            if self._waiting_since is not None:
                self._waiting_since = time.monotonic()

    def _overdue(self) -> str:
        since = self._waiting_since
        if since is not None and self._link.loaded and time.monotonic() - since > self._patience:
            return f"did not answer for {self._patience:g} seconds"
        return ""

    def _down(self, reason: str) -> None:
        with self._lock:
            self._deaths.append(time.monotonic())
            self.statistics.restarts += 1
            given_up = self._give_up_on_killer()
            if self._waiting_since is not None:
                self._waiting_since = time.monotonic()
        self._tell_kept(Kept(revision=0))
        if given_up:
            self._tell("This frame ended the render process twice and is left out; the clips there may have damaged media", "render")
        if time.monotonic() - self._told_at > TELL_EVERY:
            self._told_at = time.monotonic()
            self._tell(f"Drawing of frames was interrupted ({reason}) and goes on", "render")

    def _give_up_on_killer(self) -> bool:
        """Drops the open request when the server died on its frame twice."""
        if self._open is None:
            return False
        ticks, times = self._died_on
        times = times + 1 if ticks == self._open.ticks else 1
        self._died_on = (self._open.ticks, times)
        if times < 2:
            return False
        self._asked.pop(self._open.request, None)
        self._open = self._waiting_since = None
        self.statistics.failed += 1
        return True

    def _hear(self, message: Any) -> None:
        if isinstance(message, Shown):
            try:
                self._deliver(message)
            except WireError as error:
                self._link.end_worker(str(error))
        elif isinstance(message, NotShown):
            with self._lock:
                self.statistics.failed += 1
                self._answered(message.request)
            self._tell(message.text, "render")
        elif isinstance(message, Trouble):
            self._tell(message.text, message.about)
        elif isinstance(message, Kept):
            self._tell_kept(message)
        elif isinstance(message, Measured):
            for listener in list(self._measures):
                listener(message.request, message.sizes)
        elif isinstance(message, Peeked):
            try:
                self._deliver_peek(message)
            except WireError as error:
                self._link.end_worker(str(error))

    def _answered(self, request: int) -> tuple[float, Quality | float, float] | None:
        asked = self._asked.pop(request, None)
        for older in [number for number in self._asked if number < request]:
            del self._asked[older]
            self.statistics.superseded += 1
        if self._open is not None and self._open.request <= request:
            self._open = None
        self._waiting_since = None if self._open is None else time.monotonic()
        return asked

    def _received(self, shown: Shown | Peeked, nbytes: int) -> memoryview | None:
        """The bytes in a slot that the server has handed over, now held; None when they are of a ring that is gone."""
        slots = self._slots
        if slots is None or slots.ring.number != shown.ring:
            return None  # a larger ring has replaced it; a newer request is on its way
        if shown.slot in self._held:
            raise WireError("the render server wrote to a frame that is not its own")
        pixels = slots.pixels(shown.slot, nbytes)
        if slots.sequence(shown.slot) != shown.sequence or shown.sequence & 1:
            raise WireError("the render server delivered a frame that is not whole")
        self._held[shown.slot] = 1
        return pixels

    def _deliver_peek(self, peeked: Peeked) -> None:
        with self._lock:
            pixels = self._received(peeked, peeked.width * peeked.height * 4 * peeked.count)
        if pixels is None:
            return
        for listener in list(self._peeks):
            try:
                listener(peeked.request, peeked.count, peeked.width, peeked.height, pixels.toreadonly())
            except Exception:
                _log.exception("a receiver of peeks")
        self._let_go(peeked.ring, peeked.slot)

    def _deliver(self, shown: Shown) -> None:
        with self._lock:
            pixels = self._received(shown, shown.width * shown.height * 4)
            if pixels is None:
                return
            self._died_on = (-1, 0)
            asked_at, quality, budget = self._answered(shown.request) or (time.monotonic(), "full", 0.0)
            info = self._count(shown, asked_at, quality, budget)
        for listener in list(self._listeners):
            try:
                listener(shown.ticks, shown.revision, shown.width, shown.height, pixels.toreadonly(), info)
            except Exception:
                _log.exception("a receiver of frames")
        self._let_go(shown.ring, shown.slot)

    def _count(self, shown: Shown, asked_at: float, quality: Quality | float, budget: float) -> FrameInfo:
        latency = (time.monotonic() - asked_at) * 1000
        counts = self.statistics
        counts.delivered += 1
        counts.cached += shown.cached
        counts.render_ms.append(shown.milliseconds)
        counts.latency_ms.append(latency)
        if budget:
            self._auto.took(shown.milliseconds, budget)
        return FrameInfo(shown.request, latency, shown.milliseconds, shown.cached, quality, shown.digest, shown.planes,
                         tuple(shown.slates),
                         lambda: self._hold(shown.ring, shown.slot))

    def _hold(self, ring: int, slot: int) -> Callable[[], None]:
        with self._lock:
            if self._slots is not None and self._slots.ring.number == ring:
                others = sum(1 for other, users in self._held.items() if other != slot and users)
                if slot not in self._held or others >= MOST_HELD:
                    raise FrameHeldTooLong("Release a frame that is held before another is, and hold it before the callback returns")
                self._held[slot] += 1
        once = threading.Lock()

        def release() -> None:
            if once.acquire(blocking=False):
                self._let_go(ring, slot)

        return release

    def _let_go(self, ring: int, slot: int) -> None:
        with self._lock:
            if self._slots is None or self._slots.ring.number != ring:
                return  # that memory stays valid and is nobody's to write
            self._held[slot] -= 1
            if not self._held[slot]:
                del self._held[slot]
                self._link.post(Release(ring=ring, slot=slot))

    def _tell_kept(self, kept: Kept) -> None:
        for listener in list(self._kept):
            try:
                listener(kept)
            except Exception:
                _log.exception("a receiver of what is kept")

    def _tell(self, text: str, about: str) -> None:
        for listener in list(self._troubles):
            try:
                listener(text, about)
            except Exception:
                _log.exception("a receiver of troubles")
