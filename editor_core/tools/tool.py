"""What every pointer tool takes and gives.

Owns: pointer events, the stage, ghosts and reactions. Refuses: Qt, pixels beyond the drag threshold, and changing the document:
a tool only shows what would happen, and on release names exactly one command.

The window translates its mouse events to `Pointer`s (with what lies under them as a `Hit`), hands them to the tool with the
current `Stage`, draws `Reaction.ghost`, takes over `select`, `scroll` and `zoom`, and runs `command` through the door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from editor_core.document import Draft, Snapshot
from editor_core.schema import Clip, TrackKind
from editor_core.timeline.snapping import SnapPoint
from editor_core.tools.panes import Pane

DRAG_PIXELS = 4
"""A press becomes a drag after this many pixels."""

HitKind = Literal["none", "lane", "gap", "body", "head", "tail", "fade_in", "fade_out", "level", "transition", "transition_head",
                  "transition_tail", "marker"]


class Hit(msgspec.Struct, frozen=True):
    """What lies under the pointer, as the window's hit test found it. `id` is the clip's, transition's or marker's id."""

    kind: HitKind = "lane"
    id: str = ""


class Modifiers(msgspec.Struct, frozen=True):
    """Keys held. `no_snap` is S held during a drag."""

    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    no_snap: bool = False


class Pointer(msgspec.Struct, frozen=True):
    """One pointer position: `ticks` on the timeline (unsnapped, may be negative), the track it is over, pixels for the threshold.

    `track` is empty past the last track; `zone` is then the kind of track that a drop would make. `level` is the gain (dB, on
    sound) or opacity (on pictures) that the pointer's height in the pressed clip means, as the window draws level lines.
    """

    ticks: int
    track: str
    hit: Hit = Hit()
    zone: TrackKind = "video"
    modifiers: Modifiers = Modifiers()
    x: float = 0.0
    y: float = 0.0
    level: float = 0.0
    held: bool = False
    """Whether the press is so long ago that any movement is meant as a drag."""


class Stage(msgspec.Struct, frozen=True):
    """What a tool sees of the window: `tolerance` is 8 px in ticks, `tracks` the track ids from top to bottom as shown.

    `preview` runs a command on a draft and changes nothing (`CommandDoor.preview`). `linked` is the linked-selection switch.
    """

    view: Snapshot
    preview: Callable[[str, Mapping[str, Any]], Draft]
    tolerance: int
    tracks: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    playhead: int = 0
    marks: tuple[int, ...] = ()
    snapping: bool = True
    linked: bool = True


GhostState = Literal["moved", "new", "gone", "shifted", "same"]


class GhostClip(msgspec.Struct, frozen=True):
    """A clip as it would be after release; ticks. `track` may be one that does not exist yet: then `beyond` is its kind.

    `moved`: named by the drag; `new`: would be made; `gone`: would be erased (shown where it is); `shifted`: pushed along or cut
    back; `same`: highlighted, unchanged. `record` is the whole clip as it would be, for drawing fades, levels and copies.
    """

    clip: str
    track: str
    start: int
    duration: int
    source_start: int = 0
    state: GhostState = "moved"
    beyond: TrackKind | None = None
    record: Clip | None = None


class Box(msgspec.Struct, frozen=True):
    """A box selection: ticks, and the tracks it reaches over."""

    start: int
    end: int
    tracks: tuple[str, ...]


class Ghost(msgspec.Struct, frozen=True):
    """What to draw while a tool is at work. `blocked` says why release would do nothing; then the glyph turns to danger.

    `picked` are the clips that the drag is about (of a box: that it would select). `limit` says what stopped the drag short of the
    pointer (no more media, a clip in the way); release does what is drawn. `guide` is the snap point that caught; `lines` are
    full-height hair lines (razor) as (track id, ticks); `edges` are the times being trimmed, and `panes` the pictures of the two-up
    and four-up views, from left to right.
    """

    clips: tuple[GhostClip, ...] = ()
    guide: SnapPoint | None = None
    tooltip: str = ""
    blocked: str = ""
    limit: str = ""
    picked: tuple[str, ...] = ()
    box: Box | None = None
    lines: tuple[tuple[str, int], ...] = ()
    edges: tuple[int, ...] = ()
    panes: tuple[Pane, ...] = ()


class Call(msgspec.Struct, frozen=True):
    """One command to run through the door."""

    command: str
    args: dict[str, Any]


class Reaction(msgspec.Struct, frozen=True):
    """What the window does after an event. None means: leave as it is (for `ghost`: draw none).

    `scroll` is (ticks, pixels down) by which to move what is shown; `zoom` is (factor, ticks that stay under the pointer);
    `zoom_to` is a range of ticks to fill the window with; `seek` moves the playhead.
    """

    ghost: Ghost | None = None
    select: tuple[str, ...] | None = None
    command: Call | None = None
    scroll: tuple[int, float] | None = None
    zoom: tuple[float, int] | None = None
    zoom_to: tuple[int, int] | None = None
    seek: int | None = None


NOTHING = Reaction()


class Tool(Protocol):
    """A pointer tool. Events come in order: any `hover`s, `press`, `drag`s, then `release` or `cancel`.

    `rekey` is called when modifiers change during a drag, `type_offset` when digits are typed (None: back to the pointer); both
    answer as `drag` does at the last position. `cursor` names an icon of `icons.md` (`arrow`, `pe-trim-in`, `scissors` …).
    """

    id: str
    title: str
    key: str
    icon: str

    @property
    def active(self) -> bool:
        """Whether a press is going on."""
        ...

    def hover(self, pointer: Pointer, stage: Stage) -> Reaction: ...
    def press(self, pointer: Pointer, stage: Stage) -> Reaction: ...
    def drag(self, pointer: Pointer, stage: Stage) -> Reaction: ...
    def release(self, pointer: Pointer, stage: Stage) -> Reaction: ...
    def rekey(self, modifiers: Modifiers, stage: Stage) -> Reaction: ...
    def type_offset(self, ticks: int | None, stage: Stage) -> Reaction: ...
    def cancel(self) -> Reaction: ...
    def cursor(self, hit: Hit, modifiers: Modifiers) -> str: ...
