"""Which of a file's sound streams and channels a clip plays."""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from render.graph.sound import sound_plan
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    """One shot with a stereo, a mono and a 5.1 stream on V1 and A1."""
    made = Film()
    length = 250 * made.f
    sounds = [{"index": n + 1, "codec": "aac", "sample_rate": 48000, "channels": channels, "duration": length}
              for n, channels in enumerate((2, 1, 6))]
    video = {"index": 0, "codec": "h264", "width": 1920, "height": 1080, "duration": length}
    made.append(made.run("asset.add", name="camera.mov", hash="quick:c", size=1, duration=length, video=video, audio=sounds)["asset"])
    return made


def heard(film: Film) -> tuple[int, int]:
    (piece,) = sound_plan(film.view, 0, 100 * film.f)
    return piece.stream, piece.channel


def test_a_clip_plays_another_stream_and_one_channel_of_it_and_undo_brings_the_first_back(film: Film) -> None:
    (sound,) = film.ids("A1")
    film.run("clip.set", clip=sound, property="stream", value=3)
    film.run("clip.set", clip=sound, property="channel", value=3)
    assert heard(film) == (2, 3)
    film.run("edit.undo")
    film.run("edit.undo")
    assert heard(film) == (0, 0)


def test_on_a_picture_the_choice_is_its_linked_sounds(film: Film) -> None:
    (picture,), (sound,) = film.ids("V1"), film.ids("A1")
    film.run("clip.set", clip=picture, property="stream", value=2)
    assert (film.clip(picture).stream, film.clip(sound).stream) == (1, 2)


def test_a_channel_that_the_other_stream_does_not_have_becomes_all_of_its_channels(film: Film) -> None:
    (sound,) = film.ids("A1")
    film.run("clip.set", clip=sound, properties={"stream": 3, "channel": 5})
    film.run("clip.set", clip=sound, property="stream", value=1)
    assert (film.clip(sound).stream, film.clip(sound).channel) == (1, 0)


@pytest.mark.parametrize(("name", "value", "words"), [
    ("stream", 4, "has 3 sound streams, so there is no stream 4"), ("stream", 0, "1 is the first"), ("stream", "2", "1 is the first"),
    ("channel", 3, "Sound stream 1 of .* has 2 channels, so there is no channel 3; 0 is all of them"), ("channel", -1, "0 for all"),
])
def test_what_the_file_does_not_have_is_refused_and_said(film: Film, name: str, value: object, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        film.run("clip.set", clip=film.ids("A1")[0], property=name, value=value)


def test_other_media_starts_at_its_first_stream(film: Film) -> None:
    (picture,), (sound,) = film.ids("V1"), film.ids("A1")
    film.run("clip.set", clip=sound, properties={"stream": 3, "channel": 2})
    film.run("clip.replace", clip=picture, asset=film.shot("lake.mp4", 500))
    assert (film.clip(sound).stream, film.clip(sound).channel) == (1, 0)
