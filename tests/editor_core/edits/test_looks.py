"""Properties, titles, solids, transitions, tracks, markers, timeline settings, assets."""

from __future__ import annotations

from typing import Any

import pytest

from editor_core.commands.registry import CommandError
from editor_core.schema import Crop, Marker, Point, Scale, Transition
from editor_core.timing import Rate, round_to_frame
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    for start in (100, 300):
        made.append(lake, start, 50)
    return made


@pytest.mark.parametrize(("name", "value", "stored"), [
    ("position", [100, 200.5], Point(100, 200.5)), ("position", {"x": 1, "y": 2}, Point(1, 2)), ("position", None, None),
    ("scale", 0.5, Scale(0.5, 0.5)), ("scale", [1, 2], Scale(1, 2)), ("rotation", -90, -90.0), ("anchor", [0, 1], Point(0, 1)),
    ("crop", [0.1, 0.2, 0.3, 0.4], Crop(0.1, 0.2, 0.3, 0.4)), ("crop", {"left": 0.25}, Crop(0.25, 0, 0, 0)),
    ("opacity", 0, 0.0), ("blend_mode", "screen", "screen"), ("enabled", False, False), ("label", "violet", "violet"),
    ("name", "Dawn", "Dawn"),
])
def test_properties_of_pictures_are_set(film: Film, name: str, value: Any, stored: Any) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property=name, value=value)
    assert getattr(film.clip(clip), name) == stored


def test_fades_take_any_form_of_time(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property="fade_in", value="0.4s")
    film.run("clip.set", clip=clip, property="fade_out", value="00:00:01:00")
    assert (film.clip(clip).fade_in, film.clip(clip).fade_out) == (10 * film.f, 25 * film.f)


