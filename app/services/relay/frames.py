"""Frames that are the same for many: a message is encoded once, and not once for each who hears it.

Owns: the form of a WebSocket frame from a server (RFC 6455, 5.2). Refuses: sockets.
"""

from __future__ import annotations


def frame(message: bytes) -> bytes:
    """A whole binary message in one frame, unmasked."""
    length = len(message)
    if length < 126:
        return bytes((0x82, length)) + message
    if length < 2**16:
        return b"\x82\x7e" + length.to_bytes(2, "big") + message
    return b"\x82\x7f" + length.to_bytes(8, "big") + message
