"""Cutting, trimming, moving and switching clips.

Owns: how the window fills in the arguments of clip commands from selection, playhead and targets. Refuses: editing rules.
"""

from __future__ import annotations

import itertools
from typing import Any

from app.desktop.bridge import ActionSpec, Workbench, action
from app.desktop.shell.actions import needs
from editor_core.schema import Clip
from editor_core.timing import TICKS_PER_SECOND, round_to_frame


def seconds_setting(bench: Workbench, key: str, default: float) -> int:
    """A length from the settings (seconds) as whole frames in ticks."""
    wanted = float(bench.settings.get(key, default)) * TICKS_PER_SECOND
    return max(bench.transport.frame, round_to_frame(round(wanted), bench.rate))


def _place(bench: Workbench, command: str) -> None:
    asset = needs.chosen_asset(bench)
    if asset is None:
        bench.say("Open a clip in Source or select one in Media first", "info")
        return
    args: dict[str, Any] = {"asset": asset.id}
    if bench.source.asset == asset.id:
        start, duration = bench.source.range()
        if bench.source.deck.transport.mark_in is not None or bench.source.deck.transport.mark_out is not None:
            args |= {"source_start": start, "source_duration": duration}
    if "source_duration" not in args and asset.still:
        args["source_duration"] = seconds_setting(bench, "defaults/still", 5.0)
    if command != "clip.append":
        args["at"] = bench.transport.ticks
    track = next((t.id for t in bench.snapshot.tracks() if t.id in bench.targets.tracks
                  and t.kind == ("video" if asset.video is not None else "audio")), None)
    if track is not None:
        args["track"] = track
    result = bench.run(command, args)
    if not isinstance(result, dict):
        return
    made = bench.snapshot.find(Clip, str(result.get("clip")))
    if made is not None:
        bench.selection.set([c.id for c in bench.snapshot.linked(made)])
        bench.transport.seek(made.end)


def _two(bench: Workbench) -> tuple[Clip, Clip] | None:
    """The two shots that are selected, with their sound or without."""
    chosen = needs.chosen_clips(bench)
    pictures = [clip for clip in chosen if not clip.is_sound]
    found = pictures if len(pictures) == 2 else chosen
    return (found[0], found[1]) if len(found) == 2 and found[0].is_sound == found[1].is_sound else None


@action("clip.swap", "Swap clips", menu="Clip", icon="arrow-left-right", command="clip.swap",
        reason=lambda bench: "" if _two(bench) is not None else "Select two clips of picture, or two of sound")
def swap(bench: Workbench) -> None:
    """The two selected clips change places; what lies between them stays between them."""
    two = _two(bench)
    if two is not None:
        bench.run("clip.swap", {"clip": two[0].id, "with": two[1].id, "linked": bench.tools.linked})


@action("clip.insert", "Insert", menu="Clip", icon="pe-insert", reason=needs.source, command="clip.insert")
def insert(bench: Workbench) -> None:
    """Puts what Source shows (or the media selected) at the playhead; later clips move along."""
    _place(bench, "clip.insert")


@action("clip.overwrite", "Overwrite", menu="Clip", icon="pe-overwrite", reason=needs.source, command="clip.overwrite")
def overwrite(bench: Workbench) -> None:
    """Puts what Source shows (or the media selected) at the playhead, over what is there."""
    _place(bench, "clip.overwrite")


@action("clip.append", "Append", menu="Clip", icon="pe-append", reason=needs.source, command="clip.append")
def append(bench: Workbench) -> None:
    """Puts what Source shows (or the media selected) after the last clip."""
    _place(bench, "clip.append")


@action("clip.split", "Split at playhead", menu="Clip", icon="scissors-line-dashed", reason=needs.clip_on_target, command="clip.split")
def split(bench: Workbench) -> None:
    """Cuts the clips on the target tracks in two at the playhead; selected clips first, if they lie there."""
    here = needs.clips_at_playhead(bench)
    chosen = [c.id for c in here if c.id in bench.selection.clips and c.start < bench.transport.ticks]
    on_target = [c.id for c in needs.clips_at_playhead(bench, targets=True)]
    bench.run("clip.split", {"at": bench.transport.ticks, "clips": chosen or on_target, "linked": bench.tools.linked})