@pytest.mark.parametrize(("name", "value", "words"), [
    ("position", "left", "project pixels from the frame's top left"), ("position", [1, 2, 3], "position is"),
    ("scale", 0, "0.001 to 1000"), ("scale", True, "scale is"), ("rotation", "90", "degrees clockwise"),
    ("crop", [0.5, 0, 0.5, 0], "no picture"),
    ("crop", {"middle": 1}, "left, top, right, bottom"), ("opacity", 1.01, r"0 \(clear\) to 1 \(solid\); 1.01 is not"),
    ("blend_mode", "burn", "normal, multiply"), ("fade_in", "3s", "can be 0 to 50 f: the clip is 50 f long"),
    ("fade_in", -1, "can be 0 to"),
    ("fade_out", "soon", "fade_out: 'soon' is not a time"), ("enabled", "yes", "true or false"), ("name", "x" * 600, "up to 500"),
    ("speed", 2, "no property 'speed' to set; it has position"), ("start", 0, "no property 'start'"),
])
def test_values_that_do_not_fit_are_refused_with_unit_and_range(film: Film, name: str, value: Any, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        film.run("clip.set", clip=film.ids("V1")[0], property=name, value=value)


def test_fades_together_are_no_longer_than_the_clip(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, property="fade_in", value="30f")
    with pytest.raises(CommandError, match=r"0 to 20 f: the clip is 50 f long and its other fade 30 f"):
        film.run("clip.set", clip=clip, property="fade_out", value="21f")


def test_levels_belong_to_sound_and_a_pictures_level_is_its_linked_sounds(film: Film) -> None:
    picture, sound = film.ids("V1")[0], film.ids("A1")[0]
    film.run("clip.set", clip=sound, properties={"gain_db": -6, "pan": 0.5})
    assert (film.clip(sound).gain_db, film.clip(sound).pan) == (-6, 0.5)
    film.run("clip.set", clip=picture, property="gain_db", value=3)
    assert film.clip(sound).gain_db == 3
    mute = film.run("clip.append", asset=film.shot("mute.mp4", sound=False))["clip"]
    with pytest.raises(CommandError, match=r"gain_db belongs to sound, and mute.mp4 has no linked sound"):
        film.run("clip.set", clip=mute, property="gain_db", value=3)
    with pytest.raises(CommandError, match=r"opacity belongs to pictures, and lake.mp4 is sound"):
        film.run("clip.set", clip=sound, property="opacity", value=0.5)


@pytest.mark.parametrize(("name", "value", "label"), [
    ("opacity", 0.8, "Set opacity 80 % of lake.mp4"), ("rotation", -2.5, "Set rotation −2.5° of lake.mp4"),
    ("scale", 0.5, "Set scale 50 % of lake.mp4"), ("scale", [1, 2], "Set scale of lake.mp4"), ("gain_db", -6, "Set gain −6 dB of lake.mp4"),
    ("enabled", False, "Switch off lake.mp4"), ("name", "Dawn", "Rename lake.mp4 to Dawn"), ("fade_in", "5f", "Set fade in of lake.mp4"),
])
def test_history_says_what_was_set(film: Film, name: str, value: Any, label: str) -> None:
    film.run("clip.set", clip=film.ids("V1")[0], property=name, value=value)
    assert film.label() == label


def test_several_properties_of_several_clips_are_one_edit_all_or_none(film: Film) -> None:
    film.run("clip.set", clips=film.ids("V1"), properties={"opacity": 0.5, "rotation": 3})
    assert {film.clip(i).opacity for i in film.ids("V1")} == {0.5}
    assert film.label() == "Set opacity and rotation of 2 clips"
    with pytest.raises(CommandError):
        film.run("clip.set", clips=film.ids("V1"), properties={"opacity": 0.1, "rotation": "x"})
    assert {film.clip(i).opacity for i in film.ids("V1")} == {0.5}


@pytest.mark.parametrize("args", [
    {"property": "opacity", "value": 1}, {"clip": "c", "clips": ["c"], "property": "opacity", "value": 1}, {"clip": "c"},
    {"clip": "c", "property": "opacity"}, {"clip": "c", "property": "opacity", "value": 1, "properties": {"opacity": 1}},
])
def test_set_says_what_it_wants_to_be_told(film: Film, args: dict[str, Any]) -> None:
    args = {k: (film.ids("V1")[0] if v == "c" else film.ids("V1")[:1] if v == ["c"] else v) for k, v in args.items()}
    with pytest.raises(CommandError, match=r"clip\.set: say"):
        film.run("clip.set", **args)


def test_clips_on_locked_tracks_keep_their_looks(film: Film) -> None:
    film.run("track.set", track="V1", locked=True)
    with pytest.raises(CommandError, match=r"lies on V1, which is locked"):
        film.run("clip.set", clip=film.ids("V1")[0], property="opacity", value=0.5)


# --- titles and solids


def test_titles_go_to_a_new_top_track_unless_the_top_one_is_free_there(film: Film) -> None:
    film.run("title.add", text="One", at=0, duration="1s")
    film.run("title.add", text="Two", at="2s", duration="1s")
    film.run("solid.add", color="#102030", at="2.5s", duration="1s")
    film.run("title.add", text="After", at="100f", duration="1s", track="V1")
    assert film.labels() == ["V1", "V2", "V3", "A1"]
    assert (film.lane("V2"), film.lane("V3")) == ([(0, 25), (50, 75)], [(63, 88)])
    assert film.lane("V1")[-1] == (100, 125)


def test_a_title_on_a_free_v1_stays_there() -> None:
    film = Film()
    film.run("title.add", text="Hi", at=0, duration="1s")
    assert film.labels() == ["V1", "A1"]
    assert film.lane("V1") == [(0, 25)]


def test_a_title_where_something_lies_is_refused_on_a_named_track(film: Film) -> None:
    with pytest.raises(CommandError, match=r"in the way on V1"):
        film.run("title.add", text="Hi", at=0, duration="1s", track="V1")
    with pytest.raises(CommandError, match=r"needs a video track, and A1 is audio"):
        film.run("title.add", text="Hi", at="10s", duration="1s", track="A1")
    with pytest.raises(CommandError, match=r"at least one frame"):
        film.run("title.add", text="Hi", at="10s", duration=0)


def test_a_style_sets_the_fields_it_names(film: Film) -> None:
    style = {"font": "Noto Serif", "size": 120, "weight": 700, "italic": True, "color": "#FF0000", "align": "left",
             "stroke_color": "#000000", "stroke_width": 4, "shadow_color": "#00000080", "shadow_blur": 8, "shadow_offset": [3, 4],
             "position": [960, 900], "opacity": 0.9, "scale": 1.5, "rotation": 2, "anchor": [0.5, 1]}
    clip = film.clip(film.run("title.add", text="مرحبا\nעולם 日本 🎬", at=0, duration="1s", style=style)["clip"])
    assert (clip.font, clip.font_size, clip.font_weight, clip.italic) == ("Noto Serif", 120, 700, True)
    assert (clip.color, clip.align) == ("#FF0000", "left")
    assert (clip.stroke_width, clip.shadow_blur, clip.shadow_offset, clip.position) == (4, 8, Point(3, 4), Point(960, 900))
    assert (clip.opacity, clip.scale, clip.rotation, clip.anchor) == (0.9, Scale(1.5, 1.5), 2, Point(0.5, 1))
    film.run("title.set", clip=clip.id, style={"size": 60}, text="Bonjour")
    now = film.clip(clip.id)
    assert (now.text, now.font_size, now.font) == ("Bonjour", 60, "Noto Serif")


@pytest.mark.parametrize("style", [{"size": 0}, {"colour": "#fff"}, {"color": "reddest"}, {"align": "middle"}, {"weight": 50},
                                   {"shadow_offset": [1]}, {"size": "big"}, {"scale": [1, 2, 3]}])
def test_styles_that_do_not_fit_are_refused(film: Film, style: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match=next(iter(style))):
        film.run("title.add", text="Hi", at=0, duration="1s", style=style)


def test_only_titles_have_text(film: Film) -> None:
    with pytest.raises(CommandError, match=r"lake.mp4 is a video clip and has no text"):
        film.run("title.set", clip=film.ids("V1")[0], text="Hi")
    title = film.run("title.add", text="Hi", at=0, duration="1s")["clip"]
    with pytest.raises(CommandError, match=r"text or style"):
        film.run("title.set", clip=title)


def test_a_timeline_is_no_longer_than_its_ticks_can_count(film: Film) -> None:
    far = (2**53 - 1) // film.f
    with pytest.raises(CommandError, match=r"more than 147 days"):
        film.run("title.add", text="Hi", at=f"{far}f", duration="2f")
    film.run("title.add", text="Hi", at=f"{far - 2}f", duration="2f")
    with pytest.raises(CommandError, match=r"more than 147 days"):
        film.run("clip.insert", asset=film.clip(film.ids("V1")[0]).asset, at=0)


def test_captions_have_tracks_of_their_own(film: Film) -> None:
    track = film.run("track.add", kind="caption")["track"]
    assert film.labels() == ["V1", "A1", "C1"]
    with pytest.raises(CommandError, match=r"needs a video track, and C1 is caption"):
        film.run("title.add", text="Hi", at=0, duration="1s", track=track)


def test_captions_go_to_the_first_caption_track_that_is_free_with_letters_that_fit_the_frame(film: Film) -> None:
    first, second, third = (film.run("caption.add", text=words, at=at, duration="2s")["clip"]
                            for words, at in (("Look!", "1s"), ("Where?", "2s"), ("There.", "4s")))
    assert film.labels() == ["V1", "A1", "C1", "C2"]
    assert (film.ids("C1"), film.ids("C2")) == ([first, third], [second])
    made = film.clip(first)
    assert (made.kind, made.text, made.font_size) == ("caption", "Look!", round(film.view.timeline.height * 0.045))
    film.run("title.set", clip=first, text="Listen!", style={"size": 30})
    assert (film.clip(first).text, film.clip(first).font_size) == ("Listen!", 30)
    with pytest.raises(CommandError, match=r"is in the way on C1"):
        film.run("caption.add", text="Now", at="1s", duration="1s", track="C1")
    with pytest.raises(CommandError, match=r"A caption needs a caption track, and V1 is video"):
        film.run("caption.add", text="Now", at="9s", duration="1s", track="V1")
    film.run("track.set", track="C1", locked=True)
    film.run("track.set", track="C2", locked=True)
    fourth = film.run("caption.add", text="Now", at="9s", duration="1s", style={"size": 20})["clip"]
    assert film.ids("C3") == [fourth] and film.clip(fourth).font_size == 20


# --- transitions


def test_a_dissolve_is_centred_on_the_cut(film: Film) -> None:
    first, second = film.ids("V1")
    made = film.run("transition.add", **{"from": first, "to": second}, kind="dissolve", duration="25f")["transition"]
    transition = film.view.get(Transition, made)
    assert (transition.from_clip, transition.to_clip) == (first, second)
    assert (transition.duration, transition.track) == (25 * film.f, film.track("V1").id)
    film.run("transition.set", transition=made, duration="10f")
    assert film.view.get(Transition, made).duration == 10 * film.f
    film.run("transition.remove", transition=made)
    assert film.view.find(Transition, made) is None


def test_too_few_handles_are_counted_with_what_can_be_done(film: Film) -> None:
    short = film.shot("short.mp4", 54)
    tail = film.run("clip.append", asset=short, source_start="3f", source_duration="49f")["clip"]
    with pytest.raises(CommandError) as caught:
        film.run("transition.add", **{"from": film.ids("V1")[1], "to": tail}, duration="20f")
    assert str(caught.value) == (
        "Too few handles for a transition of 20 f: it needs 10 f of lake.mp4 after the cut, which has 650 f, and 10 f of short.mp4 before "
        "it, which has 3 f; make it 7 f or shorter, or trim the clips back from the cut "
        "to free some of their media")
    film.run("transition.add", **{"from": film.ids("V1")[1], "to": tail}, duration="7f")


def test_without_any_handle_it_says_what_makes_some(film: Film) -> None:
    whole = film.shot("whole.mp4", 50)
    one, two = film.run("clip.append", asset=whole)["clip"], film.run("clip.append", asset=whole)["clip"]
    with pytest.raises(CommandError, match=r"which has 0 f; trim the clips back from the cut"):
        film.run("transition.add", **{"from": one, "to": two}, duration="2f")


def test_a_title_has_handles_without_limit_but_its_length(film: Film) -> None:
    one = film.run("title.add", text="One", at="300f", duration="10f", track="V1")["clip"]
    two = film.run("title.add", text="Two", at="310f", duration="10f", track="V1")["clip"]
    film.run("transition.add", **{"from": one, "to": two}, duration="20f")
    film.run("edit.undo")
    with pytest.raises(CommandError, match=r"would cover 11 f of One, of which 10 f are free"):
        film.run("transition.add", **{"from": one, "to": two}, duration="22f")


def test_neighbouring_transitions_share_the_clip_between_them(film: Film) -> None:
    first, second = film.ids("V1")
    third = film.append(film.asset(film.clip(first).asset).id, 500, 50)[0]
    film.run("transition.add", **{"from": first, "to": second}, duration="60f")
    with pytest.raises(CommandError, match=r"would cover 25 f of lake.mp4, of which 20 f are free; make it 41 f or shorter"):
        film.run("transition.add", **{"from": second, "to": third}, duration="50f")
    film.run("transition.add", **{"from": second, "to": third}, duration="41f")


def test_transitions_need_a_cut_and_only_one_each(film: Film) -> None:
    first, second = film.ids("V1")
    with pytest.raises(CommandError, match=r"do not touch"):
        film.run("transition.add", **{"from": second, "to": first}, duration="10f")
    film.run("transition.add", **{"from": first, "to": second}, duration="10f")
    with pytest.raises(CommandError, match=r"already a transition between"):
        film.run("transition.add", **{"from": first, "to": second}, duration="10f")
    with pytest.raises(CommandError, match=r"kind"):
        film.run("transition.add", **{"from": first, "to": second}, duration="10f", kind="wipe")


def test_sound_can_cross_fade(film: Film) -> None:
    first, second = film.ids("A1")
    film.run("transition.add", **{"from": first, "to": second}, duration="12f")
    assert film.view.of_kind(Transition)[0].track == film.track("A1").id


# --- tracks


def test_new_tracks_go_on_top_or_at_the_bottom_or_where_it_is_said(film: Film) -> None:
    top = film.run("track.add", kind="video", name="Titles")["track"]
    assert film.track("V2").id == top
    low = film.run("track.add", kind="video", index=0)["track"]
    assert film.track("V1").id == low
    assert film.label() == "Add track V1"
    sound = film.run("track.add", kind="audio")["track"]
    assert film.track("A2").id == sound


def test_tracks_are_found_by_id_label_and_name(film: Film) -> None:
    made = film.run("track.add", kind="video", name="Titles")["track"]
    for name in (made, "V2", "v2", "Titles"):
        assert film.run("title.add", text="Hi", at=f"{len(film.lane('V2'))}s", duration="1s", track=name)
    assert len(film.lane("V2")) == 4


def test_switches_of_tracks_are_set_and_named_in_history(film: Film) -> None:
    for args, label in (({"muted": True}, "Mute A1"), ({"muted": False}, "Unmute A1"), ({"solo": True}, "Solo A1"),
                        ({"locked": True}, "Lock A1"), ({"gain_db": -3}, "Level of A1 -3 dB"), ({"name": "Voice"}, "Rename A1 to Voice"),
                        ({"muted": True, "solo": False}, "Set A1 (Voice)")):
        film.run("track.set", track="A1", **args)
        assert film.label() == label
    with pytest.raises(CommandError, match=r"V1 is video; gain_db is for audio tracks"):
        film.run("track.set", track="V1", gain_db=1)
    with pytest.raises(CommandError, match=r"say what to set"):
        film.run("track.set", track="V1")


@pytest.mark.parametrize(("command", "args", "says"), [
    ("title.add", {"text": "x", "at": 0, "duration": "1s", "style": {"align": "justify"}}, "`style.align` wants center or left or right"),
    ("title.add", {"text": "x", "at": 0, "duration": "-1s"}, "duration: '-1s' is less than nothing"),
    ("marker.add", {"at": "-1s"}, "at: '-1s' is before the start"),
    ("track.add", {"kind": "film"}, "`kind` wants audio or caption or video"),
    ("timeline.set", {}, "timeline.set: say what to set"),
])
def test_refusals_say_what_would_do(film: Film, command: str, args: dict[str, Any], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        film.run(command, **args)


@pytest.mark.parametrize(("value", "written"), [(None, "null"), (True, "true"), (float("nan"), "NaN"), ("1", '"1"')])
def test_a_refused_value_is_named_as_json_writes_it(film: Film, value: Any, written: str) -> None:
    with pytest.raises(CommandError, match=f"; {written} is not$"):
        film.run("clip.set", clip=film.ids("V1")[0], property="opacity", value=value)


def test_tracks_change_places(film: Film) -> None:
    film.run("track.add", kind="video", name="B")
    film.run("track.add", kind="video", name="C")
    film.run("track.move", track="C", index=0)
    assert [t.name for t in film.view.tracks("video")] == ["C", "", "B"]
    assert film.label() == "Move track V3 (C) to V1"
    film.run("track.move", track="C", index=99)
    assert [t.name for t in film.view.tracks("video")] == ["", "B", "C"]


def test_a_track_goes_with_its_clips_and_comes_back(film: Film) -> None:
    film.run("track.remove", track="V1")
    assert film.label() == "Remove track V1 with 2 clips"
    assert film.labels() == ["A1"]
    assert {film.clip(i).link for i in film.ids("A1")} == {""}
    film.run("edit.undo")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100)]
    film.run("track.set", track="V1", locked=True)
    with pytest.raises(CommandError, match=r"V1 is locked"):
        film.run("track.remove", track="V1")


