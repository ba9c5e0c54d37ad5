"""Several people on one project without files or network: each with a document, a door, a replica and a merger.

Owns: what each has done and received, and handing that on in any grouping and order. Refuses: judging the outcome.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

from editor_core.commands.context import Actor
from editor_core.commands.door import CommandDoor
from editor_core.document import NOBODY, ChangeSet, Create, Document, History, Snapshot, Stamp, entry_of
from editor_core.schema import Clip
from editor_core.sync.merging import Merger
from editor_core.sync.replica import CLIENT_BITS, Replica
from tests.support.random_edits import REGISTRY, counting_clock, counting_ids, first_records


class Sent(NamedTuple):
    """One change as it travels."""

    change: ChangeSet
    parcel: bytes


def _client(session: int) -> int:
    """A replica's number, at random as real ones are, but the same whenever a story is told again: the higher one wins."""
    return random.Random(session).randrange(1, 2**CLIENT_BITS)


class Done:
    """A ticket of something that is durable at once."""

    def wait(self, timeout: float | None = None) -> None:
        return


class Peer:
    """One person. `rows` is the journal: every change and merge in order; `held` everything known, as it travels."""

    def __init__(self, name: str, session: int, start: Sent | None = None) -> None:
        self.name = name
        self.session = session
        self.rows: list[ChangeSet] = []
        self.held: dict[Stamp, Sent] = {}
        self.replica = Replica(client=_client(session))
        self.waiting: dict[Stamp, Sent] = {}
        self._first(start)
        self._open(session)

    def _first(self, start: Sent | None) -> None:
        if start is None:
            change = ChangeSet(stamp=Stamp(7, 0), actor="nobody", command="project.new", label="New", time=1,
                               operations=tuple(Create(record) for record in first_records()))  # type: ignore[arg-type]
            start = Sent(change, self.replica.write(change, Document().apply(change)))
        else:
            self.replica.apply_update(start.parcel)
        self.start = start
        self.rows.append(start.change)

    def _open(self, session: int) -> None:
        document = Document()
        for row in self.rows:
            document.apply(row)
        history = History(self.load, [entry_of(row) for row in self.rows[1:]])
        self.session = session
        self.door = CommandDoor(document, REGISTRY, history, actor=Actor(id=self.name), session=session, recorder=self._record,
                                ids=counting_ids(f"{session:x}-"), clock=counting_clock())
        self.document = document
        self.merger = Merger(document, history, self.replica, self.load)

    def restart(self, session: int) -> None:
        """A new process: everything from the journal, a new replica from the old one's state."""
        before = self.document.snapshot.records
        self.replica = Replica.from_state(self.replica.state(), client=_client(session))
        self._open(session)
        assert self.document.snapshot.records == before, "the journal makes another project than the one it recorded"

    def copied(self, session: int) -> Peer:
        """The same person with a copy of the file, elsewhere."""
        copy = Peer(self.name, session, self.start)
        copy.rows, copy.held = list(self.rows), dict(self.held)
        copy.replica = Replica.from_state(self.replica.state(), client=_client(session ^ 0x5EED))
        copy._open(session)
        return copy

    def _record(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> Done:
        self.held[change.stamp] = Sent(change, self.replica.write(change, after))
        self.rows.append(change)
        return Done()

    def align(self) -> None:
        """What follows an undo or redo."""
        change = self.merger.align(stamp=self.door.next_stamp(), actor=self.name, time=1)
        if change is not None:
            self.document.apply(change, lambda change, before, after: self.rows.append(change))
            self.door.history.add(entry_of(change))

    def forget(self) -> None:
        """Whoever merges and aligns next knows of before only what is in the journal and the records, as programs that come and go do."""
        self.merger = Merger(self.document, self.door.history, self.replica, self.load)

    def load(self, stamp: Stamp) -> ChangeSet:
        """Any known change."""
        return self.held[stamp].change

    def receive(self, arriving: Iterable[Sent]) -> ChangeSet | None:
        """Takes in what arrives, in any order, twice or not; what builds on something unknown waits."""
        self.waiting.update({one.change.stamp: one for one in arriving if one.change.stamp not in self.held})
        ready: list[Sent] = []
        known = set(self.held)
        while True:
            now = [one for stamp, one in self.waiting.items() if all(s in known or s == NOBODY for s in needs(one.change))]
            if not now:
                break
            for one in now:
                del self.waiting[one.change.stamp]
                known.add(one.change.stamp)
            ready.extend(now)
        if not ready:
            return None
        merged = self.merger.merge([one.change for one in ready], [one.parcel for one in ready], stamp=self.door.next_stamp(),
                                   actor=self.name, time=1)
        assert merged is not None
        self.held.update({one.change.stamp: one for one in ready})
        self.document.apply(merged.change, lambda change, before, after: self.rows.append(change))
        self.door.history.add(entry_of(merged.change))
        return merged.change


def starts(peer: Peer) -> dict[str, int]:
    """Where every clip starts, also those that were removed: they may be brought back."""
    return {i: one.start for i, one in peer.document.snapshot.records.items() if isinstance(one, Clip)}


def needs(change: ChangeSet) -> tuple[Stamp, ...]:
    """What must be known before a change."""
    if change.after:
        return change.after
    return (Stamp(change.stamp.session, change.stamp.counter - 1),) if change.stamp.counter > 1 else ()
