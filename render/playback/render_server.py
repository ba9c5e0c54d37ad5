"""The render role: frames of one document, newest request first, the next ones ahead while playing.

Owns: the order of work, the cache of finished frames, writing them to shared memory. Refuses: how a frame is built and drawn
(`render.graph`, `render.draw`), which request counts (`mail`) and what it will be followed by (`wishes`), and anything that outlives
this process.

The reading thread only files messages; the main thread decides and draws, so that a frame is never drawn from a document
that changes under it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import blake3
import numpy as np
from numpy.typing import NDArray

from render.cache.budget import ByteBudget
from render.cache.shown import ShownFrames
from render.confine import available_mib, machine_mib, memory_limit_mib, out_of_memory, private_mib
from render.draw.evaluate import Evaluator, Problem
from render.graph.build import build, generated
from render.graph.digest import digest
from render.graph.node import Frame
from render.graph.request import Request
from render.media.convert import Converter, to_rgb
from render.media.pool import PicturePool
from render.messages import (
    Change,
    Kept,
    Load,
    Locate,
    Measure,
    Measured,
    NeedLoad,
    NotShown,
    Peek,
    Peeked,
    Prepare,
    Release,
    Ring,
    Show,
    Shown,
    Trouble,
)
from render.picture import PLANE_FORMATS, PictureFormat, Planes
from render.playback import peek
from render.playback.followed import FollowedDocument
from render.playback.frame_ring import Slots
from render.playback.mail import Mail
from render.playback.wishes import Shape, replace_ticks, shape_of, ticks_ahead
from render.tasks.serve import in_words
from render.wire import Channel, SharedBlock, WireError

_log = logging.getLogger(__name__)

LEAST_CACHE, MOST_CACHE = 256 << 20, 1024 << 20
"""Finished RGBA frames kept, a 16th of the machine's memory within these: 128 to 512 of 960 × 540."""
PEEK_BYTES = 32 << 20
"""Pictures of trims kept."""
TELL_EVERY = 0.2
"""Seconds between two messages about what is kept."""
RELIEVE_AT = 0.7
"""Share of the memory limit above which open files and finished frames are given up."""
SCARCE = 12
"""Below this part of the machine's memory being free, more than the least number of finished frames is given up."""
RELIEVE_EVERY = 0.5
"""Seconds between two looks at the memory."""
AHEAD_SHARE = 0.5
"""How much of the cache frames made ahead may take, so that those just shown stay for a step back."""


@dataclass(frozen=True, slots=True)
class _Picture:
    rgba: NDArray[np.uint8]
    milliseconds: float
    slates: list[str]