def test_without_any_track_one_is_made() -> None:
    film = Film()
    for label in ("V1", "A1"):
        film.run("track.remove", track=label)
    film.append(film.shot())
    assert film.labels() == ["V1", "A1"]


# --- markers, timeline, project, assets


def test_markers_are_added_changed_and_removed(film: Film) -> None:
    made = film.run("marker.add", at="1s", duration="2s", text="Look", color="red")["marker"]
    marker = film.view.get(Marker, made)
    assert (marker.start, marker.duration, marker.text, marker.color) == (25 * film.f, 50 * film.f, "Look", "red")
    film.run("marker.set", marker=made, at="2s", text="There")
    assert (film.view.get(Marker, made).start, film.view.get(Marker, made).text) == (50 * film.f, "There")
    film.run("marker.remove", marker=made)
    assert film.label() == "Remove marker There"
    with pytest.raises(CommandError, match=r"no marker"):
        film.run("marker.remove", marker=made)


def test_the_timeline_takes_sizes_and_rates(film: Film) -> None:
    film.run("timeline.set", width=1280, height=720, audio_rate=44100)
    line = film.view.timeline
    assert (line.width, line.height, line.audio_rate, line.rate) == (1280, 720, 44100, Rate(25))
    assert film.label() == "Timeline 1280×720, 44100 Hz"
    with pytest.raises(CommandError, match=r"width: 1281 is odd"):
        film.run("timeline.set", width=1281)
    with pytest.raises(CommandError, match=r"not a frame rate"):
        film.run("timeline.set", rate="fast")
    film.run("timeline.rename", name="Short")
    film.run("project.rename", name="Lake")
    assert (film.view.timeline.name, film.view.project.name) == ("Short", "Lake")


