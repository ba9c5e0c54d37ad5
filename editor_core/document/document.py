"""The document: the records of a project, and the only thing that changes them.

Owns: the current snapshot, the stamp of every value, applying ChangeSets, the `changed` signal.
Refuses: deciding what to change (edits and commands), storing (journal), threads other than its owner's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from editor_core.document.change_set import NOBODY, ChangeSet, Shift, Stamp
from editor_core.document.layers import MOST
from editor_core.document.staging import CREATED, Stamps, stage, write_stamps
from editor_core.document.view import Snapshot
from editor_core.schema import Record

Listener = Callable[[ChangeSet, Snapshot, Snapshot], None]
"""Called after a ChangeSet is applied with (change, snapshot before, snapshot after)."""


class Document:
    """Records by id. `apply` is the only way to change it; `snapshot` is cheap and never changes.

    `recorder`, when set, is told of a change before any listener: it writes replica and journal in the same step.
    """

    def __init__(self, records: Iterable[Record] = (), stamps: Mapping[str, Mapping[str, tuple[Stamp, Stamp]]] | None = None,
                 revision: int = 0) -> None:
        self._stamps: Stamps = {k: dict(v) for k, v in (stamps or {}).items()}
        self._listeners: list[Listener] = []
        self.recorder: Listener | None = None
        self._snapshot = Snapshot.of(records, revision)

    @classmethod
    def over(cls, snapshot: Snapshot) -> Document:
        """A document that begins as a snapshot, without the stamps of what led there: for trying something out."""
        made = cls()
        made._snapshot = snapshot
        return made

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    @property
    def revision(self) -> int:
        """Number of ChangeSets applied; each makes it one more."""
        return self._snapshot.revision

    @property
    def stamps(self) -> Mapping[str, Mapping[str, tuple[Stamp, Stamp]]]:
        """For storage: per record and field the stamp written with and the stamp it counts as. Do not modify."""
        return self._stamps

    def stamp_of(self, record_id: str, field: str) -> tuple[Stamp, Stamp]:
        """The stamp a value was written with and the one it counts as (another after undo); NOBODY for unknown records."""
        fields = self._stamps.get(record_id)
        if fields is None:
            return NOBODY, NOBODY
        return fields.get(field) or fields.get(CREATED) or (NOBODY, NOBODY)

    def stamps_of(self, record_ids: Iterable[str], field: str) -> list[tuple[Stamp, Stamp]]:
        """As `stamp_of`, for many records."""
        stamps, nobody = self._stamps, (NOBODY, NOBODY)
        return [nobody if (fields := stamps.get(i)) is None else fields.get(field) or fields.get(CREATED) or nobody for i in record_ids]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener of changes; call the result to remove it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def apply(self, change: ChangeSet, recorder: Listener | None = None, made: tuple[Snapshot, Snapshot] | None = None) -> Snapshot:
        """Applies a ChangeSet, all or nothing, and tells listeners. `recorder` stands in for the document's own (merges). `made` is what
        it was found to make of a snapshot, (before, after), and is used where the document still stands there.

        Raises DocumentError or SchemaError, or what the recorder raises; then nothing has changed.
        """
        before = self._snapshot
        if made is not None and made[0] is before and made[1].revision == before.revision + 1:
            self._snapshot = made[1]
        else:
            many = any(isinstance(op, Shift) and len(op.clips) > MOST for op in change.operations)
            self._snapshot = before.changed(stage(change, before.records.whole() if many else before.records))
        write = recorder or self.recorder
        if write is not None:
            try:
                write(change, before, self._snapshot)
            except BaseException:
                self._snapshot = before
                raise
        write_stamps(change, self._stamps)
        for listener in list(self._listeners):
            listener(change, before, self._snapshot)
        return self._snapshot
