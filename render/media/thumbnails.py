"""Small pictures for filmstrips.

Owns: quick, keyframe-near decoding of a handful of times into small RGB pictures. Refuses: keeping them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from editor_core.schema import MediaReference
from render.media.convert import Converter
from render.media.errors import MediaError, NoPicture
from render.media.probe import describe
from render.media.reader import PictureReader, Threads


def thumbnails(
    path: Path, times: list[int], height: int, *, reference: MediaReference | None = None,
    on_trouble: Callable[[int, MediaError], None] | None = None,
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """(time, picture) for each of `times` (ticks of media time), in rising order, as uint8 (height, width, 4) RGBA.

    Upright, square pixels, `height` pixels high (at least 2 wide). A time that cannot be decoded is left out and told to
    `on_trouble`. Raises MediaError where the file as a whole cannot be read.
    """
    path = Path(path)
    reference = reference or describe(path, "thumbnails")
    video = reference.video
    if video is None:
        raise NoPicture(f"{reference.name} has sound but no picture.")
    shown_width, shown_height = video.shown_size
    width = max(2, round(shown_width * height / shown_height))
    converter = Converter()
    reader = PictureReader(path, video, threads=Threads(1), keep_bytes=1)
    try:
        for time in sorted(times):
            try:
                frame = reader.at(time).frame
            except MediaError as error:
                if on_trouble is not None:
                    on_trouble(time, error)
                continue
            yield time, converter.rgba(frame, width, height, rotation=video.rotation)
    finally:
        reader.close()
