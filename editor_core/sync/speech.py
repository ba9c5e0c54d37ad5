"""Captions over speech that somebody moved or cut without knowing of them.

Owns: which captions stand over sound that changed apart from them. Refuses: listening: it goes by who knew of what.

A caption was put where it is by its last placing. Where the sound under it was moved, trimmed, replaced or removed by somebody who did not
know that placing, and whose change that placing did not know, its words may be off.
"""

from __future__ import annotations

from editor_core.document import Put, Shift, Snapshot, Stamp
from editor_core.edits.wording import amount, called
from editor_core.schema import Clip, plain
from editor_core.sync.story import Story
from editor_core.timeline.attention import Fix, Item

_LIES = ("start", "source_range", "track", "text")
_SOUNDS = ("start", "source_range", "asset", "deleted")


def off_speech(story: Story, view: Snapshot) -> list[Item]:
    """An item for each caption that may be off its words."""
    captions = [clip for clip in view.of_kind(Clip) if clip.kind == "caption"]
    if not captions:
        return []
    changed = [record for i in sorted(story.records) if isinstance(record := view.record(i), Clip) and record.is_sound]
    found: list[Item] = []
    for caption in captions:
        placed = _placed(story, caption.id)
        for sound in changed:
            if sound.start < caption.end and sound.end > caption.start and _apart(story, placed, sound):
                found.append(_item(story, view, caption, sound))
                break
    return found


def _placed(story: Story, caption: str) -> list[Stamp]:
    """Who put a caption where it is and gave it its words."""
    writes = {stamp: write for field in _LIES for stamp, write in story.writes(caption, field).items()}
    made = story.created.get(caption)
    if made is not None:
        writes.setdefault(made.stamp, made)
    return [story.counts_as(writes[stamp]) for stamp in story.causality.newest(writes)]


def _apart(story: Story, placed: list[Stamp], sound: Clip) -> bool:
    """Whether the last who put the caption there and the last who changed the sound did not know of each other."""
    cut = {s: w for field in _SOUNDS for s, w in story.writes(sound.id, field).items() if isinstance(w.op, Put | Shift)}
    last = [story.counts_as(cut[stamp]) for stamp in story.causality.newest(cut)]  # another than itself after undo
    return any(story.causality.apart(one, other) for one in placed for other in last)


def _item(story: Story, view: Snapshot, caption: Clip, sound: Clip) -> Item:
    moved = sum(w.op.after - w.op.before for w in story.writes(sound.id, "start").values()
                if isinstance(w.op, Put) and isinstance(w.op.before, int) and w.op.after == sound.start)
    fixes = [Fix("Leave it where it is", "conflict.decide", {"decisions": [{"record": caption.id, "field": "start",
                                                                          "value": plain(caption.start), "replaces": []}]})]
    if moved and caption.start + moved >= 0:
        fixes.insert(0, Fix("Move it with the speech", "clip.move", {"clips": [caption.id], "by": moved, "linked": False}))
    far = f": {called(view, sound)} moved {amount(moved, view.timeline.rate)}" if moved else f": {called(view, sound)} was cut"
    words = f"“{caption.text.splitlines()[0][:40]}”" if caption.text.strip() else "A caption"
    return Item(kind="caption", records=(caption.id, sound.id), at=caption.start, message=f"{words} may be off its words{far}",
                fixes=tuple(fixes))
