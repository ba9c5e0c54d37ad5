"""One open project in the window: its workbench, its processes, its listeners.

Owns: putting the workbench together for a project and taking it apart again. Refuses: widgets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

import app.desktop.canvas as canvas_package
import app.desktop.shell.actions as action_package
from app.desktop.bridge import (
    Actions,
    ActionSpec,
    Deck,
    Deliver,
    FrameFeed,
    Imports,
    Jobs,
    Keymap,
    Levels,
    MediaWatch,
    Post,
    Problems,
    RenderPort,
    Saving,
    Selection,
    Settings,
    SoundPort,
    SourceDeck,
    Targets,
    TaskPort,
    Tiles,
    ToolBox,
    Transport,
    Workbench,
)
from app.desktop.bridge.actions import discover
from app.desktop.bridge.attention import Attention
from app.desktop.bridge.cache_size import CacheSize
from app.desktop.bridge.discussion import Discussion
from app.desktop.bridge.kept_place import KeptPlace
from app.desktop.bridge.level_feed import LevelFeed
from app.desktop.bridge.media_fetch import MediaFetch
from app.desktop.bridge.post import Closed
from app.desktop.bridge.tidying import Tidying
from app.desktop.bridge.together import Together
from app.desktop.bridge.versions import Versions
from app.desktop.makers import Sharing
from app.desktop.problem_finder import ProblemFinder
from app.desktop.theme.theme import Theme
from app.desktop.tile_source import WorkerTiles
from app.services.jobs import JobQueue
from app.services.open_project import OpenProject, answer
from app.services.owner import OwnerSocket
from app.services.people import names, sign
from app.services.replaced import quick_hashes
from app.services.together import align, needs_aligning
from app.services.versions import Keeper
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import MediaReference

log = logging.getLogger(__name__)
_UNASKED = {"asset.add", "asset.set", "clip.paste", "comment.draw", "clip.restore", "conflict.decide"}
"""Commands whose arguments no person can type."""


@dataclass(frozen=True)
class Tools:
    """What the composition root lends every project: settings, looks, keys, background work, and makers of media processes."""

    settings: Settings
    theme: Theme
    keymap: Keymap
    queue: JobQueue
    tasks: TaskPort
    make_render: Callable[[], RenderPort]
    make_sound: Callable[[], SoundPort]
    cache: Path
    library: Callable[[], Any] = lambda: None
    """The asset library, opened when it is first needed; None where it cannot be used."""
    sharing: Sharing | None = None
    """Without it nothing can be shared from here."""


@dataclass(frozen=True)
class Services:
    """What panels may ask for beyond the document: `project` for reading, `tasks` and `queue` for background work."""

    project: OpenProject
    tasks: TaskPort
    queue: JobQueue
    cache: Path
    library: Callable[[], Any]
    locate: Callable[[str, Path], None]
    offline_assets: Callable[[], frozenset[str]]
    make_render: Callable[[], RenderPort]
    """For pages with players of their own, which end what they make."""
    make_sound: Callable[[], SoundPort]


class Session(QObject):
    """Everything that lives as long as a project is shown. `bench` is what panels get; `close` ends it all in order."""

    def __init__(self, project: OpenProject, tools: Tools, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._tools = tools
        self._post = Post(self)
        self._render, self._sound = tools.make_render(), tools.make_sound()
        self.bench = self._workbench()
        self.bench.late["together"] = Together(self.bench, project, tools.sharing, self)
        self.bench.late["fetch"] = MediaFetch(self.bench, project, tools.cache, self.relocate, self._stands, self)
        self.bench.late["comments"] = Discussion(self.bench, project.talk, read_only=project.file.read_only, parent=self)
        self.bench.late["actions"] = Actions(self.bench, self._action_specs(), tools.keymap, self)
        self._wire()
        self._socket = self._listen()

    def start(self) -> None:
        """Gives the media processes the document; called once the window is shown."""
        places = {asset: [*paths, *self.bench.fetch.places(asset)] for asset, paths in locations(self.project).items()}
        snapshot = self.bench.snapshot
        self._render.load(snapshot, places)
        self._sound.load(snapshot, places)
        self.bench.frames.request(self.bench.transport.ticks)
        self.bench.media.start()
        self.bench.cache.start()
        self.bench.attention.start()
        self.bench.versions.refresh()
        self.bench.versions.beside(self._keeper.remember)
        self.bench.together.start()
        self.bench.fetch.start()
        self.bench.comments.notices.start()

    def close(self) -> None:
        """Stops playing, ends the processes, waits until everything is on disk."""
        bench = self.bench
        bench.transport.stop()
        bench.fetch.close()
        bench.together.close()
        bench.comments.close()
        bench.attention.close()
        bench.versions.close()
        self.kept.close()
        self._meters.stop()
        self._tidying.close()
        if self._socket is not None:
            self._socket.close()
        bench.media.stop()
        bench.cache.stop()
        bench.jobs.close()
        self._leave()
        for stop in self._stops:
            stop()
        self._post.close()
        bench.source.close()
        self._render.close()
        self._sound.close()
        self.project.close()

    def _located(self, asset: str, path: Path) -> None:
        self.project.file.locations.set(asset, path)
        for port in (self._render, self._sound):
            port.locate(asset, [path, *self.bench.fetch.places(asset)])

    def relocate(self, asset: str, path: Path) -> None:
        """An asset lies at `path` on this machine from now on."""
        self._located(asset, path)
        self.bench.tiles.forget(asset)
        self.bench.media.look()
        self.bench.frames.again()

    def _workbench(self) -> Workbench:
        project, tools, post = self.project, self._tools, self._post
        document = project.document

        def size() -> tuple[int, int]:
            timeline = document.snapshot.timeline
            return timeline.width, timeline.height

        frames = FrameFeed(self._render, size, post, parent=self)
        frames.quality = str(tools.settings.get("playback/quality", "auto"))
        known: list[Any] = [None, 0]

        def end() -> int:
            """The film's end; asked for many times between two edits, so it is worked out once."""
            if known[0] is not document.snapshot:
                known[:] = [document.snapshot, document.snapshot.end()]
            return int(known[1])

        transport = Transport(self._sound, frames, lambda: document.snapshot.timeline.rate, end, parent=self)
        transport.scrub_sound = bool(tools.settings.get("playback/scrub_sound", True))
        source = SourceDeck(lambda: (tools.make_render(), tools.make_sound()), lambda: document.snapshot,
                            lambda: locations(project), post, parent=self)
        tile_source = WorkerTiles(tools.tasks, lambda asset: self.bench.fetch.stand_ins.get(asset) or path_of(project, asset),
                                  lambda asset: document.snapshot.find(MediaReference, asset), tools.cache / "tiles",
                                  lambda asset: post(lambda: self.bench.late["finder"].sound_damaged(asset)))
        media = MediaWatch(lambda: locations(project), post, lambda: {m.id: m.hash for m in document.snapshot.of_kind(MediaReference)},
                           lambda paths: quick_hashes(tools.tasks, paths), self)
        services = Services(project, tools.tasks, tools.queue, tools.cache, tools.library, self.relocate, lambda: media.offline,
                            tools.make_render, tools.make_sound)
        jobs = Jobs(tools.queue, post, self)
        imports = Imports(project, tools.tasks, jobs, post, self._located, lambda *given: self.bench.run(*given), tools.library, self)
        deliver = Deliver(project, jobs, transport, tools.settings, self)
        return Workbench(
            door=project.door, document=document, selection=Selection(self), tools=ToolBox(self),
            targets=Targets(lambda: document.snapshot, self), program=Deck(transport, frames), source=source, levels=Levels(self),
            tiles=Tiles(tile_source, post, parent=self), jobs=jobs, imports=imports, deliver=deliver, media=media,
            cache=CacheSize(tools.cache, post, self), problems=Problems(self), saving=Saving(post, self), settings=tools.settings,
            theme=tools.theme, post=post, services=services, project_path=project.path)

    def _action_specs(self) -> list[ActionSpec]:
        declared = [*discover(action_package), *discover(canvas_package)]
        covered = {spec.id for spec in declared}
        asked = [ActionSpec(spec.id, spec.title, menu=spec.menu, icon=spec.icon, help=spec.help, ask=True, command=spec.id)
                 for spec in self.project.door.registry if spec.id not in covered | _UNASKED]
        return [*declared, *asked]

    def _wire(self) -> None:
        bench, file = self.bench, self.project.file
        self._leave = bench.document.subscribe(self._changed)
        self._stops = [file.on_saved(bench.saving.saved), file.on_trouble(bench.saving.trouble)]
        bench.selection.changed.connect(bench.actions.touch)
        bench.tools.changed.connect(bench.actions.touch)
        bench.targets.changed.connect(bench.actions.touch)
        bench.transport.state_changed.connect(bench.actions.touch)
        bench.transport.marks_changed.connect(bench.actions.touch)
        bench.transport.moved.connect(self._moved)
        bench.comments.drafted.connect(bench.actions.touch)
        bench.comments.changed.connect(bench.actions.touch)
        self._unreadable = 0
        bench.source.opened.connect(bench.actions.touch)
        for port in (self._render, self._sound):
            port.on_trouble(lambda words, about: self._post(self._trouble, words, about))
        bench.media.turned.connect(self._look_anew)
        bench.imports.finished.connect(self._imported)
        bench.late["finder"] = ProblemFinder(bench, self.project, self)
        bench.late["attention"] = Attention(self.project, self._post, bench.run, bench.say, self)
        bench.late["names"] = names(self.project)
        bench.late["versions"] = Versions(self.project, self._post, bench.say, self)
        self.kept = KeptPlace(bench, self)
        self._meters = LevelFeed(bench, self._sound, self)
        self._keeper = Keeper(self.project)
        self._began = self.project.snapshot.revision
        self._tidying = Tidying(bench, self)

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        bench = self.bench
        bench.saving.started(after.revision)
        self._render.change(change, after)
        self._sound.change(change, after)
        bench.signals.changed.emit(change, before, after)
        bench.selection.prune(after)
        if bench.source.asset and after.find(MediaReference, bench.source.asset) is None:
            bench.source.close_asset()
        bench.frames.again()
        bench.actions.touch()
        bench.attention.on_change(change, before, after)
        if before.revision == self._began:
            sign(self.project)
        if change.kind == "merge":
            self._post(self._names)
        if self._keeper.look():
            bench.versions.refresh_soon()
        bench.together.document_changed()
        bench.comments.document_changed(change, before, after)
        if change.kind == "merge" and not after.shares(before, MediaReference):
            bench.media.look()
        if needs_aligning(change):
            self._post(align, self.project)

    def _names(self) -> None:
        """A merge may have brought names."""
        self.bench.versions.names(lambda found: self.bench.late["names"].update(found))

    def _imported(self, assets: list[str]) -> None:
        bench = self.bench
        bench.media.look()
        bad = len(bench.imports.unreadable)
        if bad > self._unreadable:
            new = bad - self._unreadable
            bench.say(f"{new} file{'s' if new > 1 else ''} could not be read; Media says why under Unreadable", "warn")
        self._unreadable = bad

    def _stands(self, asset: str) -> None:
        """A smaller file stands in for media that is elsewhere."""
        self._look_anew([asset])
        self.bench.media.changed.emit()

    def _look_anew(self, assets: Iterable[str]) -> None:
        """Everything that shows these assets opens their files again: they have gone, come back or become others."""
        for asset in assets:
            places = [*self.project.file.locations.get(asset), *self.bench.fetch.places(asset)]
            for port in (self._render, self._sound):
                port.locate(asset, places)
            self.bench.source.locate(asset, places)
            if asset not in self.bench.media.offline:
                self.bench.tiles.forget(asset)
        self.bench.frames.again()

    def _moved(self, _ticks: int) -> None:
        if not self.bench.transport.playing:
            self.bench.actions.touch()

    def _trouble(self, words: str, about: str) -> None:
        log.info("%s: %s", about, words)
        if about == "sound":  # media has its slate and its line in the problems; a restarted renderer shows by itself
            self.bench.say(words, "warn")

    def _serve(self, request: dict[str, Any]) -> Any:
        """What other processes ask, on a thread of the socket's. Raises CancelledError for what the window did not do before it closed."""
        try:
            if request.get("do") == "live":
                return self.bench.together.serve(str(request.get("what")), dict(request.get("args") or {}))
            return self._post.ask(answer, self.project, request)
        except Closed:
            raise CancelledError from None

    def _listen(self) -> OwnerSocket | None:
        if self.project.file.read_only:
            return None
        try:
            socket = OwnerSocket(self._serve)
        except OSError as error:
            log.warning("other programs cannot reach this window: %s", error)
            return None
        self.project.file.announce(socket.address)
        return socket


def locations(project: OpenProject) -> dict[str, list[Path]]:
    """Where each asset may lie on this machine. No file is touched: the media processes look themselves."""
    return {m.id: list(project.file.locations.get(m.id)) for m in project.snapshot.of_kind(MediaReference)}


def path_of(project: OpenProject, asset: str) -> Path | None:
    """The first place where an asset is known to lie, if any."""
    return next(iter(project.file.locations.get(asset)), None)
