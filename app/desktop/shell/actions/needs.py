"""Reasons why an action cannot run now.

Owns: the short sentences. Refuses: deciding anything else.
"""

from __future__ import annotations

from app.desktop.bridge import Workbench
from editor_core.schema import Clip, MediaReference


def clips(bench: Workbench) -> str:
    return "" if bench.selection.clips else "Select a clip first"


def two_clips(bench: Workbench) -> str:
    return "" if len(bench.selection.clips) > 1 else "Select two or more clips first"


def anything(bench: Workbench) -> str:
    chosen = bench.selection
    there = chosen.clips or chosen.transitions or chosen.markers or bench.late.get("gap")
    return "" if there else "Select something on the timeline first"


def film(bench: Workbench) -> str:
    return "" if bench.transport.end > 0 else "There is nothing on the timeline yet"


def deck(bench: Workbench) -> str:
    return "" if bench.deck.transport.end > 0 else "There is nothing to play yet"


def marks(bench: Workbench) -> str:
    transport = bench.deck.transport
    return "" if transport.mark_in is not None or transport.mark_out is not None else "Set an in or out mark first"


def source(bench: Workbench) -> str:
    if bench.source.asset or bench.selection.assets:
        return ""
    return "Open a clip in Source or select one in Media first"


def clip_here(bench: Workbench) -> str:
    return "" if clips_at_playhead(bench) else "There is no clip at the playhead"


def clip_on_target(bench: Workbench) -> str:
    return "" if clips_at_playhead(bench, targets=True) else "There is no clip at the playhead on a target track"


def assets(bench: Workbench) -> str:
    return "" if bench.selection.assets else "Select something in Media first"


def undo(bench: Workbench) -> str:
    return "" if bench.door.next_label("undo", bench.door.actor.id) is not None else "There is nothing to undo"


def redo(bench: Workbench) -> str:
    return "" if bench.door.next_label("redo", bench.door.actor.id) is not None else "There is nothing to redo"


def clips_at_playhead(bench: Workbench, *, targets: bool = False) -> list[Clip]:
    """Clips under the playhead: on target tracks only, or on all; topmost picture first."""
    view, ticks = bench.snapshot, bench.transport.ticks
    tracks = view.tracks()
    if targets:
        wanted = set(bench.targets.tracks)
        tracks = [t for t in tracks if t.id in wanted]
    order = [t for t in reversed(tracks) if t.kind != "audio"] + [t for t in tracks if t.kind == "audio"]
    return [clip for t in order if (clip := view.clip_at(t.id, ticks)) is not None]


def chosen_clips(bench: Workbench) -> list[Clip]:
    """Selected clips that are still there."""
    return [clip for i in bench.selection.clips if (clip := bench.snapshot.find(Clip, i)) is not None]


def chosen_asset(bench: Workbench) -> MediaReference | None:
    """What an insert would take: what Source shows, else the one selected in Media."""
    if bench.selection.subject == "assets" and bench.late.get("focus") == "media" and bench.selection.assets:
        return bench.snapshot.find(MediaReference, bench.selection.assets[0])
    wanted = bench.source.asset or (bench.selection.assets[0] if bench.selection.assets else "")
    return bench.snapshot.find(MediaReference, wanted) if wanted else None
