"""A proxy shows the frame and plays the sample that the original has at that time."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import numpy as np
import pytest

from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND, from_fraction, parse_rate
from render.media.errors import MediaError
from render.media.pool import PicturePool
from render.media.probe import describe
from render.media.proxy import make_stand_in
from render.media.sound_pool import SoundPool
from render.picture import PictureFormat
from render.stand_in import described, is_stand_in, name_of
from tests.render.media.conftest import Shelf
from tests.support import footage

FMT = PictureFormat()
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3")


def stand_in(source: Path, folder: Path, kind: str = "proxy") -> tuple[Path, MediaReference]:
    reference = describe(source, "a")
    out = folder / name_of(reference.hash, kind)  # type: ignore[arg-type]
    make_stand_in(source, reference, out, kind)  # type: ignore[arg-type]
    return out, reference


@pytest.mark.parametrize(("name", "rate"), [("p2997.mp4", "30000/1001"), ("p24.mkv", "24000/1001"), ("p50.mp4", "50"), ("p25.ts", "25")])
def test_a_proxy_shows_the_frame_of_the_original_at_any_time(shelf: Shelf, tmp_path: Path, name: str, rate: str) -> None:
    source = shelf.numbered(name, 90, rate=rate, codec=X264)
    out, reference = stand_in(source, tmp_path)
    assert is_stand_in(out) and not is_stand_in(source)
    pool = PicturePool(lambda asset: (out, described(out, reference)))
    even = parse_rate(rate).fraction
    order = [*range(90), *random.Random(3).sample(range(90), 30)]
    for number in order:
        ticks = from_fraction(number / even)
        planes = pool.picture("a", ticks, width=footage.WIDTH, height=footage.HEIGHT, fmt=FMT)
        assert footage.read_number(planes.y) == number
    pool.close()


def test_a_proxy_of_uneven_footage_keeps_every_frame_at_its_time(shelf: Shelf, tmp_path: Path) -> None:
    source = shelf.numbered("uneven_p.mp4", 60, rate="30", codec=X264, filters="setpts=N/30/TB+gt(mod(N\\,5)\\,2)*0.011/TB",
                            more=("-fps_mode", "vfr"))
    out, reference = stand_in(source, tmp_path)
    original = PicturePool(lambda asset: (source, reference))
    proxy = PicturePool(lambda asset: (out, described(out, reference)))
    for ticks in range(0, reference.duration, TICKS_PER_SECOND // 240):
        assert 0 <= original.frame_time("a", ticks + 100) - proxy.frame_time("a", ticks + 100) <= 100
    original.close()
    proxy.close()


def test_the_sound_of_a_proxy_lies_on_the_samples_of_the_original(shelf: Shelf, tmp_path: Path) -> None:
    wave = footage.write_sound(tmp_path / "clicks.wav", footage.clicks(4))
    source = shelf.numbered("clicks_p.mp4", 100, rate="25", codec=X264, sound=wave, more=("-c:a", "aac"))
    out, reference = stand_in(source, tmp_path)
    original, proxy = SoundPool(lambda asset: (source, reference)), SoundPool(lambda asset: (out, described(out, reference)))
    one, other = original.read("a", 0, 48000 * 4, 48000), proxy.read("a", 0, 48000 * 4, 48000)
    assert np.abs(one - other).max() <= 1.01 / 32768
    assert footage.find_clicks(other, 48000, [1, 2, 3]) == footage.find_clicks(one, 48000, [1, 2, 3])
    original.close()
    proxy.close()


def test_turned_footage_has_an_upright_proxy_of_the_same_shape(shelf: Shelf, tmp_path: Path) -> None:
    source = shelf.numbered("turned_p.mp4", 10, rate="25", codec=X264)
    reference = describe(source, "a")
    assert reference.video is not None
    turned = msgspec.structs.replace(reference, video=msgspec.structs.replace(reference.video, rotation=90))
    out = tmp_path / name_of(turned.hash, "proxy")
    make_stand_in(source, turned, out, "proxy")
    found = describe(out, "b")
    assert found.video is not None
    width, height = found.video.width, found.video.height
    assert width < height and abs(width / height - footage.HEIGHT / footage.WIDTH) < 0.02
    stand = described(out, turned)
    assert stand.video is not None and stand.video.rotation == 0


def test_a_preview_is_small_and_reaches_to_the_end(shelf: Shelf, tmp_path: Path) -> None:
    wave = footage.write_sound(tmp_path / "clicks.wav", footage.clicks(4))
    source = shelf.numbered("clicks_p.mp4", 100, rate="25", codec=X264, sound=wave, more=("-c:a", "aac"))
    out, _ = stand_in(source, tmp_path, "preview")
    found = describe(out, "b")
    assert found.video is not None and found.video.height <= 90
    assert found.video.frames == 3, "its keyframes"
    assert found.audio[0].sample_rate == 8000
    assert abs(found.audio[0].duration - 4 * TICKS_PER_SECOND) < TICKS_PER_SECOND // 100


def test_a_proxy_that_cannot_be_made_leaves_no_file(shelf: Shelf, tmp_path: Path) -> None:
    source = shelf.numbered("gone_p.mp4", 10, rate="25", codec=X264)
    reference = describe(source, "a")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(source.read_bytes()[:2000])
    out = tmp_path / "x.proxy.mp4"
    with pytest.raises(MediaError):
        make_stand_in(broken, reference, out, "proxy")
    assert not out.exists()
