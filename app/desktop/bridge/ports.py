"""What the window needs from the parts below it, as protocols.

Owns: the shapes of the render client, sound client, task pool, importer, exporter and project as the window uses them.
Refuses: any of their work. The composition root hands the real ones in; tests hand in real ones over scratch projects.

Callbacks may arrive on any thread; the bridge brings them to the interface thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Clip

Locations = Mapping[str, list[Path]]
"""Asset id to the files that hold it on this machine, best first."""

FrameArrived = Callable[[int, int, int, int, memoryview, Any], None]
"""(ticks, revision, width, height, RGBA bytes, info with `slates`); the bytes are only good during the call."""


class RenderPort(Protocol):
    """Makes pictures of a document in another process. The newest request wins."""

    def load(self, snapshot: Snapshot, locations: Locations) -> None: ...

    def change(self, change: ChangeSet, after: Snapshot | None = None) -> None: ...

    def locate(self, asset: str, paths: list[Path]) -> None: ...

    def request(self, ticks: int, width: int, height: int, quality: Any = "full", *, step: int = 0, ahead: int = 0,
                loop: tuple[int, int] | None = None) -> int:
        """`width` × `height` is the picture at full quality; `step` the distance to the next frame while playing."""
        ...

    def on_frame(self, callback: FrameArrived) -> None: ...

    def peek(self, panes: Sequence[tuple[Clip | None, int]], width: int, height: int) -> int:
        """Asks for up to four small pictures, each of a clip as it might be at a timeline time; None is black."""
        ...

    def on_peek(self, callback: Callable[[int, int, int, int, memoryview], None]) -> None:
        """`callback(request, count, width, height, RGBA bytes below each other)`; the bytes are only good during the call."""
        ...

    def prepare(self, start: int, end: int) -> None:
        """Has the pictures of `[start, end)` ticks made ahead, as far as memory goes."""
        ...

    def measure(self, clips: Sequence[Clip], width: int, height: int) -> int:
        """Asks how large titles are in a frame of that size in project pixels; the number that the answer bears."""
        ...

    def on_measured(self, callback: Callable[[int, Sequence[tuple[float, float]]], None]) -> None:
        """`callback(request, (width, height) of each)`, in project pixels at scale 1."""
        ...

    def on_kept(self, callback: Callable[[Any], None]) -> None:
        """`callback(kept)`: `ready` and `stale` stretches of ticks that are in memory, `nbytes` of `budget`."""
        ...

    def on_trouble(self, callback: Callable[[str, str], None]) -> None: ...

    def close(self) -> None: ...


class SoundPort(Protocol):
    """Plays the sound of a document; its position is the clock of playback."""

    def load(self, snapshot: Snapshot, locations: Locations) -> None: ...

    def change(self, change: ChangeSet, after: Snapshot | None = None) -> None: ...

    def locate(self, asset: str, paths: list[Path]) -> None: ...

    def play(self, ticks: int, speed: float = 1.0, start: int | None = None, end: int | None = None, loop: bool = False) -> int: ...

    def stop(self) -> int:
        """The position at which it stopped."""
        ...

    def scrub(self, ticks: int) -> None: ...

    def position(self) -> int:
        """Ticks that are heard now; where it stopped while nothing plays."""
        ...

    def levels(self) -> Any: ...

    def track_levels(self, tracks: Iterable[str]) -> dict[str, tuple[float, float]]:
        """Peaks in dBFS of left and right of each of these tracks that sounds now."""
        ...

    def on_trouble(self, callback: Callable[[str, str], None]) -> None: ...

    def close(self) -> None: ...


class TaskPort(Protocol):
    """Runs a named task in a disposable worker process."""

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float = 60.0,
               on_progress: Callable[[Any], None] | None = None) -> Future[Any]: ...


class ShellPort(Protocol):
    """The window, for actions and panels that must reach beyond themselves."""

    def show_panel(self, panel: str) -> None: ...

    def panel(self, panel: str) -> Any:
        """The widget of a panel of the workspace that is shown, or None."""
        ...

    def panel_ids(self) -> list[tuple[str, str]]:
        """(id, title) of every panel of the workspace that is shown."""
        ...

    def panel_shown(self, panel: str) -> bool: ...

    def toggle_panel(self, panel: str) -> None: ...

    def show_workspace(self, name: str) -> None: ...

    def visit_workspace(self, name: str) -> None:
        """As `show_workspace`, in a moment: one that was not visited before is made without holding the window up."""
        ...

    def workspace(self) -> str: ...

    def reset_workspace(self) -> None: ...

    def maximise_panel(self) -> None: ...

    def next_panel(self, direction: int) -> None: ...

    def full_screen_picture(self) -> None: ...

    def palette(self, text: str = "", command: str = "", given: Mapping[str, Any] | None = None) -> None:
        """Opens the command palette, perhaps at the arguments of one command that are not `given`."""
        ...

    def dialog(self, name: str) -> None:
        """preferences, shortcuts or about."""
        ...

    def popover(self, name: str) -> None:
        """jobs."""
        ...

    def open_page(self, page: Any) -> None:
        """Lays a widget over the workspaces, under the top bar."""
        ...

    def close_page(self) -> None: ...

    def open_review(self, incoming: Any) -> None:
        """Shows what waits to be merged (`app.services.reviewing.Incoming`); nothing changes until it is applied."""
        ...

    def review_waits(self) -> bool:
        """Whether a merge was looked at and left for later."""
        ...

    def show_review(self) -> None: ...

    def merge_copy(self) -> None: ...

    def open_compare(self, first: str, second: str, kind: str) -> None:
        """Compares two versions or branches; an empty name is the film as it is."""
        ...

    def switch_branch(self, name: str) -> None: ...

    def blame(self, clip: str, at: Any = None) -> None:
        """The card that says who made a clip what it is."""
        ...

    def new_project(self) -> None: ...

    def open_project(self, path: Path | None = None) -> None: ...

    def open_sample(self) -> None: ...

    def welcome(self) -> None: ...

    def import_media(self, paths: Sequence[Path] = (), *, folder: bool = False) -> None: ...

    def quit(self) -> None: ...
