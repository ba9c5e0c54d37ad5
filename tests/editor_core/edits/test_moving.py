"""Move, nudge, duplicate, paste, link, group."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.edits.duplicate import copied
from editor_core.schema import Transition
from editor_core.timeline.outline import as_json
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    """Three shots of 50 frames on V1 and A1, 0 to 150."""
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    for start in (100, 300, 500):
        made.append(lake, start, 50)
    return made


def test_a_move_takes_linked_sound_along(film: Film) -> None:
    made = film.run("clip.move", clips=[film.ids("V1")[2]], by="25f")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100), (125, 175)]
    assert set(made["clips"]) == {film.ids("V1")[2], film.ids("A1")[2]}
    assert film.label() == "Move lake.mp4, +25 f"


def test_a_move_to_a_time_puts_the_earliest_there(film: Film) -> None:
    film.run("clip.move", clips=film.ids("V1")[1:], to="10s")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (250, 300), (300, 350)]


def test_a_move_onto_another_clip_is_refused_naming_it(film: Film) -> None:
    with pytest.raises(CommandError, match=r"lake.mp4 is in the way on V1, from 00:00:02:00 to 00:00:04:00; move it, choose another track"):
        film.run("clip.move", clips=[film.ids("V1")[2]], by="-10f")


def test_a_move_can_overwrite(film: Film) -> None:
    film.run("clip.move", clips=[film.ids("V1")[2]], by="-10f", mode="overwrite")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 90), (90, 140)]
    film.run("clip.move", clips=[film.ids("V1")[2]], to="10f", mode="overwrite")
    assert film.lane("V1") == film.lane("A1") == [(0, 10), (10, 60), (60, 90)]
    assert film.sources("V1") == [100, 500, 310]


def test_a_move_can_insert(film: Film) -> None:
    film.run("clip.move", clips=[film.ids("V1")[2]], to="20f", mode="insert")
    assert film.lane("V1") == film.lane("A1") == [(0, 20), (20, 70), (70, 100), (100, 150)]
    assert film.sources("V1") == film.sources("A1") == [100, 500, 120, 300]


def test_a_move_before_the_start_is_refused_saying_how_far_it_can_go(film: Film) -> None:
    with pytest.raises(CommandError, match=r"can move 50 f to the left"):
        film.run("clip.move", clips=[film.ids("V1")[1]], by="-51f")


def test_a_move_to_another_track_leaves_sound_where_it_is_free(film: Film) -> None:
    film.run("track.add", kind="video")
    film.run("clip.move", clips=[film.ids("V1")[1]], track="V2")
    assert film.lane("V2") == [(50, 100)]
    assert len(film.lane("A1")) == 3
    film.run("clip.move", clips=film.ids("V2"), by="25f")
    assert film.lane("A1") == [(0, 50), (100, 150)]
    assert film.lane("A2") == [(75, 125)]
    assert film.clip(film.ids("V2")[0]).link == film.clip(film.ids("A2")[0]).link


def test_a_move_past_the_last_track_makes_one(film: Film) -> None:
    film.run("clip.move", clips=[film.ids("V1")[1]], track="new")
    assert film.labels() == ["V1", "V2", "A1"]
    assert film.label() == "Move lake.mp4 to V2"
    film.run("clip.move", clips=[film.ids("A1")[0]], track="new", linked=False)
    assert film.lane("A2") == [(0, 50)]


def test_clips_of_several_tracks_keep_their_distance_in_tracks(film: Film) -> None:
    title = film.run("title.add", text="Hi", at="60f", duration="20f")["clip"]
    film.run("clip.move", clips=[film.ids("V1")[1], title], track="V2")
    assert (film.lane("V2"), film.lane("V3")) == ([(50, 100)], [(60, 80)])
    with pytest.raises(CommandError, match=r"cannot go beyond V1"):
        film.run("clip.move", clips=[title, film.ids("V2")[0]], track="V1")


def test_a_move_to_a_track_of_another_kind_is_refused(film: Film) -> None:
    with pytest.raises(CommandError, match=r"None of these clips can lie on A1, which is for audio"):
        film.run("clip.move", clips=[film.ids("V1")[0]], track="A1")


@pytest.mark.parametrize("track", ["V1", "A1", "V2"])
def test_nothing_moves_from_or_onto_locked_tracks(film: Film, track: str) -> None:
    film.run("track.add", kind="video")
    film.run("track.set", track=track, locked=True)
    with pytest.raises(CommandError, match=f"{track}.* is locked; unlock it first"):
        film.run("clip.move", clips=[film.ids("V1")[2]], by="50f", track="V2")


def test_a_move_says_what_it_wants_to_be_told(film: Film) -> None:
    clip = film.ids("V1")[2]
    with pytest.raises(CommandError, match=r"say `by`, `to` or `track`"):
        film.run("clip.move", clips=[clip])
    with pytest.raises(CommandError, match=r"not both"):
        film.run("clip.move", clips=[clip], by=0, to=0)


def test_pictures_land_on_frames_and_sound_alone_anywhere(film: Film) -> None:
    picture, sound = film.ids("V1")[2], film.ids("A1")[2]
    film.run("clip.move", clips=[picture], by=int(10.4 * film.f))
    assert film.frames(film.clip(picture).start) == 110
    film.run("clip.unlink", clips=[sound])
    film.run("clip.move", clips=[sound], by=12_345)
    assert film.clip(sound).start == 110 * film.f + 12_345


def test_a_transition_moves_with_both_its_clips(film: Film) -> None:
    first, second, _ = film.ids("V1")
    made = film.run("transition.add", **{"from": first, "to": second}, duration="10f")["transition"]
    film.run("track.add", kind="video")
    film.run("clip.move", clips=[first, second], to="10s", track="V2")
    assert film.view.get(Transition, made).track == film.track("V2").id
    film.run("clip.move", clips=[first], to="20s")
    assert film.view.find(Transition, made) is None


def test_a_nudge_goes_over_what_is_there(film: Film) -> None:
    film.run("clip.nudge", clips=[film.ids("V1")[1]])
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (51, 101), (101, 150)]
    film.run("clip.nudge", clips=[film.ids("V1")[1]], frames=-5)
    assert film.lane("V1") == [(0, 46), (46, 96), (101, 150)]
    assert film.label() == "Nudge lake.mp4, −5 f"


def test_duplicates_go_to_the_first_free_place_behind_and_are_linked_among_themselves(film: Film) -> None:
    made = film.run("clip.duplicate", clips=[film.ids("V1")[0]])
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100), (100, 150), (150, 200)]
    links = {film.clip(i).link for i in made["clips"]}
    assert len(links) == 1
    assert links.isdisjoint({film.clip(i).link for i in film.ids("V1")[:3]})


def test_duplicates_keep_looks_transitions_and_groups(film: Film) -> None:
    first, second, _ = film.ids("V1")
    film.run("clip.set", clip=first, properties={"opacity": 0.5, "scale": 0.5})
    film.run("transition.add", **{"from": first, "to": second}, duration="10f")
    film.run("clip.group", clips=[first, second])
    made = film.run("clip.duplicate", clips=[first, second], at="20s")["clips"]
    assert film.lane("V1")[3:] == film.lane("A1")[3:] == [(500, 550), (550, 600)]
    assert film.clip(made[0]).opacity == 0.5
    assert film.clip(made[0]).group == film.clip(made[1]).group != film.clip(first).group
    assert [t.from_clip for t in film.view.of_kind(Transition)] == [first, made[0]]


@pytest.mark.parametrize(("mode", "lane"), [
    ("overwrite", [(0, 20), (20, 70), (70, 100), (100, 150)]), ("insert", [(0, 20), (20, 70), (70, 100), (100, 150), (150, 200)]),
])
def test_duplicates_overwrite_or_insert(film: Film, mode: str, lane: list[tuple[int, int]]) -> None:
    film.run("clip.duplicate", clips=[film.ids("V1")[2]], at="20f", mode=mode)
    assert film.lane("V1") == film.lane("A1") == lane


def test_a_duplicate_onto_others_is_refused(film: Film) -> None:
    with pytest.raises(CommandError, match=r"in the way on V1"):
        film.run("clip.duplicate", clips=[film.ids("V1")[2]], at="20f")


def test_a_duplicate_can_go_to_a_new_track(film: Film) -> None:
    film.run("clip.duplicate", clips=[film.ids("V1")[2]], at="110f", track="new", mode="overwrite", linked=False)
    assert film.lane("V2") == [(110, 160)]


def test_what_is_copied_can_be_pasted_after_its_original_is_gone(film: Film) -> None:
    clips = [film.clip(i) for i in (film.ids("V1")[1], film.ids("A1")[1])]
    plain = copied(film.view, clips)
    film.run("clip.lift", clips=[clips[0].id])
    made = film.run("clip.paste", clips=plain, at="10s")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (100, 150), (250, 300)]
    assert film.clip(made["clip"]).link == film.clip(made["clips"][1]).link != ""


def test_clips_from_the_json_outline_can_be_pasted(film: Film) -> None:
    clip = as_json(film.view)["tracks"][0]["clips"][1]
    film.run("clip.paste", clips=[clip], at="120f")
    assert film.lane("V1") == [(0, 50), (50, 100), (100, 120), (120, 170)]
    assert film.clip(film.ids("V1")[3]).link == ""


def test_a_paste_inserts_when_asked_and_goes_to_another_track(film: Film) -> None:
    plain = copied(film.view, [film.clip(film.ids("V1")[1])])
    film.run("clip.paste", clips=plain, at="20f", mode="insert")
    assert film.lane("V1")[:3] == [(0, 20), (20, 70), (70, 100)]
    film.run("track.add", kind="video")
    film.run("clip.paste", clips=plain, at="20f", track="V2")
    assert film.lane("V2") == [(20, 70)]


def test_a_paste_whose_track_is_gone_goes_to_the_first(film: Film) -> None:
    title = film.run("title.add", text="Hi", at="60f", duration="20f")["clip"]
    plain = copied(film.view, [film.clip(title)])
    film.run("track.remove", track="V2")
    film.run("clip.paste", clips=plain, at="10s")
    assert film.lane("V1")[-1] == (250, 270)


@pytest.mark.parametrize(("plain", "words"), [
    ({"kind": "video"}, "not a clip"), ({"kind": "video", "start": 0, "source_range": [0, 1], "asset": "m99"}, "media that is not in this"),
    ({"kind": "title", "start": 0, "source_range": [0, 1], "opacity": 7}, "not a clip"),
])
def test_what_cannot_be_pasted_is_refused(film: Film, plain: dict[str, object], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        film.run("clip.paste", clips=[plain], at=0)


def test_unlinked_clips_move_alone_and_linked_again_together(film: Film) -> None:
    picture, sound = film.ids("V1")[2], film.ids("A1")[2]
    film.run("clip.unlink", clips=[picture])
    film.run("clip.move", clips=[picture], by="10f")
    assert (film.lane("V1")[2], film.lane("A1")[2]) == ((110, 160), (100, 150))
    film.run("clip.link", clips=[picture, sound])
    film.run("clip.move", clips=[sound], by="10f")
    assert (film.lane("V1")[2], film.lane("A1")[2]) == ((120, 170), (110, 160))
    assert film.label() == "Move lake.mp4, +10 f"


def test_linking_needs_two_and_unlinking_something_linked(film: Film) -> None:
    with pytest.raises(CommandError, match=r"two clips or more"):
        film.run("clip.link", clips=[film.ids("V1")[0]])
    film.run("clip.unlink", clips=[film.ids("V1")[0]])
    with pytest.raises(CommandError, match=r"None of these clips is linked"):
        film.run("clip.unlink", clips=[film.ids("V1")[0]])


def test_groups_are_made_and_taken_apart(film: Film) -> None:
    ids = film.ids("V1")
    film.run("clip.group", clips=ids[:2])
    assert film.clip(ids[0]).group == film.clip(ids[1]).group != ""
    film.run("clip.ungroup", clips=ids[:1])
    assert film.clip(ids[1]).group == ""
    with pytest.raises(CommandError, match=r"in a group"):
        film.run("clip.ungroup", clips=ids)
    with pytest.raises(CommandError, match=r"two clips or more"):
        film.run("clip.group", clips=ids[:1])


def test_two_linked_sounds_that_need_a_new_track_do_not_land_on_one_another(film: Film) -> None:
    lake = film.shot("sea.mp4", 200)
    a = film.run("clip.overwrite", asset=lake, at="400f", source_duration="50f")
    film.run("track.add", kind="video")
    b = film.run("clip.overwrite", asset=lake, at="410f", source_duration="30f", track="V2")
    film.run("clip.overwrite", asset=film.shot("m.wav", 300, picture=False), at="500f", track="A1")
    film.run("clip.overwrite", asset=film.shot("n.wav", 300, picture=False), at="500f", track="A2")
    film.run("clip.move", clips=[a["clip"], b["clip"]], by="200f")
    assert (film.lane("A3"), film.lane("A4")) == ([(600, 650)], [(610, 640)])
