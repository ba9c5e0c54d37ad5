"""The note in an exported file that says which part of a film it is and how it was made, so that it can be verified later.

Owns: the words of the note and reading them back. Refuses: names of people, projects or folders; the note holds the export's range
and settings only.
"""

from __future__ import annotations

import msgspec

from render.export.plan import Plan
from render.export.setting import Value

_MARK = "ProEditor export "
_LONGEST = 4000


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """`start` is the timeline time of the first frame in ticks, `end` that of the end of the last; `whole` says that nobody chose a
    range: it is all that the timeline held."""

    preset: str
    start: int
    end: int
    whole: bool = True
    settings: dict[str, Value] = {}


def words(plan: Plan, whole: bool) -> str:
    """The note for a plan."""
    origin = Origin(preset=plan.preset, start=plan.start, end=plan.end, whole=whole, settings=plan.values)
    return _MARK + msgspec.json.encode(origin).decode()


def read(note: str) -> Origin | None:
    """What a note says, None where it is none of ours."""
    if not note.startswith(_MARK) or len(note) > _LONGEST:
        return None
    try:
        return msgspec.json.decode(note[len(_MARK):], type=Origin)
    except msgspec.DecodeError:
        return None
