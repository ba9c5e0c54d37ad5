"""Tracks, markers, titles, tools and what the timeline shows.

Owns: actions of the Timeline and Markers menus, tools, target tracks. Refuses: painting; zooming and heights are bound by the timeline.
"""

from __future__ import annotations

from app.desktop.bridge import ActionSpec, Workbench, action
from app.desktop.shell.actions import needs
from app.desktop.shell.actions.clip import seconds_setting
from editor_core.schema import Marker, TrackKind


@action("track.add_video", "Add video track", menu="Timeline", icon="plus", command="track.add")
def add_video(bench: Workbench) -> None:
    """Adds a video track on top."""
    bench.run("track.add", {"kind": "video"})


@action("track.add_audio", "Add audio track", menu="Timeline", icon="plus", command="track.add")
def add_audio(bench: Workbench) -> None:
    """Adds an audio track at the bottom."""
    bench.run("track.add", {"kind": "audio"})


@action("track.remove_empty", "Remove empty tracks", menu="Timeline", icon="trash", command="track.remove")
def remove_empty(bench: Workbench) -> None:
    """Removes every track that holds no clip, as one step; one track of each kind stays."""
    view = bench.snapshot
    gesture = f"remove empty tracks {bench.document.revision}"
    removed = 0
    kinds: tuple[TrackKind, ...] = ("video", "audio", "caption")
    for kind in kinds:
        peers = view.tracks(kind)
        empty = [t for t in peers if not view.clips_on(t.id) and not t.locked]
        keep = 1 if len(empty) == len(peers) and kind != "caption" else 0
        for track in empty[keep:]:
            removed += bench.run("track.remove", {"track": track.id}, gesture=gesture) is not None
    if not removed:
        bench.say("There are no empty tracks to remove", "info")


@action("marker.add", "Add marker", menu="Markers", icon="bookmark", command="marker.add")
def add_marker(bench: Workbench) -> None:
    """Adds a marker at the playhead; where there is one already, asks for its words."""
    here = bench.transport.ticks
    found = next((m for m in bench.snapshot.of_kind(Marker) if m.start == here), None)
    if found is not None:
        bench.selection.set((), markers=[found.id])
        bench.shell.palette(command="marker.set")
        return
    result = bench.run("marker.add", {"at": here})
    if isinstance(result, dict):
        bench.selection.set((), markers=[result["marker"]])


def _marker(bench: Workbench, direction: int) -> None:
    here = bench.transport.ticks
    times = sorted({m.start for m in bench.snapshot.of_kind(Marker)}, reverse=direction < 0)
    ahead = [t for t in times if (t - here) * direction > 0]
    if ahead:
        bench.transport.seek(ahead[0])
    else:
        bench.say("There is no marker that way", "info")


@action("marker.next", "Next marker", menu="Markers")
def next_marker(bench: Workbench) -> None:
    """Moves the playhead to the next marker."""
    _marker(bench, 1)


@action("marker.previous", "Previous marker", menu="Markers")
def previous_marker(bench: Workbench) -> None:
    """Moves the playhead to the marker before."""
    _marker(bench, -1)


def _marker_here(bench: Workbench) -> str:
    here = bench.transport.ticks
    found = any(m.start <= here <= m.start + m.duration for m in bench.snapshot.of_kind(Marker))
    return "" if found or bench.selection.markers else "There is no marker at the playhead"


@action("marker.remove_here", "Remove marker at playhead", menu="Markers", icon="trash", reason=_marker_here, command="marker.remove")
def remove_marker(bench: Workbench) -> None:
    """Removes the selected marker, or the one at the playhead."""
    here = bench.transport.ticks
    wanted = bench.selection.markers or [m.id for m in bench.snapshot.of_kind(Marker) if m.start <= here <= m.start + m.duration][:1]
    for marker in wanted:
        bench.run("marker.remove", {"marker": marker})


@action("title.add", "Add title at playhead", menu="Clip", icon="type", command="title.add")
def add_title(bench: Workbench) -> None:
    """Adds a title at the playhead; its words are edited in the inspector."""
    size = max(1, round(bench.snapshot.timeline.height * 96 / 1080))  # the same share of any frame
    result = bench.run("title.add", {"text": "Title", "at": bench.transport.ticks, "style": {"size": size},
                                     "duration": seconds_setting(bench, "defaults/title", 4.0)})
    if isinstance(result, dict):
        bench.selection.set([result["clip"]])
        bench.actions.trigger("title.edit")


@action("caption.add", "Add caption at playhead", menu="Clip", icon="captions", command="caption.add")
def add_caption(bench: Workbench) -> None:
    """Adds a caption at the playhead; its words are edited in the inspector."""
    result = bench.run("caption.add", {"text": "Caption", "at": bench.transport.ticks, "duration": "2s"})
    if isinstance(result, dict):
        bench.selection.set([result["clip"]])
        bench.actions.trigger("title.edit")


@action("solid.add", "Add solid at playhead", menu="Clip", icon="shapes", command="solid.add")
def add_solid(bench: Workbench) -> None:
    """Adds a frame of one colour at the playhead."""
    result = bench.run("solid.add", {"color": "#1B2A45", "at": bench.transport.ticks,
                                     "duration": seconds_setting(bench, "defaults/title", 4.0)})
    if isinstance(result, dict):
        bench.selection.set([result["clip"]])


@action("snapping.toggle", "Snapping", menu="Timeline", icon="magnet", checked=lambda bench: bench.tools.snapping)
def snapping(bench: Workbench) -> None:
    """Lets edges, playhead and markers catch what is dragged; hold S during a drag to suspend."""
    bench.tools.set_snapping(not bench.tools.snapping)


