"""The one place that builds the object graph and passes the parts in.

Owns: which parts exist and who is given which. Refuses: behaviour; every function here makes or opens something.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import logging.handlers
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.services import sample
from app.services.display import why_no_display
from app.services.errors import AppError
from app.services.identity import Profile, actor_of, load_profile, new_session, save_profile
from app.services.open_project import LocalTarget, OpenProject, RemoteTarget, Target
from app.services.owner import OwnerClient, OwnerError
from app.services.places import Places
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import Registry, discover
from editor_core.document import Document, History
from editor_core.document.new_project import new_records
from editor_core.schema import new_id
from editor_core.storage import NotSaved, ProjectFile, ProjectInUse, StorageError
from editor_core.storage.copying import refuse_taken
from editor_core.timing import parse_rate

if TYPE_CHECKING:
    from app.desktop.makers import Makers
    from assets.library import Library
    from render.pool import TaskPool

OWNER_WAIT = 15.0
"""Seconds that a command waits for another command-line process to let go of the project."""
_MAKING = ".proedit-"
_STALE = 86_400.0
"""Seconds after which nobody is still making the film of such a folder."""
CYCLES_AFTER = (5_000, 20, 20)
"""How seldom the search for cycles runs once a project is open: edits make none, and each search looks through the rows of thousands of
clips that the last edits made, up to a few milliseconds in the midst of one."""


@dataclass(frozen=True)
class Parts:
    """What every way of starting has."""

    places: Places
    profile: Profile
    session: int
    registry: Registry


def parts() -> Parts:
    """Folders, identity, session and commands of this process; also starts the log."""
    places = Places.find()
    start_log(places.logs)
    return Parts(places, load_profile(places.config), new_session(), commands())


def commands() -> Registry:
    """All commands, found by package walk."""
    return discover()


def start_log(folder: Path) -> None:
    """A rotating log of details; five files of 1 MiB. A folder that cannot be written means no log, not no program."""
    root = logging.getLogger()
    if any(isinstance(h, logging.handlers.RotatingFileHandler) for h in root.handlers):
        return
    try:
        keeper = logging.handlers.RotatingFileHandler(folder / "proeditor.log", maxBytes=2**20, backupCount=4, delay=True)
    except OSError:
        root.addHandler(logging.NullHandler())
        return
    keeper.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root.addHandler(keeper)
    root.setLevel(logging.INFO)


def create_project(given: Parts, path: Path, *, name: str = "", width: int = 1920, height: int = 1080, rate: str = "25",
                   audio_rate: int = 48000) -> OpenProject:
    """A new project file, opened. Raises StorageError (it exists, folder not writable), TimingError or CommandError (shape)."""
    records = new_records(new_id, name=name or path.stem, width=width, height=height, rate=parse_rate(rate), audio_rate=audio_rate)
    file = ProjectFile.create(path, records, session=given.session, actor=given.profile.id)
    return _assemble(given, path, file)


def create_sample(given: Parts, path: Path) -> OpenProject:
    """A new project in the shape of the sample film."""
    return create_project(given, path, name="Meadow", width=sample.WIDTH, height=sample.HEIGHT, rate=sample.RATE,
                          audio_rate=sample.AUDIO_RATE)


def open_project(given: Parts, path: Path, *, read_only: bool = False) -> OpenProject:
    """An existing project. Raises StorageError; ProjectInUse if another process holds it and `read_only` is not set.

    Each opening is a session of its own: a process that edits one copy, then another, must not stamp two changes alike.
    """
    own = dataclasses.replace(given, session=new_session())
    return _assemble(own, path, ProjectFile.open(path, session=own.session, read_only=read_only))


def _clear_up(folder: Path) -> None:
    """Removes what those left who were killed while they made a film there, a day ago or more."""
    for left in folder.glob(f"{_MAKING}*"):
        with contextlib.suppress(OSError):
            if left.is_dir() and not left.is_symlink() and time.time() - left.stat().st_mtime > _STALE:
                shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def making(given: Parts, path: Path) -> Iterator[OpenProject]:
    """A project without any records, to be filled from elsewhere; it appears under its name when the block ends well.

    Raises StorageError (it exists, folder not writable).
    """
    refuse_taken(path)
    _clear_up(path.absolute().parent)
    with tempfile.TemporaryDirectory(prefix=_MAKING, dir=path.absolute().parent) as folder:
        part = Path(folder) / path.name
        file = ProjectFile.create(part, (), session=given.session, actor=given.profile.id)
        with contextlib.closing(_assemble(given, part, file)) as made:
            try:
                yield made
            except BaseException as error:
                file.abandon()  # nobody waits for a disk to take what is thrown away
                if isinstance(error, NotSaved):
                    raise StorageError(f"{str(error).partition('. ')[0]}; {path.name} was not made") from None
                raise
            made.file.flush()
            made.file.save_copy(path)


def _assemble(given: Parts, path: Path, file: ProjectFile) -> OpenProject:
    gc.set_threshold(*CYCLES_AFTER)
    state = file.document_state
    document = Document(state.records, state.stamps, state.revision)
    history = History(file.change, file.entries)
    door = CommandDoor(document, given.registry, history, actor=actor_of(given.profile), session=given.session, recorder=file.record,
                       counter=state.counter)
    made = OpenProject(path, file, document, door)
    door.talk = lambda: made.talk
    return made


@contextlib.contextmanager
def reading(given: Parts, path: Path) -> Iterator[OpenProject]:
    """A project for looking at: what is on disk, whoever holds it."""
    project = open_project(given, path, read_only=True)
    try:
        yield project
    finally:
        project.close()


@contextlib.contextmanager
def holding(given: Parts, path: Path) -> Iterator[OpenProject]:
    """A project held by this process for writing. Waits a little for another command to finish. Raises ProjectInUse."""
    until = time.monotonic() + OWNER_WAIT
    while True:
        try:
            project = open_project(given, path)
            break
        except ProjectInUse as held:
            if held.address or time.monotonic() > until:
                raise
            time.sleep(0.05)
    try:
        yield project
    finally:
        project.close()


@contextlib.contextmanager
def target(given: Parts, path: Path) -> Iterator[Target]:
    """Where commands on a project go: this process, or the one that holds it. Waits a little for another command to finish."""
    found = _whoever_holds(given, path)
    if isinstance(found, RemoteTarget):
        from app.services.following import Following

        found = Following(found, lambda: _whoever_holds(given, path))
    try:
        yield found
    finally:
        found.close()


def _whoever_holds(given: Parts, path: Path) -> Target:
    until = time.monotonic() + OWNER_WAIT
    while True:
        try:
            return LocalTarget(open_project(given, path))
        except ProjectInUse as held:
            if held.address:
                with contextlib.suppress(OwnerError):
                    return RemoteTarget(OwnerClient(held.address))
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def task_pool(workers: int | None = None, *, background: bool = False) -> Iterator[TaskPool]:
    """Media workers for tasks that somebody waits for, or `background` ones, which give way to playing and exporting."""
    from render.pool import BACKGROUND, DEFAULT_LIMITS, TaskPool

    pool = TaskPool(workers or max(1, min(4, os.cpu_count() or 1)), limits=BACKGROUND if background else DEFAULT_LIMITS)
    try:
        yield pool
    finally:
        pool.close()


@contextlib.contextmanager
def library(given: Parts) -> Iterator[Library | None]:
    """The asset library, or None where it cannot be used: projects do not need it."""
    from assets.library import Library, LibraryError

    try:
        opened = Library(given.places.cache / "library.sqlite")
    except (LibraryError, OSError) as error:
        logging.getLogger(__name__).warning("no asset library: %s", error)
        yield None
        return
    try:
        yield opened
    finally:
        opened.close()


def run_window(film: Path | None) -> int:
    """The window until it is closed; the exit status. Raises AppError without a display."""
    reason = why_no_display()
    if reason:
        raise AppError(reason)
    from app.desktop.start import run

    return run(window_makers(parts()), film)


def window_makers(given: Parts) -> Makers:
    """What the window is handed: how to open, to make, to play and to draw."""
    from app.desktop.makers import Makers, Sharing
    from app.services.device_key import device_key
    from render.playback.client import RenderClient
    from render.playback.sound import SoundClient

    def create(path: Path, width: int, height: int, rate: str) -> OpenProject:
        return create_project(given, path, width=width, height=height, rate=rate)

    def sample_film() -> Path:
        from app.services.demo import sample_folder
        from app.services.sample import NAME

        return sample_folder() / NAME

    def make_sample() -> Path:
        from app.services.demo import make_demo, sample_folder

        return make_demo(sample_folder(), lambda path: create_sample(given, path), task_pool)

    return Makers(
        config=given.places.config, cache=given.places.cache,
        open_project=lambda path: open_project(given, path), look_at_project=lambda path: open_project(given, path, read_only=True),
        create_project=create, sample_film=sample_film, make_sample=make_sample, background=lambda: task_pool(background=True),
        library=lambda: library(given), render=RenderClient, sound=SoundClient,
        sharing=Sharing(lambda: device_key(given.places.config), given.profile, given.session, lambda path: making(given, path),
                        lambda: save_profile(given.places.config, given.profile)))
