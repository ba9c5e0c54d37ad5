"""From what a person chose to what is written.

Owns: the choices, the values they ask for, and carrying them out behind a command door as one step. Refuses: deciding by itself; what
nobody chose stays as the merge has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.services.review.questions import Option, Question
from app.services.review.rows import Row
from editor_core.commands.door import CommandDoor, Outcome
from editor_core.commands.registry import CommandError
from editor_core.document import Snapshot, Stamp, View
from editor_core.schema import Clip, Marker, Record, plain
from editor_core.sync.sides import Sides, Work

MOST = 10_000
"""Values that one `conflict.decide` takes."""


@dataclass(frozen=True)
class Choices:
    """What was chosen: `rows` has mine, theirs or merged by row, where it is another than what the merge makes of it by itself;
    `answers` the key of an option by question. Never modified; `choosing` and `answering` give new ones."""

    rows: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.rows or self.answers)

    def choosing(self, row: str, choice: str) -> Choices:
        """With another choice for a row; an empty one takes it back."""
        rows = {key: value for key, value in self.rows.items() if key != row}
        return replace(self, rows={**rows, row: choice} if choice else rows)

    def choosing_all(self, rows: Iterable[str], choice: str) -> Choices:
        """With the same choice for many rows."""
        some = dict.fromkeys(rows, choice)
        kept = {key: value for key, value in self.rows.items() if key not in some}
        return replace(self, rows={**kept, **some} if choice else kept)

    def answering(self, question: str, option: str) -> Choices:
        """With another answer; an empty one leaves the question open."""
        answers = {key: value for key, value in self.answers.items() if key != question}
        return replace(self, answers={**answers, question: option} if option else answers)


@dataclass(frozen=True)
class Writes:
    """What choices come to: values (record, field, plain value, stamps done away with), clips carried by a number of ticks, clips to
    keep twice, commands to run after, markers for what stays open as (ticks, words), and for what does not any more."""

    values: list[dict[str, Any]]
    shifts: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    commands: list[tuple[str, dict[str, Any]]]
    markers: list[tuple[int, str]]
    settled: list[tuple[int, str]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.values or self.shifts or self.copies or self.commands or self.markers)


def answering_along(choices: Choices, question: Question, option: str, questions: Iterable[Question]) -> Choices:
    """With an answer, which also goes for what came of the same edits in the same line of the list, unless that was answered before:
    picture and sound that were moved or removed together, a head that was trimmed and so starts elsewhere."""
    found = choices.answering(question.id, option)
    for one in questions if question.row and question.stamps else ():
        alike = one.row == question.row and one.kind == question.kind and (one.kind == "deleted" or one.stamps == question.stamps)
        if alike and one.id not in choices.answers and one.option(option) is not None:
            found = found.answering(one.id, option)
    return found


def _copies(options: Iterable[tuple[Question, Option]]) -> list[dict[str, Any]]:
    """Clips to keep twice; where the same edits wrote several fields of one, the second clip has all of them."""
    found: list[dict[str, Any]] = []
    known: dict[tuple[str, ...], dict[str, Any]] = {}
    for question, option in options:
        for copy in option.copies:
            key = (str(copy["clip"]), *question.stamps)
            if len(option.copies) == 1 and key in known:
                known[key]["fields"] = {**known[key]["fields"], **copy["fields"]}
                continue
            made = {**copy}
            found.append(made)
            if len(option.copies) == 1:
                known[key] = made
    return found


def open_questions(questions: list[Question], choices: Choices, rows: Mapping[str, Row]) -> list[Question]:
    """Those that neither an answer nor the choice of a row has settled."""
    return [one for one in questions if choices.answers.get(one.id) is None and not _settled_by_row(one, choices, rows)]


def _settled_by_row(one: Question, choices: Choices, rows: Mapping[str, Row]) -> bool:
    return one.row in rows and choices.rows.get(one.row, "") in ("mine", "theirs")


def writes_of(sides: Sides, rows: Mapping[str, Row], questions: list[Question], choices: Choices, *, markers: bool = True) -> Writes:
    """What has to be written after the merge, so that everything is as chosen."""
    chosen = dict(choices.rows)
    options: list[tuple[Question, Option]] = []
    for question in questions:
        option = question.option(choices.answers.get(question.id, ""))
        if option is not None:
            options.append((question, option))
            chosen.update(option.rows)
    replaces = {(one.record, one.field): one.stamps for one in questions if one.stamps}
    wanted: dict[tuple[str, str], Any] = {}
    mine_off, theirs_off = _reverted(rows, chosen)
    placed: dict[str, str] = {}
    for row_id, choice in chosen.items():
        row = rows.get(row_id)
        if row is None or choice == "merged":
            continue
        for record_id in row.records:
            placed[record_id] = choice
            _want(sides, record_id, choice, wanted)
    concerned = dict.fromkeys(placed)
    for off, work, other in ((mine_off, sides.my_work, sides.their_work), (theirs_off, sides.their_work, sides.my_work)):
        if off:
            concerned.update(dict.fromkeys(clip for stamp in sorted(off) for clip in work.moves[stamp].deltas))
            concerned.update(dict.fromkeys(sorted(other.created | {i for i, names in other.fields.items() if "start" in names})))
    for clip in concerned:
        _want_start(sides, clip, placed.get(clip, "merged"), mine_off, theirs_off, wanted)
    decided = _decided(options, wanted, replaces)
    values, shifts = _values(sides.merged, wanted, replaces, decided, placed.keys())
    copies = _copies(options)
    commands = [command for _, option in options for command in option.commands]
    open_ = open_questions(questions, choices, rows) if markers else []
    left = [_flag(one) for one in open_]
    settled = {_flag(one) for one in questions} - set(left) if markers else set()
    return Writes(values, shifts, copies, commands, left, sorted(settled))


def moot(one: Question, before: View, after: View) -> bool:
    """Whether nothing is left to decide about something that is off: `after` the choices a record that it is about is not there any
    more, which was there `before`."""
    return not one.record and any(_there(before, i) and not _there(after, i) for i in one.id.split(":")[1:])


def _there(view: View, record_id: str) -> bool:
    record = view.record(record_id)
    return record is not None and not record.deleted


def without_markers(writes: Writes, questions: Collection[Question]) -> Writes:
    """The same with no marker for some questions: those that stood there are taken away."""
    flags = {_flag(one) for one in questions}
    left = [one for one in writes.markers if one not in flags]
    return replace(writes, markers=left, settled=sorted({*writes.settled, *flags} - set(left)))


def _flag(one: Question) -> tuple[int, str]:
    """The marker that stands for an open question."""
    return one.at, f"Decide: {one.title}"


def _reverted(rows: Mapping[str, Row], chosen: Mapping[str, str]) -> tuple[set[Stamp], set[Stamp]]:
    """Ripples of mine and of theirs that shall not have been."""
    mine: set[Stamp] = set()
    theirs: set[Stamp] = set()
    for row_id, choice in chosen.items():
        row = rows.get(row_id)
        if row is not None and choice == "mine":
            theirs.update(row.their_moves)
        elif row is not None and choice == "theirs":
            mine.update(row.my_moves)
    return mine, theirs


def _want(sides: Sides, record_id: str, choice: str, wanted: dict[tuple[str, str], Any]) -> None:
    """A record as one side has it, but for where it starts."""
    now = sides.merged.record(record_id)
    if now is None:
        return
    side = (sides.mine if choice == "mine" else sides.theirs).record(record_id)
    if side is None or side.deleted:
        wanted[record_id, "deleted"] = True
        return
    names = (*sides.my_work.fields.get(record_id, ()), *sides.their_work.fields.get(record_id, ()))
    for name in dict.fromkeys((*names, "deleted")):
        if name in now.__struct_fields__ and not (name == "start" and isinstance(now, Clip)):
            wanted[record_id, name] = getattr(side, name)


def _want_start(sides: Sides, clip: str, choice: str, mine_off: set[Stamp], theirs_off: set[Stamp],
                wanted: dict[tuple[str, str], Any]) -> None:
    """Where a clip starts: where the chosen side put it, with those ripples that stand."""
    now = sides.merged.record(clip)
    if not isinstance(now, Clip):
        return
    mine, theirs = sides.my_work.carried.get(clip, {}), sides.their_work.carried.get(clip, {})
    lost_mine = sum(delta for stamp, delta in mine.items() if stamp in mine_off)
    lost_theirs = sum(delta for stamp, delta in theirs.items() if stamp in theirs_off)
    kept_mine, kept_theirs = sum(mine.values()) - lost_mine, sum(theirs.values()) - lost_theirs
    if choice == "merged":
        if theirs and not kept_theirs and mine_off.isdisjoint(mine) and "start" not in sides.their_work.fields.get(clip, ()):
            choice = "mine"
        elif mine and not kept_mine and theirs_off.isdisjoint(theirs) and "start" not in sides.my_work.fields.get(clip, ()):
            choice = "theirs"
    side = None if choice == "merged" else (sides.mine if choice == "mine" else sides.theirs).record(clip)
    if isinstance(side, Clip) and not side.deleted:
        start = side.start + (kept_theirs - lost_mine if choice == "mine" else kept_mine - lost_theirs)
    else:
        start = now.start - lost_mine - lost_theirs - _caught(sides.mine, now, sides.their_work, theirs_off) - _caught(
            sides.theirs, now, sides.my_work, mine_off)
    wanted[clip, "start"] = max(0, start)


def _caught(placed: Snapshot, now: Clip, work: Work, off: set[Stamp]) -> int:
    """By how much ripples that shall not have been moved a clip that was placed without knowledge of them (ticks).

    `placed` is the side that placed it, `work` that of the ripples.
    """
    there = placed.record(now.id)
    if not off or not isinstance(there, Clip) or there.deleted or now.id in work.carried or now.id in work.fields:
        return 0
    extra = now.start - there.start
    acting = [stamp for stamp, move in work.moves.items() if now.track in move.tracks]
    if not extra or off.issuperset(acting):
        return extra
    lost = sum(next(iter(work.moves[stamp].deltas.values())) for stamp in acting if stamp in off and work.moves[stamp].at <= there.start)
    return max(min(lost, extra), 0) if extra > 0 else min(max(lost, extra), 0)


def _decided(options: list[tuple[Question, Option]], wanted: dict[tuple[str, str], Any],
             replaces: Mapping[tuple[str, str], list[str]]) -> set[tuple[str, str]]:
    """Enters the values of answers; gives the fields that are decided even where their value stays."""
    decided = {key for key in wanted if key in replaces}
    for _, option in options:
        for one in option.values:
            key = (str(one["record"]), str(one["field"]))
            wanted[key] = one["value"]
            decided.add(key)
    return decided


def _values(view: Snapshot, wanted: dict[tuple[str, str], Any], replaces: Mapping[tuple[str, str], list[str]],
            decided: set[tuple[str, str]], placed: Collection[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    values: list[dict[str, Any]] = []
    moved: dict[int, list[str]] = {}
    for (record_id, name), value in sorted(wanted.items(), key=lambda item: (item[0][1] == "deleted", item[0])):
        record: Record | None = view.record(record_id)
        if record is None:
            continue
        now, then = plain(getattr(record, name)), plain(value)
        if (record_id, name) not in decided and now == then:
            continue
        carried = name == "start" and isinstance(record, Clip) and not record.deleted and record_id not in placed
        if carried and (record_id, name) not in decided:
            moved.setdefault(int(then) - int(now), []).append(record_id)
            continue
        values.append({"record": record_id, "field": name, "value": then, "replaces": replaces.get((record_id, name), [])})
    return values, [{"clips": clips, "by": by} for by, clips in sorted(moved.items())]


def carry_out(door: CommandDoor, writes: Writes, label: str) -> Outcome | None:
    """Writes everything as one change that is undone as one; None where there is nothing to write.

    Raises CommandError, and nothing is written, where a choice leaves clips over one another or names what is not there.
    """
    if writes.empty:
        return None
    with door.batch(label) as commit:
        for first in range(0, max(1, len(writes.values)), MOST):
            part = writes.values[first:first + MOST]
            shifts, copies = (writes.shifts, writes.copies) if not first else ([], [])
            if part or shifts or copies:
                door.execute("conflict.decide", {"decisions": part, "copies": copies, "shifts": shifts})
        for command, args in writes.commands:
            door.execute(command, args)
        frame = door.document.snapshot.timeline.rate.ticks_per_frame
        there = {(marker.start, marker.text) for marker in door.document.snapshot.of_kind(Marker)}
        for at, words in writes.markers:
            if (at // frame * frame, words) not in there:  # somebody else left it open before
                door.execute("marker.add", {"at": at // frame * frame, "text": words, "color": "orange"})
        over = {(at // frame * frame, words) for at, words in writes.settled}
        for marker in list(door.document.snapshot.of_kind(Marker)):
            if (marker.start, marker.text) in over:  # it was left open before, by whomever, and is decided now
                door.execute("marker.remove", {"marker": marker.id})
        return commit()


def look_at(view: Snapshot, registry: Any, actor: Any, writes: Writes) -> tuple[Snapshot, str]:
    """The cut as it would be after `carry_out`, and why that cannot be (then the cut as the merge has it). Nothing is changed."""
    from editor_core.document import Document, History

    document = Document.over(view)
    door = CommandDoor(document, registry, History(_no_past), actor=actor, session=1)
    try:
        carry_out(door, writes, "Look")
    except CommandError as error:
        return view, str(error)
    return document.snapshot, ""


def _no_past(stamp: Stamp) -> Any:
    raise CommandError("There is nothing to undo in a look")
