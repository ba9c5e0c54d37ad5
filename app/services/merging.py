"""Merging a copy of a project that was edited elsewhere.

Owns: what a copy has that the film lacks, applying it in one step, and the report of it. Refuses: writing into the copy, and
deciding conflicts (see `app.services.deciding`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from app.services.errors import AppError
from app.services.open_project import OpenProject, durable
from app.services.people import names, take_names
from app.services.versions import keep_version
from editor_core.comments import ActRefused
from editor_core.document import ChangeSet, Snapshot, Stamp, entry_of
from editor_core.schema import Timeline
from editor_core.storage import StorageError
from editor_core.sync import SyncError
from editor_core.sync.conflicts import conflicts
from editor_core.sync.differences import Difference, differences
from editor_core.sync.fingerprint import cut_fingerprint
from editor_core.sync.merging import Merged, Merger
from editor_core.sync.parcel import seal
from editor_core.sync.replica import joined
from editor_core.timeline.overlaps import overlaps
from editor_core.timing import format_timecode


class NotACopy(AppError):
    """The other file is not a copy of the same project."""


class Coming(NamedTuple):
    """What a copy brings: changes, oldest first, and the parcels that hold them. `holes` is set where its history is not complete.
    `acts` are comments, as bytes; `also` are fields by record that the parcels write without any change."""

    changes: list[ChangeSet]
    parcels: list[bytes]
    holes: bool
    acts: tuple[bytes, ...] = ()
    also: Mapping[str, Iterable[str]] = {}


def merger_of(project: OpenProject) -> Merger:
    """A merger for an open project."""
    return Merger(project.document, project.door.history, project.file.replica, project.file.change)


def coming(film: OpenProject, other: OpenProject, merger: Merger, *, private: bool = False) -> Coming:
    """What `other` has that the film lacks. `private` says that the film is a copy in memory that nobody else looks at, which may be
    given the parcels already: that saves putting the replica together once more. Raises NotACopy, StorageError."""
    if not {t.id for t in film.snapshot.of_kind(Timeline)} & {t.id for t in other.snapshot.of_kind(Timeline)}:
        raise NotACopy(f"{other.path.name} is not a copy of {film.path.name}: they began as different projects. "
                       "Import its media, or copy and paste its clips instead")
    order = merger.order
    changes: list[ChangeSet] = []
    parcels: list[bytes] = []
    for line in other.door.history.entries:
        lines = line.merged if line.kind == "merge" else (line,)
        new = [one.stamp for one in lines if one.stamp not in order]
        if new:
            try:
                parcels.append(other.file.parcel(line.stamp))
                changes.extend(other.file.change(stamp) for stamp in new)
            except StorageError as error:
                raise StorageError(f"{other.path.name} is damaged: what was done in “{line.label}” cannot be read, so nothing was merged. "
                                   "Look for another copy of it") from error
    holes = False
    if film.file.replica.lacks(other.file.replica):
        brought = film.file.replica if private else type(film.file.replica)()
        if not private:
            brought.apply_timeline(film.file.replica.timeline_state())
        if parcels:
            brought.apply_update(joined(parcels))
        holes = brought.lacks(other.file.replica)
    if holes:
        parcels.append(film.file.replica.difference(other.file.replica))
    here, there = film.talk.comments, other.talk.comments
    return Coming(changes, parcels, holes, tuple(there.raw(i) for i in there.ids if i not in here))


def take_comments(film: OpenProject, acts: Iterable[bytes], *, wait: bool = True) -> int:
    """Takes in what a copy's comments say that is not here; how many acts. Durable on return. Raises AppError, StorageError."""
    try:
        new, ticket = film.talk.receive(acts)
    except ActRefused as error:
        raise AppError(str(error)) from None
    if ticket is not None and wait:
        durable(film, ticket)
    return len(new)


