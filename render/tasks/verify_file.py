"""What a finished file says of itself: streams, tags, and the time stamp of every frame.

Owns: the task `verify_file`. Refuses: judging what it finds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from editor_core.timing import from_fraction
from render.media.opening import opened, picture_stream
from render.media.probe import describe
from render.tasks import Report

TASK = "verify_file"


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Describes the file `path`: `media` (a media reference as plain values), `note` (its comment), and `stamps`, the media time of
    every frame in ticks, ascending. Raises MediaError."""
    path = Path(args["path"])
    media = describe(path, "exported")
    stamps: list[int] = []
    with opened(path) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
        picture = picture_stream(container)
        if picture is not None and not media.still:
            for packet in container.demux(picture):
                if packet.size and packet.pts is not None and packet.time_base is not None:
                    stamps.append(from_fraction(packet.pts * packet.time_base))
    stamps.sort()
    zero = stamps[0] - (media.video.start if media.video else 0) if stamps else 0
    return {"media": msgspec.to_builtins(media), "note": tags.get("comment", "")[:8000], "stamps": [stamp - zero for stamp in stamps]}