@action("clip.split_all", "Split all tracks at playhead", menu="Clip", reason=needs.clip_here, command="clip.split")
def split_all(bench: Workbench) -> None:
    """Cuts every clip under the playhead in two, on all tracks that are not locked."""
    bench.run("clip.split", {"at": bench.transport.ticks})


def _trim(bench: Workbench, edge: str, ripple: bool) -> None:
    here = needs.clips_at_playhead(bench, targets=True) or needs.clips_at_playhead(bench)
    chosen = [c for c in here if c.id in bench.selection.clips]
    clip = (chosen or here)[0]
    at = bench.transport.ticks
    done = bench.run("clip.trim", {"clip": clip.id, "edge": edge, "to": at, "ripple": ripple})
    if done is not None and ripple and edge == "head":
        bench.transport.seek(clip.start)


@action("clip.trim_start", "Ripple trim start to playhead", menu="Clip", icon="pe-ripple", reason=needs.clip_here, command="clip.trim")
def trim_start(bench: Workbench) -> None:
    """Removes what lies before the playhead in this clip and closes the gap."""
    _trim(bench, "head", True)


@action("clip.trim_end", "Ripple trim end to playhead", menu="Clip", reason=needs.clip_here, command="clip.trim")
def trim_end(bench: Workbench) -> None:
    """Removes what lies after the playhead in this clip and closes the gap."""
    _trim(bench, "tail", True)


@action("clip.trim_start_gap", "Trim start to playhead, leave gap", menu="Clip", reason=needs.clip_here, command="clip.trim")
def trim_start_gap(bench: Workbench) -> None:
    """Removes what lies before the playhead in this clip and leaves a gap."""
    _trim(bench, "head", False)


@action("clip.trim_end_gap", "Trim end to playhead, leave gap", menu="Clip", reason=needs.clip_here, command="clip.trim")
def trim_end_gap(bench: Workbench) -> None:
    """Removes what lies after the playhead in this clip and leaves a gap."""
    _trim(bench, "tail", False)


def _roll(bench: Workbench, edge: str) -> None:
    clip = (needs.clips_at_playhead(bench, targets=True) or needs.clips_at_playhead(bench))[0]
    bench.run("clip.roll", {"clip": clip.id, "edge": edge, "to": bench.transport.ticks})


@action("clip.roll_previous", "Roll previous edit to playhead", menu="Clip", icon="pe-roll", reason=needs.clip_here, command="clip.roll")
def roll_previous(bench: Workbench) -> None:
    """Moves the cut before the playhead to the playhead; both neighbours change."""
    _roll(bench, "head")


@action("clip.roll_next", "Roll next edit to playhead", menu="Clip", reason=needs.clip_here, command="clip.roll")
def roll_next(bench: Workbench) -> None:
    """Moves the cut after the playhead to the playhead; both neighbours change."""
    _roll(bench, "tail")


@action("clip.lift", "Delete, leave gap", menu="Edit", icon="trash", reason=needs.anything, command="clip.lift")
def lift(bench: Workbench) -> None:
    """Removes what is selected: clips leave a gap, transitions and markers go, a gap is closed."""
    chosen = bench.selection
    if bench.late.get("gap") and not chosen.clips:
        bench.actions.trigger("gap.close")
        return
    gesture = f"delete {bench.document.revision}"
    for transition in chosen.transitions:
        bench.run("transition.remove", {"transition": transition}, gesture=gesture)
    for marker in chosen.markers:
        bench.run("marker.remove", {"marker": marker}, gesture=gesture)
    if chosen.clips:
        bench.run("clip.lift", {"clips": list(chosen.clips), "linked": bench.tools.linked}, gesture=gesture)


@action("clip.extract", "Ripple delete", menu="Edit", icon="pe-extract", reason=needs.clips, command="clip.extract")
def extract(bench: Workbench) -> None:
    """Removes the selected clips and closes the gap."""
    result = bench.run("clip.extract", {"clips": list(bench.selection.clips), "linked": bench.tools.linked})
    if isinstance(result, dict) and result.get("held"):
        bench.say(f"{' and '.join(result['held'])} stayed, because something there was in the way", "info")


