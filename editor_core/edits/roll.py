"""Roll: the cut between two clips moves; nothing else does.

    before  |----A----|--B--|        after  |--A--|----B----|

Owns: both sides of a cut, with the linked clips that share it. Refuses: edges that nothing touches (see `trim`).
"""

from __future__ import annotations

from editor_core.document import Draft, View
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import in_the_way, require_open
from editor_core.edits.partners import sharing_edge
from editor_core.edits.shape import set_edges
from editor_core.edits.trim import Edge, check_edges
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Track


def touching(view: View, clip: Clip, edge: Edge) -> Clip | None:
    """The clip on the same track that touches an edge of a clip."""
    if edge == "head":
        return next((c for c in view.clips_between(clip.track, clip.start - 1, clip.start) if c.end == clip.start), None)
    return next((c for c in view.clips_between(clip.track, clip.end, clip.end + 1) if c.start == clip.end), None)


def roll(draft: Draft, clip: Clip, edge: Edge, to: int, *, linked: bool = True) -> None:
    """Moves the cut at an edge of a clip to `to` ticks. Raises EditError where no clip touches, or media or length end it."""
    other = touching(draft, clip, edge)
    if other is None:
        raise EditError(f"No clip touches the {edge} of {called(draft, clip)}, so there is no cut to roll; trim it instead")
    before, after = (clip, other) if edge == "tail" else (other, clip)
    tails = {c.id: c for c in (sharing_edge(draft, before, "tail") if linked else [before])}
    heads = {c.id: c for c in (sharing_edge(draft, after, "head") if linked else [after])}
    for one in list(tails.values()):
        neighbour = touching(draft, one, "tail")
        if neighbour is not None:
            heads.setdefault(neighbour.id, neighbour)
    for one in list(heads.values()):
        neighbour = touching(draft, one, "head")
        if neighbour is not None:
            tails.setdefault(neighbour.id, neighbour)
    edges = {i: (c.start, to) for i, c in tails.items()} | {i: (to, c.end) for i, c in heads.items()}
    _apply(draft, {**tails, **heads}, edges)


def _apply(draft: Draft, clips: dict[str, Clip], edges: dict[str, tuple[int, int]]) -> None:
    require_open(draft, clips.values())
    for clip_id, clip in clips.items():
        start, end = edges[clip_id]
        check_edges(draft, clip, start, end)
        blocker = in_the_way(draft, clip.track, start, end, clips)
        if blocker is not None:
            raise EditError(f"{called(draft, blocker)} is in the way of {called(draft, clip)} on "
                            f"{lane(draft, draft.get(Track, clip.track))}")
    for clip_id, clip in clips.items():
        set_edges(draft, clip, *edges[clip_id])
