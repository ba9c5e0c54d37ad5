"""Roll, slip, slide, replace."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.schema import Transition
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    """Three shots of 50 frames on V1 and A1, with handles of 100 frames and more."""
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    for start in (100, 300, 500):
        made.append(lake, start, 50)
    return made


def test_a_roll_moves_the_cut_of_picture_and_sound(film: Film) -> None:
    film.run("clip.roll", clip=film.ids("V1")[1], edge="head", to="40f")
    assert film.lane("V1") == film.lane("A1") == [(0, 40), (40, 100), (100, 150)]
    assert film.sources("V1") == [100, 290, 500]
    film.run("clip.roll", clip=film.ids("V1")[1], edge="tail", to="120f")
    assert film.lane("V1") == film.lane("A1") == [(0, 40), (40, 120), (120, 150)]
    assert film.label() == "Roll cut at lake.mp4, +20 f"


def test_a_roll_keeps_the_transition_on_the_cut(film: Film) -> None:
    first, second, _ = film.ids("V1")
    made = film.run("transition.add", **{"from": first, "to": second}, duration="10f")["transition"]
    film.run("clip.roll", clip=second, edge="head", to="40f")
    assert film.view.get(Transition, made).duration == 10 * film.f
    film.run("clip.roll", clip=second, edge="head", to="3f")
    assert film.view.get(Transition, made).duration == 7 * film.f


def test_a_roll_without_a_cut_is_refused(film: Film) -> None:
    with pytest.raises(CommandError, match=r"No clip touches the head of lake.mp4"):
        film.run("clip.roll", clip=film.ids("V1")[0], edge="head", to="10f")


def test_a_roll_stops_at_media_and_at_the_last_frame(film: Film) -> None:
    short = film.shot("short.mp4", 60)
    film.append(short, 5, 50)
    clip = film.ids("V1")[3]
    with pytest.raises(CommandError, match=r"short.mp4 has only 5 f before the start"):
        film.run("clip.roll", clip=clip, edge="head", to="144f")
    with pytest.raises(CommandError, match=r"nothing left"):
        film.run("clip.roll", clip=clip, edge="head", to="200f")


def test_clips_change_places_with_what_lies_between_staying_between(film: Film) -> None:
    first, second, third = film.ids("V1")
    film.run("clip.trim", clip=third, edge="tail", to="120f")
    film.run("clip.swap", clip=third, **{"with": first})
    assert film.ids("V1") == [third, second, first]
    assert film.lane("V1") == film.lane("A1") == [(0, 20), (20, 70), (70, 120)]
    assert film.sources("V1") == film.sources("A1") == [500, 300, 100]
    assert film.label() == "Swap lake.mp4 and lake.mp4"
    film.run("edit.undo")
    assert film.ids("V1") == [first, second, third] and film.lane("V1") == [(0, 50), (50, 100), (100, 120)]
    film.run("clip.swap", clip=first, linked=False, **{"with": second})
    assert film.ids("V1")[:2] == [second, first] and film.sources("A1")[0] == 100


def test_clips_on_two_tracks_change_places_when_there_is_room(film: Film) -> None:
    second = film.ids("V1")[1]
    title = film.run("title.add", text="Lake", at="70f", duration="30f")["clip"]
    film.run("clip.swap", clip=title, **{"with": second})
    assert film.lane("V1") == [(0, 50), (50, 80), (100, 150)] and film.lane("V2") == [(70, 120)]
    assert film.lane("A1") == [(0, 50), (100, 150)] and film.lane("A2") == [(70, 120)]  # no room beside the third shot's sound


def test_a_swap_that_has_no_room_or_no_meaning_is_refused_in_words(film: Film) -> None:
    first, second, _ = film.ids("V1")
    title = film.run("title.add", text="Lake", at="20f", duration="80f")["clip"]
    with pytest.raises(CommandError, match=r"is in the way|lie over each other"):
        film.run("clip.swap", clip=title, **{"with": first})
    with pytest.raises(CommandError, match=r"itself"):
        film.run("clip.swap", clip=title, **{"with": title})
    with pytest.raises(CommandError, match=r"different kinds of tracks"):
        film.run("clip.swap", clip=title, **{"with": film.ids("A1")[1]})
    film.run("track.set", track="A1", locked=True)
    with pytest.raises(CommandError, match=r"A1, which is locked"):
        film.run("clip.swap", clip=second, **{"with": first})


def test_a_slip_shows_another_part_in_the_same_place(film: Film) -> None:
    film.run("clip.slip", clips=[film.ids("V1")[1]], by="7f")
    assert film.lane("V1") == [(0, 50), (50, 100), (100, 150)]
    assert film.sources("V1") == film.sources("A1") == [100, 307, 500]
    film.run("clip.slip", clips=film.ids("V1")[:2], by="-100f")
    assert film.sources("V1") == [0, 207, 500]


def test_a_slip_beyond_the_media_says_what_there_is(film: Film) -> None:
    with pytest.raises(CommandError, match=r"has 100 f of media before it and 850 f after it"):
        film.run("clip.slip", clips=[film.ids("V1")[0]], by="-101f")


def test_titles_have_nothing_to_slip(film: Film) -> None:
    title = film.run("title.add", text="Hi", at=0, duration="2s")["clip"]
    with pytest.raises(CommandError, match=r"Hi is a title and looks the same"):
        film.run("clip.slip", clips=[title], by="1f")


def test_a_slide_takes_from_one_neighbour_and_gives_to_the_other(film: Film) -> None:
    film.run("clip.slide", clip=film.ids("V1")[1], by="20f")
    assert film.lane("V1") == film.lane("A1") == [(0, 70), (70, 120), (120, 150)]
    assert film.sources("V1") == [100, 300, 520]
    film.run("clip.slide", clip=film.ids("V1")[1], by="-40f")
    assert film.lane("V1") == film.lane("A1") == [(0, 30), (30, 80), (80, 150)]


def test_a_slide_at_the_end_moves_into_the_free_space(film: Film) -> None:
    film.run("clip.slide", clip=film.ids("V1")[2], by="20f")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 120), (120, 170)]


@pytest.mark.parametrize("by", ["50f", "-50f"])
def test_a_slide_over_a_whole_neighbour_is_refused(film: Film, by: str) -> None:
    with pytest.raises(CommandError, match=r"nothing left"):
        film.run("clip.slide", clip=film.ids("V1")[1], by=by)


def test_a_slide_before_the_start_is_refused(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[0]])
    with pytest.raises(CommandError, match=r"before the timeline"):
        film.run("clip.slide", clip=film.ids("V1")[0], by="-51f")


def test_replacing_media_keeps_place_and_looks_and_brings_its_sound(film: Film) -> None:
    clip = film.ids("V1")[1]
    film.run("clip.set", clip=clip, property="opacity", value=0.5)
    sea = film.shot("sea.mp4", 200)
    film.run("clip.replace", clip=clip, asset=sea, source_start="30f")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100), (100, 150)]
    assert film.sources("V1") == film.sources("A1") == [100, 30, 500]
    assert (film.clip(clip).asset, film.clip(clip).opacity, film.clip(clip).name) == (sea, 0.5, "sea.mp4")
    assert film.label() == "Replace lake.mp4 with sea.mp4"


def test_replacing_by_silent_media_takes_the_sound_away_and_back(film: Film) -> None:
    clip = film.ids("V1")[1]
    film.run("clip.replace", clip=clip, asset=film.shot("mute.mp4", 200, sound=False))
    assert film.lane("A1") == [(0, 50), (100, 150)]
    film.run("clip.replace", clip=clip, asset=film.shot("sea.mp4", 200))
    assert film.lane("A1") == [(0, 50), (50, 100), (100, 150)]
    assert film.clip(clip).link == film.clip(film.ids("A1")[1]).link != ""


def test_media_that_is_too_short_to_replace_with_is_refused(film: Film) -> None:
    with pytest.raises(CommandError, match=r"short.mp4 has 00:00:01:15 .* and lake.mp4 is 00:00:02:00"):
        film.run("clip.replace", clip=film.ids("V1")[1], asset=film.shot("short.mp4", 40))
