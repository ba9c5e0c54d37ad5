"""Playing, stepping, going to places, marks.

Owns: transport actions; they act on Source while it has focus, else on Program. Refuses: the clock.
"""

from __future__ import annotations

from app.desktop.bridge import Workbench, action
from app.desktop.shell.actions import needs
from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND


@action("playback.toggle", "Play or stop", menu="Playback", icon="play", reason=needs.deck, repeats=False)
def toggle(bench: Workbench) -> None:
    """Plays from the playhead, or stops."""
    bench.deck.transport.toggle()


@action("playback.around", "Play around the playhead", menu="Playback", icon="refresh-cw", reason=needs.deck, repeats=False)
def around(bench: Workbench) -> None:
    """Plays from two seconds before the playhead to two after it, and comes back."""
    bench.deck.transport.play_around()


@action("playback.in_to_out", "Play in to out", menu="Playback", icon="brackets", reason=needs.deck, repeats=False)
def in_to_out(bench: Workbench) -> None:
    """Plays what lies between the marks."""
    bench.deck.transport.play_in_to_out()


def _shuttle(bench: Workbench, direction: int) -> None:
    transport = bench.deck.transport
    if "playback.stop" in bench.actions.held:
        transport.slow(direction)
    else:
        transport.shuttle(direction)


def _slow_end(bench: Workbench) -> None:
    bench.deck.transport.slow_end()


@action("playback.prerender", "Pre-render in to out", menu="Playback", icon="layers",
        reason=lambda bench: "" if bench.snapshot.end() else "There is nothing on the timeline")
def prerender(bench: Workbench) -> None:
    """Makes the pictures between the marks (of the whole film without marks) in advance, as many as memory holds; the bar under the
    ruler shows how far it is."""
    start, end = bench.transport.marks()
    room = bench.frames.prepare(start, end)
    frame = bench.transport.frame
    if 0 < room < (end - start) // frame:
        bench.say(f"Memory holds about {room * frame / TICKS_PER_SECOND:.0f} s at this size; the rest is made while it plays", "info")


@action("playback.timecode", "Go to timecode", menu="Playback", icon="hash")
def go_to_timecode(bench: Workbench) -> None:
    """Type a time to go there; with + or − first, to move by it. The keys of the number block begin typing at once."""
    timeline = bench.late.get("timeline")
    source = bench.late.get("focus") == "source" and bench.source.asset
    panel = bench.shell.panel("source") if source or timeline is None else None
    field = panel.timecode if panel is not None else timeline.corner.field if timeline is not None else None
    if field is not None:
        field.edit(bench.actions.typed)


@action("playback.back", "Shuttle back", menu="Playback", icon="rewind", reason=needs.deck, repeats=False, released=_slow_end)
def back(bench: Workbench) -> None:
    """Plays backwards; again: faster, up to eight times. With the key of Stop held: slowly, and a tap is one frame back."""
    _shuttle(bench, -1)


@action("playback.stop", "Stop", menu="Playback", icon="square", repeats=False, released=_slow_end)
def stop(bench: Workbench) -> None:
    """Stops playing. Held, with Shuttle back or forward: plays slowly."""
    bench.deck.transport.stop()


@action("playback.forward", "Shuttle forward", menu="Playback", icon="fast-forward", reason=needs.deck, repeats=False,
        released=_slow_end)
def forward(bench: Workbench) -> None:
    """Plays; again: faster, up to eight times. With the key of Stop held: slowly, and a tap is one frame forward."""
    _shuttle(bench, 1)


@action("playback.loop", "Loop playback", menu="Playback", icon="repeat", repeats=False, checked=lambda bench: bench.deck.transport.loop)
def loop(bench: Workbench) -> None:
    """Begins again at the end, or at the in mark when marks are set."""
    transport = bench.deck.transport
    transport.set_loop(not transport.loop)


