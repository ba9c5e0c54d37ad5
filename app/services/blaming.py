"""Who made a clip what it is, as plain values and lines.

Owns: the list of changes to one record. Refuses: changing anything.
"""

from __future__ import annotations

import datetime
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.schema import Clip
from editor_core.sync.blame import touches


def blame_plain(project: OpenProject, clip: str) -> list[dict[str, Any]]:
    """Every change to a clip, oldest first. Raises AppError for an id that no clip has or had."""
    if not isinstance(project.snapshot.record(clip), Clip):
        raise AppError(f"There is no clip {clip!r} in this project; `proeditor show FILM --json` lists them")
    return [{"id": str(one.stamp), "actor": one.actor, "session": f"{one.stamp.session:x}", "command": one.command, "label": one.label,
             "time": one.time, "kind": one.kind, "made": one.made,
             "fields": {name: {"before": pair[0], "after": pair[1]} for name, pair in one.fields.items()}}
            for one in touches(clip, project.door.history.entries, project.file.change)]


def blame_lines(found: list[dict[str, Any]]) -> list[str]:
    """The same for people."""
    lines = []
    for one in found:
        when = datetime.datetime.fromtimestamp(one["time"] / 1000).strftime("%Y-%m-%d %H:%M:%S")
        what = "made it" if one["made"] else ", ".join(one["fields"])
        lines.append(f"{when}  {one['label']}: {what}  by {one['actor']} in session {one['session']}  ({one['command']})")
    return lines or ["It has been there since before the history of this file"]
