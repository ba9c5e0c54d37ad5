"""Media that come from others in the room, as the window sees them.

Owns: when media are exchanged and how much is fetched, what is on its way, which stand-ins are here. Refuses: the exchange itself (see
`app.services.collab.media`), and drawing.

Without a room nothing is exchanged, and nothing of it is loaded. Previews and proxies come by themselves, originals when they are
asked for; on a metered connection previews alone.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.errors import AppError
from editor_core.schema import MediaReference
from render import stand_in

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench
    from app.services.collab.media.exchange import MediaExchange, MediaReport, Upto
    from app.services.collab.media.holdings import Wanted
    from app.services.open_project import OpenProject

log = logging.getLogger(__name__)

METERED, CAP = "media/metered", "media/upload_cap"
"""Settings: whether the connection is metered; MiB a second that are given at most, 0 for no cap."""
TELL = 0.5
"""Seconds between two looks at what is on its way."""


@dataclass(frozen=True)
class Progress:
    """An asset on its way: kind, and bytes that are here and in all."""

    kind: str
    done: int
    size: int

    @property
    def words(self) -> str:
        """For a badge."""
        return f"{self.kind.capitalize()} {self.done * 100 // self.size} %" if self.size else f"{self.kind.capitalize()} asked for"


class MediaFetch(QObject):
    """Belongs to the interface thread. `located(asset, path)` is told where an original has come to lie, `stands(asset)` that there is
    a stand-in now."""

    changed = Signal()

    def __init__(self, bench: Workbench, project: OpenProject, cache: Path, located: Callable[[str, Path], None],
                 stands: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._project, self._cache = bench, project, cache
        self._located, self._stands = located, stands
        self._exchange: MediaExchange | None = None
        self._live: object | None = None
        self._running: list[Future[Any]] = []
        self._originals = False
        self.coming: dict[str, Progress] = {}
        """Assets on their way."""
        self.stand_ins: dict[str, Path] = {}
        """The best stand-in of each asset, where the original is missing."""
        self.why = ""
        """What keeps media from being exchanged."""
        self._soon = QTimer(self, singleShot=True, interval=200)
        self._soon.timeout.connect(self._look)

    def start(self) -> None:
        """Follows the room from now on."""
        self._bench.together.changed.connect(self._room_changed)
        self._bench.media.changed.connect(self._soon.start)
        self._room_changed()
        self._find_stand_ins()

    def close(self) -> None:
        """Nothing is exchanged any more."""
        self._stop()

    @property
    def metered(self) -> bool:
        return bool(self._bench.settings.get(METERED, False))

    @property
    def active(self) -> bool:
        """Whether media can be had from others now."""
        return self._exchange is not None and self._exchange.online

    def set_metered(self, on: bool) -> None:
        """Whether small previews alone come and go."""
        self._bench.settings.set(METERED, on)
        self._choose()

    def fetch_originals(self) -> None:
        """From now on originals are fetched as well."""
        self._originals = True
        self._choose()

    def until_had(self, upto: str) -> Future[MediaReport] | None:
        """The report of what came, once all that is wanted is here or nobody has it; None where nothing is exchanged."""
        exchange, live = self._exchange, self._live
        if upto == "originals":
            self.fetch_originals()
        if exchange is None or live is None:
            return None
        waiting: Future[MediaReport] = live.alongside(exchange.until_had)  # type: ignore[attr-defined]
        return waiting

    @property
    def wants_originals(self) -> bool:
        return self._originals and not self.metered

    def places(self, asset: str) -> list[Path]:
        """Stand-ins that may be here, best first, for whoever plays; no file is touched."""
        reference = self._bench.snapshot.find(MediaReference, asset)
        if reference is None or not stand_in.can_have(reference):
            return []
        kinds: tuple[stand_in.Kind, ...] = ("proxy", "preview")
        return [self._folder / stand_in.name_of(reference.hash, kind) for kind in kinds]

    @property
    def _folder(self) -> Path:
        return self._cache / "stand-ins"

    def _upto(self) -> Upto:
        return "originals" if self._originals else "proxies"

    def _choose(self) -> None:
        exchange = self._exchange
        if exchange is not None and self._live is not None:
            self._call(lambda: exchange.choose(self._upto(), self.metered))
        self.changed.emit()

    def _look(self) -> None:
        """The project's media, or what of it is here, may be other ones."""
        self._find_stand_ins()
        exchange = self._exchange
        if exchange is not None:
            self._call(exchange.look_again)

    def _call(self, work: Callable[[], object]) -> None:
        live: Any = self._live
        if live is not None:
            async def run() -> None:
                work()

            live.alongside(run)

    # the room

    def _room_changed(self) -> None:
        live = self._bench.together.live
        if live is self._live:
            return
        self._stop()
        if live is None:
            return
        from app.services.collab.media.exchange import MediaExchange
        from app.services.collab.media.shelf import member_of, shelf_of
        from app.services.collab.participant import Participant

        participant = live.participant
        if not isinstance(participant, Participant):
            self.why = "Plain rooms exchange no media"
            return
        post, services = self._bench.post, self._bench.services

        async def locate(asset: str, path: Path) -> None:
            await asyncio.wrap_future(post.promise(lambda: self._came(asset, path)))

        shelf = shelf_of(self._project, lambda: services.tasks, self._cache, services.library(), locate=locate,
                         arrived=lambda wanted, path: post(self._arrived, wanted, path))
        cap = float(self._bench.settings.get(CAP, 0) or 0) * 2**20
        exchange = MediaExchange(lambda: member_of(participant), shelf, self._upto(), cap=cap, metered=self.metered)
        self._exchange, self._live, self.why = exchange, live, ""
        self._running = [live.alongside(lambda: self._stay(exchange)), live.alongside(lambda: self._watch(exchange))]

    def _stop(self) -> None:
        running, self._running = self._running, []
        for one in running:
            one.cancel()
        self._exchange = self._live = None
        if self.coming:
            self.coming = {}
            self.changed.emit()

    async def _stay(self, exchange: MediaExchange) -> None:
        try:
            await exchange.stay()
        except AppError as error:
            log.info("media are not exchanged: %s", error)
            self._bench.post(self._ended, str(error))
        except Exception:
            log.exception("the exchange of media ended")
            self._bench.post(self._ended, "Media are not exchanged any more; the details are in the log")

    async def _watch(self, exchange: MediaExchange) -> None:
        """Tells what is on its way whenever that is another."""
        told: object = None
        while True:
            coming = exchange.coming()
            if coming != told:
                told = coming
                self._bench.post(self._told, {one.wanted.hash: Progress(one.wanted.kind, one.done, one.size) for one in coming})
            await asyncio.sleep(TELL)

    def _ended(self, why: str) -> None:
        self.why = why
        self.changed.emit()

    def _told(self, coming: dict[str, Progress]) -> None:
        by_hash = {media.hash: media.id for media in self._bench.snapshot.of_kind(MediaReference)}
        self.coming = {by_hash[one]: progress for one, progress in coming.items() if one in by_hash}
        self.changed.emit()

    # what arrives

    def _came(self, asset: str, path: Path) -> None:
        self._located(asset, path)

    def _arrived(self, wanted: Wanted, path: Path) -> None:
        asset = next((media.id for media in self._bench.snapshot.of_kind(MediaReference) if media.hash == wanted.hash), "")
        if not asset:
            return
        if wanted.kind != "original":
            self._find_stand_ins()
            self._stands(asset)
        self.changed.emit()

    def _find_stand_ins(self) -> None:
        """Looks beside the window which stand-ins are here of what is missing."""
        missing = self._bench.media.offline | {m.id for m in self._bench.snapshot.of_kind(MediaReference)
                                               if not self._project.file.locations.get(m.id)}
        wanted = {asset: self.places(asset) for asset in missing}
        if not wanted:
            self._found({})
            return

        def search() -> dict[str, Path]:
            return {asset: path for asset, paths in wanted.items() if (path := next((p for p in paths if p.is_file()), None)) is not None}

        post = self._bench.post
        threading.Thread(target=lambda: post(self._found, search()), name="look for stand-ins", daemon=True).start()

    def _found(self, stand_ins: dict[str, Path]) -> None:
        if stand_ins != self.stand_ins:
            new = [asset for asset, path in stand_ins.items() if self.stand_ins.get(asset) != path]
            self.stand_ins = stand_ins
            for asset in new:
                self._stands(asset)
            self.changed.emit()
