"""What libav is told about the processor: speed only, never a sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from render.media.convert import Converter
from render.media.processor import SLOW_GATHER, gathers_slowly, libavutil
from render.picture import YUV420P, YUV444P10, PictureFormat

_ZEN_5 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel name\t: AMD EPYC\n"


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (2880, 1620), (301, 169)])
@pytest.mark.parametrize("planes", [YUV420P, YUV444P10])
def test_scaling_gives_the_same_samples_with_and_without_gathers(size, planes):
    library = libavutil()
    flags = library.av_get_cpu_flags()
    dice = np.random.default_rng(7)
    frame = VideoFrame.from_ndarray(dice.integers(16, 236, (1620, 1920), np.uint8), "yuv420p")
    made = []
    try:
        for told in (flags & ~SLOW_GATHER, flags | SLOW_GATHER):
            library.av_force_cpu_flags(told)
            picture = Converter(1).planes(frame, *size, PictureFormat(planes))
            made.append([picture.y.copy(), picture.u.copy(), picture.v.copy()])
    finally:
        library.av_force_cpu_flags(flags)
    for with_gathers, without in zip(*made, strict=True):
        assert np.array_equal(with_gathers, without)


def test_amds_processors_are_those_slow_at_gathers():
    assert gathers_slowly(_ZEN_5)
    assert not gathers_slowly(_ZEN_5.replace("AuthenticAMD", "GenuineIntel"))
    assert not gathers_slowly("processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n")


def test_whoever_loads_media_has_told_libav_where_gathers_are_slow():
    if gathers_slowly(Path("/proc/cpuinfo").read_text()):
        assert libavutil().av_get_cpu_flags() & SLOW_GATHER
