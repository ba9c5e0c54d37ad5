"""Split, trim, lift, extract, closing gaps, ranges."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.schema import Marker, Ripple, Transition
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    """Three shots of 50 frames from the middle of one film: V1 and A1, 0 to 150."""
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    for start in (100, 300, 500):
        made.append(lake, start, 50)
    return made


# --- split


def test_a_split_keeps_both_halves_linked(film: Film) -> None:
    made = film.run("clip.split", at="70f")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 70), (70, 100), (100, 150)]
    assert film.sources("V1") == film.sources("A1") == [100, 300, 320, 500]
    assert set(made["clips"]) == {film.ids("V1")[2], film.ids("A1")[2]}
    assert made["clip"] in made["clips"]
    links = [[film.clip(i).link for i in film.ids(label)] for label in ("V1", "A1")]
    assert links[0] == links[1]
    assert len(set(links[0])) == 4
    assert film.label() == "Split lake.mp4 at 00:00:02:20"


def test_a_split_of_named_clips_takes_their_linked_ones_along(film: Film) -> None:
    film.run("title.add", text="Hi", at="40f", duration="80f")
    film.run("clip.split", at="70f", clips=[film.ids("A1")[1]])
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 70), (70, 100), (100, 150)]
    assert film.lane("V2") == [(40, 120)]


def test_a_split_of_one_part_leaves_the_other_whole_and_linked_to_both_halves(film: Film) -> None:
    film.run("clip.split", at="70f", clips=[film.ids("V1")[1]], linked=False)
    assert film.lane("A1") == [(0, 50), (50, 100), (100, 150)]
    sound = film.clip(film.ids("A1")[1])
    assert {clip.id for clip in film.view.linked(sound)} == {sound.id, *film.ids("V1")[1:3]}


def test_a_split_where_there_is_nothing_is_refused(film: Film) -> None:
    with pytest.raises(CommandError, match=r"no clip to cut at 00:00:08:00"):
        film.run("clip.split", at="8s")
    with pytest.raises(CommandError, match=r"no clip to cut at 00:00:02:00"):
        film.run("clip.split", at="50f")
    with pytest.raises(CommandError, match=r"lake.mp4 has no frame to cut at 00:00:01:00; it lies from 00:00:02:00 to 00:00:04:00"):
        film.run("clip.split", at="25f", clips=[film.ids("V1")[1]])


def test_locked_tracks_are_not_split_and_named_clips_on_them_refused(film: Film) -> None:
    film.run("track.set", track="A1", locked=True)
    film.run("clip.split", at="70f")
    assert len(film.ids("A1")) == 3
    with pytest.raises(CommandError, match=r"lies on A1, which is locked; unlock it first"):
        film.run("clip.split", at="20f", clips=[film.ids("V1")[0]])


def test_fades_stay_at_the_outer_ends(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, properties={"fade_in": "10f", "fade_out": "30f"})
    right = film.run("clip.split", at="30f", clips=[clip], linked=False)["clip"]
    assert (film.clip(clip).fade_in, film.clip(clip).fade_out) == (10 * film.f, 0)
    assert (film.clip(right).fade_in, film.clip(right).fade_out) == (0, 20 * film.f)


def test_a_transition_stays_at_the_cut_it_was_on(film: Film) -> None:
    first, second, third = film.ids("V1")
    one = film.run("transition.add", **{"from": first, "to": second}, duration="10f")["transition"]
    two = film.run("transition.add", **{"from": second, "to": third}, duration="10f")["transition"]
    right = film.run("clip.split", at="75f", clips=[second])["clip"]
    assert film.view.get(Transition, one).to_clip == second
    assert film.view.get(Transition, two).from_clip == right


def test_a_split_close_to_a_transition_shortens_it(film: Film) -> None:
    first, second, _ = film.ids("V1")
    made = film.run("transition.add", **{"from": first, "to": second}, duration="20f")["transition"]
    film.run("clip.split", at="54f", clips=[second])
    assert film.view.get(Transition, made).duration == 8 * film.f


def test_sound_alone_is_split_anywhere(film: Film) -> None:
    film.run("clip.unlink", clips=[film.ids("A1")[0]])
    film.run("clip.split", at=12_345_679, clips=[film.ids("A1")[0]])
    assert film.clip(film.ids("A1")[1]).start == 12_345_679


# --- trim


def test_a_trim_moves_the_edge_and_keeps_what_is_seen_in_its_place(film: Film) -> None:
    clip = film.ids("V1")[1]
    film.run("clip.trim", clip=clip, edge="head", to="60f")
    film.run("clip.trim", clip=clip, edge="tail", to="90f")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (60, 90), (100, 150)]
    assert film.sources("V1") == film.sources("A1") == [100, 310, 500]
    assert film.label() == "Trim lake.mp4, −10 f"


def test_a_trim_takes_only_the_linked_edges_at_the_same_time(film: Film) -> None:
    picture, sound = film.ids("V1")[2], film.ids("A1")[2]
    film.run("clip.trim", clip=sound, edge="tail", to="170f", linked=False)
    film.run("clip.trim", clip=picture, edge="tail", to="140f")
    assert (film.lane("V1")[2], film.lane("A1")[2]) == ((100, 140), (100, 170))
    film.run("clip.trim", clip=picture, edge="head", to="110f")
    assert (film.lane("V1")[2], film.lane("A1")[2]) == ((110, 140), (110, 170))


def test_a_trim_onto_a_neighbour_is_refused_naming_it(film: Film) -> None:
    with pytest.raises(CommandError, match=r"lake.mp4 is in the way on V1; lake.mp4 can reach 00:00:04:00"):
        film.run("clip.trim", clip=film.ids("V1")[1], edge="tail", to="101f")


def test_a_trim_beyond_the_media_says_how_much_there_is(film: Film) -> None:
    film.run("clip.lift", clips=film.ids("V1")[:2])
    clip = film.ids("V1")[0]
    with pytest.raises(CommandError, match=r"lake.mp4 has only 450 f after the end of lake.mp4"):
        film.run("clip.trim", clip=clip, edge="tail", to="601f")
    film.run("clip.trim", clip=clip, edge="tail", to="600f")
    with pytest.raises(CommandError, match=r"lake.mp4 ends where its media ends: there is nothing after it to show"):
        film.run("clip.trim", clip=clip, edge="tail", to="601f")
    short = film.shot("short.mp4", 20)
    film.append(short, 5, 10)
    with pytest.raises(CommandError, match=r"short.mp4 has only 5 f before the start"):
        film.run("clip.trim", clip=film.ids("V1")[1], edge="head", to="594f", ripple=True)


def test_a_trim_to_nothing_is_refused(film: Film) -> None:
    with pytest.raises(CommandError, match=r"would have nothing left; it is 50 f long. Lift it"):
        film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to=0)
    film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to="1f")
    assert film.lane("V1")[0] == (0, 1)


def test_titles_and_stills_have_no_end(film: Film) -> None:
    title = film.run("title.add", text="Hi", at="40f", duration="10f")["clip"]
    film.run("clip.trim", clip=title, edge="head", to=0)
    film.run("clip.trim", clip=title, edge="tail", to="9000f")
    assert film.lane("V2") == [(0, 9000)]
    card = film.run("clip.overwrite", asset=film.still(), at="9500f", track="V2")["clip"]
    film.run("clip.trim", clip=card, edge="head", to="9100f")
    assert film.lane("V2")[1] == (9100, 9625)
    assert film.sources("V2")[1] == 0


def test_a_trim_shortens_fades_that_no_longer_fit(film: Film) -> None:
    clip = film.ids("V1")[0]
    film.run("clip.set", clip=clip, properties={"fade_in": "20f", "fade_out": "20f"})
    film.run("clip.trim", clip=clip, edge="tail", to="30f")
    assert (film.clip(clip).fade_in, film.clip(clip).fade_out) == (20 * film.f, 10 * film.f)


def test_a_trim_away_from_a_cut_ends_its_transition(film: Film) -> None:
    first, second, _ = film.ids("V1")
    film.run("transition.add", **{"from": first, "to": second}, duration="10f")
    film.run("clip.trim", clip=second, edge="head", to="55f")
    assert film.view.of_kind(Transition) == []
    film.run("edit.undo")
    assert len(film.view.of_kind(Transition)) == 1


def test_edges_of_pictures_go_to_frames(film: Film) -> None:
    film.run("clip.trim", clip=film.ids("V1")[2], edge="tail", to=int(140.5 * film.f))
    assert film.lane("V1")[2] == film.lane("A1")[2] == (100, 141)


# --- ripple trim


def test_a_ripple_trim_of_a_tail_moves_everything_later(film: Film) -> None:
    film.run("title.add", text="Hi", at="110f", duration="20f")
    film.run("marker.add", at="120f")
    clip = film.ids("V1")[0]
    assert film.run("clip.trim", clip=clip, edge="tail", to="40f", ripple=True) == {"held": []}
    assert film.lane("V1") == film.lane("A1") == [(0, 40), (40, 90), (90, 140)]
    assert film.lane("V2") == [(100, 120)]
    assert film.view.of_kind(Marker)[0].start == 110 * film.f
    film.run("clip.trim", clip=clip, edge="tail", to="55f", ripple=True)
    assert film.lane("V1") == film.lane("A1") == [(0, 55), (55, 105), (105, 155)]
    assert film.sources("V1") == [100, 300, 500]


def test_a_ripple_trim_of_a_head_keeps_the_start_and_moves_everything_later(film: Film) -> None:
    clip = film.ids("V1")[1]
    film.run("clip.trim", clip=clip, edge="head", to="60f", ripple=True)
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 90), (90, 140)]
    assert film.sources("V1") == film.sources("A1") == [100, 310, 500]
    film.run("clip.trim", clip=clip, edge="head", to="30f", ripple=True)
    assert film.lane("V1") == [(0, 50), (50, 110), (110, 160)]
    assert film.sources("V1") == [100, 290, 500]


def test_the_first_clips_head_can_be_drawn_out_before_the_timeline(film: Film) -> None:
    film.run("clip.trim", clip=film.ids("V1")[0], edge="head", to="-10f", ripple=True)
    assert film.lane("V1")[0] == (0, 60)
    assert film.sources("V1")[0] == 90


def test_a_ripple_writes_one_shift_and_leaves_a_ripple_record(film: Film) -> None:
    change = film.outcome("clip.trim", clip=film.ids("V1")[0], edge="tail", to="40f", ripple=True).change
    assert change is not None
    shifts = [op for op in change.operations if type(op).__name__ == "Shift"]
    assert len(shifts) == 1
    assert len(shifts[0].clips) == 4
    (ripple,) = film.view.of_kind(Ripple)
    assert (ripple.at, ripple.delta, len(ripple.tracks)) == (50 * film.f, -10 * film.f, 2)


def test_sound_that_runs_ahead_of_its_picture_goes_along(film: Film) -> None:
    first, second = film.ids("A1")[:2]
    film.run("clip.roll", clip=second, edge="head", to="40f", linked=False)
    assert film.lane("A1") == [(0, 40), (40, 100), (100, 150)]
    film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to="60f", ripple=True)
    assert film.lane("V1") == [(0, 60), (60, 110), (110, 160)]
    assert film.lane("A1") == [(0, 40), (50, 110), (110, 160)]
    with pytest.raises(CommandError, match=r"lies across the gap, so the sound of lake.mp4 at 00:00:0\d:\d\d could not stay"):
        film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to="40f", ripple=True)
    assert film.clip(first).end == 40 * film.f


def test_music_that_runs_on_stays_and_is_named(film: Film) -> None:
    music = film.shot("music.wav", 130, picture=False)
    film.run("clip.overwrite", asset=music, at=0)
    film.run("clip.overwrite", asset=music, at="130f", track="A2")
    assert film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to="40f", ripple=True) == {"held": ["A2"]}
    assert film.lane("A2") == [(0, 130), (130, 260)]


# --- lift and extract


def test_a_lift_leaves_the_gap_and_takes_linked_clips(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[1]])
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (100, 150)]
    assert film.label() == "Lift lake.mp4"


def test_a_lift_of_one_part_leaves_the_other(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[1]], linked=False)
    assert film.lane("V1") == [(0, 50), (100, 150)]
    assert len(film.lane("A1")) == 3


def test_an_extract_closes_the_gap_on_all_tracks(film: Film) -> None:
    film.run("title.add", text="Hi", at="110f", duration="20f")
    assert film.run("clip.extract", clips=[film.ids("V1")[1]]) == {"held": []}
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100)]
    assert film.sources("V1") == [100, 500]
    assert film.lane("V2") == [(60, 80)]


def test_an_extract_of_several_clips_closes_each_gap(film: Film) -> None:
    ids = film.ids("V1")
    film.run("clip.extract", clips=[ids[0], ids[2]])
    assert film.lane("V1") == film.lane("A1") == [(0, 50)]
    film.run("edit.undo")
    film.run("clip.extract", clips=ids[:2])
    assert film.lane("V1") == [(0, 50)]


def test_an_extract_keeps_gaps_that_were_there_before(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[1]])
    film.run("clip.extract", clips=[film.ids("V1")[0]])
    assert film.lane("V1") == [(50, 100)]


def test_an_extract_with_a_title_above_closes_by_the_length_of_the_shot(film: Film) -> None:
    title = film.run("title.add", text="Hi", at="60f", duration="20f")["clip"]
    film.run("clip.extract", clips=[title, film.ids("V1")[1]])
    assert film.lane("V1") == [(0, 50), (50, 100)]


def test_an_extract_holds_tracks_where_something_is_in_the_way(film: Film) -> None:
    music = film.shot("music.wav", 120, picture=False)
    film.run("clip.overwrite", asset=music, at=0)
    film.run("clip.overwrite", asset=music, at="121f", track="A2")
    assert film.run("clip.extract", clips=[film.ids("V1")[1]]) == {"held": ["A2"]}
    assert film.lane("A2") == [(0, 120), (121, 241)]
    assert film.lane("V1") == [(0, 50), (50, 100)]


def test_an_extract_that_would_part_picture_and_sound_is_refused_naming_what_is_in_the_way(film: Film) -> None:
    music = film.shot("music.wav", 120, picture=False)
    film.run("clip.overwrite", asset=music, at=0)
    film.run("clip.move", clips=[film.ids("A1")[2]], track="A2", by="20f", linked=False)
    with pytest.raises(CommandError, match=r"music.wav on A2 lies across the gap, so the sound of .* could not stay with its picture"):
        film.run("clip.extract", clips=[film.ids("V1")[1]])
    film.run("track.set", track="A2", locked=True)
    film.run("clip.extract", clips=[film.ids("V1")[1]])
    assert film.lane("A2") == [(0, 120), (120, 170)]


def test_an_extract_with_its_sound_on_a_locked_track_is_refused(film: Film) -> None:
    film.run("track.set", track="A1", locked=True)
    for command in ("clip.extract", "clip.lift"):
        with pytest.raises(CommandError, match=r"which is linked to it, lies on A1, which is locked"):
            film.run(command, clips=[film.ids("V1")[1]])


def test_a_shot_whose_sound_was_cut_elsewhere_closes_without_losing_sync(film: Film) -> None:
    film.run("clip.roll", clip=film.ids("A1")[1], edge="head", to="40f", linked=False)
    film.run("clip.roll", clip=film.ids("A1")[2], edge="head", to="90f", linked=False)
    film.run("clip.extract", clips=[film.ids("V1")[1]])
    picture, sound = film.clip(film.ids("V1")[1]), film.clip(film.ids("A1")[1])
    assert picture.start - picture.source_range.start == sound.start - sound.source_range.start
    assert film.lane("V1") == [(0, 50), (50, 100)]
    assert film.lane("A1") == [(0, 40), (40, 100)]


def test_markers_in_what_was_taken_out_go_to_the_cut(film: Film) -> None:
    for at in ("10f", "70f", "120f"):
        film.run("marker.add", at=at)
    film.run("clip.extract", clips=[film.ids("V1")[1]])
    assert sorted(marker.start // film.f for marker in film.view.of_kind(Marker)) == [10, 50, 70]


def test_a_gap_closes(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[1]])
    film.run("clip.close_gap", track="V1", at="70f")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100)]
    with pytest.raises(CommandError, match=r"no gap before a clip on V1 at 00:00:02:20"):
        film.run("clip.close_gap", track="V1", at="70f")


def test_the_gap_before_the_first_clip_closes_too(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[0]])
    film.run("clip.close_gap", track="V1", at=0)
    assert film.lane("V1") == [(0, 50), (50, 100)]


# --- ranges


def test_a_range_is_lifted_on_all_unlocked_tracks(film: Film) -> None:
    film.run("title.add", text="Hi", at="40f", duration="80f")
    film.run("range.lift", start="45f", end="60f")
    assert film.lane("V1") == film.lane("A1") == [(0, 45), (60, 100), (100, 150)]
    assert film.lane("V2") == [(40, 45), (60, 120)]


def test_a_range_can_be_lifted_on_some_tracks(film: Film) -> None:
    film.run("range.lift", start="45f", end="60f", tracks=["A1"])
    assert len(film.lane("V1")) == 3
    assert film.lane("A1") == [(0, 45), (60, 100), (100, 150)]


def test_a_range_is_extracted_and_closed(film: Film) -> None:
    film.run("range.extract", start="45f", end="60f")
    assert film.lane("V1") == film.lane("A1") == [(0, 45), (45, 85), (85, 135)]
    with pytest.raises(CommandError, match=r"no length"):
        film.run("range.extract", start="60f", end="45f")


def test_sound_that_runs_on_under_the_gap_lets_it_close_as_far_as_there_is_room(film: Film) -> None:
    """The first shot's sound goes on under a picture without sound; what comes later keeps its own sound."""
    first, middle, last = film.ids("V1")
    film.run("clip.unlink", clips=[middle])
    film.run("clip.lift", clips=[film.ids("A1")[1]], linked=False)
    film.run("clip.trim", clip=film.ids("A1")[0], edge="tail", to="80f", linked=False)
    assert (film.lane("V1"), film.lane("A1")) == ([(0, 50), (50, 100), (100, 150)], [(0, 80), (100, 150)])
    film.run("clip.extract", clips=[middle])
    assert film.lane("V1") == [(0, 50), (80, 130)] and film.lane("A1") == [(0, 80), (80, 130)], "20 of 50 frames close, and nothing parts"
    film.run("edit.undo")
    film.run("clip.trim", clip=film.ids("A1")[0], edge="tail", to="100f", linked=False)
    with pytest.raises(CommandError, match=r"lake.mp4 on A1 lies across the gap, so the sound of lake.mp4 at 00:00:04:00 could not stay"):
        film.run("clip.extract", clips=[middle])
    assert film.ids("V1") == [first, middle, last]
