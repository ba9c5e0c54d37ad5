"""Drawing from real files through the real picture pool: places, sizes and colours hold from encoder to composed planes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from editor_core.schema import Clip, Crop, MediaReference, Point, Scale
from render.draw.evaluate import Evaluator
from render.graph.build import build
from render.graph.request import Request
from render.media.pool import PicturePool
from render.media.probe import describe
from render.picture import YUV420P, YUV422P10, PictureFormat, PlaneFormat, Planes
from tests.render.draw.pictures import fonts, same, wide
from tests.render.films import FRAME, Patterns, clip, dissolve, film, ramps, track

WIDTH, HEIGHT = 320, 180
_TAGS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """`ramp`: lossless 4:2:0 with known samples in every plane; `moving` and `other`: lossless H.264 that changes each frame."""
    folder = tmp_path_factory.mktemp("footage")
    picture = Patterns(a=ramps).picture("a", 0, width=WIDTH, height=HEIGHT, fmt=PictureFormat())
    raw = folder / "ramp.yuv"
    raw.write_bytes(b"".join(plane.tobytes() for plane in (picture.y, picture.u, picture.v)) * 5)
    _ffmpeg("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", str(raw), "-vf",
            _TAGS, "-c:v", "ffv1", str(folder / "ramp.mkv"))
    for name, source in (("moving", "testsrc2"), ("other", "mandelbrot")):
        _ffmpeg("-f", "lavfi", "-i", f"{source}=size={WIDTH}x{HEIGHT}:rate=25", "-t", "6", "-vf", f"format=yuv420p,{_TAGS}", "-c:v",
                "libx264", "-qp", "0", "-g", "25", str(folder / f"{name}.mp4"))
    return {path.stem: path for path in folder.iterdir() if path.suffix in (".mkv", ".mp4")}


def _ffmpeg(*words: str) -> None:
    import subprocess

    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *words], check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def known(files: dict[str, Path]) -> dict[str, MediaReference]:
    return {name: describe(path, name) for name, path in files.items()}


@pytest.fixture
def pool(files: dict[str, Path], known: dict[str, MediaReference]) -> Iterator[PicturePool]:
    opened = PicturePool(lambda asset: (files[asset], known[asset]))
    yield opened
    opened.close()


def frame(pool: PicturePool, known: dict[str, MediaReference], *records: Any, number: int = 0, fmt: PictureFormat | None = None) -> Planes:
    used = [known[name] for name in dict.fromkeys(r.asset for r in records if isinstance(r, Clip) and r.asset)]
    view = film(track("v1"), track("v2"), *used, *records, width=WIDTH, height=HEIGHT)
    machine = Evaluator(pool, fonts=fonts())
    picture = machine.evaluate(build(view, number * FRAME, Request(WIDTH, HEIGHT, fmt or PictureFormat())))
    assert machine.problems == []
    return picture.check()


def test_an_untouched_clip_is_the_decoders_frame(pool: PicturePool, known: dict[str, MediaReference]) -> None:
    picture = frame(pool, known, clip("x", "v1", "ramp"))
    expected = Patterns(a=ramps).picture("a", 0, width=WIDTH, height=HEIGHT, fmt=PictureFormat())
    assert same(picture, expected) and picture.native is not None


@pytest.mark.parametrize("layout", [YUV420P, YUV422P10], ids=lambda layout: layout.name)
@pytest.mark.parametrize("at", [(64, 40), (65, 41), (64.5, 40.25)], ids=str)
def test_scaled_footage_keeps_luma_and_chroma_where_they_belong(
    pool: PicturePool, known: dict[str, MediaReference], layout: PlaneFormat, at: tuple[float, float]
) -> None:
    picture = frame(pool, known, clip("y", "v2", "ramp", scale=Scale(0.5, 0.5), position=Point(*at), anchor=Point(0, 0)),
                    fmt=PictureFormat(layout))
    scale = 1 << (layout.depth - 8)
    across, down = 1 << layout.chroma_w, 1 << layout.chroma_h
    grids = [(picture.y, 1, 1), (picture.u, across, down), (picture.v, across, down)]
    for index, (plane, step_x, step_y) in enumerate(grids):
        x = (np.arange(plane.shape[1]) * step_x + 0.5 - at[0])[None, :] / (WIDTH / 2)
        y = (np.arange(plane.shape[0]) * step_y + step_y / 2 - at[1])[:, None] / (HEIGHT / 2)
        inside = (x > 0.05) & (x < 0.95) & (y > 0.05) & (y < 0.95)
        expected = np.broadcast_to(ramps(x, y, 0)[index], inside.shape) * scale
        off = np.abs(plane - expected)[inside]
        assert off.max() <= 2 * scale and off.mean() <= 0.75 * scale, (index, off.max(), off.mean())


def test_crop_and_zoom_of_footage_show_the_same_part(pool: PicturePool, known: dict[str, MediaReference]) -> None:
    zoomed = frame(pool, known, clip("y", "v2", "ramp", scale=Scale(4, 4)))
    x = (np.arange(WIDTH) + 0.5)[None, :] / (4 * WIDTH) + 0.375
    y = (np.arange(HEIGHT) + 0.5)[:, None] / (4 * HEIGHT) + 0.375
    assert np.abs(zoomed.y - ramps(x, y, 0)[0])[4:-4, 4:-4].max() <= 1.5
    cropped = frame(pool, known, clip("y", "v2", "ramp", crop=Crop(0.25, 0.1, 0.25, 0.4)))
    whole = frame(pool, known, clip("y", "v2", "ramp"))
    assert (cropped.y[18:108, 80:240] == whole.y[18:108, 80:240]).all() and (cropped.y[:18] == 16).all()


def test_a_dissolve_within_one_file_mixes_the_frames_that_it_should(pool: PicturePool, known: dict[str, MediaReference]) -> None:
    records = (
        clip("x", "v1", "moving", length=40), clip("y", "v1", "moving", start=40, source=100, length=40), dissolve("d", "v1", "x", "y", 9)
    )
    for number in (36, 40, 44):
        mixed = frame(pool, known, *records, number=number)
        first = frame(pool, known, clip("x", "v1", "moving", source=number))
        second = frame(pool, known, clip("x", "v1", "moving", source=60 + number))
        progress = (number - 36 + 0.5) / 9
        assert np.abs(mixed.y - (progress * wide(second.y) + (1 - progress) * wide(first.y))).max() <= 0.51, number


def test_going_forth_and_back_draws_the_same_frames(pool: PicturePool, known: dict[str, MediaReference]) -> None:
    records = (clip("x", "v1", "moving"), clip("y", "v2", "other", scale=Scale(0.6, 0.6), opacity=0.7, rotation=4.0))
    forth = {number: frame(pool, known, *records, number=number).copy() for number in (3, 30, 31, 77)}
    for number in (77, 31, 30, 3):
        assert same(frame(pool, known, *records, number=number), forth[number]), number
