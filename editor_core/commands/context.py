"""What a command is given: the draft it writes, who asks, and readers for its arguments.

Owns: turning times, tracks, clips and assets named in arguments into records, with errors that name the argument.
Refuses: anything that outlives the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from editor_core.commands.registry import CommandError
from editor_core.commands.talking import Talking
from editor_core.document import Draft
from editor_core.schema import Clip, MediaReference, Timeline, Track, TrackKind
from editor_core.timing import Rate, TimingError, parse_time, round_to_frame

Time = Annotated[int | str, Meta(description='ticks (1/705600000 s), timecode "00:00:05:00" (drop-frame: "00:00:05;00"), seconds '
                                 '"5.2s" or frames "150f"')]
TrackName = Annotated[str, Meta(description="a track's id, its position label such as V1 or A2, or its name")]
ClipId = Annotated[str, Meta(description="a clip's id")]
ClipIds = Annotated[list[str], Meta(description="ids of clips", min_length=1)]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: a person, an agent or an automation."""

    id: str
    name: str = ""
    kind: str = "person"


class Context:
    """Handed to one run of a command. `label` becomes the line in the history; set it to something a person recognises."""

    def __init__(self, draft: Draft, actor: Actor, label: str, take_back: Callable[[str, bool], dict[str, Any]],
                 talking: Talking | None = None) -> None:
        self.draft = draft
        self._talking = talking
        self.actor = actor
        self.label = label
        self.take_back = take_back

    @property
    def talking(self) -> Talking:
        """The comments of the project, and the draft of what this command says. Raises CommandError where there are none."""
        if self._talking is None:
            raise CommandError("There are no comments here")
        return self._talking

    @property
    def timeline(self) -> Timeline:
        return self.draft.timeline

    @property
    def rate(self) -> Rate:
        return self.draft.timeline.rate

    def time(self, value: int | str, name: str = "time", *, least: int | None = 0) -> int:
        """Ticks of a time argument, exact. Raises CommandError naming the argument, also below `least`."""
        try:
            ticks = parse_time(value, self.rate)
        except TimingError as error:
            raise CommandError(f"{name}: {error}") from None
        if least is not None and ticks < least:
            raise CommandError(f"{name}: {value!r} is " + ("less than nothing" if "duration" in name else
                                                           f"before {'the start' if least == 0 else least}"))
        return ticks

    def frame_time(self, value: int | str, name: str = "time", *, least: int | None = 0) -> int:
        """As `time`, rounded to the timeline's frames, half up."""
        return round_to_frame(self.time(value, name, least=least), self.rate)

    def clip(self, clip_id: str) -> Clip:
        """The live clip; raises UnknownRecord."""
        return self.draft.get(Clip, clip_id)

    def clips(self, ids: Iterable[str]) -> list[Clip]:
        """Live clips in the order given, each once."""
        return [self.clip(i) for i in dict.fromkeys(ids)]

    def asset(self, asset_id: str) -> MediaReference:
        return self.draft.get(MediaReference, asset_id)

    def track(self, name: str, kind: TrackKind | None = None) -> Track:
        """A live track by id, position label or name. Raises CommandError naming what there is."""
        tracks = self.draft.tracks()
        found = next((t for t in tracks if t.id == name), None)
        found = found or next((t for t in tracks if self.draft.track_label(t) == name.upper()), None)
        found = found or next((t for t in tracks if t.name and t.name == name), None)
        if found is None:
            labels = ", ".join(self.draft.track_label(t) for t in tracks)
            raise CommandError(f"There is no track {name!r}; there are {labels or 'none'}")
        if kind is not None and found.kind != kind:
            raise CommandError(f"{self.draft.track_label(found)} is {found.kind}, and this needs {kind}")
        return found

    def editable(self, track: Track) -> Track:
        """The track, unless it is locked. Raises CommandError."""
        if track.locked:
            raise CommandError(f"{self.draft.track_label(track)} is locked; unlock it first")
        return track
