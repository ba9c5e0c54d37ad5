"""Where somebody is in a shared film, in two small messages (SPEC 3.12).

Owns: both forms, their bounds, signing and checking them. Refuses: keeping them, and deciding what is shown of them.

The *slow* one says who a session is and what cut it has; the device key signs it, and it names a key made for this session. That
key, the voice, signs the *fast* one, which goes out up to 20 times a second: playhead, selection, what is being dragged. Neither
is ever stored. Each counts up, so that an old one cannot be played back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from editor_core.sync.envelope import KEY, SIGNATURE, public
from editor_core.sync.errors import UNDECODABLE, SyncError

MAX_FAST = 150
"""Longest fast presence in bytes, before its signature."""
MAX_SLOW = 700
RATE = 20
"""Fast presences a second at most."""
MAX_ID = 24
MAX_NAME = 60
MAX_TICKS = 2**62
DIGEST = 16
PART, MAX_PARTS = 6, 48
"""Bytes that tell a part of a cut, and how many parts are told at most."""
FULL = 10_000
"""The picture's width, and its height, in what `spot` counts."""
PLAYING, HIDDEN = 1, 2
"""Flags of a fast presence."""
_FAST = b"ProEditor presence fast 1\x00"
_SLOW = b"ProEditor presence slow 1\x00"

Doing = Literal["", "moving", "trimming", "rolling", "slipping", "sliding", "cutting", "pointing", "typing", "scrubbing",
                "placing", "scaling", "turning", "drawing"]
DOINGS: tuple[Doing, ...] = get_args(Doing)
"""What somebody is doing with the pointer, by number."""


class PresenceRefused(SyncError):
    """Bytes that are not a presence, or that somebody else signed."""


