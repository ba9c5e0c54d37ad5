"""How much a media file may ask for before it is decoded.

Owns: the limits on pixels, streams and probing time. Refuses: limits of memory and time of a whole process, which the
process that starts a worker sets.
"""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`pixels` is width × height of one picture, `side` its longer side (the schema's bound), `streams` of one file,
    `scan_seconds` the clock time that looking through a file's packets may take, `decode_tries` the packets of a stream
    that may be decoded in search of a first frame, `listen_seconds` the time that sound may be decoded in search of damage."""

    pixels: int = 1 << 27
    side: int = 65536
    streams: int = 256
    channels: int = 64
    scan_seconds: float = 4.0
    decode_tries: int = 400
    listen_seconds: float = 0.6


DEFAULT_LIMITS = Limits()
