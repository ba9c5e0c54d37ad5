"""Append, insert, overwrite."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.timing import Rate
from tests.support.cutting import SECOND, Film


@pytest.fixture
def film() -> Film:
    return Film()


def test_append_puts_picture_on_v1_and_linked_sound_on_a1(film: Film) -> None:
    lake = film.shot()
    made = film.run("clip.append", asset=lake)
    assert film.lane("V1") == film.lane("A1") == [(0, 250)]
    assert film.ids("V1") == [made["clip"]]
    assert film.ids("A1") == [made["linked"]]
    assert film.clip(made["clip"]).link == film.clip(made["linked"]).link != ""
    assert film.label() == "Append lake.mp4"


def test_append_goes_after_the_last_clip_of_the_track(film: Film) -> None:
    lake = film.shot()
    film.append(lake, 0, 100)
    film.append(lake, 100, 50)
    assert film.lane("V1") == film.lane("A1") == [(0, 100), (100, 150)]
    assert film.sources("V1") == film.sources("A1") == [0, 100]


def test_media_without_sound_has_no_linked_clip(film: Film) -> None:
    assert film.run("clip.append", asset=film.shot(sound=False))["linked"] is None
    assert film.lane("A1") == []


def test_sound_alone_goes_to_a1(film: Film) -> None:
    made = film.run("clip.append", asset=film.shot("music.wav", picture=False))
    assert made["linked"] is None
    assert film.ids("A1") == [made["clip"]]


def test_linked_sound_goes_to_the_first_audio_track_that_is_free_made_if_missing(film: Film) -> None:
    music, lake = film.shot("music.wav", 500, picture=False), film.shot()
    film.run("clip.append", asset=music)
    film.append(lake)
    assert film.labels() == ["V1", "A1", "A2"]
    assert film.lane("A2") == [(0, 100)]
    film.run("clip.overwrite", asset=lake, at="600f")
    assert film.lane("A1") == [(0, 500), (600, 850)]


def test_locked_audio_tracks_are_passed_over(film: Film) -> None:
    film.run("track.set", track="A1", locked=True)
    film.append(film.shot())
    assert (film.lane("A1"), film.lane("A2")) == ([], [(0, 100)])


def test_a_locked_v1_refuses_with_the_remedy(film: Film) -> None:
    film.run("track.set", track="V1", locked=True)
    with pytest.raises(CommandError, match=r"V1 is locked; unlock it, or name another track"):
        film.run("clip.append", asset=film.shot())


def test_a_film_on_an_audio_track_is_its_sound(film: Film) -> None:
    made = film.run("clip.append", asset=film.shot(), track="A1")
    assert film.clip(made["clip"]).kind == "audio"
    assert made["linked"] is None
    assert film.lane("V1") == []


@pytest.mark.parametrize(("asset", "track"), [("music", "V1"), ("mute", "A1")])
def test_media_that_lacks_what_the_track_needs_is_refused(film: Film, asset: str, track: str) -> None:
    made = film.shot("music.wav", picture=False) if asset == "music" else film.shot("mute.mp4", sound=False)
    for command in ("clip.append", "clip.insert", "clip.overwrite"):
        args = {"asset": made, "track": track} | ({"at": 0} if command != "clip.append" else {})
        with pytest.raises(CommandError, match=rf"has no (picture|sound) for {track}"):
            film.run(command, **args)


def test_a_still_lasts_five_seconds_and_any_length_that_is_asked_for(film: Film) -> None:
    card = film.still()
    film.run("clip.append", asset=card)
    film.run("clip.append", asset=card, source_duration="400s")
    assert film.lane("V1") == [(0, 125), (125, 125 + 10_000)]


def test_the_whole_media_is_rounded_down_to_frames_and_is_one_at_least(film: Film) -> None:
    odd = film.run("asset.add", name="odd.mp4", hash="odd", duration=int(100.9 * film.f),
                   video={"index": 0, "codec": "h264", "width": 16, "height": 16})["asset"]
    film.run("clip.append", asset=odd)
    tiny = film.run("asset.add", name="tiny.mp4", hash="tiny", duration=film.f // 3,
                    video={"index": 0, "codec": "h264", "width": 16, "height": 16})["asset"]
    film.run("clip.append", asset=tiny)
    assert film.lane("V1") == [(0, 100), (100, 101)]


def test_sound_that_runs_on_a_little_does_not_freeze_the_last_picture(film: Film) -> None:
    padded = film.run("asset.add", name="p.mp4", hash="p", duration=100 * film.f + 3 * film.f,
                      video={"index": 0, "codec": "h264", "width": 16, "height": 16, "duration": 100 * film.f},
                      audio=[{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}])["asset"]
    film.run("clip.append", asset=padded)
    assert film.lane("V1") == film.lane("A1") == [(0, 100)]
    podcast = film.run("asset.add", name="q.mp4", hash="q", duration=1000 * film.f,
                       video={"index": 0, "codec": "h264", "width": 16, "height": 16, "duration": 100 * film.f},
                       audio=[{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}])["asset"]
    film.run("clip.append", asset=podcast)
    assert film.lane("V1")[-1] == (100, 1100)


def test_sound_keeps_its_exact_length_and_linked_sound_follows_its_picture(film: Film) -> None:
    music = film.run("asset.add", name="m.wav", hash="m", duration=12_345_678,
                     audio=[{"index": 0, "codec": "pcm", "sample_rate": 48000, "channels": 2}])["asset"]
    clip = film.clip(film.run("clip.append", asset=music)["clip"])
    assert clip.duration == 12_345_678
    picture, sound = film.append(film.shot(), 3, 7)
    assert film.clip(picture).range == film.clip(sound).range


@pytest.mark.parametrize(("args", "words"), [
    ({"source_start": "10s"}, r"outside lake.mp4, which has 00:00:10:00 \(10.000 s\) from its start"),
    ({"source_start": "9s", "source_duration": "2s"}, r"lake.mp4 has 00:00:01:00 \(1.000 s\) from there on, and source_duration asks for"),
    ({"source_duration": "10.001s"}, r"has 00:00:10:00"),
    ({"source_duration": 0}, "more than nothing"),
    ({"source_start": "-1f"}, "source_start: '-1f' is before the start"),
    ({"source_start": "early"}, "source_start: 'early' is not a time"),
])
def test_times_that_the_media_does_not_have_are_refused_naming_what_it_has(film: Film, args: dict[str, str], words: str) -> None:
    lake = film.shot()
    with pytest.raises(CommandError, match=words):
        film.run("clip.append", asset=lake, **args)


def test_a_duration_is_rounded_half_up_but_never_beyond_the_media(film: Film) -> None:
    lake = film.shot()
    film.run("clip.append", asset=lake, source_duration=int(10.5 * film.f))
    film.run("clip.append", asset=lake, source_start=int(239.4 * film.f), source_duration=int(10.6 * film.f))
    assert [b - a for a, b in film.lane("V1")] == [11, 10]


def test_unknown_assets_and_tracks_are_named(film: Film) -> None:
    with pytest.raises(CommandError, match=r"no asset 'm99'"):
        film.run("clip.append", asset="m99")
    with pytest.raises(CommandError, match=r"no track 'V7'; there are V1, A1"):
        film.run("clip.append", asset=film.shot(), track="V7")


def test_insert_splits_what_lies_there_and_pushes_everything_later(film: Film) -> None:
    lake, music = film.shot(), film.shot("music.wav", 400, picture=False)
    first = film.append(lake, 0, 100)
    film.append(lake, 100, 50)
    film.run("clip.overwrite", asset=music, at=0)
    film.run("title.add", text="Hi", at="40f", duration="40f")
    made = film.run("clip.insert", asset=lake, at="60f", source_duration="10f")
    assert film.lane("V1") == film.lane("A1") == [(0, 60), (60, 70), (70, 110), (110, 160)]
    assert film.lane("A2") == [(0, 60), (70, 410)]
    assert film.lane("V2") == [(40, 60), (70, 90)]
    assert film.sources("V1") == [0, 0, 60, 100]
    assert film.ids("V1")[:2] == [first[0], made["clip"]]
    assert film.ids("A1")[1] == made["linked"]


def test_the_halves_of_an_insert_are_linked_each_for_itself(film: Film) -> None:
    lake = film.shot()
    film.append(lake, 0, 100)
    film.run("clip.insert", asset=lake, at="60f", source_duration="10f")
    pictures = [film.clip(i).link for i in film.ids("V1")]
    sounds = [film.clip(i).link for i in film.ids("A1")]
    assert pictures == sounds
    assert len(set(pictures)) == 3
    assert all(pictures)


def test_insert_leaves_locked_tracks_alone(film: Film) -> None:
    lake = film.shot()
    film.append(lake, 0, 100)
    film.run("track.set", track="A1", locked=True)
    film.run("clip.insert", asset=lake, at="60f", source_duration="10f")
    assert film.lane("V1") == [(0, 60), (60, 70), (70, 110)]
    assert (film.lane("A1"), film.lane("A2")) == ([(0, 100)], [(60, 70)])


def test_insert_of_odd_sound_keeps_pictures_on_frames(film: Film) -> None:
    film.append(film.shot(), 0, 100)
    music = film.run("asset.add", name="m.wav", hash="m", duration=int(2.5 * film.f),
                     audio=[{"index": 0, "codec": "pcm", "sample_rate": 48000, "channels": 2}])["asset"]
    film.run("clip.insert", asset=music, at="50f")
    assert film.lane("V1") == [(0, 50), (53, 103)]


def test_insert_carries_markers_along(film: Film) -> None:
    film.append(film.shot(), 0, 100)
    film.run("marker.add", at="20f")
    film.run("marker.add", at="60f")
    film.run("clip.insert", asset=film.shot("sea.mp4"), at="60f", source_duration="10f")
    from editor_core.schema import Marker
    assert sorted(m.start // film.f for m in film.view.of_kind(Marker)) == [20, 70]


def test_overwrite_erases_only_on_the_tracks_it_writes_to(film: Film) -> None:
    lake, sea = film.shot(), film.shot("sea.mp4")
    film.append(lake, 0, 100)
    film.append(lake, 100, 50)
    film.run("clip.overwrite", asset=sea, at="80f", source_duration="40f")
    assert film.lane("V1") == [(0, 80), (80, 120), (120, 150)]
    assert film.sources("V1") == [0, 0, 120]
    assert film.lane("A1") == [(0, 100), (100, 150)]
    assert film.lane("A2") == [(80, 120)]


def test_overwrite_inside_a_clip_leaves_both_of_its_ends(film: Film) -> None:
    film.append(film.shot(), 0, 100)
    film.run("clip.overwrite", asset=film.shot("sea.mp4", sound=False), at="40f", source_duration="20f")
    assert film.lane("V1") == [(0, 40), (40, 60), (60, 100)]
    assert film.sources("V1") == [0, 0, 60]
    links = [film.clip(i).link for i in film.ids("V1")]
    assert links[0] == links[2] == film.clip(film.ids("A1")[0]).link


def test_overwrite_swallows_what_it_covers_whole(film: Film) -> None:
    lake = film.shot()
    for frames in (30, 30, 30):
        film.append(lake, 0, frames)
    film.run("clip.overwrite", asset=film.shot("sea.mp4", sound=False), at="10f", source_duration="70f")
    assert film.lane("V1") == [(0, 10), (10, 80), (80, 90)]


def test_overwrite_with_sound_alone_goes_to_a_free_track(film: Film) -> None:
    film.append(film.shot(), 0, 100)
    film.run("clip.overwrite", asset=film.shot("music.wav", picture=False), at=0)
    assert (film.lane("A1"), film.lane("A2")) == ([(0, 100)], [(0, 250)])
    film.run("clip.overwrite", asset=film.shot("voice.wav", 50, picture=False), at="10f", track="A1")
    assert film.lane("A1") == [(0, 10), (10, 60), (60, 100)]


def test_sound_may_sit_anywhere_and_pictures_on_frames(film: Film) -> None:
    sound = film.run("clip.overwrite", asset=film.shot("music.wav", picture=False), at=12_345_679)["clip"]
    picture = film.run("clip.overwrite", asset=film.shot(), at=int(10.5 * film.f))["clip"]
    assert film.clip(sound).start == 12_345_679
    assert film.frames(film.clip(picture).start) == 11


@pytest.mark.parametrize("rate", [Rate(30000, 1001), Rate(24000, 1001), Rate(60)], ids=str)
def test_pictures_lie_on_frames_at_every_rate(rate: Rate) -> None:
    film = Film(rate)
    lake = film.shot("lake.mp4", 1000)
    film.run("clip.append", asset=lake, source_start="1.7s", source_duration="3.33s")
    film.run("clip.insert", asset=lake, at="1.01s", source_duration=SECOND)
    film.run("clip.overwrite", asset=lake, at="0.5s", source_duration="0.1s")
    for label in ("V1", "A1"):
        film.lane(label)
