"""The list of changes of a merge, by clip and person.

Owns: one row for each clip (with the sound or picture that went along) and each ripple, in words for both sides, with what may be chosen.
Refuses: choosing, and drawing the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from app.services.review import words
from editor_core.document import Snapshot, Stamp
from editor_core.edits.wording import amount, counted
from editor_core.schema import Clip, Marker, MediaReference, Project, Record, Ripple, Track, Transition
from editor_core.sync.sides import Sides, Work, changed_records

RowKind = Literal["added", "removed", "changed", "moved"]
KINDS: tuple[RowKind, ...] = ("changed", "moved", "added", "removed")
_PLACES = {"start", "track", "link", "group"}
Naming = Callable[[str, bool], str]
"""(actor id, whether it is on my side) to the name of a person."""


@dataclass(frozen=True)
class Row:
    """One line of the review. `mine` and `theirs` say what each side did, empty where it did nothing; `mine_kind` and `theirs_kind` are
    the kinds of change. `choices` are those of mine, theirs, merged that differ; `settled` says what the merge makes of it.

    `records` are all that a choice writes, `my_moves` and `their_moves` the ripples that belong to it, by the edit's stamp.
    `questions` are ids of what has to be decided about it. Times in ticks.
    """

    id: str
    records: tuple[str, ...]
    kind: RowKind
    name: str
    track: str
    at: int
    end: int
    mine: str
    theirs: str
    mine_kind: str
    theirs_kind: str
    settled: str
    choices: tuple[str, ...]
    people: tuple[str, ...]
    clip: str = ""
    my_moves: tuple[Stamp, ...] = ()
    their_moves: tuple[Stamp, ...] = ()
    questions: tuple[str, ...] = field(default=(), compare=False)

    @property
    def sides(self) -> str:
        """mine, theirs or both: who changed it."""
        return "both" if self.mine and self.theirs else "mine" if self.mine else "theirs"


def rows_of(sides: Sides, naming: Naming, contested: dict[str, list[str]]) -> list[Row]:
    """All rows by time. `contested` has the fields that competing values were found for, by record."""
    found: dict[str, Row] = {}
    anchored = _anchors(sides)
    for record_id in changed_records(sides):
        record = _shown(sides, record_id)
        if record is None or isinstance(record, (Ripple, MediaReference, Project)):
            continue
        row = _row(sides, record, naming, contested.get(record_id, []), anchored.get(record_id, ((), ())))
        if row is not None:
            found[record_id] = row
    rows = _joined(sides, found)
    placed = {stamp for row in rows for stamp in (*row.my_moves, *row.their_moves)}
    for mine, work in ((True, sides.my_work), (False, sides.their_work)):
        rows.extend(_ripple_row(sides, work, stamp, mine, naming) for stamp in work.moves if stamp not in placed)
    return sorted(rows, key=lambda row: (row.at, row.track, row.id))


def _anchors(sides: Sides) -> dict[str, tuple[tuple[Stamp, ...], tuple[Stamp, ...]]]:
    """For a record, the ripples of (mine, theirs) that came with the edit that wrote it: each stands with one record only."""
    found: dict[str, tuple[tuple[Stamp, ...], tuple[Stamp, ...]]] = {}
    for number, work in enumerate((sides.my_work, sides.their_work)):
        for stamp, move in work.moves.items():
            clips = [i for i in sorted(move.anchors) if isinstance(_shown(sides, i), Clip)]
            picture = next((i for i in clips if not getattr(_shown(sides, i), "is_sound", False)), clips[0] if clips else None)
            if picture is not None:
                own = found.get(picture, ((), ()))
                found[picture] = ((*own[0], stamp), own[1]) if number == 0 else (own[0], (*own[1], stamp))
    return found


def _shown(sides: Sides, record_id: str) -> Record | None:
    """The record as the row names it: as merged, else as either side has it, alive if it is anywhere."""
    every = [view.record(record_id) for view in (sides.merged, sides.mine, sides.theirs, sides.base)]
    return next((one for one in every if one is not None and not one.deleted), next((one for one in every if one is not None), None))


def _row(sides: Sides, record: Record, naming: Naming, contested: list[str],
         moves: tuple[tuple[Stamp, ...], tuple[Stamp, ...]]) -> Row | None:
    texts, kinds, people = [], [], []
    was = sides.base.record(record.id)
    for mine, view, work in ((True, sides.mine, sides.my_work), (False, sides.theirs, sides.their_work)):
        now = view.record(record.id)
        text = ""
        if record.id in work.fields or record.id in work.created:
            carried = sum(work.carried.get(record.id, {}).values())
            written = None if record.id in work.created else work.fields[record.id]
            text = words.sentence(was, now, sides.base, view, carried=carried, fields=written)
        texts.append(text)
        kinds.append(_kind(was, now) if text else "")
        people.append([naming(actor, mine) for actor in work.authors.get(record.id, ())] if text else [])
    if not any(texts):
        return None
    after = sides.merged.record(record.id)
    kind = next(k for k in ((kinds[1], kinds[0]) if kinds[1] else (kinds[0],)) if k)
    both = all(texts)
    choices = ("mine", "theirs", "merged") if both and _adds_up(sides, record, contested) else ("mine", "theirs")
    at, end = _place(sides, record)
    track = _track(sides, record)
    return Row(id=record.id, records=(record.id,), kind=kind, name=words.title(_home(sides, record), record), track=track,  # type: ignore[arg-type]
               at=at, end=end, mine=texts[0], theirs=texts[1], mine_kind=kinds[0], theirs_kind=kinds[1],
               settled=_settled(was, after), choices=choices, people=tuple(dict.fromkeys(p for some in people for p in some)),
               clip=record.id if isinstance(record, Clip) else getattr(record, "to_clip", ""), my_moves=moves[0], their_moves=moves[1])


def _adds_up(sides: Sides, record: Record, contested: list[str]) -> bool:
    """Whether both sides' changes can stand together: they wrote different fields, and neither removed it."""
    one, two = sides.mine.record(record.id), sides.theirs.record(record.id)
    if one is None or two is None or one.deleted or two.deleted or contested:
        return False
    merged = sides.merged.record(record.id)
    return merged not in (one, two)


