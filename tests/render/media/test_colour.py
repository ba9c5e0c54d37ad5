"""Colours come out within 2/255 of the computed value, through every matrix, range, depth and layout that footage has."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from render.media.convert import Converter, from_rgba, to_frame, to_rgb
from render.picture import PLANE_FORMATS, YUV420P, YUV444P, PictureFormat
from tests.support import colour_bars, footage

MATRICES = ("bt601", "bt709", "bt2020")
SOURCES = ("yuv420p", "yuv422p10le", "yuv444p", "yuv420p10le")
TARGETS = ("yuv420p", "yuv422p10le", "yuv444p10le")
TAGS = {
    "bt601": ("smpte170m", "smpte170m", "smpte170m"), "bt709": ("bt709", "bt709", "bt709"),
    "bt2020": ("bt2020nc", "bt2020", "bt2020-10"),
}


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("layout", SOURCES)
def test_planes_of_any_kind_become_planes_of_any_other(matrix, full, layout):
    source = to_frame(colour_bars.picture(PictureFormat(PLANE_FORMATS[layout], matrix, full)))
    converter = Converter()
    for to_matrix, to_full, to_layout, half in itertools.product(MATRICES, (False, True), TARGETS, (1, 2)):
        fmt = PictureFormat(PLANE_FORMATS[to_layout], to_matrix, to_full)
        made = converter.planes(source, colour_bars.WIDTH // half, colour_bars.HEIGHT // half, fmt).check()
        assert colour_bars.error(made) <= 2.0, (to_matrix, to_full, to_layout, half)


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("layout", SOURCES)
def test_planes_become_rgb(matrix, full, layout):
    rgb = to_rgb(colour_bars.picture(PictureFormat(PLANE_FORMATS[layout], matrix, full)))
    assert rgb.shape == (colour_bars.HEIGHT, colour_bars.WIDTH, 4) and np.all(rgb[:, :, 3] == 255)
    found = np.stack([colour_bars.centres(rgb[:, :, channel]) for channel in range(3)], -1)
    assert np.max(np.abs(found - colour_bars.BARS)) <= 1


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("full", [False, True])
def test_rgb_becomes_planes(matrix, full):
    rgba = np.full((colour_bars.HEIGHT, colour_bars.WIDTH, 4), 255, np.uint8)
    rgba[:, :, :3] = np.repeat(colour_bars.BARS, colour_bars.BAR_WIDTH, axis=0).astype(np.uint8)
    for layout in (YUV420P, YUV444P, PLANE_FORMATS["yuv444p10le"]):
        made = from_rgba(rgba, PictureFormat(layout, matrix, full), opaque=True).check()
        assert made.alpha is None
        assert colour_bars.error(made) <= 1.25


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("layout", ["yuv420p", "yuv420p10le", "yuv422p10le"])
def test_tagged_files_are_read_by_their_tags(matrix, full, layout, shelf, pictures):
    own = PictureFormat(PLANE_FORMATS[layout], matrix, full)
    space, primaries, transfer = TAGS[matrix]
    tags = ["-colorspace", space, "-color_primaries", primaries, "-color_trc", transfer, "-color_range", "pc" if full else "tv"]
    size = f"{colour_bars.WIDTH}x{colour_bars.HEIGHT}"
    path = shelf.get(
        f"bars_{matrix}_{full}_{layout}.mp4",
        lambda to: footage.run_ffmpeg(
            "-f", "rawvideo", "-pix_fmt", layout, "-s", size, "-framerate", "25", *tags, "-i", "pipe:0",
            "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", *tags, to, feed=iter([colour_bars.raw(own)] * 3),
        ),
    )
    video = shelf.described(path).video
    assert (video.matrix, video.full_range, video.bit_depth) == (space, full, own.planes.depth)
    pool = pictures(path)
    for fmt in (PictureFormat(), PictureFormat(PLANE_FORMATS["yuv422p10le"]), own):
        made = pool.picture("a", 0, width=colour_bars.WIDTH, height=colour_bars.HEIGHT, fmt=fmt)
        assert colour_bars.error(made) <= 2.0


@pytest.mark.parametrize(("height", "matrix"), [(64, "bt601"), (720, "bt709")])
def test_untagged_files_are_read_as_players_read_them(height, matrix, shelf, pictures):
    own = PictureFormat(YUV420P, matrix)
    size = f"{colour_bars.WIDTH}x{colour_bars.HEIGHT}"
    path = shelf.get(
        f"untagged_{height}.mp4",
        lambda to: footage.run_ffmpeg(
            "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-framerate", "25", "-i", "pipe:0",
            "-vf", f"scale={colour_bars.WIDTH}:{height}:flags=neighbor", "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast",
            "-bsf:v", "h264_metadata=matrix_coefficients=2:colour_primaries=2:transfer_characteristics=2", to,
            feed=iter([colour_bars.raw(own)] * 2),
        ),
    )
    assert shelf.described(path).video.matrix == "unknown"
    made = pictures(path).picture("a", 0, width=colour_bars.WIDTH, height=height, fmt=PictureFormat())
    assert colour_bars.error(made) <= 2.0


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (161, 91), (319, 179), (641, 361)])
def test_odd_sizes_have_chroma_rounded_up(size):
    source = to_frame(colour_bars.picture(PictureFormat()))
    for layout in PLANE_FORMATS.values():
        fmt = PictureFormat(layout)
        made = Converter().planes(source, *size, fmt).check()
        assert (made.width, made.height) == size
        assert to_rgb(made.copy()).shape == (size[1], size[0], 4)
        assert Converter().planes(source, *size, PictureFormat(layout, "bt601")).check().width == size[0]


def test_frames_that_are_already_right_are_handed_over_without_a_copy(shelf, pictures):
    path = shelf.numbered("h264_30.mp4", 130, rate="30", codec=("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3"))
    pool = pictures(path)
    own = pool.picture("a", 0, width=320, height=180, fmt=PictureFormat(matrix="bt601"))
    assert own.native is not None and own.y.shape == (180, 320) and own.u.shape == (90, 160)
    assert own.y.__array_interface__["data"][0] == own.native.planes[0].buffer_ptr
    other = pool.picture("a", 0, width=320, height=180, fmt=PictureFormat(matrix="bt709"))
    assert other.native is not own.native
