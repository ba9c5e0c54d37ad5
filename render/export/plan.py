"""What an export will make: range, shape, codecs, and the film cut into stretches that are made apart.

Owns: where the film is cut and how stretches are shared out. Refuses: making them, and touching files.

A stretch is at most ten seconds, and in short films at most a third of a worker's share, so that a kill loses little.
Stretches that follow each other form a run, which one worker makes from start to end with its decoders kept open; there are as
many runs as workers. Cuts of the film are preferred as borders: there the encoder would begin anew anyway.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from editor_core.document import View
from editor_core.timing import Rate, format_timecode, round_to_frame, sample_at
from render.export.errors import NothingToExport
from render.export.preset import PictureCodec, Preset, Shape, SoundCodec
from render.export.setting import Value

LONGEST_SECONDS = 10.0
_LEAST_RUN_SECONDS = 2.0
_TAPERED_FROM = 3
"""Runs of more stretches end in shorter ones, so that workers finish at about the same time."""
_SHORTEST_SECONDS = 2.5
"""Stretches of short films are not cut shorter than this to have several: each begins with a keyframe, which costs bits."""
_PIECES = 3
"""Stretches of a run at least, where it is long enough: what is finished when a film is interrupted is counted in stretches."""


class Stretch(msgspec.Struct, frozen=True):
    """Frames `[first, first + count)` of the exported film, made together."""

    first: int
    count: int

    @property
    def end(self) -> int:
        return self.first + self.count


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One export. `start` is the timeline time of its first frame in ticks, `step` ticks from frame to frame, `frames` their number."""

    preset: str
    kind: Literal["film", "sound", "pictures"]
    container: str
    values: dict[str, Value]
    shape: Shape
    start: int
    step: int
    frames: int
    picture: PictureCodec | None
    sound: SoundCodec | None
    timeline_rate: Rate

    @property
    def end(self) -> int:
        """Timeline time at which it ends, in ticks."""
        return self.start + self.frames * self.step

    @property
    def samples(self) -> int:
        """Samples of sound, as long as the picture to half a sample."""
        return 0 if self.sound is None else self.samples_at(self.sound.rate)

    def samples_at(self, rate: int) -> int:
        """Samples of sound at `rate` samples a second."""
        return sample_at(self.frames * self.step, rate)

    def ticks(self, frame: int) -> int:
        """Timeline time of a frame of the export."""
        return self.start + frame * self.step

    def timecode(self, frame: int) -> str:
        """The timeline's timecode of a frame of the export."""
        return format_timecode(self.ticks(frame), self.timeline_rate)


def make_plan(view: View, preset: Preset, values: dict[str, Value], container: str, start: int | None = None,
              end: int | None = None) -> Plan:
    """The plan for `[start, end)` ticks (rounded to frames; the whole film without them). Raises NothingToExport, SettingError."""
    timeline = view.timeline
    film_end = view.end()
    first = 0 if start is None else max(0, round_to_frame(start, timeline.rate))
    last = film_end if end is None else min(film_end, round_to_frame(end, timeline.rate))
    if not film_end:
        raise NothingToExport("The timeline is empty; add a clip first")
    if last <= first:
        raise NothingToExport(
            f"There is nothing between {format_timecode(first, timeline.rate)} and {format_timecode(max(last, 0), timeline.rate)}; "
            f"the film ends at {format_timecode(film_end, timeline.rate)}")
    shape = preset.shape(timeline, values)
    step = shape.rate.ticks_per_frame
    return Plan(
        preset=preset.id, kind=preset.kind, container=container, values=values, shape=shape, start=first, step=step,
        frames=-(-(last - first) // step), timeline_rate=timeline.rate,
        picture=None if preset.picture is None else preset.picture(values, shape),
        sound=None if preset.sound is None else preset.sound(values, shape))


def edit_points(view: View, plan: Plan) -> list[int]:
    """Frames of the export at which a picture clip begins or ends, ascending."""
    points: set[int] = set()
    for track in view.tracks("video"):
        for clip in view.clips_on(track.id):
            for ticks in (clip.start, clip.end):
                if plan.start < ticks < plan.end and (ticks - plan.start) % plan.step == 0:
                    points.add((ticks - plan.start) // plan.step)
    return sorted(points)


def cut(frames: int, rate: Rate, edits: Sequence[int] = (), runs: int = 1, longest: float = LONGEST_SECONDS) -> list[list[Stretch]]:
    """The film as up to `runs` runs of stretches of at most `longest` seconds; every frame exactly once, in order.

    A stretch ends at the last edit (a frame number) that makes it at least half as long as the longest, where there is one.
    """
    fewest = max(1, int(_LEAST_RUN_SECONDS * rate.fps))
    count = max(1, min(runs, frames // fewest))
    borders = [0]
    for number in range(1, count):
        ideal = frames * number // count
        borders.append(max(borders[-1] + 1, _last_edit(edits, ideal - frames // (25 * count), ideal) or ideal))
    borders.append(frames)
    share = frames / count / _PIECES
    most = max(1, int(min(longest * rate.fps, max(_SHORTEST_SECONDS * rate.fps, math.ceil(share)))))
    return [_stretches(first, last, most, edits) for first, last in pairwise(borders)]


def _stretches(first: int, last: int, most: int, edits: Sequence[int]) -> list[Stretch]:
    found: list[Stretch] = []
    tapered = last - first > _TAPERED_FROM * most
    while first < last:
        rest = last - first
        end = last
        longest = max(most // 4, min(most, rest // 2)) if tapered else most
        if rest > longest:
            end = _last_edit(edits, first + (longest + 1) // 2, first + longest) or first + min(longest, (rest + 1) // 2)
        found.append(Stretch(first, end - first))
        first = end
    return found


def _last_edit(edits: Sequence[int], least: int, most: int) -> int | None:
    """The last edit in `[least, most]`, or None."""
    index = bisect_left(edits, most + 1) - 1
    return edits[index] if index >= 0 and edits[index] >= least else None
