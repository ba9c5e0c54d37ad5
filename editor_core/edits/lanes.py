"""Which track a clip goes to.

Owns: the base track, the first free track, making and placing tracks, locked tracks. Refuses: moving clips.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from editor_core.document import Draft, View
from editor_core.edits.errors import EditError
from editor_core.edits.order import key_at
from editor_core.edits.wording import at, called, lane
from editor_core.schema import Clip, Track, TrackKind


def lane_kind(clip: Clip) -> TrackKind:
    """The kind of track that a clip lies on."""
    return "audio" if clip.kind == "audio" else "caption" if clip.kind == "caption" else "video"


def open_tracks(view: View) -> list[Track]:
    """The tracks that may be changed: all that are not locked."""
    return [track for track in view.tracks() if not track.locked]


def is_locked(view: View, clip: Clip) -> bool:
    """Whether a clip lies on a locked track."""
    track = view.find(Track, clip.track)
    return track is not None and track.locked


def require_open(view: View, clips: Iterable[Clip], why: str = "") -> None:
    """Raises EditError naming the track if any of the clips lies on a locked one."""
    locked = {track.id: track for track in view.of_kind(Track) if track.locked}
    for clip in clips if locked else ():
        track = locked.get(clip.track)
        if track is not None:
            raise EditError(f"{called(view, clip)}{why} lies on {lane(view, track)}, which is locked; unlock it first")


def new_track(draft: Draft, kind: TrackKind, index: int | None = None, name: str = "") -> Track:
    """A track at `index` among those of its kind (0 is V1 or A1); None puts it on top (video) or at the bottom (audio)."""
    peers = draft.tracks(kind)
    place = len(peers) if index is None else max(0, min(index, len(peers)))
    order = key_at([t.order for t in peers], place)
    return draft.create(Track(id=draft.new_id("k"), timeline=draft.timeline.id, kind=kind, order=order, name=name))


def base_track(draft: Draft, kind: TrackKind) -> Track:
    """V1, A1 or C1, made if there is none. Raises EditError when it is locked."""
    peers = draft.tracks(kind)
    if not peers:
        return new_track(draft, kind)
    if peers[0].locked:
        raise EditError(f"{lane(draft, peers[0])} is locked; unlock it, or name another track")
    return peers[0]


def in_the_way(view: View, track_id: str, start: int, end: int, besides: Collection[str] = ()) -> Clip | None:
    """The first clip of a track that covers any of `[start, end)` ticks and is not among `besides`."""
    return next((clip for clip in view.clips_between(track_id, start, end) if clip.id not in besides), None)


def first_free(draft: Draft, kind: TrackKind, start: int, end: int, besides: Collection[str] = (), prefer: str = "") -> Track:
    """The preferred track if free, else the first unlocked one of a kind that is free over `[start, end)`, made if missing."""
    peers = [t for t in draft.tracks(kind) if not t.locked]
    for track in sorted(peers, key=lambda t: t.id != prefer):
        if in_the_way(draft, track.id, start, end, besides) is None:
            return track
    return new_track(draft, kind)


def top_free(draft: Draft, start: int, end: int) -> Track:
    """The top video track if it is unlocked and free over `[start, end)`, else a new one above it."""
    peers = draft.tracks("video")
    if peers and not peers[-1].locked and in_the_way(draft, peers[-1].id, start, end) is None:
        return peers[-1]
    return new_track(draft, "video")


def require_free(view: View, track: Track, start: int, end: int, besides: Collection[str] = ()) -> None:
    """Raises EditError naming the clip that lies in `[start, end)` on the track."""
    blocker = in_the_way(view, track.id, start, end, besides)
    if blocker is not None:
        rate = view.timeline.rate
        raise EditError(f"{called(view, blocker)} is in the way on {lane(view, track)}, from {at(blocker.start, rate)} to "
                        f"{at(blocker.end, rate)}; move it, choose another track, or overwrite it")
