"""What is different between two states of a film, in the words of an editor.

Owns: added, removed, changed and moved, record by record. Refuses: who did it (see the callers), and showing it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from editor_core.document import Snapshot
from editor_core.schema import Clip, Record, plain

DifferenceKind = Literal["added", "removed", "changed", "moved"]
_PLACES = {"start", "track"}
_SILENT = ("ripple",)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One record that is another now. `fields` has (before, after) as plain values; moved means that only its place is another."""

    kind: DifferenceKind
    id: str
    what: str
    name: str = ""
    track: str = ""
    start: int = 0
    fields: dict[str, tuple[Any, Any]] = {}


def differences(before: Snapshot, after: Snapshot, among: Iterable[str] | None = None) -> list[Difference]:
    """What `after` has another than `before`, by time, then id; `among` limits it to some records."""
    ids = set(among) if among is not None else before.records.keys() | after.records.keys()
    found = [one for i in ids if (one := _one(before.records.get(i), after.records.get(i), after, before)) is not None]
    return sorted(found, key=lambda one: (one.start, one.what, one.id))


def _one(old: Record | None, new: Record | None, after: Snapshot, before: Snapshot) -> Difference | None:
    was, now = old is not None and not old.deleted, new is not None and not new.deleted
    shown = new if now else old
    if shown is None or old == new or not (was or now) or shown.kind_name in _SILENT:
        return None
    if was and now and old is not None and new is not None:
        pairs = ((name, plain(getattr(old, name)), plain(getattr(new, name))) for name in new.__struct_fields__)
        fields = {name: (a, b) for name, a, b in pairs if a != b}
        kind: DifferenceKind = "moved" if fields.keys() <= _PLACES else "changed"
    else:
        fields, kind = {}, "added" if now else "removed"
    return Difference(kind=kind, id=shown.id, what=shown.kind_name, name=name_of(shown), fields=fields,
                      track=track_of(after if now else before, shown), start=getattr(shown, "start", 0))


def name_of(record: Record) -> str:
    """What people call a record."""
    text = str(getattr(record, "text", "")).split("\n", 1)[0][:40]
    return str(getattr(record, "name", "")) or text or record.id


def track_of(view: Snapshot, record: Record) -> str:
    """The position label of the track a clip lies on, or empty."""
    if not isinstance(record, Clip):
        return ""
    track = next((t for t in view.tracks() if t.id == record.track), None)
    return view.track_label(track) if track is not None else ""
