"""Taking some of a branch's changes, and what that means when all of it is merged later.

Owns: what a branch offers to the film, the edit that takes chosen changes (`branch.pick`), settling them with a whole merge. Refuses:
files of branches (see `branches`).

Chosen changes become ordinary edits of the film, which remember what they took, so that the rest can be chosen or merged later; then
what was taken before does not compete with the branch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import msgspec

from app.services.errors import AppError
from app.services.merging import difference_plain, totals
from app.services.open_project import OpenProject, durable
from app.services.versions import keep_version
from editor_core.commands.merging import stamp_of
from editor_core.commands.registry import CommandError
from editor_core.document import Create, Entry, Put, Snapshot, Stamp
from editor_core.schema import Clip
from editor_core.sync.blame import looking
from editor_core.sync.differences import Difference
from editor_core.sync.picking import Offers, Written
from editor_core.sync.story import TAKEN_OVER, lines_in

PICK = TAKEN_OVER


class Look(msgspec.Struct, frozen=True):
    """What a branch has to offer to the film as it was when it was looked at."""

    offers: Offers
    film: Snapshot
    copy: Snapshot
    written: Written


def look(project: OpenProject, name: str, other: OpenProject) -> Look:
    """What `other`, the branch `name`, changed that the film has not taken. Raises StorageError.

    May run on any thread that `other` was opened on, while nothing changes `project`.
    """
    return look_at(name, project.snapshot, project.document.stamps, list(project.door.history.entries), picked(project, name), other)


def look_at(name: str, film: Snapshot, written: Written, entries: Iterable[Entry], taken: set[Stamp], other: OpenProject) -> Look:
    """The same from what was read of the film before."""
    ours = {line.stamp for line in lines_in(entries)}
    theirs = {line.stamp for line in lines_in(other.door.history.entries)}
    offers = Offers(film, other.snapshot, other.document.stamps, theirs - ours - taken, film_written=written, mine=ours - theirs)
    return Look(offers, film, other.snapshot, other.document.stamps)


def picked(project: OpenProject, name: str) -> set[Stamp]:
    """Stamps of the branch's values that the film has taken by `pick`, where that was not undone."""
    found: set[Stamp] = set()
    for stamp in _picks(project, name):
        args = project.file.change(stamp).args
        found.update(stamp_of(text) for text in args.get("stamps", ()))
    return found


def _picks(project: OpenProject, name: str) -> list[Stamp]:
    alive: dict[Stamp, None] = {}
    for line in lines_in(project.door.history.entries):
        if line.command == PICK and line.kind == "do":
            alive[line.stamp] = None
        elif line.target is not None and line.kind == "undo":
            alive.pop(line.target, None)
        elif line.target is not None and line.kind == "redo" and _command(project, line.target) == PICK:
            alive[line.target] = None
    return [stamp for stamp in alive if (project.file.change(stamp).args or {}).get("branch") == name]


def _command(project: OpenProject, stamp: Stamp) -> str:
    line = project.door.history.entry(stamp)
    return line.command if line is not None else ""


def _echoes(project: OpenProject, name: str) -> tuple[set[Stamp], set[Stamp]]:
    """Every `pick` from a branch, undone or not, and the undos and redos of them."""
    made: set[Stamp] = set()
    echoes: set[Stamp] = set()
    for line in lines_in(project.door.history.entries):
        if line.command == PICK and line.kind == "do" and (project.file.change(line.stamp).args or {}).get("branch") == name:
            made.add(line.stamp)
        elif line.target in made:
            echoes.add(line.stamp)
    return made, echoes


def pick(project: OpenProject, name: str, found: Look, chosen: Iterable[str], *, wait: bool = True) -> dict[str, Any]:
    """Takes chosen changes (by id) of a branch and what they need, as one edit that can be undone; durable on return unless `wait` is off.

    Raises AppError for an id that is not offered or where the film is in the way, StorageError.
    """
    wanted = list(dict.fromkeys(chosen))
    unknown = [one for one in wanted if one not in found.offers.ids]
    if unknown:
        there = ", ".join(found.offers.ids[:8]) or "nothing"
        raise AppError(f"{unknown[0]!r} is no change that {name!r} has and the film lacks; there are {there}")
    if project.snapshot is not found.film:
        raise AppError("The film changed meanwhile; look again")
    every = found.offers.with_needs(wanted)
    changes = {one.id: one for one in found.offers.changes}
    draft = found.offers.draft(every)
    keep_version(project, "Before merging")
    label = f"Take {_several([changes[one] for one in every])} from {name}"
    try:
        outcome = project.door.apply_operations(PICK, label, draft, {"branch": name, "changes": every,
                                                                     "stamps": found.offers.stamps(every, found.written)})
    except CommandError as error:
        raise AppError(f"That cannot be taken alone: {error}. Take more of {name!r} with it, or merge all of it") from error
    if wait:
        durable(project, outcome)
    taken = [changes[one] for one in every]
    return {"merged": 0, "picked": every, "needed": [one for one in every if one not in wanted], "left": len(changes) - len(every),
            "by": [], "changes": [difference_plain(project.snapshot, one, []) for one in taken], "totals": totals(taken), "conflicts": []}