def test_an_empty_timeline_and_empty_tracks_take_another_rate() -> None:
    film = Film()
    assert film.run("timeline.set", rate="24000/1001").get("notice", "") == "" and film.view.timeline.rate == Rate(24000, 1001)


@pytest.mark.parametrize("rate", ["30000/1001", "24", 60, 50, "23.976"])
def test_another_rate_puts_pictures_on_its_frames_and_keeps_cuts_and_sync(film: Film, rate: str | int) -> None:
    film.run("transition.add", **{"from": film.ids("V1")[0], "to": film.ids("V1")[1]}, duration="10f")
    film.run("title.add", text="Hi", at="11f", duration="1f")
    film.run("title.add", text="Ho", at="12f", duration="1f", track="V2")
    film.run("timeline.set", rate=rate)
    frame = film.view.timeline.rate.ticks_per_frame
    for track in film.view.tracks():
        for clip in film.view.clips_on(track.id):
            assert clip.start % frame == clip.end % frame == 0
    assert [c.range for c in film.view.clips_on(film.track("V1").id)] == [c.range for c in film.view.clips_on(film.track("A1").id)]
    assert len(film.view.of_kind(Transition)) == 1
    film.run("edit.undo")
    assert film.lane("V2") == [(11, 12), (12, 13)]


