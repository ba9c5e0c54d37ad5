"""What a project knows of its media."""

from __future__ import annotations

import msgspec
import pytest

from editor_core.schema import AudioStream, MediaReference, VideoStream
from editor_core.timing import Rate


@pytest.mark.parametrize(("size", "aspect", "rotation", "shown"), [
    ((1920, 1080), Rate(1), 0, (1920, 1080)), ((1920, 1080), Rate(1), 90, (1080, 1920)), ((1440, 1080), Rate(4, 3), 0, (1920, 1080)),
    ((720, 576), Rate(16, 15), 270, (576, 768)), ((720, 576), Rate(16, 11), 180, (1047, 576)),
])
def test_the_shown_size_is_upright_in_square_pixels(size: tuple[int, int], aspect: Rate, rotation: int, shown: tuple[int, int]) -> None:
    stream = msgspec.convert({"index": 0, "codec": "h264", "width": size[0], "height": size[1], "rotation": rotation,
                              "sample_aspect": {"num": aspect.num, "den": aspect.den}}, VideoStream)
    assert stream.shown_size == shown


@pytest.mark.parametrize("bad", [{"width": 0}, {"height": 100_000}, {"rotation": 45}])
def test_impossible_streams_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"index": 0, "codec": "h264", "width": 16, "height": 16, **bad}, VideoStream)


def test_a_reference_reads_back_whole() -> None:
    asset = MediaReference(id="m", name="ä.mov", hash="quick:1", duration=5, video=VideoStream(index=0, codec="h264", width=2, height=2),
                           audio=(AudioStream(index=1, codec="aac", sample_rate=48000, channels=6, layout="5.1"),), warnings=("odd",))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(asset), type=MediaReference) == asset
