"""One frame of a film as a PNG.

Owns: the task `still`. Refuses: choosing the time, and the final name of the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from render.export.preset import Shape
from render.export.studio import Studio, request_of
from render.media.encode import write_png
from render.tasks import Report

TASK = "still"
PLANES = "yuv420p"
"""What films are encoded from unless a preset says else, so that the picture is that of the film."""


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Draws the frame at `ticks` of the film in `records` (msgpack) with media at `locations`, at `scale` (0.01 to 4) of its size,
    and writes it to `path`. Returns its size and `warnings`. Raises MediaError."""
    warnings: list[str] = []
    with Studio(args, on_warning=warnings.append) as studio:
        timeline = studio.view.timeline
        scale = min(4.0, max(0.01, float(args.get("scale", 1.0))))
        width, height = (max(2, min(16384, round(edge * scale / 2) * 2)) for edge in (timeline.width, timeline.height))
        request = request_of(Shape(width, height, timeline.rate, timeline.audio_rate), PLANES)
        write_png(studio.picture(int(args["ticks"]), request), Path(args["path"]))
    return {"width": width, "height": height, "warnings": warnings}
