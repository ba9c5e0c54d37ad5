"""One open picture stream, read frame by frame and by time.

Owns: decoding forward without seeking, frame-exact seeking, stepping over broken packets, the few frames kept for small
steps back. Refuses: choosing which reader to keep, scaling, and any use from two threads.

A seek collects packets from the keyframe up to the wanted time first, so that the wanted frame's own stamp is known
before anything is decoded; then frames before it that nothing refers to are left out of decoding. Nothing is assumed of
frame rates. Where a decoder does not give what the packets promised (fields, hidden frames), the group is decoded whole.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import msgspec

from editor_core.schema import VideoStream
from editor_core.timing import seconds
from render.media.clock import FrameClock
from render.media.errors import LIBAV_ERRORS, MediaUnreadable, NoPicture, name_of
from render.media.packets import INTRA, PacketReader, stamp_of

log = logging.getLogger(__name__)

_BACK_SECONDS = (0, 2, 8, 32, 128, 1 << 20)
"""How much further back a seek begins when the frames in between could not be decoded from the nearest keyframe."""
_NEAR_SECONDS = 0.7
"""A keyframe that is no further ahead is reached by decoding on; a seek would decode about as much."""
_FORWARD_SECONDS = 3.0
"""Where no index tells where keyframes are, longer ways forward are made by seeking."""
_NEVER_SKIP = {"vp8", "gif", "apng", "webp", "theora"} | INTRA
_KEPT_FORWARD, _KEPT_BACKWARD = 4, 64
"""Frames kept while playing forward, and at most while stepping back."""
_TRIES_AT_START = 400


class Threads(msgspec.Struct, frozen=True):
    """How a decoder spreads its work: `count` threads (0 is one a core), `kind` is `auto`, `frame`, `slice` or `none`."""

    count: int = 0
    kind: str = "auto"


AUTOMATIC = Threads()


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded frame and its media time in ticks."""

    ticks: int
    frame: Any


