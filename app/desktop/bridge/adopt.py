"""The first clip sets size and rate.

Owns: when an empty timeline takes the shape of the first picture put on it. Refuses: changing a timeline that has clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from editor_core.document import Snapshot
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TimingError

PLACING = frozenset({"clip.append", "clip.insert", "clip.overwrite"})
_SAME_SHAPE = 0.02
_LARGEST = 4096


def shape_for(view: Snapshot, command: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `timeline.set` that fit the timeline to the media about to be placed; empty when nothing shall change.

    The size is taken only where the shape (width to height) is the one that was chosen for the project.
    """
    if command not in PLACING or view.of_kind(Clip):
        return {}
    asset = view.find(MediaReference, str(args.get("asset")))
    if asset is None or asset.video is None or asset.still:
        return {}
    timeline = view.timeline
    wanted: dict[str, Any] = {}
    try:
        rate = asset.video.rate.check()
        if rate != timeline.rate and not asset.video.variable:
            wanted["rate"] = str(rate)
    except TimingError:
        pass
    width, height = (side // 2 * 2 for side in asset.video.shown_size)
    same = abs(width / height - timeline.width / timeline.height) < _SAME_SHAPE * timeline.width / timeline.height
    if same and min(width, height) >= 16 and max(width, height) <= _LARGEST and (width, height) != (timeline.width, timeline.height):
        wanted |= {"width": width, "height": height}
    return wanted
