"""What lies under the pointer on the lanes, in the words of tools.

Owns: hits, levels, snapping times and the stage, worked out of what the window shows. Refuses: events and gestures (see `pointer`).
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect

from app.desktop.canvas.hit import Hit, hit
from app.desktop.canvas.lane_layer import clip_box
from app.desktop.canvas.lanes import Lanes
from app.desktop.canvas.levels import gain_at, opacity_at
from app.desktop.canvas.metrics import SNAP_RADIUS
from editor_core.schema import Clip
from editor_core.timeline.snapping import Magnet
from editor_core.tools.tool import Hit as ToolHit
from editor_core.tools.tool import Modifiers, Stage
from editor_core.tools.tool import Pointer as ToolPointer

_TRIM_TOOLS = ("ripple", "roll")


class Sight:
    """Looks at one lanes widget. Spots are its pixels."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.state = lanes.state
        self.bench = lanes.bench
        self._magnet: tuple[object, Magnet] | None = None

    def stage(self) -> Stage:
        """What a tool sees of the window."""
        transport = self.bench.transport
        return Stage(
            view=self.state.snapshot, preview=self.bench.door.preview, tolerance=self.state.scale.span(SNAP_RADIUS),
            tracks=tuple(row.track.id for row in self.state.rows), selection=self.bench.selection.clips, playhead=transport.ticks,
            marks=self._marks(), snapping=self.bench.tools.snapping, linked=self.bench.tools.linked)

    def _marks(self) -> tuple[int, ...]:
        transport = self.bench.transport
        return tuple(t for t in (transport.mark_in, transport.mark_out) if t is not None)

    def hit_at(self, spot: QPointF) -> Hit:
        """What lies under a spot."""
        return hit(self.state, spot.x(), spot.y(), self.bench.selection.clips, wide=self.bench.tools.tool in _TRIM_TOOLS,
                   lines=self.lanes.lines)

    def event_at(self, spot: QPointF, modifiers: Modifiers, pressed: Clip | None, *, held: bool) -> ToolPointer:
        """A tool's pointer for a spot; `pressed` is the clip that the press was on, `held` whether it rested long."""
        found = self.hit_at(spot)
        row = found.row or self.state.row_at(spot.y())
        content = spot.y() + self.state.scroll_y
        zone = row.track.kind if row is not None else ("audio" if content > self.state.rows.height / 2 else "video")
        record = found.transition.id if found.transition is not None else found.clip.id if found.clip is not None else ""
        return ToolPointer(
            ticks=round((spot.x() + self.state.scale.scroll) / self.state.scale.per_tick), track=row.track.id if row else "",
            hit=ToolHit(kind=found.part, id=record), zone=zone, modifiers=modifiers, x=spot.x(), y=spot.y(),
            level=self._level(pressed or found.clip, content), held=held)

    def _level(self, clip: Clip | None, content_y: float) -> float:
        """The gain or opacity that a height means in a clip."""
        row = self.state.rows.of(clip.track) if clip is not None else None
        if clip is None or row is None:
            return 0.0
        bar = self.state.m.name_bar
        top, height = row.clip_top + bar, max(2, row.clip_height - bar - 1)
        return gain_at(content_y, top, height) if clip.is_sound else opacity_at(content_y, top, height)

    def snap_time(self, ticks: int) -> tuple[int, bool]:
        """The nearest time that catches, and whether it is within 8 px."""
        key = self.state.snapshot, self._marks()
        if self._magnet is None or self._magnet[0] != key:
            self._magnet = key, Magnet(self.state.snapshot, (), None, self._marks())
        caught = self._magnet[1].pull((ticks,), self.state.scale.span(SNAP_RADIUS))
        return (caught.point.ticks, True) if caught is not None else (ticks, False)

    def drifted(self, spot: QPointF) -> tuple[Clip, QRect] | None:
        """The clip whose badge of being out of step lies under a spot, and where the badge is."""
        clip = self.state.clip_at(spot.x(), spot.y()) if self.bench.tools.tool == "select" else None
        row = self.state.rows.of(clip.track) if clip is not None else None
        if clip is None or row is None or not clip.link:
            return None
        box = self.lanes.drift_box(clip, clip_box(self.state, row, clip))
        return (clip, box) if box.contains(spot.toPoint()) else None
