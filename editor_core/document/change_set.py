"""What one transaction changed, and its codec.

Owns: stamps, operations, the ChangeSet, its msgpack form. Refuses: applying itself (see `document`).

An operation holds enough to be undone: the value before, and the stamp that the value bore. Values are plain JSON values,
so that a ChangeSet can be read by a program that does not know the record kind.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from editor_core.schema import AnyRecord


class Stamp(msgspec.Struct, frozen=True, array_like=True, order=True):
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
    redo: the stamp under which the new value counts, so that older gestures can still be undone.
    """

    id: str
    field: str
    before: Any
    after: Any
    replaced: Stamp
    counted_as: Stamp | None = None
    counts_as: Stamp | None = None


class Shift(msgspec.Struct, frozen=True, array_like=True, tag="h"):
    """`start` of every listed clip moved by `delta` ticks; `replaced` has one stamp for each clip, in order.

    `counted_as` and `counts_as` are as in `Put`: empty, or one for each clip.
    """

    clips: tuple[str, ...]
    delta: int
    replaced: tuple[Stamp, ...]
    counted_as: tuple[Stamp, ...] = ()
    counts_as: tuple[Stamp, ...] = ()


Operation = Create | Put | Shift


class ChangeSet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One transaction: what changed, who, by which command, why and when (`time` is Unix milliseconds).

    `kind` is `undo` or `redo` when it takes back or restores the gesture of `target`. ChangeSets of one actor that bear the
    same non-empty `gesture` are undone together.
    """

    stamp: Stamp
    actor: str
    command: str
    label: str
    time: int
    operations: tuple[Operation, ...]
    args: Any = None
    kind: Literal["do", "undo", "redo"] = "do"
    target: Stamp | None = None
    gesture: str = ""

    @property
    def touched(self) -> set[str]:
        """Ids of all records it wrote."""
        ids: set[str] = set()
        for op in self.operations:
            if isinstance(op, Create):
                ids.add(op.record.id)
            elif isinstance(op, Put):
                ids.add(op.id)
            else:
                ids.update(op.clips)
        return ids


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ChangeSet)


def encode(change: ChangeSet) -> bytes:
    """msgpack of a ChangeSet."""
    return _ENCODER.encode(change)


def decode(raw: bytes) -> ChangeSet:
    """A ChangeSet from msgpack. Raises msgspec.DecodeError (ValidationError for a wrong shape) on anything else."""
    return _DECODER.decode(raw)
