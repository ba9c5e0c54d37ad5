"""Trying a version: branches of a film, each a project file of its own beside it.

Owns: the folder `FILM.branches`, making, comparing, merging (whole or in part), switching and dropping branches. Refuses: names that are
no file names, and switching while another process holds the film.

A branch is a whole copy, so it merges by the rules of any two copies. It is in no room: what is tried there stays on this machine until
it is merged. `switch` keeps the film under its branch's name and puts the other in its place in one step; a note says that it is about
to, so that, killed in between, the film is known for what it is: old or new.

Chosen changes of a branch become ordinary edits of the film (`branch.pick`), which remember what they took, so that the rest can be
chosen or merged later; then what was taken before does not compete with the branch.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.services.errors import AppError
from app.services.merging import difference_plain, merge_copy, totals
from app.services.open_project import OpenProject, durable
from app.services.reading import read_project
from app.services.versions import keep_version
from editor_core.commands.merging import stamp_of
from editor_core.commands.registry import CommandError
from editor_core.document import Create, Entry, Put, Snapshot, Stamp
from editor_core.schema import Clip
from editor_core.storage.lock import Lock
from editor_core.storage.room_tables import leave_room
from editor_core.sync.blame import looking
from editor_core.sync.differences import Difference, differences
from editor_core.sync.picking import Offers, Written
from editor_core.sync.story import TAKEN_OVER, lines_in

MAIN = "main"
PICK = TAKEN_OVER
_NAME = re.compile(r"^[\w][\w .-]{0,79}$")


class Branch(msgspec.Struct, frozen=True):
    """A branch as it is listed. `time` is when its file was last written, Unix seconds; 0 for the film itself."""

    name: str
    current: bool
    path: Path
    time: float = 0.0


def folder_of(film: Path) -> Path:
    """Where a film's branches lie."""
    return film.with_name(film.name + ".branches")


def current(film: Path) -> str:
    """The branch that the film is now."""
    folder = folder_of(film)
    with contextlib.suppress(OSError, ValueError):
        to, _, _ = (folder / "switching").read_text(encoding="utf-8").partition("\n")
        if _NAME.match(to) and not _file(film, to).exists():
            return to
    with contextlib.suppress(OSError, ValueError):
        return (folder / "current").read_text(encoding="utf-8").strip() or MAIN
    return MAIN


def _file(film: Path, name: str) -> Path:
    return folder_of(film) / f"{_checked(name)}.proedit"


def path_of(film: Path, name: str) -> Path:
    """The file of a branch: the film itself for the current one. Raises AppError naming what there is."""
    if name == current(film):
        return film
    path = _file(film, name)
    if not path.is_file():
        raise AppError(f"There is no branch {name!r}; there are {', '.join(names(film))}")
    return path


def names(film: Path) -> list[str]:
    """All branches, the current one first."""
    return [one.name for one in branches(film)]


def branches(film: Path) -> list[Branch]:
    """All branches, the current one first. Looks at names and times of files only."""
    here = current(film)
    found = [Branch(here, True, film)]
    for path in sorted(folder_of(film).glob("*.proedit")):
        if path.stem != here:
            with contextlib.suppress(OSError):
                found.append(Branch(path.stem, False, path, path.stat().st_mtime))
    return found


def _checked(name: str) -> str:
    if not _NAME.match(name) or name != name.strip():
        raise AppError(f"{name!r} cannot name a branch; use letters, digits, spaces, dots and dashes, 80 at most")
    return name


def serve(project: OpenProject, what: str, name: str, changes: Sequence[str] | None = None) -> Any:
    """`new`, `merge` (with `changes`: only those) and the like, on the thread that owns the document. Raises AppError, StorageError."""
    if what == "new":
        return _new(project, name)
    if what == "merge":
        if name == current(project.path):
            raise AppError(f"The film is on {name!r} already")
        with contextlib.closing(read_project(path_of(project.path, name), project)) as other:
            if changes:
                return pick(project, name, look(project, name, other), changes)
            before = places_picked(project, name)
            report = merge_copy(project, other)
            report["settled"] = settle_picks(project, name, before, other.snapshot)
        if report["settled"]:
            from app.services.deciding import open_conflicts

            report["conflicts"] = [{"id": c.id, "kind": c.kind, "record": c.record, "field": c.field} for c in open_conflicts(project)]
        return report
    raise AppError(f"unknown request branch.{what}")


def _new(project: OpenProject, name: str) -> dict[str, Any]:
    if name in names(project.path):
        raise AppError(f"There is a branch {name!r} already; choose another name")
    path = _file(project.path, name)
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    project.file.save_copy(part)
    leave_room(part)
    part.replace(path)
    return {"branch": name, "file": str(path)}


def switch(project: OpenProject, name: str) -> dict[str, Any]:
    """Makes the film another of its branches; closes the project. Raises AppError, StorageError."""
    film, here = project.path, current(project.path)
    keep_here(project, name)
    project.close()
    put_in_place(film, name, here)
    return {"branch": name, "left": here}


def keep_here(project: OpenProject, name: str) -> None:
    """The first half of `switch`: keeps the film under the branch that it is on. Raises AppError, StorageError."""
    film, here = project.path, current(project.path)
    if path_of(film, name) == film:
        raise AppError(f"The film is on {name!r} already")
    _tidy(film)
    kept, part = _file(film, here), folder_of(film) / f".{here}.part"
    part.unlink(missing_ok=True)
    project.file.save_copy(part)
    part.replace(kept)


def put_in_place(film: Path, name: str, here: str) -> None:
    """The second half of `switch`, once the film is kept as `here` and closed. Raises AppError, ProjectInUse, OSError."""
    lock = Lock(film, wait=5.0)
    try:
        folder = folder_of(film)
        _write(folder / "switching", f"{name}\n{here}\n")
        _file(film, name).replace(film)
        _write(folder / "current", name)
        (folder / "switching").unlink(missing_ok=True)
    finally:
        lock.release()


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def drop(film: Path, name: str) -> dict[str, Any]:
    """Deletes a branch that the film is not on. Raises AppError, ProjectInUse where something has it open."""
    path = path_of(film, name)
    if path == film:
        raise AppError(f"The film is on {name!r}; switch to another branch first")
    _tidy(film)
    lock = Lock(path, wait=1.0)
    try:
        path.unlink()
    finally:
        lock.release()
    return {"dropped": name}


def _tidy(film: Path) -> None:
    """After a switch that was killed: its note is done with, before the files it speaks of change."""
    folder = folder_of(film)
    if (folder / "switching").exists():
        _write(folder / "current", current(film))
        (folder / "switching").unlink(missing_ok=True)


def compare(first: OpenProject, second: OpenProject) -> dict[str, Any]:
    """What the second has another than the first."""
    found = differences(first.snapshot, second.snapshot)
    return {"totals": totals(found), "changes": [difference_plain(second.snapshot, one, []) for one in found]}


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


def pick_lines(report: dict[str, Any], name: str) -> list[str]:
    """What `pick` did, for people."""
    lines = [f"Took {len(report['picked'])} changes from {name}; {report['left']} are left"]
    for one in report["changes"]:
        also = "  (needed)" if one["id"] in report["needed"] else ""
        lines.append(f"  {one['kind']:8} {one['what']:10} {one['track']:3} {one['timecode']}  {one['name']}{also}")
    return lines
