"""A stretch of an exported film looked at frame by frame, beside the same stretch drawn from the timeline.

Owns: the task `verify_picture`. Refuses: limits and verdicts; it returns measures.

Both are compared at the export's size and in its format: a smaller drawing costs as much decoding and puts edges elsewhere.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from render.export.exported_film import ExportedFilm
from render.export.preset import Shape
from render.export.signature import (
    CELLS,
    ORDER_REACH,
    Finding,
    Signatures,
    black_stretches,
    frozen_stretches,
    misplaced_frames,
    psnr,
    signature,
    worst_cell,
)
from render.export.studio import Studio, request_of
from render.tasks import Report

TASK = "verify_picture"

_REPORT_EVERY = 8


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Compares frames `[first, first + count)` of `paths` (one film, or a picture for each frame) with the timeline; `tolerance` is in
    levels, as `misplaced_frames` takes it.

    Returns `cell` [frame, levels] and `psnr` [frame, dB] of the worst frames, lists `black`, `frozen`, `misplaced` of [frame, count,
    measured], and `broken` packets. Reports `done` frames. Raises MediaError.
    """
    first, count = int(args["first"]), int(args["count"])
    shape = msgspec.convert(args["shape"], Shape)
    request = request_of(shape, args["planes"])
    low, high = max(0, first - ORDER_REACH), min(int(args["frames"]), first + count + ORDER_REACH)
    film = np.zeros((count, CELLS), np.float32)
    wanted = np.zeros((high - low, CELLS), np.float32)
    worst = [float(first), 99.0]
    with Studio(args) as studio, ExportedFilm(args, shape, request.format) as shown:
        for frame in range(low, high):
            drawn = shown.kept(studio.picture(args["start"] + frame * args["step"], request))
            wanted[frame - low] = signature(drawn)
            if first <= frame < first + count:
                picture = shown.at(frame)
                film[frame - first] = signature(picture)
                fidelity = psnr(picture, drawn)
                if fidelity < worst[1]:
                    worst = [frame, fidelity]
                if frame % _REPORT_EVERY == 0:
                    report({"done": frame - first})
        broken = shown.broken
    return {**_compared(film, wanted, first, first - low, float(args["tolerance"])), "psnr": worst, "broken": broken}


def _compared(film: Signatures, wanted: Signatures, first: int, lead: int, tolerance: float) -> dict[str, Any]:
    same = wanted[lead:lead + len(film)]

    def placed(findings: list[Finding]) -> list[list[float]]:
        return [[first + found.first, found.count, found.measured] for found in findings]

    worst = worst_cell(film, same)
    return {"cell": [first + worst.first, worst.measured], "black": placed(black_stretches(film, same)),
            "frozen": placed(frozen_stretches(film, same)), "misplaced": placed(misplaced_frames(film, wanted, lead, len(film), tolerance))}
