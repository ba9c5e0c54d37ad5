"""HDR footage in the film's Rec. 709: grey steps against the standards' formulas, order, saturated colours."""

from __future__ import annotations

import numpy as np
import pytest

from render.media import tone
from render.picture import YUV444P10, PictureFormat
from tests.support import footage

NITS = (0.1, 1, 5, 20, 60, 100, 203, 400, 700, 1000)


def pq(nits):
    """ST 2084, written down here once more."""
    y = (nits / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(nits):
    """A grey of that many nits on a display of 1,000, BT.2100: OOTF and OETF backwards."""
    scene = (nits / 1000) ** (1 / 1.2)
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073)


def wanted(nits):
    """BT.2390-11's EETF from 1,000 to 203 nits, then BT.1886; 0 to 255."""
    value, top = pq(np.asarray(nits, float)) / pq(1000), pq(203) / pq(1000)
    knee = 1.5 * top - 0.5
    t = (value - knee) / (1 - knee)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * top
    code = np.where(value < knee, value, bent) * pq(1000)
    root = code ** (1 / 78.84375)
    light = 10000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    return 255 * np.minimum(1, light / 203) ** (1 / 2.4)


@pytest.mark.parametrize(("name", "transfer", "curve"), [("pq", "smpte2084", pq), ("hlg", "arib-std-b67", hlg)])
def test_grey_steps_come_out_as_the_standards_have_it(name, transfer, curve, shelf, pictures):
    def make(path):
        luma = np.repeat(np.round(64 + 876 * curve(np.array(NITS))).astype("<u2"), 32)[None].repeat(64, axis=0)
        grey = np.full((2, *luma.shape), 512, "<u2")
        footage.run_ffmpeg("-f", "rawvideo", "-pix_fmt", "yuv444p10le", "-s", f"{luma.shape[1]}x{luma.shape[0]}", "-r", "25", "-i", "-",
                           "-vf", f"setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}:range=tv",
                           "-c:v", "ffv1", path, feed=iter([luma.tobytes() + grey.tobytes()] * 2))
    path = shelf.get(f"{name}.mkv", make)
    reference = shelf.described(path)
    assert reference.video.transfer == transfer and any("tone-mapped" in words for words in reference.warnings)
    made = pictures(path).picture("a", 0, width=320, height=64, fmt=PictureFormat(YUV444P10))
    shown = (made.y[32, 16::32].astype(float) - 64) / 876 * 255
    assert np.abs(shown - wanted(NITS)).max() < 2, shown
    assert np.abs(made.u.astype(int) - 512).max() <= 2 and np.abs(made.v.astype(int) - 512).max() <= 2, "grey stays grey"
    half = pictures(path).picture("a", 0, width=160, height=32, fmt=PictureFormat(YUV444P10))
    assert np.abs((half.y[16, 8::16].astype(float) - 64) / 876 * 255 - wanted(NITS)).max() < 2


def test_pictures_are_mapped_as_single_colours_are():
    chance = np.random.default_rng(3)
    for transfer in (tone.PQ, tone.HLG):
        code = chance.integers(0, 1024, (90, 160, 3)).astype(np.uint16)
        frame = tone.VideoFrame(160, 90, tone.FORMAT)
        for plane, channel in zip(frame.planes, (1, 2, 0), strict=True):
            np.copyto(tone.plane_view(plane, 2), code[..., channel])
        made = tone.ToneMapper().mapped(frame, transfer)
        shown = np.stack([tone.plane_view(made.planes[n], 2) for n in (2, 0, 1)], axis=-1) / 1023
        off = 255 * np.abs(shown - tone.to_sdr(tone.to_nits(code / 1023, transfer)))
        assert np.percentile(off, 99) < 1 and off.mean() < 0.2


def test_colours_outside_of_rec_709_keep_their_luminance_and_brighter_is_never_darker():
    light = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])[:, None] * np.geomspace(0.5, 950, 60)[:, None]
    shown = tone.to_sdr(light)
    assert shown.min() >= 0 and shown.max() <= 1
    luminance = shown**2.4 @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(luminance, axis=1) > -1e-6).all()
