"""Pictures of single clips as they might be, for the two-up and four-up views of trimming.

Owns: the little film that each picture is drawn from. Refuses: drawing, and the order of work (see `render_server`).

Each picture has a track of its own, and so a decoder of its own: the two sides of a cut often come from one file, far apart.
"""

from __future__ import annotations

import msgspec

from editor_core.document import Snapshot
from editor_core.schema import Clip, MediaReference, Record, Track
from render.graph.build import build
from render.graph.node import Frame
from render.graph.request import Request
from render.messages import Pane


def nodes(snapshot: Snapshot, panes: tuple[Pane, ...], request: Request) -> list[Frame]:
    """The node of each pane; of a clip alone, at full strength, without fades."""
    return [_node(snapshot, pane, number, request) for number, pane in enumerate(panes)]


def _node(snapshot: Snapshot, pane: Pane, number: int, request: Request) -> Frame:
    timeline = snapshot.timeline
    tracks = [Track(id=f"pane{n}", timeline=timeline.id, kind="video", order=f"a{n}") for n in range(number + 1)]
    records: list[Record] = [snapshot.project, timeline, *tracks]
    if pane.clip is not None:
        records.append(_plain(pane.clip, tracks[-1].id))
        asset = snapshot.find(MediaReference, pane.clip.asset) if pane.clip.asset else None
        if asset is not None:
            records.append(asset)
    return build(Snapshot.of(records), pane.ticks, request)


def _plain(clip: Clip, track: str) -> Clip:
    return msgspec.structs.replace(clip, track=track, deleted=False, enabled=True, opacity=1.0, blend_mode="normal", fade_in=0, fade_out=0,
                                   link="", group="")
