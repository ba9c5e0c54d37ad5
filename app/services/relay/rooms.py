"""One room as the relay holds it while somebody is in it.

Owns: what may be taken in and what is handed on next. Refuses: sockets and disks; looking into payloads, but for the members'.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from app.services.relay.bases import Bases
from app.services.relay.store import Row, Summary
from editor_core.sync.envelope import Envelope, EnvelopeRefused, Have, open_envelope
from editor_core.sync.members import Grant, Members, Moved, Redeem, Revoke, Role

RING = 8 * 2**20
"""Bytes of newest envelopes kept in memory; who falls further behind, having caught up once, is too slow."""
MAX_ROOM = 8 * 2**30
"""Most bytes in a room."""
MAX_SESSIONS = 100_000
"""Most sessions in a room."""
MAX_JOINED = 1000
"""Most devices that join by one link: a link that got about must not fill the list of members."""
TICKS = 8
"""Presence frames kept; who falls further behind gets everyone's newest."""


class Repeated(Exception):
    """An envelope that is here already, byte for byte."""


class LiveRoom:
    """The state of one room. Belongs to the relay's loop. `written` are numbers up to which everything is on disk."""

    def __init__(self, room: bytes, summary: Summary, members: list[bytes], *, body: Callable[[tuple[str, int, int]], bytes | None],
                 bases: Bases | None = None, clock: Callable[[], float] = time.time) -> None:
        self.id = room
        self.have: Have = summary.have
        self.written = self.last = self._told = summary.last
        self.size = summary.size
        self.ring: deque[Row] = deque()
        self.presence: dict[int, bytes] = {}
        self.slow: dict[int, bytes] = {}
        self.asked = float("-inf")
        self.members = Members(room)
        for raw in members:
            self.members.add(open_envelope(raw, room=room))
        self.bases = bases if bases is not None else Bases(())
        self._actors = summary.actors
        self._came: dict[int, bytes] = {}
        self._body = body
        self._clock = clock
        self._ring_size = 0
        self._flying: dict[tuple[str, int, int], bytes] = {}

    @property
    def exists(self) -> bool:
        """Whether it was made."""
        return len(self.members) > 0

    def take(self, raw: bytes, *, judged: bool = False) -> Row:
        """Checks an envelope and gives it its number; the caller puts it on disk. `judged` is one that another relay took in its time.

        Raises EnvelopeRefused, Repeated.
        """
        envelope = open_envelope(raw, room=self.id)
        header = envelope.header
        known = self.have.get(header.document, {}).get(header.session, 0)
        if header.sequence <= known:
            self._compare(envelope)
        if self.members.moved is not None:
            raise EnvelopeRefused("this room goes on in another, which is encrypted", offence=False)
        if self._actors.get(header.session, header.actor) != header.actor:
            raise EnvelopeRefused("it uses another author's session")
        if header.document == "members":
            self._statement(envelope, judged)
        elif reason := self.members.reason_against(header):
            raise EnvelopeRefused(reason)
        self.bases.judge(header, known)
        if header.epoch and not self.members.has_epoch(header.epoch):
            raise EnvelopeRefused("its key was not given to this room yet", offence=False)
        if not self.bases.follows(header, known):
            raise EnvelopeRefused("an envelope before it is missing", offence=False)
        if self.size + len(raw) > MAX_ROOM or len(self._actors) >= MAX_SESSIONS:
            raise EnvelopeRefused("the room is full", offence=False)
        if header.document == "members":
            self.members.add(envelope)
        self.have.setdefault(header.document, {})[header.session] = header.sequence
        self._actors[header.session] = header.actor
        self.last += 1
        self.size += len(raw)
        self.bases.took(header, self.last, len(raw))
        self._flying[envelope.place] = raw
        return Row(self.id, self.last, header.document, header.session, header.sequence, header.actor, raw)

    def _compare(self, envelope: Envelope) -> None:
        if (self._flying.get(envelope.place) or self._body(envelope.place)) != envelope.raw:
            raise EnvelopeRefused("its author wrote two different envelopes in one place")
        raise Repeated

    def _statement(self, envelope: Envelope, judged: bool) -> None:
        statement = self.members.check(envelope)
        if judged:
            return
        if isinstance(statement, Redeem):
            invite = self.members.invite(statement.invite)
            if invite is not None and self.over(invite.expires):
                raise EnvelopeRefused("the invite's time is over; ask for a new link", offence=False)
            if self.members.joined_by(statement.invite) >= MAX_JOINED:
                raise EnvelopeRefused("the link was used by as many as one link may bring; ask for a new one", offence=False)
        if isinstance(statement, Revoke):
            if set(statement.previous) != set(self.members.heads):
                raise EnvelopeRefused("the members have changed meanwhile; try again", offence=False)
            if self._written_by(statement.key) != self._without_bases(statement.kept):
                raise EnvelopeRefused("the one to be removed has written more meanwhile; try again", offence=False)
        if isinstance(statement, (Grant, Moved)) and set(statement.previous) != set(self.members.heads):
            raise EnvelopeRefused("the members have changed meanwhile; try again", offence=False)

    def _written_by(self, key: bytes) -> dict[str, dict[int, int]]:
        return self._without_bases({document: {s: n for s, n in counts.items() if self._actors.get(s) == key}
                                    for document, counts in self.have.items()})

    def _without_bases(self, have: Have) -> Have:
        """Snapshots are not given to all, so that nobody need know of each."""
        found = {document: {s: n for s, n in counts.items() if not self.bases.own(s)} for document, counts in have.items()}
        return {document: counts for document, counts in found.items() if counts}

    def hands_on(self, row: Row) -> bool:
        """Whether an envelope is given to whoever has not got it; a snapshot that holds nothing new is not, nor what its author might not
        write: the removal may have come later, to a relay that was given the room back."""
        if row.document == "members":
            return True
        spare = self.bases.own(row.session) and self.bases.spare(row.session, self.have)
        return not spare and not self.members.reason(row.actor, row.document, row.session, row.sequence)

    def empty(self) -> None:
        """What is not a statement about members was thrown away: the room goes on in another."""
        self.have = {"members": self.have.get("members", {})}
        self.bases = Bases(())
        self.ring.clear()
        self._ring_size = 0

    def owns(self, session: int, key: bytes) -> bool:
        """Whether a session is a device's, or nobody's yet; a member's from then on, while the room is in memory."""
        owner = self._actors.get(session) or self._came.get(session, key)
        if owner == key and self.members.role(key) is not None and len(self._came) < MAX_SESSIONS:
            self._came[session] = key
        return owner == key

    def role(self, key: bytes) -> Role | None:
        """What a device may do here now; nothing once its time is over."""
        return None if self.over(self.members.until(key)) else self.members.role(key)

    def over(self, expires: int) -> bool:
        """Whether a time limit (Unix seconds, 0 for none) has passed."""
        return bool(expires) and self._clock() > expires

    def wrote(self, row: Row) -> None:
        """An envelope is on disk: it may be handed on."""
        self.written = row.number
        self._flying.pop((row.document, row.session, row.sequence), None)
        self.ring.append(row)
        self._ring_size += len(row.body)
        while self._ring_size > RING and len(self.ring) > 1:
            self._ring_size -= len(self.ring.popleft().body)

    def news(self) -> tuple[int, list[Row] | None]:
        """What was written since this was asked last, after which number; None where each must be told by itself: somebody may have been
        given it in a snapshot."""
        before, self._told = self._told, self.written
        rows = self.newest(before)
        told_apart = rows is None or any(self.bases.covers(row.document, row.session, row.sequence) for row in rows)
        return before, None if told_apart else rows

    def newest(self, cursor: int) -> list[Row] | None:
        """What follows a number, from memory; None where memory does not reach back so far."""
        if cursor >= self.written:
            return []
        if not self.ring or self.ring[0].number > cursor + 1:
            return None
        rows = list(islice(reversed(self.ring), self.ring[-1].number - cursor))  # mostly a few of many thousands
        rows.reverse()
        return rows