def bring_in(film: OpenProject, arriving: Coming, merger: Merger, *, keep: bool = True, wait: bool = True) -> Merged | None:
    """Applies what a copy brings; durable on return unless `wait` is False. `keep` False leaves the file as it is (for looking at the
    outcome).

    Raises AppError, StorageError.
    """
    if keep and arriving.acts:
        take_comments(film, arriving.acts, wait=wait)
    if not arriving.changes and not arriving.holes and not arriving.also:
        return None
    try:
        merged = merger.merge(arriving.changes, arriving.parcels, stamp=film.door.next_stamp(), actor=film.door.actor.id,
                              time=int(time.time() * 1000), everything=arriving.holes, also=arriving.also)
        if merged is None:
            return None
        return _apply(film, merged, keep, wait)
    except SyncError as error:
        raise AppError(f"the copy cannot be merged: {error}") from error


class Ready(NamedTuple):
    """A merge that was worked out: on which snapshot and what came of it, and its change as it is kept. Its parcel was looked into."""

    merged: Merged
    before: Snapshot
    after: Snapshot
    packed: bytes


def apply_ready(film: OpenProject, ready: Ready, *, wait: bool = True) -> Merged:
    """Applies a merge that was worked out elsewhere on this very state of the film; durable on return unless `wait` is False. Raises
    AppError, StorageError."""
    return _apply(film, ready.merged, True, wait, ready)


