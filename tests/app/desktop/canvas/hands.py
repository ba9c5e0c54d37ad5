"""A mouse and a keyboard on a timeline panel.

Owns: pressing, dragging and releasing at times and tracks, by real Qt events. Refuses: knowing what should come of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop.canvas.lane_layer import clip_box
from app.desktop.canvas.timeline import TimelinePanel, build_timeline
from editor_core.schema import Clip, Record
from tests.app.desktop.canvas.benches import FRAME, Noting, S, film, make_bench, media, shot, track

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


def cut_film() -> list[Record]:
    """V1: a 0-5, b 5-10, gap, c 15-20 (linked to sa, sb, sc on A1); V2: d 2-6 without sound; A2: e 3-9. 60 s of media each."""
    return film(
        media("m1", "One.mp4"), media("m2", "Two.mp4"), media("m3", "Hum.wav", picture=False),
        track("v2", "video", "b1"), track("a2", "audio", "b1"),
        shot("a", 0, 5, link="la"), shot("b", 5, 5, asset="m2", source=20, link="lb"), shot("c", 15, 5, source=30, link="lc"),
        shot("sa", 0, 5, track="k3", kind="audio", link="la"), shot("sb", 5, 5, asset="m2", source=20, track="k3", kind="audio", link="lb"),
        shot("sc", 15, 5, source=30, track="k3", kind="audio", link="lc"),
        shot("d", 2, 4, asset="m2", track="v2"), shot("e", 3, 6, asset="m3", track="a2", kind="audio"))


class Hands:
    """`at(clip, part)` finds a place, `drag` does a whole drag with several moves. `ran` are the commands that ran."""

    def __init__(self, folder: Path, records: list[Record] | None = None) -> None:
        self.bench = make_bench(folder, records or cut_film())
        self.noting = Noting(self.bench.door)
        self.said: list[str] = []
        self.bench.signals.said.connect(self._hear)
        self.panel: TimelinePanel = build_timeline(self.bench)
        self.panel.resize(1000, 420)
        self.panel.show()
        self.panel.state.zoom_to(20.0, 0)
        self.panel.state.scroll_to(0)
        self.lanes = self.panel.lanes
        self.state = self.panel.state
        self._held: Any = Qt.MouseButton.NoButton
        QApplication.processEvents()

    def _hear(self, words: str, _kind: str) -> None:
        self.said.append(words)

    @property
    def ran(self) -> list[tuple[str, dict[str, Any]]]:
        return self.noting.ran

    @property
    def selected(self) -> set[str]:
        return set(self.bench.selection.clips)

    def clip(self, clip: str) -> Clip:
        return self.bench.snapshot.get(Clip, clip)

    def close(self) -> None:
        self.panel.close()
        self.panel.deleteLater()
        self.bench.source.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    # ---- places -------------------------------------------------------------------------------------------------

    def at(self, clip: str, part: str = "body") -> QPoint:
        """A lanes pixel on a part of a clip: head, tail, body (its middle), fade_in, fade_out."""
        record = self.clip(clip)
        row = self.state.rows.of(record.track)
        assert row is not None
        box = clip_box(self.state, row, record)
        y = box.top() + 8
        return {"head": QPoint(box.left() + 2, y), "tail": QPoint(box.right() - 2, y), "body": QPoint(box.center().x(), y)}[part]

    def time(self, seconds: float, track_id: str) -> QPoint:
        """A lanes pixel at a time on a track."""
        row = self.state.rows.of(track_id)
        assert row is not None
        return QPoint(self.state.scale.x(round(seconds * S)), row.top - self.state.scroll_y + row.height // 2)

    # ---- mouse --------------------------------------------------------------------------------------------------

    def press(self, spot: QPoint, keys: Any = NONE, on: QWidget | None = None, button: Any = LEFT) -> None:
        self._held = button
        self._send(QEvent.Type.MouseButtonPress, spot, keys, on, button)

    def move(self, spot: QPoint, keys: Any = NONE, on: QWidget | None = None) -> None:
        self._send(QEvent.Type.MouseMove, spot, keys, on, Qt.MouseButton.NoButton)

    def release(self, spot: QPoint, keys: Any = NONE, on: QWidget | None = None, button: Any = LEFT) -> None:
        self._held = Qt.MouseButton.NoButton
        self._send(QEvent.Type.MouseButtonRelease, spot, keys, on, button)

    def double(self, spot: QPoint, on: QWidget | None = None) -> None:
        self._held = LEFT
        self._send(QEvent.Type.MouseButtonDblClick, spot, NONE, on, LEFT)
        self.release(spot, on=on)

    def click(self, spot: QPoint, keys: Any = NONE, on: QWidget | None = None) -> None:
        self.move(spot, keys, on)
        self.press(spot, keys, on)
        self.release(spot, keys, on)

    def drag(self, start: QPoint, end: QPoint, keys: Any = NONE, on: QWidget | None = None, steps: int = 6) -> None:
        """Press, several moves, release; the document must not change before the release."""
        self.move(start, keys, on)
        self.press(start, keys, on)
        before = self.bench.document.revision
        for step in range(1, steps + 1):
            self.move(start + (end - start) * step / steps, keys, on)
        assert self.bench.document.revision == before
        self.release(end, keys, on)

    def by(self, spot: QPoint, seconds: float, dy: int = 0) -> QPoint:
        """A pixel further along by seconds."""
        return spot + QPoint(round(seconds * self.state.scale.pixels_per_second), dy)

    def wheel(self, spot: QPoint, steps: int, keys: Any = NONE, on: QWidget | None = None) -> None:
        target = on or self.lanes
        where = QPointF(spot)
        event = QWheelEvent(where, QPointF(target.mapToGlobal(spot)), QPoint(), QPoint(0, steps * 120), Qt.MouseButton.NoButton, keys,
                            Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(target, event)

    def key(self, key: Any, text: str = "", keys: Any = NONE, on: QWidget | None = None) -> None:
        QApplication.sendEvent(on or self.lanes, QKeyEvent(QEvent.Type.KeyPress, key, keys, text))

    def key_up(self, key: Any, keys: Any = NONE) -> None:
        QApplication.sendEvent(self.lanes, QKeyEvent(QEvent.Type.KeyRelease, key, keys))

    def _send(self, kind: Any, spot: QPoint, keys: Any, on: QWidget | None, button: Any) -> None:
        target = on or self.lanes
        where = QPointF(spot)
        QApplication.sendEvent(target, QMouseEvent(kind, where, QPointF(target.mapToGlobal(spot)), button, self._held, keys))


__all__ = ["ALT", "CTRL", "FRAME", "NONE", "SHIFT", "Hands", "S", "cut_film"]
