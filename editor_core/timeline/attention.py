"""What a valid merge can still leave for a person to look at, each with commands that would put it right.

Owns: the attention list: what the effective timeline had to decide, picture and sound that are out of step, edits inside something that
was deleted. Refuses: fixing anything by itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

from editor_core.document import Snapshot
from editor_core.edits.wording import called, length
from editor_core.schema import Clip, MediaReference, Track
from editor_core.timeline.effective import Attention, effective


class Fix(msgspec.Struct, frozen=True):
    """A command that would settle the matter: a title for its button, the command's id and arguments."""

    title: str
    command: str
    args: dict[str, Any]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One matter: `kind`, the records concerned, when on the timeline (ticks), a sentence, and what would settle it."""

    kind: str
    records: tuple[str, ...]
    at: int
    message: str
    fixes: tuple[Fix, ...] = ()


def attention(view: Snapshot) -> list[Item]:
    """Everything that needs attention, by time."""
    items = [Item(kind=note.kind, records=note.records, at=note.at, message=note.message, fixes=_fixes(view, note))
             for note in effective(view)[1]]
    items.extend(_out_of_step(view))
    return sorted(items, key=lambda item: (item.at, item.kind, item.records))


def _fixes(view: Snapshot, note: Attention) -> tuple[Fix, ...]:
    first = note.records[0]
    if note.kind == "overlap":
        under, over = view.get(Clip, note.records[0]), view.get(Clip, note.records[1])
        fixes = [Fix("Put the upper clip on a new track", "clip.move", {"clips": [over.id], "track": "new", "linked": False})]
        if over.start > under.start:
            fixes.append(Fix("Cut the lower clip off", "clip.trim", {"clip": under.id, "edge": "tail", "to": over.start, "linked": False}))
        return (*fixes, Fix("Remove the upper clip", "clip.lift", {"clips": [over.id]}))
    if note.kind == "transition":
        return (Fix("Remove the transition", "transition.remove", {"transition": first}),)
    if note.kind == "fades":
        clip = view.get(Clip, first)
        return (Fix("Take the fade-out away", "clip.set", {"clip": clip.id, "property": "fade_out", "value": 0}),)
    clip_record = view.find(Clip, first)
    if clip_record is None:
        return ()
    fixes = [Fix("Remove the clip", "clip.lift", {"clips": [first]})]
    gone = view.record(clip_record.asset if note.kind == "media" else clip_record.track)
    if gone is not None and gone.deleted:
        what = "track" if isinstance(gone, Track) else "media"
        fixes.insert(0, restore(gone.id, f"Bring the {what} back"))
    return tuple(fixes)


def restore(record: str, title: str) -> Fix:
    """Brings a deleted record back."""
    return Fix(title, "conflict.decide", {"decisions": [{"record": record, "field": "deleted", "value": False, "replaces": []}]})


def _out_of_step(view: Snapshot) -> list[Item]:
    """Linked picture and sound of one file that no longer show and sound the same moment."""
    links: dict[str, list[Clip]] = {}
    for clip in view.of_kind(Clip):
        if clip.link and clip.asset:
            links.setdefault(clip.link, []).append(clip)
    found: list[Item] = []
    for group in links.values():
        pictures = [clip for clip in group if not clip.is_sound]
        for sound in group:
            if not sound.is_sound or not any(picture.asset == sound.asset for picture in pictures):
                continue
            # of several, that which is least out of step with it: records stand in another order with everybody
            drifts = sorted((abs(_drift(picture, sound)), picture.id, picture) for picture in pictures if picture.asset == sound.asset)
            if drifts[0][0]:
                found.append(_step_item(view, drifts[0][2], sound, _drift(drifts[0][2], sound)))
    return found


def _drift(picture: Clip, sound: Clip) -> int:
    """By how many ticks a sound is late against a picture of the same file."""
    return (sound.start - sound.source_range.start) - (picture.start - picture.source_range.start)


def _step_item(view: Snapshot, picture: Clip, sound: Clip, drift: int) -> Item:
    far = length(abs(drift), view.timeline.rate)
    word = "late" if drift > 0 else "early"
    moves = [Fix("Move the sound", "clip.move", {"clips": [sound.id], "by": -drift, "linked": False}),
             Fix("Move the picture", "clip.move", {"clips": [picture.id], "by": drift, "linked": False})]
    slips = [Fix(f"Slip the {what}", "clip.slip", {"clips": [clip.id], "by": by, "linked": False})
             for what, clip, by in (("sound", sound, drift), ("picture", picture, -drift)) if _can_slip(view, clip, by)]
    apart = sound.start != picture.start  # else one was slipped, and moving it would leave its place
    ways = [*moves, *slips] if apart or not slips else [*slips, *moves]
    return Item(kind="sync", records=(picture.id, sound.id), at=min(picture.start, sound.start),
                message=f"The sound of {called(view, picture)} is {far} {word}",
                fixes=(*ways, Fix("Leave it so", "clip.unlink", {"clips": [picture.id, sound.id]})))


def _can_slip(view: Snapshot, clip: Clip, by: int) -> bool:
    """Whether there is media to show that much later."""
    asset = view.find(MediaReference, clip.asset)
    return asset is not None and clip.source_range.start + by >= 0 and clip.source_range.end + by <= asset.duration
