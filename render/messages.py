"""What clients and media processes say to each other, as typed messages.

Owns: every message of the task, render and sound roles with its meaning and limits. Refuses: sending them (see `wire`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from editor_core.document import ChangeSet
from editor_core.schema import AnyRecord, Clip
from editor_core.timing import MAX_TICKS

_Text = Annotated[str, Meta(max_length=20_000)]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """The base of all messages; the tag is the class name."""


# --- every worker to its client -----------------------------------------------------------------------------------


class Beat(Message, frozen=True, kw_only=True):
    """I am alive; sent about twice a second. `resident` is MiB."""

    resident: int = 0


class Ready(Message, frozen=True, kw_only=True):
    """Started and confined; `isolated` says that the process has a network namespace of its own."""

    isolated: bool = False


class Trouble(Message, frozen=True, kw_only=True):
    """Something a person should know; `text` is a sentence, `about` what it concerns (an asset id, `sound`, …)."""

    text: _Text
    about: Annotated[str, Meta(max_length=200)] = ""


# --- role task ----------------------------------------------------------------------------------------------------


class RunTask(Message, frozen=True, kw_only=True):
    """Run one task. `args` are plain values."""

    job: int
    name: Annotated[str, Meta(max_length=100)]
    args: dict[str, Any]


class Progress(Message, frozen=True, kw_only=True):
    """What the running task reports: plain values, by custom `done` 0 to 1."""

    job: int
    report: dict[str, Any]


class Done(Message, frozen=True, kw_only=True):
    """The task's result, plain values."""

    job: int
    result: dict[str, Any]


class Failed(Message, frozen=True, kw_only=True):
    """The task raised. `kind` is the exception's class name, `text` its message for people."""

    job: int
    kind: Annotated[str, Meta(max_length=200)]
    text: _Text


ToTaskWorker = RunTask
FromTaskWorker = Ready | Beat | Progress | Done | Failed


# --- both servers: the document -----------------------------------------------------------------------------------


class Load(Message, frozen=True, kw_only=True):
    """The whole document as of `revision`, and where each asset lies on this machine (first path that exists counts)."""

    revision: int
    records: tuple[AnyRecord, ...]
    locations: dict[str, list[str]] = {}


class Change(Message, frozen=True, kw_only=True):
    """The ChangeSet that makes `revision` out of the one before."""

    revision: int
    change: ChangeSet


class Locate(Message, frozen=True, kw_only=True):
    """An asset now lies elsewhere, or a file that was missing is back."""

    asset: str
    paths: list[str]


class NeedLoad(Message, frozen=True, kw_only=True):
    """The server cannot follow the changes it was sent from `revision`; send Load."""

    revision: int


# --- role render --------------------------------------------------------------------------------------------------

Edge = Annotated[int, Meta(ge=1, le=16384)]


class Ring(Message, frozen=True, kw_only=True):
    """Where frames go: `slots` slots of `slot_bytes` in the shared block, from a page of sequence numbers at byte `base` on.

    All slots but those in `held` are the server's to write. `number` tells rings apart; a new one replaces the last.
    """

    number: int
    base: int
    slot_bytes: int
    slots: Annotated[int, Meta(ge=2, le=64)]
    held: list[int] = []


class Release(Message, frozen=True, kw_only=True):
    """The client has done with a slot; it is the server's again."""

    ring: int
    slot: int


class Show(Message, frozen=True, kw_only=True):
    """Make the frame of timeline time `ticks` as `width` × `height`; replaces every earlier one that is not begun.

    Waits for `revision`. With `ahead`, the frames at `ticks` + n × `step` for n in 1 … `ahead` are made when nothing else is
    asked for; with `loop_end` above `loop_start`, those beyond one go on at the other. `planes` and `matrix` are the format to
    composite in. `hashed` asks for the digest of the planes.
    """

    request: int
    revision: int
    ticks: int
    width: Edge
    height: Edge
    step: int = 0
    ahead: Annotated[int, Meta(ge=0, le=240)] = 0
    loop_start: int = 0
    loop_end: int = 0
    planes: Annotated[str, Meta(max_length=32)] = "yuv420p"
    matrix: Literal["bt709", "bt601", "bt2020"] = "bt709"
    hashed: bool = False


class Shown(Message, frozen=True, kw_only=True):
    """A frame lies in `slot` of `ring`, `width` × `height` RGBA without padding; the slot is the client's until Release.

    `sequence` is the slot's sequence number while the frame is in it. `milliseconds` is what making it took, `cached` whether
    it was there already. `digest` names what it shows (equal digests, equal pixels); `planes` is the digest of the planes that an
    export would encode (empty unless asked for); `slates` has a sentence for each media that a slate stands for.
    """

    request: int
    revision: int
    ticks: int
    width: Edge
    height: Edge
    ring: int
    slot: int
    sequence: int
    milliseconds: float
    cached: bool = False
    digest: bytes = b""
    planes: bytes = b""
    slates: list[str] = []


