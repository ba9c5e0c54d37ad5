"""A merge as it would be: computed on a private copy of the film, before anything is changed.

Owns: the outlook: the four states, rows, questions, totals, what was checked, who did what. Refuses: the film that is being edited; it is
given a copy that nobody else uses.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from app.services.deciding import AlongWith, decision
from app.services.deciding import choices as ways_of
from app.services.merging import Coming, bring_in, merger_of
from app.services.open_project import OpenProject
from app.services.review.questions import Question, questions_of
from app.services.review.rows import KINDS, Row, rows_of
from editor_core.document import ChangeSet, Snapshot, Stamp
from editor_core.schema import Clip, MediaReference
from editor_core.sync.conflicts import Conflict, conflicts
from editor_core.sync.merging import Merged, Merger
from editor_core.sync.sides import Sides, Work, after, base_of, unknown_to
from editor_core.sync.speech import off_speech
from editor_core.timeline.attention import Item, attention


@dataclass(frozen=True)
class Share:
    """How many edits somebody made, and when the last one was (Unix milliseconds)."""

    name: str
    mine: bool
    edits: int
    last: int


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at: what, what was found, and whether all is well."""

    what: str
    found: str
    well: bool = True


@dataclass(frozen=True)
class Outlook:
    """`revision` is that of the film it was computed from. `merged` is what would be applied; None where nothing differs."""

    revision: int
    sides: Sides
    rows: tuple[Row, ...]
    questions: tuple[Question, ...]
    totals: Mapping[str, int]
    checked: tuple[Checked, ...]
    who: tuple[Share, ...]
    merged: Merged | None
    seconds: float

    @cached_property
    def by_id(self) -> dict[str, Row]:
        return {row.id: row for row in self.rows}


@dataclass(frozen=True)
class Cuts:
    """What there is to play: the film as it is at `revision`, as they have it, and merged; `base` is what both began from."""

    revision: int
    base: Snapshot
    mine: Snapshot
    theirs: Snapshot
    merged: Snapshot
    change: Merged | None


def naming(me: str, title: str, names: Mapping[str, str],
           here: Callable[[], Mapping[str, str]] = dict) -> Callable[[str, bool], str]:
    """What people call somebody, by actor id and whether it is my side: `You`, a known name, else the title of what waits. `here` is
    asked, once, for the names that the film itself knows."""
    film: dict[str, str] | None = None

    def name(actor: str, mine: bool) -> str:
        nonlocal film
        if mine and actor == me:
            return "You"
        known = str(names.get(actor, ""))
        if not known and actor != me:
            film = dict(here()) if film is None else film
            known = film.get(actor, "")
        if known:
            return known
        if mine:
            return "Somebody here"
        return f"You, in {title}" if actor == me else title

    return name


def outlook(film: OpenProject, arriving: Coming, who: Callable[[str, bool], str], *, merger: Merger | None = None,
            cuts: Callable[[Cuts], None] = lambda _: None) -> Outlook:
    """Merges into a private copy of the film and says what comes of it. `cuts` is told what there is to play before all else is known.
    Raises AppError, StorageError."""
    began = time.perf_counter()
    merger = merger or merger_of(film)
    mine, revision = film.snapshot, film.snapshot.revision
    story = merger.story()
    before, heard = _ends(conflicts(story, mine)), {_key(item) for item in off_speech(story, mine)}
    own = {entry.stamp for entry in film.door.history.entries if entry.kind != "merge"}
    new = {change.stamp for change in arriving.changes}
    merged = bring_in(film, arriving, merger, keep=False)
    story, after_all = merger.story(), film.snapshot
    my_changes = [_load(film, story.changes, stamp) for stamp in unknown_to(merger.order, new)] if new else []
    base = base_of(mine, my_changes)
    theirs = after(base, arriving.changes)
    cuts(Cuts(revision, base, mine, theirs, after_all, merged))
    sides = Sides(base, mine, theirs, after_all, Work(my_changes), Work(arriving.changes))
    captions = [item for item in off_speech(story, after_all) if _key(item) not in heard]
    every = conflicts(story, after_all)
    found, along = [one for one in every if not _ends([one]) <= before], AlongWith(film, every, story)
    items = attention(after_all)
    if items:
        known = {_key(item) for item in attention(mine)}
        items = [item for item in items if _key(item) not in known]
    items.extend(captions)
    rows = rows_of(sides, who, _contested(found))
    by_id = {row.id: row for row in rows}
    questions = questions_of(sides, found, lambda one: ways_of(one, after_all.record(one.record)),
                             lambda one, way: decision(film, one, way, along), items, by_id, own, who)
    asked: dict[str, list[str]] = {}
    for one in questions:
        asked.setdefault(one.row, []).append(one.id)
    rows = [replace(row, questions=tuple(asked.get(row.id, ()))) for row in rows]
    counts = Counter(row.kind for row in rows)
    totals = {kind: counts[kind] for kind in KINDS} | {"decide": len(questions)}
    return Outlook(revision, sides, tuple(rows), tuple(questions), totals, _checked(sides.merged, items),
                   _who(sides, who), merged, time.perf_counter() - began)


def _load(film: OpenProject, told: Mapping[Stamp, ChangeSet], stamp: Stamp) -> ChangeSet:
    return told.get(stamp) or film.file.change(stamp)


def _key(item: Item) -> tuple[str, tuple[str, ...]]:
    return item.kind, item.records


def _ends(found: Iterable[Conflict]) -> set[tuple[str, str, Stamp]]:
    """What competes: a conflict that was open before and has one more value asks for a decision again."""
    return {(one.id, one.kind, stamp) for one in found for stamp in one.stamps}


def _contested(found: list[Conflict]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for one in found:
        fields.setdefault(one.record, []).append(one.field)
    return fields


def _checked(view: Snapshot, items: list[Item]) -> tuple[Checked, ...]:
    """What was looked at over the whole merged cut, and what this merge brought of it."""
    new = Counter(item.kind for item in items)
    clips = view.of_kind(Clip)
    links = len({clip.link for clip in clips if clip.link})
    captions = any(clip.kind == "caption" for clip in clips)
    lost = sum(1 for clip in clips if clip.asset and view.find(MediaReference, clip.asset) is None)

    def said(kinds: tuple[str, ...], well: str) -> tuple[str, bool]:
        count = sum(new[kind] for kind in kinds)
        return (f"{count} to decide", False) if count else (well, True)

    return (Checked("Sound stays in sync", *said(("sync",), f"{links} link{'' if links == 1 else 's'}")),
            Checked("No clips in one place", *said(("overlap",), f"{len(clips)} clips")),
            Checked("Transitions have neighbours", *said(("transition",), "all of them")),
            *([Checked("Captions over their words", *said(("caption",), "all of them"))] if captions else ()),
            Checked("Every clip has its track", *said(("orphan", "range"), "all of them")),
            Checked("Media of every clip in the project", f"{lost} missing" if lost else "all of them", not lost))


def _who(sides: Sides, who: Callable[[str, bool], str]) -> tuple[Share, ...]:
    shares: dict[tuple[bool, str], tuple[int, int]] = {}
    for mine, work in ((True, sides.my_work), (False, sides.their_work)):
        for change in work.changes:
            key = (mine, who(change.actor, mine))
            count, last = shares.get(key, (0, 0))
            shares[key] = (count + 1, max(last, change.time))
    return tuple(Share(name, mine, count, last) for (mine, name), (count, last) in
                 sorted(shares.items(), key=lambda item: (not item[0][0], -item[1][0])))
