"""What a merge cannot decide by itself, with ways to decide it.

Owns: a question for each conflict that the merge opens and each matter it brings onto the attention list; options in words, one of them
suggested. Refuses: deciding.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.services.review import words
from app.services.review.rows import Row
from editor_core.schema import Clip, Record, Transition
from editor_core.sync.conflicts import Conflict, Side
from editor_core.sync.differences import track_of
from editor_core.sync.sides import Sides
from editor_core.timeline.attention import Item

TITLES = {"overlap": "Two clips in one place", "sync": "Picture and sound out of step", "transition": "Transition without a neighbour",
          "orphan": "Clip on a track that is gone", "media": "Media that was removed", "fades": "Fades longer than the clip",
          "range": "Clip that cannot be drawn", "caption": "Caption off its words"}
FIELDS = {"gain_db": "Two levels", "text": "Two texts", "source_range": "Trimmed twice", "start": "Moved twice", "track": "On two tracks",
          "name": "Two names", "opacity": "Two opacities", "deleted": "Removed and brought back"}


@dataclass(frozen=True)
class Option:
    """One way to decide. `values` are written (as `conflict.decide` takes them), `copies` kept twice, `commands` run, `rows` chosen.
    `side` is mine or theirs where it is plainly one side's way."""

    key: str
    title: str
    suggested: bool = False
    values: tuple[dict[str, Any], ...] = ()
    copies: tuple[dict[str, Any], ...] = ()
    commands: tuple[tuple[str, dict[str, Any]], ...] = ()
    rows: Mapping[str, str] = dataclasses.field(default_factory=dict)
    side: str = ""


@dataclass(frozen=True)
class Question:
    """What has to be decided: `kind` as in conflicts and attention, when (ticks, end exclusive), a sentence, the clips concerned.

    `row` is the line of the list it belongs to. `record`, `field` and `stamps` name the competing values, where it is a conflict.
    """

    id: str
    kind: str
    title: str
    text: str
    at: int
    end: int
    clips: tuple[str, ...]
    options: tuple[Option, ...]
    row: str = ""
    record: str = ""
    field: str = ""
    stamps: list[str] = dataclasses.field(default_factory=list)

    def option(self, key: str) -> Option | None:
        return next((one for one in self.options if one.key == key), None)

    @property
    def suggestion(self) -> Option:
        return next((one for one in self.options if one.suggested), self.options[0])


Deciding = Callable[[Conflict, str], dict[str, Any]]
"""The arguments of `conflict.decide` for mine, theirs, merge or both, or the stamp of a value."""


def questions_of(sides: Sides, found: Iterable[Conflict], ways: Callable[[Conflict], list[str]], deciding: Deciding,
                 items: Iterable[Item], rows: Mapping[str, Row], own: set[Any], who: Callable[[str, bool], str]) -> list[Question]:
    """Questions for conflicts and attention items, by time. `ways` are the choices that have a meaning for a conflict."""
    row_of = {record: row.id for row in rows.values() for record in row.records}
    every = [_conflict(sides, one, ways(one), deciding, row_of.get(one.record, ""), own, who) for one in found]
    every.extend(_item(sides, item, row_of, rows) for item in items)
    return sorted(every, key=lambda one: (one.at, one.kind, one.id))


def _conflict(sides: Sides, one: Conflict, ways: list[str], deciding: Deciding, row: str, own: set[Any],
              who: Callable[[str, bool], str]) -> Question:
    view = sides.merged
    record = view.record(one.record)
    name = words.title(view, record) if record is not None else one.record
    at, end = _when(record)
    if one.kind == "deleted":
        return _gone(sides, one, deciding, row, own, who, name, at, end)
    options = _values(sides, one, ways, deciding, own, who)
    people = _people(one.sides, own, who)
    here, _, elsewhere = people[-1].partition(", ")
    several = len({encoded(side.value) for side in one.sides}) > 2
    text = (f"{people[0]} changed {name} here and {elsewhere}." if elsewhere.startswith("in ") and here == people[0] else
            f"{people[0]} changed {name} twice." if len(people) == 1 else
            f"{_listed(people)} {'all' if several and len(people) > 2 else 'both'} changed {name}.")
    return Question(id=one.id, kind="field", title=_heading(one.field, 3 if several else 2), text=text, at=at, end=end,
                    clips=_clips(one.record, record), options=options, row=row, record=one.record, field=one.field,
                    stamps=[str(stamp) for stamp in one.stamps])