def _nudge(bench: Workbench, frames: int) -> None:
    bench.run("clip.nudge", {"clips": list(bench.selection.clips), "frames": frames, "linked": bench.tools.linked})


@action("clip.nudge_left", "Nudge one frame left", menu="Clip", reason=needs.clips, command="clip.nudge")
def nudge_left(bench: Workbench) -> None:
    """Moves the selected clips one frame earlier."""
    _nudge(bench, -1)


@action("clip.nudge_right", "Nudge one frame right", menu="Clip", reason=needs.clips, command="clip.nudge")
def nudge_right(bench: Workbench) -> None:
    """Moves the selected clips one frame later."""
    _nudge(bench, 1)


@action("clip.nudge_left_5", "Nudge five frames left", menu="Clip", reason=needs.clips, command="clip.nudge")
def nudge_left_5(bench: Workbench) -> None:
    """Moves the selected clips five frames earlier."""
    _nudge(bench, -5)


@action("clip.nudge_right_5", "Nudge five frames right", menu="Clip", reason=needs.clips, command="clip.nudge")
def nudge_right_5(bench: Workbench) -> None:
    """Moves the selected clips five frames later."""
    _nudge(bench, 5)


def _change_track(bench: Workbench, step: int) -> None:
    clip = needs.chosen_clips(bench)[0]
    view = bench.snapshot
    track = next(t for t in view.tracks() if t.id == clip.track)
    peers = view.tracks(track.kind)
    index = next(n for n, t in enumerate(peers) if t.id == track.id) + (step if track.kind != "audio" else -step)
    if not 0 <= index < len(peers):
        bench.say("There is no track there", "info")
        return
    same = [c.id for c in needs.chosen_clips(bench) if c.is_sound == clip.is_sound]
    bench.run("clip.move", {"clips": same, "track": peers[index].id, "linked": False})


@action("clip.track_up", "Move clip one track up", menu="Clip", reason=needs.clips, command="clip.move")
def track_up(bench: Workbench) -> None:
    """Moves the selected clips to the track above."""
    _change_track(bench, 1)


@action("clip.track_down", "Move clip one track down", menu="Clip", reason=needs.clips, command="clip.move")
def track_down(bench: Workbench) -> None:
    """Moves the selected clips to the track below."""
    _change_track(bench, -1)


def _slip(bench: Workbench, frames: int) -> None:
    by = -frames * bench.rate.ticks_per_frame  # as with the mouse: to the left comes what is later
    bench.run("clip.slip", {"clips": list(bench.selection.clips), "by": by, "linked": bench.tools.linked})


def _slips(key: str, title: str, frames: int) -> ActionSpec:
    return ActionSpec(f"clip.slip_{key}", title, run=lambda bench: _slip(bench, frames), menu="Clip", reason=needs.clips,
                      command="clip.slip", help="Moves the media under the selected clips: to the left shows what is later in it.")


@action("clip.enabled", "Clip on or off", menu="Clip", icon="eye", reason=needs.clips, command="clip.set")
def enabled(bench: Workbench) -> None:
    """Switches the selected clips off, or on again when all are off."""
    chosen = needs.chosen_clips(bench)
    on = not any(c.enabled for c in chosen)
    bench.run("clip.set", {"clips": [c.id for c in chosen], "property": "enabled", "value": on})


@action("clip.link", "Link or unlink", menu="Clip", icon="link", reason=needs.clips, command="clip.link")
def link(bench: Workbench) -> None:
    """Links the selected clips, so that they are edited together; takes the link away when they have one."""
    chosen = needs.chosen_clips(bench)
    verb = "clip.unlink" if any(c.link for c in chosen) else "clip.link"
    bench.run(verb, {"clips": [c.id for c in chosen]})


@action("clip.group", "Group", menu="Clip", icon="group", reason=needs.two_clips, command="clip.group")
def group(bench: Workbench) -> None:
    """Groups the selected clips: a click on one selects all."""
    bench.run("clip.group", {"clips": list(bench.selection.clips)})


@action("clip.ungroup", "Ungroup", menu="Clip", icon="ungroup", reason=needs.clips, command="clip.ungroup")
def ungroup(bench: Workbench) -> None:
    """Takes the selected clips out of their group."""
    bench.run("clip.ungroup", {"clips": list(bench.selection.clips)})


