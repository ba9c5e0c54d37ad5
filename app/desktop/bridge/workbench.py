"""The workbench: everything a panel may use, handed to it in one object.

Owns: putting the parts together, running commands with refusals shown, telling of changes. Refuses: widgets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.actions import Actions
from app.desktop.bridge.adopt import shape_for
from app.desktop.bridge.cache_size import CacheSize
from app.desktop.bridge.decks import Deck, SourceDeck
from app.desktop.bridge.deliver import Deliver
from app.desktop.bridge.frames import FrameFeed, Levels
from app.desktop.bridge.imports import Imports
from app.desktop.bridge.jobs import Jobs
from app.desktop.bridge.media_fetch import MediaFetch
from app.desktop.bridge.media_watch import MediaWatch
from app.desktop.bridge.ports import ShellPort
from app.desktop.bridge.post import Post
from app.desktop.bridge.selection import Selection, Targets, ToolBox
from app.desktop.bridge.settings import Settings
from app.desktop.bridge.state import Problems, Saving
from app.desktop.bridge.tiles import Tiles
from app.desktop.bridge.transport import Transport
from app.desktop.bridge.turns import Turns
from app.desktop.theme.connect import connect_for
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import CommandError
from editor_core.document import ChangeSet, Document, Snapshot
from editor_core.storage import StorageError
from editor_core.timing import Rate

if TYPE_CHECKING:
    from app.desktop.bridge.attention import Attention
    from app.desktop.bridge.discussion import Discussion
    from app.desktop.bridge.together import Together
    from app.desktop.bridge.versions import Versions
    from app.desktop.theme.theme import Theme

log = logging.getLogger(__name__)


class Signals(QObject):
    """The one signal of the document, and words for the person."""

    changed = Signal(object, object, object)
    said = Signal(str, str)
    command_refused = Signal(str, str)


@dataclass(frozen=True, eq=False)
class Workbench:
    """What panels, canvas and actions share. `services` holds what the composition root lends: importing, exporting, opening.

    Document: `door`, `document`, `snapshot`, `rate`; changes arrive as `bench.changed(change, before, after)`.
    """

    door: CommandDoor
    document: Document
    selection: Selection
    tools: ToolBox
    targets: Targets
    program: Deck
    source: SourceDeck
    levels: Levels
    tiles: Tiles
    jobs: Jobs
    imports: Imports
    deliver: Deliver
    media: MediaWatch
    cache: CacheSize
    problems: Problems
    saving: Saving
    settings: Settings
    theme: Theme
    post: Post
    services: Any = None
    project_path: Path | None = None
    signals: Signals = field(default_factory=Signals)
    turns: Turns = field(default_factory=Turns)
    """What is done one after the other, each in a turn of the event loop of its own."""
    late: dict[str, Any] = field(default_factory=dict)

    @property
    def actions(self) -> Actions:
        """Set by the composition right after the bench is made: actions need the bench, and panels need actions."""
        return self.late["actions"]

    @property
    def fetch(self) -> MediaFetch:
        """Media that come from others in the room; set by the composition."""
        return self.late["fetch"]

    @property
    def transport(self) -> Transport:
        """The program's transport."""
        return self.program.transport

    @property
    def frames(self) -> FrameFeed:
        """The program's pictures."""
        return self.program.frames

    @property
    def deck(self) -> Deck:
        """The deck that transport keys act on: that of a page over the workspaces, Source while its viewer has focus and shows
        something, else Program."""
        if (page := self.late.get("page deck")) is not None:
            return page
        on_source = self.source.asset and self.late.get("focus") == "source"
        return self.source.deck if on_source else self.program

    @property
    def shell(self) -> ShellPort:
        """The window around the panels; set by the window itself."""
        return self.late["shell"]

    @property
    def together(self) -> Together:
        """The room of the project; always there, and quiet while the project is not shared."""
        return self.late["together"]

    @property
    def attention(self) -> Attention:
        """What needs a person's attention: findings and open conflicts."""
        return self.late["attention"]

    @property
    def comments(self) -> Discussion:
        """What people say about the film."""
        return self.late["comments"]

    @property
    def versions(self) -> Versions:
        """Versions and branches of the project."""
        return self.late["versions"]

    @property
    def snapshot(self) -> Snapshot:
        return self.document.snapshot

    @property
    def rate(self) -> Rate:
        """Frames a second of the timeline."""
        return self.document.snapshot.timeline.rate

    @property
    def changed(self) -> Any:
        """Signal (change, before, after), after each change of the document, on the interface thread."""
        return self.signals.changed

    def say(self, message: str, kind: str = "info") -> None:
        """A toast: `info`, `ok`, `warn` or `danger`. Never the only place where something is said."""
        self.signals.said.emit(message, kind)

    def run(self, command: str, args: Mapping[str, Any] | None = None, gesture: str = "") -> Any:
        """Runs a document command. Its result; None when it was refused, and the reason is shown. Never raises."""
        result, reason = self.attempt(command, args, gesture)
        if reason:
            self.say(reason, "warn")
        return result

    def attempt(self, command: str, args: Mapping[str, Any] | None = None, gesture: str = "") -> tuple[Any, str]:
        """As `run`, but gives (result, reason) and shows nothing."""
        given = dict(args or {})
        try:
            shape = shape_for(self.snapshot, command, given) if self.settings.get("defaults/adopt", True) else {}
            if shape:
                gesture = gesture or f"first clip {self.document.revision}"
                self.door.execute("timeline.set", shape, gesture=gesture)
                self.say(f"The timeline now has the first clip's {' and '.join(_shape_words(shape))}", "info")
            result = self.door.execute(command, given, gesture=gesture).result
            if isinstance(result, dict) and result.get("notice"):
                self.say(str(result["notice"]), "info")
            return result, ""
        except CommandError as error:
            self.signals.command_refused.emit(command, str(error))
            return None, str(error)
        except StorageError as error:
            return None, str(error)
        except Exception as error:
            log.exception("command %s failed", command)
            return None, f"{command} could not be done: {error}"

    def knows(self, command: str) -> bool:
        """Whether there is a document command of that id."""
        try:
            self.door.registry.get(command)
        except CommandError:
            return False
        return True

    def barred(self, command: str = "clip.set") -> str:
        """Why this person may not run a command in this film, in words; empty if they may. Viewers and commenters are told whom to ask."""
        return self.door.may(command)

    def text(self, words: str) -> str:
        """Words as the person reads them; the place where translations come in."""
        return words

    def listen(self, listener: Callable[[ChangeSet, Snapshot, Snapshot], None], owner: QObject) -> None:
        """Connects a listener of changes for as long as `owner` lives."""
        connect_for(self.signals.changed, listener, owner)


def _shape_words(shape: Mapping[str, Any]) -> list[str]:
    size = [f"size, {shape['width']} × {shape['height']}"] if "width" in shape else []
    return size + ([f"rate, {shape['rate']} frames a second"] if "rate" in shape else [])

