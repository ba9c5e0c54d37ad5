"""Linked picture and sound, and groups.

Owns: which clips go along with which. Refuses: moving them.
"""

from __future__ import annotations

from collections.abc import Iterable

from editor_core.document import View
from editor_core.edits.lanes import require_open
from editor_core.schema import Clip


def with_linked(view: View, clips: Iterable[Clip], linked: bool = True) -> list[Clip]:
    """The clips and, with `linked`, those linked to them, each once; the given ones first.

    Raises EditError when any of them lies on a locked track.
    """
    given = {clip.id: clip for clip in clips}
    require_open(view, given.values())
    if not linked:
        return list(given.values())
    found = view.with_linked(given.values())
    require_open(view, found.values(), ", which is linked to it,")
    return list(found.values())


def only_sound(view: View, clips: Iterable[Clip], linked: bool = True) -> bool:
    """Whether clips and, with `linked`, those linked to them are all sound, which need not lie on frames."""
    given = list(clips)
    return all(clip.is_sound for clip in given) and (not linked or all(clip.is_sound for clip in view.with_linked(given).values()))


def sharing_edge(view: View, clip: Clip, edge: str) -> list[Clip]:
    """The clip, itself first, and those linked to it whose head (or tail) is at the same time."""
    time = clip.start if edge == "head" else clip.end
    others = [c for c in view.linked(clip) if c.id != clip.id and (c.start if edge == "head" else c.end) == time]
    return [clip, *others]