@action("playback.step_back", "One frame back", menu="Playback", icon="step-back")
def step_back(bench: Workbench) -> None:
    """Moves the playhead one frame back."""
    bench.deck.transport.step(-1)


@action("playback.step_forward", "One frame forward", menu="Playback", icon="step-forward")
def step_forward(bench: Workbench) -> None:
    """Moves the playhead one frame forward."""
    bench.deck.transport.step(1)


@action("playback.step_back_5", "Five frames back", menu="Playback")
def step_back_5(bench: Workbench) -> None:
    """Moves the playhead five frames back."""
    bench.deck.transport.step(-5)


@action("playback.step_forward_5", "Five frames forward", menu="Playback")
def step_forward_5(bench: Workbench) -> None:
    """Moves the playhead five frames forward."""
    bench.deck.transport.step(5)


@action("playback.start", "Go to start", menu="Playback", icon="skip-back")
def start(bench: Workbench) -> None:
    """Moves the playhead to the start of timeline or source."""
    bench.deck.transport.seek(0)


@action("playback.end", "Go to end", menu="Playback", icon="skip-forward")
def end(bench: Workbench) -> None:
    """Moves the playhead to the end of timeline or source."""
    bench.deck.transport.seek(bench.deck.transport.end)


def _edits(bench: Workbench, targets: bool) -> list[int]:
    view = bench.snapshot
    tracks = bench.targets.tracks if targets else [t.id for t in view.tracks()]
    times = {0}
    for track in tracks:
        for clip in view.clips_on(track):
            times.update((clip.start, clip.end))
    return sorted(times)


def _go(bench: Workbench, direction: int, targets: bool) -> None:
    here = bench.transport.ticks
    times = _edits(bench, targets)
    ahead = [t for t in times if t > here] if direction > 0 else [t for t in reversed(times) if t < here]
    if ahead:
        bench.transport.stop()
        bench.transport.seek(ahead[0])


@action("playback.previous_edit", "Previous edit", menu="Playback", icon="arrow-up")
def previous_edit(bench: Workbench) -> None:
    """Moves to the edit before the playhead on the target tracks."""
    _go(bench, -1, True)


@action("playback.next_edit", "Next edit", menu="Playback")
def next_edit(bench: Workbench) -> None:
    """Moves to the edit after the playhead on the target tracks."""
    _go(bench, 1, True)


@action("playback.previous_edit_any", "Previous edit on any track", menu="Playback")
def previous_edit_any(bench: Workbench) -> None:
    """Moves to the edit before the playhead, whatever its track."""
    _go(bench, -1, False)


@action("playback.next_edit_any", "Next edit on any track", menu="Playback")
def next_edit_any(bench: Workbench) -> None:
    """Moves to the edit after the playhead, whatever its track."""
    _go(bench, 1, False)


@action("playback.clip_start", "Go to start of selected clip", menu="Playback", reason=needs.clips)
def clip_start(bench: Workbench) -> None:
    """Moves the playhead to where the selection begins."""
    bench.transport.seek(min(clip.start for clip in needs.chosen_clips(bench)))


@action("playback.clip_end", "Go to end of selected clip", menu="Playback", reason=needs.clips)
def clip_end(bench: Workbench) -> None:
    """Moves the playhead to the last frame of the selection."""
    bench.transport.seek(max(clip.end for clip in needs.chosen_clips(bench)) - bench.transport.frame)


@action("marks.in", "Mark in", menu="Markers", icon="pe-trim-out")
def mark_in(bench: Workbench) -> None:
    """Sets the in mark at the playhead."""
    transport = bench.deck.transport
    transport.set_marks(transport.ticks, transport.mark_out)


@action("marks.out", "Mark out", menu="Markers", icon="pe-trim-in")
def mark_out(bench: Workbench) -> None:
    """Sets the out mark after the frame at the playhead."""
    transport = bench.deck.transport
    transport.set_marks(transport.mark_in, transport.ticks + transport.frame)


