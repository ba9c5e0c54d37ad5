"""ChangeSets as few bytes as possible, for the journal row and the replicated journal.

Owns: the packed form: one version byte, then raw DEFLATE (RFC 1951) of the msgpack with a preset dictionary.
Refuses: unpacking more than `MAX_CHANGE` bytes, whatever the packed form claims.

The dictionary is part of the file format: version 1 may never change, a better one gets the next version byte.
"""

from __future__ import annotations

import zlib

from editor_core.document import ChangeSet
from editor_core.document.change_set import decode, encode
from editor_core.sync.errors import UNDECODABLE, UpdateRefused

MAX_CHANGE = 64 * 2**20
"""Longest msgpack of a ChangeSet in bytes: an atomic script that makes 200,000 clips."""
MAX_MERGE = 256 * 2**20
"""Longest msgpack of a merge, which is local to one file: what came of a whole film that was joined."""
MAX_PACKED = 32 * 2**20
"""Longest packed ChangeSet in bytes; half as long as what it may unpack to."""
_VERSION = 1

_WORDS = (
    "project.new script.run asset.add asset.remove project.rename timeline.set timeline.rename marker.add marker.set marker.remove "
    "solid.add transition.add transition.set transition.remove track.move track.remove track.add track.set title.add title.set "
    "clip.close_gap clip.nudge clip.roll clip.slip clip.group clip.ungroup clip.link clip.unlink clip.duplicate clip.paste "
    "clip.extract clip.lift clip.insert clip.overwrite clip.append clip.split clip.set clip.move clip.trim edit.undo edit.redo "
    "undo redo width height rate audio_rate num den audio_rate main_timeline codec sample_rate channels layout stereo warnings "
    "container mov,mp4,m4a,3gp,3g2,mj2 h264 aac yuv420p bt709 pixel_format matrix primaries transfer index hash quick: media "
    "transition from_clip to_clip dissolve marker text color green ripple tracks delta font_size font_weight italic align center "
    "stroke_color stroke_width shadow_color shadow_blur shadow_offset #FFFFFF title solid caption order muted solo locked hidden "
    "timeline deleted enabled group anchor crop blend_mode pan label fade_out fade_in rotation scale position opacity gain_db "
    "Trim clip Set opacity Split Delete Move clip Append Insert Undo Redo "
)
_SHAPES = (
    b"\xa4type\xa5track\xa5order", b"\xa4kind\xa5audio", b"\xa4kind\xa5video", b"\xa4edge\xa4tail\xa2to", b"\xa4edge\xa4head\xa2to",
    b"\xa2at", b"\xa2by", b"\xa5clips\x91\xacc", b"\xa5asset\xacm", b"\xa8property", b"\xa5value", b"\xa8duration",
    b"\xacsource_start", b"\xafsource_duration", b"\xa6gesture", b"\xa6target\x92\xcf", b"\xa4kind\xa4undo", b"\xa4kind\xa4redo",
    b"\xa5start\xcf\x00\x00\x00", b"\xa4link\xaf", b"\xa4name\xa9",
    b"\x91\x92\xa1c\x88\xa4type\xa4clip\xa2id\xacc", b"\xa5track\xact", b"\xacsource_range\x92\x00\xcf\x00\x00\x00",
    b"\x87\xa5stamp\x92\xcf\x00", b"\xa5actor\xb1person", b"\xa7command\xa8clip.set\xa5label\xa8",
    b"\xa4time\xcf\x00\x00\x01\x9a", b"\xaaoperations\x91\x96\xa1p\xacc",
    b"\xa7opacity\xcb?\xf0\x00\x00\x00\x00\x00\x00\x92\xcf\x00", b"\xa4args\x83\xa4clip\xacc", b"\x02\xc0\xc0\x01\xc0\xc0",
)
DICTIONARY = _WORDS.encode() + b"".join(_SHAPES)
"""The preset dictionary of version 1; the commonest strings stand last, where DEFLATE reaches them cheapest."""


def pack(change: ChangeSet) -> bytes:
    """The packed form; a simple gesture takes 150 to 350 bytes. Raises UpdateRefused for one that is too large to store."""
    raw = encode(change)
    if len(raw) > (MAX_MERGE if change.kind == "merge" else MAX_CHANGE):
        raise UpdateRefused(f"“{change.label}” changes too much at once ({len(raw) >> 20} MiB); do it in several steps")
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=DICTIONARY)
    return bytes([_VERSION]) + squeezer.compress(raw) + squeezer.flush()


def unpack_raw(packed: bytes, most: int = MAX_CHANGE) -> bytes:
    """The msgpack of a packed ChangeSet. Raises UpdateRefused for bytes that are not one, or that unpack to more than `most` bytes."""
    if not 2 <= len(packed) <= most * MAX_PACKED // MAX_CHANGE:
        raise UpdateRefused("a stored change has an impossible length")
    if packed[0] != _VERSION:
        raise UpdateRefused(f"a stored change is packed in a way (number {packed[0]}) that this version does not know")
    inflater = zlib.decompressobj(-15, zdict=DICTIONARY)
    try:
        raw = inflater.decompress(packed[1:], most)
    except zlib.error as error:
        raise UpdateRefused(f"a stored change cannot be unpacked: {error}") from None
    if not inflater.eof or inflater.unused_data:
        raise UpdateRefused("a stored change is cut off or longer than allowed")
    return raw


def unpack(packed: bytes, most: int = MAX_CHANGE) -> ChangeSet:
    """A ChangeSet from its packed form, at most so many bytes long. Raises UpdateRefused, also for a change that only a newer version
    understands."""
    try:
        return decode(unpack_raw(packed, most))
    except UNDECODABLE as error:
        raise UpdateRefused(f"a stored change cannot be read by this version: {error}") from None
