"""Importing says what a file is, labels what is unusual, and refuses with a reason that people understand."""

from __future__ import annotations

import os
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from editor_core.timing import Rate
from render.media.errors import MediaDenied, MediaError, MediaMissing, MediaRefused, MediaUnreadable
from render.media.identity import full_hash, quick_hash
from render.media.limits import Limits
from render.media.probe import describe
from render.picture import PictureFormat
from tests.support import footage

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3")


def said(path: Path) -> str:
    """What people are told when `path` cannot be imported."""
    with pytest.raises(MediaError) as caught:
        describe(path, "a")
    words = str(caught.value)
    assert path.name in words and "Traceback" not in words and str(path.parent) not in words
    return words


def labels(shelf, name: str, make) -> str:
    return " ".join(shelf.described(shelf.get(name, make)).warnings)


def test_a_plain_film_is_described_without_a_warning(shelf):
    sound = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    path = shelf.numbered("clicks_aac.mp4", 130, rate="25", codec=X264, more=("-c:a", "aac"), sound=sound)
    found = describe(path, "asset-7")
    assert (found.id, found.name, found.size, found.still, found.warnings) == ("asset-7", path.name, path.stat().st_size, False, ())
    assert found.duration == 130 * Rate(25).ticks_per_frame
    video, (audio,) = found.video, found.audio
    assert (video.codec, video.width, video.height, video.rate, video.frames) == ("h264", 320, 180, Rate(25), 130)
    assert (video.pixel_format, video.bit_depth, video.alpha, video.full_range) == ("yuv420p", 8, False, False)
    assert (audio.codec, audio.sample_rate, audio.channels, audio.layout, audio.start) == ("aac", 48000, 2, "stereo", 0)
    assert found.hash == quick_hash(path) and found.hash.startswith("quick:")
    assert full_hash(path).startswith("blake3:") and full_hash(path) == full_hash(path)


def test_what_is_unusual_is_labelled(shelf):
    coded = {"codec": X264}
    cases = {
        "Variable frame rate: ": lambda to: footage.numbered(
            to, 60, rate="1000", filters="settb=1/1000,setpts='33*N+mod(N*N*7,17)'",
            more=("-fps_mode", "passthrough", "-enc_time_base", "1:1000"), **coded,
        ),
        "10-bit picture": lambda to: footage.numbered(to, 5, filters="format=yuv420p10le", **coded),
        "Full-range colour": lambda to: footage.numbered(
            to, 5, filters="scale=out_range=full,format=yuv420p", more=("-color_range", "pc"), **coded
        ),
        "Pixels are not square": lambda to: footage.numbered(to, 5, filters="setsar=4/3", **coded),
        "Interlaced": lambda to: footage.numbered(to, 20, more=("-flags", "+ildct+ilme", "-x264-params", "tff=1"), **coded),
        "High dynamic range (HLG)": lambda to: footage.numbered(
            to, 5, filters="setparams=color_trc=arib-std-b67:color_primaries=bt2020:colorspace=bt2020nc", **coded
        ),
        "No sound.": lambda to: footage.numbered(to, 5, **coded),
    }
    for number, (words, make) in enumerate(cases.items()):
        assert words in labels(shelf, f"unusual{number}.mp4", make), words
    plain = shelf.described(shelf.get("mono_label.wav", lambda to: footage.write_sound(to, np.full((4800, 1), 0.2, np.float32))))
    assert plain.warnings == ("Mono sound; it plays on both sides.",)
    assert plain.audio[0].layout == ""  # PCM in a plain WAV names none, and "1 channels", as libav has it then, is no name
    odd = shelf.described(shelf.get("eleven.wav", lambda to: footage.write_sound(to, np.full((4800, 11), 0.2, np.float32))))
    assert (odd.audio[0].layout, odd.warnings) == ("", ("11 channels of sound; mixed down to stereo.",))


def test_variable_frame_rate_says_its_bounds(shelf):
    path = shelf.get(
        "two_rates.mp4",
        lambda to: footage.numbered(
            to, 90, rate="1000", codec=X264, filters="settb=1/1000,setpts='if(lt(N,45),40*N,45*40+(N-45)*20)'",
            more=("-fps_mode", "passthrough", "-enc_time_base", "1:1000"),
        ),
    )
    assert "Variable frame rate: 25.0 to 50.0 frames a second; every frame keeps its own time." in shelf.described(path).warnings


