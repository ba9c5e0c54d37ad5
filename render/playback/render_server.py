"""The render role: frames of one document, newest request first, the next ones ahead while playing.

Owns: the order of work, the cache of finished frames, writing them to shared memory. Refuses: how a frame is built and drawn
(`render.graph`, `render.draw`), and anything that outlives this process.

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
from render.confine import memory_limit_mib, out_of_memory, private_mib
from render.draw.evaluate import Evaluator, Problem
from render.graph.build import build
from render.graph.digest import digest
from render.graph.node import Frame
from render.graph.request import Request
from render.media.convert import Converter, to_rgb
from render.media.pool import PicturePool
from render.messages import Change, Load, Locate, NeedLoad, NotShown, Release, Ring, Show, Shown, Trouble
from render.picture import PLANE_FORMATS, PictureFormat, Planes
from render.playback.followed import FollowedDocument
from render.playback.frame_ring import Slots
from render.tasks.serve import in_words
from render.wire import Channel, SharedBlock, WireError

_log = logging.getLogger(__name__)

CACHE_BYTES = 256 << 20
"""Finished RGBA frames kept: 32 of 1920 × 1080, 128 of half that size each way."""
RELIEVE_AT = 0.7
"""Share of the memory limit above which open files and finished frames are given up."""
RELIEVE_EVERY = 0.5
"""Seconds between two looks at the memory."""
AHEAD_SHARE = 0.5
"""How much of the cache frames made ahead may take, so that those just shown stay for a step back."""


@dataclass(frozen=True, slots=True)
class _Picture:
    rgba: NDArray[np.uint8]
    milliseconds: float
    slates: list[str]


class _Mail:
    """What has come and is not dealt with: everything in order but requests, of which only the newest counts."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._orders: deque[Any] = deque()
        self._show: Show | None = None
        self._error: WireError | None = None

    def put(self, message: Any) -> None:
        with self._changed:
            if isinstance(message, Show):
                self._show = message
            else:
                self._orders.append(message)
            self._changed.notify()

    def end(self, error: WireError) -> None:
        with self._changed:
            self._error = error
            self._changed.notify()

    def orders(self, *, wait: bool, known: Show | None) -> list[Any]:
        """Orders that have come; with `wait`, returns only when there is something new. Raises WireError at the end."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._orders or self._error or self._show is not known)
            if self._error is not None:
                raise self._error
            taken = list(self._orders)
            self._orders.clear()
            return taken

    @property
    def show(self) -> Show | None:
        return self._show

    def done(self, show: Show) -> None:
        with self._changed:
            if self._show is show:
                self._show = None


class RenderServer:
    """Serves one client until it goes."""

    def __init__(self, channel: Channel[Any], block: SharedBlock) -> None:
        self._channel = channel
        self._block = block
        self._mail = _Mail()
        self._document = FollowedDocument()
        self._pictures = PicturePool(self._document.resolve)
        self._evaluator = Evaluator(self._pictures, on_problem=self._media_trouble)
        self._to_rgb = Converter(threads=2)
        self._cache: ByteBudget[bytes, _Picture] = ByteBudget(CACHE_BYTES)
        self._moves = 0
        self._slots: Slots | None = None
        self._free: list[int] = []
        self._ahead: deque[Show] = deque()
        self._told: dict[str, float] = {}
        self._memory_limit = memory_limit_mib()
        self._relieved_at = 0.0

    def run(self) -> None:
        """Raises WireClosed when the client goes, WireError when it sends what is no message."""
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        waiting: Show | None = None
        while True:
            idle = not self._ahead or waiting is not None
            for order in self._mail.orders(wait=idle, known=waiting):
                self._take(order)
            show = self._mail.show
            if show is not None and self._can_show(show):
                self._mail.done(show)
                self._show(show)
                waiting = None
            elif self._ahead and show is None:
                self._make_ahead()
                waiting = None
            else:
                waiting = show

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

    def _forget_files(self) -> None:
        """Files came to lie elsewhere: what was drawn without them is out of date."""
        self._moves = self._document.moves
        self._pictures.close()
        self._cache.clear()
        self._told.clear()

    def _can_show(self, show: Show) -> bool:
        return bool(self._document.revision >= show.revision and self._free and self._slots is not None)

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
        picture, cached = self._picture(node, name)
        return self._write(show, picture, cached, name, planes)

    def _node(self, show: Show, ticks: int) -> Frame:
        layout = PLANE_FORMATS.get(show.planes)
        if layout is None:
            raise WireError(f"there is no plane format {show.planes!r}")
        snapshot = self._document.snapshot
        assert snapshot is not None
        return build(snapshot, ticks, Request(show.width, show.height, PictureFormat(layout, show.matrix)))

    def _picture(self, node: Frame, name: bytes) -> tuple[_Picture, bool]:
        kept = self._cache.get(name)
        if kept is not None:
            return kept, True
        begun = time.perf_counter()
        rgba = to_rgb(self._evaluator.evaluate(node), self._to_rgb)
        slates = [problem.message for problem in self._evaluator.problems]
        made = _Picture(rgba, (time.perf_counter() - begun) * 1000, slates)
        if not slates:
            self._cache.put(name, made, rgba.nbytes)
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
        room = int(CACHE_BYTES * AHEAD_SHARE) // (show.width * show.height * 4)
        self._ahead = deque(replace_ticks(show, ticks) for ticks in ticks_ahead(show, room))

    def _make_ahead(self) -> None:
        show = self._ahead.popleft()
        try:
            node = self._node(show, show.ticks)
            name = digest(node)
            if self._cache.get(name) is None:
                self._picture(node, name)
        except Exception as error:
            self._give_way(error)
            self._ahead.clear()

    def _give_way(self, error: BaseException) -> None:
        """After a failure: memory goes back, so that the next frame has a chance."""
        _log.warning("a frame failed: %s", error, exc_info=error)
        if out_of_memory(error):
            self._cache.clear()
            self._pictures.close()

    def _relieve(self) -> None:
        """Closes files and drops frames in good time before memory runs out: large films keep hundreds of MiB for each file."""
        now = time.monotonic()
        if now - self._relieved_at < RELIEVE_EVERY or not self._memory_limit:
            return
        self._relieved_at = now
        if private_mib() > RELIEVE_AT * self._memory_limit:
            _log.info("giving memory back")
            self._cache.clear()
            self._pictures.close()

    def _media_trouble(self, problem: Problem) -> None:
        """A slate stands for an asset; it is told once in ten seconds."""
        now = time.monotonic()
        if now - self._told.get(problem.asset, -1e9) > 10:
            self._told[problem.asset] = now
            self._channel.send(Trouble(text=problem.message, about=problem.asset))


def ticks_ahead(show: Show, most: int) -> list[int]:
    """The times of the frames that will be asked for after this one, at most `most`, none before 0."""
    if not show.step:
        return []
    start, length = show.loop_start, show.loop_end - show.loop_start
    times = [show.ticks + n * show.step for n in range(1, 1 + min(show.ahead, most))]
    if length > 0:
        return [start + (ticks - start) % length for ticks in times]
    return [ticks for ticks in times if ticks >= 0]


def replace_ticks(show: Show, ticks: int) -> Show:
    """The same request for another time."""
    return Show(request=show.request, revision=show.revision, ticks=ticks, width=show.width, height=show.height,
                planes=show.planes, matrix=show.matrix)


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
