"""Many pieces of sound into one stereo stream.

Owns: gain, pan, fades and cross-fades as sample values, and where each piece falls on the sample grid.
Refuses: decoding, limiting, and any change that the timeline did not ask for: no hidden ramps at cuts.

Laws, all on sample k of the film at `rate`:

* A piece covers samples `sample_at(start)` up to `sample_at(end)`; its first plays media sample `sample_at(source_start)`.
* Gain is 10^(dB / 20).
* Pan p is constant power with 0 dB in the centre: left √2·cos((p + 1)·π/4), right √2·sin((p + 1)·π/4); so a hard pan is
  +3 dB on one side and silence on the other. It balances stereo: sides are not mixed into each other.
* A fade is linear in amplitude: 0 on the piece's first sample, 1 after its length; the same towards the end.
* A cross-fade is equal power: the coming piece rises with sin, the going one falls with cos of a quarter turn.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from editor_core.timing import TICKS_PER_SECOND, sample_at
from render.graph.sound import SoundPiece
from render.media.errors import MediaError

log = logging.getLogger(__name__)

Samples = NDArray[np.float32]
Trouble = Callable[[SoundPiece, Exception], None]
"""Told when a piece cannot be heard; the mix goes on without it."""
Tap = Callable[[SoundPiece, int, Samples], None]
"""Given each piece's finished samples and where among those of the call they begin: for meters of tracks."""


class Sounds(Protocol):
    """Where samples come from: `render.media.sound_pool.SoundPool`, or a stand-in."""

    def read(self, asset: str, start: int, count: int, rate: int, stream: int = 0, channel: int = 0) -> Samples: ...


def mix(
    plan: Iterable[SoundPiece], start_sample: int, count: int, rate: int, sounds: Sounds, on_trouble: Trouble | None = None,
    tap: Tap | None = None
) -> Samples:
    """Samples `start_sample` to `start_sample + count` of the film at `rate`, float32 (count, 2), not limited to ±1.

    Independent of how a film is cut up into calls. A piece whose media cannot be read is silent and `on_trouble` is told;
    without `on_trouble` the MediaError is raised.
    """
    out = np.zeros((count, 2), np.float32)
    for piece in plan:
        first, last = sample_at(piece.start, rate), sample_at(piece.end, rate)
        low, high = max(first, start_sample), min(last, start_sample + count)
        if high <= low:
            continue
        try:
            source = sample_at(piece.source_start, rate) + low - first
            samples = sounds.read(piece.asset, source, high - low, rate, piece.stream, piece.channel)
        except MediaError as error:
            if on_trouble is None:
                raise
            log.warning("no sound from %s: %s", piece.asset, error)
            on_trouble(piece, error)
            continue
        made = shaped(samples, piece, low, rate)
        out[low - start_sample : high - start_sample] += made
        if tap is not None:
            tap(piece, low - start_sample, made)
    return out


def shaped(samples: Samples, piece: SoundPiece, at: int, rate: int) -> Samples:
    """A piece's samples, the first of them film sample `at`, with its gain, pan, fades and cross-fades."""
    left, right = pan_gains(piece.pan)
    level = 10.0 ** (piece.gain_db / 20.0)
    curve = envelope(piece, at, len(samples), rate)
    if curve is None:
        if level == left == right == 1.0:
            return samples
        return samples * np.array([level * left, level * right], np.float32)
    return samples * (curve[:, None] * np.array([level * left, level * right])).astype(np.float32)


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right factors of the pan law above; exactly (1, 1) in the centre."""
    if pan == 0:
        return 1.0, 1.0
    angle = (min(1.0, max(-1.0, pan)) + 1.0) * math.pi / 4.0
    return math.sqrt(2.0) * max(0.0, math.cos(angle)), math.sqrt(2.0) * max(0.0, math.sin(angle))


def envelope(piece: SoundPiece, at: int, count: int, rate: int) -> NDArray[np.float64] | None:
    """Level of each sample by fades and cross-fades, 0 to 1; None where it is 1 throughout."""
    first, last = sample_at(piece.start, rate), sample_at(piece.end, rate)
    curve: NDArray[np.float64] | None = None
    lengths = (piece.fade_in, piece.lead, piece.fade_out, piece.tail)
    fade_in, lead, fade_out, tail = (length * rate / TICKS_PER_SECOND for length in lengths)
    place = np.arange(count, dtype=np.float64)
    for length, begins, power in ((fade_in, True, False), (lead, True, True), (fade_out, False, False), (tail, False, True)):
        reached = (at - first) if begins else (last - (at + count))
        if length <= 0 or reached >= length:
            continue
        along = (place + (at - first)) if begins else (last - at) - place
        share = np.clip(along / length, 0.0, 1.0)
        if power:
            share = np.sin(share * (math.pi / 2.0))
        curve = share if curve is None else curve * share
    return curve
