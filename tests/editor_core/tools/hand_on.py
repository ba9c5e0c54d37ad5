"""A hand on the timeline, for tests of tools: pointer positions in frames, pixels made of them.

Owns: turning frames and labels into pointer events, running what a tool asks for. Refuses: judging it.
"""

from __future__ import annotations

from typing import Any

from editor_core.tools.tool import Ghost, Hit, HitKind, Modifiers, Pointer, Reaction, Stage, Tool
from tests.support.cutting import Film

PIXELS = 4.0
"""Pixels a frame: snapping reaches two frames, a drag begins at one."""


class Hand:
    """Drives one tool over a film. `selection` and `playhead` are the window's."""

    def __init__(self, film: Film, tool: Tool) -> None:
        self.film, self.tool = film, tool
        self.selection: tuple[str, ...] = ()
        self.playhead = -10_000
        self.snapping = self.linked = True
        self.ghost: Ghost | None = None
        self.reactions: list[Reaction] = []

    def stage(self) -> Stage:
        view = self.film.view
        tracks = tuple(t.id for t in [*reversed(view.tracks("video")), *view.tracks("audio")])
        return Stage(view=view, preview=self.film.door.preview, tolerance=2 * self.film.f, tracks=tracks, selection=self.selection,
                     playhead=self.playhead * self.film.f, snapping=self.snapping, linked=self.linked)

    def pointer(self, frame: float, label: str, kind: HitKind | None = None, keys: str = "", level: float = 0.0,
                thing: str = "") -> Pointer:
        track = next((t.id for t in self.film.view.tracks() if self.film.view.track_label(t) == label), "")
        ticks = round(frame * self.film.f)
        clip = self.film.view.clip_at(track, ticks) if track else None
        hit = Hit(kind or ("body" if clip is not None else "lane"), thing or (clip.id if clip is not None else ""))
        held = Modifiers(shift="s" in keys, ctrl="c" in keys, alt="a" in keys, no_snap="n" in keys)
        return Pointer(ticks=ticks, track=track, hit=hit, zone="audio" if label.startswith("A") else "video", modifiers=held,
                       x=frame * PIXELS, y=0.0 if label.startswith("V") else 100.0, level=level)

    def take(self, reaction: Reaction) -> Reaction:
        self.reactions.append(reaction)
        self.ghost = reaction.ghost
        if reaction.select is not None:
            self.selection = reaction.select
        if reaction.command is not None:
            self.film.run(reaction.command.command, **reaction.command.args)
        return reaction

    def press(self, *args: Any, **named: Any) -> Reaction:
        return self.take(self.tool.press(self.pointer(*args, **named), self.stage()))

    def drag(self, *args: Any, **named: Any) -> Ghost | None:
        self.take(self.tool.drag(self.pointer(*args, **named), self.stage()))
        return self.ghost

    def release(self, *args: Any, **named: Any) -> Reaction:
        return self.take(self.tool.release(self.pointer(*args, **named), self.stage()))

    def pull(self, start: tuple[Any, ...], end: tuple[Any, ...], keys: str = "", **named: Any) -> Reaction:
        """Press, drag, release; the ghost of the drag is kept."""
        self.press(*start, keys=keys, **named)
        shown = self.drag(*end, keys=keys)
        reaction = self.release(*end, keys=keys)
        self.ghost = shown
        return reaction

    def click(self, *args: Any, **named: Any) -> Reaction:
        self.press(*args, **named)
        return self.release(*args, **named)
