"""How large the words of titles are, as the renderer sets them.

Owns: asking for sizes once, keeping them. Refuses: laying out text, which only the renderer does.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.ports import RenderPort
from app.desktop.bridge.post import Post
from editor_core.schema import Clip

_KEPT = 500
_PATIENCE = 2.0
"""Seconds after which an answer is not waited for any more: the renderer may have been started again meanwhile."""
Key = tuple[object, ...]


class WordSizes(QObject):
    """`of(clip, frame width, frame height)` answers at once with what is known; `changed` says that it knows more."""

    changed = Signal()

    def __init__(self, render: RenderPort, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._render = render
        self._post = post
        self._known: OrderedDict[Key, tuple[float, float]] = OrderedDict()
        self._asked: dict[Key, tuple[int, float]] = {}
        render.on_measured(lambda request, sizes: self._post(self._take, request, sizes))

    def of(self, clip: Clip, width: int, height: int) -> tuple[float, float] | None:
        """Width and height in project pixels at scale 1 of a title's text block in a frame of that size; None until it is known."""
        key = _key(clip, width, height)
        found = self._known.get(key)
        if found is None and time.monotonic() - self._asked.get(key, (0, -1e9))[1] > _PATIENCE:
            self._asked[key] = (self._render.measure([clip], width, height), time.monotonic())
        return found

    def _take(self, request: int, sizes: Sequence[tuple[float, float]]) -> None:
        key = next((key for key, (number, _) in self._asked.items() if number == request), None)
        if key is None or not sizes:
            return
        del self._asked[key]
        self._known[key] = sizes[0]
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self.changed.emit()


def _key(clip: Clip, width: int, height: int) -> Key:
    """All that the size of a title depends on."""
    return clip.text, clip.font, clip.font_size, clip.font_weight, clip.italic, clip.align, clip.stroke_width, width, height