class NotShown(Message, frozen=True, kw_only=True):
    """The frame could not be made; `text` is for people."""

    request: int
    text: _Text


class Pane(Message, frozen=True, kw_only=True):
    """One picture of a `Peek`: of the clip alone, at full strength and without its fades, the frame at timeline time `ticks`.

    Without a clip it is black."""

    clip: Clip | None = None
    ticks: int = 0


class Peek(Message, frozen=True, kw_only=True):
    """Make small pictures of clips as they might be, for trimming; replaces every earlier Peek that is not begun.

    Each is `width` × `height`. They lie below each other in one slot, which must have room for all.
    """

    request: int
    panes: Annotated[tuple[Pane, ...], Meta(min_length=1, max_length=4)]
    width: Edge
    height: Edge


class Peeked(Message, frozen=True, kw_only=True):
    """The pictures of a Peek lie in `slot`, `count` of them below each other, each `width` × `height` RGBA; else as Shown."""

    request: int
    count: int
    width: Edge
    height: Edge
    ring: int
    slot: int
    sequence: int


class Measure(Message, frozen=True, kw_only=True):
    """How large are these titles' words in a frame of `width` × `height` project pixels?"""

    request: int
    clips: Annotated[tuple[Clip, ...], Meta(max_length=64)]
    width: Edge
    height: Edge


class Measured(Message, frozen=True, kw_only=True):
    """Width and height in project pixels at scale 1 of each title of a Measure."""

    request: int
    sizes: tuple[tuple[float, float], ...]


class Prepare(Message, frozen=True, kw_only=True):
    """Make the frames of `[start, end)` ticks when nothing else is to be done, in the size of playing, as far as memory goes."""

    start: int
    end: int


class Kept(Message, frozen=True, kw_only=True):
    """Which frames are in memory in the size that is looked at, as stretches `[start, end)` of ticks: `ready` to be shown again,
    and `stale`, which an edit made out of date. As of `revision`. `nbytes` of `budget` are used."""

    revision: int
    ready: tuple[tuple[int, int], ...] = ()
    stale: tuple[tuple[int, int], ...] = ()
    nbytes: int = 0
    budget: int = 0


ToRenderServer = Load | Change | Locate | Ring | Release | Show | Peek | Measure | Prepare
FromRenderServer = Ready | Beat | Trouble | NeedLoad | Shown | NotShown | Kept | Peeked | Measured


# --- role sound ---------------------------------------------------------------------------------------------------


class Output(Message, frozen=True, kw_only=True):
    """Where sound goes: `auto` is the system's default device, `null` is a device that keeps time and plays nothing."""

    backend: Literal["auto", "null", "pulse", "alsa"] = "auto"
    gain_db: Annotated[float, Meta(ge=-96, le=12)] = 0.0
    muted: bool = False


class Play(Message, frozen=True, kw_only=True):
    """Play from timeline time `ticks` at `speed` (-8 to 8, not 0) inside `[start, end)`; with `loop`, round and round.

    `number` names this stretch of playing in the shared clock and in `Ended`. `since` is the moment (nanoseconds of the monotonic
    clock) at which it was at `ticks`, for joining something that is under way; 0 is when the first sample is heard.
    """

    number: int
    ticks: int
    since: int = 0
    speed: Annotated[float, Meta(ge=-8, le=8)] = 1.0
    start: Annotated[int, Meta(ge=0)] = 0
    end: Annotated[int, Meta(ge=0)] = MAX_TICKS
    loop: bool = False


class Stop(Message, frozen=True, kw_only=True):
    """Fall silent."""


class Scrub(Message, frozen=True, kw_only=True):
    """Play `length` ticks from `ticks` once, in place of an earlier scrub; the clock takes no notice."""

    ticks: int
    length: Annotated[int, Meta(gt=0, le=705_600_000)] = 70_560_000


class Ended(Message, frozen=True, kw_only=True):
    """The last sample of stretch `number` has been heard (or would have been, on a silent device)."""

    number: int


class Device(Message, frozen=True, kw_only=True):
    """What sound goes to now; `silent` where that is nothing that a person can hear. `latency_ms` is its buffer."""

    name: Annotated[str, Meta(max_length=200)]
    silent: bool
    latency_ms: float


ToSoundServer = Load | Change | Locate | Output | Play | Stop | Scrub
FromSoundServer = Ready | Beat | Trouble | NeedLoad | Ended | Device
