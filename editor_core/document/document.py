"""The document: the records of a project, and the only thing that changes them.

Owns: the current snapshot, the stamp of every value, applying ChangeSets, the `changed` signal.
Refuses: deciding what to change (edits and commands), storing (journal), threads other than its owner's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from editor_core.document.change_set import NOBODY, ChangeSet, Stamp
from editor_core.document.staging import CREATED, Stamps, stage, write_stamps
from editor_core.document.view import Snapshot, by_start
from editor_core.schema import Clip, Record

Listener = Callable[[ChangeSet, Snapshot, Snapshot], None]
"""Called after a ChangeSet is applied with (change, snapshot before, snapshot after)."""

Links = dict[str, tuple[str, ...]]
"""Clip ids by link."""


class Document:
    """Records by id. `apply` is the only way to change it; `snapshot` is cheap and never changes.

    `recorder`, when set, is told of a change before any listener: it writes replica and journal in the same step.
    """

    def __init__(self, records: Iterable[Record] = (), stamps: Mapping[str, Mapping[str, tuple[Stamp, Stamp]]] | None = None,
                 revision: int = 0) -> None:
        self._records: dict[str, Record] = {r.id: r for r in records}
        self._stamps: Stamps = {k: dict(v) for k, v in (stamps or {}).items()}
        self._by_kind: dict[type[Record], dict[str, Record]] = {}
        self._by_track: dict[str, tuple[Clip, ...]] = {}
        self._by_link: dict[str, tuple[str, ...]] = {}
        self._listeners: list[Listener] = []
        self.recorder: Listener | None = None
        self._index_all()
        self._snapshot = self._make(revision)

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

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Adds a listener of changes; call the result to remove it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def apply(self, change: ChangeSet) -> Snapshot:
        """Applies a ChangeSet, all or nothing, and tells listeners.

        Raises DocumentError or SchemaError, or what the recorder raises; then nothing has changed.
        """
        before = self._snapshot
        kept = self._records, self._by_kind, self._by_track, self._by_link
        staged = stage(change, self._records)
        self._records = {**self._records, **staged}
        self._reindex(before, staged)
        self._snapshot = self._make(before.revision + 1)
        if self.recorder is not None:
            try:
                self.recorder(change, before, self._snapshot)
            except BaseException:
                self._records, self._by_kind, self._by_track, self._by_link = kept
                self._snapshot = before
                raise
        write_stamps(change, self._stamps)
        for listener in list(self._listeners):
            listener(change, before, self._snapshot)
        return self._snapshot

    def _index_all(self) -> None:
        rows: dict[str, list[Clip]] = {}
        links: dict[str, list[str]] = {}
        for record in self._records.values():
            if record.deleted:
                continue
            self._by_kind.setdefault(type(record), {})[record.id] = record
            if isinstance(record, Clip):
                rows.setdefault(record.track, []).append(record)
                if record.link:
                    links.setdefault(record.link, []).append(record.id)
        self._by_track = {track: by_start(row) for track, row in rows.items()}
        self._by_link = {link: tuple(ids) for link, ids in links.items()}

    def _reindex(self, before: Snapshot, staged: Mapping[str, Record]) -> None:
        kinds: dict[type[Record], dict[str, Record]] = {}
        rows: dict[str, dict[str, Clip]] = {}
        links = self._by_link

        def row(track: str) -> dict[str, Clip]:
            if track not in rows:
                rows[track] = {clip.id: clip for clip in self._by_track.get(track, ())}
            return rows[track]

        for record_id, new in staged.items():
            kind = type(new)
            if kind not in kinds:
                kinds[kind] = dict(self._by_kind.get(kind, {}))
            if new.deleted:
                kinds[kind].pop(record_id, None)
            else:
                kinds[kind][record_id] = new
            if not isinstance(new, Clip):
                continue
            old = before.record(record_id)
            if isinstance(old, Clip) and not old.deleted:
                row(old.track).pop(record_id, None)
            if not new.deleted:
                row(new.track)[record_id] = new
            links = _relink(links, self._by_link, old, new)
        self._by_kind = {**self._by_kind, **kinds}
        self._by_link = links
        if rows:
            self._by_track = {**self._by_track, **{track: by_start(clips.values()) for track, clips in rows.items()}}

    def _make(self, revision: int) -> Snapshot:
        return Snapshot(self._records, revision, self._by_kind, self._by_track, self._by_link)


def _relink(links: Links, original: Links, old: Record | None, new: Clip) -> Links:
    was = old.link if isinstance(old, Clip) and not old.deleted else ""
    now = "" if new.deleted else new.link
    if was == now:
        return links
    changed = dict(links) if links is original else links
    if was:
        changed[was] = tuple(i for i in changed.get(was, ()) if i != new.id)
    if now:
        changed[now] = (*changed.get(now, ()), new.id)
    return changed
