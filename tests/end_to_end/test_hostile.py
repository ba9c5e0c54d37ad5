"""What an outsider would try in order to break it: full disks, damage, newer versions, kills, odd files, each by the command line."""

import json
import os
import shlex
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
import zlib

import pytest

from tests.support.command_line import make_clip

PROGRAM = f"{shlex.quote(sys.executable)} -m app.cli"


def clip(proeditor, film, media, **args):
    """Imports a file and appends it; what `clip.append` returned."""
    (asset,) = proeditor("import", film, media, "--json").json["assets"]
    return proeditor("run", film, "clip.append", json.dumps({"asset": asset["asset"], **args})).json


def mounted(proeditor, disk, options, *words):
    """Runs a shell command where `disk` is a small file system of its own, or bound to itself with `options`."""
    bound = f"mount --bind {disk} {disk} && mount -o remount,ro,bind {disk}"
    mount = bound if options == "ro" else f"mount -t tmpfs -o {options} tmpfs {disk}"
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a file system of their own")
    return subprocess.run(["unshare", "-rm", "sh", "-c", f"{mount} && {' '.join(words)}"], capture_output=True, text=True, timeout=120,
                          env=proeditor.environment)


def png_header(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))


def test_import_answers_for_every_file_in_the_order_given(proeditor, film, footage, tmp_path):
    (tmp_path / "huge.png").write_bytes(png_header(100_000, 100_000))
    make_clip(tmp_path / "cut.mp4", 2)
    os.truncate(tmp_path / "cut.mp4", 20_000)
    given = [footage / "b.mp4", footage / "a.mp4", tmp_path / "huge.png", tmp_path / "cut.mp4", tmp_path / "none.mp4", footage / "b.mp4"]
    ran = proeditor("import", film, *given, "--json", ok=False)
    assert [row["name"] for row in ran.json["assets"]] == ["b.mp4", "a.mp4", "b.mp4"]
    assert ran.json["assets"][0]["asset"] == ran.json["assets"][2]["asset"]
    said = [row["message"] for row in ran.json["errors"]]
    assert "100000 × 100000" in said[0] and "cut off" in said[1] and said[2].endswith("none.mp4: there is no such file")


def test_a_mistyped_command_is_not_taken_for_a_film(proeditor):
    ran = proeditor("exprot", ok=False)
    assert ran.status == 2 and "no command 'exprot'; did you mean export?" in ran.err
    assert "`proeditor --help`" in proeditor("--nonsense", ok=False).err


def test_a_file_name_with_a_line_break_is_one_line_wherever_it_is_said(proeditor, film, tmp_path):
    odd = tmp_path / "two\nlines\x1b[31m.mp4"
    odd.write_text("no film")
    ran = proeditor("import", film, odd, ok=False)
    assert ran.status == 1 and "\x1b" not in ran.err and len(ran.err.strip().split("\n")) == 1 and "two lines" in ran.err


def test_a_project_of_a_newer_version_is_shown_with_a_word_and_never_written(proeditor, film):
    proeditor("run", film, "marker.add", '{"at": "1s"}')
    connection = sqlite3.connect(film)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version={version + 1}")
    connection.close()
    before = film.read_bytes()
    ran = proeditor("show", film, "--json")
    assert len(ran.json["markers"]) == 1 and "newer version" in ran.err
    assert "newer version" in proeditor("run", film, "marker.add", '{"at": "2s"}', ok=None).err
    assert film.read_bytes() == before


def test_damage_is_said_by_every_command_that_shows_or_exports_what_is_left(proeditor, film, footage, tmp_path):
    clip(proeditor, film, footage / "a.mp4")
    lines = "\n".join(json.dumps({"command": "marker.add", "args": {"at": f"{n}f", "text": f"mark {n}"}}) for n in range(20))
    proeditor("run", film, "--script", "-", stdin=lines)
    os.truncate(film, film.stat().st_size - 5000)
    before = film.read_bytes()
    for words in (("show", film), ("frame", film, "--at", "1s", "-o", tmp_path / "x.png"), ("history", film)):
        ran = proeditor(*words, ok=None)
        assert "damaged" in ran.err and "Traceback" not in ran.err
    assert film.read_bytes() == before, "looking mends nothing"


