"""Who made a clip what it is, as plain values and lines, and bringing it back to how it was.

Owns: the list of changes to one clip, each in words, restoring it to the state after one of them. Refuses: names of people; callers know
who is who.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject, durable
from app.services.people import names
from editor_core.commands.merging import stamp_of
from editor_core.commands.restoring import NEVER
from editor_core.document import Stamp, View
from editor_core.edits.wording import amount
from editor_core.schema import Clip, Track
from editor_core.sync.blame import Touch, state_after, touches
from editor_core.timing import format_timecode

_PLACED = {"clip.insert": "with insert", "clip.overwrite": "with overwrite", "clip.append": "at the end", "clip.paste": "by pasting",
           "clip.duplicate": "as a copy", "clip.split": "by splitting", "title.add": "as a title", "solid.add": "as a solid",
           "conflict.decide": "by keeping both", "branch.pick": "from a branch"}
_PLACE = frozenset({"start", "track", "source_range", "deleted"})
_WORDS = {"gain_db": "level", "source_range": "length", "label": "colour label",
          "font_size": "size of the text"}


def word_of(field: str) -> str:
    """What people call a field of a clip."""
    return _WORDS.get(field, field.replace("_", " "))


def blame_plain(project: OpenProject, clip: str) -> list[dict[str, Any]]:
    """Every change to a clip, oldest first. Raises AppError for an id that no clip has or had."""
    _clip(project, clip)
    known = names(project, room=True)
    return [{"id": str(one.stamp), "actor": one.actor, "person": known.get(one.actor, ""), "session": f"{one.stamp.session:x}",
             "command": one.command, "label": one.label, "time": one.time, "kind": one.kind, "made": one.made,
             "words": sentence(project.snapshot, one),
             "fields": {name: {"before": pair[0], "after": pair[1]} for name, pair in one.fields.items()}}
            for one in touches(clip, project.door.history.entries, project.file.change)]


def _clip(project: OpenProject, clip: str) -> Clip:
    found = project.snapshot.record(clip)
    if not isinstance(found, Clip):
        raise AppError(f"There is no clip {clip!r} in this project; `proeditor show FILM --json` lists them")
    return found


def blame_lines(found: list[dict[str, Any]]) -> list[str]:
    """The same for people."""
    lines = []
    for one in found:
        when = datetime.datetime.fromtimestamp(one["time"] / 1000).strftime("%Y-%m-%d %H:%M:%S")
        who = one["person"] or one["actor"]
        lines.append(f"{when}  {one['id']:>20}  {one['label']}: {one['words']}  by {who} in session {one['session']}  ({one['command']})")
    return lines or ["It has been there since before the history of this file"]


def sentence(view: View, touch: Touch) -> str:
    """What a change did to a clip, in a few words that follow a name: `trimmed the end −12 f`."""
    if touch.kind != "do":
        return "took that back" if touch.kind == "undo" else "did that again"
    if touch.made:
        return f"placed it {_PLACED[touch.command]}" if touch.command in _PLACED else "made it"
    if touch.command == "clip.restore":
        return "restored it"
    said = [words for field, pair in touch.fields.items() if (words := _field(view, touch, field, *pair))]
    if not said and "start" in touch.fields:
        said = [_start(view, *touch.fields["start"])]
    return " and ".join(dict.fromkeys(said[:2])) + (" and more" if len(said) > 2 else "") or "changed it"


def _field(view: View, touch: Touch, field: str, before: Any, after: Any) -> str:
    rate = view.timeline.rate
    if field == "start":
        return "" if "source_range" in touch.fields or "track" in touch.fields else _start(view, before, after)
    if field == "source_range":
        head, tail = after[0] - before[0], (after[0] + after[1]) - (before[0] + before[1])
        if head == tail:
            return f"slipped it {amount(head, rate)}"
        ends = [f"the start {amount(head, rate)}"] * bool(head) + [f"the end {amount(tail, rate)}"] * bool(tail)
        return "trimmed " + " and ".join(ends)
    if field == "track":
        track = view.record(after)
        return f"moved it to {view.track_label(track)}" if isinstance(track, Track) else "moved it to another track"
    if field == "deleted":
        return "removed it" if after else "brought it back"
    if field == "enabled":
        return "switched it on" if after else "switched it off"
    if field in ("link", "group"):
        return f"{'' if after else 'un'}{'linked' if field == 'link' else 'grouped'} it"
    if field == "asset":
        return "replaced its media"
    name = word_of(field)
    shown = _shown(view, field, after)
    return f"set its {name} to {shown}" if shown else f"changed its {name}"


def _start(view: View, before: Any, after: Any) -> str:
    if before is None:
        return f"moved it along {amount(after, view.timeline.rate)}"
    return f"moved it {amount(after - before, view.timeline.rate)}"


def _shown(view: View, field: str, value: Any) -> str:
    """A value as people read it; empty where it is too long to be said."""
    if field == "opacity":
        return f"{value * 100:.3g} %"
    if field == "gain_db":
        return f"{value:+g} dB".replace("-", "−")
    if field == "rotation":
        return f"{value:g}°".replace("-", "−")
    if field == "scale" and isinstance(value, list | tuple) and value:
        return " × ".join(f"{one * 100:.4g} %" for one in dict.fromkeys(value))
    if field in ("fade_in", "fade_out"):
        return amount(value, view.timeline.rate).lstrip("+")
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:g}".replace("-", "−")
    if isinstance(value, str) and 0 < len(value) <= 40 and "\n" not in value:
        return f"“{value}”"
    return ""


def shown_value(view: View, field: str, value: Any) -> str:
    """A value of a field as people read it, whatever it is."""
    if value is None:
        return "as it was" if field != "position" else "centred"
    if field == "source_range" and isinstance(value, list | tuple) and len(value) == 2:
        return f"{amount(value[1], view.timeline.rate).lstrip('+')} long, from {format_timecode(value[0], view.timeline.rate)}"
    if field == "start":
        return format_timecode(max(0, value), view.timeline.rate)
    if field == "track":
        track = view.record(value)
        return view.track_label(track) if isinstance(track, Track) and not track.deleted else "a track that is gone"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple) and field != "scale":
        return " × ".join(f"{one:g}" if isinstance(one, int | float) else str(one) for one in value)
    return _shown(view, field, value) or (str(value).replace("\n", " ")[:60] or "nothing")


def state_args(view: View, clip: Clip, touched: Sequence[Touch], stamp: Stamp,
               linked: Sequence[tuple[Clip, Sequence[Touch]]] = ()) -> dict[str, Any]:
    """The arguments of `clip.restore` that bring a clip to how it was after a change, and where clips `linked` to it lay then, so that
    picture and sound stay together. Changes are oldest first. Raises KeyError where that one is not in `touched`."""
    fields = {name: value for name, value in state_after(clip, touched, stamp).items() if name not in NEVER}
    chosen = next(touch for touch in touched if touch.stamp == stamp)
    states = [{"clip": clip.id, "fields": fields}]
    for other, past in linked:
        last = next((touch for touch in reversed(past) if (touch.time, touch.stamp) <= (chosen.time, chosen.stamp)), None)
        # one gesture may have placed both: the sound's stamp is then the picture's
        where = {} if last is None else {n: v for n, v in state_after(other, past, last.stamp).items() if n in _PLACE}
        if where and not _PLACE.isdisjoint(fields):
            states.append({"clip": other.id, "fields": where})
    return {"states": states, "moment": clock(chosen.time)}


def clock(milliseconds: int) -> str:
    """A moment as people say it: 12:10 today, Mon within the week, 3 Nov before that."""
    when, now = datetime.datetime.fromtimestamp(milliseconds / 1000), datetime.datetime.now()
    if when.date() == now.date():
        return f"{when:%H:%M}"
    return f"{when:%a}" if (now.date() - when.date()).days < 7 else f"{when.day} {when:%b}"


def restore_clip(project: OpenProject, clip: str, stamp: str) -> dict[str, Any]:
    """Brings a clip to how it was after a step of its history (an `id` of `blame_plain`), as one edit; durable on return.

    Raises AppError naming what there is, CommandError, StorageError.
    """
    found = _clip(project, clip)
    touched = touches(clip, project.door.history.entries, project.file.change)
    try:
        others = [(other, touches(other.id, project.door.history.entries, project.file.change))
                  for other in project.snapshot.linked(found)[1:]]
        args = state_args(project.snapshot, found, touched, stamp_of(stamp), others)
    except (KeyError, ValueError):
        there = ", ".join(str(one.stamp) for one in touched[-5:]) or "none"
        raise AppError(f"There is no step {stamp!r} in the history of that clip; the last ones are {there}") from None
    outcome = project.door.execute("clip.restore", args)
    durable(project, outcome)
    return {"clip": clip, "to": stamp, "fields": sorted(args["states"][0]["fields"]), **outcome.result}