class RenderServer:
    """Serves one client until it goes."""

    def __init__(self, channel: Channel[Any], block: SharedBlock) -> None:
        self._channel = channel
        self._block = block
        self._mail = Mail()
        self._document = FollowedDocument()
        self._pictures = PicturePool(self._document.resolve)
        self._evaluator = Evaluator(self._pictures, on_problem=self._media_trouble)
        self._to_rgb = Converter(threads=2)
        self._cache: ShownFrames[_Picture] = ShownFrames(cache_bytes(machine_mib()))
        self._peeks: ByteBudget[bytes, NDArray[np.uint8]] = ByteBudget(PEEK_BYTES)
        self._shapes: dict[bool, Shape] = {}
        self._told_at = 0.0
        self._moves = 0
        self._slots: Slots | None = None
        self._free: list[int] = []
        self._ahead: deque[Show] = deque()
        self._prepare: deque[int] = deque()
        self._told: dict[str, float] = {}
        self._memory_limit = memory_limit_mib()
        self._relieved_at = 0.0

    def run(self) -> None:
        """Raises WireClosed when the client goes, WireError when it sends what is no message."""
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        waiting: Show | Peek | None = None
        while True:
            for order in self._mail.orders(wait=self._patience(waiting is not None), known=waiting):
                self._take(order)
            wanted = self._mail.wanted
            if wanted is not None and self._can_show(wanted):
                self._mail.done(wanted)
                if isinstance(wanted, Show):
                    self._show(wanted)
                else:
                    self._peek(wanted)
                waiting = None
            elif self._ahead and wanted is None:
                self._make_ahead()
                waiting = None
            else:
                waiting = wanted
                if self._cache.doubtful:
                    self._cache.settle(self._name_of)
                elif self._prepare:
                    self._prepare_one()
            self._tell_kept()

    def _patience(self, stuck: bool) -> float | None:
        """How many seconds there is nothing to do but to wait for mail; None for ever. `stuck`: a request cannot be served yet."""
        if self._cache.doubtful or self._prepare or (self._ahead and not stuck):
            return 0.0
        return max(0.01, self._told_at + TELL_EVERY - time.monotonic()) if self._cache.changed else None

    def _tell_kept(self) -> None:
        """Says what is kept, now and then, and never while some of it is in doubt."""
        now = time.monotonic()
        snapshot = self._document.snapshot
        if not self._cache.changed or self._cache.doubtful or snapshot is None or now - self._told_at < TELL_EVERY:
            return
        self._told_at, self._cache.changed = now, False
        ready, stale = self._cache.runs(snapshot.timeline.rate.ticks_per_frame)
        self._channel.send(Kept(revision=self._document.revision, ready=tuple(ready), stale=tuple(stale), nbytes=self._cache.bytes_kept,
                                budget=self._cache.budget))

    def _read(self) -> None:
        try:
            while True:
                self._mail.put(self._channel.receive())
        except WireError as error:
            self._mail.end(error)
            threading.Event().wait(3)
            os._exit(0)  # the main thread is stuck in a decoder; nobody is left to wait for it

    def _take(self, order: Any) -> None:
        if isinstance(order, Ring):
            self._block.remap()
            self._slots = Slots(self._block, order)
            self._free = [slot for slot in range(order.slots) if slot not in order.held]
        elif isinstance(order, Release):
            if self._slots is not None and order.ring == self._slots.ring.number and order.slot not in self._free:
                self._free.append(order.slot)
        elif isinstance(order, (Load, Change, Locate)):
            if not self._document.take(order):
                self._channel.send(NeedLoad(revision=self._document.revision))
            if self._document.moves != self._moves:
                self._forget_files()
            self._ahead.clear()
            self._prepare.clear()
            self._cache.doubt()
        elif isinstance(order, Prepare):
            self._plan_to_prepare(order)
        elif isinstance(order, Measure):
            self._measure(order)

    def _measure(self, order: Measure) -> None:
        try:
            sizes = tuple(self._evaluator.size_of(generated(clip, order.width, order.height)) for clip in order.clips)
        except Exception as error:
            self._give_way(error)
            return
        self._channel.send(Measured(request=order.request, sizes=sizes))

    def _forget_files(self) -> None:
        """Files came to lie elsewhere: what was drawn without them is out of date."""
        self._moves = self._document.moves
        self._pictures.close()
        self._cache.clear()
        self._peeks.clear()
        self._told.clear()

    def _can_show(self, wanted: Show | Peek) -> bool:
        revision = wanted.revision if isinstance(wanted, Show) else 0
        return bool(self._document.revision >= revision and self._free and self._slots is not None)

    def _peek(self, wanted: Peek) -> None:
        """Small pictures of clips, best effort: what cannot be made is left out, and a newer request is on its way."""
        assert self._slots is not None and self._document.snapshot is not None
        row = wanted.width * wanted.height * 4
        if row * len(wanted.panes) > self._slots.ring.slot_bytes:
            return
        try:
            request = Request(wanted.width, wanted.height, PictureFormat())
            pictures = [self._peeked(node) for node in peek.nodes(self._document.snapshot, wanted.panes, request)]
        except Exception as error:
            self._give_way(error)
            return
        slot = self._free.pop(0)
        self._slots.begin(slot)
        for number, rgba in enumerate(pictures):
            target = np.frombuffer(self._slots.pixels(slot, row * len(pictures)), np.uint8)[number * row:(number + 1) * row]
            np.copyto(target.reshape(rgba.shape), rgba)
        self._channel.send(Peeked(request=wanted.request, count=len(pictures), width=wanted.width, height=wanted.height,
                                  ring=self._slots.ring.number, slot=slot, sequence=self._slots.finish(slot)))

    def _peeked(self, node: Frame) -> NDArray[np.uint8]:
        """A pane's picture: while one edge is dragged, the other side of the cut stays as it is."""
        name = digest(node)
        found = self._peeks.get(name)
        if found is None:
            found = to_rgb(self._evaluator.evaluate(node), self._to_rgb)
            if not self._evaluator.problems:
                self._peeks.put(name, found, found.nbytes)
        return found

    def _show(self, show: Show) -> None:
        try:
            try:
                shown = self._made(show)
            except Exception as error:
                if not out_of_memory(error):
                    raise
                self._give_way(error)
                shown = self._made(show)
        except Exception as error:
            self._give_way(error)
            self._channel.send(NotShown(request=show.request, text=in_words(error, "This frame")[:2000]))
            return
        self._channel.send(shown)
        self._plan_ahead(show)
        self._relieve()

    def _made(self, show: Show) -> Shown:
        node = self._node(show, show.ticks)
        name = digest(node)
        planes = self._planes_digest(node) if show.hashed else b""
        self._look_at(show)
        picture, cached = self._picture(node, name, shape_of(show), show.ticks)
        return self._write(show, picture, cached, name, planes)

    def _node(self, show: Show, ticks: int) -> Frame:
        return self._node_of(shape_of(show), ticks)

    def _node_of(self, shape: Shape, ticks: int) -> Frame:
        width, height, planes, matrix = shape
        layout = PLANE_FORMATS.get(planes)
        if layout is None:
            raise WireError(f"there is no plane format {planes!r}")
        snapshot = self._document.snapshot
        assert snapshot is not None
        return build(snapshot, ticks, Request(width, height, PictureFormat(layout, matrix)))  # type: ignore[arg-type]

    def _name_of(self, shape: Any, ticks: int) -> bytes:
        return digest(self._node_of(shape, ticks))

    def _look_at(self, show: Show) -> None:
        """Takes over where playing is, and which sizes count: the one of standing still and, once it played, that of playing."""
        self._cache.aim(show.ticks, show.step, (show.loop_start, show.loop_end))
        shape, playing = shape_of(show), show.step != 0
        if self._shapes.get(playing) == shape:
            return
        if not playing:
            self._shapes.clear()
        self._shapes[playing] = shape
        self._cache.look_at(set(self._shapes.values()))

    def _picture(self, node: Frame, name: bytes, shape: Shape, ticks: int) -> tuple[_Picture, bool]:
        kept = self._cache.get(name, shape, ticks)
        if kept is not None:
            return kept, True
        begun = time.perf_counter()
        rgba = to_rgb(self._evaluator.evaluate(node), self._to_rgb)
        slates = [problem.message for problem in self._evaluator.problems]
        made = _Picture(rgba, (time.perf_counter() - begun) * 1000, slates)
        if not slates:
            self._cache.put(name, made, rgba.nbytes, shape, ticks)
        return made, False

    def _planes_digest(self, node: Frame) -> bytes:
        return planes_digest(self._evaluator.evaluate(node))

    def _write(self, show: Show, picture: _Picture, cached: bool, name: bytes, planes: bytes) -> Shown:
        assert self._slots is not None
        slot = self._free.pop(0)
        self._slots.begin(slot)
        target = np.frombuffer(self._slots.pixels(slot, picture.rgba.nbytes), np.uint8)
        np.copyto(target.reshape(picture.rgba.shape), picture.rgba)
        return Shown(request=show.request, revision=self._document.revision, ticks=show.ticks, width=show.width, height=show.height,
                     ring=self._slots.ring.number, slot=slot, sequence=self._slots.finish(slot),
                     milliseconds=picture.milliseconds, cached=cached, digest=name, planes=planes, slates=picture.slates)

    def _plan_ahead(self, show: Show) -> None:
        room = int(self._cache.budget * AHEAD_SHARE) // (show.width * show.height * 4)
        self._ahead = deque(replace_ticks(show, ticks) for ticks in ticks_ahead(show, room))

    def _make_ahead(self) -> None:
        show = self._ahead.popleft()
        try:
            node = self._node(show, show.ticks)
            name = digest(node)
            self._picture(node, name, shape_of(show), show.ticks)
        except Exception as error:
            self._give_way(error)
            self._ahead.clear()

    def _plan_to_prepare(self, order: Prepare) -> None:
        snapshot = self._document.snapshot
        if snapshot is not None:
            frame = snapshot.timeline.rate.ticks_per_frame
            self._prepare = deque(range(order.start // frame * frame, min(order.end, snapshot.end()), frame))

    def _prepare_one(self) -> None:
        """One frame of what was asked to be ready; ends when memory is full, because more would push out what was just made."""
        ticks = self._prepare.popleft()
        shape = self._shapes.get(True) or self._shapes.get(False)
        if shape is None or self._cache.bytes_kept + shape[0] * shape[1] * 4 > self._cache.budget:
            self._prepare.clear()
            return
        try:
            node = self._node_of(shape, ticks)
            self._picture(node, digest(node), shape, ticks)
        except Exception as error:
            self._give_way(error)
            self._prepare.clear()
        self._relieve()

    def _give_way(self, error: BaseException) -> None:
        """After a failure: memory goes back, so that the next frame has a chance."""
        _log.warning("a frame failed: %s", error, exc_info=error)
        if out_of_memory(error):
            self._cache.clear()
            self._pictures.close()

    def _relieve(self) -> None:
        """Closes files and drops frames in good time before memory runs out: large films keep hundreds of MiB for each file."""
        now = time.monotonic()
        if now - self._relieved_at < RELIEVE_EVERY:
            return
        self._relieved_at = now
        if self._cache.bytes_kept > LEAST_CACHE and 0 < available_mib() < machine_mib() // SCARCE:
            _log.info("the machine's memory is short: finished frames are given up")
            self._cache.clear()
            self._prepare.clear()
        if self._memory_limit and private_mib() > RELIEVE_AT * self._memory_limit:
            _log.info("giving memory back")
            self._cache.clear()
            self._pictures.close()

    def _media_trouble(self, problem: Problem) -> None:
        """A slate stands for an asset; it is told once in ten seconds."""
        now = time.monotonic()
        if now - self._told.get(problem.asset, -1e9) > 10:
            self._told[problem.asset] = now
            self._channel.send(Trouble(text=problem.message, about=problem.asset))


def cache_bytes(machine: int) -> int:
    """Bytes for finished frames on a machine with `machine` MiB of memory."""
    return min(max((machine << 20) // 16, LEAST_CACHE), MOST_CACHE)


def planes_digest(planes: Planes) -> bytes:
    """BLAKE3 over the samples of Y, Cb, Cr and alpha, row by row without padding: what two equal pictures share."""
    made = blake3.blake3()
    for plane in (planes.y, planes.u, planes.v, planes.alpha):
        if plane is not None:
            made.update(np.ascontiguousarray(plane).data)
    return bytes(made.digest())


def serve(channel: Channel[Any], shared: list[int]) -> None:
    """The role's entry: `shared` has the descriptor of the block for frames."""
    RenderServer(channel, SharedBlock.inherited(shared[0])).run()
