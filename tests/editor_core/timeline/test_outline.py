"""The timeline in words and as JSON."""

from __future__ import annotations

import json

from editor_core.document import Snapshot
from editor_core.schema import field_types
from editor_core.timeline.outline import as_json, outline
from editor_core.timing import TICKS_PER_SECOND, Rate
from tests.support.cutting import Film


def film() -> Film:
    made = Film()
    lake = made.shot("lake.mp4", 250)
    first = made.append(lake, 50, 100)
    second = made.append(lake, 100, 50)
    made.run("transition.add", **{"from": first[0], "to": second[0]}, duration="10f")
    made.run("clip.set", clip=first[0], properties={"opacity": 0.8, "scale": 0.5, "position": [480, 270], "fade_in": "12f"})
    made.run("clip.set", clip=first[1], properties={"gain_db": -6, "enabled": False})
    made.run("track.set", track="A1", muted=True, name="Voice")
    made.run("title.add", text="Harbour\ndawn", at="2s", duration="1s")
    made.run("marker.add", at="3s", text="Check", color="red", duration="5f")
    made.still()
    return made


def test_the_outline_reads_from_top_to_bottom_as_on_screen() -> None:
    made = film()
    text = outline(made.view)
    rows = [line.split("  ")[0] for line in text.splitlines() if line and not line.startswith(" ")]
    assert rows[0].startswith("Film · Main cut")
    assert rows[1:] == ["V2", "V1", "A1 (Voice)", "Markers", "Media"]
    assert "1920×1080, 25 fps, 48000 Hz, 00:00:06:00" in text
    assert f"00:00:00:00 – 00:00:04:00  lake.mp4  from 00:00:02:00  position (480, 270)  scale (0.5, 0.5)  opacity 0.8  fade_in 12 f  " \
           f"{made.ids('V1')[0]}" in text
    assert "dissolve 10 f" in text
    assert f"off  gain_db -6  {made.ids('A1')[0]}" in text
    assert "A1 (Voice)  muted" in text
    assert "00:00:02:00 – 00:00:03:00  Harbour" in text
    assert "00:00:03:00 5 f  Check  [red]" in text
    assert "lake.mp4  1920×1080 25 fps h264, stereo 48000 Hz aac, 00:00:10:00" in text
    assert "map.png  800×600 png, still" in text


def test_an_empty_project_says_what_comes_next() -> None:
    text = outline(Film(Rate(30000, 1001)).view)
    assert "V1\n  empty" in text
    assert "30000/1001 fps" in text
    assert "`proeditor import` takes files in" in text


def test_json_has_every_property_and_times_in_ticks_and_timecode() -> None:
    made = film()
    told = json.loads(json.dumps(as_json(made.view)))
    assert told["timeline"]["rate"] == "25"
    assert told["timeline"]["duration"] == 6 * TICKS_PER_SECOND
    assert told["timeline"]["duration_timecode"] == "00:00:06:00"
    assert [(t["label"], t["kind"], t["index"], t["muted"]) for t in told["tracks"]] == [
        ("V1", "video", 0, False), ("V2", "video", 1, False), ("A1", "audio", 0, True)]
    clip = told["tracks"][0]["clips"][0]
    assert set(field_types(type(made.clip(clip["id"])))) - {"deleted"} <= set(clip)
    assert (clip["start"], clip["end"], clip["duration"], clip["source_start"]) == (0, 100 * made.f, 100 * made.f, 50 * made.f)
    assert (clip["start_timecode"], clip["end_timecode"], clip["source_start_timecode"]) == ("00:00:00:00", "00:00:04:00", "00:00:02:00")
    assert (clip["media"], clip["linked"], clip["opacity"], clip["scale"]) == ("lake.mp4", [made.ids("A1")[0]], 0.8, [0.5, 0.5])
    (transition,) = told["tracks"][0]["transitions"]
    assert (transition["from"], transition["to"], transition["at_timecode"]) == (*made.ids("V1"), "00:00:04:00")
    assert told["markers"][0]["start_timecode"] == "00:00:03:00"
    assert [(a["name"], a["still"], a["asset"]) for a in told["assets"]] == [(a["name"], a["still"], a["id"]) for a in told["assets"]]
    assert told["tracks"][1]["clips"][0]["title"] == "Harbour"
    assert told["tracks"][1]["clips"][0]["media"] is None


def test_copies_of_one_cut_whose_records_came_in_another_order_are_told_alike() -> None:
    made = film()
    made.shot("apple.mp4")
    third = made.run("clip.append", asset=made.shot("pond.mp4"), source_start="1s", source_duration="2s")["clip"]
    made.run("transition.add", **{"from": made.ids("V1")[1], "to": third}, duration="8f")
    lone, top = made.run("clip.append", asset=made.shot("bees.wav", picture=False))["clip"], made.ids("V1")[0]
    made.run("clip.link", clips=[lone, top])
    for name in ("Second", "First"):
        made.run("collection.add", name=name, assets=[])
    records = list(made.view.records.values())
    other = Snapshot.of(reversed(records))
    assert as_json(other) == as_json(made.view) and outline(other) == outline(made.view)
    assert [one["name"] for one in as_json(other)["assets"]] == ["apple.mp4", "bees.wav", "lake.mp4", "map.png", "pond.mp4"]
    assert [one["at_timecode"] for one in as_json(other)["tracks"][0]["transitions"]] == ["00:00:04:00", "00:00:06:00"]


def test_names_that_would_break_a_line_or_steer_the_terminal_stay_in_theirs() -> None:
    made = Film()
    shot = made.append(made.shot("two\nlines\x1b[2J.mp4", 250), 0, 100)
    made.run("track.set", track="V1", name="a\tb")
    made.run("marker.add", at="1s", text="eins\r\nzwei")
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd"
    made.run("clip.set", clip=shot[1], property="name", value=family)
    text = outline(made.view)
    assert all(line.isprintable() or family in line for line in text.split("\n"))
    assert "two lines [2J.mp4" in text and "V1 (a b)" in text and "eins  zwei" in text and family in text
