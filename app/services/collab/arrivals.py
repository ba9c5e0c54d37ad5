"""What came for a film and is not in it yet.

Owns: noting it, reading it from the file, saying what can be brought in, bringing it in, what is of no use. Refuses: judging authors
and keeping envelopes (see `participant`).
Everything here happens on the thread that owns the document, except `read`, which may run on any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

from app.services.collab.contents import Looked, checked, joined, to_keep
from app.services.merging import Coming, bring_in, merger_of
from app.services.open_project import OpenProject
from editor_core.document import ChangeSet, Stamp
from editor_core.storage.rooms import Kept, Rooms
from editor_core.sync.arriving import in_order, stamps_of
from editor_core.sync.envelope import DocumentName, Envelope, EnvelopeRefused, open_envelope
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.merging import Merged
from editor_core.sync.parcel import seal

log = logging.getLogger(__name__)

At = tuple[int, int]
"""Session and sequence, which are the same for both documents of a film."""
IN_MEMORY = 32 * 2**20
"""Bytes of received content that is kept in memory until it is applied; more is read from the file again."""
_FILM: tuple[DocumentName, ...] = ("timeline", "journal")


class Pair(NamedTuple):
    """What the envelopes of one change bring."""

    changes: list[ChangeSet]
    parcel: bytes
    snapshot: bool


class Arrivals:
    """What waits, of one project in one room. `keys` gives the room's."""

    def __init__(self, project: OpenProject, rooms: Rooms, room: bytes, keys: Callable[[], RoomKeys]) -> None:
        self._project = project
        self._rooms = rooms
        self._room = room
        self._keys = keys
        self.merger = merger_of(project)
        self.brought = 0
        self._pairs: dict[At, Pair] = {}
        self._timelines: dict[At, bytes] = {}
        self._spoiled: dict[At, tuple[str, str]] = {}
        self._in_memory = 0
        self._waiting: dict[At, list[Stamp]] = {}
        for stamp, at in rooms.carried.items():
            if stamp not in self.merger.order:
                self._waiting.setdefault(at, []).append(stamp)
        for at in rooms.unread:
            self._waiting.setdefault(at, [])

    def __len__(self) -> int:
        """Changes that build on others that have not come yet, or whose key has not come, or that were not brought in yet."""
        return sum(max(1, len(stamps)) for stamps in self._waiting.values())

    def noted(self, found: Looked) -> Kept:
        """An envelope of the film as it is to be kept; what it brings waits from now on."""
        envelope, content, changes, spoiled = found
        header = envelope.header
        at = (header.session, header.sequence)
        if spoiled is not None:
            self._spoil(at, envelope, spoiled)
            return to_keep(envelope, unread=header.document == "journal" and not spoiled.offence)
        if header.document == "timeline" and content is not None and self._in_memory < IN_MEMORY:
            self._in_memory += len(content)
            self._timelines[at] = content
        elif header.document == "journal" and header.kind != "part" and at not in self._spoiled:
            if changes is None or content is None:
                self._waiting[at] = []
                return to_keep(envelope, unread=True)
            self._waiting[at] = [change.stamp for change in changes]
            timeline = self._timelines.pop(at, None)
            if timeline is not None:
                self._in_memory += len(content)
                self._pairs[at] = Pair(changes, seal(timeline, content), header.kind == "snapshot")
            return to_keep(envelope, stamps_of(changes))
        return to_keep(envelope)

    def _spoil(self, at: At, envelope: Envelope, reason: EnvelopeRefused) -> None:
        """What stands there is not applied; by this program not, where a newer one might know it."""
        log.warning("what is in an envelope cannot be used: %s", reason)
        self._spoiled[at] = (envelope.header.actor.hex()[:12], str(reason))
        self._in_memory -= len(self._timelines.pop(at, b""))

    @property
    def spoiled(self) -> list[tuple[str, str]]:
        """(author, reason) of what came and is of no use, as far as it was looked at since the project was opened."""
        return list(self._spoiled.values())

    def everything(self) -> None:
        """Lets all that is kept wait: for a film that has just been made."""
        self._waiting = {(place[1], place[2]): [] for place in self._rooms.all("journal") if not self._rooms.is_part(place)}

    def unread(self) -> list[At]:
        """Places of changes that wait and are not in memory."""
        return [at for at in self._waiting if at not in self._pairs]

    def read(self, places: Iterable[At]) -> dict[At, Pair]:
        """Reads kept changes from the file, on any thread."""
        return {at: pair for at in places if (pair := self._open(at)) is not None}

    def have_read(self, pairs: dict[At, Pair]) -> None:
        """Takes over what was read."""
        self._pairs.update(pairs)

    def _open(self, at: At) -> Pair | None:
        """What stands in a place, checked; None where it is not all there, has no key yet, or is of no use."""
        if self._rooms.have.get("timeline", {}).get(at[0], 0) < at[1] or at in self._spoiled:
            return None
        opened: list[Envelope] = []
        contents: list[bytes] = []
        changes: list[ChangeSet] = []
        try:
            for document in _FILM:
                places = self._rooms.parts((document, *at))
                opened = [open_envelope(raw, room=self._room) for raw in self._rooms.bodies(places)]
                content = joined(opened, self._keys()) if len(opened) == len(places) else None
                if content is None:
                    return None
                contents.append(content)
                changes = checked(document, content)
        except EnvelopeRefused as error:
            self._spoil(at, opened[-1], error)
            return None
        return Pair(changes, seal(*contents), opened[-1].header.kind == "snapshot")

    def coming(self, *, at_most: int = 0, everything: bool = False) -> tuple[Coming, list[At]]:
        """What waits and can be brought in now, and its places; with `at_most` about so many changes, the oldest."""
        for at in [at for at in self._waiting if at in self._spoiled]:
            del self._waiting[at]
        opened = {at: pair for at in self._waiting if (pair := self._pairs.get(at) or self._open(at)) is not None}
        self._pairs.update(opened)
        ready: list[ChangeSet] = []
        cut = at_most
        while opened:
            brought = {change.stamp: change for pair in opened.values() for change in pair.changes}
            ready, waiting = in_order(brought.values(), self.merger.order)
            late = {change.stamp for change in waiting}
            if cut and len(ready) > cut:
                late.update(change.stamp for change in ready[cut:])
                cut = 0
            whole = {at: pair for at, pair in opened.items() if not any(change.stamp in late for change in pair.changes)}
            if len(whole) == len(opened):
                break
            opened = whole
        if not opened and at_most:
            return self.coming()  # one envelope brings more than was asked for at once
        order = self.merger.order
        holes = everything or any(pair.snapshot and any(change.stamp not in order for change in pair.changes) for pair in opened.values())
        return Coming(ready if opened else [], [pair.parcel for pair in opened.values()], holes), list(opened)

    def bring(self, arriving: Coming, places: Iterable[At], *, wait: bool = True) -> Merged | None:
        """Brings in what `coming` gave; durable on return unless `wait` is False. Raises AppError, StorageError."""
        places = list(places)
        if not places:
            return None
        merged = bring_in(self._project, arriving, self.merger, wait=wait)
        for at in places:
            self._done(at)
        self.brought += 0 if merged is None else len(merged.change.merged)
        return merged

    def brought_in(self, merged: Merged | None) -> None:
        """What waited was brought in by somebody else, who had it from `coming`."""
        order = self.merger.order
        for at in [at for at in self._waiting if (pair := self._pairs.get(at)) and all(one.stamp in order for one in pair.changes)]:
            self._done(at)
        self.brought += 0 if merged is None else len(merged.change.merged)

    def _done(self, at: At) -> None:
        del self._waiting[at]
        pair = self._pairs.pop(at, None)
        if pair is not None and at in self._rooms.unread:
            self._rooms.note(at, stamps_of(pair.changes))
        if pair is not None:
            self._in_memory = max(0, self._in_memory - len(pair.parcel))
