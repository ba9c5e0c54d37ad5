"""Small pictures of a file.

Owns: the task `thumbnails` and its limits. Refuses: keeping them, and choosing the times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from editor_core.schema import MediaReference
from render.media.errors import MediaRefused
from render.media.thumbnails import thumbnails
from render.stand_in import described
from render.tasks import Report

TASK = "thumbnails"
MOST = 200
MOST_HEIGHT = 540


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Pictures of the file at `path` at `times` (ticks of media time, at most 200), `height` pixels high (2 to 540).

    `{"pictures": [{"ticks", "width", "height", "pixels": RGBA bytes}, …]}`, times that cannot be decoded left out and told in
    `warnings`. `reference` (the media record as plain values) saves describing the file again. Raises MediaError.
    """
    times, height = [int(ticks) for ticks in args["times"]], int(args["height"])
    if len(times) > MOST or not 2 <= height <= MOST_HEIGHT:
        raise MediaRefused(f"Up to {MOST} thumbnails of 2 to {MOST_HEIGHT} pixels can be made at once, not {len(times)} of {height}.")
    known = args.get("reference")
    reference = described(Path(args["path"]), msgspec.convert(known, MediaReference)) if known else None
    warnings: list[str] = []
    pictures: list[dict[str, Any]] = []
    for ticks, pixels in thumbnails(Path(args["path"]), times, height, reference=reference,
                                    on_trouble=lambda _, error: warnings.append(str(error))):
        pictures.append({"ticks": ticks, "width": pixels.shape[1], "height": pixels.shape[0], "pixels": pixels.tobytes()})
        report({"done": len(pictures) / len(times)})
    return {"pictures": pictures, "warnings": warnings}