def _values(sides: Sides, one: Conflict, ways: list[str], deciding: Deciding, own: set[Any],
            who: Callable[[str, bool], str]) -> tuple[Option, ...]:
    """An option for each value that competes, by whose it is, and for both where that has a meaning. The newest is suggested."""
    values: dict[bytes, list[Side]] = {}
    each = {side.stamp: deciding(one, str(side.stamp)) for side in one.sides}
    for side in one.sides:
        values.setdefault(encoded(each[side.stamp]["decisions"][0]["value"]), []).append(side)
    newest = max(one.sides, key=lambda side: (side.time, side.shown))
    best = "merge" if one.field == "text" and "merge" in ways else ""
    args = {key: deciding(one, key) for key in ways}
    mine, theirs = (encoded(args[key]["decisions"][0]["value"]) for key in ("mine", "theirs"))
    ours = any(side.made in own for side in values[mine])
    made = []
    for number, value in enumerate(dict.fromkeys((mine, theirs, *values))):
        some = values[value]
        given = args[("mine", "theirs")[number]] if number < 2 else each[some[-1].stamp]
        said = words.value_word(one.field, given["decisions"][0]["value"], sides.merged, one.record)
        title = (f"Keep mine: {said}" if ours and not number else f"Take theirs: {said}" if ours and len(values) == 2 else
                 f"Take {' and '.join(dict.fromkeys(_whose(who(side.actor, False)) for side in some))}: {said}")
        key = ("mine", "theirs")[number] if number < 2 else f"theirs:{some[-1].stamp}"
        plainly = ours and len(values) == 2
        made.append(_option(key, title, not best and newest in some, given, key if plainly else ""))
    titles = {"merge": "Put both together", "both": "Keep the clip twice, the other on a new track"}
    if len(values) > 2:
        titles = {"merge": "Put all together", "both": "Keep a clip of each, the others on new tracks"}
    return (*made, *(_option(key, titles[key], key == best, args[key]) for key in ways if key in titles))


def _gone(sides: Sides, one: Conflict, deciding: Deciding, row: str, own: set[Any], who: Callable[[str, bool], str],
          name: str, at: int, end: int) -> Question:
    """One side removed it, the other went on working on it."""
    removed_by_me, changed_by_me = one.sides[0].made in own, any(side.made in own for side in one.sides[1:])
    changes = zip(one.fields, one.sides[1:], strict=True)
    done = list(dict.fromkeys(words.value_word(field, side.value, sides.merged, one.record) for field, side in changes)) or ["Changed"]
    did = ", ".join([done[0], *(f"{word[:1].lower()}{word[1:]}" for word in done[1:3])])
    did += f" and {len(done) - 3} more" if done[3:] else ""
    remover = "You" if removed_by_me else who(one.sides[0].actor, False)
    people = [word if word != "You" else "you" for word in _people(one.sides[1:], own, who)]
    keeping = deciding(one, "merge")
    removing = {"decisions": [{**keeping["decisions"][0], "value": True}]}
    keep, drop = ("mine", "theirs") if changed_by_me else ("theirs", "mine") if removed_by_me else ("", "")
    apart = _no_longer_meet(sides, one.record)
    options = (_option("keep", f"Keep it: {did[:1].lower()}{did[1:]}", not apart, keeping, keep),
               _option("remove", "Remove it: its clips no longer meet" if apart else "Remove it", apart, removing, drop))
    return Question(id=one.id, kind="deleted", title="Changed and removed", at=at, end=end, row=row, record=one.record,
                    field="deleted", text=f"{remover} removed {name}; {_listed(people)} changed it: {did}.",
                    clips=_clips(one.record, sides.merged.record(one.record)), options=options, stamps=[str(one.sides[0].stamp)])


def _no_longer_meet(sides: Sides, record_id: str) -> bool:
    """Whether it is a transition whose clips are apart in the merged cut."""
    record = sides.merged.record(record_id)
    if not isinstance(record, Transition):
        return False
    one, two = sides.merged.find(Clip, record.from_clip), sides.merged.find(Clip, record.to_clip)
    return one is None or two is None or one.track != two.track or one.end != two.start


