"""Slide: a clip moves between its neighbours, which give way and follow.

    before  |---A---|-B-|---C---|        after  |-----A-----|-B-|-C-|

Owns: the clip, its linked ones, and the edges that touch them. Refuses: running over a neighbour's media or length.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import in_the_way, require_open
from editor_core.edits.partners import with_linked
from editor_core.edits.roll import touching
from editor_core.edits.shape import set_edges
from editor_core.edits.trim import check_edges
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Track


def slide(draft: Draft, clip: Clip, by: int, *, linked: bool = True) -> None:
    """Moves a clip by ticks; a neighbour that touches it is trimmed along. Raises EditError naming what stops it."""
    moving = with_linked(draft, [clip], linked)
    edges: dict[str, tuple[Clip, int, int]] = {}
    for one in moving:
        before, behind = touching(draft, one, "head"), touching(draft, one, "tail")
        if before is not None:
            start = edges[before.id][1] if before.id in edges else before.start
            edges[before.id] = (before, start, before.end + by)
        if behind is not None:
            end = edges[behind.id][2] if behind.id in edges else behind.end
            edges[behind.id] = (behind, behind.start + by, end)
    require_open(draft, (neighbour for neighbour, _, _ in edges.values()))
    for neighbour, start, end in edges.values():
        check_edges(draft, neighbour, start, end)
        set_edges(draft, neighbour, start, end)
    ids = {one.id for one in moving}
    for one in moving:
        if one.start + by < 0:
            raise EditError(f"{called(draft, one)} would start before the timeline does")
        draft.put(one, start=one.start + by)
    for one in moving:
        blocker = in_the_way(draft, one.track, one.start + by, one.end + by, ids)
        if blocker is not None:
            raise EditError(f"{called(draft, blocker)} is in the way on {lane(draft, draft.get(Track, one.track))}")
