"""A drag in progress, and the tool that holds it.

Owns: the threshold, typed offsets, previews, release and cancel, common to all tools. Refuses: what a drag means (see gestures).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from editor_core.commands.registry import CommandError
from editor_core.document import View
from editor_core.schema import Clip
from editor_core.timeline import snapping
from editor_core.timeline.snapping import Snapped, SnapPoint
from editor_core.tools.ghosts import ghost_clips
from editor_core.tools.panes import Pane, cut_panes, slide_panes, slip_panes
from editor_core.tools.tool import DRAG_PIXELS, NOTHING, Box, Call, Ghost, GhostClip, Hit, Modifiers, Pointer, Reaction, Stage


class Plan(msgspec.Struct, frozen=True):
    """What a gesture would do with the pointer where it is. No `call` and no `select`: nothing."""

    call: Call | None = None
    named: tuple[str, ...] = ()
    guide: SnapPoint | None = None
    tooltip: str = ""
    limit: str = ""
    blocked: str = ""
    box: Box | None = None
    lines: tuple[tuple[str, int], ...] = ()
    edges: tuple[int, ...] = ()
    select: tuple[str, ...] | None = None
    panes: tuple[str, str, str] | None = None
    """What the two-up and four-up views look at: (`cut`, clip, edge), (`slip`, clip, "") or (`slide`, clip, "")."""


class Gesture(Protocol):
    """One kind of drag, made at the press. `typed` is an exact offset in ticks that replaces the pointer's."""

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan: ...


class Magnet:
    """Snapping during one drag: to what was there at the press, gathered once."""

    def __init__(self, stage: Stage, exclude: Sequence[str] = ()) -> None:
        self._points = snapping.Magnet(stage.view, exclude, stage.playhead, stage.marks)

    def pull(self, times: Sequence[int], pointer: Pointer, stage: Stage, typed: int | None = None) -> Snapped | None:
        """What catches one of the times; nothing with snapping off or suspended, or when the offset was typed."""
        if not stage.snapping or pointer.modifiers.no_snap or typed is not None:
            return None
        return self._points.pull(times, stage.tolerance)


class PointerTool:
    """Base of the tools: gathers events into one gesture and one command. Subclasses say what a press begins."""

    id = ""
    title = ""
    key = ""
    icon = ""

    def __init__(self) -> None:
        self._pressed: Pointer | None = None
        self._last: Pointer | None = None
        self._gesture: Gesture | None = None
        self._typed: int | None = None
        self._dragging = False

    @property
    def active(self) -> bool:
        """Whether a press is going on."""
        return self._pressed is not None

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        """The gesture that a drag from here is."""
        return None

    def selected(self, pointer: Pointer, stage: Stage) -> tuple[str, ...] | None:
        """The selection that a press here makes, or None to leave it."""
        return None

    def click(self, pointer: Pointer, stage: Stage) -> Reaction:
        """What a press and release without a drag does."""
        return NOTHING

    def hover(self, pointer: Pointer, stage: Stage) -> Reaction:
        """What moving without a press shows."""
        return NOTHING

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        """Name of the cursor over something."""
        return "arrow"

    def press(self, pointer: Pointer, stage: Stage) -> Reaction:
        """Begins; the selection changes at once, nothing is drawn before the threshold."""
        self._pressed = self._last = pointer
        self._typed, self._dragging = None, False
        select = self.selected(pointer, stage)
        if select is not None and select != stage.selection:
            stage = msgspec.structs.replace(stage, selection=select)
        else:
            select = None
        self._gesture = self.begin(pointer, stage)
        return Reaction(select=select)

    def drag(self, pointer: Pointer, stage: Stage) -> Reaction:
        """The ghost of what release would do here."""
        if self._pressed is None:
            return NOTHING
        self._last = pointer
        far = max(abs(pointer.x - self._pressed.x), abs(pointer.y - self._pressed.y))
        if not self._dragging and far < (1 if pointer.held else DRAG_PIXELS):
            return NOTHING
        self._dragging = True
        return self._show(stage)

    def rekey(self, modifiers: Modifiers, stage: Stage) -> Reaction:
        """As `drag`, with other keys held."""
        if self._last is None:
            return NOTHING
        self._last = msgspec.structs.replace(self._last, modifiers=modifiers)
        return self._show(stage) if self._dragging else NOTHING

    def type_offset(self, ticks: int | None, stage: Stage) -> Reaction:
        """As `drag`, with an exact offset in ticks (None: the pointer's again)."""
        if self._last is None:
            return NOTHING
        self._typed, self._dragging = ticks, True
        return self._show(stage)

    def release(self, pointer: Pointer, stage: Stage) -> Reaction:
        """Ends: one command or selection, or a click where there was no drag."""
        if self._pressed is None:
            return NOTHING
        self.drag(pointer, stage)
        dragged, gesture, typed = self._dragging, self._gesture, self._typed
        self.cancel()
        if not dragged:
            return self.click(pointer, stage)
        if gesture is None:
            return NOTHING
        plan = gesture.plan(pointer, stage, typed)
        return Reaction(select=plan.select, command=None if plan.blocked else plan.call)

    def cancel(self) -> Reaction:
        """Forgets the press; nothing has changed."""
        self._pressed = self._last = self._gesture = self._typed = None
        self._dragging = False
        return NOTHING

    def _show(self, stage: Stage) -> Reaction:
        if self._gesture is None or self._last is None:
            return NOTHING
        return Reaction(ghost=ghost_of(self._gesture.plan(self._last, stage, self._typed), stage))


def ghost_of(plan: Plan, stage: Stage) -> Ghost:
    """A plan as something to draw: its command is run on a draft, so that what is shown is what release does."""
    clips: tuple[GhostClip, ...] = ()
    blocked = plan.blocked
    after: View = stage.view
    if plan.call is not None and not blocked:
        try:
            after = stage.preview(plan.call.command, plan.call.args)
            clips = ghost_clips(after, plan.named)
        except CommandError as error:
            blocked = str(error)
    return Ghost(clips=clips, guide=plan.guide, tooltip=plan.tooltip, blocked=blocked, limit=plan.limit, picked=plan.named,
                 box=plan.box, lines=plan.lines, edges=plan.edges, panes=_panes(plan, after, stage.view))


def _panes(plan: Plan, after: View, before: View) -> tuple[Pane, ...]:
    kind, clip, edge = plan.panes or ("", "", "")
    if kind == "cut":
        return cut_panes(after, before, clip, "head" if edge == "head" else "tail")
    if kind == "slip":
        return slip_panes(after, before, clip)
    return slide_panes(after, before, clip) if kind == "slide" else ()


def whole(stage: Stage, clip: Clip) -> list[Clip]:
    """A clip and those that go along with it under the stage's linked-selection switch, itself first."""
    return stage.view.linked(clip) if stage.linked else [clip]
