"""A small film to cut in tests: real document, real door, times in frames.

Owns: assets of known lengths, running commands, lanes as readable rows. Refuses: files and media.
"""

from __future__ import annotations

import itertools
from typing import Any

from editor_core.commands.context import Actor
from editor_core.commands.door import CommandDoor, Outcome
from editor_core.commands.registry import Registry, discover
from editor_core.document import ChangeSet, Document, History, Snapshot, Stamp, integrity
from editor_core.document.change_set import decode, encode
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, MediaReference, Track
from editor_core.timing import TICKS_PER_SECOND, Rate

REGISTRY: Registry = discover()
ANA = Actor(id="ana", name="Ana")
BEN = Actor(id="ben", name="Ben")
SECOND = TICKS_PER_SECOND


class Film:
    """An empty project at 25 frames a second with a door. `f` is one frame in ticks."""

    def __init__(self, rate: Rate = Rate(25)) -> None:  # noqa: B008
        numbers = itertools.count(1)
        self.changes: dict[Stamp, ChangeSet] = {}
        self.document = Document(new_records(lambda prefix: f"{prefix}{next(numbers)}", "Film", rate=rate))
        self.door = CommandDoor(self.document, REGISTRY, History(lambda stamp: self.changes[stamp]), actor=ANA, session=77,
                                ids=lambda prefix: f"{prefix}{next(numbers)}", clock=lambda: 1_780_000_000.0)
        self.document.subscribe(lambda change, before, after: self.changes.__setitem__(change.stamp, change))
        self.f = rate.ticks_per_frame
        self.rate = rate

    @property
    def view(self) -> Snapshot:
        return self.document.snapshot

    def run(self, command: str, *, actor: Actor | None = None, gesture: str = "", **args: Any) -> Any:
        """Runs a command and returns its result, having checked that the document holds together and the change can be stored."""
        outcome = self.outcome(command, actor=actor, gesture=gesture, **args)
        return outcome.result

    def outcome(self, command: str, *, actor: Actor | None = None, gesture: str = "", **args: Any) -> Outcome:
        outcome = self.door.execute(command, args, actor=actor, gesture=gesture)
        assert list(integrity.breaches(self.view)) == []
        if outcome.change is not None:
            assert encode(decode(encode(outcome.change))) == encode(outcome.change)
        return outcome

    def shot(self, name: str = "lake.mp4", frames: int = 250, *, sound: bool = True, picture: bool = True) -> str:
        """An asset of so many frames; its id."""
        length = frames * self.f
        video = {"index": 0, "codec": "h264", "width": 1920, "height": 1080, "duration": length} if picture else None
        audio = [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2, "duration": length}] if sound else []
        return self.run("asset.add", name=name, hash=f"quick:{name}", size=frames, duration=length, video=video, audio=audio)["asset"]

    def still(self, name: str = "map.png") -> str:
        return self.run("asset.add", name=name, hash=f"quick:{name}", still=True,
                        video={"index": 0, "codec": "png", "width": 800, "height": 600})["asset"]

    def append(self, asset: str, start: int = 0, frames: int = 100, **args: Any) -> tuple[str, str]:
        """Appends so many frames of an asset from a frame on; ids of the clip and its sound."""
        made = self.run("clip.append", asset=asset, source_start=f"{start}f", source_duration=f"{frames}f", **args)
        return made["clip"], made["linked"]

    def clip(self, clip_id: str) -> Clip:
        return self.view.get(Clip, clip_id)

    def asset(self, asset_id: str) -> MediaReference:
        return self.view.get(MediaReference, asset_id)

    def track(self, label: str) -> Track:
        return next(t for t in self.view.tracks() if self.view.track_label(t) == label)

    def lane(self, label: str) -> list[tuple[int, int]]:
        """Start and end of each clip of a track, in frames (whole ones, or the test fails)."""
        return [(self.frames(clip.start), self.frames(clip.end)) for clip in self.view.clips_on(self.track(label).id)]

    def sources(self, label: str) -> list[int]:
        """Where in its media each clip of a track begins, in frames."""
        return [self.frames(clip.source_range.start) for clip in self.view.clips_on(self.track(label).id)]

    def ids(self, label: str) -> list[str]:
        return [clip.id for clip in self.view.clips_on(self.track(label).id)]

    def labels(self) -> list[str]:
        return [self.view.track_label(track) for track in self.view.tracks()]

    def frames(self, ticks: int) -> int:
        frames, rest = divmod(ticks, self.f)
        assert rest == 0, f"{ticks} is not on a frame"
        return frames

    def label(self) -> str:
        """The words of the last line of history."""
        return self.door.history.entries[-1].label
