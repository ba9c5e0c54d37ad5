"""What a film looks like, measured on pictures that the command line writes and an independent ffmpeg reads."""

import json
import struct
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from tests.support.command_line import ffmpeg

BARS = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191), (16, 16, 16)]
WIDTH, HEIGHT = 320, 180
COLOURS = [(matrix, full, layout) for matrix in ("bt709", "bt601") for full in (False, True) for layout in ("yuv444p", "yuv444p10le")]


def read(path):
    """A picture as uint8 (height, width, 3)."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    raw = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3)


def write(path, picture, *more):
    """An uint8 (height, width, 3) picture encoded by ffmpeg."""
    height, width = picture.shape[:2]
    words = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "25", "-i", "-", *more, str(path)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *words], input=picture.tobytes(), check=True, timeout=60)


def bars(width=WIDTH, height=HEIGHT):
    return np.repeat(np.array(BARS, np.uint8), width // len(BARS), axis=0)[None].repeat(height, axis=0)


def quadrants():
    """Red, green; blue, white."""
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    picture[:90, :160], picture[:90, 160:], picture[90:, :160] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return picture


@pytest.fixture
def look(proeditor, film, tmp_path):
    """Runs commands on one clip of four coloured quadrants and returns the picture that comes out."""
    write(tmp_path / "quadrants.png", quadrants(), "-frames:v", "1")
    (asset,) = proeditor("import", film, tmp_path / "quadrants.png", "--json").json["assets"]
    placed = proeditor("run", film, "clip.append", json.dumps({"asset": asset["asset"], "source_duration": "1s"})).json["clip"]

    def shown(**properties):
        proeditor("run", film, "clip.set", json.dumps({"clip": placed, "properties": properties}))
        proeditor("frame", film, "--at", 0, "-o", tmp_path / "look.png")
        return read(tmp_path / "look.png").astype(int)

    return shown


def box(picture):
    """left, top, right and bottom (exclusive) of what is not black."""
    rows, columns = np.nonzero((picture.sum(axis=2) > 60).any(axis=1))[0], np.nonzero((picture.sum(axis=2) > 60).any(axis=0))[0]
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def near(picture, x, y, colour):
    return np.abs(picture[y, x] - colour).max() <= 2


def test_bars_of_any_matrix_range_and_depth_come_out_as_they_are(proeditor, film, tmp_path):
    for number, (matrix, full, layout) in enumerate(COLOURS):
        name, kind = {"bt709": ("bt709", 1), "bt601": ("smpte170m", 6)}[matrix], "pc" if full else "tv"
        tags = ["-colorspace", name[0], "-color_primaries", name[0], "-color_trc", name[0], "-color_range", kind]
        scale = f"scale=out_color_matrix={matrix}:out_range={kind}:flags=accurate_rnd+full_chroma_int+full_chroma_inp,format={layout}"
        write(tmp_path / f"{number}.mkv", bars(), "-vf", scale, "-c:v", "ffv1", *tags)
    files = [tmp_path / f"{number}.mkv" for number in range(len(COLOURS))]
    taken = proeditor("import", film, *files, "--json").json["assets"]
    steps = [{"command": "clip.append", "args": {"asset": asset["asset"]}} for asset in taken]
    proeditor("run", film, "--script", "-", stdin="\n".join(map(json.dumps, steps)))
    proeditor("export", film, tmp_path / "bars.png")
    middles = [WIDTH * (2 * n + 1) // (2 * len(BARS)) for n in range(len(BARS))]
    for number, colour in enumerate(COLOURS):
        shown = read(tmp_path / f"bars-{number + 1:04d}.png").astype(int)
        assert np.abs(shown[90, middles] - np.array(BARS)).max() <= 2, colour


def test_position_scale_and_rotation_are_pixels_and_degrees_clockwise(look):
    small = look(scale=0.5, position=[80, 45])
    assert box(small) == (0, 0, 160, 90) and near(small, 10, 10, (255, 0, 0)) and near(small, 150, 80, (255, 255, 255))
    turned = look(position=None, rotation=90)
    assert np.abs(np.subtract(box(turned), (115, 10, 205, 170))).max() <= 1, "a 4:2:0 film colours in pairs of pixels"
    assert near(turned, 120, 15, (0, 0, 255)) and near(turned, 200, 15, (255, 0, 0)) and near(turned, 200, 165, (0, 255, 0))


def test_a_crop_is_fractions_from_each_side_and_opacity_a_share(look):
    cut = look(crop=[0.25, 0, 0, 0.5])
    assert box(cut) == (80, 0, 320, 90) and near(cut, 90, 10, (255, 0, 0)) and near(cut, 310, 10, (0, 255, 0))
    half = look(crop=[0, 0, 0, 0], opacity=0.5)
    assert np.abs(half[135, 240] - 128).max() <= 2 and np.abs(half[45, 80] - (128, 0, 0)).max() <= 2


def test_a_dissolve_goes_evenly_from_one_to_the_other_around_the_cut(proeditor, film, tmp_path):
    for name, colour in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        write(tmp_path / f"{name}.png", np.full((HEIGHT, WIDTH, 3), colour, np.uint8), "-frames:v", "1")
    red, blue = (a["asset"] for a in proeditor("import", film, tmp_path / "red.png", tmp_path / "blue.png", "--json").json["assets"])
    steps = [{"command": "clip.append", "args": {"asset": red, "source_duration": "1s"}},
             {"command": "clip.append", "args": {"asset": blue, "source_duration": "1s"}},
             {"command": "transition.add", "args": {"from": "$1.clip", "to": "$2.clip", "kind": "dissolve", "duration": "20f"}}]
    proeditor("run", film, "--script", "-", stdin="\n".join(map(json.dumps, steps)))
    proeditor("export", film, tmp_path / "d.png", "--in", "14f", "--out", "36f")
    shares = [read(tmp_path / f"d-{n:04d}.png")[90, 160, 2] / 255 for n in range(1, 23)]
    wanted = [min(1, max(0, (frame + 0.5 - 15) / 20)) for frame in range(14, 36)]  # in the middle of each frame's time
    assert np.abs(np.array(shares) - wanted).max() <= 2.5 / 255


def test_footage_on_its_side_and_of_odd_pixels_is_upright_and_in_shape(proeditor, film, tmp_path):
    write(tmp_path / "flat.mp4", quadrants(), "-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p")
    ffmpeg("-display_rotation", "90", "-i", str(tmp_path / "flat.mp4"), "-c", "copy", str(tmp_path / "side.mp4"))
    write(tmp_path / "wide.mkv", quadrants()[:, ::2], "-vf", "setsar=2", "-c:v", "ffv1", "-pix_fmt", "yuv444p")
    taken = proeditor("import", film, tmp_path / "side.mp4", tmp_path / "wide.mkv", "--json").json["assets"]
    assert "upright" in " ".join(taken[0]["warnings"]) and "not square" in " ".join(taken[1]["warnings"])
    steps = [{"command": "clip.append", "args": {"asset": asset["asset"]}} for asset in taken]
    proeditor("run", film, "--script", "-", stdin="\n".join(map(json.dumps, steps)))
    proeditor("export", film, tmp_path / "u.png")
    side, wide = (read(tmp_path / f"u-{n:04d}.png").astype(int) for n in (1, 2))
    left, top, right, bottom = box(side)
    assert (top, bottom) == (0, 180) and abs((right - left) - 180 * 180 / 320) <= 3
    ffmpeg("-i", str(tmp_path / "side.mp4"), "-frames:v", "1", str(tmp_path / "player.png"))
    player = read(tmp_path / "player.png")
    for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)):
        mine = side[int(180 * y), int(left + (right - left) * x)]
        assert np.abs(mine - player[int(player.shape[0] * y), int(player.shape[1] * x)]).max() <= 8
    assert box(wide) == (0, 0, 320, 180)
