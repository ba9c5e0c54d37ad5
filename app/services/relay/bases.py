"""Snapshots in a room: with them somebody who joins does not need all that was ever written.

Owns: knowing which there are, which is given to whom, when a new one is due. Refuses: looking into them.

A snapshot that covers others has a session of its own: every envelope in it, also its parts, says the same `covers`, and nothing follows
the last. So it can be left out for whoever has everything that it holds, and nobody misses a sequence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from editor_core.sync.envelope import EnvelopeRefused, Have, Header
from editor_core.sync.members import Members, may

DUE_BYTES = 8 * 2**20
"""Bytes written since the newest snapshot after which another is due, if they are more than it is long."""
DUE_COUNT = 2000
"""Envelopes after which one is due, if they are half as long as it is."""
HEAD = 128 * 1024
"""The header of an envelope stands within so many bytes."""
_FILM = ("timeline", "journal")
_COVERED = (*_FILM, "comments")
"""Documents of which snapshots are made; a snapshot without comments is one of a room that had none."""
_HEADER = msgspec.msgpack.Decoder(Header)


class Head(NamedTuple):
    """The beginning of a stored envelope."""

    number: int
    size: int
    raw: bytes


def header_in(head: bytes) -> Header | None:
    """The header of an envelope from its first bytes, without its signature being looked at: for what was judged before."""
    sizes = {0xC4: 1, 0xC5: 2, 0xC6: 4}
    width = sizes.get(head[1], 0) if len(head) > 8 else 0
    length = int.from_bytes(head[2:2 + width], "big")
    try:
        return _HEADER.decode(head[2 + width:2 + width + length]) if width else None
    except msgspec.DecodeError:
        return None


class Base:
    """One snapshot: what it covers and where it ends, by document."""

    def __init__(self, session: int, actor: bytes) -> None:
        self.session = session
        self.actor = actor
        self.covers: dict[str, tuple[tuple[int, int], ...]] = {}
        self.last: dict[str, int] = {}
        self.number = 0
        self.size = 0

    @property
    def done(self) -> bool:
        """Whether all of it is there."""
        return all(document in self.last for document in _FILM)

    def took(self, header: Header, number: int, size: int) -> None:
        self.covers[header.document] = header.covers
        self.number = max(self.number, number)
        self.size += size
        if header.kind == "snapshot":
            self.last[header.document] = header.sequence

    def held(self, have: Have) -> bool:
        """Whether everything that it covers is in `have`."""
        return all(have.get(document, {}).get(session, 0) >= up_to for document in self.last for session, up_to in self.covers[document])


class Bases:
    """The snapshots of one room, and what was written since the newest."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self._by_session: dict[int, Base] = {}
        self._floors: dict[str, dict[int, int]] = {}
        self.count = self.size = 0
        for head in heads:
            header = header_in(head.raw)
            if header is not None:
                self.took(header, head.number, head.size)

    def judge(self, header: Header, known: int) -> None:
        """Raises EnvelopeRefused for one that a snapshot's session, or another, has no room for; `known` is its highest sequence."""
        base = self._by_session.get(header.session)
        covers = base.covers.get(header.document) if base else None
        if covers is None and header.covers and known:
            raise EnvelopeRefused("a snapshot has a session of its own")
        if covers is not None and (header.covers != covers or (base and header.document in base.last)):
            raise EnvelopeRefused("it stands in the session of a snapshot")

    def follows(self, header: Header, known: int) -> bool:
        """Whether it is the next of its session, or the next after what a snapshot holds."""
        return header.sequence == known + 1 or header.sequence == self._floors.get(header.document, {}).get(header.session, 0) + 1 > known

    def took(self, header: Header, number: int, size: int) -> None:
        """An envelope was taken."""
        if header.document in _COVERED and not header.covers:
            self.count += 1
            self.size += size
        if not header.covers:
            return
        base = self._by_session.setdefault(header.session, Base(header.session, header.actor))
        base.took(header, number, size)
        if header.kind == "snapshot":
            floors = self._floors.setdefault(header.document, {})
            for session, up_to in header.covers:
                floors[session] = max(up_to, floors.get(session, 0))
            if base.done:
                self.count = self.size = 0

    def spare(self, session: int, have: Have) -> bool:
        """Whether an envelope is of a snapshot that nobody needs who is given all the rest."""
        base = self._by_session.get(session)
        return base is not None and base.held(have)

    def covers(self, document: str, session: int, sequence: int) -> bool:
        """Whether a snapshot holds what stands in some place."""
        return bool(self._floors) and sequence <= self._floors.get(document, {}).get(session, 0)

    def own(self, session: int) -> bool:
        """Whether a session is a snapshot's."""
        return session in self._by_session

    def choose(self, known: Have, have: Have, written: int, members: Members) -> Base | None:
        """The snapshot to begin with, for somebody who has `known`; what it holds is known to them then, as is what those hold that they
        have already: not what one says it holds and is not here yet."""
        for base in self._by_session.values():
            there = all(known.get(document, {}).get(base.session, 0) >= last for document, last in base.last.items())
            if base.done and there and base.held(have):
                _cover(known, base)
        if known.get("timeline"):
            return None
        good = [base for base in self._by_session.values() if base.done and base.number <= written and base.held(have)
                and may(members.role(base.actor), "timeline")]
        newest = max(good, key=lambda base: base.number, default=None)
        if newest is not None:
            _cover(known, newest)
        return newest

    @property
    def newest(self) -> Base | None:
        """The newest of which all is there."""
        return max((base for base in self._by_session.values() if base.done), key=lambda base: base.number, default=None)

    @property
    def due(self) -> bool:
        """Whether so much was written since the newest that another is worth its bytes."""
        if self.size < DUE_BYTES and self.count < DUE_COUNT:
            return False
        length = self.newest.size if self.newest else 0
        return self.size >= max(DUE_BYTES, length) or (self.count >= DUE_COUNT and self.size >= length // 2)


def _cover(known: Have, base: Base) -> None:
    for document in base.last:
        counts = known.setdefault(document, {})
        for session, up_to in base.covers[document]:
            counts[session] = max(up_to, counts.get(session, 0))
