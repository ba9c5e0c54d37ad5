"""What is written is read back, by an independent program, frame for frame and sample for sample."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from editor_core.timing import Rate
from render.media.codecs import AudioSettings, VideoSettings
from render.media.encode import AudioEncoder, VideoEncoder, write_png
from render.media.errors import DiskFull, EncodeError, MediaError
from render.media.frames import plane_view
from render.media.join import count_frames, join
from render.media.probe import describe
from render.picture import PLANE_FORMATS, YUV420P, PictureFormat, Planes, blank
from tests.support import footage

RATE = Rate(30000, 1001)
FILM = PictureFormat()


def planes(number: int, fmt: PictureFormat = FILM) -> Planes:
    """Frame `number` of the numbered footage in any format."""
    raw = footage.picture(number)
    luma, chroma = raw[: 320 * 180].reshape(180, 320), raw[320 * 180 :].reshape(2, 90, 160)
    made = Planes(luma, chroma[0], chroma[1], FILM)
    if fmt == FILM:
        return made
    width, height = fmt.planes.chroma_size(320, 180)
    unit = 1 << (fmt.planes.depth - 8)
    wide = [np.repeat(np.repeat(plane, height // 90, 0), width // 160, 1) for plane in chroma]
    return Planes(*(plane.astype(fmt.planes.dtype) * fmt.planes.dtype.type(unit) for plane in (luma, *wide)), fmt)


def segment(path: Path, first: int, count: int, settings: VideoSettings, fmt: PictureFormat = FILM) -> Path:
    with VideoEncoder(path, settings, width=320, height=180, rate=RATE, fmt=fmt) as encoder:
        for number in range(first, first + count):
            encoder.write(planes(number, fmt))
    return path


def sound_file(path: Path, settings: AudioSettings, seconds: float) -> Path:
    samples = footage.clicks(seconds)
    with AudioEncoder(path, settings, rate=48000) as encoder:
        for start in range(0, len(samples), 4801):
            encoder.write(samples[start : start + 4801])
    return path


def independent_numbers(path: Path) -> list[int]:
    """Numbers of all frames as another program decodes them."""
    raw = footage.run_ffmpeg("-i", path, "-f", "rawvideo", "-fps_mode", "passthrough", "-pix_fmt", "gray", "pipe:1")
    return [footage.read_number(frame) for frame in np.frombuffer(raw, np.uint8).reshape(-1, 180, 320)]


def independent_sound(path: Path) -> np.ndarray:
    raw = footage.run_ffmpeg("-i", path, "-f", "f32le", "-ar", "48000", "-ac", "2", "pipe:1")
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


FILMS = {
    "film.mp4": (VideoSettings(codec="h264", crf=18, keyint=30), FILM, ".mkv", AudioSettings(codec="aac"), ".m4a"),
    "film_hevc.mp4": (VideoSettings(codec="h265", crf=20, speed="ultrafast", keyint=30), FILM, ".mkv", AudioSettings(), ".m4a"),
    "film.webm": (VideoSettings(codec="vp9", crf=30, keyint=30), FILM, ".mkv", AudioSettings(codec="opus"), ".ogg"),
    "film_av1.mp4": (VideoSettings(codec="av1", crf=30, speed="faster", keyint=30), FILM, ".mkv", AudioSettings(), ".m4a"),
    "film.mov": (
        VideoSettings(codec="prores", profile="proxy"), PictureFormat(PLANE_FORMATS["yuv422p10le"]), ".mov",
        AudioSettings(codec="pcm"), ".wav",
    ),
    "film.mkv": (
        VideoSettings(codec="h264", crf=18), PictureFormat(PLANE_FORMATS["yuv420p10le"]), ".mp4", AudioSettings(codec="flac"), ".flac",
    ),
}


@pytest.mark.parametrize("name", FILMS)
def test_segments_join_frame_for_frame_with_sound_in_place(name, tmp_path):
    settings, fmt, suffix, sound, sound_suffix = FILMS[name]
    lengths = (33, 1, 47, 39)
    starts = np.cumsum((0, *lengths))
    segments = [
        segment(tmp_path / f"part{index}{suffix}", int(starts[index]), length, settings, fmt) for index, length in enumerate(lengths)
    ]
    total = sum(lengths)
    seconds = total * RATE.den / RATE.num
    heard = sound_file(tmp_path / f"sound{sound_suffix}", sound, seconds)
    shares: list[float] = []
    out = tmp_path / name
    joined = join(segments, heard, out, rate=RATE, metadata={"title": "Joined"}, report=shares.append)
    assert joined.frames == total and shares and max(shares) <= 1
    assert independent_numbers(out) == list(range(total))
    samples = independent_sound(out)
    limit = 0 if sound.codec in ("pcm", "flac") else 48
    assert all(abs(offset) <= limit for offset in footage.find_clicks(samples, 48000, [1, 2, 3]))
    reference = describe(out, "film")
    video, audio = reference.video, reference.audio[0]
    assert (video.rate, video.variable, video.frames, video.start, audio.start) == (RATE, False, total, 0, 0)
    assert (video.matrix, video.primaries, video.transfer, video.full_range) == ("bt709", "bt709", "bt709", False)
    assert abs(video.duration - total * RATE.ticks_per_frame) <= 1
    assert abs(audio.duration / 705_600_000 - seconds) <= 1024 / 48000 / 2


def test_the_same_pictures_make_the_same_bytes(tmp_path):
    made = [segment(tmp_path / f"{turn}.mkv", 0, 40, VideoSettings(threads=2)).read_bytes() for turn in (1, 2)]
    assert made[0] == made[1]
    films = []
    for turn in (1, 2):
        sound = sound_file(tmp_path / f"{turn}.m4a", AudioSettings(), 1.5)
        join([tmp_path / f"{turn}.mkv"], sound, tmp_path / f"film{turn}.mp4", rate=RATE)
        films.append((tmp_path / f"film{turn}.mp4").read_bytes())
    assert films[0] == films[1]


def test_an_mp4_has_its_index_at_the_front(tmp_path):
    join([segment(tmp_path / "a.mkv", 0, 20, VideoSettings())], None, tmp_path / "film.mp4", rate=RATE)
    whole = (tmp_path / "film.mp4").read_bytes()
    assert 0 < whole.index(b"moov") < whole.index(b"mdat")


def test_segments_with_a_missing_frame_or_other_settings_are_refused(tmp_path):
    good = segment(tmp_path / "good.mkv", 0, 30, VideoSettings())
    holed = tmp_path / "holed.mkv"
    footage.run_ffmpeg("-i", good, "-c", "copy", "-bsf:v", "noise=drop=eq(n\\,7)", holed)
    with pytest.raises(EncodeError, match="every frame exactly once"):
        count_frames(holed, RATE)
    other = segment(tmp_path / "other.mkv", 30, 30, VideoSettings(codec="h265", speed="ultrafast"))
    with pytest.raises(EncodeError, match="other settings"):
        join([good, other], None, tmp_path / "film.mp4", rate=RATE)
    with pytest.raises(MediaError, match=r"gone\.mkv"):
        join([good, tmp_path / "gone.mkv"], None, tmp_path / "film.mp4", rate=RATE)
    with pytest.raises(EncodeError, match="nothing"):
        join([], None, tmp_path / "film.mp4", rate=RATE)
    assert not (tmp_path / "film.mp4").exists()


def test_a_full_disk_is_named_and_leaves_no_file(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    for name, write in [
        ("picture.mkv", lambda path: segment(path, 0, 60, VideoSettings(crf=1))),
        ("sound.wav", lambda path: sound_file(path, AudioSettings(codec="pcm"), 3)),
        ("film.mkv", lambda path: join([segment(tmp_path / "a.mkv", 0, 60, VideoSettings(crf=1))], None, path, rate=RATE)),
        ("still.png", lambda path: write_png(planes(3), path)),
    ]:
        path = tmp_path / name
        path.symlink_to("/dev/full")
        with pytest.raises(DiskFull, match=f"No room left on the disk while writing {name}"):
            write(path)
        assert not path.is_symlink()


def test_a_file_size_limit_in_the_middle_is_named(tmp_path):
    """The error comes while frames are written, not at the end; in a process of its own because the limit stays."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from tests.render.media.test_encode_join import segment, VideoSettings\n"
        "from render.media.errors import EncodeError\n"
        "path = Path(sys.argv[1])\n"
        "try:\n"
        "    segment(path, 0, 200, VideoSettings(crf=1))\n"
        "except EncodeError as error:\n"
        "    print(error, path.exists())\n"
    )
    path = tmp_path / "limited.mkv"
    command = [os.sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("limited.mkv could not be written") and done.stdout.endswith("False\n")


@pytest.mark.parametrize(("where", "words"), [("missing/film.mkv", "folder for film.mkv does not exist"), ("", "film.mkv")])
def test_a_place_that_cannot_be_written_is_named(where, words, tmp_path):
    path = tmp_path / where if where else tmp_path / "film.mkv"
    if not where:
        path.mkdir()
    with pytest.raises(EncodeError, match=words):
        VideoEncoder(path, VideoSettings(), width=320, height=180, rate=RATE, fmt=FILM)


def test_an_aborted_encode_leaves_no_file(tmp_path):
    path = tmp_path / "stopped.mp4"
    with pytest.raises(KeyboardInterrupt), VideoEncoder(path, VideoSettings(), width=320, height=180, rate=RATE, fmt=FILM) as encoder:
        encoder.write(planes(0))
        raise KeyboardInterrupt
    assert not path.exists()


def test_planes_may_be_changed_as_soon_as_they_are_written(tmp_path):
    path = tmp_path / "reused.mkv"
    shared = planes(0).copy()
    with VideoEncoder(path, VideoSettings(crf=5), width=320, height=180, rate=RATE, fmt=FILM) as encoder:
        for number in range(40):
            source = planes(number)
            for target, plane in zip((shared.y, shared.u, shared.v), (source.y, source.u, source.v), strict=True):
                target[:] = plane
            encoder.write(shared)
            shared.y[:] = 0
    assert independent_numbers(path) == list(range(40))


def test_planes_of_another_kind_are_converted(tmp_path):
    path = tmp_path / "mixed.mkv"
    with VideoEncoder(path, VideoSettings(crf=5), width=320, height=180, rate=RATE, fmt=FILM) as encoder:
        encoder.write(planes(0))
        encoder.write(planes(1, PictureFormat(PLANE_FORMATS["yuv422p10le"])))
        encoder.write(planes(2, PictureFormat(YUV420P, "bt601", True)))
        encoder.write(blank(FILM, 640, 360))
        read_only = planes(4)
        read_only.y.setflags(write=False)
        encoder.write(read_only)
    assert independent_numbers(path) == [0, 1, 2, -1, 4]


def test_settings_that_do_not_fit_are_said_before_anything_is_written(tmp_path):
    with pytest.raises(EncodeError):
        VideoEncoder(tmp_path / "odd.mp4", VideoSettings(), width=321, height=181, rate=RATE, fmt=FILM)
    with pytest.raises(EncodeError, match="48 kHz"):
        AudioEncoder(tmp_path / "a.ogg", AudioSettings(codec="opus"), rate=44100)
    assert list(tmp_path.iterdir()) == []


def test_png_has_the_computed_colours_and_transparency(tmp_path):
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[:, :30] = (200, 100, 50, 255)
    rgba[:, 30:] = (10, 220, 30, 128)
    write_png(rgba, tmp_path / "a.png")
    raw = footage.run_ffmpeg("-i", tmp_path / "a.png", "-f", "rawvideo", "-pix_fmt", "rgba", "pipe:1")
    assert np.array_equal(np.frombuffer(raw, np.uint8).reshape(40, 60, 4), rgba)
    write_png(blank(FILM, 64, 32), tmp_path / "b.png")
    raw = footage.run_ffmpeg("-i", tmp_path / "b.png", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
    assert np.frombuffer(raw, np.uint8).max() == 0


@pytest.mark.parametrize(("bits", "steps"), [(16, 32768), (24, 8388608), (32, 0)])
def test_pcm_keeps_samples_to_half_a_step(bits, steps, tmp_path):
    samples = np.random.default_rng(3).uniform(-1, 1, (5000, 2)).astype(np.float32)
    with AudioEncoder(tmp_path / "a.wav", AudioSettings(codec="pcm", bits=bits), rate=48000) as encoder:
        encoder.write(samples)
        encoder.write(samples[:0])
    found = independent_sound(tmp_path / "a.wav")
    assert found.shape == samples.shape
    assert np.max(np.abs(found - samples)) <= (0.5001 / steps if steps else 0) + 1e-7


def test_frames_of_a_decoder_go_in_as_they_are(shelf, pictures, tmp_path):
    path = shelf.numbered("h264_30.mp4", 130, rate="30", codec=("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3"))
    pool = pictures(path)
    fmt = PictureFormat(matrix="bt601")
    step = 23_520_000
    with VideoEncoder(tmp_path / "again.mkv", VideoSettings(crf=10), width=320, height=180, rate=Rate(60), fmt=fmt) as encoder:
        for number in range(120):
            made = pool.picture("a", number * step // 2, width=320, height=180, fmt=fmt)
            assert made.native is not None
            before = plane_view(made.native.planes[0], 1).copy()
            encoder.write(made)
            assert np.array_equal(made.y, before)
    assert independent_numbers(tmp_path / "again.mkv") == [number // 2 for number in range(120)]
    assert [footage.read_number(pool.picture("a", n * step, width=320, height=180, fmt=fmt).y) for n in (59, 58, 57, 3)] == [59, 58, 57, 3]
