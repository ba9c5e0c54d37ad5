"""Integrated loudness and true peak of a whole film's sound.

Owns: feeding libav's `ebur128` (EBU R 128, ITU-R BS.1770) and reading its results. Refuses: the short-term meter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import av.error
import msgspec
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from render.media.downmix import Stereo
from render.media.errors import NoSound, name_of
from render.media.opening import opened, sound_streams

QUIETEST_LUFS = -70.0
"""The absolute gate of BS.1770: quieter than this counts as silence."""


class Loudness(msgspec.Struct, frozen=True):
    """`integrated` in LUFS (-70 is silence), `range` in LU, `true_peak` in dBTP and `sample_peak` in dBFS (-120 is silence)."""

    integrated: float
    range: float
    true_peak: float
    sample_peak: float


def of_samples(blocks: Iterable[NDArray[np.float32]], rate: int) -> Loudness:
    """Loudness of a stream of float32 (count, 2) blocks."""
    graph = Graph()
    source = graph.add("abuffer", sample_rate=str(rate), sample_fmt="flt", channel_layout="stereo", time_base=f"1/{rate}")
    meter = graph.add("ebur128", "metadata=1:peak=true+sample")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    last: dict[str, str] = {}
    place, highest = 0, 0.0
    for block in blocks:
        if not len(block):
            continue
        highest = max(highest, float(np.max(np.abs(block))))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block, np.float32).reshape(1, -1), "flt", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, place, Fraction(1, rate)
        place += len(block)
        graph.push(frame)
        last = _drain(graph) or last
    graph.push(None)
    last = _drain(graph) or last
    return _result(last, highest)


def of_file(path: Path, stream: int = 0) -> Loudness:
    """Loudness of a file's sound stream, mixed to stereo. Raises MediaError."""
    with opened(path) as container:
        streams = sound_streams(container)
        if stream >= len(streams):
            raise NoSound(f"{name_of(path)} has no sound stream {stream + 1}.")
        chosen = streams[stream]
        rate = chosen.codec_context.sample_rate
        stereo = Stereo()
        return of_samples((stereo(frame) for frame in container.decode(chosen)), rate)


def _drain(graph: Graph) -> dict[str, str]:
    """Metadata of the last frame that the graph has ready."""
    last: dict[str, str] = {}
    while True:
        try:
            last = graph.pull().metadata or last
        except (BlockingIOError, EOFError):
            return last


def _result(values: dict[str, str], highest: float) -> Loudness:
    """The filter's last words; it gives peaks as factors with three decimals."""

    def value(name: str, least: float) -> float:
        number = float(values.get(name, "-inf"))
        return max(least, number) if number == number else least

    true_peak = max(value("lavfi.r128.true_peak", 0.0), highest)
    return Loudness(value("lavfi.r128.I", QUIETEST_LUFS), max(0.0, value("lavfi.r128.LRA", 0.0)), _db(true_peak), _db(highest))


def _db(level: float) -> float:
    return max(-120.0, 20 * math.log10(level)) if level > 0 else -120.0
