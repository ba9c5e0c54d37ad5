"""What can go wrong while drawing, said for people.

Owns: the exception tree of drawing. Refuses: trouble with media, which is `render.media`'s tree and becomes a slate here.
"""

from __future__ import annotations


class DrawError(Exception):
    """The root of what drawing raises; the message is one or two plain sentences."""


class UnknownKind(DrawError):
    """A node names a generator or transition that no file of this installation provides."""


class FontMissing(DrawError):
    """The fonts that come with the program cannot be read."""
