"""Small films on real files for the export's tests.

Owns: footage with numbers and clicks, timelines that use it, what every frame of them must show. Refuses: expectations about encoders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from editor_core.document import Document, Snapshot
from editor_core.schema import Clip, MediaReference, Project, Record, Timeline, Track
from editor_core.timing import Rate, TimeRange
from render.media.probe import describe
from tests.support.footage import HEIGHT, WIDTH, clicks, numbered, read_number, run_ffmpeg, write_sound


@dataclass(frozen=True)
class Material:
    """Two films of numbered frames (the second counts from 1000) and a click on every second, on disk and described."""

    first: Path
    second: Path
    sound: Path
    rate: Rate

    @property
    def locations(self) -> dict[str, Path]:
        return {"first": self.first, "second": self.second, "sound": self.sound}

    def media(self) -> list[MediaReference]:
        return [describe(path, name) for name, path in self.locations.items()]


def make_material(folder: Path, rate: Rate = Rate(25), frames: int = 240, keyint: int = 25,  # noqa: B008
                  size: tuple[int, int] = (WIDTH, HEIGHT)) -> Material:
    """Writes the files; B-frames and closed groups of `keyint` frames."""
    codec = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-g", str(keyint), "-bf", "2", "-pix_fmt", "yuv420p",
             "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    made = Material(folder / "first.mp4", folder / "second.mp4", folder / "clicks.wav", rate)
    numbered(made.first, frames, rate=str(rate), codec=codec, size=size)
    numbered(made.second, frames, rate=str(rate), codec=codec, first=1000, size=size)
    write_sound(made.sound, clicks(frames / rate.fps + 2))
    return made


def clip(ident: str, track: str, asset: str, start: int, length: int, source: int = 0, *, rate: Rate, **fields: Any) -> Clip:
    """A clip with its times in frames of `rate`."""
    frame = rate.ticks_per_frame
    return Clip(id=ident, track=track, kind=fields.pop("kind", "video"), asset=asset, start=start * frame,
                source_range=TimeRange(source * frame, length * frame), **fields)


def film(material: Material, *clips: Record, rate: Rate | None = None, width: int = WIDTH, height: int = HEIGHT) -> Snapshot:
    """A timeline with V1, V2, V3 and A1 and these clips."""
    tracks = [Track(id="v1", timeline="film", kind="video", order="A"), Track(id="v2", timeline="film", kind="video", order="B"),
              Track(id="v3", timeline="film", kind="video", order="C"),
              Track(id="a1", timeline="film", kind="audio", order="A")]
    base = [Project(id="project", main_timeline="film"),
            Timeline(id="film", width=width, height=height, rate=rate or material.rate, audio_rate=48000)]
    return Document([*base, *tracks, *material.media(), *clips]).snapshot


def two_shots(material: Material, frames: int = 300) -> tuple[Snapshot, list[int]]:
    """A film of two shots with a click on every whole second of it, and the number that each frame must show."""
    rate = material.rate
    cut = frames * 2 // 5
    snapshot = film(
        material, clip("one", "v1", "first", 0, cut, 30, rate=rate), clip("two", "v1", "second", cut, frames - cut, 7, rate=rate),
        clip("clicks", "a1", "sound", 0, frames, kind="audio", rate=rate))
    return snapshot, [*range(30, 30 + cut), *range(1007, 1007 + frames - cut)]


def numbers_in(path: Path, width: int = WIDTH, height: int = HEIGHT) -> list[int]:
    """The number that every frame of a file shows, read by the independent ffmpeg."""
    raw = run_ffmpeg("-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1")
    pictures = np.frombuffer(raw, np.uint8).reshape(-1, height, width)
    return [read_number(picture) for picture in pictures]


def sound_of(path: Path, rate: int = 48000) -> NDArray[np.float32]:
    """The sound of a file, float32 (samples, 2), read by the independent ffmpeg."""
    raw = run_ffmpeg("-i", path, "-map", "0:a", "-f", "f32le", "-ar", str(rate), "-ac", "2", "pipe:1")
    return np.frombuffer(raw, np.float32).reshape(-1, 2)
