"""Frames that no honest program sends, of every kind, for a room with one member of each role.

Owns: the room, its members, good envelopes to spoil, what is made of them. Refuses: judging what becomes of them (see
`tests.fuzz.hostile`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync import members as m
from editor_core.sync.envelope import Envelope, Header, hash_of, make, public
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.sealing import new_room_key

_CONTEXT = b"ProEditor envelope 1\x00"
FILM = ("timeline", "journal")


class Frame(NamedTuple):
    """One hostile envelope. `cut` is False where an honest program may be in the same position, so that its sender is told and not cut off.
    `hidden` is set where its header is right, so that no relay can know."""

    kind: str
    raw: bytes
    cut: bool = True
    hidden: bool = False
    author: str = "bo"


class Cast:
    """Ann owns the room, Bo edits, Cy comments, Dee views, Fay edited and was removed, Eve was never in it."""

    def __init__(self, seed: int, *, sealed: bool = True, now: float = 0.0) -> None:
        self.random = random.Random(seed)
        self.keys = {name: Ed25519PrivateKey.from_private_bytes(hash_of(f"{name} {seed}".encode())) for name in
                     ("ann", "bo", "cy", "dee", "eve", "fay")}
        self.now = now
        self.genesis = m.Genesis(self.key("ann"), "Film", hash_of(str(seed).encode())[:16], "u-ann", "Ann", sealed)
        self.id = m.room_of(self.genesis)
        self.members = m.Members(self.id)
        self.sealed = sealed
        self.room_keys = RoomKeys(self.id, self.keys["ann"])
        self.sessions = {name: self.random.randrange(1, 2**53) for name in self.keys}
        self.next: dict[tuple[str, int], int] = {}
        self.said: list[bytes] = []
        self.good: list[Envelope] = []
        self.say("ann", self.genesis)
        for name, role in (("bo", "editor"), ("cy", "commenter"), ("dee", "viewer"), ("fay", "editor")):
            self.say("ann", m.Grant(self.key("ann"), self.members.heads, self.key(name), role, f"u-{name}", name))
        self.secret, self.late = b"s" * 16, b"l" * 16
        self.say("ann", m.Invite(self.key("ann"), self.members.heads, public(m.invite_key(self.secret)), "commenter"))
        self.say("ann", m.Invite(self.key("ann"), self.members.heads, public(m.invite_key(self.late)), "editor", 1))
        self.give_keys()
        self.say("ann", m.Revoke(self.key("ann"), self.members.heads, self.key("fay")))
        self.give_keys()

    def key(self, name: str) -> bytes:
        return public(self.keys[name])

    def say(self, name: str, statement: m.Statement) -> None:
        self.said.append(self.made(name, "members", m.encode(statement), advance=True).raw)
        self.members.add(self.good.pop())

    def give_keys(self) -> None:
        while self.sealed and (said := self.room_keys.wanted(self.members, self.now)) is not None:
            self.say("ann", said)

    def made(self, name: str, document: str, payload: bytes, *, advance: bool = False, **more) -> Envelope:
        """An envelope by somebody, in the next place of their session unless said otherwise; with `advance` it is a good one."""
        session = more.pop("session", self.sessions[name])
        sequence = more.pop("sequence", self.next.get((document, session), 0) + 1)
        if self.sealed and document != "members" and "epoch" not in more:
            more["epoch"], more["room_key"] = self.room_keys.current(self.members)
        made = make(self.keys[name], room=more.pop("room", self.id), document=document, session=session, sequence=sequence, payload=payload,
                    **more)
        if advance:
            self.next[document, session] = sequence
            self.good.append(made)
        return made

    def write(self, name: str = "bo", payload: bytes = b"") -> list[bytes]:
        """What an honest editor gives: one change."""
        return [self.made(name, document, payload or self.random.randbytes(80), advance=True).raw for document in FILM]

    # what is hostile

    def hostile(self) -> Iterator[Frame]:
        """Frames without end; each is to be refused, whatever came before."""
        makers = [getattr(self, name) for name in dir(self) if name.startswith("_h_")]
        while True:
            yield self.random.choice(makers)()

    def _editor(self) -> Envelope:
        """A good envelope that nobody has yet, by Bo or Ann."""
        return self.made(self.random.choice(["bo", "ann"]), self.random.choice(FILM), self.random.randbytes(self.random.randrange(1, 300)))

    def _author(self, envelope: Envelope) -> str:
        return next(name for name in self.keys if self.key(name) == envelope.header.actor)

    def _signed(self, name: str, header: Header, payload: bytes) -> bytes:
        """Whatever header, signed by somebody."""
        raw = msgspec.msgpack.encode(header)
        return msgspec.msgpack.encode([raw, payload, self.keys[name].sign(_CONTEXT + raw)])

    def _h_flipped(self) -> Frame:
        good = bytearray(self._editor().raw)
        for _ in range(self.random.choice([1, 1, 2, 8])):
            good[self.random.randrange(len(good))] ^= 1 << self.random.randrange(8)
        return Frame("flipped bits", bytes(good), cut=False)

    def _h_cut_short(self) -> Frame:
        good = self._editor().raw
        return Frame("cut short", good[:self.random.randrange(len(good))])

    def _h_longer(self) -> Frame:
        return Frame("longer", self._editor().raw + self.random.randbytes(self.random.randrange(1, 20)))

    def _h_random(self) -> Frame:
        return Frame("random bytes", self.random.randbytes(self.random.randrange(0, 500)))

    def _h_bomb(self) -> Frame:
        return Frame("impossible lengths", self.random.choice([b"\x93\xc6\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff" + b"\x91" * 50,
                                                               b"\x91" * 5000,
                                                               b"\x93\xc4\x05\x9f\xff\xff\xff\xff\xc4\x00\xc4\x00"]))

    def _h_other_form(self) -> Frame:
        header, payload, signature = msgspec.msgpack.decode(self._editor().raw)
        longer = b"\x93" + b"".join(b"\xc6" + len(part).to_bytes(4, "big") + part for part in (header, payload, signature))
        return Frame("written another way", longer)

    def _h_forged_author(self) -> Frame:
        good = self._editor()
        other = self.random.choice([name for name in self.keys if self.key(name) != good.header.actor])
        header = msgspec.structs.replace(good.header, actor=self.key(other))
        return Frame("forged author", self._signed(self._author(good), header, good.payload))

    def _h_wrong_signature(self) -> Frame:
        good = self._editor()
        return Frame("another's signature", self._signed(self.random.choice(["eve", "dee", "cy"]), good.header, good.payload))

    def _h_no_signature(self) -> Frame:
        good = self._editor()
        return Frame("no signature", msgspec.msgpack.encode([good.header_bytes, good.payload, self.random.choice([b"", bytes(64)])]))

    def _h_other_payload(self) -> Frame:
        one, other = self._editor(), self._editor()
        wire = msgspec.msgpack.decode(one.raw)
        return Frame("another's content", msgspec.msgpack.encode([wire[0], other.payload, wire[2]]))

    def _h_moved(self) -> Frame:
        """A good envelope in another place, its signature left as it was."""
        good = self._editor()
        change = self.random.choice([{"sequence": good.header.sequence + 1}, {"session": self.sessions["ann"]}, {"document": "comments"},
                                     {"room": bytes(32)}, {"epoch": good.header.epoch + 1}])
        raw = msgspec.msgpack.encode(msgspec.structs.replace(good.header, **change))
        if raw == good.header_bytes:
            return self._h_moved()
        wire = msgspec.msgpack.decode(good.raw)
        return Frame("moved elsewhere", msgspec.msgpack.encode([raw, wire[1], wire[2]]))

    def _h_another_room(self) -> Frame:
        return Frame("another room", self.made("bo", "timeline", b"x", room=self.random.randbytes(32)).raw)

    def _h_out_of_role(self) -> Frame:
        name = self.random.choice(["cy", "dee", "eve", "fay"])
        document = self.random.choice(["timeline", "journal"] if name == "cy" else ["timeline", "journal", "comments"])
        covers = {self.sessions["bo"]: 5}
        more = self.random.choice([{}, {}, {"kind": "snapshot"}, {"kind": "snapshot", "covers": covers}, {"kind": "part"}])
        return Frame("out of role", self.made(name, document, self.random.randbytes(50), **more).raw, author=name)

    def _h_session_of_another(self) -> Frame:
        return Frame("another's session", self.made("bo", self.random.choice(FILM), b"x", session=self.sessions["ann"],
                                                    sequence=self.next.get(("timeline", self.sessions["ann"]), 0) + 1).raw)

    def _h_gap(self) -> Frame:
        document = self.random.choice(FILM)
        sequence = self.next.get((document, self.sessions["bo"]), 0) + self.random.choice([2, 3, 1000, 2**53 - 5000])
        return Frame("a gap", self.made("bo", document, b"x", sequence=sequence).raw, cut=False)

    def _h_impossible_numbers(self) -> Frame:
        good = self._editor()
        change = self.random.choice([{"sequence": 0}, {"session": 0}, {"session": 2**53}, {"epoch": 2**60}, {"version": 0},
                                     {"kind": "part2"}, {"covers": ((1, 1),)}, {"covers": ((5, 1), (2, 2))}, {"document": "secrets"},
                                     {"sequence": -1}])
        header = msgspec.structs.replace(good.header, **change)
        return Frame("impossible header", self._signed(self._author(good), header, good.payload), cut=change != {"version": 0})

    def _h_second_in_place(self) -> Frame:
        """Another envelope where its author has written one."""
        taken = self.random.choice([e for e in self.good if e.header.actor == self.key("bo")][-20:] or [self._editor()])
        if taken.header.sequence > self.next.get((taken.header.document, taken.header.session), 0):
            return self._h_forged_author()
        other = self.made("bo", taken.header.document, self.random.randbytes(30), sequence=taken.header.sequence)
        return Frame("written twice", other.raw)

    def _h_not_sealed(self) -> Frame:
        clear = {"epoch": 0} if self.sealed else {"epoch": 2**33, "room_key": new_room_key()}
        return Frame("not sealed", self.made("bo", self.random.choice(FILM), b"x", **clear).raw)

    def _h_unknown_epoch(self) -> Frame:
        if not self.sealed:
            return self._h_not_sealed()
        other = self.made("bo", "comments", b"x", epoch=2**40 + self.random.randrange(2**32), room_key=new_room_key())
        return Frame("unknown epoch", other.raw, cut=False, hidden=True)

    def _h_statement(self) -> Frame:
        """What only owners may say, said by others; and what owners may not."""
        name = self.random.choice(["bo", "cy", "dee", "eve", "fay"])
        mine, heads = self.key(name), self.members.heads
        statement = self.random.choice([
            m.Grant(mine, heads, mine, "owner"), m.Grant(mine, heads, self.key("eve"), "editor"), m.Revoke(mine, heads, self.key("ann")),
            m.Revoke(mine, heads, self.key("dee")), m.Invite(mine, heads, self.random.randbytes(32), "owner"),
            m.Keys(mine, heads, 2**50, bytes(32), ()), m.Grant(self.key("ann"), heads, mine, "owner"),
            msgspec.structs.replace(self.genesis, by=mine), m.Keys(mine, heads, 2**34, bytes(32), ((mine, bytes(80)),))])
        return Frame("statement", self.made(name, "members", m.encode(statement)).raw, author=name)

    def _h_redeemed(self) -> Frame:
        """Invites: for more than they are for, over, forged, somebody else's proof, by who was removed."""
        heads = self.members.heads
        more = m.redeem_statement(self.secret, room=self.id, by=self.key("eve"), role="owner", previous=heads, actor="", person="")
        forged = m.redeem_statement(b"?" * 16, room=self.id, by=self.key("eve"), role="viewer", previous=heads, actor="", person="")
        stolen = m.redeem_statement(self.secret, room=self.id, by=self.key("cy"), role="viewer", previous=heads, actor="", person="")
        back = m.redeem_statement(self.secret, room=self.id, by=self.key("fay"), role="commenter", previous=heads, actor="", person="")
        name, statement, cut = self.random.choice([("eve", more, True), ("eve", forged, False), ("fay", back, False),
                                                   ("eve", msgspec.structs.replace(stolen, by=self.key("eve")), True)])
        return Frame("redeemed wrongly", self.made(name, "members", m.encode(statement)).raw, cut=cut, author=name)

    def _h_statement_without_shape(self) -> Frame:
        payload = self.random.choice([b"", b"\x80", self.random.randbytes(60), b"\x91" * 2000, m.encode(self.genesis) + b"x",
                                      msgspec.msgpack.encode({"type": "grant", "by": self.key("ann")})])
        return Frame("no statement", self.made("ann", "members", payload).raw, author="ann")

    def _h_spoiled(self) -> Frame:
        """Rightly signed by an editor; what is in it is nothing."""
        more = {} if not self.sealed else self.random.choice([{}, {"epoch": self.room_keys.current(self.members)[0],
                                                                   "room_key": new_room_key()}])
        content = self.random.choice([b"", self.random.randbytes(100), b"\xff" * 40, b"\x80\x80\x80\x80\x0f", bytes(1000)])
        return Frame("spoiled content", self.made("bo", "journal", content or b"\x00", session=self.random.randrange(1, 2**53), **more).raw,
                     hidden=True)
