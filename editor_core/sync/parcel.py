"""Updates of both replicated documents in one self-checking piece of bytes.

Owns: the parcel's form and every check that is made before native code sees a byte. Refuses: looking inside the updates.

Form: 16 bytes of BLAKE3 over the rest, then msgpack `[1, timeline update, journal update]`; an update may be empty.
Nearly half of all updates with flipped bits are accepted by the replica library, hence the checksum.
"""

from __future__ import annotations

import msgspec
from blake3 import blake3

from editor_core.sync.errors import UNDECODABLE, UpdateRefused
from editor_core.sync.shape import check_shape

MAX_PARCEL = 512 * 2**20
"""Longest parcel in bytes; a whole project of 100,000 clips with its history stays below."""
_SUM = 16


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    """`timeline` and `journal` are updates in version 1 of the Yjs encoding, or empty."""

    version: int
    timeline: bytes
    journal: bytes


_DECODER = msgspec.msgpack.Decoder(Parcel)


def seal(timeline: bytes, journal: bytes) -> bytes:
    """The parcel of two updates."""
    body = msgspec.msgpack.encode(Parcel(1, timeline, journal))
    return blake3(body).digest(_SUM) + body


def seal_of(raw: bytes) -> bytes:
    """A parcel's checksum, as it says itself."""
    return raw[:_SUM]


def is_sealed_as(raw: bytes, sealed: bytes) -> bool:
    """Whether a parcel is intact and is the one of this checksum."""
    return raw[:_SUM] == sealed and len(raw) <= MAX_PARCEL and blake3(raw[_SUM:]).digest(_SUM) == sealed


def opened(raw: bytes) -> tuple[bytes, bytes]:
    """The two updates of a parcel that was just made here, without its checks. Raises UpdateRefused for one of another form."""
    try:
        parcel = _DECODER.decode(raw[_SUM:])
    except UNDECODABLE as error:
        raise UpdateRefused(f"an update has the wrong shape: {error}") from None
    return parcel.timeline, parcel.journal


def unseal(raw: bytes, *, checked: bool = False) -> Parcel:
    """The two updates of an intact parcel. Raises UpdateRefused, before anything native is called; `checked` leaves out looking at the
    shape of the updates."""
    if not _SUM < len(raw) <= MAX_PARCEL:
        raise UpdateRefused(f"an update of {len(raw)} bytes is not one of ours")
    body = raw[_SUM:]
    if blake3(body).digest(_SUM) != raw[:_SUM]:
        raise UpdateRefused("an update was damaged on its way (its checksum is wrong)")
    try:
        parcel = _DECODER.decode(body)
    except UNDECODABLE as error:
        raise UpdateRefused(f"an update has the wrong shape: {error}") from None
    if parcel.version != 1:
        raise UpdateRefused(f"an update of kind {parcel.version} comes from a newer version")
    for update in () if checked else (parcel.timeline, parcel.journal):
        check_header(update)
        check_shape(update, forks=False)
    return parcel


def timeline_of(raw: bytes) -> bytes:
    """The timeline's update in a parcel that was checked before, or made here."""
    return _DECODER.decode(memoryview(raw)[_SUM:]).timeline


def check_header(update: bytes) -> None:
    """The first number of an update counts its writers; each takes at least 3 bytes. Bounds what native code may reserve."""
    if not update:
        return
    count = shift = 0
    for byte in update[:10]:
        count |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    else:
        raise UpdateRefused("an update begins with a number that never ends")
    if count * 3 > len(update):
        raise UpdateRefused("an update claims more writers than it has bytes")
