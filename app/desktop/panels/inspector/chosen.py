"""The clips that the inspector shows and edits.

Owns: common values of several clips, writing to all of them as one step. Refuses: widgets.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from app.desktop.bridge import Workbench
from editor_core.schema import Clip, Point

_numbers = itertools.count(1)
STEP = 800
"""Clips that are read at a time."""
MIXED = object()
"""What `common` gives where clips differ."""


class Chosen:
    """Selected clips by part: those with a picture, their sound, titles, solids. Made anew when the selection changes.

    `whole` gathers them all; else `gather` does, some thousand at a step.
    """

    def __init__(self, bench: Workbench, *, whole: bool = True) -> None:
        self._bench = bench
        self.clips: list[Clip] = []
        self.pictures: list[Clip] = []
        self.sounds: list[Clip] = []
        self.titles: list[Clip] = []
        self.solids: list[Clip] = []
        self.ids: frozenset[str] = frozenset()
        """Ids of every clip whose change matters here, once all are gathered."""
        if whole:
            for _ in self.gather():
                pass

    def gather(self) -> Iterator[None]:
        """Reads the selected clips from the newest snapshot, `STEP` of them until each pause."""
        view, sounds = self._bench.snapshot, dict[str, Clip]()
        for some in _batches(self._bench.selection.clips):
            for clip_id in some:
                clip = view.find(Clip, clip_id)
                if clip is None:
                    continue
                self.clips.append(clip)
                if clip.is_sound:
                    sounds[clip.id] = clip
                    continue
                self.pictures.append(clip)
                sounds.update((one.id, one) for one in view.linked(clip) if one.is_sound)
                if clip.kind in ("title", "caption"):
                    self.titles.append(clip)
                elif clip.kind == "solid":
                    self.solids.append(clip)
            yield
        self.sounds = list(sounds.values())
        self.ids = frozenset(c.id for c in (*self.clips, *self.sounds))

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


def _batches(ids: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (ids[at:at + STEP] for at in range(0, len(ids), STEP))


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