def _several(changes: list[Difference]) -> str:
    return changes[0].name or changes[0].what if len(changes) == 1 else f"{len(changes)} changes"


def places_picked(project: OpenProject, name: str) -> dict[str, int]:
    """Clips whose place was picked from a branch and that nobody put elsewhere since, with how far ripples of the film carried them since.

    Asked before the branch is merged. Raises StorageError.
    """
    found: dict[str, int] = {}
    entries = project.door.history.entries
    for stamp in _picks(project, name):
        change = project.file.change(stamp)
        since = entries[next((n for n, line in enumerate(entries) if line.stamp == stamp), len(entries)) + 1:]
        for op in change.operations:
            if isinstance(op, Create) and isinstance(op.record, Clip):
                clip, start = op.record.id, op.record.start
            elif isinstance(op, Put) and op.field == "start" and isinstance(op.after, int):
                clip, start = op.id, op.after
            else:
                continue
            moved = [touch.fields["start"] for touch in looking(clip, since, project.file.change) if touch is not None
                     and "start" in touch.fields]
            now = project.snapshot.find(Clip, clip)
            if now is not None and all(before is None for before, _ in moved):
                found[clip] = now.start - start
            else:
                found.pop(clip, None)
    return found


def settle_picks(project: OpenProject, name: str, before: dict[str, int], branch: Snapshot) -> int:
    """After the whole branch was merged: where a value that was picked from it competes with what it was picked from, the one that was
    changed since stands, and clips that the branch's ripples moved twice (when they were picked, and now) go back to where the branch
    has them. `before` is what `places_picked` said. How much was decided; durable on return. Raises AppError, StorageError."""
    from app.services.deciding import open_conflicts

    own, echoes = _echoes(project, name)
    if not own:
        return 0
    copied = own | echoes | picked(project, name)
    decisions = _back_again(project, own - set(_picks(project, name)), branch)
    for one in open_conflicts(project):
        since = [side for side in one.sides if side.stamp not in copied]
        if len(since) == 1 and len(one.sides) > 1:
            value = since[0] is one.sides[0] if one.kind == "deleted" else since[0].value
            decisions.append([{"record": one.record, "field": one.field, "value": value,
                               "replaces": [str(stamp) for stamp in (one.stamps[:1] if one.kind == "deleted" else one.stamps)]}])
    places = []
    for clip, carried in before.items():
        here, there = project.snapshot.find(Clip, clip), branch.find(Clip, clip)
        if here is not None and there is not None and here.start != there.start + carried >= 0:
            places.append({"record": clip, "field": "start", "value": there.start + carried, "replaces": []})
    gesture, done = f"settle {project.snapshot.revision}", 0
    for decided in [*([places] if places else []), *decisions]:
        with contextlib.suppress(CommandError):  # others lie in the place by now: it stays as the merge has it
            durable(project, project.door.execute("conflict.decide", {"decisions": decided}, gesture=gesture))
            done += len(decided)
    return done


def _back_again(project: OpenProject, undone: set[Stamp], branch: Snapshot) -> list[list[dict[str, Any]]]:
    """Decisions that bring back what the branch made, where it was picked and that was undone: the whole branch has it now."""
    found: list[list[dict[str, Any]]] = []
    for stamp in sorted(undone):
        for op in project.file.change(stamp).operations:
            if isinstance(op, Create) and (here := project.snapshot.record(op.record.id)) is not None and here.deleted:
                there = branch.record(here.id)
                if there is not None and not there.deleted and project.document.stamp_of(here.id, "deleted")[1] == stamp:
                    found.append([{"record": here.id, "field": "deleted", "value": False, "replaces": []}])
    return found


def picked_words(report: dict[str, Any], name: str) -> str:
    """How much `pick` took, in words."""
    count = len(report["picked"])
    return f"Took {count} change{'' if count == 1 else 's'} from {name}"


def pick_lines(report: dict[str, Any], name: str) -> list[str]:
    """What `pick` did, for people."""
    lines = [f"{picked_words(report, name)}; {report['left']} left"]
    for one in report["changes"]:
        also = "  (needed)" if one["id"] in report["needed"] else ""
        lines.append(f"  {one['kind']:8} {one['what']:10} {one['track']:3} {one['timecode']}  {one['name']}{also}")
    return lines