def test_a_late_picture_keeps_its_place_and_is_labelled(shelf):
    sound = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    source = shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)
    path = shelf.get(
        "late.mkv",
        lambda to: footage.run_ffmpeg("-i", sound, "-itsoffset", "0.5", "-i", source, "-map", "1", "-map", "0", "-c", "copy", to),
    )
    found = shelf.described(path)
    assert found.video.start == 705_600_000 // 2 and found.audio[0].start == 0
    assert found.duration == found.video.start + found.video.duration
    assert any("Picture starts 0.50 s after the sound" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "png"), ("a.jpg", "jpeg"), ("a.bmp", "bmp"), ("a.tiff", "tiff"), ("a.webp", "webp"), ("a.gif", "gif"),
        ("a.avif", "mov,mp4,m4a,3gp,3g2,mj2"), ("a.jp2", "j2k_pipe"),
    ],
)
def test_stills_are_stills(name, kind, shelf, pictures):
    path = shelf.get(f"still_{name}", lambda to: footage.numbered(to, 1, first=9, more=("-frames:v", "1"), codec=()))
    found = shelf.described(path)
    assert found.still and found.duration == 0 and found.container == kind and not found.audio
    assert found.video.shown_size == (320, 180) and found.warnings == ()
    pool = pictures(path)
    for ticks in (0, 10**12):
        assert footage.read_number(pool.picture("a", ticks, width=320, height=180, fmt=PictureFormat()).y) == 9


def test_an_animated_webp_says_what_to_do(shelf):
    path = shelf.get("moving.webp", lambda to: footage.numbered(to, 5, codec=("-c:v", "libwebp_anim")))
    assert "animated WebP" in said(path)


def test_a_photo_turned_in_its_exif_stands_upright(shelf, pictures):
    lying = shelf.get("lying.jpg", lambda to: footage.numbered(to, 1, first=5, filters="transpose=2", more=("-q:v", "2"), codec=()))
    exif = b"Exif\0\0" + b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x112, 3, 1, 6, 0) + b"\0\0\0\0"
    raw = lying.read_bytes()
    path = shelf.get(
        "exif.jpg", lambda to: to.write_bytes(raw[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + raw[2:])
    )
    found = shelf.described(path)
    assert found.video.rotation == 90 and found.video.shown_size == (320, 180)
    assert footage.read_number(pictures(path).picture("a", 0, width=320, height=180, fmt=PictureFormat()).y) == 5


def test_music_with_a_cover_picture_is_sound(shelf, tmp_path):
    cover = shelf.get("still_a.jpg", lambda to: footage.numbered(to, 1, first=9, more=("-frames:v", "1"), codec=()))
    music = footage.write_sound(tmp_path / "m.mp3", footage.clicks(2))
    path = tmp_path / "cover.mp3"
    footage.run_ffmpeg("-i", music, "-i", cover, "-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic", path)
    found = describe(path, "a")
    assert found.video is None and len(found.audio) == 1 and not found.still


def test_files_that_are_no_media_say_so(tmp_path):
    empty = tmp_path / "empty.mp4"
    empty.touch()
    assert "is empty (0 bytes)" in said(empty)
    text = tmp_path / "notes.mp4"
    text.write_text("This is not a film.\n" * 500)
    assert "not a media file" in said(text)
    noise = tmp_path / "noise.mov"
    noise.write_bytes(np.random.default_rng(1).bytes(300_000))
    said(noise)
    gone = tmp_path / "gone.mp4"
    with pytest.raises(MediaMissing, match="relink"):
        describe(gone, "a")
    with pytest.raises(MediaUnreadable, match="is a folder"):
        describe(tmp_path, "a")


def test_a_file_that_may_not_be_read_says_so(tmp_path, shelf):
    path = tmp_path / "secret.mp4"
    path.write_bytes(shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264).read_bytes())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(MediaDenied, match="may not be read"):
        describe(path, "a")


