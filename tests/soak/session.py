"""A person at work, at random: the session that the soak runs.

Owns: one open project, random commands on it, a model-free check that undo and a reopening keep the film. Refuses: windows.
"""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from app import bootstrap
from app.services.importing import import_files
from app.services.open_project import LocalTarget
from app.services.stills import write_still
from editor_core.commands.registry import CommandError
from editor_core.document.integrity import breaches
from editor_core.schema import Clip, MediaReference
from render.pool import TaskPool
from tests.support.command_line import make_clip

SECOND = 705_600_000


def slope(samples: list[tuple[float, float]]) -> float:
    """Least-squares growth of value per second; 0 for fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


class Session:
    """`step` does one thing a person might do; `check` closes, reopens and compares."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.commands = self.pictures = self.refused = 0
        self._parts = bootstrap.parts()
        self._path = folder / "soak.proedit"
        self._project = bootstrap.create_project(self._parts, self._path, width=320, height=180, rate="25")
        self._pool = TaskPool(1)
        clips = [make_clip(folder / f"{n}.mp4", 3 + n) for n in range(3)]
        for item in import_files(clips, self._pool, LocalTarget(self._project).add_media):
            assert not item.error, item.error

    def step(self) -> None:
        roll = self.chance.random()
        if roll < 0.01 and self._project.snapshot.end():
            self._picture()
        elif roll < 0.15:
            self._run(self.chance.choice(["edit.undo", "edit.redo"]), {})
        else:
            self._run(*self._edit())

    def _run(self, command: str, args: dict[str, object]) -> None:
        self.commands += 1
        try:
            self._project.door.execute(command, args)
        except CommandError:
            self.refused += 1

    def _edit(self) -> tuple[str, dict[str, object]]:
        snapshot = self._project.snapshot
        clips = snapshot.of_kind(Clip)
        asset = self.chance.choice(snapshot.of_kind(MediaReference)).id
        at = self.chance.randrange(0, 120 * SECOND)
        if not clips or (len(clips) < 200 and self.chance.random() < 0.3):
            return self.chance.choice([
                ("clip.append", {"asset": asset, "source_duration": "1s"}),
                ("clip.insert", {"asset": asset, "at": at, "source_duration": "20f"}),
                ("clip.overwrite", {"asset": asset, "at": at, "source_duration": "1s"}),
                ("title.add", {"text": "Soak", "at": at, "duration": "2s"})])
        clip = self.chance.choice(clips)
        return self.chance.choice([
            ("clip.split", {"at": at}),
            ("clip.trim", {"clip": clip.id, "edge": self.chance.choice(["head", "tail"]), "to": clip.start + clip.duration // 2}),
            ("clip.move", {"clips": [clip.id], "by": self.chance.randrange(-2, 3) * SECOND}),
            ("clip.lift", {"clips": [clip.id]}), ("clip.extract", {"clips": [clip.id]}),
            ("clip.set", {"clip": clip.id, "property": "opacity", "value": self.chance.random()}),
            ("marker.add", {"at": at})])

    def _picture(self) -> None:
        at = str(self.chance.randrange(self._project.snapshot.end()))
        write_still(self._project, self._pool, at, self.folder / "frame.png", 0.5)
        self.pictures += 1

    def check(self) -> None:
        """Whole, and the same after a reopening. Raises AssertionError."""
        assert list(breaches(self._project.snapshot)) == []
        before = _plain(self._project.snapshot)
        self._project.close()
        self._project = bootstrap.open_project(self._parts, self._path)
        assert _plain(self._project.snapshot) == before, "the film changed over a reopening"
        assert self._project.file.problems == []

    def close(self) -> None:
        self._pool.close()
        self._project.close()


def _plain(snapshot: object) -> bytes:
    records = sorted(snapshot.records.values(), key=lambda r: r.id)  # type: ignore[attr-defined]
    return msgspec.json.encode(records)
