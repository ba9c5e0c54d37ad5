"""Clips that a merge left over one another, as conflicts that can be decided.

Owns: such pairs as plain values beside other conflicts, and turning `mine`, `theirs`, `merge`, `both` into one undoable command for them.
Refuses: other conflicts (see `app.services.deciding`), drawing (see `editor_core.timeline.effective`).

No command lays a clip over another on its track: where two lie so, each was placed by somebody who did not know of the other.
"""

from __future__ import annotations

from typing import Any

from app.services.errors import AppError
from app.services.merging import merger_of
from app.services.open_project import DURABLE_WITHIN, OpenProject
from editor_core.document import NOBODY, Stamp
from editor_core.edits.wording import called
from editor_core.schema import Clip
from editor_core.sync.causality import Causality
from editor_core.sync.differences import track_of
from editor_core.timeline.overlaps import BETWEEN, Overlap, overlaps
from editor_core.timing import format_timecode

_PLACED = ("start", "track", "source_range", "deleted")
"""Fields that say where a clip lies."""


def is_overlap(conflict: str) -> bool:
    """Whether an id of a conflict is that of an overlap."""
    return BETWEEN in conflict


def choices_of(one: Overlap) -> list[str]:
    """What may be chosen: `merge` cuts the lower clip off where the upper one begins, where something of it is left then."""
    return ["mine", "theirs", *(["merge"] if one.over.start > one.under.start else []), "both"]


def overlaps_plain(project: OpenProject, known: dict[str, str], own: set[Stamp]) -> list[dict[str, Any]]:
    """Each overlap as other conflicts are told; `known` are people's names, `own` stamps of what was done in this file."""
    view, order = project.snapshot, merger_of(project).order
    return [{"id": one.id, "kind": "overlap", "record": one.over.id, "what": "clip", "field": "overlap",
             "name": f"{called(view, one.over)} over {called(view, one.under)}", "track": track_of(view, one.over), "start": one.at,
             "timecode": format_timecode(one.at, view.timeline.rate), "fields": [],
             "values": [_value(project, order, clip, known, own) for clip in (one.under, one.over)], "choices": choices_of(one)}
            for one in overlaps(view)]


def _value(project: OpenProject, order: Causality, clip: Clip, known: dict[str, str], own: set[Stamp]) -> dict[str, Any]:
    stamp = _placed_by(project, order, clip)
    change = project.file.change(stamp) if stamp != NOBODY else None
    actor = change.actor if change is not None else ""
    return {"value": clip.id, "actor": actor, "person": known.get(actor, ""), "time": change.time if change is not None else 0,
            "command": change.command if change is not None else "", "label": change.label if change is not None else "",
            "stamp": str(stamp), "session": f"{stamp.session:x}", "mine": stamp in own, "shown": True}


def _placed_by(project: OpenProject, order: Causality, clip: Clip) -> Stamp:
    """The last change that said where a clip lies; where one was taken back, that which stands again."""
    stamps = {project.document.stamp_of(clip.id, field)[1] for field in _PLACED} - {NOBODY}
    return max((stamp for stamp in stamps if stamp in order), key=order.rank, default=NOBODY)


def command_for(project: OpenProject, one: Overlap, choice: str, own: set[Stamp]) -> tuple[str, dict[str, Any]]:
    """The command, and its arguments, that a choice comes to. Of two that nobody placed here, or both were, the lower one is mine. Raises
    AppError where the choice has no meaning."""
    if choice not in choices_of(one):
        raise AppError(f"{choice!r} has no meaning for {called(project.snapshot, one.over)} over {called(project.snapshot, one.under)}; "
                       f"say one of {', '.join(choices_of(one))}")
    if choice == "both":
        return "clip.move", {"clips": [one.over.id], "track": "new", "linked": False}
    if choice == "merge":
        return "clip.trim", {"clip": one.under.id, "edge": "tail", "to": one.over.start, "linked": False}
    order = merger_of(project).order
    under, over = (_placed_by(project, order, clip) in own for clip in (one.under, one.over))
    mine, theirs = (one.over, one.under) if over and not under else (one.under, one.over)
    return "clip.lift", {"clips": [(theirs if choice == "mine" else mine).id]}


def settle(project: OpenProject, conflict: str, choice: str, own: set[Stamp]) -> dict[str, Any]:
    """Decides one; durable on return: what the command says. Raises AppError naming what there is, CommandError where it cannot be done."""
    every = overlaps(project.snapshot)
    one = next((found for found in every if found.id == conflict), None)
    if one is None:
        there = ", ".join(found.id for found in every[:5]) or "none"
        raise AppError(f"There is no open conflict {conflict!r}; overlaps that are open: {there}")
    outcome = project.door.execute(*command_for(project, one, choice, own))
    outcome.wait(DURABLE_WITHIN)
    return dict(outcome.result)