def _apply(film: OpenProject, merged: Merged, keep: bool, wait: bool = True, ready: Ready | None = None) -> Merged:
    tickets: list[Any] = []

    def record(change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        if keep:
            packed = ready.packed if ready is not None else None
            tickets.append(film.file.record_received(change, before, after, merged.parcel, packed, ready is not None))
        film.door.history.add(entry_of(change))

    film.document.apply(merged.change, record, None if ready is None else (ready.before, ready.after))
    for ticket in tickets if wait else ():
        durable(film, ticket)
    return merged


def align(film: OpenProject) -> None:
    """After an undo or redo: what the rule for ripples of several people asks for besides; nothing as a rule. Durable on return."""
    change = merger_of(film).align(stamp=film.door.next_stamp(), actor=film.door.actor.id, time=int(time.time() * 1000))
    if change is not None:
        _apply(film, Merged(change, seal(b"", b"")), True)


def derive(film: OpenProject, merger: Merger) -> bool:
    """Works the film out again from everything that everybody did; False where that changes nothing. For a film that shows something
    else than others who know the same changes. Durable on return. Raises AppError, StorageError."""
    try:
        merged = merger.merge([], [seal(b"", b"")], stamp=film.door.next_stamp(), actor=film.door.actor.id, time=int(time.time() * 1000),
                              everything=True)
    except SyncError as error:
        raise AppError(f"the film cannot be worked out again: {error}") from error
    if merged is None or not merged.change.operations:
        return False
    _apply(film, merged, True)
    return True


def merge_copy(film: OpenProject, other: OpenProject, *, keep: bool = True) -> dict[str, Any]:
    """Merges and reports: how many changes by whom, what is different now, what is open. With `keep` False nothing is written."""
    merger = merger_of(film)
    before = film.snapshot
    began = time.perf_counter()
    arriving = coming(film, other, merger)
    if keep and (arriving.changes or arriving.holes):
        keep_version(film, "Before merging")
    merged = bring_in(film, arriving, merger, keep=keep)
    changed = differences(before, film.snapshot, merged.change.touched) if merged is not None else []
    if keep:
        take_names(film, names(other))
        take_places(film, {asset: list(other.file.locations.get(asset)) for asset in other.file.locations})
    authors = _authors(merged.change) if merged is not None else {}
    return {"merged": len(merged.change.merged) if merged is not None else 0, "by": sorted({a for who in authors.values() for a in who}),
            "seconds": round(time.perf_counter() - began, 4), "fingerprint": cut_fingerprint(film.snapshot),
            "changes": [difference_plain(film.snapshot, one, authors_of(one.id, merger, merged)) for one in changed],
            "problems": [f"{one.message}. {one.fix}" for one in other.file.problems if not one.number],
            "people": names(other), "totals": totals(changed), "conflicts": open_plain(merger, film.snapshot),
            "comments": len(arriving.acts)}


def open_plain(merger: Merger, view: Snapshot) -> list[dict[str, Any]]:
    """What is open, in few words: see `app.services.deciding` for all that there is to say of it."""
    return [*({"id": one.id, "kind": one.kind, "record": one.record, "field": one.field} for one in conflicts(merger.story(), view)),
            *({"id": one.id, "kind": "overlap", "record": one.over.id, "field": "overlap"} for one in overlaps(view))]


def _authors(change: ChangeSet) -> dict[Stamp, set[str]]:
    return {line.stamp: {line.actor} for line in change.merged}


def authors_of(record: str, merger: Merger, merged: Merged | None) -> list[str]:
    """Who of those that a merge brought wrote to a record."""
    if merged is None:
        return []
    story = merger.story()
    stamps = {line.stamp for line in merged.change.merged}
    writers = {stamp for field in story.fields(record) for stamp in story.writes(record, field)}
    if record in story.created:
        writers.add(story.created[record].stamp)
    return sorted({story.changes[stamp].actor for stamp in writers & stamps if stamp in story.changes})


def totals(changed: list[Difference]) -> dict[str, int]:
    """How many records were added, removed, changed, moved."""
    return {kind: sum(one.kind == kind for one in changed) for kind in ("added", "removed", "changed", "moved")}


def difference_plain(view: Snapshot, one: Difference, by: list[str]) -> dict[str, Any]:
    """A difference as JSON values."""
    return {"kind": one.kind, "what": one.what, "id": one.id, "name": one.name, "track": one.track, "start": one.start,
            "timecode": format_timecode(one.start, view.timeline.rate), "by": by,
            "fields": {name: {"before": pair[0], "after": pair[1]} for name, pair in one.fields.items()}}


def merge_lines(report: dict[str, Any], preview: bool) -> list[str]:
    """A report in lines for people."""
    word = "Would merge" if preview else "Merged"
    said = report.get("comments", 0)
    told = [f"{word} {said} comment{'s' if said != 1 else ''} or changes of comments"] if said else []
    if not report["merged"] and not report["changes"]:
        return told or ["Nothing differs"]
    counted = ", ".join(f"{count} {kind}" for kind, count in report["totals"].items() if count) or "nothing looks different"
    people = report.get("people", {})
    by = ", ".join(people.get(one, one) for one in report["by"]) or "nobody known"
    lines = [f"{word} {report['merged']} changes by {by}: {counted}"]
    for one in report["changes"][:200]:
        fields = f" ({', '.join(one['fields'])})" if one["fields"] else ""
        place = f"{one['track']:3} {one['timecode']}"
        lines.append(f"  {one['kind']:8} {one['what']:10} {place}  {one['name']}{fields}  "
                     f"{', '.join(people.get(who, who) for who in one['by'])}")
    if report["conflicts"]:
        lines.append(f"{len(report['conflicts'])} open conflicts; `proeditor conflicts` lists them")
    return [*lines, *told]


def take_places(film: OpenProject, places: Mapping[str, list[Path]], *, wait: bool = True) -> None:
    """Where a copy's media lie on this machine, for media of which the film knows no place. On disk on return unless `wait` is False."""
    for asset, paths in places.items():
        if not film.file.locations.get(asset):
            for path in reversed([p for p in paths if p.is_file()]):
                film.file.locations.set(asset, path)
    if wait:
        film.file.flush()


def open_other(path: Path, film: Path) -> Path:
    """Checks the two names. Raises AppError when they are one file."""
    if path.resolve() == film.resolve():
        raise AppError(f"{path.name} is the film itself; name another copy of it")
    return path


__all__ = ["Coming", "NotACopy", "Ready", "StorageError", "apply_ready", "bring_in", "coming", "merge_copy", "merge_lines", "merger_of",
           "open_other", "take_places"]