@pytest.mark.parametrize("there", ["24000/1001", "24", "60", "30000/1001"])
def test_a_rate_and_back_again_costs_no_frame_and_a_clip_whose_media_end_before_the_frame_is_told(film: Film, there: str) -> None:
    """lake.mp4 and what is appended use all their media, to the last frame."""
    made = [film.run("clip.append", asset=film.shot(f"shot {n}.mp4", n))["clip"] for n in (250, 249, 101)]
    before = {one.id: (one.start, one.source_range) for track in film.view.tracks() for one in film.view.clips_on(track.id)}
    told = film.run("timeline.set", rate=there)["notice"]
    rate = film.view.timeline.rate
    lost = sum(film.clip(one).end < round_to_frame(before[one][0] + before[one][1].duration, rate) for one in made)
    assert f"; {lost} of them end" in told if lost else ";" not in told.split(". Undo")[0], told
    assert bool(told) == any((film.clip(one).start, film.clip(one).end) != (before[one][0], before[one][0] + before[one][1].duration)
                             for one in film.ids("V1"))
    assert lost or there not in ("24000/1001", "30000/1001")
    back = film.run("timeline.set", rate="25")["notice"]
    after = {one.id: (one.start, one.source_range) for track in film.view.tracks() for one in film.view.clips_on(track.id)}
    assert after == before and bool(back) == bool(told)


