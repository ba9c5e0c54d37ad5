"""Replace: a clip keeps its place, length and looks, and shows other media.

Owns: the new source range and linked sound. Refuses: media that is too short.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import first_free, require_open
from editor_core.edits.place import has_picture
from editor_core.edits.source import available
from editor_core.edits.wording import called, long
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TimeRange


def replace_media(draft: Draft, clip: Clip, asset: MediaReference, source_start: int = 0) -> None:
    """Gives a picture or sound clip another asset from `source_start` ticks on, and its linked sound with it.

    Sound that was linked goes when the new asset has none, and is made when only the new one has it. Raises EditError.
    """
    name = called(draft, clip)
    if clip.kind not in ("video", "audio"):
        raise EditError(f"{name} is a {clip.kind} and shows no media")
    if not (has_picture(asset) if clip.kind == "video" else asset.audio):
        raise EditError(f"{asset.name} has no {'picture' if clip.kind == 'video' else 'sound'} to replace {name} with")
    limit = available(asset)
    if limit is not None and source_start + clip.duration > limit:
        raise EditError(f"{asset.name} has {long(max(0, limit - source_start), draft.timeline.rate)} from there on, and {name} is "
                        f"{long(clip.duration, draft.timeline.rate)}; trim the clip first")
    partners = [c for c in draft.linked(clip) if c.id != clip.id and c.asset == clip.asset]
    require_open(draft, [clip, *partners])
    source = TimeRange(source_start if limit is not None else 0, clip.duration)
    draft.put(clip, asset=asset.id, name=asset.name, source_range=source, stream=1, channel=0)
    for partner in partners:
        offset = partner.start - clip.start
        fits = limit is None or (source.start + offset >= 0 and source.start + offset + partner.duration <= limit)
        if asset.audio and fits:
            draft.put(partner, asset=asset.id, name=asset.name, source_range=TimeRange(source.start + offset, partner.duration),
                      stream=1, channel=0)
        else:
            draft.delete(partner)
    if not partners and clip.kind == "video" and asset.audio:
        _add_sound(draft, clip, asset, source)


def _add_sound(draft: Draft, clip: Clip, asset: MediaReference, source: TimeRange) -> None:
    link = clip.link or draft.new_id("l")
    track = first_free(draft, "audio", clip.start, clip.end)
    draft.create(Clip(id=draft.new_id("c"), track=track.id, kind="audio", start=clip.start, source_range=source, asset=asset.id,
                      name=asset.name, link=link))
    draft.put(clip, link=link)
