"""Footage whose every frame says its number, and documents that show it.

Owns: generated files for playback tests. Refuses: real footage.

The number stands as 16 squares of black and white in the top left sixth of the picture, so that it survives scaling and lossy codecs.
"""

from __future__ import annotations

import os
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from editor_core.document import ChangeSet, Document, Draft, Snapshot, Stamp
from editor_core.schema import AnyRecord, Clip, Project, Record, Timeline, Track
from editor_core.timing import TICKS_PER_SECOND, Rate, TimeRange
from render.media.probe import describe

BITS = 16


def picture_file(path: Path, *, width: int = 640, height: int = 360, fps: int = 30, seconds: float = 4.0, gop: int = 30) -> Path:
    """H.264 with moving noise and the frame's number."""
    rng = np.random.default_rng(7)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(fps), options={"crf": "20", "preset": "ultrafast", "g": str(gop)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        noise = rng.integers(60, 200, (height * 2, width * 2), dtype=np.uint8)
        for number in range(round(fps * seconds)):
            luma = np.full((height * 3 // 2, width), 128, np.uint8)
            luma[:height] = noise[number * 3 % height:, number * 5 % width:][:height, :width]
            stamp(luma[:height], number)
            frame = av.VideoFrame.from_ndarray(luma, "yuv420p")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def stamp(luma: np.ndarray, number: int) -> None:
    """Writes a frame's number: 16 squares, 8 in a row, lowest bit first, in the top left."""
    side = luma.shape[1] // 48
    for bit in range(BITS):
        top, left = bit // 8 * side, bit % 8 * side
        luma[top:top + side, left:left + side] = 235 if number >> bit & 1 else 16


def number_of(pixels: memoryview, width: int, height: int) -> int:
    """The number in a frame of RGBA bytes."""
    green = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)[:, :, 1]
    side = width / 48
    number = 0
    for bit in range(BITS):
        top, left = int((bit // 8 + 0.5) * side), int((bit % 8 + 0.5) * side)
        number |= int(green[top, left] > 128) << bit
    return number


def click_file(path: Path, *, seconds: int = 10, rate: int = 48000, every: float = 1.0, hertz: float = 0.0) -> Path:
    """16-bit stereo WAV: a click of 2 ms at each `every` seconds; with `hertz`, a sine at -12 dB instead."""
    count = seconds * rate
    if hertz:
        sound = 0.25 * np.sin(2 * np.pi * hertz * np.arange(count) / rate)
    else:
        sound = np.zeros(count)
        for start in range(0, count, round(every * rate)):
            sound[start:start + rate // 500] = 0.9
    data = (np.repeat(sound[:, None], 2, axis=1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(data.tobytes())
    return path


def document(*files: Path, width: int = 640, height: int = 360, fps: int = 30, gap: int = 0) -> tuple[Document, dict[str, list[Path]]]:
    """A document with the files one after another (picture on V1, sound on A1), `gap` ticks between, and their locations."""
    records: list[AnyRecord] = [
        Project(id="project", name="test", main_timeline="main"),
        Timeline(id="main", width=width, height=height, rate=Rate(fps)),
        Track(id="v1", timeline="main", kind="video", order="a0"),
        Track(id="a1", timeline="main", kind="audio", order="a0"),
    ]
    locations: dict[str, list[Path]] = {}
    at = 0
    for index, path in enumerate(files):
        media = describe(path, f"m{index}")
        whole = TimeRange(0, media.duration)
        records.append(media)
        locations[media.id] = [path]
        if media.video is not None:
            records.append(Clip(id=f"cv{index}", track="v1", kind="video", start=at, source_range=whole, asset=media.id))
        if media.audio:
            records.append(Clip(id=f"ca{index}", track="a1", kind="audio", start=at, source_range=whole, asset=media.id))
        at += media.duration + gap
    return Document(records), locations


def put(doc: Document, clip: str, **fields: object) -> tuple[ChangeSet, Snapshot]:
    """Changes fields of a clip in a document; the change and the snapshot after it."""
    return put_record(doc, Clip, clip, **fields)


def put_record(doc: Document, kind: type[Record], record: str, **fields: object) -> tuple[ChangeSet, Snapshot]:
    """As `put`, for any kind of record."""
    draft = Draft(doc.snapshot)
    draft.put(draft.get(kind, record), **fields)
    change = ChangeSet(stamp=Stamp(1, doc.revision + 1), actor="test", command="test", label="test", time=0,
                       operations=draft.operations(doc))
    return change, doc.apply(change)


def busy() -> bool:
    """Whether others are at work on this machine: what is promised, is promised for a free one."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def frame_ticks(number: int, fps: int = 30) -> int:
    """Start of a frame in ticks."""
    return number * TICKS_PER_SECOND // fps
