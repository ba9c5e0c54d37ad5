"""Named versions of a film, and bringing one back.

Owns: saving, listing and restoring versions. Refuses: rewinding: a restore is one new edit that can be undone, on top of all else.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject, durable
from editor_core.document import Draft, Snapshot
from editor_core.schema import Record
from editor_core.storage import versions as stored
from editor_core.sync.differences import differences


def save_version(project: OpenProject, name: str) -> dict[str, Any]:
    """Keeps the film as it is under a name. Raises StorageError."""
    stored.save(project.file, name, project.snapshot.records.values(), actor=project.door.actor.id, time=int(time.time() * 1000),
                revision=project.snapshot.revision)
    return {"saved": name}


def versions_plain(project: OpenProject) -> list[dict[str, Any]]:
    """Every version: name, who, when (Unix milliseconds), and how many records differ now."""
    return [{"name": one.name, "actor": one.actor, "time": one.time, "revision": one.revision,
             "differs": len(differences(Snapshot.of(stored.records_of(one)), project.snapshot))} for one in stored.versions(project.file)]


def version_lines(found: list[dict[str, Any]]) -> list[str]:
    """Versions for people."""
    lines = []
    for one in found:
        when = datetime.datetime.fromtimestamp(one["time"] / 1000).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(f"{when}  {one['name']}  ({one['differs']} differences to now)")
    return lines or ["No versions yet; `proeditor versions FILM save NAME` makes one"]


def restore_version(project: OpenProject, name: str) -> dict[str, Any]:
    """Makes the film what the version was, as one edit; durable on return. Raises AppError, CommandError, StorageError."""
    version = next((one for one in stored.versions(project.file) if one.name == name), None)
    if version is None:
        there = ", ".join(one.name for one in stored.versions(project.file)) or "none"
        raise AppError(f"There is no version {name!r}; there are {there}")
    draft = bring_back(project.snapshot, stored.records_of(version))
    outcome = project.door.apply_operations("version.restore", f"Restore {name}", draft, {"name": name})
    durable(project, outcome)
    return {"restored": name, "changed": len(outcome.change.touched) if outcome.change is not None else 0}


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
