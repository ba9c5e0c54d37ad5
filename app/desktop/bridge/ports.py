"""What the window needs from the parts below it, as protocols.

Owns: the shapes of the render client, sound client, task pool, importer, exporter and project as the window uses them.
Refuses: any of their work. The composition root hands the real ones in; tests hand in real ones over scratch projects.

Callbacks may arrive on any thread; the bridge brings them to the interface thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

from editor_core.document import ChangeSet, Snapshot

Locations = Mapping[str, Sequence[Path]]
"""Asset id to the files that hold it on this machine, best first."""

FrameArrived = Callable[[int, int, int, int, memoryview, Mapping[str, Any]], None]
"""(ticks, revision, width, height, RGBA bytes, info); the bytes are only good during the call."""


class RenderPort(Protocol):
    """Makes pictures of a document in another process. The newest request wins."""

    def load(self, snapshot: Snapshot, locations: Any) -> None: ...

    def change(self, change: ChangeSet) -> None: ...

    def request(self, ticks: int, width: int, height: int, quality: float = 1.0) -> None: ...

    def on_frame(self, callback: FrameArrived) -> Any: ...

    def close(self) -> None: ...


class SoundPort(Protocol):
    """Plays the sound of a document; its position is the clock of playback."""

    def load(self, snapshot: Snapshot, locations: Any) -> None: ...

    def change(self, change: ChangeSet) -> None: ...

    def play(self, ticks: int, speed: float, start: int | None, end: int | None, loop: bool) -> None: ...

    def stop(self) -> None: ...

    def position(self) -> int | None:
        """Ticks that are heard now; None while nothing plays."""
        ...

    def levels(self) -> Any: ...

    def close(self) -> None: ...


class TaskPort(Protocol):
    """Runs a named task in a disposable worker process."""

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float = 60.0,
               on_progress: Callable[[Any], None] | None = None) -> Future[Any]: ...


class ProjectPort(Protocol):
    """The open project as the window sees it."""

    path: Path

    def locations(self) -> Locations: ...


class ImportPort(Protocol):
    """Brings files and folders into the project, off the interface thread."""

    def add(self, paths: Sequence[Path], on_file: Callable[[Path, str | None, str], None],
            on_done: Callable[[], None]) -> None:
        """`on_file(path, asset id or None, reason)` for each file; `on_done` at the end."""
        ...
