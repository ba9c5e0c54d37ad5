"""Who may write what in a room: what follows from signed statements (SPEC 2).

Owns: roles, members, invites and the epochs of keys as they stand. Refuses: clocks (an expiry is judged by the relay, when something
arrives), networks, secrets, the statements' form (see `statements`, whose names are here as well).

Removals win: what a removed member did counts only as far as the removal says it was known, and a grant counts again only when it
was made in knowledge of the removal. The maker of a room cannot be removed from it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from editor_core.sync.envelope import Envelope, EnvelopeRefused, Have, Header, hash_of, verify
from editor_core.sync.statements import (
    MAX_NAME,
    REDEEM,
    ROLES,
    WRITES,
    Genesis,
    Grant,
    Invite,
    Keys,
    Moved,
    Redeem,
    Revoke,
    Role,
    Statement,
    encode,
    invite_key,
    may,
    read,
    redeem_statement,
    room_of,
)

MAX_STATEMENTS = 20_000


class Member(msgspec.Struct, frozen=True):
    """One who takes part now."""

    key: bytes
    role: Role
    actor: str
    person: str


class _Placed(msgspec.Struct, frozen=True):
    """A statement in its place: `before` has a bit for each statement it was made in knowledge of."""

    number: int
    id: bytes
    statement: Statement
    before: int


class Members:
    """The statements of one room and what follows from them."""

    def __init__(self, room: bytes) -> None:
        self.room = room
        self._placed: list[_Placed] = []
        self._by_id: dict[bytes, _Placed] = {}
        self._roles: dict[bytes, Role] = {}
        self._ever: dict[bytes, Role] = {}
        self._until: dict[bytes, int] = {}
        self._people: dict[bytes, tuple[str, str]] = {}
        self._kept: dict[bytes, list[dict[str, dict[int, int]]]] = {}
        self._invites: dict[bytes, Invite] = {}
        self._came_by: dict[bytes, bytes] = {}
        self._removed: dict[bytes, list[_Placed]] = {}
        self._made: dict[bytes, list[_Placed]] = {}
        self._heads: tuple[bytes, ...] = ()
        self._epochs: set[int] = set()
        self._joined: dict[bytes, int] = {}
        self._moves = False

    def __len__(self) -> int:
        return len(self._placed)

    @property
    def heads(self) -> tuple[bytes, ...]:
        """What a new statement names as `previous`."""
        return self._heads

    @property
    def name(self) -> str:
        """What the room was called by its maker."""
        first = self._placed[0].statement if self._placed else None
        return first.name if isinstance(first, Genesis) else ""

    @property
    def maker(self) -> bytes:
        """The key of the room's maker, empty for a room that is not made yet."""
        return self._placed[0].statement.by if self._placed else b""

    def role(self, key: bytes) -> Role | None:
        """What a device may do now."""
        return self._roles.get(key)

    def ever(self, key: bytes) -> Role | None:
        """The most that a device was ever allowed to do."""
        return self._ever.get(key)

    def person(self, key: bytes) -> tuple[str, str]:
        """Id in histories and name of who holds a device, empty for one that was never a member."""
        return self._people.get(key, ("", ""))

    def until(self, key: bytes) -> int:
        """When a device's role ends, Unix seconds; 0 for never. Whether that has passed is for the caller's clock."""
        return self._until.get(key, 0)

    @property
    def limited(self) -> bool:
        """Whether somebody's role ends at some time."""
        return any(self._until.values())

    def removed(self) -> list[bytes]:
        """Devices that were members and are none now."""
        return [key for key in self._ever if key not in self._roles]

    def present(self) -> list[Member]:
        """Everyone who has a role now, owners first."""
        members = [Member(key, role, *self._people.get(key, ("", ""))) for key, role in self._roles.items()]
        return sorted(members, key=lambda m: (-ROLES.index(m.role), m.person, m.key))

    @property
    def sealed(self) -> bool:
        """Whether the room was made to be sealed; its id says so."""
        first = self._placed[0].statement if self._placed else None
        return isinstance(first, Genesis) and first.sealed

    @property
    def moved(self) -> bytes | None:
        """The room in which this one goes on, if it does. Of two owners who moved it without knowing of each other, one counts."""
        said = [p for p in self._placed if isinstance(p.statement, Moved) and not self._void(p, self._removed)] if self._moves else []
        one = min(said, key=lambda p: (p.before.bit_count(), p.id), default=None)
        return one.statement.room if one is not None and isinstance(one.statement, Moved) else None

    def key_statements(self) -> list[Keys]:
        """Every statement that holds keys, also of owners who were removed since: what was written under them is to be read."""
        return [placed.statement for placed in self._placed if isinstance(placed.statement, Keys)]

    @property
    def epoch(self) -> tuple[int, bytes] | None:
        """Number and `commit` of the key to write under: the newest that was made in knowledge of all who were removed."""
        said: dict[tuple[int, bytes], list[_Placed]] = {}
        gone = [removal for key, removals in self._removed.items() if key not in self._roles for removal in removals]
        for placed in self._placed:
            if isinstance(placed.statement, Keys) and not self._void(placed, self._removed):
                said.setdefault((placed.statement.epoch, placed.statement.commit), []).append(placed)
        return max((key for key, placed in said.items() if all(self._later(one, gone) for one in placed)), default=None)

    def has_epoch(self, number: int) -> bool:
        """Whether somebody gave the room a key of that number."""
        return number in self._epochs

    def invite(self, key: bytes) -> Invite | None:
        """An invite that was not taken back; whether its time is over is for the caller's clock."""
        return self._invites.get(key)

    def joined_by(self, invite: bytes) -> int:
        """How many statements redeemed an invite."""
        return self._joined.get(invite, 0)

    def unvouched(self) -> Member | None:
        """One who takes part by a link that lasts for a time, of which the maker of the room has said nothing since; as long as that is so,
        nobody but the maker or an owner can tell later that it was in time."""
        limited = {p.statement.key for p in self._placed if isinstance(p.statement, Invite) and p.statement.expires}
        joined = [p for p in self._placed if isinstance(p.statement, Redeem) and p.statement.invite in limited]
        known = 0
        for placed in self._placed if joined else ():
            if placed.statement.by == self.maker:
                known |= placed.before
        return next((Member(key, role, *self.person(key)) for p in reversed(joined) if not known >> p.number & 1
                     and (role := self.role(key := p.statement.by)) is not None and key != self.maker), None)

    def came_by(self, key: bytes) -> Invite | None:
        """The invite by which a member came, if it is still open."""
        return self._invites.get(self._came_by.get(key, b""))

    def invites(self) -> list[Invite]:
        """All of them."""
        return list(self._invites.values())

    def reason_against(self, header: Header) -> str:
        """Why an author may not have written an envelope of another document than `members`; empty if they may."""
        if bool(header.epoch) != self.sealed:
            return "it is not sealed, in a room that is" if self.sealed else "it is sealed, in a room that is not"
        # who makes a snapshot answers for what others wrote, also of comments: that is for those who may write the film
        return self.reason(header.actor, "timeline" if header.covers else header.document, header.session, header.sequence)

    def reason(self, author: bytes, document: str, session: int, sequence: int) -> str:
        """The same for an envelope in some place."""
        role = self._roles.get(author)
        if may(role, document):
            return ""
        known = (kept.get(document, {}).get(session, 0) for kept in self._kept.get(author, ()))
        if may(self._ever.get(author), document) and any(sequence <= up_to for up_to in known):
            return ""
        if author not in self._ever:
            return "its author is no member of the room"
        if role is None:
            return "its author was removed from the room"
        return f"a {role} may not write to {document}"

    def check(self, envelope: Envelope) -> Statement:
        """The statement in an envelope, if it may be added. Raises EnvelopeRefused."""
        statement = read(envelope, self.room)
        if hash_of(envelope.payload) in self._by_id:
            return statement
        if isinstance(statement, Genesis):
            if self._placed:
                raise EnvelopeRefused("a room is made only once")
            if hash_of(envelope.payload) != self.room:
                raise EnvelopeRefused("it makes another room than the one it was sent to")
            return statement
        if not self._placed:
            raise EnvelopeRefused("the room was not made yet", offence=False)
        if len(self._placed) >= MAX_STATEMENTS:
            raise EnvelopeRefused("the list of members is full", offence=False)
        self._entitled(statement)
        return statement

    def add(self, envelope: Envelope) -> bool:
        """Takes in a statement; False where it is known. Raises EnvelopeRefused."""
        statement = self.check(envelope)
        found = hash_of(envelope.payload)
        if found in self._by_id:
            return False
        previous = () if isinstance(statement, Genesis) else statement.previous
        before = 0
        for one in previous:
            placed = self._by_id[one]
            before |= placed.before | 1 << placed.number
        placed = _Placed(len(self._placed), found, statement, before)
        self._placed.append(placed)
        self._by_id[found] = placed
        self._heads = tuple(sorted({*self._heads, found} - set(previous)))
        if isinstance(statement, Keys):
            self._epochs.add(statement.epoch)
        self._moves = self._moves or isinstance(statement, Moved)
        if isinstance(statement, Redeem):
            self._joined[statement.invite] = self.joined_by(statement.invite) + 1
        if isinstance(statement, Revoke):
            self._follow()
        else:
            self._count(placed)
        return True

    def _entitled(self, statement: Grant | Invite | Redeem | Revoke | Keys | Moved) -> None:
        if not statement.previous or any(one not in self._by_id for one in statement.previous):
            raise EnvelopeRefused("a statement builds on others that are not here", offence=False)
        known = self if set(statement.previous) == set(self._heads) else self._as_of(statement.previous)
        if isinstance(statement, Redeem):
            invite = known._invites.get(statement.invite)
            if invite is None:
                raise EnvelopeRefused("the invite is not valid any more; ask for a new link", offence=False)
            if ROLES.index(statement.role) > ROLES.index(invite.role):
                raise EnvelopeRefused(f"the invite is for a {invite.role} and not for a {statement.role}")
            if not self._invited_since(statement.invite, known._removed.get(statement.by, ())):
                raise EnvelopeRefused("this device was removed from the room after the invite was made; ask for a new link", offence=False)
            verify(statement.invite, statement.proof, REDEEM + self.room + statement.by + statement.role.encode())
            return
        if known._roles.get(statement.by) != "owner":
            raise EnvelopeRefused("only owners may change who takes part")
        if isinstance(statement, Revoke) and statement.key == self.maker:
            raise EnvelopeRefused("the maker of a room cannot be removed from it", offence=False)
        if isinstance(statement, Keys) and not self.sealed:
            raise EnvelopeRefused("keys for a room that is not sealed")
        if isinstance(statement, Moved) and self.sealed:
            raise EnvelopeRefused("a room that is sealed stays where it is")

    def _as_of(self, previous: Iterable[bytes]) -> Members:
        """The members as somebody knew them who had seen some statements and all those before them."""
        wanted = 0
        for one in previous:
            placed = self._by_id[one]
            wanted |= placed.before | 1 << placed.number
        view = Members(self.room)
        view._placed = [p for p in self._placed if wanted >> p.number & 1]
        view._follow()
        return view

    def _follow(self) -> None:
        """Works out everything that follows from the statements."""
        self._roles, self._ever, self._people, self._kept, self._invites, self._came_by, self._until = {}, {}, {}, {}, {}, {}, {}
        self._made = {}
        self._removed = self._removals()
        for placed in self._placed:
            self._count(placed)

    def _count(self, placed: _Placed) -> None:
        """Works out what follows from one statement beside those before it; a removal may change what follows from others."""
        one, removals = placed.statement, self._removed
        if isinstance(one, Invite):
            self._made.setdefault(one.key, []).append(placed)
        if self._void(placed, removals):
            return
        if isinstance(one, Genesis):
            self._give(one.by, "owner", one, True)
        elif isinstance(one, Grant):
            self._give(one.key, one.role, one, self._later(placed, removals.get(one.key, ())))
        elif isinstance(one, Invite):
            if self._later(placed, removals.get(one.key, ())):
                self._invites[one.key] = one
        elif isinstance(one, Redeem):
            stopped = [r for r in removals.get(one.invite, ()) if not r.before >> placed.number & 1]
            if not stopped:
                self._came_by[one.by] = one.invite
                self._give(one.by, one.role, one, self._invited_since(one.invite, removals.get(one.by, ()), placed.before))

    def _removals(self) -> dict[bytes, list[_Placed]]:
        found: dict[bytes, list[_Placed]] = {}
        for placed in sorted((p for p in self._placed if isinstance(p.statement, Revoke)), key=lambda p: (p.before.bit_count(), p.id)):
            if isinstance(placed.statement, Revoke) and not self._void(placed, found):
                found.setdefault(placed.statement.key, []).append(placed)
                self._kept.setdefault(placed.statement.key, []).append(placed.statement.kept)
        return found

    def _void(self, placed: _Placed, removals: dict[bytes, list[_Placed]]) -> bool:
        """Whether a statement's author was removed without the remover knowing it; redeeming is no right that can be lost."""
        if isinstance(placed.statement, (Genesis, Redeem)):
            return False
        return any(not removal.before >> placed.number & 1 and not placed.before >> removal.number & 1
                   for removal in removals.get(placed.statement.by, ()))

    def _later(self, placed: _Placed, removals: Iterable[_Placed]) -> bool:
        return all(placed.before >> removal.number & 1 for removal in removals)

    def _invited_since(self, invite: bytes, removals: Iterable[_Placed], before: int = -1) -> bool:
        """Whether an invite, one of those statements, was made in knowledge of removals: who was removed does not come back by an
        old link."""
        return any(self._later(one, removals) for one in self._made.get(invite, ()) if before >> one.number & 1)

    def _give(self, key: bytes, role: Role, one: Genesis | Grant | Redeem, now: bool) -> None:
        self._people[key] = (one.actor, one.person)
        if key not in self._ever or ROLES.index(role) > ROLES.index(self._ever[key]):
            self._ever[key] = role
        if now and (key not in self._roles or ROLES.index(role) > ROLES.index(self._roles[key])):
            self._roles[key] = role
            self._until[key] = one.until if isinstance(one, Grant) else 0


def over(until: int, now: float) -> bool:
    """Whether a time limit (Unix seconds, 0 for none) has passed."""
    return bool(until) and now > until


def kept_of(have: Have, sessions: Iterable[int]) -> dict[str, dict[int, int]]:
    """What is known of some sessions, for a `Revoke`."""
    mine = set(sessions)
    found = {document: {s: n for s, n in counts.items() if s in mine} for document, counts in have.items()}
    return {document: counts for document, counts in found.items() if counts}


__all__ = ["MAX_NAME", "ROLES", "WRITES", "Genesis", "Grant", "Invite", "Keys", "Member", "Members", "Moved", "Redeem", "Revoke", "Role",
           "Statement", "encode", "invite_key", "kept_of", "may", "over", "redeem_statement", "room_of"]
