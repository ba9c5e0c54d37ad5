"""Damaged media may be refused or read in part; it never crashes, hangs, or raises anything but a MediaError."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import pytest

from render.media.errors import MediaError
from render.media.pool import PicturePool
from render.media.probe import describe
from render.picture import PictureFormat
from tests.support import footage

ROOT = Path(__file__).parents[3]
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "24", "-bf", "3")
SEEDS = {
    "damage.mp4": (X264, ("-c:a", "aac", "-movflags", "+faststart")),
    "damage.mkv": (X264, ("-c:a", "libvorbis")),
    "damage.ts": (X264, ("-c:a", "aac")),
    "damage.mov": (("-c:v", "prores"), ("-c:a", "pcm_s16le")),
    "damage.webm": (("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), ("-c:a", "libopus")),
    "damage_hevc.mp4": (("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"), ("-c:a", "aac")),
}
MUTANTS = 12


def seed(shelf, name: str) -> Path:
    codec, more = SEEDS[name]
    sound = shelf.get("short_clicks.wav", lambda to: footage.write_sound(to, footage.clicks(2.5)))
    return shelf.numbered(name, 60, codec=codec, more=more, sound=sound)


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files_are_refused_or_read_in_part(name, shelf, tmp_path):
    good = seed(shelf, name)
    command = [sys.executable, "-m", "tests.support.read_all", str(tmp_path), str(good), "0", str(MUTANTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    ends = [line for line in lines if line.startswith("end ")]
    assert len(ends) == MUTANTS
    assert all(" read: " in line or " refused: " in line for line in ends)
    assert any(" read: " in line for line in ends)


def test_the_reader_of_mutants_notices_what_is_not_a_media_error(shelf, tmp_path):
    """The harness itself must be able to fail: with no room to work in, it does."""
    good = seed(shelf, "damage.mp4")
    command = [sys.executable, "-m", "tests.support.read_all", str(tmp_path / "no such folder"), str(good), "0", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)
    assert done.returncode != 0 and "Traceback" in done.stderr


@pytest.mark.parametrize("percent", [1, 10, 35, 60, 85, 99])
def test_a_film_cut_off_anywhere_shows_its_beginning(percent, shelf, tmp_path, pictures):
    whole = seed(shelf, "damage.ts").read_bytes()
    path = tmp_path / "cut.ts"
    path.write_bytes(whole[: len(whole) * percent // 100])
    try:
        found = shelf.described(path)
    except MediaError as error:
        assert percent == 1 and "cut.ts" in str(error)
        return
    pool = pictures(path)
    start = found.video.start
    first = pool.picture("a", start, width=320, height=180, fmt=PictureFormat())
    assert footage.read_number(first.y) == 0
    last = pool.picture("a", 1 << 50, width=320, height=180, fmt=PictureFormat())
    assert footage.read_number(last.y) <= 60 * percent // 100 + 5


def test_one_broken_stretch_does_not_end_the_film(shelf, tmp_path):
    whole = bytearray(seed(shelf, "damage.ts").read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 4000] = bytes(4000)
    path = tmp_path / "hole.ts"
    path.write_bytes(whole)
    found = shelf.described(path)
    pool = PicturePool(lambda asset: (path, found))
    shown = []
    for number in range(60):
        made = pool.picture("a", found.video.start + number * 28_224_000, width=320, height=180, fmt=PictureFormat())
        shown.append(footage.read_number(made.y))
    assert shown[:20] == list(range(20)) and shown[-8:] == list(range(52, 60))
    pool.close()


def test_a_file_that_disappears_or_is_replaced_is_told_and_not_fatal(shelf, tmp_path):
    good = seed(shelf, "damage.mp4")
    path = tmp_path / "moving.mp4"
    path.write_bytes(good.read_bytes())
    found = shelf.described(good)
    pool = PicturePool(lambda asset: (path, found))
    assert footage.read_number(pool.picture("a", 0, width=320, height=180, fmt=PictureFormat()).y) == 0
    path.unlink()
    pool.forget("a")
    with pytest.raises(MediaError, match=r"moving\.mp4 is not there any more"):
        pool.picture("a", 0, width=320, height=180, fmt=PictureFormat())
    footage.write_sound(path.with_suffix(".wav"), footage.clicks(1)).rename(path)
    with pytest.raises(MediaError, match="no longer has the picture"):
        pool.picture("a", 0, width=320, height=180, fmt=PictureFormat())
    path.write_bytes(good.read_bytes())
    assert footage.read_number(pool.picture("a", 28_224_000 * 30, width=320, height=180, fmt=PictureFormat()).y) == 30
    pool.close()


def test_sound_packets_that_cannot_be_decoded_are_told_at_import(shelf, tmp_path):
    """Matroska carries packets as they are; ones of nothing but ones are none that an AAC decoder takes."""
    sound = shelf.get("hum.wav", lambda to: footage.write_sound(to, footage.clicks(20, channels=2)))
    good = tmp_path / "good.mka"
    footage.run_ffmpeg("-i", sound, "-c:a", "aac", "-b:a", "128k", good)
    assert not any("damaged" in words for words in describe(good, "a").warnings)
    container = av.open(str(good))
    out = av.open(str(tmp_path / "bad.mka"), "w")
    stream = out.add_stream_from_template(container.streams.audio[0])
    for number, packet in enumerate(container.demux(container.streams.audio[0])):
        if packet.size == 0:
            continue
        if number in (300, 301, 500):
            broken = av.Packet(b"\xff" * packet.size)
            broken.pts, broken.dts, broken.duration, broken.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
            packet = broken
        packet.stream = stream
        out.mux(packet)
    out.close()
    container.close()
    reference = describe(tmp_path / "bad.mka", "b")
    (words,) = [words for words in reference.warnings if "damaged" in words]
    assert words == "3 packets of sound are damaged, the first at 0:06.4; they are silent."
