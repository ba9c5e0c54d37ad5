"""Describing a media file: streams, times, colour, and what people should know about it.

Owns: `describe`, from a path to a media reference. Refuses: deciding where the file belongs, keeping it open, guessing
silently: whatever is unusual becomes a sentence in `warnings`.

Time 0 is the earliest presented sample of any stream; the duration runs to the end of the last stream.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from editor_core.schema import AudioStream, MediaReference, VideoStream
from editor_core.schema.media import Rotation
from editor_core.timing import MAX_TICKS, TICKS_PER_SECOND, Rate, from_fraction, seconds
from render.media import labels
from render.media.cadence import Cadence, cadence
from render.media.colour import MATRIX_NAMES, PRIMARIES_NAMES, TRANSFER_NAMES
from render.media.errors import MediaUnreadable, name_of, no_frames
from render.media.frames import has_alpha
from render.media.identity import quick_hash
from render.media.limits import DEFAULT_LIMITS, Limits
from render.media.opening import check_size, first_bytes, opened, picture_stream, sound_streams
from render.media.scan import Scan, StreamScan, scan
from render.media.stills import is_still_container, still_header

DAY = 86_400 * TICKS_PER_SECOND
_REORDERED = 17
"""No codec shows a frame after more than 16 that were decoded later."""
_LONGEST_NAME = 255
_FASTEST_SOUND = 768_000
"""Samples a second: the schema's bound."""


def describe(path: Path, asset_id: str, *, limits: Limits = DEFAULT_LIMITS) -> MediaReference:
    """What the project keeps of a file. Raises MediaError, with a message for people, where it cannot be used."""
    path = Path(path)
    with opened(path, limits=limits) as container:
        header = still_header(path)
        if header is not None and header.moves:
            raise MediaUnreadable(f"{name_of(path)} is an animated WebP, which cannot be read. Convert it to GIF or MP4 first.")
        one_picture = header is not None or is_still_container(container.format.name, first_bytes(path))
        picture = picture_stream(container)
        sounds = sound_streams(container)
        if picture is not None:
            check_size(path, picture.codec_context.width or 1, picture.codec_context.height or 1, limits)
        found = scan(container, ([picture] if picture is not None else []) + sounds, limits)
        seen = found.streams.get(picture.index) if picture is not None else None
        heard = [entry for stream in sounds if _audible(entry := found.streams[stream.index], limits)]
        container_name = container.format.name
        claimed = Fraction(container.duration or 0, 1_000_000)
        missing = labels.undecodable_streams(container)
        reference = _reference(path, asset_id, found, seen, heard, still=one_picture)
    notes = labels.of(reference, seen_cadence(seen, whole=found.whole), claimed=claimed, cut_off=found.broken) + missing
    notes += _damaged_sound(heard, seen)
    return _with(reference, container=header.kind if header else container_name, notes=notes, path=path)


def _damaged_sound(heard: list[StreamScan], seen: StreamScan | None) -> list[str]:
    """A sentence for each sound stream with packets that cannot be decoded. A last packet that fails is the end of the file."""
    zero = min((entry.first for entry in [*heard, *([seen] if seen else [])] if entry.first is not None), default=Fraction(0))
    notes = []
    for number, entry in enumerate(heard, 1):
        bad = [stamp for stamp in entry.silent if stamp != entry.stamps[-1]]
        if bad:
            notes.append(labels.damaged_sound(len(bad), max(0.0, float(bad[0] * entry.time_base - zero)), number, len(heard)))
    return notes


def _audible(entry: StreamScan, limits: Limits) -> bool:
    """False for sound whose first frame makes no sense: damage in a header can claim anything."""
    frame = entry.first_frame
    return frame is None or (1 <= frame.sample_rate <= _FASTEST_SOUND and 1 <= len(frame.layout.channels) <= limits.channels)


def seen_cadence(seen: StreamScan | None, *, whole: bool) -> Cadence | None:
    """The cadence of a scanned picture stream. Where it was not read to its end, frames shown late may not have come yet."""
    if seen is None or seen.first_frame is None:
        return None
    stream = seen.stream
    stamps = seen.stamps if whole else sorted(seen.stamps)[:-_REORDERED]
    return cadence(stamps, seen.time_base, [rate for rate in (stream.average_rate, stream.base_rate) if rate])


