"""Who else is in a room, and where; and saying the same of this session.

Owns: presence out and in, whom to believe, how often. Refuses: sockets (see `exchange`), what is brought into the document (see
`bringing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import Exchange
from app.services.collab.telling import Seen
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.sync.cut import Cut, digest_of
from editor_core.sync.envelope import public
from editor_core.sync.messages import Present
from editor_core.sync.presence import RATE, Fast, PresenceRefused, Slow, hear_fast, hear_slow, say_fast, say_slow

log = logging.getLogger(__name__)

COUNTED = 0.5
"""Seconds after which others hear of another count of changes that wait here."""
CROWD = 400
"""Presences a second that a window should have to look at: the more people there are, the less often each says where it is."""


class Ways(NamedTuple):
    """To the document's thread: `do` waits for what runs there, `promise` does not, `told` is told there who is in the room; `held` says
    whether this session takes nothing at present."""

    do: Callable[[Callable[[], Any]], Awaitable[Any]]
    promise: Callable[[Callable[[], Any]], Future[Any]]
    told: Callable[[dict[int, Seen]], None]
    held: Callable[[], bool]


class People:
    """Belongs to the exchange's loop. `cut`, `knows` and `parts` are digests of what is here, as others are told them."""

    def __init__(self, project: OpenProject, exchange: Exchange, key: Ed25519PrivateKey, name: str, ways: Ways) -> None:
        self.name = name
        self.panel = ""
        self.fast: Fast | None = None
        self.to_introduce = asyncio.Event()
        self.to_show = asyncio.Event()
        self.cut = self.knows = self.parts = b""
        self.closed = False
        self._project = project
        self._exchange = exchange
        self._participant = exchange.participant
        self._session = exchange.participant.session
        self._key = key
        self._ways = ways
        self._voice = Ed25519PrivateKey.generate()
        self._number = 0
        self._seen: dict[int, Seen] = {}
        self._showing = self._counting = False
        self._shown_at = 0.0
        exchange.on_present = self._present

    def left(self) -> None:
        """The line ended: nobody is seen any more."""
        self._seen.clear()
        self._tell_people()

    def arrived(self) -> None:
        """There is a line, to another room perhaps: what was said in the one before was signed for that one."""
        self.to_introduce.set()
        if self.fast is not None:
            self.to_show.set()

    def counts(self) -> None:
        """Another number of changes waits here: others are told, and not of each one."""
        if not self._counting:
            self._counting = True
            asyncio.get_running_loop().call_later(COUNTED, self._counted)

    def _counted(self) -> None:
        self._counting = False
        self.to_introduce.set()

    async def show(self) -> None:
        """Says where this session is, for ever."""
        while True:
            await self.to_show.wait()
            self.to_show.clear()
            one, room = self._exchange, self._participant.room.id
            fast = self.fast
            if fast is not None:
                self._number += 1
                with contextlib.suppress(AppError):
                    said = msgspec.structs.replace(fast, number=self._number)
                    await one.show(say_fast(said, self._voice, room, self._session))
            await asyncio.sleep(max(1 / RATE, len(self._seen) / CROWD))

    async def introduce(self) -> None:
        """Says who this session is whenever something of that or the room is another, with a digest of the cut, worked out here."""
        cut, number = Cut(), 0
        said: tuple[bytes, Slow] | None = None
        one = self._participant
        while True:
            snapshot, heads, waiting = await self._ways.do(lambda: (self._project.snapshot, one.merger.order.heads, one.waiting))
            self.cut, self.knows = await asyncio.to_thread(cut.digest, snapshot), digest_of(heads)
            self.parts = await asyncio.to_thread(cut.parts) if any(map(self._differs, self._seen.values())) else b""
            slow = Slow(0, public(self._key), public(self._voice), self.name, self.panel, self.cut, self.knows, waiting, self._ways.held(),
                        self.parts)
            if (one.room.id, slow) != said:
                said, number = (one.room.id, slow), number + 1
                with contextlib.suppress(AppError):
                    numbered = msgspec.structs.replace(slow, number=number)
                    await self._exchange.show(say_slow(numbered, self._key, one.room.id, self._session), slow=True)
                self._tell_people()
            await self.to_introduce.wait()
            self.to_introduce.clear()

    def _differs(self, seen: Seen) -> bool:
        """Whether somebody has all that is known here, and yet another cut."""
        return bool(seen.slow.cut) and seen.slow.knows == self.knows and seen.slow.cut != self.cut

    def _present(self, message: Present) -> None:
        for session, raw in message.slow.items():
            if session != self._session:
                self._hear_slow(session, raw)
        for session, raw in message.states.items():
            if not raw:
                self._seen.pop(session, None)
            elif (seen := self._seen.get(session)) is not None:
                self._hear_fast(seen, raw)
        self._tell_people()

    def _hear_slow(self, session: int, raw: bytes) -> None:
        one = self._participant
        try:
            slow = hear_slow(raw, one.room.id, session)
        except PresenceRefused as error:
            log.debug("a presence was refused: %s", error)
            return
        seen = self._seen.get(session)
        if one.role_of(slow.key) is None or one.rooms.actors.get(session, slow.key) != slow.key:
            return
        if seen is None or seen.slow.voice != slow.voice:
            self._seen[session] = Seen(session, slow)
            early = self._exchange.peers.get(session)
            if early:
                self._hear_fast(self._seen[session], early)
        elif slow.number > seen.slow.number:
            seen.slow, seen.heard = slow, time.monotonic()
        if not self.parts and self._differs(self._seen[session]):
            self.to_introduce.set()  # each tells what its tracks are

    def _hear_fast(self, seen: Seen, raw: bytes) -> None:
        try:
            fast = hear_fast(raw, seen.slow.voice, self._participant.room.id, seen.session)
        except PresenceRefused as error:
            log.debug("a presence was refused: %s", error)
            return
        if seen.fast is None or fast.number > seen.fast.number:
            seen.fast, seen.heard = fast, time.monotonic()

    def _tell_people(self) -> None:
        """Tells who is there soon, and not more often than presence goes out."""
        if not self._showing and not self.closed:
            self._showing = True
            now = time.monotonic()
            self._shown_at = max(now, self._shown_at + 1 / RATE)
            asyncio.get_running_loop().call_later(self._shown_at - now, lambda: self._ways.promise(self._give_people))

    def _give_people(self) -> None:
        self._showing = False
        if not self.closed:
            self._ways.told({session: Seen(session, one.slow, one.fast, one.heard) for session, one in list(self._seen.items())})
