"""What people should know about a file, in sentences.

Owns: the wording of warnings on imported media. Refuses: reading files.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from editor_core.schema import AudioStream, MediaReference, VideoStream
from editor_core.timing import seconds
from render.media.cadence import Cadence

_CUT_OFF_S = 0.5


def of(reference: MediaReference, even: Cadence | None, *, claimed: Fraction, cut_off: bool) -> list[str]:
    """Warnings on a described file. `claimed` is the duration in seconds that its header promises, 0 when it does not."""
    notes: list[str] = []
    if reference.video is not None:
        notes += _picture(reference.video, even, still=reference.still)
    notes += _sound(reference)
    notes += _ends(reference, claimed, cut_off=cut_off)
    return notes


def undecodable_streams(container: Any) -> list[str]:
    """A sentence for each picture or sound stream that has no decoder."""
    names = {"video": "picture", "audio": "sound"}
    return [
        f"One {names[stream.type]} stream uses a codec that this version cannot decode; it is left out."
        for stream in container.streams
        if stream.type in names and stream.codec_context is None
    ]


def damaged_sound(packets: int, first: float, number: int, streams: int) -> str:
    """A sentence on sound that cannot be decoded: how many packets, the first at `first` seconds, of stream `number` of `streams`."""
    which = "" if streams == 1 else f" in sound stream {number}"
    at = f"{int(first // 60)}:{first % 60:04.1f}"
    if packets == 1:
        return f"One packet of sound{which} is damaged, at {at}; it is silent."
    return f"{packets} packets of sound{which} are damaged, the first at {at}; they are silent."


def _picture(video: VideoStream, even: Cadence | None, *, still: bool) -> list[str]:
    notes = []
    if video.variable and even is not None:
        notes.append(
            f"Variable frame rate: {even.slowest:.1f} to {even.fastest:.1f} frames a second; every frame keeps its own time."
        )
    if video.rotation:
        how = "upside down" if video.rotation == 180 else "on its side"
        notes.append(f"Recorded {how}; shown upright (turned {video.rotation}° clockwise).")
    if video.sample_aspect.num != video.sample_aspect.den:
        width, height = video.shown_size
        aspect = f"{video.sample_aspect.num}:{video.sample_aspect.den}"
        notes.append(f"Pixels are not square ({aspect}); shown as {width} × {height}.")
    if video.bit_depth > 8:
        notes.append(f"{video.bit_depth}-bit picture; an 8-bit export rounds it.")
    if video.full_range and video.matrix != "rgb" and not still and video.codec not in ("gif", "mjpeg"):
        notes.append("Full-range colour; converted to the film's range.")
    if video.interlaced:
        notes.append("Interlaced; deinterlaced, one whole picture for each frame.")
    if video.transfer in ("smpte2084", "arib-std-b67"):
        kind = "PQ" if video.transfer == "smpte2084" else "HLG"
        notes.append(f"High dynamic range ({kind}); tone-mapped to the film's Rec. 709, from 1,000 nits.")
    return notes


def _sound(reference: MediaReference) -> list[str]:
    if reference.still:
        return []
    if not reference.audio:
        return ["No sound."]
    notes = []
    first: AudioStream = reference.audio[0]
    if first.channels == 1:
        notes.append("Mono sound; it plays on both sides.")
    elif first.channels > 2:
        notes.append(f"{first.layout or f'{first.channels} channels of'} sound; mixed down to stereo.")
    if len(reference.audio) > 1:
        notes.append(f"{len(reference.audio)} sound streams; a clip plays the first until another is chosen in its Sound settings.")
    if reference.video is not None and abs(first.start - reference.video.start) > 28_224_000:
        late, early = ("Sound", "picture") if first.start > reference.video.start else ("Picture", "sound")
        notes.append(f"{late} starts {seconds(abs(first.start - reference.video.start)):.2f} s after the {early}; kept as recorded.")
    return notes


def _ends(reference: MediaReference, claimed: Fraction, *, cut_off: bool) -> list[str]:
    if reference.still:
        return []
    length = seconds(reference.duration)
    if float(claimed) - length > max(_CUT_OFF_S, 0.02 * float(claimed)):
        return [f"The file is cut off: it promises {float(claimed):.1f} s and has {length:.1f} s."]
    if cut_off:
        return [f"The file is damaged after {length:.1f} s; what can be read until there is used."]
    return []
