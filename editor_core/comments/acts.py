"""Acts: what somebody said or wrote about the film, once, for ever.

Owns: their forms and bounds, encoding, ids, packing several into the payload of an envelope. Refuses: deciding what a set of them
amounts to (see `threads`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from blake3 import blake3
from msgspec import Meta

from editor_core.schema.record import Ticks

UNIT = 65535
"""A drawing's coordinates are 0 (left, top) to this (right, bottom) of the frame, whatever its size."""
MAX_TEXT = 5000
MAX_SHAPES = 64
MAX_POINTS = 1024
"""Most points of one shape."""
MAX_ALL_POINTS = 4096
"""Most points of one drawing."""
MAX_MENTIONS = 20
MAX_NAME = 100
MAX_REPLACED = 64
MAX_ACT = 48 * 1024
"""Longest act in bytes, so that one with its envelope fits into what a relay takes of a commenter (64 KiB)."""
MAX_ACTS = 4096
"""Most acts in one payload, and payloads in a snapshot."""
MAX_ALL_ACTS = 500_000
"""Most acts in a snapshot."""
ID = 16
"""Bytes of an act's id."""
_NAME_BYTES = 8
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Id = Annotated[bytes, Meta(min_length=ID, max_length=ID)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Name = Annotated[str, Meta(max_length=MAX_NAME)]
Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Coordinate = Annotated[int, Meta(ge=0, le=UNIT)]
State = Literal["open", "resolved"]
ShapeKind = Literal["stroke", "arrow", "rectangle", "text"]


class ActRefused(Exception):
    """An act that cannot be: too long, of the wrong shape, or about something that is not there. The message is for people."""


class Person(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who is meant: `actor` is the id in histories, empty for somebody known by name only."""

    actor: Name = ""
    name: Name = ""

    def is_(self, other: Person) -> bool:
        """Whether both mean one person, as far as can be told: by id, or by name where one has no id."""
        if self.actor and other.actor:
            return self.actor == other.actor
        return bool(self.name) and self.name.casefold() == other.name.casefold()


class Anchor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a comment is pinned to. `start` and `duration` are timeline ticks when it was written (duration 0: a point).

    `clip` is the clip under that moment, `source` the moment in its source, in ticks of its `asset` (empty for titles and solids), so
    that the comment is found again after re-cutting. `pinned` is set where the clip itself is meant and not the moment.
    """

    start: Ticks
    duration: Ticks = 0
    clip: Name = ""
    asset: Name = ""
    source: Ticks = 0
    pinned: bool = False


class Shape(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing drawn over the picture. `points` are x and y in turn, in units of `UNIT`: the path of a stroke, tail and head of an
    arrow, two corners of a rectangle, the left middle of a text. `width` is in thousandths of the frame's height: of the line, or of the
    letters of a text."""

    kind: ShapeKind
    points: Annotated[tuple[Coordinate, ...], Meta(min_length=2, max_length=2 * MAX_POINTS)]
    width: Annotated[int, Meta(ge=1, le=200)] = 6
    text: Annotated[str, Meta(max_length=200)] = ""


Drawing = Annotated[tuple[Shape, ...], Meta(max_length=MAX_SHAPES)]
Mentions = Annotated[tuple[Person, ...], Meta(max_length=MAX_MENTIONS)]


class _Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="do", forbid_unknown_fields=True):
    """`session` and `number` make acts of equal content different. `time` is Unix milliseconds of the author's clock."""

    session: Number
    number: Number
    author: Person
    time: Number

    @property
    def field(self) -> str:
        """The property it writes."""
        return ""


class Say(_Act, frozen=True, kw_only=True, omit_defaults=True, tag="say", forbid_unknown_fields=True):
    """Begins a thread (then `anchor` says where), or replies in `thread`. `order` is one more than any its author had read there."""

    text: Text
    thread: Annotated[bytes, Meta(max_length=ID)] = b""
    order: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    mentions: Mentions = ()
    anchor: Anchor | None = None
    drawing: Drawing = ()
    assignee: Person | None = None


class _Write(_Act, frozen=True, kw_only=True, omit_defaults=True, tag_field="do", forbid_unknown_fields=True):
    """A property of `comment` from now on. `replaces` are the acts whose value it does away with. `moderating` is set where somebody
    who runs the room writes what is another's; a commenter's program cannot, and peers refuse it from one."""

    comment: Id
    replaces: Annotated[tuple[Id, ...], Meta(max_length=MAX_REPLACED)] = ()
    moderating: bool = False


class SetText(_Write, frozen=True, kw_only=True, omit_defaults=True, tag="text", forbid_unknown_fields=True):
    text: Text
    mentions: Mentions = ()

    @property
    def field(self) -> str:
        return "text"


class SetState(_Write, frozen=True, kw_only=True, omit_defaults=True, tag="state", forbid_unknown_fields=True):
    state: State

    @property
    def field(self) -> str:
        return "state"


class SetAssignee(_Write, frozen=True, kw_only=True, omit_defaults=True, tag="assign", forbid_unknown_fields=True):
    """None: nobody's task any more."""

    assignee: Person | None = None

    @property
    def field(self) -> str:
        return "assignee"


class SetAnchor(_Write, frozen=True, kw_only=True, omit_defaults=True, tag="anchor", forbid_unknown_fields=True):
    anchor: Anchor

    @property
    def field(self) -> str:
        return "anchor"


class SetDrawing(_Write, frozen=True, kw_only=True, omit_defaults=True, tag="draw", forbid_unknown_fields=True):
    drawing: Drawing = ()

    @property
    def field(self) -> str:
        return "drawing"


class SetRemoved(_Write, frozen=True, kw_only=True, omit_defaults=True, tag="remove", forbid_unknown_fields=True):
    """Removed, or brought back."""

    removed: bool = True

    @property
    def field(self) -> str:
        return "removed"


Write = SetText | SetState | SetAssignee | SetAnchor | SetDrawing | SetRemoved
Act = Say | Write
OWN = frozenset({"text", "anchor", "drawing", "removed"})
"""Properties that only a comment's author writes, or somebody moderating; the others are for everyone who may comment."""

_ACT: msgspec.msgpack.Decoder[Act] = msgspec.msgpack.Decoder(Act)
_PAYLOAD = msgspec.msgpack.Decoder(tuple[int, Annotated[list[bytes], Meta(max_length=MAX_ACTS)]])


def encode(act: Act) -> bytes:
    """An act's bytes. Raises ActRefused for one that others would refuse."""
    raw = msgspec.msgpack.encode(act)
    decode(raw)
    return raw


def decode(raw: bytes) -> Act:
    """An act from its bytes, within bounds. Raises ActRefused."""
    if len(raw) > MAX_ACT:
        raise ActRefused(f"a comment of {len(raw) >> 10} KiB is too long; at most {MAX_ACT >> 10} KiB can be sent")
    try:
        act = _ACT.decode(raw)
    except _UNDECODABLE as error:
        raise ActRefused(f"a comment cannot be read: {error}") from None
    if msgspec.msgpack.encode(act) != raw:
        raise ActRefused("a comment is not written in the one form that it must have")
    if isinstance(act, Say) and len(act.thread) not in (0, ID):
        raise ActRefused("a reply names no thread")
    if isinstance(act, Say) and bool(act.thread) == (act.anchor is not None):
        raise ActRefused("a thread needs a place, and a reply has none of its own")
    if isinstance(act, (Say, SetDrawing)):
        check_drawing(act.drawing)
    return act


def check_drawing(drawing: Sequence[Shape]) -> None:
    """Raises ActRefused for a drawing that has too much in it, or shapes without the points they need."""
    if len(drawing) > MAX_SHAPES or sum(len(shape.points) for shape in drawing) > 2 * MAX_ALL_POINTS:
        raise ActRefused(f"a drawing has at most {MAX_SHAPES} shapes with {MAX_ALL_POINTS} points together; draw less")
    wanted = {"arrow": 4, "rectangle": 4, "text": 2}
    for shape in drawing:
        if len(shape.points) % 2 or len(shape.points) != wanted.get(shape.kind, len(shape.points)):
            raise ActRefused(f"a drawn {shape.kind} has the wrong number of points")


def id_of(raw: bytes) -> bytes:
    """An act's id: the first 16 bytes of its BLAKE3."""
    return blake3(raw).digest(ID)


def name_of(act_id: bytes) -> str:
    """An act's id as people and scripts write it: `k` and 11 characters."""
    number = int.from_bytes(act_id[:_NAME_BYTES], "big")
    digits = ""
    for _ in range(11):
        number, digit = divmod(number, 62)
        digits = _ALPHABET[digit] + digits
    return "k" + digits


def pack(raws: Sequence[bytes]) -> bytes:
    """The payload of an envelope of `comments`: msgpack `[1, [act, …]]`, each act as its bytes."""
    return msgspec.msgpack.encode((1, list(raws)))


def pack_all(raws: Iterable[bytes]) -> bytes:
    """The content of a snapshot of `comments`: msgpack `[2, [payload, …]]`, each payload as `pack` makes it."""
    return msgspec.msgpack.encode((2, [pack(group) for group in packs(raws, 2**20)]))


def unpack(payload: bytes) -> list[bytes]:
    """The acts of a payload, or of a snapshot, not looked into. Raises ActRefused."""
    version, raws = _unpacked(payload)
    if version == 1 and not raws:
        raise ActRefused("a message with comments that holds none")
    if version == 1:
        return raws
    found: list[bytes] = []
    for one in raws:
        version, more = _unpacked(one)
        if version != 1 or len(found) + len(more) > MAX_ALL_ACTS:
            raise ActRefused("a snapshot of comments that holds something else, or too much")
        found += more
    return found


def _unpacked(payload: bytes) -> tuple[int, list[bytes]]:
    try:
        version, raws = _PAYLOAD.decode(payload)
    except _UNDECODABLE as error:
        raise ActRefused(f"not a message with comments: {error}") from None
    if version not in (1, 2):
        raise ActRefused("comments of a newer version; update ProEditor")
    return version, raws


def packs(raws: Iterable[bytes], limit: int) -> list[list[bytes]]:
    """Acts in groups whose payload stays below about `limit` bytes; a longer act goes alone."""
    groups: list[list[bytes]] = []
    size = limit
    for raw in raws:
        if size + len(raw) + 8 > limit or len(groups[-1]) >= MAX_ACTS:
            groups.append([])
            size = 0
        groups[-1].append(raw)
        size += len(raw) + 8
    return groups


def shape_plain(shape: Shape) -> dict[str, Any]:
    """A shape as JSON values, coordinates 0 to 1."""
    pairs = zip(shape.points[::2], shape.points[1::2], strict=True)
    points = [[round(x / UNIT, 4), round(y / UNIT, 4)] for x, y in pairs]
    return {"kind": shape.kind, "points": points, "width": shape.width / 1000, **({"text": shape.text} if shape.text else {})}