def test_playlists_and_patterns_reach_no_other_file(tmp_path, shelf):
    film = shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:5,\nfile://{film}\n#EXT-X-ENDLIST\n")
    (tmp_path / "list.ffconcat").write_text(f"ffconcat version 1.0\nfile '{film}'\n")
    (tmp_path / "net.sdp").write_text("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n")
    for path in tmp_path.iterdir():
        said(path)
    real = shelf.get("still_a.png", lambda to: footage.numbered(to, 1, first=9, more=("-frames:v", "1"), codec=()))
    odd = tmp_path / "take %02d? [x] #1.png"
    odd.write_bytes(real.read_bytes())
    assert describe(odd, "a").still
    bytes_name = tmp_path / os.fsdecode(b"caf\xe9 \xff.png")
    bytes_name.write_bytes(real.read_bytes())
    assert describe(bytes_name, "a").name == "caf� �.png"
    colon = tmp_path / "http:film.mp4"
    colon.write_bytes(film.read_bytes())
    assert describe(colon, "a").video.frames == 130


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_headers_that_claim_giant_pictures_are_refused_at_once(tmp_path):
    bombs = {
        "bomb.png": png_header(100_000, 100_000),
        "bomb.bmp": b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 60000, -60000, 1, 24, 0, 0, 0, 0, 0, 0),
        "bomb.gif": b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0;" + b"\0" * 50,
        "bomb.jpg": b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", 65500, 65500) + b"\x03\x01\x22\0\x02\x11\x01" + b"\0" * 100,
        "bomb.tif": b"II*\0\x08\0\0\0\x02\0" + struct.pack("<HHII", 256, 4, 1, 90000) + struct.pack("<HHII", 257, 4, 1, 90000) + b"\0" * 40,
        "bomb.webp": b"RIFF\x64\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff\xff\xff" * 2 + b"\0" * 60,
    }
    for name, content in bombs.items():
        path = tmp_path / name
        path.write_bytes(content)
        begin = time.process_time()
        with pytest.raises(MediaRefused, match="above the limit"):
            describe(path, "a")
        assert time.process_time() - begin < 1, name


def test_limits_can_be_tightened(shelf):
    path = shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)
    with pytest.raises(MediaRefused, match="320 × 180"):
        describe(path, "a", limits=Limits(pixels=10_000))
    with pytest.raises(MediaRefused, match="more than 0 streams"):
        describe(path, "a", limits=Limits(streams=0))
    quick = describe(path, "a", limits=Limits(scan_seconds=0.0))
    assert quick.video.frames == 130 and quick.duration == describe(path, "a").duration


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_file_too_long_to_read_through_has_the_length_that_its_header_says(suffix, shelf):
    sound = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    path = shelf.numbered(f"clicks_aac.{suffix}", 130, rate="25", codec=X264, more=("-c:a", "aac"), sound=sound)
    whole, quick = (describe(path, "a", limits=Limits(scan_seconds=seconds)) for seconds in (4.0, 0.0))
    for one, other in ((whole.video, quick.video), (whole.audio[0], quick.audio[0])):
        assert one.start == other.start and abs(one.duration - other.duration) <= 705_600_000 // 7
    assert quick.video.rate == Rate(25) and not quick.video.variable


def test_a_film_cut_off_in_the_middle_is_used_as_far_as_it_goes(shelf, tmp_path, pictures):
    film = shelf.get("front.mp4", lambda to: footage.numbered(to, 130, rate="25", codec=X264, more=("-movflags", "+faststart")))
    whole = film.read_bytes()
    half = tmp_path / "half.mp4"
    half.write_bytes(whole[: len(whole) // 2])
    found = describe(half, "a")
    assert 20 < found.video.frames < 110
    assert any("cut off" in warning and "5.2 s" in warning for warning in found.warnings)
    pool = pictures(half)
    last = pool.picture("a", found.duration, width=320, height=180, fmt=PictureFormat())
    assert 15 < footage.read_number(last.y) < 110
    headless = tmp_path / "headless.mp4"
    headless.write_bytes(shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264).read_bytes()[:20_000])
    assert "cut off" in said(headless)


def test_a_film_without_frames_says_so(shelf, tmp_path):
    source = shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)
    for suffix in ("mp4", "avi", "mkv"):
        path = tmp_path / f"none.{suffix}"
        footage.run_ffmpeg("-i", source, "-frames:v", "0", "-c", "copy", path)
        words = said(path)
        assert "no frames" in words or "neither picture nor sound" in words
