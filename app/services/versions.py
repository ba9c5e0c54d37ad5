"""Versions of a film: named ones, those kept by themselves, and bringing one back.

Owns: saving, listing, comparing, restoring and dropping versions; when one is kept unasked. Refuses: rewinding: a restore is one new edit
that can be undone, on top of all else.

Versions stay in the file they were kept in. In a shared room each person has their own; what bringing one back changes is an edit like any
other and reaches everybody.
"""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject, durable
from editor_core.commands.door import Outcome
from editor_core.document import Draft, Snapshot
from editor_core.schema import Clip, MediaReference, Record, plain
from editor_core.storage import StorageError
from editor_core.storage import versions as stored
from editor_core.sync.differences import Difference, differences

log = logging.getLogger(__name__)
EVERY_CHANGES = 100
EVERY_MS = 10 * 60_000
"""An automatic version is kept after so many changes, or after so much time in which something changed."""
BIG_BATCH = 50
"""Commands in a script from which on the state before it is kept."""


def save_version(project: OpenProject, name: str, at: int | None = None, *, replace: bool = False) -> dict[str, Any]:
    """Keeps the film as it is under a name, durable on return; `at` (ticks) says which picture stands for it. Raises StorageError, and
    AppError where there is a version of that name, unless it is to be replaced."""
    view = project.snapshot
    taken = None if replace else next((one for one in stored.versions(project.file) if one.name == name), None)
    if taken is not None:
        raise AppError(f"There is a version {name!r} already, of {_clock(taken.time)}; take another name, or --replace to forget that one")
    stored.save(project.file, name, view.records.values(), actor=project.door.actor.id, time=_now(), revision=view.revision,
                poster=poster_of(view, at))
    return {"saved": name}


def keep_version(project: OpenProject, why: str) -> None:
    """Keeps the film as it is now, unasked, under `why` and the time; it is written in turn, before what is recorded after it.

    A file that cannot take it is no reason not to go on with what the version was to be kept for.
    """
    view, now = project.snapshot, _now()
    if project.file.read_only:
        return
    try:
        stored.keep(project.file, f"{why} {_clock(now)}", view.records.values(), actor=project.door.actor.id, time=now,
                    revision=view.revision, poster=poster_of(view, None))
    except StorageError as error:
        log.warning("no automatic version was kept: %s", error)


class Keeper:
    """Keeps automatic versions of one project as it changes. Call `look` after changes; it costs nothing while none is due."""

    def __init__(self, project: OpenProject, began: int | None = None) -> None:
        """`began` is the revision from which on changes count as new; the present one unless said."""
        self._project = project
        self._began = project.snapshot.revision if began is None else began
        self._revision = self._began
        self._time = _now()
        self._asked = False

    def look(self) -> bool:
        """Keeps a version if one is due; whether it did."""
        revision = self._project.snapshot.revision
        if revision == self._began:
            return False
        if not self._asked:
            self.remember()
        if revision - self._revision < EVERY_CHANGES and (_now() - self._time < EVERY_MS or revision == self._revision):
            return False
        keep_version(self._project, "Automatic")
        self._revision, self._time = revision, _now()
        return True

    def remember(self) -> None:
        """Reads what was kept last, by whichever process; on any thread. Else the first `look` after a change does."""
        self._asked = True
        try:
            last = stored.latest(self._project.file)
        except StorageError as error:
            log.warning("versions cannot be read: %s", error)
            return
        if last is not None:
            self._time, self._revision = last
        else:
            self._revision = 0


