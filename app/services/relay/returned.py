"""A room that is given back to a relay which lost it: what statements about its members may come in although they are old.

Owns: that judgement. Refuses: sockets, the disk, everything but members (what they wrote is put as ever, and judged by them).

Statements were judged when they were new: whether a link was still open, whether a removal said all that the relay had. A relay that has
not got them cannot judge that again. Those who have a copy give them back before anything else, and they count, but for one thing: that
somebody joined by a link whose time is over might be said by whoever has the link. It counts if who made the room, or an owner whom the
relay knows, gives it, or if the maker said something in knowledge of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.services.errors import AppError
from app.services.relay import rooms
from app.services.relay.rooms import LiveRoom, Repeated
from app.services.relay.store import Row
from editor_core.sync.envelope import Envelope, EnvelopeRefused, hash_of, open_envelope
from editor_core.sync.statements import Genesis, Invite, Redeem, Statement, read

MOST = 8 * 2**20
"""Most bytes of statements given back by one connection."""


class NotYet(AppError):
    """The room cannot be given back by this peer; it can by another."""


def given_back(room: LiveRoom, raws: list[bytes], by: bytes) -> Iterator[Row]:
    """Takes the statements that a room lacks, from the device `by`; the caller puts them on disk. Those it has are passed over.

    Raises EnvelopeRefused, and NotYet before anything is taken.
    """
    envelopes = [open_envelope(raw, room=room.id) for raw in raws]
    if any(envelope.header.document != "members" for envelope in envelopes):
        raise EnvelopeRefused("only statements about members are given back so")
    _vouched(room, envelopes, by)
    for envelope in envelopes:
        try:
            yield room.take(envelope.raw, judged=True)
        except Repeated:
            continue


def _vouched(room: LiveRoom, envelopes: list[Envelope], by: bytes) -> None:
    """Raises NotYet where somebody is said to have joined by a link whose time is over, and nobody who may say so does."""
    new = {hash_of(envelope.payload): read(envelope, room.id) for envelope in envelopes
           if envelope.header.sequence > room.have.get("members", {}).get(envelope.header.session, 0)}
    for invite, count in Counter(one.invite for one in new.values() if isinstance(one, Redeem)).items():
        if room.members.joined_by(invite) + count > rooms.MAX_JOINED:
            raise EnvelopeRefused("a link brought more than one link may bring", offence=False)
    maker = room.members.maker or next((one.by for one in new.values() if isinstance(one, Genesis)), b"")
    if by == maker or room.members.role(by) == "owner":
        return
    ends = {one.key: one.expires for one in [*room.members.invites(), *(one for one in new.values() if isinstance(one, Invite))]}
    late = {name for name, one in new.items() if isinstance(one, Redeem) and room.over(ends.get(one.invite, 0))}
    if late and not late <= _known_to(maker, new):
        raise NotYet("it lost this room; it comes back when who made it connects, because links by which others came are over")


def _known_to(maker: bytes, statements: dict[bytes, Statement]) -> set[bytes]:
    """What the maker of a room knew when it last said something, of some statements."""
    found: set[bytes] = set()
    open_ends = [name for one in statements.values() if one.by == maker and not isinstance(one, (Genesis, Redeem)) for name in one.previous]
    while open_ends:
        name = open_ends.pop()
        one = statements.get(name)
        if one is None or name in found:
            continue
        found.add(name)
        if not isinstance(one, Genesis):
            open_ends.extend(one.previous)
    return found