@action("selection.linked", "Linked selection", menu="Timeline", icon="link-2", checked=lambda bench: bench.tools.linked)
def linked(bench: Workbench) -> None:
    """A click takes picture and sound of a shot together."""
    bench.tools.set_linked(not bench.tools.linked)


def _tool(key: str, title: str, icon: str, words: str) -> ActionSpec:
    return ActionSpec(f"tool.{key}", title, run=lambda bench: bench.tools.take(key), menu="Tools", icon=icon, help=words,
                      checked=lambda bench: bench.tools.tool == key, group="tool")


def _bound(action_id: str, title: str, menu: str, icon: str, words: str, **more: object) -> ActionSpec:
    return ActionSpec(action_id, title, menu=menu, icon=icon, help=words, **more)  # type: ignore[arg-type]


def _target(kind: TrackKind, number: int) -> ActionSpec:
    letter = "V" if kind == "video" else "A"

    def run(bench: Workbench) -> None:
        bench.targets.toggle(bench.snapshot.tracks(kind)[number - 1].id)

    def reason(bench: Workbench) -> str:
        return "" if len(bench.snapshot.tracks(kind)) >= number else f"There is no track {letter}{number}"

    def on(bench: Workbench) -> bool:
        peers = bench.snapshot.tracks(kind)
        return len(peers) >= number and peers[number - 1].id in bench.targets.tracks

    return ActionSpec(f"target.{letter.lower()}{number}", f"Target {letter}{number}", run=run, reason=reason, checked=on, menu="Targets",
                      help="Edits at the playhead go to target tracks.", palette=number < 4)


@action("target.all_picture", "Target all picture tracks", menu="Targets")
def all_picture(bench: Workbench) -> None:
    """Makes every video track a target."""
    _all_targets(bench, "video")


@action("target.all_sound", "Target all sound tracks", menu="Targets")
def all_sound(bench: Workbench) -> None:
    """Makes every audio track a target."""
    _all_targets(bench, "audio")


def _all_targets(bench: Workbench, kind: TrackKind) -> None:
    wanted = [t.id for t in bench.snapshot.tracks(kind)]
    kept = [t for t in bench.targets.tracks if t not in wanted]
    bench.targets.set([*kept, *wanted])


def _timeline_reason(bench: Workbench) -> str:
    return needs.film(bench)


ACTIONS = [
    _tool("select", "Select tool", "mouse-pointer-2", "Selects, moves and trims clips."),
    _tool("track_forward", "Tracks forward tool", "pe-track-forward", "Selects everything from a clip on."),
    _tool("ripple", "Ripple tool", "pe-ripple", "Trims an edge; everything later moves along."),
    _tool("roll", "Roll tool", "pe-roll", "Moves a cut; both neighbours change."),
    _tool("slip", "Slip tool", "pe-slip", "Shows another part of the media in the same place."),
    _tool("razor", "Razor tool", "scissors", "Cuts where you click."),
    _tool("hand", "Hand tool", "hand", "Drags the view of the timeline."),
    _tool("zoom", "Zoom tool", "zoom-in", "Zooms where you click; Alt zooms out."),
    *(_target("video", n) for n in range(1, 10)), *(_target("audio", n) for n in range(1, 10)),
    _bound("timeline.zoom_in", "Zoom in", "View", "plus", "Shows less time, larger."),
    _bound("timeline.zoom_out", "Zoom out", "View", "minus", "Shows more time, smaller."),
    _bound("timeline.fit", "Whole timeline", "View", "scan", "Shows the whole film; again: back to before."),
    _bound("timeline.video_taller", "Picture tracks taller", "View", "", "Makes picture tracks taller."),
    _bound("timeline.video_lower", "Picture tracks lower", "View", "", "Makes picture tracks lower."),
    _bound("timeline.audio_taller", "Sound tracks taller", "View", "", "Makes sound tracks taller."),
    _bound("timeline.audio_lower", "Sound tracks lower", "View", "", "Makes sound tracks lower."),
    _bound("timeline.tracks_tall", "All tracks expanded", "View", "", "Makes all tracks tall."),
    _bound("timeline.tracks_low", "All tracks compact", "View", "", "Makes all tracks low."),
    _bound("viewer.safe_areas", "Safe areas", "View", "pe-safe-area", "Shows action and title safe areas over the picture.",
           checked=lambda bench: "safe" in bench.settings.get("viewer/guides", [])),
    *(_bound(f"viewer.guide_{guide}", f"Guide: {words}", "View", "", f"Shows {what} over the picture, and nowhere else.",
             checked=lambda bench, key=key: key in bench.settings.get("viewer/guides", []))
      for guide, key, words, what in (
          ("thirds", "thirds", "thirds", "lines at a third and two thirds"), ("centre", "centre", "centre", "the middle"),
          ("9_16", "9:16", "frame 9:16", "what an upright frame would keep"), ("1_1", "1:1", "frame 1:1", "what a square would keep"),
          ("4_5", "4:5", "frame 4:5", "what a frame of 4:5 would keep"))),
    _bound("viewer.fit", "Fit picture", "View", "", "Shows the whole picture in the viewer."),
    _bound("viewer.actual", "Picture at 100 %", "View", "", "Shows one picture pixel as one screen pixel."),
    _bound("viewer.zoom_in", "Zoom picture in", "View", "", "Shows the picture larger."),
    _bound("viewer.zoom_out", "Zoom picture out", "View", "", "Shows the picture smaller."),
    _bound("viewer.grab", "Grab frame …", "Clip", "camera", "Saves the frame at the playhead as a picture file."),
]
