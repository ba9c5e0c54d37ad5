"""Whole pictures from interlaced frames.

Owns: deinterlacing by libav's `bwdif`, one picture for each frame, made from it and its two neighbours. Refuses: frames that are not
interlaced, which pass through; doubling the frame rate.

The picture of a frame depends on that frame and the ones right before and after it, and on nothing else: played, sought or exported,
it comes out the same.
"""

from __future__ import annotations

import logging
from typing import Any

from av.filter import Graph

from render.media.errors import LIBAV_ERRORS
from render.media.reader import PictureReader, Shown

log = logging.getLogger(__name__)

_FILTER, _OPTIONS = "bwdif", "mode=send_frame:parity=auto:deint=interlaced"
_KNOWN = ("yuv", "gray", "gbr")
"""Formats that the filter takes as they are; others are left interlaced."""


class WholeFrames:
    """Deinterlaced frames of one reader by media time; the same frame gives the same object until another is asked for."""

    def __init__(self, reader: PictureReader) -> None:
        self._reader = reader
        self._graph: Graph | None = None
        self._kind: tuple[Any, ...] = ()
        self._fed: tuple[Any, Any] = (None, None)
        """The last two frames that went into the graph."""
        self._last: Shown | None = None
        self._next: tuple[Shown | None, Shown | None] = (None, None)
        """The decoded frame that was shown last and the one after it."""

    def at(self, ticks: int) -> Shown:
        """The picture of the last frame whose time is ≤ `ticks`. Raises MediaUnreadable."""
        before, shown, after = self._reader.around(ticks)
        self._next = (shown, after)
        if self._last is not None and self._last.ticks == shown.ticks:
            return self._last
        return self._made(before, shown, after)

    def following(self) -> Shown | None:
        """The picture after the one that was given last, or None at the end of the film."""
        before, shown = self._next
        if shown is None:
            return None
        after = self._reader.following()
        self._next = (shown, after)
        return self._made(before, shown, after)

    def _made(self, before: Shown | None, shown: Shown, after: Shown | None) -> Shown:
        frame = shown.frame
        if not frame.interlaced_frame or not frame.format.name.startswith(_KNOWN):
            self._last = shown
            return shown
        try:
            whole = self._whole(*(one.frame if one is not None else None for one in (before, shown, after)))
        except LIBAV_ERRORS as error:
            log.warning("a frame could not be deinterlaced (%s)", error)
            self._graph = None
            whole = frame
        self._last = Shown(shown.ticks, whole)
        return self._last

    def _whole(self, before: Any, frame: Any, after: Any) -> Any:
        kind = (frame.width, frame.height, frame.format.name)
        going_on = self._graph is not None and kind == self._kind and self._fed == (before, frame) and before is not None
        if not going_on:
            self._begin(frame, kind)
            for one in (before, frame):
                if one is not None:
                    self._push(one)
        made = self._push(after) if after is not None else None
        if made is None:
            assert self._graph is not None
            self._graph.push(None)
            made = self._pull()
            self._graph = None
        return made if made is not None else frame

    def _begin(self, frame: Any, kind: tuple[Any, ...]) -> None:
        graph = Graph()
        size = f"video_size={frame.width}x{frame.height}"
        source = graph.add("buffer", f"{size}:pix_fmt={frame.format.name}:time_base=1/90000:pixel_aspect=1/1")
        made = graph.add(_FILTER, _OPTIONS)
        sink = graph.add("buffersink")
        source.link_to(made)
        made.link_to(sink)
        graph.configure()
        self._graph, self._kind, self._fed = graph, kind, (None, None)

    def _push(self, frame: Any) -> Any:
        assert self._graph is not None
        self._graph.push(frame)
        self._fed = (self._fed[1], frame)
        return self._pull()

    def _pull(self) -> Any:
        """The newest picture that is ready, or None."""
        made = None
        while True:
            try:
                made = self._graph.pull() if self._graph is not None else None
            except (BlockingIOError, EOFError):
                return made
