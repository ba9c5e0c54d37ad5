"""The pictures beside a cut while it is trimmed.

Owns: which panes are shown now and the newest pictures of them. Refuses: which frames those are (`editor_core.tools.panes`), drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.desktop.bridge.ports import RenderPort
from app.desktop.bridge.post import Post
from editor_core.tools.panes import Pane


class TrimMonitor(QObject):
    """`show(panes)` during a trim, `end()` after it. `pictures` are those of the panes as far as they have come, in their order; while new
    ones are on their way the last are kept, so that nothing flickers. `changed` for both. `limit` says what stopped the trim."""

    changed = Signal()

    def __init__(self, render: RenderPort, size: Callable[[], tuple[int, int]], post: Post, parent: QObject | None = None) -> None:
        """`size()` is that of the whole viewer's picture; a pane is half of it each way."""
        super().__init__(parent)
        self._render = render
        self._size = size
        self._post = post
        self.panes: tuple[Pane, ...] = ()
        self.pictures: tuple[QImage, ...] = ()
        self.limit = ""
        render.on_peek(self._take)

    def show(self, panes: Sequence[Pane], limit: str = "") -> None:
        """Shows these panes; none ends it."""
        made = tuple(panes)
        if (made, limit) == (self.panes, self.limit):
            return
        if made and [(pane.clip, pane.ticks) for pane in made] != [(pane.clip, pane.ticks) for pane in self.panes]:
            if len(made) != len(self.panes):
                self.pictures = ()
            width, height = self._size()
            self._render.peek([(pane.clip, pane.ticks) for pane in made], _half(width), _half(height))
        self.panes, self.limit = made, limit
        if not made:
            self.pictures = ()
        self.changed.emit()

    def end(self) -> None:
        """The trim is over."""
        self.show(())

    def _take(self, _request: int, count: int, width: int, height: int, pixels: memoryview) -> None:
        each = width * height * 4
        made = tuple(QImage(pixels[n * each:(n + 1) * each], width, height, width * 4, QImage.Format.Format_RGBX8888).copy()
                     for n in range(count))
        self._post(self._came, made)

    def _came(self, pictures: tuple[QImage, ...]) -> None:
        if self.panes and len(pictures) == len(self.panes):
            self.pictures = pictures
            self.changed.emit()


def _half(size: int) -> int:
    return max(16, round(size / 4) * 2)
