"""What playing raises. Owns: the exception tree. Refuses: messages without a remedy."""

from __future__ import annotations


class PlaybackError(Exception):
    """The root of what `render.playback` raises; the message is for people."""


class FrameHeldTooLong(PlaybackError):
    """Too many frames are held at once; release some or copy their pixels."""
