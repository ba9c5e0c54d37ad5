"""Frames as a few hundred cell means, and what can be told from two films in that form.

Owns: the signature of a frame; finding wrong, black, frozen and misplaced frames. Refuses: decoding and drawing.

A signature is the mean luma of 32 × 18 cells followed by the mean Cb and Cr of 16 × 9 cells each, in levels of 8 bits. Grain and
coding noise average out in it; a shifted, missing or repeated picture does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from render.picture import Plane, Planes

Signatures = NDArray[np.float32]
"""(frames, cells)."""

LUMA_CELLS = 32 * 18
CELLS = LUMA_CELLS + 2 * 16 * 9

BLACK = 8.0
"""Levels above black up to which a whole frame counts as black."""
STILL = 1.0
"""Levels by which no cell of a frozen picture changes: a little, because encoders go on refining it."""
STILL_SHARE = 0.15
"""Share of the wanted change by which no cell of a frozen picture changes."""
MOVING = 1.5
"""Levels by which some cell of a moving picture changes from frame to frame."""
FROZEN_FRAMES = 4
ORDER_REACH = 6
"""Frames before and after in which a misplaced frame is looked for."""
SUSTAINED_FRAMES = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """Frames `[first, first + count)` of what was compared, and how bad it is."""

    first: int
    count: int
    measured: float


def signature(planes: Planes) -> NDArray[np.float32]:
    """The signature of a picture, limited range, 8-bit levels."""
    scale = 1.0 / (1 << (planes.format.planes.depth - 8))
    parts = [_cells(planes.y, 32, 18), _cells(planes.u, 16, 9), _cells(planes.v, 16, 9)]
    return np.concatenate(parts) * np.float32(scale)


def _cells(plane: Plane, across: int, down: int) -> NDArray[np.float32]:
    height, width = plane.shape
    middle = plane
    if width >= 8 * across and height >= 8 * down:
        # A whole factor first is exact and quick; the rest of the way runs on floats so that nothing is rounded to levels.
        factor = min(width // (4 * across), height // (4 * down))
        trimmed = plane[: height // factor * factor, : width // factor * factor]
        middle = cv2.resize(trimmed, (width // factor, height // factor), interpolation=cv2.INTER_AREA)
    small: Any = cv2.resize(middle.astype(np.float32), (across, down), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(-1)


def worst_cell(film: Signatures, wanted: Signatures) -> Finding:
    """The frame whose worst cell differs most, and by how many levels."""
    if not len(film):
        return Finding(0, 0, 0.0)
    off = np.abs(film - wanted).max(axis=1)
    first = int(off.argmax())
    return Finding(first, 1, float(off[first]))


def black_stretches(film: Signatures, wanted: Signatures) -> list[Finding]:
    """Stretches that are black in the film and not in what was wanted; measured is their length in frames."""
    is_black = film[:, :LUMA_CELLS].max(axis=1, initial=0) <= 16 + BLACK
    should = wanted[:, :LUMA_CELLS].max(axis=1, initial=0) <= 16 + 2 * BLACK
    return _runs(is_black & ~should, 1)


def frozen_stretches(film: Signatures, wanted: Signatures) -> list[Finding]:
    """Stretches of at least FROZEN_FRAMES frames that stand still in the film while the wanted pictures move."""
    if len(film) < 2:
        return []
    seen, should = (np.abs(np.diff(either, axis=0)).max(axis=1) for either in (film, wanted))
    found = _runs((should > MOVING) & (seen < np.minimum(STILL, STILL_SHARE * should)), FROZEN_FRAMES - 1)
    return [Finding(run.first, run.count + 1, run.measured + 1) for run in found]


def misplaced_frames(film: Signatures, wanted: Signatures, first: int, count: int, tolerance: float) -> list[Finding]:
    """Of frames `[first, first + count)`, those that show another moment near by; measured is by how many frames they are off.

    `film` has only these frames; `wanted` has more around them where there are any: its frame `first` belongs to the film's first.
    A single frame counts when it differs by more than `tolerance` levels (root mean square over the cells); frames off by the same
    number one after the other count from a quarter of that: where little moves, an encoder may show a frame a little late.
    """
    if not count:
        return []
    here = _distance(film, wanted[first:first + count])
    best = here.copy()
    shift = np.zeros(count, np.int32)
    for by in (*range(1, ORDER_REACH + 1), *range(-1, -ORDER_REACH - 1, -1)):
        low, high = max(0, -(first + by)), min(count, len(wanted) - first - by)
        if high <= low:
            continue
        other = _distance(film[low:high], wanted[first + by + low:first + by + high])
        nearer = other < best[low:high]
        best[low:high] = np.where(nearer, other, best[low:high])
        shift[low:high] = np.where(nearer, by, shift[low:high])
    wrong = (shift != 0) & (here > tolerance) & (best < 0.5 * here)
    likely = (here > tolerance / 4) & (best < 0.6 * here)
    for by in np.unique(shift[likely]):
        for run in _runs(likely & (shift == by), SUSTAINED_FRAMES) if by else ():
            wrong[run.first:run.first + run.count] = True
    return [Finding(run.first, run.count, float(shift[run.first])) for run in _runs(wrong, 1)]


def _distance(film: Signatures, wanted: Signatures) -> NDArray[np.float32]:
    distance: NDArray[np.float32] = np.sqrt(np.square(film - wanted).mean(axis=1))
    return distance


def _runs(flags: NDArray[np.bool_], least: int) -> list[Finding]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [Finding(int(a), int(b - a), float(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least]


def psnr(one: Planes, other: Planes) -> float:
    """Decibels between the lumas of two pictures of one size and depth; 99 for equal ones."""
    peak = 255 << (one.format.planes.depth - 8)
    return float(min(99.0, cv2.PSNR(np.ascontiguousarray(one.y), np.ascontiguousarray(other.y), float(peak))))
