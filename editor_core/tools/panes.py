"""The pictures on both sides of a trim, while it goes on.

Owns: which frames the two-up and four-up views show for a cut, a slip and a slide. Refuses: drawing, and the trim itself.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from editor_core.document import View
from editor_core.edits.roll import touching
from editor_core.edits.trim import Edge
from editor_core.edits.wording import called
from editor_core.schema import Clip

Side = Literal["out", "in"]


class Pane(msgspec.Struct, frozen=True):
    """One picture: of `clip`, as it would be, the frame at timeline time `ticks`; black without a clip (a gap, the film's end).

    `side` is `out` for the last frame before a cut and `in` for the first one after it. `moved` is by how many ticks of media this edge
    is further in (+) or further out (−) than before the trim. `small` panes of a four-up view stand beside the two that matter.
    """

    side: Side
    clip: Clip | None
    ticks: int
    title: str = ""
    moved: int = 0
    small: bool = False


def cut_panes(view: View, before: View, clip_id: str, edge: Edge) -> tuple[Pane, ...]:
    """Two-up: both sides of the cut at an edge. `view` is how it would be, `before` how it is. Nothing for sound without a picture."""
    clip = _picture(view, clip_id)
    if clip is None:
        return ()
    other = touching(view, clip, edge)
    first, second = (clip, other) if edge == "tail" else (other, clip)
    return _out(view, before, first), _in(view, before, second)


def slip_panes(view: View, before: View, clip_id: str) -> tuple[Pane, ...]:
    """Four-up: the first and last frame of a slipped clip, and small the frames that meet them."""
    clip = _picture(view, clip_id)
    if clip is None:
        return ()
    return (_small(_out(view, before, touching(view, clip, "head"))), _in(view, before, clip), _out(view, before, clip),
            _small(_in(view, before, touching(view, clip, "tail"))))


def slide_panes(view: View, before: View, clip_id: str) -> tuple[Pane, ...]:
    """Four-up: the neighbours' frames that a slide changes, and small the slid clip's own."""
    clip = _picture(view, clip_id)
    if clip is None:
        return ()
    return (_out(view, before, touching(view, clip, "head")), _small(_in(view, before, clip)), _small(_out(view, before, clip)),
            _in(view, before, touching(view, clip, "tail")))


def _picture(view: View, clip_id: str) -> Clip | None:
    """The clip, or the picture linked to it where it is sound."""
    clip = view.find(Clip, clip_id)
    if clip is None or not clip.is_sound:
        return clip
    return next((one for one in view.linked(clip) if not one.is_sound), None)


def _out(view: View, before: View, clip: Clip | None) -> Pane:
    if clip is None:
        return Pane("out", None, 0)
    was = before.find(Clip, clip.id)
    moved = _media_end(clip) - _media_end(was) if was is not None else 0
    return Pane("out", clip, max(clip.start, clip.end - view.timeline.rate.ticks_per_frame), called(view, clip), moved)


def _in(view: View, before: View, clip: Clip | None) -> Pane:
    if clip is None:
        return Pane("in", None, 0)
    was = before.find(Clip, clip.id)
    moved = clip.source_range.start - was.source_range.start if was is not None else 0
    return Pane("in", clip, clip.start, called(view, clip), moved)


def _small(pane: Pane) -> Pane:
    return msgspec.structs.replace(pane, small=True)


def _media_end(clip: Clip) -> int:
    return clip.source_range.start + clip.source_range.duration