class Ghost(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A clip as it would be if it were let go now. Times in ticks."""

    clip: str
    track: str
    start: int
    duration: int


class Fast(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`number` counts up; `left` and `right` are the stretch of time that is seen, in ticks; `pointer` is where the pointer is, in ticks on
    the track `row`, below 0 for nowhere; `spot` is where it is on the film's picture, in `FULL`ths of its width and height, or empty.
    `selected` and `dragged` count what `selection` and `ghosts` have no room for as well."""

    number: int
    flags: int = 0
    playhead: int = 0
    left: int = 0
    right: int = 0
    doing: int = 0
    pointer: int = -1
    row: str = ""
    selected: int = 0
    selection: tuple[str, ...] = ()
    dragged: int = 0
    ghosts: tuple[Ghost, ...] = ()
    spot: tuple[int, ...] = ()

    @property
    def playing(self) -> bool:
        return bool(self.flags & PLAYING)

    @property
    def hidden(self) -> bool:
        return bool(self.flags & HIDDEN)

    @property
    def verb(self) -> Doing:
        """What its author is doing with the pointer, empty for nothing."""
        return DOINGS[self.doing]


class Slow(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`key` is the device's, `voice` the session's public key; `cut` a digest of the film as it is shown there, `knows` one of the
    changes in it, `waiting` how many others it has and does not show. `parts` says what each track is (see `cut.Cut.parts`), only while
    somebody has all the same changes and yet another cut."""

    number: int
    key: bytes
    voice: bytes
    name: str = ""
    panel: str = ""
    cut: bytes = b""
    knows: bytes = b""
    waiting: int = 0
    held: bool = False
    parts: bytes = b""


_AS_ALWAYS = {Fast: msgspec.structs.astuple(Fast(0)), Slow: msgspec.structs.astuple(Slow(0, b"", b""))}
_FAST_DECODER, _SLOW_DECODER = msgspec.msgpack.Decoder(Fast), msgspec.msgpack.Decoder(Slow)


def say_fast(one: Fast, voice: Ed25519PrivateKey, room: bytes, session: int) -> bytes:
    """The message; of selection and ghosts as much as there is room for."""
    content = _written(one)
    while len(content) > MAX_FAST:
        if one.selection:
            one = msgspec.structs.replace(one, selection=one.selection[:-1])
        elif one.ghosts:
            one = msgspec.structs.replace(one, ghosts=one.ghosts[:-1])
        else:
            one = msgspec.structs.replace(one, row="", pointer=-1, spot=())
        content = _written(one)
    return content + voice.sign(_said(_FAST, room, session, content))


def _written(one: Fast | Slow) -> bytes:
    """An array that ends where only values follow that are as always: shorter, and readable to who knows fewer of them."""
    values, as_always = list(msgspec.structs.astuple(one)), _AS_ALWAYS[type(one)]
    while len(values) > 3 and values[-1] == as_always[len(values) - 1]:
        values.pop()
    return msgspec.msgpack.encode(values)


def hear_fast(raw: bytes, voice: bytes, room: bytes, session: int) -> Fast:
    """A fast presence of the session whose voice that is. Raises PresenceRefused."""
    if not SIGNATURE < len(raw) <= MAX_FAST + SIGNATURE:
        raise PresenceRefused("a presence of an impossible length")
    content = raw[:-SIGNATURE]
    try:
        one = _FAST_DECODER.decode(content)
    except UNDECODABLE as error:
        raise PresenceRefused(f"not a presence: {error}") from None
    times = (one.playhead, one.left, one.right, *(t for g in one.ghosts for t in (g.start, g.duration)))
    names = (one.row, *one.selection, *(name for g in one.ghosts for name in (g.clip, g.track)))
    counts = (one.number, one.flags, one.selected, one.dragged)
    good = (all(0 <= time <= MAX_TICKS for time in times) and -1 <= one.pointer <= MAX_TICKS and all(len(name) <= MAX_ID for name in names)
            and len(one.spot) in (0, 2) and all(0 <= share <= FULL for share in one.spot)
            and 0 <= one.doing < len(DOINGS) and all(0 <= count < 2**53 for count in counts))
    if not good:
        raise PresenceRefused("a presence with impossible values")
    _check(voice, raw[-SIGNATURE:], _said(_FAST, room, session, content))
    return one


def say_slow(one: Slow, key: Ed25519PrivateKey, room: bytes, session: int) -> bytes:
    """The message."""
    content = _written(msgspec.structs.replace(one, key=public(key), name=one.name[:MAX_NAME], panel=one.panel[:MAX_ID]))
    return content + key.sign(_said(_SLOW, room, session, content))


def hear_slow(raw: bytes, room: bytes, session: int) -> Slow:
    """A slow presence, signed by the device key that it names; whether that is a member's is for the caller. Raises PresenceRefused."""
    if not SIGNATURE < len(raw) <= MAX_SLOW + SIGNATURE:
        raise PresenceRefused("a presence of an impossible length")
    content = raw[:-SIGNATURE]
    try:
        one = _SLOW_DECODER.decode(content)
    except UNDECODABLE as error:
        raise PresenceRefused(f"not a presence: {error}") from None
    good = (len(one.key) == KEY and len(one.voice) == KEY and len(one.name) <= MAX_NAME and len(one.panel) <= MAX_ID
            and len(one.parts) <= PART * MAX_PARTS and len(one.parts) % PART == 0
            and len(one.cut) in (0, DIGEST) and len(one.knows) in (0, DIGEST) and 0 <= one.number < 2**53 and 0 <= one.waiting < 2**53)
    if not good:
        raise PresenceRefused("a presence with impossible values")
    _check(one.key, raw[-SIGNATURE:], _said(_SLOW, room, session, content))
    return one


def _said(context: bytes, room: bytes, session: int, content: bytes) -> bytes:
    return context + room + session.to_bytes(8, "big") + content


_opened = lru_cache(maxsize=512)(Ed25519PublicKey.from_public_bytes)


def _check(key: bytes, signature: bytes, said: bytes) -> None:
    try:
        _opened(key).verify(signature, said)
    except (InvalidSignature, ValueError):
        raise PresenceRefused("a signature is wrong: somebody else speaks, or it was damaged on its way") from None