class PictureReader:
    """Frames of one file's picture by media time. Close it; it holds a file and a decoder."""

    def __init__(self, path: Path, stream: VideoStream, *, threads: Threads = AUTOMATIC, keep_bytes: int = 48 << 20) -> None:
        """`keep_bytes` bounds the frames kept for steps back. Raises MediaError where the file cannot be read."""
        self._path = path
        self._keep_bytes = keep_bytes
        self._packets = PacketReader(path, stream.index)
        self.broken = 0
        """Packets that could not be decoded so far."""
        self._out: deque[Any] = deque()
        self._recent: deque[Shown] = deque(maxlen=_KEPT_FORWARD)
        self._skip_until: int | None = None
        self._may_skip = stream.codec not in _NEVER_SKIP and self._packets.shows
        self._ended = False
        self._asked = -1
        self._next_stamp = 0
        try:
            codec = self._packets.codec
            codec.thread_count = threads.count
            codec.thread_type = threads.kind.upper() if self._packets.shows else "SLICE"
            self._clock = self._first_frame(stream)
        except BaseException:
            self.close()
            raise

    def _first_frame(self, stream: VideoStream) -> FrameClock:
        """Decode the first frame, whose stamp is what all times are counted from."""
        for _ in range(_TRIES_AT_START):
            if self._out or not self._pump():
                break
        if not self._out:
            raise NoPicture(f"{name_of(self._path)} has no picture that can be decoded; it is damaged or was cut off.")
        first = self._stamp_of(self._out[0])
        self._next_stamp = first
        return FrameClock.of(stream, first, Fraction(self._packets.stream.time_base))

    def at(self, ticks: int) -> Shown:
        """The last frame whose time is ≤ `ticks`, clamped to the first and the last frame. Raises MediaUnreadable."""
        ticks = max(ticks, self._clock.start)
        backward = ticks < self._asked
        self._asked = ticks
        known = self._among_recent(ticks)
        if known is not None:
            return known
        if backward:
            self._keep_more()
        if self._should_seek(ticks):
            return self._sought(ticks, whole_group=backward)
        return self._forward(ticks)

    def around(self, ticks: int) -> tuple[Shown | None, Shown, Shown | None]:
        """What `at` gives with the frames right before and after it, None where the film has none. Raises MediaUnreadable."""
        ticks = max(ticks, self._clock.start)
        if not self._known_with_the_one_before(ticks):
            self.at(max(self._clock.start, ticks - self._clock.step))
        shown = self.at(ticks)
        before = next((one for one in reversed(self._recent) if one.ticks < shown.ticks), None)
        if before is None and shown.ticks > self._clock.start:  # an uneven frame: further back than one step
            before = self.at(shown.ticks - 1)
            before = before if before.ticks < shown.ticks else None
            shown = self.at(ticks)
        after = next((one for one in self._recent if one.ticks > shown.ticks), None)
        if after is None and self._recent[-1] is shown:
            after = self.following()
        return before, shown, after

    def _known_with_the_one_before(self, ticks: int) -> bool:
        known = self._among_recent(ticks)
        return known is not None and (self._recent[0].ticks < known.ticks or known.ticks <= self._clock.start)

    def following(self) -> Shown | None:
        """The next frame in order, or None at the end of the film."""
        while not self._out:
            if not self._pump():
                return None
        frame = self._out.popleft()
        shown = Shown(self._clock.ticks(self._stamp_of(frame)), frame)
        self._recent.append(shown)
        return shown

    def only_keyframes(self) -> None:
        """From now on `following` gives keyframes alone, which cost a fraction of decoding everything."""
        self._packets.codec.skip_frame = "NONKEY"

    def close(self) -> None:
        """Give the file and the decoder back."""
        self._recent.clear()
        self._out.clear()
        self._packets.close()

    @property
    def kept_bytes(self) -> int:
        """About how much memory the frames kept for steps back take."""
        return len(self._recent) * self.frame_bytes

    def trim(self) -> None:
        """Keep only as many frames as playing forward needs."""
        if self._recent.maxlen != _KEPT_FORWARD:
            self._recent = deque(self._recent, maxlen=_KEPT_FORWARD)

    @property
    def frame_bytes(self) -> int:
        """How much memory one decoded frame takes, 0 before the first."""
        frame = self._recent[-1].frame if self._recent else self._out[0] if self._out else None
        return 0 if frame is None else sum(plane.buffer_size for plane in frame.planes)

    def _among_recent(self, ticks: int) -> Shown | None:
        recent = self._recent
        if not recent or ticks < recent[0].ticks:
            return None
        last = recent[-1]
        if ticks >= last.ticks:
            return last if ticks < last.ticks + self._clock.step // 2 or (self._ended and not self._out) else None
        for index in range(len(recent) - 2, -1, -1):
            if recent[index].ticks <= ticks:
                return recent[index]
        return None

    def _forward(self, ticks: int) -> Shown:
        """Decode on until the frame after `ticks` is known or the film ends."""
        while True:
            known = self._among_recent(ticks)
            if known is not None:
                return known
            if self._recent and ticks < self._recent[0].ticks:
                return self._recent[0]
            if self.following() is None:
                break
        if not self._recent:
            raise MediaUnreadable(f"{name_of(self._path)} has nothing that can be decoded around {seconds(ticks):.3f} s.")
        return self._recent[-1]

    def _should_seek(self, ticks: int) -> bool:
        if self._recent and ticks < self._recent[0].ticks:
            return True
        if self._ended or not self._packets.timed:
            return not self._recent
        stamp = self._clock.last_stamp(ticks)
        if self._packets.keyframe_between(stamp, self._clock.units(_NEAR_SECONDS)):
            return True
        reach = max(self._clock.units(_FORWARD_SECONDS), 2 * self._packets.group)
        return stamp - self._packets.newest > reach

    def _sought(self, ticks: int, *, whole_group: bool) -> Shown:
        """The frame at `ticks`, by seeking."""
        stamp = self._clock.last_stamp(ticks)
        if self._may_skip and not whole_group:
            found = self._sought_skipping(stamp)
            if found is not None:
                return found
        for back in _BACK_SECONDS:
            run = self._packets.position(stamp, self._clock.units(back))
            self._begin_again()
            while not self._recent and self.following() is not None:
                pass
            if run.at_start or (self._recent and self._recent[0].ticks <= ticks):
                break
        return self._forward(ticks)

    def _sought_skipping(self, stamp: int) -> Shown | None:
        """The frame that shows at `stamp`, leaving out what nothing refers to; None where that did not come out."""
        run = self._packets.position(stamp)
        shown = [time for packet in run.packets if not packet.is_discard and (time := stamp_of(packet)) is not None]
        wanted = max((time for time in shown if time <= stamp), default=None)
        if not run.complete or wanted is None:
            return None
        self._begin_again()
        self._skip_until = wanted
        found = None
        while found is None:
            if not self._out and not self._pump():
                break
            while self._out and found is None:
                time = self._stamp_of(self._out[0])
                if time > wanted:
                    break
                found = self.following() if time == wanted else None
                if found is None:
                    self._out.popleft()
            if self._out and found is None:
                break
        self._skip_until = None
        self._packets.codec.skip_frame = "DEFAULT"
        if found is None:
            log.info("%s: frames do not come out as its packets promise; decoding whole groups", self._path.name)
            self._may_skip = False
        return found

    def _begin_again(self) -> None:
        """Forget what was decoded: the packets now come from elsewhere."""
        self._out.clear()
        self._recent.clear()
        self._ended = False
        if not self._packets.timed:
            self._next_stamp = 0

    def _keep_more(self) -> None:
        """Someone steps backwards: keep as many frames as the budget allows."""
        fit = max(_KEPT_FORWARD, min(_KEPT_BACKWARD, self._keep_bytes // max(1, self.frame_bytes)))
        if self._recent.maxlen != fit:
            self._recent = deque(self._recent, maxlen=fit)

    def _pump(self) -> bool:
        """Feed the decoder one packet (or the end); False when nothing is left."""
        if self._ended:
            return False
        packet = self._packets.next()
        codec = self._packets.codec
        if self._skip_until is not None and packet is not None:
            time = stamp_of(packet)
            mode: Literal["NONREF", "DEFAULT"] = "NONREF" if time is not None and time < self._skip_until else "DEFAULT"
            if codec.skip_frame != mode:
                codec.skip_frame = mode
        try:
            self._out.extend(codec.decode(packet))
        except LIBAV_ERRORS as error:
            self.broken += 1
            if self.broken in (1, 10, 100, 1000):
                log.warning("%s: %d packets could not be decoded (%s)", self._path.name, self.broken, error)
        self._ended = packet is None
        return True

    def _stamp_of(self, frame: Any) -> int:
        """When a frame shows, in units of the stream; counted on where neither container nor decoder knows."""
        stamp = frame.pts if frame.pts is not None and self._packets.shows else frame.dts
        if stamp is None:
            stamp = self._next_stamp
        self._next_stamp = stamp + max(1, frame.duration or 1)
        return int(stamp)
