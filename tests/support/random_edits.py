"""Random edits through the real command door, the same for the same seed.

Owns: a door on a project file (or on nothing), and a stream of commands that mostly succeed. Refuses: judging the outcome.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

from editor_core.commands.context import Actor
from editor_core.commands.door import CommandDoor, Outcome, Recorder
from editor_core.commands.registry import CommandError, Registry, discover
from editor_core.document import Document, History
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, MediaReference, Record, Track
from editor_core.storage import ProjectFile
from editor_core.timing import TICKS_PER_SECOND

FRAME = TICKS_PER_SECOND // 25
REGISTRY: Registry = discover()
ME = Actor(id="person-test", name="Test")


def counting_ids(prefix: str = "") -> Callable[[str], str]:
    """Ids that are the same in every run."""
    numbers = itertools.count(1)
    return lambda kind: f"{kind}{prefix}{next(numbers):08d}"


def counting_clock() -> Callable[[], float]:
    """A clock that goes on by a second at each look."""
    numbers = itertools.count(1_780_000_000)
    return lambda: float(next(numbers))


def first_records() -> list[Record]:
    """A new project's records with the same ids in every run."""
    return new_records(counting_ids("new"), "Film")


def door_on(file: ProjectFile, *, session: int, ids: Callable[[str], str] | None = None,
            recorder: Recorder | None = None) -> CommandDoor:
    """The document of an open project file behind its door."""
    state = file.document_state
    document = Document(state.records, state.stamps, state.revision)
    return CommandDoor(document, REGISTRY, History(file.change, file.entries), actor=ME, session=session, recorder=recorder or file.record,
                       counter=state.counter, ids=ids or counting_ids(f"{session:x}-"), clock=counting_clock())


class RandomEditor:
    """Runs one random command after the other. Decides from its seed and from what the document holds, nothing else."""

    def __init__(self, door: CommandDoor, seed: int) -> None:
        self.door = door
        self.random = random.Random(seed)
        self.tried = 0

    def step(self, gesture: str = "") -> Outcome:
        """One command that changed something."""
        for _ in range(60):
            command, args = self._choose()
            self.tried += 1
            try:
                outcome = self.door.execute(command, args, gesture=gesture)
            except CommandError:
                continue
            if outcome.change is not None:
                return outcome
        return self.door.execute("marker.add", {"at": self.random.randrange(10**9), "text": "again"})

    def steps(self, count: int) -> list[Outcome]:
        return [self.step() for _ in range(count)]

    def _choose(self) -> tuple[str, dict[str, Any]]:
        rng, view = self.random, self.door.document.snapshot
        assets = sorted(r.id for r in view.of_kind(MediaReference))
        clips = sorted(view.of_kind(Clip), key=lambda c: c.id)
        tracks = sorted(view.of_kind(Track), key=lambda t: t.id)
        if len(assets) < 3 or rng.random() < 0.01:
            return "asset.add", self._asset()
        if len(clips) < 4 or rng.random() < 0.2:
            return self._placing(assets)
        clip = rng.choice(clips)
        some = [c.id for c in rng.sample(clips, min(len(clips), rng.choice([1, 1, 2, 5])))]
        inside = clip.start + rng.randrange(0, max(1, clip.duration // FRAME)) * FRAME
        return rng.choice([
            lambda: ("clip.split", {"at": inside, "clips": [clip.id]}),
            lambda: ("clip.trim", {"clip": clip.id, "edge": rng.choice(["head", "tail"]), "to": inside, "ripple": rng.random() < 0.5}),
            lambda: ("clip.move", {"clips": some, "by": rng.randrange(-50, 200) * FRAME}),
            lambda: ("clip.lift", {"clips": some[:1]}),
            lambda: ("clip.extract", {"clips": some[:1]}),
            lambda: ("clip.set", self._property(clip)),
            lambda: ("clip.set", self._property(clip)),
            lambda: ("clip.unlink", {"clips": [clip.id]}),
            lambda: ("clip.duplicate", {"clips": some[:2], "at": view.end()}),
            lambda: ("track.add", {"kind": rng.choice(["video", "audio"]), "name": f"Spur {rng.randrange(99)} – ä"}),
            lambda: ("track.set", {"track": rng.choice(tracks).id, "muted": rng.random() < 0.5, "gain_db": rng.uniform(-20, 6)}),
            lambda: ("marker.add", {"at": rng.randrange(10**10), "text": "Größe 日本 🎬" * rng.randrange(1, 5)}),
            lambda: ("edit.undo", {}),
            lambda: ("edit.undo", {}),
            lambda: ("edit.redo", {}),
        ])()

    def _placing(self, assets: list[str]) -> tuple[str, dict[str, Any]]:
        rng = self.random
        args = {"asset": rng.choice(assets), "source_start": rng.randrange(50) * FRAME, "source_duration": rng.randrange(10, 200) * FRAME}
        end = self.door.document.snapshot.end() // FRAME
        at = rng.randrange(0, end + 1) * FRAME
        return rng.choice([
            lambda: ("clip.append", args),
            lambda: ("clip.append", args),
            lambda: ("clip.insert", {**args, "at": at}),
            lambda: ("clip.overwrite", {**args, "at": at}),
            lambda: ("title.add", {"text": f"Titel {rng.randrange(1000)}", "at": at, "duration": 50 * FRAME}),
            lambda: ("solid.add", {"color": "#102030", "at": at, "duration": 25 * FRAME}),
        ])()

    def _property(self, clip: Clip) -> dict[str, Any]:
        rng = self.random
        name, value = rng.choice([
            ("opacity", rng.random()), ("rotation", rng.uniform(-180, 180)), ("gain_db", rng.uniform(-40, 12)),
            ("pan", rng.uniform(-1, 1)),
            ("position", [rng.uniform(0, 1920), rng.uniform(0, 1080)]), ("scale", [rng.uniform(0.1, 3), rng.uniform(0.1, 3)]),
            ("crop", [rng.uniform(0, 0.4), 0.1, 0.2, rng.uniform(0, 0.4)]), ("name", f"Clip {rng.random()}"),
            ("enabled", rng.random() < 0.5),
            ("blend_mode", rng.choice(["multiply", "screen", "normal"])), ("label", rng.choice(["", "violet", "teal"])),
        ])
        return {"clip": clip.id, "property": name, "value": value}

    def _asset(self) -> dict[str, Any]:
        rng = self.random
        number = rng.randrange(10**9)
        return {"name": f"Aufnahme {number}.mov", "hash": f"quick:{number:032x}", "size": number, "duration": 600 * TICKS_PER_SECOND,
                "container": "mov,mp4,m4a,3gp,3g2,mj2",
                "video": {"index": 0, "codec": "h264", "width": 1920, "height": 1080, "duration": 600 * TICKS_PER_SECOND},
                "audio": [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2, "duration": 600 * TICKS_PER_SECOND}]}
