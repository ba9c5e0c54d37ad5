"""The cross-dissolve: the first picture fades into the second.

Owns: that mixture. Refuses: dipping to a colour, which is another kind.
"""

from __future__ import annotations

from collections.abc import Callable

from render.draw.canvas import Canvas

KIND = "dissolve"


def mix(canvas: Canvas, first: Callable[[Canvas], None], second: Callable[[Canvas], None], progress: float) -> None:
    """Each picture over what lies below, mixed by progress on coded values; exact also for pictures that cover only a part."""
    before, after = canvas.fork(), canvas.fork()
    first(before)
    second(after)
    canvas.dissolve(before, after, progress)
