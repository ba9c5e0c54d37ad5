"""Place: clips made from media, picture with its linked sound.

Owns: making the clip records of one placement and choosing the track of the sound. Refuses: making room (insert, overwrite).
"""

from __future__ import annotations

from typing import NamedTuple

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import first_free, require_free
from editor_core.edits.wording import lane
from editor_core.schema import Clip, MediaReference, Track, TrackKind
from editor_core.timing import TimeRange


class Placed(NamedTuple):
    """What a placement made: the clip, and the sound linked to it."""

    clip: Clip
    sound: Clip | None


def has_picture(asset: MediaReference) -> bool:
    return asset.video is not None or asset.still


def kind_for(asset: MediaReference) -> TrackKind:
    """The kind of track that the asset's first clip lies on. Raises EditError when there is nothing to see or hear in it."""
    if has_picture(asset):
        return "video"
    if not asset.audio:
        raise EditError(f"{asset.name} has neither picture nor sound")
    return "audio"


def require_kind(draft: Draft, asset: MediaReference, track: Track) -> None:
    """Raises EditError when an asset is to lie on a track of another kind. Sound of a film may go to an audio track by itself."""
    if track.kind == "caption" or (track.kind == "video" and not has_picture(asset)) or (track.kind == "audio" and not asset.audio):
        lacks = "picture" if track.kind == "video" else "sound"
        raise EditError(f"{asset.name} has no {lacks} for {lane(draft, track)}")


def place(draft: Draft, asset: MediaReference, track: Track, start: int, source: TimeRange) -> Placed:
    """Puts an asset on a track at `start` ticks, where there is room, and its sound on the first free audio track.

    On an audio track only the sound is placed. Raises EditError naming the clip in the way.
    """
    require_kind(draft, asset, track)
    end = start + source.duration
    require_free(draft, track, start, end)
    link = draft.new_id("l") if track.kind == "video" and asset.audio else ""
    main = draft.create(Clip(
        id=draft.new_id("c"), track=track.id, kind="video" if track.kind == "video" else "audio", start=start, source_range=source,
        asset=asset.id, name=asset.name, link=link))
    if not link:
        return Placed(main, None)
    ear = first_free(draft, "audio", start, end)
    sound = draft.create(Clip(
        id=draft.new_id("c"), track=ear.id, kind="audio", start=start, source_range=source, asset=asset.id, name=asset.name, link=link))
    return Placed(main, sound)


def append(draft: Draft, asset: MediaReference, track: Track, source: TimeRange) -> Placed:
    """Places an asset after the last clip of a track."""
    clips = draft.clips_on(track.id)
    return place(draft, asset, track, clips[-1].end if clips else 0, source)