@action("marks.clip", "Mark clip", menu="Markers", icon="brackets", reason=needs.clip_here)
def mark_clip(bench: Workbench) -> None:
    """Sets the marks around the clip under the playhead."""
    clip = (needs.clips_at_playhead(bench, targets=True) or needs.clips_at_playhead(bench))[0]
    bench.transport.set_marks(clip.start, clip.end)


@action("marks.selection", "Mark selection", menu="Markers", reason=needs.clips)
def mark_selection(bench: Workbench) -> None:
    """Sets the marks around what is selected."""
    chosen = needs.chosen_clips(bench)
    bench.transport.set_marks(min(c.start for c in chosen), max(c.end for c in chosen))


@action("marks.go_in", "Go to in", menu="Markers", icon="corner-down-left", reason=needs.marks)
def go_in(bench: Workbench) -> None:
    """Moves the playhead to the in mark."""
    bench.deck.transport.seek(bench.deck.transport.marks()[0])


@action("marks.go_out", "Go to out", menu="Markers", reason=needs.marks)
def go_out(bench: Workbench) -> None:
    """Moves the playhead to the last marked frame."""
    transport = bench.deck.transport
    transport.seek(transport.marks()[1] - transport.frame)


@action("marks.clear_in", "Clear in", menu="Markers", reason=needs.marks)
def clear_in(bench: Workbench) -> None:
    """Takes the in mark away."""
    bench.deck.transport.set_marks(None, bench.deck.transport.mark_out)


@action("marks.clear_out", "Clear out", menu="Markers", reason=needs.marks)
def clear_out(bench: Workbench) -> None:
    """Takes the out mark away."""
    bench.deck.transport.set_marks(bench.deck.transport.mark_in, None)


@action("marks.clear", "Clear in and out", menu="Markers", reason=needs.marks)
def clear_marks(bench: Workbench) -> None:
    """Takes both marks away."""
    bench.deck.transport.set_marks(None, None)


@action("source.match_frame", "Match frame", menu="Clip", icon="crosshair", reason=needs.clip_here)
def match_frame(bench: Workbench) -> None:
    """Opens the media under the playhead in Source, at this very frame."""
    here = needs.clips_at_playhead(bench, targets=True) or needs.clips_at_playhead(bench)
    clip = next((c for c in here if c.asset), None)
    if clip is None or not bench.source.open(clip.asset):
        bench.say("The clip at the playhead has no media", "info")
        return
    bench.source.deck.transport.seek(clip.source_range.start + bench.transport.ticks - clip.start)
    bench.shell.show_panel("source")


@action("source.reverse_match", "Reverse match frame", menu="Clip",
        reason=lambda bench: "" if bench.source.asset else "Open a clip in Source first")
def reverse_match(bench: Workbench) -> None:
    """Moves the playhead to where the frame in Source is used on the timeline."""
    at = bench.source.deck.transport.ticks
    view = bench.snapshot
    for track in view.tracks():
        for clip in view.clips_on(track.id):
            if clip.asset == bench.source.asset and clip.source_range.contains(at):
                bench.transport.seek(clip.start + at - clip.source_range.start)
                bench.selection.set([c.id for c in view.linked(clip)])
                return
    bench.say("This frame is not used on the timeline", "info")


@action("source.open", "Open in Source", menu="Clip", icon="external-link",
        reason=lambda bench: "" if bench.selection.assets or any(c.asset for c in needs.chosen_clips(bench)) else "Select media first")
def open_source(bench: Workbench) -> None:
    """Shows the selected media in the Source viewer."""
    asset = bench.selection.assets[0] if bench.selection.subject == "assets" and bench.selection.assets else next(
        (c.asset for c in needs.chosen_clips(bench) if c.asset), bench.selection.assets[0] if bench.selection.assets else "")
    if asset and bench.snapshot.find(MediaReference, asset) is not None and bench.source.open(asset):
        bench.shell.show_panel("source")