def _reference(
    path: Path, asset_id: str, found: Scan, seen: StreamScan | None, heard: list[StreamScan], *, still: bool
) -> MediaReference:
    present = [entry for entry in [*([seen] if seen else []), *heard] if entry.first is not None]
    if not present:
        raise MediaUnreadable(_nothing(path, found))
    zero = min(entry.first for entry in present if entry.first is not None)
    video = _video(seen, zero, found) if seen is not None and seen.first_frame is not None else None
    audio = tuple(_audio(entry, zero, found) for entry in heard if entry.first is not None)
    is_still = still and video is not None and not audio and seen is not None and len(seen.stamps) <= 1
    ends = [sound.start + sound.duration for sound in audio]
    if video is not None:
        ends.append(video.start + video.duration)
    if max(ends) > MAX_TICKS or max(ends) < 0:
        raise MediaUnreadable(f"{name_of(path)} is damaged: its time stamps claim a length of {max(ends) // DAY} days.")
    return MediaReference(
        id=asset_id, name=name_of(path)[:_LONGEST_NAME], hash="",
        duration=0 if is_still else max(ends), still=is_still, video=video, audio=audio
    )


def _with(reference: MediaReference, *, container: str, notes: list[str], path: Path) -> MediaReference:
    return msgspec.structs.replace(
        reference, container=container, warnings=tuple(notes), hash=quick_hash(path), size=path.stat().st_size
    )


def _nothing(path: Path, found: Scan) -> str:
    """Why no stream gave anything."""
    name = name_of(path)
    if not found.streams:
        return f"{name} has neither picture nor sound that this version can read."
    if not any(entry.stamps for entry in found.streams.values()):
        return no_frames(path)
    return f"{name} is damaged: none of its frames can be decoded. Copy it again from the card or the camera."


def _video(seen: StreamScan, zero: Fraction, found: Scan) -> VideoStream:
    stream, frame = seen.stream, seen.first_frame
    even = seen_cadence(seen, whole=found.whole)
    assert even is not None
    start = from_fraction((seen.first or zero) - zero)
    frames = len(set(seen.stamps)) if found.whole or found.broken else stream.frames
    aspect = stream.sample_aspect_ratio
    return VideoStream(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        width=frame.width,
        height=frame.height,
        sample_aspect=Rate(aspect.numerator, aspect.denominator) if aspect and Fraction(1, 16) < aspect < 16 else Rate(1, 1),
        rotation=turn(frame),
        rate=even.rate,
        variable=even.variable,
        interlaced=bool(frame.interlaced_frame),
        frames=frames,
        start=start,
        duration=max(0, _video_end(seen, even, zero, found) - start),
        pixel_format=frame.format.name,
        bit_depth=max(component.bits for component in frame.format.components),
        alpha=has_alpha(frame),
        matrix="rgb" if frame.format.is_rgb else MATRIX_NAMES.get(frame.colorspace, "unknown"),
        primaries=PRIMARIES_NAMES.get(frame.color_primaries, "unknown"),
        transfer=TRANSFER_NAMES.get(frame.color_trc, "unknown"),
        full_range=frame.color_range == 2 or frame.format.name.startswith("yuvj") or frame.format.is_rgb,
    )


def _video_end(seen: StreamScan, even: Cadence, zero: Fraction, found: Scan) -> int:
    """Ticks at which the last frame's time is over."""
    if not (found.whole or found.broken):
        return from_fraction(found.end_of(seen) - zero)
    last = max(seen.stamps, default=seen.first_stamp or 0)
    length = 1 / even.rate.fraction
    if even.variable:
        own = (seen.end or last) - last
        length = own * seen.time_base if own > 0 else length
        return from_fraction(last * seen.time_base + length - zero)
    first = min(seen.stamps, default=last)
    return from_fraction(first * seen.time_base + len(set(seen.stamps)) * length - zero)


def _audio(heard: StreamScan, zero: Fraction, found: Scan) -> AudioStream:
    stream = heard.stream
    frame = heard.first_frame
    start = from_fraction((heard.first or zero) - zero)
    return AudioStream(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        sample_rate=frame.sample_rate,
        channels=len(frame.layout.channels),
        layout="" if frame.layout.name.endswith(" channels") else frame.layout.name,  # libav's name of a layout without one
        start=start,
        duration=max(0, from_fraction(found.end_of(heard) - zero) - start),
    )


def turn(frame: Any) -> Rotation:
    """Degrees clockwise that make a frame upright, from its display matrix."""
    degrees = round(-frame.rotation / 90) * 90 % 360
    turns: dict[int, Rotation] = {90: 90, 180: 180, 270: 270}
    return turns.get(degrees, 0)


def length_text(ticks: int) -> str:
    """`1:02:03.4` or `2:03.4`, for messages."""
    whole = seconds(ticks)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{int(hours)}:{int(minutes):02d}:{secs:04.1f}" if hours >= 1 else f"{int(minutes)}:{secs:04.1f}"