def test_the_same_media_is_taken_in_once(film: Film) -> None:
    assert film.shot("sea.mp4", 99) == film.shot("sea.mp4", 99)
    assert len(film.view.of_kind(type(film.asset(film.shot("sea.mp4", 99))))) == 2


def test_media_in_use_stays_unless_its_clips_go_too(film: Film) -> None:
    lake = film.clip(film.ids("V1")[0]).asset
    with pytest.raises(CommandError, match=r"lake.mp4 is used by 4 clips; remove them first"):
        film.run("asset.remove", asset=lake)
    film.run("asset.remove", asset=lake, clips=True)
    assert film.lane("V1") == film.lane("A1") == []
    film.run("edit.undo")
    assert film.lane("V1") == [(0, 50), (50, 100)]


def test_assets_are_renamed_and_annotated(film: Film) -> None:
    lake = film.clip(film.ids("V1")[0]).asset
    film.run("asset.set", asset=lake, name="Lake", full_hash="abc", warnings=["variable frame rate"])
    assert (film.asset(lake).name, film.asset(lake).full_hash, film.asset(lake).warnings) == ("Lake", "abc", ("variable frame rate",))
    with pytest.raises(CommandError, match=r"say what to set"):
        film.run("asset.set", asset=lake)


def test_a_solid_takes_another_colour_and_its_own_name_follows(film: Film) -> None:
    clip = film.run("solid.add", color="#112233", at=0, duration="2s")["clip"]
    film.run("clip.set", clip=clip, property="color", value="#445566")
    assert (film.clip(clip).color, film.clip(clip).name) == ("#445566", "Solid #445566")
    with pytest.raises(CommandError, match="belongs to solids and titles"):
        film.run("clip.set", clip=film.ids("V1")[0], property="color", value="#445566")


