"""Smaller files that stand in for media while the original is elsewhere, or too heavy to play.

Owns: how stand-ins are named, and how the description of the original reads for one. Refuses: making them (see
`render.media.proxy`); nothing here loads PyAV.

A *proxy* has every frame of the original at its time, at most 540 lines high, and all its sound streams. A *preview* has the
keyframes, small and at most two a second, and the sound, enough for thumbnails and waveforms. Both are upright, in square pixels,
and keep the original's media time, so that the same clip shows the same frame of either.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import msgspec

from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND, Rate

Kind = Literal["preview", "proxy"]
HEIGHTS: dict[Kind, int] = {"preview": 90, "proxy": 540}
"""Lines of a stand-in at most."""
SOUND_CODEC = "flac"
_AROUND = 16 * 2**20
"""Bytes of what is neither picture nor sound, at most."""
_SUFFIXES: dict[Kind, str] = {"preview": ".preview.mp4", "proxy": ".proxy.mp4"}


def name_of(content_hash: str, kind: Kind) -> str:
    """The file name of the stand-in for media with this hash (`MediaReference.hash`)."""
    return hashlib.blake2b(content_hash.encode(), digest_size=16).hexdigest() + _SUFFIXES[kind]


def is_stand_in(path: Path) -> bool:
    """Whether a file is a stand-in, by its name."""
    return path.name.endswith(tuple(_SUFFIXES.values()))


def can_have(reference: MediaReference) -> bool:
    """Whether stand-ins of this media are of use: stills are as they are."""
    return not reference.still and (reference.video is not None or bool(reference.audio))


def size_of(reference: MediaReference, kind: Kind) -> tuple[int, int]:
    """Width and height of a stand-in's picture, both even. Raises ValueError for media without a picture."""
    if reference.video is None:
        raise ValueError(f"{reference.name} has no picture")
    width, height = reference.video.shown_size
    share = min(1.0, HEIGHTS[kind] / height)
    return max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2)


def longest(reference: MediaReference, kind: Kind) -> int:
    """Bytes that a stand-in can have at most, far above any that is made: who says that one is longer would only fill disks.

    Its sound is stereo of 32 bits a sample; its picture half as long as one without compression, or 16 times the original.
    """
    seconds = reference.duration / TICKS_PER_SECOND + 1
    sound = sum(seconds * stream.sample_rate * 8 for stream in reference.audio)
    picture = 0.0
    if reference.video is not None:
        width, height = size_of(reference, kind)
        rate = reference.video.rate.num / reference.video.rate.den
        frames = seconds * min(rate, 3) if kind == "preview" else max(seconds * rate, reference.video.frames)
        picture = min(frames * (width * height * 0.75 + 2048), 16.0 * reference.size)
    return int(sound + picture) + _AROUND


def described(path: Path, reference: MediaReference) -> MediaReference:
    """What a decoder must know of `path`: the reference itself, or the one that holds for the stand-in that lies there."""
    kind = next((kind for kind, suffix in _SUFFIXES.items() if path.name.endswith(suffix)), None)
    if kind is None or not can_have(reference):
        return reference
    video = reference.video
    if video is not None:
        width, height = size_of(reference, kind)
        video = msgspec.structs.replace(
            video, index=0, codec="h264", width=width, height=height, sample_aspect=Rate(1, 1), rotation=0, interlaced=False,
            pixel_format="yuv420p", bit_depth=8, alpha=False, variable=video.variable or kind == "preview")
    first = 0 if video is None else 1
    audio = tuple(msgspec.structs.replace(stream, index=first + number, codec=SOUND_CODEC, channels=2, layout="stereo")
                  for number, stream in enumerate(reference.audio))
    return msgspec.structs.replace(reference, video=video, audio=audio, container="mp4")
