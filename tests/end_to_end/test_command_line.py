"""The command line as scripts use it: every call is a process of its own, on a real project file and real footage."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

FRAME = 705_600_000 // 25


def assets(proeditor, film, *files):
    return [row["asset"] for row in proeditor("import", film, *files, "--json").json["assets"]]


def tracks(proeditor, film):
    return proeditor("show", film, "--json").json["tracks"]


def clips(proeditor, film, label):
    return next(t for t in tracks(proeditor, film) if t["label"] == label)["clips"]


def test_new_makes_a_picture_and_a_sound_track_and_never_overwrites(proeditor, film):
    shown = proeditor("show", film, "--json").json
    assert [t["label"] for t in shown["tracks"]] == ["V1", "A1"]
    assert (shown["timeline"]["width"], shown["timeline"]["height"]) == (320, 180)
    again = proeditor("new", film, ok=False)
    assert "film.proedit" in again.err


@pytest.mark.parametrize(("words", "says"), [
    (("--size", "wide"), "frame size"), (("--size", "1x1"), "width"), (("--rate", "29.3"), "29.3"),
    (("--rate", "0"), "0"), (("--audio-rate", "1"), "audio_rate"),
])
def test_new_with_an_impossible_shape_says_which_and_makes_nothing(proeditor, tmp_path, words, says):
    ran = proeditor("new", tmp_path / "x.proedit", *words, ok=False)
    assert says in ran.err
    assert not (tmp_path / "x.proedit").exists()


def test_import_append_show_undo_redo(proeditor, film, footage):
    first, second = assets(proeditor, film, footage / "a.mp4", footage / "silent.mp4")
    made = proeditor("run", film, "clip.append", json.dumps({"asset": first}), "--json").json
    assert made["clip"] and len(made["linked"]) >= 1
    proeditor("run", film, "clip.append", json.dumps({"asset": second, "source_start": "10f", "source_duration": "1s"}))
    picture = clips(proeditor, film, "V1")
    assert [(c["start"], c["duration"]) for c in picture] == [(0, 100 * FRAME), (100 * FRAME, 25 * FRAME)]
    assert len(clips(proeditor, film, "A1")) == 1
    assert "Undo" not in proeditor("history", film).out
    assert proeditor("undo", film).json["label"]
    assert len(clips(proeditor, film, "V1")) == 1
    proeditor("redo", film)
    assert len(clips(proeditor, film, "V1")) == 2
    assert proeditor("redo", film, ok=False).err.strip() == "proeditor: There is nothing to redo"
    steps = proeditor("history", film, "--json").json["entries"]
    assert [s["kind"] for s in steps][-2:] == ["undo", "redo"]
    assert "V1" in proeditor("show", film).out


def test_a_script_runs_in_order_with_references_and_prints_each_result(proeditor, film, footage):
    (asset,) = assets(proeditor, film, footage / "a.mp4")
    script = film.parent / "edit.jsonl"
    script.write_text("\n".join(json.dumps(step) for step in [
        {"command": "clip.append", "args": {"asset": asset, "source_duration": "2s"}},
        {"command": "clip.append", "args": {"asset": asset, "source_start": "2s", "source_duration": "2s"}},
        {"command": "transition.add", "args": {"from": "$1.clip", "to": "$2.clip", "kind": "dissolve", "duration": "10f"}},
        {"command": "title.add", "args": {"text": "Hello", "at": "1s", "duration": "1s"}},
        {"command": "clip.set", "args": {"clip": "$4.clip", "property": "opacity", "value": 0.5}},
    ]))
    results = proeditor("run", film, "--script", script).lines
    assert len(results) == 5 and set(results[2]) >= {"transition"} and set(results[3]) >= {"clip"}
    assert clips(proeditor, film, "V2")[0]["opacity"] == 0.5


def test_a_script_stops_at_the_first_failing_line_and_keeps_the_earlier_ones(proeditor, film, footage):
    lines = [{"command": "track.add", "args": {"kind": "video", "name": "kept"}}, {"command": "clip.lift", "args": {"clips": ["nobody"]}},
             {"command": "track.add", "args": {"kind": "audio"}}]
    text = "\n".join(map(json.dumps, lines))
    ran = proeditor("run", film, "--script", "-", ok=False, stdin=text)
    assert ran.status == 1 and "line 2" in ran.err and "nobody" in ran.err
    assert len(ran.lines) == 1
    assert [t["label"] for t in tracks(proeditor, film)] == ["V1", "V2", "A1"]
    ran = proeditor("run", film, "--script", "-", "--atomic", ok=False, stdin=text)
    assert ran.status == 1 and "line 2" in ran.err and ran.out == ""
    assert [t["label"] for t in tracks(proeditor, film)] == ["V1", "V2", "A1"]
    good = proeditor("run", film, "--script", "-", "--atomic", stdin="\n".join(map(json.dumps, [lines[0], lines[2]])))
    assert len(good.lines) == 2
    proeditor("undo", film)
    assert [t["label"] for t in tracks(proeditor, film)] == ["V1", "V2", "A1"]


@pytest.mark.parametrize(("words", "says"), [
    (("clip.apend", "{}"), "clip.append"),
    (("clip.append", "{}"), "asset"),
    (("clip.append", '{"asset": 5}'), "asset"),
    (("clip.append", '{"asset": "nobody"}'), "nobody"),
    (("track.add", '{"kind": "smell"}'), "smell"),
    (("track.add", '{"kind": "video", "colour": "red"}'), "colour"),
    (("track.add", "[1]"), "object"),
    (("track.add", "{"), "JSON"),
    (("marker.add", '{"at": "tomorrow"}'), "tomorrow"),
    (("timeline.set", '{"rate": "29.3"}'), "29.3"),
    (("timeline.set", '{"width": 3}'), "width"),
    (("edit.undo", "{}"), "nothing to undo"),
])
def test_a_refused_command_names_the_thing_and_changes_nothing(proeditor, film, words, says):
    before = film.read_bytes()
    ran = proeditor("run", film, *words, ok=False)
    assert says in ran.err
    assert film.read_bytes() == before


def test_every_command_describes_itself_with_a_schema(proeditor):
    listed = proeditor("commands", "--json").json
    ids = {row["id"] for row in listed}
    assert {"timeline.set", "track.add", "track.set", "track.remove", "track.move", "clip.append", "clip.insert", "clip.overwrite",
            "clip.split", "clip.trim", "clip.move", "clip.lift", "clip.extract", "clip.set", "clip.link", "clip.unlink", "title.add",
            "solid.add", "transition.add", "marker.add", "edit.undo", "edit.redo"} <= ids
    for row in listed:
        assert (row["title"] and row["help"] and "$ref" in row["args"]) or "type" in row["args"]
        assert row["result"]


def test_missing_wrong_and_foreign_files_are_said_in_plain_lines(proeditor, tmp_path):
    assert "nowhere.proedit" in proeditor("show", tmp_path / "nowhere.proedit", ok=False).err
    (tmp_path / "text.proedit").write_text("hello")
    (tmp_path / "empty.proedit").write_bytes(b"")
    sqlite3.connect(tmp_path / "other.proedit").execute("create table t(x)").connection.close()
    for name in ("text.proedit", "empty.proedit", "other.proedit"):
        assert name in proeditor("show", tmp_path / name, ok=False).err
    (tmp_path / "folder.proedit").mkdir()
    proeditor("show", tmp_path / "folder.proedit", ok=False)
    proeditor("nonsense.proedit", ok=False)
    proeditor("show", ok=False)
    proeditor("export", ok=False)


def test_a_file_that_cannot_be_read_says_why_and_the_others_come_in(proeditor, film, footage, tmp_path):
    (tmp_path / "words.mp4").write_text("these are words " * 50)
    (tmp_path / "nothing.mp4").write_bytes(b"")
    ran = proeditor("import", film, tmp_path / "words.mp4", footage / "a.mp4", tmp_path / "nothing.mp4", tmp_path / "gone.mov", "--json",
                    ok=False)
    assert [row["name"] for row in ran.json["assets"]] == ["a.mp4"]
    for name in ("words.mp4", "nothing.mp4", "gone.mov"):
        assert name in ran.err


def test_the_same_file_imported_twice_is_one_asset(proeditor, film, footage):
    (first,) = assets(proeditor, film, footage / "a.mp4")
    (again,) = assets(proeditor, film, footage / "a.mp4")
    assert first == again


def test_a_frame_is_drawn_and_times_outside_the_film_are_refused(proeditor, film, footage, tmp_path):
    (asset,) = assets(proeditor, film, footage / "a.mp4")
    proeditor("run", film, "clip.append", json.dumps({"asset": asset}))
    proeditor("frame", film, "--at", "1s", "-o", tmp_path / "one.png")
    proeditor("frame", film, "--at", "25f", "-o", tmp_path / "same.png")
    proeditor("frame", film, "--at", "00:00:02:00", "-o", tmp_path / "half.png", "--scale", "0.5")
    assert (tmp_path / "one.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "same.png").read_bytes()
    header = (tmp_path / "half.png").read_bytes()[16:24]
    assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (160, 90)
    assert "outside" in proeditor("frame", film, "--at", "99s", "-o", tmp_path / "x.png", ok=False).err
    assert not (tmp_path / "x.png").exists()


def test_missing_media_is_a_problem_with_a_fix_and_the_project_opens(proeditor, film, footage, tmp_path):
    moved = tmp_path / "moved.mp4"
    moved.write_bytes((footage / "a.mp4").read_bytes())
    (asset,) = assets(proeditor, film, moved)
    proeditor("run", film, "clip.append", json.dumps({"asset": asset}))
    moved.rename(tmp_path / "elsewhere.mp4")
    (problem,) = proeditor("problems", film, "--json").json["problems"]
    assert "moved.mp4" in problem["message"] and problem["fix"]
    refused = proeditor("export", film, tmp_path / "out.mp4", ok=False).err
    assert "moved.mp4" in refused and "import it again" in refused and "--allow-slates" in refused
    assert not (tmp_path / "out.mp4").exists()
    proeditor("import", film, tmp_path / "elsewhere.mp4")
    assert proeditor("problems", film, "--json").json["problems"] == []


def test_two_processes_on_one_project_take_turns(proeditor, film):
    lines = "\n".join(json.dumps({"command": "marker.add", "args": {"at": f"{n}f"}}) for n in range(60))
    (film.parent / "a.jsonl").write_text(lines)
    running = [proeditor.start("run", film, "--script", film.parent / "a.jsonl") for _ in range(2)]
    for process in running:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert len(proeditor("show", film, "--json").json["markers"]) == 120


def test_a_script_that_is_interrupted_says_so_and_keeps_what_it_told(proeditor, film):
    process = proeditor.start("run", film, "--script", "-", stdin=subprocess.PIPE,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # jobs in the background ignore it
    process.stdin.write('\ufeff{"command": "marker.add", "args": {"at": "1s", "text": "$100"}}\n')
    process.stdin.flush()
    assert "marker" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (130, "proeditor: stopped")
    assert [marker["text"] for marker in proeditor("show", film, "--json").json["markers"]] == ["$100"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_output_that_cannot_be_written_is_an_error_in_words(proeditor, film):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-m", "app.cli", "show", str(film), "--json"], stdout=full, stderr=subprocess.PIPE,
                              text=True, env=proeditor.environment, timeout=60)
    assert (done.returncode, done.stderr.strip()) == (1, "proeditor: No space left on device")


@pytest.mark.parametrize("words", [["new", "FILM"], ["import", "FILM", "a.mp4"], ["export", "cut.proedit", "FILM"], ["FILM"]])
def test_names_that_are_not_utf_8_are_refused_in_one_line(proeditor, words, tmp_path):
    refused = proeditor(*[word.replace("FILM", str(tmp_path / "caf\udce9.proedit")) for word in words], ok=False)
    assert refused.status == 2 and "caf\ufffd.proedit is not UTF-8" in refused.err and not list(tmp_path.iterdir())


def test_a_result_line_means_that_the_command_survives_a_kill(proeditor, film):
    process = proeditor.start("run", film, "--script", "-", stdin=subprocess.PIPE)
    for number in range(200):
        process.stdin.write(json.dumps({"command": "marker.add", "args": {"at": f"{number}f", "text": str(number)}}) + "\n")
    process.stdin.flush()
    seen = [process.stdout.readline() for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().splitlines()
    process.wait()
    acknowledged = len(seen) + sum(1 for line in rest if line.endswith("}"))
    started = time.monotonic()
    kept = proeditor("show", film, "--json").json["markers"]
    assert time.monotonic() - started < 20
    assert acknowledged <= len(kept) <= acknowledged + 2
    assert sorted(int(m["text"]) for m in kept) == list(range(len(kept)))
    assert proeditor("problems", film, "--json").json["problems"] == []


def test_whatever_opens_a_damaged_film_says_so(proeditor, film):
    proeditor("run", film, "marker.add", json.dumps({"at": "1s"}))
    connection = sqlite3.connect(film)
    with connection:
        connection.execute("UPDATE journal SET change = x'00' WHERE sequence = (SELECT max(sequence) FROM journal)")
    connection.close()
    damaged = film.read_bytes()
    for word in ("show", "fingerprint", "conflicts", "comments", "versions"):
        film.write_bytes(damaged)
        ran = proeditor(word, film)
        assert "was damaged" in ran.err and len(ran.err.strip().splitlines()) == 1, word