@pytest.mark.parametrize(("written", "stored"), [
    ("#f00", "#ff0000"), ("#F008", "#FF000088"), ("#12ab9F", "#12ab9F"), ("#12ab9F80", "#12ab9F80"), ("red", "#FF0000"),
    ("Dark Orange", "#FF8C00"), (" navy ", "#000080"), ("transparent", "#00000000"),
])
def test_colours_are_written_short_or_by_name_and_stored_whole(film: Film, written: str, stored: str) -> None:
    solid = film.run("solid.add", color=written, at=0, duration="1s")["clip"]
    assert (film.clip(solid).color, film.clip(solid).name) == (stored, f"Solid {stored}")
    film.run("clip.set", clip=solid, property="color", value="teal")
    film.run("clip.set", clip=solid, property="color", value=written)
    assert film.clip(solid).color == stored
    title = film.run("title.add", text="Hello", at="2s", duration="1s", style={"color": written, "stroke_color": written})["clip"]
    film.run("title.set", clip=title, style={"shadow_color": written})
    assert {film.clip(title).color, film.clip(title).stroke_color, film.clip(title).shadow_color} == {stored}
    marker = film.run("marker.add", at=0, color=written)["marker"]
    assert film.view.get(Marker, marker).color == ("red" if written == "red" else stored)


@pytest.mark.parametrize(("written", "words"), [
    ("#12345", "'#12345' is no colour; write sRGB as #RRGGBB"), ("#ggg", "is no colour; write"), ("rde", "did you mean red?"),
    ("ultra", "is no colour"), ("", "is no colour"), ("ff0000", "is no colour"),
])
def test_what_is_no_colour_is_refused_with_the_forms_there_are(film: Film, written: str, words: str) -> None:
    solid = film.run("solid.add", color="black", at=0, duration="1s")["clip"]
    for name, args in (("solid.add", {"color": written, "at": 0, "duration": "1s"}), ("marker.add", {"at": 0, "color": written}),
                       ("title.add", {"text": "x", "at": 0, "duration": "1s", "style": {"color": written}}),
                       ("clip.set", {"clip": solid, "property": "color", "value": written})):
        with pytest.raises(CommandError, match=words.replace("?", "\\?")):
            film.run(name, **args)
