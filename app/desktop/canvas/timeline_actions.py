"""Edits by key that need to know the timeline's view, and tools that only the timeline has.

Owns: ranges, sliding, extending and replacing by key, the slide, text and backward tools. Refuses: the edits themselves (commands do
them) and the general actions of clips (the shell has those).
"""

from __future__ import annotations

import itertools
from typing import Any

from app.desktop.bridge import ActionSpec, action
from app.desktop.canvas.reach import one_per_link, selected, subject, target_tracks
from editor_core.schema import Clip
from editor_core.timing import TICKS_PER_SECOND, round_to_frame

_numbers = itertools.count(1)


def gesture(name: str) -> str:
    """A name under which several commands of one gesture are undone together."""
    return f"{name}-{next(_numbers)}"


def _has_marks(bench: Any) -> bool:
    return bench.transport.mark_in is not None or bench.transport.mark_out is not None


def _no_range(bench: Any) -> str:
    return "" if _has_marks(bench) or bench.selection.clips else "Mark in and out, or select a clip, first"


def _no_selection(bench: Any) -> str:
    return "" if bench.selection.clips else "Select a clip first"


def _no_source(bench: Any) -> str:
    if not subject(bench):
        return "Select the clip to replace"
    return "" if bench.source.asset or bench.selection.assets else "Open or select a clip in Media first"


@action("range.lift", "Lift", icon="pe-lift", menu="Timeline", reason=_no_range, command="range.lift")
def lift_range(bench: Any) -> None:
    """Removes what lies between in and out on the target tracks, or the selected clips, and leaves a gap."""
    if not _has_marks(bench):
        bench.actions.trigger("clip.lift")
        return
    start, end = bench.transport.marks()
    tracks = [t.id for t in target_tracks(bench)]
    bench.run("range.lift", {"start": start, "end": end, **({"tracks": tracks} if tracks else {})})


@action("range.extract", "Extract", icon="pe-extract", menu="Timeline", reason=_no_range, command="range.extract")
def extract_range(bench: Any) -> None:
    """Removes what lies between in and out on all unlocked tracks, or the selected clips, and closes the gap."""
    if not _has_marks(bench):
        bench.actions.trigger("clip.extract")
        return
    start, end = bench.transport.marks()
    if bench.run("range.extract", {"start": start, "end": end}) is not None:
        bench.transport.set_marks(None, None)
        bench.transport.seek(start)


@action("clip.replace", "Replace", icon="pe-replace", menu="Clip", reason=_no_source, command="clip.replace")
def replace(bench: Any) -> None:
    """Shows what is open in Source in place of the selected clip, with its length and looks."""
    clip = next((c for c in subject(bench) if not c.is_sound), subject(bench)[0])
    asset = bench.source.asset or bench.selection.assets[0]
    start = bench.source.range()[0] if bench.source.asset else 0
    bench.run("clip.replace", {"clip": clip.id, "asset": asset, "source_start": start})


@action("clip.extend", "Extend edit to playhead", icon="pe-trim-in", menu="Clip", reason=_no_selection, command="clip.trim")
def extend(bench: Any) -> None:
    """Moves the nearer edge of each selected clip to the playhead."""
    at = bench.transport.ticks
    name = gesture("extend")
    for clip in one_per_link(selected(bench)):
        edge = "head" if abs(clip.start - at) < abs(clip.end - at) else "tail"
        if bench.run("clip.trim", {"clip": clip.id, "edge": edge, "to": at, "linked": bench.tools.linked}, gesture=name) is None:
            return


@action("gap.close", "Close selected gap", icon="fold-horizontal", menu="Timeline", command="clip.close_gap",
        reason=lambda bench: "" if bench.late.get("gap") else "Double-click a gap first")
def close_gap(bench: Any) -> None:
    """Closes the gap that was selected by a double click; later clips move up."""
    track, start, _ = bench.late.pop("gap")
    bench.run("clip.close_gap", {"track": track, "at": start})


def _slide(bench: Any, frames: int) -> None:
    for clip in one_per_link(selected(bench))[:1]:
        bench.run("clip.slide", {"clip": clip.id, "by": frames * bench.rate.ticks_per_frame, "linked": bench.tools.linked})


def add_dissolve(bench: Any, first: Clip, second: Clip) -> bool:
    """The default dissolve on the cut between two clips, no longer than the shorter one. False when it was refused."""
    wanted = round_to_frame(round(float(bench.settings.get("defaults/transition", 1.0)) * TICKS_PER_SECOND), bench.rate)
    length = max(bench.rate.ticks_per_frame, min(wanted, first.duration, second.duration))
    made = bench.run("transition.add", {"from": first.id, "to": second.id, "kind": "dissolve", "duration": length})
    if made is not None:
        bench.selection.set(transitions=[made["transition"]])
    return made is not None


def _tool(name: str, title: str, icon: str, words: str) -> ActionSpec:
    return ActionSpec(f"tool.{name}", title, run=lambda bench: bench.tools.take(name), icon=icon, help=words, menu="Tools",
                      checked=lambda bench: bench.tools.tool == name, group="tool")


ACTIONS = [
    _tool("track_backward", "Tracks backward tool", "pe-track-forward", "Selects everything up to a clip."),
    _tool("slide", "Slide tool", "pe-slide", "Moves a clip between its neighbours, which give way."),
    _tool("text", "Text tool", "type", "Adds a title where you click."),
    *(ActionSpec(f"clip.slide_{'left' if n < 0 else 'right'}{'_5' if abs(n) == 5 else ''}",
                 f"Slide {'one frame' if abs(n) == 1 else 'five frames'} {'left' if n < 0 else 'right'}",
                 run=lambda bench, n=n: _slide(bench, n), menu="Clip", icon="pe-slide", reason=_no_selection, command="clip.slide",
                 help="Moves the clip between its neighbours, which give way.") for n in (-1, 1, -5, 5)),
]
