"""What the viewer shows at full quality is, bit for bit, what an export encodes: proved on a lossless export."""

from __future__ import annotations

import queue
from pathlib import Path

import numpy as np
import pytest

from editor_core.document import Snapshot
from editor_core.schema import Clip, Point, Scale, Transition
from editor_core.timing import TimeRange
from render.export.export import export
from render.media.convert import to_rgb
from render.picture import PictureFormat, Planes
from render.playback.client import RenderClient
from render.playback.delivered import FrameInfo
from render.playback.render_server import planes_digest
from render.pool import TaskPool
from tests.render.export.films import Material, clip, film, make_material
from tests.support.footage import HEIGHT, WIDTH, run_ffmpeg

FRAMES = 60


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("footage"), frames=100)


def layered(material: Material) -> Snapshot:
    """A dissolve, a turned and a see-through picture, a title, a colour effect of a blend mode, fades."""
    rate = material.rate
    frame = rate.ticks_per_frame
    span = TimeRange(0, FRAMES * frame)
    return film(
        material,
        clip("a", "v1", "first", 0, 30, 20, rate=rate, fade_in=10 * frame),
        clip("b", "v1", "second", 30, 30, 20, rate=rate),
        Transition(id="x", track="v1", from_clip="a", to_clip="b", duration=12 * frame),
        clip("inset", "v2", "second", 0, 25, 3, rate=rate, scale=Scale(0.5, 0.5), opacity=0.8, position=Point(225, 70)),
        clip("turned", "v2", "first", 25, 35, 3, rate=rate, scale=Scale(0.4, 0.4), rotation=17, blend_mode="screen"),
        Clip(id="words", track="v3", kind="title", start=0, source_range=span, text="ProEditor", font_size=30.0),
    )


def test_a_lossless_export_is_the_viewer_s_pictures_bit_for_bit(material: Material, tmp_path: Path) -> None:
    snapshot = layered(material)
    with TaskPool(2) as pool:
        export(snapshot, material.locations, tmp_path / "film.mp4", settings={"crf": 0, "speed": "ultrafast"}, pool=pool)
    raw = run_ffmpeg("-i", tmp_path / "film.mp4", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1")
    exported = np.frombuffer(raw, np.uint8).reshape(FRAMES, HEIGHT * 3 // 2, WIDTH)
    seen: queue.Queue[tuple[int, bytes, FrameInfo]] = queue.Queue()
    client = RenderClient()
    try:
        client.on_frame(lambda ticks, revision, width, height, pixels, info: seen.put((ticks, bytes(pixels), info)))
        client.load(snapshot, {name: [path] for name, path in material.locations.items()})
        for number in range(FRAMES):
            client.request(number * material.rate.ticks_per_frame, WIDTH, HEIGHT, "full", hashed=True)
            _, pixels, info = seen.get(timeout=30)
            planes = planes_of(exported[number])
            assert info.planes == planes_digest(planes), f"frame {number} differs"
            assert np.array_equal(np.frombuffer(pixels, np.uint8).reshape(HEIGHT, WIDTH, 4), to_rgb(planes)), number
    finally:
        client.close()
    assert len(np.unique(exported, axis=0)) == FRAMES, "a film that does not move proves nothing"


def planes_of(picture: np.ndarray) -> Planes:
    """Raw 4:2:0 as planes."""
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    return Planes(picture[:HEIGHT], chroma[0], chroma[1], PictureFormat())