def _kind(was: Record | None, now: Record | None) -> str:
    there, here = was is not None and not was.deleted, now is not None and not now.deleted
    if not there:
        return "added" if here else ""
    if not here:
        return "removed"
    assert was is not None and now is not None
    other = {name for name in now.__struct_fields__ if getattr(was, name) != getattr(now, name)}
    return "moved" if other <= _PLACES else "changed"


def _settled(was: Record | None, after: Record | None) -> str:
    kind = _kind(was, after)
    return {"added": "Added", "removed": "Removed", "changed": "Changed", "moved": "Moved"}.get(kind, "As it was")


def _home(sides: Sides, record: Record) -> Snapshot:
    return next(view for view in (sides.merged, sides.mine, sides.theirs, sides.base) if view.record(record.id) is not None)


def _place(sides: Sides, record: Record) -> tuple[int, int]:
    """When the row is, as [start, end) of the merged cut where it is there."""
    if isinstance(record, Transition):
        cut = sides.merged.record(record.to_clip)
        at = int(getattr(cut, "start", 0))
        return max(0, at - record.duration // 2), at + record.duration // 2
    if isinstance(record, Clip):
        return record.start, record.end
    if isinstance(record, Marker):
        return record.start, record.start + max(record.duration, 1)
    return 0, 1


def _track(sides: Sides, record: Record) -> str:
    view = _home(sides, record)
    track = view.record(getattr(record, "track", ""))
    return view.track_label(track) if isinstance(track, Track) else ""


def _joined(sides: Sides, found: dict[str, Row]) -> list[Row]:
    """Rows with the sound that went along with a picture taken into its row."""
    gone: set[str] = set()
    rows: list[Row] = []
    shown = {record_id: _shown(sides, record_id) for record_id in found}
    sounds: dict[str, list[str]] = {}
    for record_id, record in shown.items():
        if isinstance(record, Clip) and record.is_sound and record.link:
            sounds.setdefault(record.link, []).append(record_id)
    for record_id, row in found.items():
        record = shown[record_id]
        if not isinstance(record, Clip) or record.is_sound or not record.link:
            continue
        partners = [other for other in sounds.get(record.link, ()) if other not in gone and _alike(row, found[other])]
        gone.update(partners)
        if partners:
            lines = [row, *(found[p] for p in partners)]
            found[record_id] = _with(row, lines)
    rows.extend(row for record_id, row in found.items() if record_id not in gone)
    return rows


def _alike(row: Row, line: Row) -> bool:
    """Whether the same happened to both, on both sides."""
    return (line.mine_kind, line.theirs_kind, line.mine, line.theirs) == (row.mine_kind, row.theirs_kind, row.mine, row.theirs)


def _with(row: Row, lines: list[Row]) -> Row:
    def said(text: str) -> str:
        return f"{text} with its sound" if text.startswith(("Moved", "Removed", "Longer", "Shorter", "Slipped")) else text

    return replace(row, records=tuple(i for line in lines for i in line.records), mine=said(row.mine), theirs=said(row.theirs),
                   my_moves=tuple(s for line in lines for s in line.my_moves),
                   their_moves=tuple(s for line in lines for s in line.their_moves))


def _ripple_row(sides: Sides, work: Work, stamp: Stamp, mine: bool, naming: Naming) -> Row:
    """A ripple that came with no clip of its own: time that was put in or taken out."""
    move = work.moves[stamp]
    clips = [clip for i in move.deltas if isinstance(clip := sides.merged.record(i), Clip)]
    at = min((clip.start for clip in clips), default=0)
    delta = next(iter(move.deltas.values()))
    text = f"{counted(len(clips), 'clip')} carried {amount(delta, sides.base.timeline.rate)}"
    row_id = next(iter(sorted(move.ripples)), str(stamp))
    return Row(id=row_id, records=(), kind="moved", name=move.label, track="", at=at, end=at + 1, mine=text if mine else "",
               theirs="" if mine else text, mine_kind="moved" if mine else "", theirs_kind="" if mine else "moved", settled="Moved",
               choices=("mine", "theirs"), people=(naming(move.actor, mine),), clip=clips[0].id if clips else "",
               my_moves=(stamp,) if mine else (), their_moves=() if mine else (stamp,))
