"""Giving media to others: fair between them, and no faster than allowed.

Owns: what is being given to whom, making stand-ins that somebody asks for, the cap. Refuses: deciding what is here (see `holdings`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.services.collab.media.holdings import Holdings
from assets.pieces import FileChanged, PieceList, WrongList, WrongPiece, encode, list_of, read_piece
from editor_core.schema import MediaReference
from editor_core.sync.media_messages import Ask, AskList, Has, Kind, Listed, PieceOf, Said, Sorry, Who
from render import stand_in

log = logging.getLogger(__name__)

WAITING = 16
"""Pieces that one session may ask for ahead."""
_LISTS = 64
Say = Callable[[int, Said], Awaitable[None]]
MakeStandIn = Callable[[MediaReference, Path, stand_in.Kind], Awaitable[Path]]


class Cap:
    """Bytes a second that may be given; 0 for as many as go."""

    def __init__(self, rate: float = 0.0) -> None:
        self.rate = rate
        self._free_at = 0.0

    async def spend(self, size: int) -> None:
        """Waits until so many more bytes may go."""
        if self.rate <= 0:
            return
        now = time.monotonic()
        wait = max(0.0, self._free_at - now)
        self._free_at = max(now, self._free_at) + size / self.rate
        if wait:
            await asyncio.sleep(wait)


class Giving:
    """Answers what others ask. `metered` gives previews alone. Belongs to the loop."""

    def __init__(self, holdings: Holdings, lists: Path, make: MakeStandIn, cap: float = 0.0, metered: bool = False) -> None:
        """`lists` is the folder of piece lists that are kept; `cap` bytes a second, 0 for no cap."""
        self._holdings = holdings
        self._folder = lists
        self._make = make
        self._cap = Cap(cap)
        self.metered = metered
        self.given = 0
        """Bytes given so far."""
        self._lists: OrderedDict[tuple[str, str], tuple[Path, PieceList]] = OrderedDict()
        self._asked: OrderedDict[int, deque[Ask]] = OrderedDict()
        self._making: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether somebody waits for something."""
        return bool(self._asked or self._making)

    async def hear(self, session: int, message: Said, say: Say) -> None:
        """Answers a question, or notes that it has to be answered."""
        if isinstance(message, Who):
            items = tuple((one, kind) for one in message.hashes for kind in self._holdings.offered(one) if self._gives(kind))
            if items:
                await say(session, Has(items))
        elif isinstance(message, AskList):
            task = asyncio.ensure_future(self._list(session, message, say))
            self._making.add(task)
            task.add_done_callback(self._making.discard)
        elif isinstance(message, Ask):
            asked = self._asked.setdefault(session, deque())
            if len(asked) >= WAITING:
                await say(session, Sorry(message.hash, message.kind, message.number, "too much is asked for at once"))
                return
            asked.append(message)
            self._wake.set()

    def _gives(self, kind: Kind) -> bool:
        return not self.metered or kind == "preview"

    def gone(self, session: int) -> None:
        """A session has left: nothing more is given to it."""
        self._asked.pop(session, None)

    def stop(self) -> None:
        """Nothing is made for anybody any more."""
        for task in self._making:
            task.cancel()

    async def work(self, say: Say) -> None:
        """Gives pieces, one to each in turn, until it is cancelled."""
        while True:
            while self._asked:
                session, asked = self._asked.popitem(last=False)
                message = asked.popleft()
                if asked:
                    self._asked[session] = asked
                await self._give(session, message, say)
            self._wake.clear()
            await self._wake.wait()

    async def _give(self, session: int, message: Ask, say: Say) -> None:
        known = self._lists.get((message.hash, message.kind))
        if known is None or not self._gives(message.kind):
            await say(session, Sorry(message.hash, message.kind, message.number, "ask for its list first"))
            return
        path, pieces = known
        loop = asyncio.get_running_loop()
        try:
            raw = await loop.run_in_executor(None, read_piece, path, pieces, message.number)
        except (OSError, WrongPiece, FileChanged) as error:
            self._lists.pop((message.hash, message.kind), None)
            await say(session, Sorry(message.hash, message.kind, -1, _plain(error)))
            return
        await self._cap.spend(len(raw))
        await say(session, PieceOf(message.hash, message.kind, message.number, raw))
        self.given += len(raw)

    async def _list(self, session: int, message: AskList, say: Say) -> None:
        try:
            pieces = await self._pieces(message.hash, message.kind)
        except (OSError, WrongList, FileChanged, LookupError) as error:
            await say(session, Sorry(message.hash, message.kind, -1, _plain(error)))
            return
        except Exception as error:
            log.info("%s of %s could not be given", message.kind, message.hash, exc_info=True)
            await say(session, Sorry(message.hash, message.kind, -1, _plain(error)))
            return
        await say(session, Listed(message.hash, message.kind, encode(pieces)))

    async def _pieces(self, content_hash: str, kind: Kind) -> PieceList:
        reference = self._holdings.reference(content_hash)
        if reference is None or kind not in self._holdings.offered(content_hash) or not self._gives(kind):
            raise LookupError("it is not here")
        path = self._holdings.path(reference, kind)
        if path is None:
            original = self._holdings.original(reference)
            if original is None or kind == "original":
                raise LookupError("it is not here any more")
            path = await self._make(reference, original, kind)
        known = self._lists.get((content_hash, kind))
        if known is None or known[0] != path:
            found = await asyncio.get_running_loop().run_in_executor(None, list_of, path, self._folder)
            known = self._lists[content_hash, kind] = (path, found)
            while len(self._lists) > _LISTS:
                self._lists.popitem(last=False)
        return known[1]


def _plain(error: Exception) -> str:
    """An error without the paths of this machine."""
    text = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error.args[0] if error.args else error)
    return str(text)[:200]
