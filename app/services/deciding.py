"""Open conflicts and what needs attention: listed, and decided on.

Owns: conflicts and attention as plain values and lines, and turning `mine`, `theirs`, `merge`, `both` into one undoable command.
Refuses: deciding by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from app.services.blaming import word_of
from app.services.errors import AppError
from app.services.merging import merger_of
from app.services.open_project import DURABLE_WITHIN, OpenProject
from app.services.overlapping import is_overlap, overlaps_plain, settle
from app.services.people import names
from editor_core.document import Snapshot, Stamp
from editor_core.edits.wording import called
from editor_core.schema import Clip, Record
from editor_core.sync.conflicts import Conflict, Side, conflicts
from editor_core.sync.differences import name_of, track_of
from editor_core.sync.speech import off_speech
from editor_core.sync.starts import Starts
from editor_core.sync.story import Story
from editor_core.timeline.attention import Fix, Item, attention
from editor_core.timeline.overlaps import overlaps
from editor_core.timing import format_timecode

CHOICES = ("mine", "theirs", "merge", "both")


def open_conflicts(project: OpenProject) -> list[Conflict]:
    """What competes in a project now."""
    return conflicts(merger_of(project).story(), project.snapshot)


def conflicts_plain(project: OpenProject) -> list[dict[str, Any]]:
    """Each conflict with its clip, time and competing values; clips over one another, which two people placed, are among them."""
    own, known = _own(project), names(project, room=True)
    return [*(_plain(project, one, own, known) for one in open_conflicts(project)), *overlaps_plain(project, known, own)]


def _own(project: OpenProject) -> set[Stamp]:
    """Stamps of what was done in this file itself."""
    return {entry.stamp for entry in project.door.history.entries if entry.kind != "merge"}


def _done_here(project: OpenProject, stamp: Stamp) -> bool:
    line = project.door.history.entry(stamp)
    return line is not None and line.kind != "merge"


def _plain(project: OpenProject, one: Conflict, own: set[Stamp], known: dict[str, str]) -> dict[str, Any]:
    view, record = project.snapshot, project.snapshot.record(one.record)
    start = getattr(record, "start", 0)
    return {"id": one.id, "kind": one.kind, "record": one.record, "what": record.kind_name if record else "", "field": one.field,
            "name": name_of(record) if record else one.record, "track": track_of(view, record) if record else "",
            "start": start, "timecode": format_timecode(start, view.timeline.rate), "fields": list(one.fields),
            "values": [{"value": s.value, "actor": s.actor, "person": known.get(s.actor, ""), "time": s.time, "command": s.command,
                        "label": s.label, "stamp": str(s.stamp), "session": f"{s.stamp.session:x}", "mine": s.made in own,
                        "shown": s.shown} for s in one.sides],
            "choices": choices(one, record)}


def choices(one: Conflict, record: Record | None) -> list[str]:
    """Which of CHOICES have a meaning for a conflict."""
    found = ["mine", "theirs"]
    if one.kind == "deleted" or _union(one) is not None:
        found.append("merge")
    if isinstance(record, Clip) and one.kind == "field" and one.field != "deleted":
        found.append("both")
    return found


def _union(one: Conflict) -> Any:
    """Both values in one, where that can be: texts one under the other, source ranges as the longest stretch."""
    values = [side.value for side in one.sides]
    if one.field == "text":
        return "\n".join(dict.fromkeys(str(value) for value in values))
    if one.field == "name":
        return " / ".join(dict.fromkeys(str(value) for value in values if value))
    if one.field == "source_range" and all(isinstance(value, list | tuple) and len(value) == 2 for value in values):
        if len({value[0] for value in values}) == 1:
            return [values[0][0], max(value[1] for value in values)]
        return None
    if all(isinstance(value, bool) for value in values):
        return any(values)
    return None


def resolve(project: OpenProject, conflict: str, choice: str) -> dict[str, Any]:
    """Decides one conflict: by one of CHOICES, or for the value of a stamp; durable on return. Raises AppError naming what there is,
    CommandError where it cannot be done."""
    if choice not in CHOICES and ":" not in choice:
        raise AppError(f"{choice!r} is no way to decide; say one of {', '.join(CHOICES)}")
    if is_overlap(conflict):
        result = settle(project, conflict, choice, _own(project))
        return {"conflict": conflict, "choice": choice, "open": _count(project), **result}
    every = open_conflicts(project)
    one = next((c for c in every if c.id == conflict), None)
    if one is None:
        there = ", ".join([*(c.id for c in every), *(o.id for o in overlaps(project.snapshot))][:5]) or "none"
        raise AppError(f"There is no open conflict {conflict!r}; open are {there}")
    args = {**decision(project, one, choice, AlongWith(project, every)), "aside": True}
    outcome = project.door.execute("conflict.decide", args)
    outcome.wait(DURABLE_WITHIN)
    return {"conflict": conflict, "choice": choice, "open": _count(project), **outcome.result}


def _count(project: OpenProject) -> int:
    return len(open_conflicts(project)) + len(overlaps(project.snapshot))


class AlongWith:
    """What a decision has to take into account besides: the other parts of a shot that were removed along with a clip, so that a shot that
    is kept has its sound; ripples that somebody who placed a clip did not know. Parts that are asked about by themselves are left to that:
    `found` are all open conflicts. Good for as long as the film is the same."""

    def __init__(self, project: OpenProject, found: Iterable[Conflict], story: Story | None = None) -> None:
        self._project = project
        self._asked = {one.record for one in found if one.field == "deleted"}
        self._story = story

    @cached_property
    def _starts(self) -> Starts:
        return Starts(self._story or merger_of(self._project).story(), self._project.snapshot.record)

    def placed(self, one: Conflict, side: Side) -> Any:
        """The value of a side as it is to be written now: where a clip was placed, moved along by ripples that were not known there."""
        record = self._project.snapshot.record(one.record)
        if one.field != "start" or not isinstance(record, Clip) or not isinstance(side.value, int):
            return side.value
        track = self._starts.track(record.id, side.made)
        return max(0, side.value + self._starts.ripples.moved(track, side.made, side.value))

    @cached_property
    def _gone(self) -> dict[str, list[str]]:
        gone: dict[str, list[str]] = {}
        for record in self._project.snapshot.records.values():
            if isinstance(record, Clip) and record.deleted and record.link and record.id not in self._asked:
                gone.setdefault(record.link, []).append(record.id)
        return gone

    def __call__(self, one: Conflict) -> list[str]:
        """Ids, in order."""
        record = self._project.snapshot.record(one.record)
        if not isinstance(record, Clip) or not record.link:
            return []
        removed = self._project.document.stamp_of(record.id, "deleted")[0]
        stamps = self._project.document.stamp_of
        return sorted(i for i in self._gone.get(record.link, ()) if i != record.id and stamps(i, "deleted")[0] == removed)


def decision(project: OpenProject, one: Conflict, choice: str, along: AlongWith) -> dict[str, Any]:
    """The arguments of `conflict.decide` for a choice, or the stamp of a value. Raises AppError where the choice has no meaning."""
    record = project.snapshot.record(one.record)
    named = next((side for side in one.sides if str(side.stamp) == choice), None)
    if named is None and choice not in choices(one, record):
        raise AppError(f"{choice!r} has no meaning for {one.field} of {name_of(record) if record else one.record}; "
                       f"say one of {', '.join(choices(one, record))}")
    stamps = [str(stamp) for stamp in one.stamps]
    mine, theirs = sides_of(project, one)
    if one.kind == "deleted":
        gone = choice != "merge" and (named or (mine if choice == "mine" else theirs)) is one.sides[0]
        others = [] if gone else [{"record": i, "field": "deleted", "value": False, "replaces": []} for i in along(one)]
        return {"decisions": [{"record": one.record, "field": "deleted", "value": gone, "replaces": stamps[:1]}, *others]}
    copies: list[dict[str, Any]] = []
    if choice == "merge":
        value = _union(one)
    else:
        value = along.placed(one, named or (theirs if choice == "theirs" else mine))
        for side in one.sides if choice == "both" else ():
            other = along.placed(one, side)
            copy = {"clip": one.record, "fields": {one.field: other}}
            if other != value and copy not in copies:
                copies.append(copy)
    return {"decisions": [{"record": one.record, "field": one.field, "value": value, "replaces": stamps}], "copies": copies}


def sides_of(project: OpenProject, one: Conflict) -> tuple[Side, Side]:
    """My side and theirs. Where none is mine, the one that is shown stands for mine."""
    mine = [side for side in one.sides if _done_here(project, side.made)]
    if not mine or len(mine) == len(one.sides):
        by_me = [side for side in one.sides if side.actor == project.door.actor.id]
        mine = by_me if by_me and len(by_me) < len(one.sides) else [side for side in one.sides if side.shown] or list(one.sides[:1])
    first = mine[-1]
    others = [side for side in one.sides if side not in mine] or [side for side in one.sides if side is not first]
    return first, others[-1]


def conflict_lines(found: list[dict[str, Any]]) -> list[str]:
    """Conflicts for people."""
    lines = []
    for one in found:
        lines.append(f"{one['id']}  {one['track']:3} {one['timecode']}  {one['name']}: {one['field']}")
        for value in one["values"]:
            marks = " ".join(mark for mark in ("mine", "shown") if value[mark])
            lines.append(f"    {value['value']!r}  {value['label']}  by {value['person'] or value['actor']}  {value['stamp']}  {marks}")
    return lines or ["No open conflicts"]


def attention_plain(project: OpenProject) -> list[dict[str, Any]]:
    """What needs attention, with fixes as commands."""
    items = attention(project.snapshot)
    story, known = merger_of(project).story(), names(project, room=True)
    found = conflicts(story, project.snapshot)
    along = AlongWith(project, found)
    items.extend(edit_in_deleted(project.snapshot, one, lambda actor: known.get(actor, actor), along(one))
                 for one in found if one.kind == "deleted")
    items.extend(off_speech(story, project.snapshot))
    rate = project.snapshot.timeline.rate
    return [{"kind": item.kind, "records": list(item.records), "at": item.at, "timecode": format_timecode(item.at, rate),
             "message": item.message, "fixes": [{"title": f.title, "command": f.command, "args": f.args} for f in item.fixes]}
            for item in sorted(items, key=lambda item: (item.at, item.kind, item.records))]


def edit_in_deleted(view: Snapshot, one: Conflict, names: Callable[[str], str] = str, along: Iterable[str] = ()) -> Item:
    """What there is to say of a record that one deleted while others changed it; `names` says what people are called, `along` are records
    that come back with it."""
    record = view.record(one.record)
    name = called(view, record) if isinstance(record, Clip) else name_of(record) if record is not None else one.record
    args = {"record": one.record, "field": "deleted", "replaces": [str(one.sides[0].stamp)]}
    others = [{"record": i, "field": "deleted", "value": False, "replaces": []} for i in along]
    people, fields = ", ".join(sorted({names(side.actor) for side in one.sides[1:]})), ", ".join(dict.fromkeys(map(word_of, one.fields)))
    return Item(kind="deleted", records=(one.record,), at=getattr(record, "start", 0),
                message=f"{name} was deleted by {names(one.sides[0].actor)} while {people} changed its {fields}",
                fixes=(Fix("Keep it", "conflict.decide", {"decisions": [{**args, "value": False}, *others]}),
                       Fix("Delete it", "conflict.decide", {"decisions": [{**args, "value": True}]})))


def attention_lines(found: list[dict[str, Any]]) -> list[str]:
    """The list for people."""
    lines = []
    for one in found:
        lines.append(f"{one['timecode']}  {one['kind']}: {one['message']}")
        lines.extend(f"    {fix['title']}" for fix in one["fixes"])
    return lines or ["Nothing needs attention"]
