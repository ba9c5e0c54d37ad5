"""The pointer on the lanes: from Qt's events to tools and back.

Owns: what is under the pointer, the tool in hand, drag life cycle (right button, autoscroll; keys: see `drag_keys`), wheel, panning,
double clicks, taking over what a tool reacts with. Refuses: what tools do (`editor_core.tools`) and painting.
"""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QMouseEvent, QWheelEvent

from app.desktop.canvas.autoscroll import Autoscroll
from app.desktop.canvas.cursors import cursor
from app.desktop.canvas.drag_keys import DragKeys
from app.desktop.canvas.drops import Drops
from app.desktop.canvas.ghosts import overlay_of
from app.desktop.canvas.hit import Hit
from app.desktop.canvas.lanes import Lanes
from app.desktop.canvas.metrics import DRAG_DELAY_MS
from app.desktop.canvas.note import Note
from app.desktop.canvas.overlay import NOTHING
from app.desktop.canvas.resync import resync_menu
from app.desktop.canvas.sight import Sight
from app.desktop.canvas.wheel import turn
from editor_core.schema import Clip
from editor_core.tools.discovery import discover
from editor_core.tools.tool import Modifiers

_SPACE = "playback.toggle"
"""The action of the key that pans while it is held."""


class Pointer(QObject):
    """Drives the tool in hand with the events of the lanes. `busy` while a drag goes on."""

    pan_key = _SPACE

    def __init__(self, lanes: Lanes) -> None:
        super().__init__(lanes)
        self.lanes = lanes
        self.state = lanes.state
        self.bench = lanes.bench
        self.tools = discover()
        self.sight = Sight(lanes)
        self.drops = Drops(self)
        self.note: Note | None = None
        self._pan: tuple[QPointF, int, int] | None = None
        self.last: tuple[QPointF, Any] | None = None
        self.keys = DragKeys(self)
        self._pressed_clip: Clip | None = None
        self._press_y = 0.0
        self._pressed_at = 0.0
        self._bad = False
        self._scroller = Autoscroll(lanes, self._again)
        self.bench.tools.changed.connect(self._tool_changed)

    # ---- state --------------------------------------------------------------------------------------------------

    @property
    def tool(self) -> Any:
        """The tool in hand."""
        return self.tools.get(self.bench.tools.tool) or self.tools["select"]

    @property
    def busy(self) -> bool:
        return self._pan is not None or self.tool.active

    def stage(self) -> Any:
        """What a tool sees of the window."""
        return self.sight.stage()

    def hit_at(self, spot: QPointF) -> Hit:
        """What lies under a spot of the lanes."""
        return self.sight.hit_at(spot)

    def event_at(self, spot: QPointF, modifiers: Any) -> Any:
        """A tool's pointer for a spot of the lanes."""
        return self.sight.event_at(spot, self.modifiers(modifiers), self._pressed_clip,
                                   held=time.monotonic() - self._pressed_at > DRAG_DELAY_MS / 1000)

    def snap_time(self, ticks: int) -> tuple[int, bool]:
        """The nearest time that catches, and whether it is within 8 px."""
        return self.sight.snap_time(ticks)

    def modifiers(self, held: Any) -> Any:
        return Modifiers(shift=bool(held & Qt.KeyboardModifier.ShiftModifier), ctrl=bool(held & Qt.KeyboardModifier.ControlModifier),
                         alt=bool(held & Qt.KeyboardModifier.AltModifier), no_snap=self.keys.suspended)

    # ---- mouse --------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        spot = event.position()
        if event.button() is Qt.MouseButton.RightButton and self.busy:
            self.cancel()
            return
        spaced = event.button() is Qt.MouseButton.LeftButton and _SPACE in self.bench.actions.held and self._pan is None
        if event.button() is Qt.MouseButton.MiddleButton or spaced:
            if spaced:
                self._take_space_back()
            self._pan = (spot, self.state.scale.scroll, self.state.scroll_y)
            self.lanes.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        if event.button() is not Qt.MouseButton.LeftButton or self._pan is not None:
            return
        drifted = self.sight.drifted(spot)
        if drifted is not None:
            clip, box = drifted
            resync_menu(self.lanes, self.bench, clip).popup(self.lanes.mapToGlobal(box.bottomLeft()))
            return
        self.bench.late.pop("gap", None)
        self.keys.typed = ""
        self.last = (spot, event.modifiers())
        self._pressed_clip = self.hit_at(spot).clip
        self._press_y = spot.y() + self.state.scroll_y
        self._pressed_at = time.monotonic()
        self.lanes.setProperty("typing", True)  # letters and digits are this drag's, not the keymap's
        self.take(self.tool.press(self.event_at(spot, event.modifiers()), self.stage()), event.globalPosition().toPoint())

    def _take_space_back(self) -> None:
        """The key was not meant to play, or to stop: plays, or stands, as before."""
        transport = self.bench.transport
        began = transport.began if transport.playing else None
        self.bench.actions.trigger(_SPACE)
        if began is not None:
            transport.seek(began)

    def move(self, event: QMouseEvent) -> None:
        spot = event.position()
        if self._pan is not None:
            start, x, y = self._pan
            self.state.scroll_to(x - round(spot.x() - start.x()), y - round(spot.y() - start.y()), beyond=True)
            return
        if not self.tool.active:
            self.hover(spot, event.modifiers())
            return
        self.last = (spot, event.modifiers())
        if not self.keys.typed:
            self.take(self.tool.drag(self.event_at(spot, event.modifiers()), self.stage()), event.globalPosition().toPoint())
        self._scroller.watch(spot)

    def release(self, event: QMouseEvent) -> None:
        self._scroller.stop()
        if self._pan is not None:
            if event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton):
                self._pan = None
                self.hover(event.position(), event.modifiers())
            return
        if event.button() is not Qt.MouseButton.LeftButton or not self.tool.active:
            return
        spot = event.position()
        reaction = self.tool.release(self.event_at(spot, event.modifiers()), self.stage())
        self.keys.typed = ""
        self.take(reaction, event.globalPosition().toPoint())
        self.end()
        self.hover(spot, event.modifiers())

    def double_click(self, event: QMouseEvent) -> None:
        """Opens what is under the pointer, or selects a gap."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        found = self.hit_at(event.position())
        if found.part == "gap" and found.row is not None:
            self.bench.selection.clear()
            self.bench.late["gap"] = (found.row.track.id, *found.gap)
            self.bench.actions.touch()
            self.lanes.update()
        elif found.clip is not None and found.part in ("body", "level"):
            self.open_clip(found.clip, found.ticks)
        else:
            self.press(event)

    def open_clip(self, clip: Clip, ticks: int) -> None:
        """A title is shown where it is edited; a clip of media in Source, at this frame; one whose media is not there asks for it."""
        finder = self.bench.late.get("finder")
        if clip.asset in self.bench.media.offline and finder is not None:
            finder.relink(clip.asset)
        elif clip.asset:
            if self.bench.source.open(clip.asset):
                self.bench.source.deck.transport.seek(clip.source_range.start + ticks - clip.start)
        else:
            self.bench.selection.set([clip.id])
            if not clip.start <= self.bench.transport.ticks < clip.end:
                self.bench.transport.seek(clip.start)
            if clip.kind in ("title", "caption") and "title.edit" in self.bench.actions:
                self.bench.actions.trigger("title.edit")

    def hover(self, spot: QPointF, modifiers: Any) -> None:
        """No button is down: the cursor, the lines of the clip under it, what the tool shows."""
        found = self.hit_at(spot)
        over = found.clip
        self.lanes.set_lines(over.id if over is not None and self.bench.tools.tool == "select" else "")
        found = self.hit_at(spot)
        pointer = self.event_at(spot, modifiers)
        self.take(self.tool.hover(pointer, self.stage()), QCursor.pos())
        drifted = self.sight.drifted(spot)
        if drifted is not None:
            self.lanes.setCursor(Qt.CursorShape.PointingHandCursor)
            self.tell("Out of step with what it is linked to. Click for what can be done", QCursor.pos())
        else:
            self.lanes.setCursor(cursor(self.tool.cursor(pointer.hit, pointer.modifiers)))

    def leave(self) -> None:
        if not self.busy:
            self.lanes.set_lines("")
            self.lanes.set_overlay(NOTHING)
            self.tell("", QPoint())

    def cancel(self) -> None:
        """Ends a drag; nothing changes."""
        self._scroller.stop()
        if self._pan is not None:
            _, x, y = self._pan
            self._pan = None
            self.state.scroll_to(x, y, beyond=True)
        if self.tool.active:
            self.take(self.tool.cancel(), QCursor.pos())
        self.end()

    def end(self) -> None:
        self.lanes.setProperty("typing", False)
        self._pressed_clip = None
        self._bad = False
        self.keys.forget()
        self.bench.frames.trim.end()
        self.lanes.set_overlay(NOTHING)
        self.tell("", QPoint())

    def _tool_changed(self) -> None:
        for tool in self.tools.values():
            if tool.active and tool is not self.tool:
                tool.cancel()
        self.end()
        if self.lanes.underMouse():
            self.hover(QPointF(self.lanes.mapFromGlobal(QCursor.pos())), Qt.KeyboardModifier.NoModifier)

    def wheel(self, event: QWheelEvent) -> None:
        """Scrolls, zooms or changes a row's height (see `wheel`); a drag that goes on follows."""
        turn(self.state, event)
        self._again()

    def _again(self) -> None:
        """The view moved under the pointer of a drag."""
        if self.tool.active and self.last is not None and not self.keys.typed:
            spot, modifiers = self.last
            self.take(self.tool.drag(self.event_at(spot, modifiers), self.stage()), QCursor.pos())

    # ---- taking over --------------------------------------------------------------------------------------------

    def take(self, reaction: Any, spot: QPoint) -> None:
        """Does what a tool asked for."""
        ghost = reaction.ghost
        self.lanes.set_overlay(overlay_of(self.state, ghost, self._box_y()) if ghost is not None else NOTHING)
        words = _words(ghost) if ghost is not None else ""
        if self.keys.typed and words:
            words = f"{self.keys.typed}   {words}"
        self.tell(words if self.tool.active else "", spot, bool(ghost is not None and (ghost.blocked or ghost.limit)))
        if ghost is not None and self.tool.active:
            self.bench.frames.trim.show(ghost.panes, ghost.limit or ghost.blocked)
        if ghost is not None and self.tool.active:
            self._danger(bool(ghost.blocked))
        if reaction.select is not None:
            self.bench.selection.set(reaction.select)
        if reaction.seek is not None:
            self.bench.transport.seek(reaction.seek)
        if reaction.scroll is not None:
            ticks, down = reaction.scroll
            self.state.scroll_by(round(ticks * self.state.scale.per_tick), round(down), beyond=True)
        if reaction.zoom is not None:
            factor, ticks = reaction.zoom
            self.state.zoom_by(factor, self.state.scale.x(ticks))
        if reaction.zoom_to is not None:
            self.state.fit(*reaction.zoom_to)
        if reaction.command is not None:
            self.lanes.set_overlay(NOTHING)
            self._run(reaction.command)

    def _danger(self, on: bool) -> None:
        """Turns the cursor's glyph to danger while release would do nothing."""
        if self.last is not None and on != self._bad:
            self._bad = on
            pointer = self.event_at(*self.last)
            self.lanes.setCursor(cursor(self.tool.cursor(pointer.hit, pointer.modifiers), on))

    def _box_y(self) -> tuple[int, int] | None:
        """Viewport pixels between which a selection box is drawn: from the press to the pointer."""
        if self.last is None:
            return None
        return round(self._press_y - self.state.scroll_y), round(self.last[0].y())

    def _run(self, call: Any) -> None:
        result = self.bench.run(call.command, call.args)
        if not isinstance(result, dict):
            return
        made = result.get("clips") or [i for i in (result.get("clip"), result.get("linked")) if i]
        if call.command in ("clip.duplicate", "title.add", "clip.move") and made:
            self.bench.selection.set(made)
        if call.command == "title.add" and "title.edit" in self.bench.actions:
            self.bench.actions.trigger("title.edit")
        if result.get("held"):
            self.bench.say(f"{', '.join(result['held'])} stayed where it was: something there is in the way", "info")

    def tell(self, words: str, spot: QPoint, bad: bool = False) -> None:
        if self.note is None:
            if not words:
                return
            self.note = Note(self.lanes.look, self.lanes.window())
            self.lanes.destroyed.connect(self.note.deleteLater)
        if self.note.parentWidget() is not self.lanes.window():
            self.note.setParent(self.lanes.window())
        self.note.look = self.lanes.look
        self.note.tell(words, spot, bad)

    # ---- menus and drops ----------------------------------------------------------------------------------------

    def context_menu(self, spot: QPoint, at: QPoint) -> None:
        """The menu of what is under the pointer; the selection is kept if it contains the thing."""
        from app.desktop.canvas.menus import lanes_menu

        if self.busy:
            return
        found = self.hit_at(QPointF(spot))
        if found.transition is not None:
            self.bench.selection.set(transitions=[found.transition.id])
        elif found.clip is not None and found.clip.id not in self.bench.selection.clips:
            view = self.state.snapshot
            self.bench.selection.set([c.id for c in (view.linked(found.clip) if self.bench.tools.linked else [found.clip])])
        elif found.clip is None and found.part == "gap" and found.row is not None:
            self.bench.selection.clear()
            self.bench.late["gap"] = (found.row.track.id, *found.gap)
            self.lanes.update()
        lanes_menu(self, found).exec(at)

    def drag_enter(self, event: Any) -> None:
        self.drops.enter(event)

    def drag_move(self, event: Any) -> None:
        self.drops.move(event)

    def drag_leave(self) -> None:
        self.drops.leave()

    def drop(self, event: Any) -> None:
        self.drops.drop(event)


def _words(ghost: Any) -> str:
    """What is said beside the pointer: why nothing would happen, else how far, and what stopped it short."""
    if ghost.blocked:
        return str(ghost.blocked)
    return f"{ghost.tooltip}\n{ghost.limit}" if ghost.limit else str(ghost.tooltip)
