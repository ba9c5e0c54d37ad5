"""What a request for a frame asks for, and which requests will follow it.

Owns: its shape, the times ahead of it, also round a loop. Refuses: drawing, and how much of it memory has room for.
"""

from __future__ import annotations

from render.messages import Show

Shape = tuple[int, int, str, str]
"""Width, height, plane format and matrix of a request."""


def shape_of(show: Show) -> Shape:
    """What a request asks for besides its time."""
    return show.width, show.height, show.planes, show.matrix


def ticks_ahead(show: Show, most: int) -> list[int]:
    """The times of the frames that will be asked for after this one, at most `most`, none before 0."""
    if not show.step:
        return []
    start, length = show.loop_start, show.loop_end - show.loop_start
    times = [show.ticks + n * show.step for n in range(1, 1 + min(show.ahead, most))]
    if length > 0:
        return [start + (ticks - start) % length for ticks in times]
    return [ticks for ticks in times if ticks >= 0]


def replace_ticks(show: Show, ticks: int) -> Show:
    """The same request for another time."""
    return Show(request=show.request, revision=show.revision, ticks=ticks, width=show.width, height=show.height,
                planes=show.planes, matrix=show.matrix)
