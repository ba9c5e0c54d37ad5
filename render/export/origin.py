"""The note in an exported file that says which part of a film it is, so that it can be verified later.

Owns: the words of the note and reading them back. Refuses: names of people, projects or folders; the note holds numbers only.
"""

from __future__ import annotations

import re

import msgspec

from render.export.plan import Plan

_NOTE = re.compile(r"ProEditor (\w{1,20}) from (\d{1,16}) for (\d{1,10}) frames (\d{1,5})x(\d{1,5}) at (\d{1,6}(?:/\d{1,6})?)")


class Origin(msgspec.Struct, frozen=True):
    """Preset, timeline time of the first frame in ticks, frames, size, frame rate as text."""

    preset: str
    start: int
    frames: int
    width: int
    height: int
    rate: str


def words(plan: Plan) -> str:
    """The note for a plan."""
    shape = plan.shape
    return f"ProEditor {plan.preset} from {plan.start} for {plan.frames} frames {shape.width}x{shape.height} at {shape.rate}"


def read(note: str) -> Origin | None:
    """What a note says, None where it is none of ours."""
    found = _NOTE.search(note[:1000])
    if found is None:
        return None
    preset, start, frames, width, height, rate = found.groups()
    return Origin(preset, int(start), int(frames), int(width), int(height), rate)
