"""The keys of a sealed room that a device can open, and giving the room new ones (SPEC 6).

Owns: finding keys in the members' statements, and the statements that give keys to those who shall have them. Refuses: keeping keys
(they leave this only in boxes that the device alone can open), and sealing content (see `envelope`).

A key is made anew when somebody was removed. The statement that brings it holds the keys before it, sealed under it, so that whoever is
given the newest reads everything, and who has only an older one reads nothing that was written since.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync.envelope import public
from editor_core.sync.errors import UNDECODABLE
from editor_core.sync.members import Keys, Members, invite_key
from editor_core.sync.sealing import ROOM_KEY, NotOpened, commitment, new_room_key, open_box, open_payload, seal_box, seal_payload

BOXES = 400
"""Boxes in one statement; who is left gets theirs by the next."""
MAX_OLDER = 500
"""Keys that one key leads back to directly; each of those may lead to more."""
_GENERATION = 2**32
_KEPT, _INVITE = b"kept", b"invite"
_Older = msgspec.msgpack.Decoder(list[tuple[int, bytes]])


class RoomKeys:
    """Keys by epoch. Two owners who did not know of each other may give two keys one number: all of them are tried."""

    def __init__(self, room: bytes, device: Ed25519PrivateKey) -> None:
        self.room = room
        self._device = device
        self._keys: dict[int, dict[bytes, bytes]] = {}
        self._led_to: set[bytes] = set()
        self._looked_back: set[bytes] = set()
        self._invites: dict[bytes, Ed25519PrivateKey] = {}
        self._secret = b""

    def of(self, epoch: int) -> Sequence[bytes]:
        """The room's keys of an epoch; none if this device was not given it."""
        return tuple(self._keys.get(epoch, {}).values())

    def current(self, members: Members) -> tuple[int, bytes] | None:
        """Number and key to write under; None where there is none that this device has, or none that leaves out all who were removed."""
        newest = members.epoch
        key = self._keys.get(newest[0], {}).get(newest[1]) if newest else None
        return (newest[0], key) if newest and key else None

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def redeem(self, secret: bytes) -> None:
        """Opens what is sealed to an invite as well; `secret` is that in its link."""
        key = invite_key(secret)
        self._invites[public(key)] = key
        self._secret = secret

    def learn(self, members: Members) -> bool:
        """Opens whatever can be opened; whether keys were found that were not here."""
        before = len(self)
        holders = {public(self._device): self._device, **self._invites}
        for statement in members.key_statements():
            if statement.commit not in self._keys.get(statement.epoch, {}):
                for key in self._opened(statement, holders):
                    self._add(statement.epoch, key)
        found = 0
        while found != len(self):
            found = len(self)
            for statement in members.key_statements():
                self._look_back(statement)
        return len(self) > before

    def _opened(self, statement: Keys, holders: Mapping[bytes, Ed25519PrivateKey]) -> Iterator[bytes]:
        for to, box in statement.boxes:
            if to in holders:
                with contextlib.suppress(NotOpened):
                    key = open_box(holders[to], self._said(statement.epoch), box)
                    if commitment(key) == statement.commit:
                        yield key

    def _look_back(self, statement: Keys) -> None:
        key = self._keys.get(statement.epoch, {}).get(statement.commit)
        if key is None or not statement.older or statement.older in self._looked_back:
            return
        self._looked_back.add(statement.older)
        with contextlib.suppress(NotOpened, *UNDECODABLE):
            older = _Older.decode(open_payload(key, self._said(statement.epoch), statement.older))
            for epoch, one in older[:MAX_OLDER]:
                if len(one) == ROOM_KEY:
                    self._add(epoch, one)
                    self._led_to.add(commitment(one))

    def _add(self, epoch: int, key: bytes) -> None:
        self._keys.setdefault(epoch, {})[commitment(key)] = key

    def _said(self, epoch: int) -> bytes:
        return self.room + epoch.to_bytes(8, "big")

    # giving

    def wanted(self, members: Members, now: float) -> Keys | None:
        """What an owner has to say so that everyone who takes part has a key that nobody else has; None if nothing.

        Of two owners who gave keys without knowing of each other, the one whose key is not the newest gives one that leads to both.
        """
        newest = members.epoch
        if newest is None:
            return self._rotated(members, now)
        key = self._keys.get(newest[0], {}).get(newest[1])
        said = [statement for statement in members.key_statements() if (statement.epoch, statement.commit) == newest]
        astray = any(commit != newest[1] for _, commit, _ in self._tips())
        if key is None or (astray and said[0].by != public(self._device)):
            return self._rotated(members, now)
        has = {to for statement in said for to, _ in statement.boxes}
        lacking = [to for to in _holders(members, now) if to not in has]
        boxes = self._boxes(newest[0], key, lacking)
        return Keys(public(self._device), members.heads, newest[0], newest[1], boxes) if boxes else None

    def _rotated(self, members: Members, now: float) -> Keys:
        key = new_room_key()
        generation = max((statement.epoch // _GENERATION for statement in members.key_statements()), default=0) + 1
        epoch = generation * _GENERATION + secrets.randbelow(_GENERATION)
        tips = [(number, one) for number, _, one in self._tips()]
        self._led_to.update(map(commitment, (one for _, one in tips)))
        older = seal_payload(key, self._said(epoch), msgspec.msgpack.encode(tips)) if tips else b""
        self._add(epoch, key)
        return Keys(public(self._device), members.heads, epoch, commitment(key), self._boxes(epoch, key, _holders(members, now)), older)

    def _tips(self) -> list[tuple[int, bytes, bytes]]:
        """Keys to which no other leads."""
        return [(number, commit, key) for number, keys in self._keys.items() for commit, key in keys.items() if commit not in self._led_to]

    def _boxes(self, epoch: int, key: bytes, to: Iterable[bytes]) -> tuple[tuple[bytes, bytes], ...]:
        boxes: list[tuple[bytes, bytes]] = []
        for one in to:
            with contextlib.suppress(NotOpened):  # a key with which nobody can ever sign either
                boxes.append((one, seal_box(one, self._said(epoch), key)))
        return tuple(boxes[:BOXES])

    # keeping

    def kept(self) -> dict[str, bytes]:
        """What a project file keeps: the keys and the invite's secret, each sealed to this device."""
        mine = public(self._device)
        inside = msgspec.msgpack.encode([(number, key) for number, keys in self._keys.items() for key in keys.values()])
        return {"keys": seal_box(mine, self.room + _KEPT, inside),
                **({"invite": seal_box(mine, self.room + _INVITE, self._secret)} if self._secret else {})}

    def take_kept(self, kept: Mapping[str, bytes]) -> None:
        """Takes back what `kept` gave. What cannot be opened is passed over: it can be found again in the statements."""
        with contextlib.suppress(NotOpened, KeyError, *UNDECODABLE):
            for epoch, key in _Older.decode(open_box(self._device, self.room + _KEPT, kept["keys"])):
                self._add(epoch, key)
        with contextlib.suppress(NotOpened, KeyError):
            self.redeem(open_box(self._device, self.room + _INVITE, kept["invite"]))


def _holders(members: Members, now: float) -> list[bytes]:
    """Public keys of all who shall read: members and invites whose time is not over."""
    ends = [*((member.key, members.until(member.key)) for member in members.present()),
            *((invite.key, invite.expires) for invite in members.invites())]
    return [key for key, until in ends if not until or until > now]
