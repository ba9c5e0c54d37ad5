"""What one transaction changed, and its codec.

Owns: stamps, operations, the ChangeSet, its msgpack form. Refuses: applying itself (see `document`).

An operation holds enough to be undone: the value before, and the stamp that the value bore. Values are plain JSON values,
so that a ChangeSet can be read by a program that does not know the record kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, repeat
from typing import Any, Literal

import msgspec

from editor_core.schema import AnyRecord


class Stamp(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """Which session wrote a value, and as its how-manyeth transaction. `session` is 53 random bits, new at each process start."""

    session: int
    counter: int

    def __str__(self) -> str:
        return f"{self.session:x}:{self.counter}"


NOBODY = Stamp(0, 0)
"""The stamp of a value that was never written."""


class Create(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A record that was not there before. Undone by its `deleted` flag."""

    record: AnyRecord


class Put(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """One field written. `replaced` is the stamp that the value before was written with.

    `counted_as` is the stamp the value before counted as, where undo had made that another one; `counts_as` is set by undo and
    redo: the stamp under which the new value counts, so that older gestures can still be undone. `replaced_also` are stamps of
    competing values that a decision does away with.
    """

    id: str
    field: str
    before: Any
    after: Any
    replaced: Stamp
    counted_as: Stamp | None = None
    counts_as: Stamp | None = None
    replaced_also: tuple[Stamp, ...] = ()


class StampRow(msgspec.Struct, frozen=True, array_like=True):
    """Stamps in a row, written as runs: a session's stamps that go up in even steps cost four numbers however many they are.

    `runs` are (index into `sessions`, first counter, step, how many), flattened. Make one with `of`; iterate to have the stamps.
    """

    sessions: tuple[int, ...]
    runs: tuple[int, ...]

    @classmethod
    def of(cls, stamps: Iterable[Stamp]) -> StampRow:
        sessions: dict[int, int] = {}
        runs: list[int] = []
        session, counter, step, count = -1, -1, 0, 0
        for stamp, alike in groupby(stamps):  # a ripple has thousands that are the same
            same = len(list(alike))
            for _ in range(min(same, 3)):
                further = stamp.counter - counter
                if stamp.session == session and (count == 1 or step == further):
                    step = further
                    count += 1
                else:
                    runs += (step, count)
                    runs += (sessions.setdefault(stamp.session, len(sessions)), stamp.counter)
                    session, step, count = stamp.session, 0, 1
                counter = stamp.counter
            count += max(0, same - 3)  # after three alike the step is 0, whatever it was
        return cls(tuple(sessions), (*runs[2:], step, count) if runs else ())

    def __len__(self) -> int:
        return sum(self.runs[3::4])

    def __iter__(self) -> Iterator[Stamp]:
        for session, first, step, count in zip(*[iter(self.runs)] * 4, strict=True):
            name = self.sessions[session]
            if step:
                yield from (Stamp(name, counter) for counter in range(first, first + step * count, step))
            else:
                yield from repeat(Stamp(name, first), count)

    @property
    def sound(self) -> bool:
        """Whether it can be iterated: four numbers a run, known sessions, at least one stamp each."""
        return len(self.runs) % 4 == 0 and all(0 <= i < len(self.sessions) for i in self.runs[0::4]) and all(n > 0 for n in self.runs[3::4])


def stamp_rows(pairs: Sequence[tuple[Stamp, Stamp]]) -> tuple[StampRow, StampRow | None]:
    """What stamps written with, and counted as, come to in a `Shift`: the second is None where all count as what they were written
    with."""
    written = StampRow.of(pair[0] for pair in pairs)
    if all(one is other or one == other for one, other in pairs):
        return written, None
    return written, StampRow.of(pair[1] for pair in pairs)


class Shift(msgspec.Struct, frozen=True, array_like=True, tag="h"):
    """`start` of every listed clip moved by `delta` ticks; `replaced` has one stamp for each clip, in order.

    `counted_as` and `counts_as` are as in `Put`: None, or one stamp for each clip. Raises ValueError where the numbers differ.
    """

    clips: tuple[str, ...]
    delta: int
    replaced: StampRow
    counted_as: StampRow | None = None
    counts_as: StampRow | None = None

    def __post_init__(self) -> None:
        for row in (self.replaced, self.counted_as, self.counts_as):
            if row is not None and not (row.sound and len(row) == len(self.clips)):
                raise ValueError("a shift needs one stamp for each of its clips")


class Take(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A record as a merge left it, with the stamps of the fields that the merge wrote: (written with, counts as).

    Only in ChangeSets of kind `merge`: what others did is in their own ChangeSets, this says what came of it here.
    """

    record: AnyRecord
    stamps: dict[str, tuple[Stamp, Stamp]]

    @property
    def id(self) -> str:
        return self.record.id


Operation = Create | Put | Shift | Take


LISTED = 64
"""Records that a line of history names at most."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of history: one ChangeSet without its operations. `merged` are the lines that a merge brought, oldest first; `edge` as in
    `ChangeSet`."""

    stamp: Stamp
    actor: str
    command: str
    label: str
    time: int
    kind: str = "do"
    target: Stamp | None = None
    gesture: str = ""
    records: tuple[str, ...] = ()
    after: tuple[Stamp, ...] = ()
    merged: tuple[Entry, ...] = ()
    edge: tuple[str, ...] = ()


class ChangeSet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """One transaction: what changed, who, by which command, why and when (`time` is Unix milliseconds).

    `kind` is `undo` or `redo` when it takes back or restores the gesture of `target`. ChangeSets of one actor that bear the
    same non-empty `gesture` are undone together.

    `after` says what the author knew, where that is more than the session's change before (counter - 1): the newest changes,
    each of which knows all that came before it (NOBODY: nothing at all). A ChangeSet of kind `merge` is local to one file and
    never replicated; it says what the changes listed in `merged` did here, and its `after` are the newest changes known since. `edge` are
    clips that it left at the timeline's beginning or end because there is nothing beyond: from where they are now nobody can tell any
    more where they were before.
    """

    stamp: Stamp
    actor: str
    command: str
    label: str
    time: int
    operations: tuple[Operation, ...]
    args: Any = None
    kind: Literal["do", "undo", "redo", "merge"] = "do"
    target: Stamp | None = None
    gesture: str = ""
    after: tuple[Stamp, ...] = ()
    merged: tuple[Entry, ...] = ()
    edge: tuple[str, ...] = ()

    @cached_property
    def touched(self) -> frozenset[str]:
        """Ids of all records it wrote. Gathered once: many who listen to the document ask, and a merge may have written 20,000."""
        ids: set[str] = set()
        for op in self.operations:
            if isinstance(op, Create):
                ids.add(op.record.id)
            elif isinstance(op, Shift):
                ids.update(op.clips)
            else:
                ids.add(op.id)
        return frozenset(ids)


def entry_of(change: ChangeSet) -> Entry:
    """The line of a ChangeSet."""
    return Entry(stamp=change.stamp, actor=change.actor, command=change.command, label=change.label, time=change.time,
                 kind=change.kind, target=change.target, gesture=change.gesture, records=tuple(sorted(change.touched))[:LISTED],
                 after=change.after, merged=change.merged, edge=change.edge)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ChangeSet)


def encode(change: ChangeSet) -> bytes:
    """msgpack of a ChangeSet."""
    return _ENCODER.encode(change)


def decode(raw: bytes) -> ChangeSet:
    """A ChangeSet from msgpack. Raises msgspec.DecodeError (ValidationError for a wrong shape) on anything else."""
    return _DECODER.decode(raw)