def test_on_a_full_disk_a_command_gives_up_soon_and_what_was_acknowledged_is_there(proeditor, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    film, script = disk / "f.proedit", tmp_path / "many.jsonl"
    marks = [{"command": "marker.add", "args": {"at": f"{n}f", "text": "x" * 4000}} for n in range(900)]
    script.write_text("".join(json.dumps(mark) + "\n" for mark in marks))
    journal = f"if [ -e {film}-journal ]; then cp {film}-journal {tmp_path}/kept.proedit-journal; fi"
    tail = f"cp {film} {tmp_path}/kept.proedit; {journal}; exit $s"
    started = time.monotonic()
    ran = mounted(proeditor, disk, "size=600k", f"{PROGRAM} new {film} && {{ {PROGRAM} run {film} --script {script}; s=$?; {tail}; }}")
    assert ran.returncode == 1 and "no room left on the disk" in ran.stderr and "was not saved" in ran.stderr, ran.stderr
    assert "line " in ran.stderr and len(ran.stderr.strip().splitlines()) == 1
    assert time.monotonic() - started < 60
    acknowledged = len(ran.stdout.splitlines()) - 1
    kept = proeditor("show", tmp_path / "kept.proedit", "--json").json["markers"]
    assert acknowledged > 10 and len(kept) == acknowledged


def test_a_folder_that_cannot_be_written_is_said_by_its_name(proeditor, film, footage, tmp_path):
    clip(proeditor, film, footage / "a.mp4")
    for words, says in ((f"run {film} marker.add '{{\"at\": 0}}'", "cannot be written"), (f"new {tmp_path}/n.proedit", "cannot be written"),
                        (f"frame {film} --at 1s -o {tmp_path}/still.png", "still.png may not be written"),
                        (f"export {film} {tmp_path}/out.mp4", "cannot be written")):
        home = tmp_path.parent / "ro-home"
        proeditor.environment["PROEDITOR_HOME"] = str(home)
        ran = mounted(proeditor, tmp_path, "ro", f"{PROGRAM} {words}")
        assert ran.returncode == 1 and says in ran.stderr and ".part" not in ran.stderr, ran.stderr
        assert len(ran.stderr.strip().splitlines()) == 1
    assert mounted(proeditor, tmp_path, "ro", f"{PROGRAM} show {film}").returncode == 0


def test_pictures_that_rgb_cannot_hold_still_verify(proeditor, film, tmp_path):
    make_clip(tmp_path / "tall.mp4", 1, "180x320", "25", False)
    clip(proeditor, film, tmp_path / "tall.mp4")
    proeditor("export", film, tmp_path / "p.png", "--in", "3f", "--out", "5f")
    assert proeditor("verify", tmp_path / "p.png", "--against", film, "--json").json["ok"]


def finished(work):
    """Stretches of an export that are whole."""
    plain = ("lock", "manifest.json")
    return [p for p in work.iterdir() if ".part" not in p.name and p.suffix != ".claim" and p.name not in plain] if work.is_dir() else []


def test_a_short_export_killed_half_way_keeps_what_is_finished(proeditor, film, footage, tmp_path):
    make_clip(tmp_path / "long.mp4", 16)
    clip(proeditor, film, tmp_path / "long.mp4")
    out, slow = tmp_path / "out.mp4", ("--workers", "2", "--set", "speed=veryslow", "--json")
    process = proeditor.start("export", film, out, *slow, start_new_session=True)
    work, until = tmp_path / ".out.mp4.proeditor-export", time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until and len(finished(work)) < 2:
        time.sleep(0.01)
    assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not out.exists()
    facts = proeditor("export", film, out, *slow).json
    assert facts["frames"] == 400 and 60 <= facts["kept_frames"] < 400
    whole = proeditor("export", film, tmp_path / "again.mp4", *slow).json
    assert whole["kept_frames"] == 0 and whole["frames"] == 400
    assert out.read_bytes() == (tmp_path / "again.mp4").read_bytes()
    assert not list(tmp_path.glob(".*")), "nothing of the work is left"


def test_flipped_bits_in_media_are_told_by_the_export_and_lose_no_frame(proeditor, film, footage, tmp_path):
    raw = bytearray((footage / "a.mp4").read_bytes())
    for place in range(len(raw) // 4, len(raw) * 3 // 4, 97):
        raw[place] ^= 0x55
    (tmp_path / "flipped.mp4").write_bytes(raw)
    clip(proeditor, film, tmp_path / "flipped.mp4")
    ran = proeditor("export", film, tmp_path / "out.mp4", "--json")
    assert ran.json["frames"] == 100 and any("flipped.mp4 is damaged" in line for line in ran.json["warnings"])
    assert "flipped.mp4 is damaged" in proeditor("frame", film, "--at", "2.6s", "-o", tmp_path / "x.png").err


def test_media_that_changed_after_import_is_a_problem(proeditor, film, footage, tmp_path):
    shutil.copy(footage / "a.mp4", tmp_path / "mine.mp4")
    clip(proeditor, film, tmp_path / "mine.mp4")
    os.truncate(tmp_path / "mine.mp4", 20_000)
    (problem,) = proeditor("problems", film, "--json").json["problems"]
    assert problem["kind"] == "media changed" and "20,000 bytes" in problem["message"] and problem["fix"]
    assert "cut off" in proeditor("export", film, tmp_path / "out.mp4", ok=False).err
    assert not (tmp_path / "out.mp4").exists()


def test_a_range_that_goes_past_the_film_is_exported_to_its_end_with_a_word(proeditor, film, footage, tmp_path):
    clip(proeditor, film, footage / "a.mp4")
    ran = proeditor("export", film, tmp_path / "o.wav", "--in", "3s", "--out", "99s", "--json")
    assert ran.json["seconds"] == 1.0 and "ends at 00:00:04:00" in ran.json["warnings"][0] and "ends at" in ran.err