def poster_of(view: Snapshot, at: int | None) -> tuple[str, int] | None:
    """The picture that stands for a film: of the topmost clip at a time, else of its first one; None where there is none."""
    if not view.of_kind(MediaReference):
        return None
    rows = [view.clips_on(track.id) for track in reversed(view.tracks("video"))]
    for row in rows if at is not None else ():
        for clip in row:
            if clip.asset and clip.enabled and at is not None and clip.start <= at < clip.end:
                return clip.asset, clip.source_range.start + at - clip.start
    firsts = [next((c for c in row if c.asset and _shows(view, c)), None) for row in reversed(rows)]
    first = min((c for c in firsts if c is not None), key=lambda c: c.start, default=None)
    return None if first is None else (first.asset, first.source_range.start + first.duration // 3)


def _shows(view: Snapshot, clip: Clip) -> bool:
    asset = view.find(MediaReference, clip.asset) if clip.asset else None
    return asset is not None and asset.video is not None


def versions_plain(project: OpenProject, *, count: bool = True) -> list[dict[str, Any]]:
    """Every version, oldest first: name, kind, who, when (Unix milliseconds), picture, how many changes were made since, and (with
    `count`) how many records differ now."""
    view = project.snapshot
    found = []
    for one in stored.versions(project.file):
        plain = {"name": one.name, "kind": one.kind, "actor": one.actor, "time": one.time, "revision": one.revision,
                 "since": max(0, view.revision - one.revision), "poster": list(one.poster) if one.poster else None,
                 "bytes": len(one.packed)}
        if count:
            plain["differs"] = len(differences(Snapshot.of(stored.records_of(one)), view))
        found.append(plain)
    return found


def version_lines(found: list[dict[str, Any]]) -> list[str]:
    """Versions for people."""
    lines = []
    for one in found:
        when = datetime.datetime.fromtimestamp(one["time"] / 1000).strftime("%Y-%m-%d %H:%M:%S")
        since = f"{one['since']} change{'' if one['since'] == 1 else 's'}"
        differs = f"{one['differs']} difference{'' if one['differs'] == 1 else 's'}"
        lines.append(f"{when}  {one['name']}  ({since} since, {differs} to now)")
    return lines or ["No versions yet; `proeditor versions FILM save NAME` makes one"]


def snapshot_of(project: OpenProject, name: str) -> Snapshot:
    """The film as a version has it; `now` is the film as it is. Raises AppError, StorageError."""
    return project.snapshot if name == "now" else Snapshot.of(stored.records_of(_named(project, name)))


def compare_versions(project: OpenProject, first: str, second: str) -> dict[str, Any]:
    """What the second version (or `now`) has another than the first. Raises AppError, StorageError."""
    from app.services.merging import difference_plain, totals

    after = snapshot_of(project, second)
    found: list[Difference] = differences(snapshot_of(project, first), after)
    return {"totals": totals(found), "changes": [difference_plain(after, one, []) for one in found]}


def compare_lines(report: dict[str, Any], first: str, second: str) -> list[str]:
    """A comparison for people."""
    counted = ", ".join(f"{count} {kind}" for kind, count in report["totals"].items() if count) or "nothing differs"
    return [f"From {first} to {second}: {counted}",
            *(f"  {one['kind']:8} {one['what']:10} {one['track']:3} {one['timecode']}  {one['name']}  [{one['id']}]"
              for one in report["changes"])]


def drop_version(project: OpenProject, name: str) -> dict[str, Any]:
    """Forgets a version; durable on return. Raises AppError, StorageError."""
    _named(project, name)
    stored.drop(project.file, name)
    return {"dropped": name}


def restore_version(project: OpenProject, name: str) -> dict[str, Any]:
    """Makes the film what the version was, as one edit; durable on return. Raises AppError, CommandError, StorageError."""
    found = _named(project, name)
    outcome = restore_records(project, name, stored.records_of(found), found.revision)
    durable(project, outcome)
    return {"restored": name, "changed": len(outcome.change.touched) if outcome.change is not None else 0}


def restore_records(project: OpenProject, name: str, records: list[Record], revision: int) -> Outcome:
    """The same from records that were read before, of a version that was kept at a revision; not yet durable. What is there now is kept as
    an automatic version first. What has competed since is decided: it is as the version has it."""
    draft = bring_back(project.snapshot, records)
    _decide(project, draft, revision)
    if draft.touched:
        keep_version(project, "Before restoring")
    return project.door.apply_operations("version.restore", f"Restore {name}", draft, {"name": name})


def _named(project: OpenProject, name: str) -> stored.Version:
    found = stored.find(project.file, name)
    if found is None:
        there = ", ".join(one.name for one in stored.versions(project.file)) or "none"
        raise AppError(f"There is no version {name!r}; there are {there}")
    return found


def bring_back(now: Snapshot, records: list[Record]) -> Draft:
    """The edit that makes records what they were. Ripples stay: they are what happened, not what the film is."""
    draft = Draft(now)
    wanted = {record.id: record for record in records if record.kind_name != "ripple"}
    for record in wanted.values():
        current = now.record(record.id)
        if current is None:
            draft.create(record)
            continue
        fields = {name: getattr(record, name) for name in record.__struct_fields__ if getattr(record, name) != getattr(current, name)}
        fields.pop("id", None)
        if fields:
            draft.put(current, **fields)
    for current in now.records.values():
        if current.id not in wanted and not current.deleted and current.kind_name != "ripple":
            draft.delete(current)
    return draft


def _decide(project: OpenProject, draft: Draft, revision: int) -> None:
    """Has what a version says stand over all values that compete and did not when it was kept; those that did are as open as then."""
    lines = project.door.history.entries
    if not any(line.kind == "merge" for line in lines):
        return
    from app.services.deciding import open_conflicts

    before = lines[:max(0, len(lines) - (project.snapshot.revision - revision))]
    known = {stamp for line in before for stamp in (line.stamp, *(one.stamp for one in line.merged))}
    for one in open_conflicts(project):
        record = draft.record(one.record)
        if record is None or known.issuperset(side.made for side in one.sides):
            continue
        stamps = one.stamps[:1] if one.kind == "deleted" else one.stamps
        draft.decide(record, one.field, plain(getattr(record, one.field)), stamps)


def _now() -> int:
    return int(time.time() * 1000)


def _clock(milliseconds: int) -> str:
    return datetime.datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M:%S")

