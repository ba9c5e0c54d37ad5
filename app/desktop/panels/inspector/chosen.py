"""The clips that the inspector shows and edits.

Owns: common values of several clips, writing to all of them as one step. Refuses: widgets.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import msgspec

from app.desktop.bridge import Workbench
from editor_core.schema import Clip, Point

_numbers = itertools.count(1)
MIXED = object()
"""What `common` gives where clips differ."""


class Chosen:
    """Selected clips by part: those with a picture, their sound, titles, solids. Made anew when the selection changes."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        view = bench.snapshot
        self.clips = [clip for i in bench.selection.clips if (clip := view.find(Clip, i)) is not None]
        self.pictures = [c for c in self.clips if not c.is_sound]
        sounds = {one.id: one for c in self.clips for one in (view.linked(c) if not c.is_sound else [c]) if one.is_sound}
        self.sounds = list(sounds.values())
        self.titles = [c for c in self.clips if c.kind == "title"]
        self.solids = [c for c in self.clips if c.kind == "solid"]

    @property
    def ids(self) -> frozenset[str]:
        """Ids of every clip whose change matters here."""
        return frozenset(c.id for c in (*self.clips, *self.sounds))

    def refresh(self) -> None:
        """Reads the same clips from the newest snapshot."""
        find = self._bench.snapshot.find
        for name in ("clips", "pictures", "sounds", "titles", "solids"):
            setattr(self, name, [now for c in getattr(self, name) if (now := find(Clip, c.id)) is not None])

    def middle(self) -> Point:
        """Where a clip without position stands: the middle of the frame, in pixels."""
        timeline = self._bench.snapshot.timeline
        return Point(timeline.width / 2, timeline.height / 2)

    def place(self, clip: Clip) -> Point:
        return clip.position or self.middle()

    def set(self, clips: list[Clip], name: str, value: Callable[[Clip], Any], gesture: str = "") -> bool:
        """Gives each clip its value of a property; several values are one step. False when it was refused."""
        groups: dict[str, tuple[Any, list[str]]] = {}
        for clip in clips:
            made = value(clip)
            groups.setdefault(json.dumps(msgspec.to_builtins(made)), (made, []))[1].append(clip.id)
        name_of_step = gesture or (f"set {name} {next(_numbers)}" if len(groups) > 1 else "")
        done = True
        for made, ids in groups.values():
            args = {"clips": ids, "property": name, "value": msgspec.to_builtins(made)}
            done &= self._bench.run("clip.set", args, gesture=name_of_step) is not None
        return done

    def style(self, style: dict[str, Any], text: str | None = None, gesture: str = "") -> bool:
        """Changes text or style of the selected titles, as one step."""
        name = gesture or (f"style {next(_numbers)}" if len(self.titles) > 1 else "")
        done = True
        for clip in self.titles:
            args: dict[str, Any] = {"clip": clip.id}
            if style:
                args["style"] = style
            if text is not None:
                args["text"] = text
            done &= self._bench.run("title.set", args, gesture=name) is not None
        return done


def common(clips: list[Clip], read: Callable[[Clip], Any]) -> Any:
    """The value that all clips share; MIXED where they differ, None for no clips."""
    if not clips:
        return None
    first = read(clips[0])
    return first if all(read(clip) == first for clip in clips[1:]) else MIXED


def number(clips: list[Clip], read: Callable[[Clip], float]) -> float | None:
    """As `common`, for number fields: None shows as mixed."""
    found = common(clips, read)
    return None if found is MIXED or found is None else float(found)