def _louder(bench: Workbench, decibel: float) -> None:
    chosen = list(needs.chosen_clips(bench))
    sounds = {one.id: one for c in chosen for one in bench.snapshot.linked(c) if one.is_sound}
    if not sounds:
        bench.say("The selected clips have no sound", "info")
        return
    gesture = f"gain {' '.join(sorted(sounds))}"
    for clip in sounds.values():
        value = min(24.0, max(-96.0, round(clip.gain_db + decibel, 2)))
        bench.run("clip.set", {"clip": clip.id, "property": "gain_db", "value": value}, gesture=gesture)


def _gains(key: str, title: str, decibel: float) -> ActionSpec:
    return ActionSpec(f"clip.gain_{key}", title, run=lambda bench: _louder(bench, decibel), menu="Clip", reason=needs.clips,
                      command="clip.set", help=f"Changes the level of the selected clips by {decibel:g} dB.")


@action("transition.default", "Dissolve at playhead", menu="Clip", icon="blend", reason=needs.film, command="transition.add")
def default_transition(bench: Workbench) -> None:
    """Puts the default dissolve on the picture cut nearest to the playhead, on the target tracks."""
    _dissolve(bench, "video")


@action("transition.default_sound", "Cross-fade at playhead", menu="Clip", reason=needs.film, command="transition.add")
def default_sound_transition(bench: Workbench) -> None:
    """Puts the default cross-fade on the sound cut nearest to the playhead, on the target tracks."""
    _dissolve(bench, "audio")


def _dissolve(bench: Workbench, kind: str) -> None:
    view, here = bench.snapshot, bench.transport.ticks
    best: tuple[int, Clip, Clip] | None = None
    for track in view.tracks():
        if track.id in bench.targets.tracks and track.kind == kind:
            row = view.clips_on(track.id)
            for left, right in itertools.pairwise(row):
                if left.end == right.start and (best is None or abs(left.end - here) < best[0]):
                    best = (abs(left.end - here), left, right)
    if best is None:
        bench.say("There is no cut between two touching clips on a target track", "info")
        return
    _add_transition(bench, best[1], best[2])


def _add_transition(bench: Workbench, left: Clip, right: Clip, gesture: str = "") -> None:
    result = bench.run("transition.add", {"from": left.id, "to": right.id, "kind": "dissolve",
                                          "duration": seconds_setting(bench, "defaults/transition", 1.0)}, gesture=gesture)
    if isinstance(result, dict) and not gesture:
        bench.selection.set((), transitions=[result["transition"]])


@action("transition.selection", "Dissolves on selection", menu="Clip", reason=needs.two_clips, command="transition.add")
def selection_transition(bench: Workbench) -> None:
    """Puts the default dissolve on every cut between two selected clips, as one step."""
    chosen = {c.id for c in needs.chosen_clips(bench)}
    gesture, made = f"dissolves {bench.document.revision}", 0
    for track in bench.snapshot.tracks():
        row = bench.snapshot.clips_on(track.id)
        for left, right in itertools.pairwise(row):
            if left.id in chosen and right.id in chosen and left.end == right.start:
                _add_transition(bench, left, right, gesture)
                made += 1
    if not made:
        bench.say("No two selected clips touch", "info")


ACTIONS = [
    ActionSpec("title.edit", "Edit title or caption", menu="Clip", icon="type", reason=needs.clips, command="title.set",
               help="Puts the cursor into the words of the selected title."),
    ActionSpec("clip.gain", "Sound level …", menu="Clip", icon="volume-2", reason=needs.clips, command="clip.set",
               help="Puts the cursor into the gain field of the inspector."),
    _slips("left", "Slip one frame left", -1), _slips("right", "Slip one frame right", 1),
    _slips("left_5", "Slip five frames left", -5), _slips("right_5", "Slip five frames right", 5),
    _gains("down", "Gain −1 dB", -1.0), _gains("up", "Gain +1 dB", 1.0),
    _gains("down_6", "Gain −6 dB", -6.0), _gains("up_6", "Gain +6 dB", 6.0),
]
