"""Pictures come out upright, right-shaped, cropped and with their transparency."""

from __future__ import annotations

import numpy as np
import pytest

from editor_core.schema import Crop
from render.media.convert import Converter
from render.media.frames import to_frame
from render.picture import YUV420P, YUV444P, PictureFormat, Planes
from tests.support import footage

FMT = PictureFormat(matrix="bt601")
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "24", "-qp", "10")
TURNED = {90: ("transpose=2", "-90"), 180: ("hflip,vflip", "180"), 270: ("transpose=1", "90")}


@pytest.mark.parametrize("rotation", TURNED)
def test_footage_recorded_on_its_side_stands_upright(rotation, shelf, pictures):
    filters, tag = TURNED[rotation]
    lying = shelf.numbered(f"lying_{rotation}.mp4", 30, codec=X264, filters=filters)
    path = shelf.get(
        f"tagged_{rotation}.mp4", lambda to: footage.run_ffmpeg("-display_rotation:v:0", tag, "-i", lying, "-c", "copy", to)
    )
    reference = shelf.described(path)
    assert reference.video.rotation == rotation and reference.video.shown_size == (320, 180)
    assert any("upright" in warning for warning in reference.warnings)
    raw = footage.run_ffmpeg("-i", path, "-f", "rawvideo", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "pipe:1")
    independent = np.frombuffer(raw, np.uint8).reshape(30, 270, 320)
    pool = pictures(path)
    for number in (0, 7, 29, 3):
        made = pool.picture("a", number * reference.video.rate.ticks_per_frame, width=320, height=180, fmt=FMT)
        assert footage.read_number(made.y) == number
        assert np.array_equal(made.y, independent[number, :180])


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (270, 3)])
def test_turning_keeps_chroma_where_it_was(rotation, turns):
    y, x = np.mgrid[0:96, 0:128]
    whole = PictureFormat(YUV444P)
    upright = [np.uint8(100 + 0 * x), (40 + x + y / 2).astype(np.uint8), (200 - x - y / 3).astype(np.uint8)]
    sideways = [np.ascontiguousarray(np.rot90(plane, turns)) for plane in upright]
    converter = Converter()
    small = PictureFormat(YUV420P)
    expected = converter.planes(to_frame(Planes(*upright, whole)), 128, 96, small)
    width, height = sideways[0].shape[::-1]
    lying = converter.planes(to_frame(Planes(*sideways, whole)), width, height, small).copy()
    found = converter.planes(to_frame(lying), 128, 96, small, rotation=rotation)
    for made, wanted in ((found.u, expected.u), (found.v, expected.v)):
        assert np.max(np.abs(made[2:-2, 2:-2].astype(int) - wanted[2:-2, 2:-2])) <= 1


def test_pixels_that_are_not_square_are_shown_in_shape(shelf, pictures):
    path = shelf.get(
        "anamorphic.mp4",
        lambda to: footage.numbered(to, 10, size=(640, 360), filters="scale=320:360:flags=area,setsar=2/1", codec=X264),
    )
    reference = shelf.described(path)
    assert (reference.video.width, reference.video.height) == (320, 360)
    assert reference.video.shown_size == (640, 360)
    assert any("640 × 360" in warning for warning in reference.warnings)
    made = pictures(path).picture("a", 5 * reference.video.rate.ticks_per_frame, width=640, height=360, fmt=FMT)
    assert footage.read_number(made.y) == 5


def test_a_crop_cuts_whole_pixels_of_the_upright_picture(shelf, pictures):
    path = shelf.numbered("lying_90.mp4", 30, codec=X264, filters="transpose=2")
    tagged = shelf.get(
        "tagged_90.mp4", lambda to: footage.run_ffmpeg("-display_rotation:v:0", "-90", "-i", path, "-c", "copy", to)
    )
    pool = pictures(tagged)
    whole = pool.picture("a", 0, width=320, height=180, fmt=FMT)
    for crop, box in [
        (Crop(0.25, 0.5, 0.25, 0.0), (80, 90, 160, 90)),
        (Crop(81 / 320, 31 / 180, 0.1, 0.2), (81, 31, 207, 113)),
        (Crop(0.5, 0.5, 0.5, 0.5), (160, 90, 1, 1)),
    ]:
        left, top, width, height = box
        made = pool.picture("a", 0, width=width, height=height, crop=crop, fmt=FMT).check()
        expected = whole.y[top : top + height, left : left + width]
        assert np.max(np.abs(made.y.astype(int) - expected)) <= 1


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("clear.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
        ("clear.png", ("-frames:v", "1", "-pix_fmt", "rgba")),
        ("clear_qt.mov", ("-c:v", "qtrle", "-pix_fmt", "argb")),
        ("clear.webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-lossless", "1", "-auto-alt-ref", "0")),
    ],
)
def test_transparency_comes_with_the_picture(name, codec, shelf, pictures):
    fade = "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*X/(W-1)'"
    path = shelf.get(name, lambda to: footage.numbered(to, 3, filters=fade, codec=codec))
    reference = shelf.described(path)
    assert reference.video.alpha and reference.still == name.endswith("png")
    for fmt, top in ((PictureFormat(), 255), (PictureFormat(YUV444P), 255)):
        made = pictures(path).picture("a", 0, width=320, height=180, fmt=fmt).check()
        assert made.alpha is not None
        expected = top * np.arange(320) / 319
        assert np.max(np.abs(made.alpha[90].astype(float) - expected)) <= 2
    half = pictures(path).picture("a", 0, width=160, height=90, fmt=PictureFormat()).check()
    assert half.alpha is not None and half.alpha[45, 5] < 20 < 235 < half.alpha[45, -5]


def test_a_picture_may_change_its_size_in_the_middle_of_a_stream(shelf, pictures):
    parts = [
        shelf.get(f"part_{width}.ts", lambda to, width=width: footage.numbered(to, 20, codec=X264, filters=f"scale={width}:-2"))
        for width in (320, 240)
    ]
    path = shelf.get("changing.ts", lambda to: to.write_bytes(b"".join(part.read_bytes() for part in parts)))
    pool = pictures(path)
    step = shelf.described(path).video.rate.ticks_per_frame
    first = pool.picture("a", 5 * step, width=320, height=180, fmt=FMT).check()
    last = pool.picture("a", 1 << 50, width=320, height=180, fmt=FMT).check()
    assert (footage.read_number(first.y), footage.read_number(last.y)) == (5, 19)