def encoded(value: Any) -> bytes:
    """Equal for equal plain values."""
    return msgspec.msgpack.encode(value, order="sorted")


def _heading(field: str, count: int) -> str:
    word = FIELDS.get(field, f"Two values for {field.replace('_', ' ')}")
    return word if count == 2 else word.replace("Two ", "Several ", 1).replace("twice", "several times").replace("On several", "On several")


def _option(key: str, title: str, suggested: bool, args: Mapping[str, Any], side: str = "") -> Option:
    return Option(key, title, suggested, values=tuple(args.get("decisions", ())), copies=tuple(args.get("copies", ())), side=side)


def _people(some: Iterable[Side], own: set[Any], who: Callable[[str, bool], str]) -> list[str]:
    """Who wrote some values: `You` first, then the others in the order they came."""
    return sorted(dict.fromkeys("You" if side.made in own else who(side.actor, False) for side in some), key=lambda name: name != "You")


def _listed(people: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(people[:-1]), people[-1])))


def _whose(name: str) -> str:
    return f"yours{name[3:]}" if name.startswith("You") else f"{name}’s"


def _clips(record_id: str, record: Record | None) -> tuple[str, ...]:
    return (record_id,) if isinstance(record, Clip) else ()


def _when(record: Record | None) -> tuple[int, int]:
    start = int(getattr(record, "start", 0))
    duration = record.duration if isinstance(record, Clip) else int(getattr(record, "duration", 0) or 0)
    return start, start + max(1, duration)


def _item(sides: Sides, item: Item, row_of: Mapping[str, str], rows: Mapping[str, Row]) -> Question:
    view = sides.merged
    options = [Option(f"fix{number}", fix.title, number == 0, commands=((fix.command, fix.args),)) for number, fix in enumerate(item.fixes)]
    clips = tuple(i for i in item.records if isinstance(view.record(i), Clip))
    if item.kind == "overlap":
        options.extend(_overlap_options(sides, clips, row_of, rows))
    options.append(Option("leave", "Leave it as it is", not options))
    first = view.record(item.records[0])
    end = item.at + 1
    if item.kind == "overlap" and len(clips) == 2:
        end = max(end, min(getattr(view.record(i), "end", end) for i in clips))
    elif isinstance(first, Clip):
        end = max(end, first.end)
    row = next((row_of[i] for i in reversed(item.records) if i in row_of), "")
    return Question(id=f"{item.kind}:{':'.join(item.records)}", kind=item.kind, title=TITLES.get(item.kind, item.kind.capitalize()),
                    text=_sentence(sides, item), at=item.at, end=end, clips=clips, options=tuple(options), row=row)


def _sentence(sides: Sides, item: Item) -> str:
    text = item.message.rstrip(".") + "."
    if item.kind == "overlap" and len(item.records) == 2:
        one, two = (sides.merged.record(i) for i in item.records)
        if isinstance(one, Clip) and isinstance(two, Clip):
            shared = min(one.end, two.end) - max(one.start, two.start)
            text = (f"{words.title(sides.merged, one)} and {words.title(sides.merged, two)} share {track_of(sides.merged, two)} "
                    f"for {words.short(max(0, shared), sides.merged)}.")
    return text


def _overlap_options(sides: Sides, clips: tuple[str, ...], row_of: Mapping[str, str], rows: Mapping[str, Row]) -> list[Option]:
    """Besides the fixes: going back to one side's way for the clip that it brought."""
    found: list[Option] = []
    for clip in clips:
        row = rows.get(row_of.get(clip, ""))
        if row is None:
            continue
        name = row.name
        if row.theirs and not row.mine:
            verb = "leave theirs out" if row.theirs_kind == "added" else f"leave {name} where it was"
            found.append(Option(f"mine:{clip}", f"Keep mine, {verb}", rows={row.id: "mine"}))
        elif row.mine and not row.theirs:
            verb = f"remove {name}" if row.mine_kind == "added" else f"put {name} back"
            found.append(Option(f"theirs:{clip}", f"Keep theirs, {verb}", rows={row.id: "theirs"}))
    return found
