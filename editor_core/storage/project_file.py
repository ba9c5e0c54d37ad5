"""The project file: everything of a film but its media, on disk before anyone says so.

Owns: making, opening, recording, closing; the state that a document and a history start from. Refuses: touching media, and any
save that overwrites the only copy.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import msgspec

from editor_core.document import ChangeSet, Document, Entry, Shift, Snapshot, Stamp
from editor_core.document.staging import Stamps
from editor_core.schema import AnyRecord, Record
from editor_core.storage import copying, found, looking, opening
from editor_core.storage.entries import Head
from editor_core.storage.errors import ReadOnlyProject, StorageError
from editor_core.storage.journal import Journal, Saved, Ticket, Trouble
from editor_core.storage.layout import delete, insert, marked
from editor_core.storage.locations import Locations
from editor_core.storage.lock import Lock
from editor_core.storage.opening import Opened
from editor_core.storage.problems import Problem
from editor_core.storage.recovery import recover
from editor_core.sync import Replica, SyncError
from editor_core.sync.packing import MAX_MERGE, pack, unpack

log = logging.getLogger(__name__)

SNAPSHOT_EVERY = 300
"""Entries between snapshots once a project has grown; they come sooner at first, and later in a film of very many records."""
SNAPSHOT_PART = 16
"""Between snapshots at least one record in so many is written: what a snapshot costs grows with the film, and what it saves when the
file is opened grows with what was written since."""
PARTS = 4000
"""Updates in which the replica is kept at most when a file is opened."""
RECENT = 1000
"""Packed ChangeSets kept in memory for undo."""
FRESH = 256
"""Parcels kept in memory for who shares them at once."""
SMALL = 64 * 1024
"""Longest of these in bytes."""


class DocumentState(msgspec.Struct, frozen=True):
    """What `Document(records, stamps, revision)` starts from; `counter` is the highest counter of the session, usually 0."""

    records: tuple[Record, ...]
    stamps: Stamps
    revision: int
    counter: int = 0


class ProjectFile:
    """An open project file. Its methods belong to the thread that owns the document; its own thread only writes."""

    def __init__(self, path: Path, opened: Opened, lock: Lock | None, *, session: int, snapshot_every: int) -> None:
        """Use `create` or `open`."""
        self.path = path
        self.problems: list[Problem] = opened.problems
        self.entries: list[Entry] = [line for _, line in sorted(opened.lines.items()) if line.command != opening.FIRST_COMMAND]
        self.replica: Replica = opened.replica
        self.whole = opened.timeline[0] if opened.timeline else b""
        """The replica as it once was: the update that it began with when the file was opened."""
        self._lock = lock
        self._every = snapshot_every
        self._sequence = opened.sequence
        self._shot = max(opened.shots, default=0)
        self._written_since = opened.sequence - self._shot
        self._numbers: dict[Stamp, int] = {line.stamp: number for number, line in opened.lines.items()}
        self._recent: OrderedDict[Stamp, bytes] = OrderedDict(
            (line.stamp, opened.packed[number]) for number, line in sorted(opened.lines.items()) if number in opened.packed)
        self._fresh: OrderedDict[Stamp, bytes] = OrderedDict()
        self._closed = False
        self._stale_copy = opened.copy
        counter = max((stamp.counter for stamp in self._numbers if stamp.session == session), default=0)
        self.document_state = DocumentState(tuple(opened.records.values()), opened.stamps, opened.sequence, counter)
        self._reader = looking.Reader(opened.copy or path)
        self.replica.remember(lambda: self._reader.parcels(opened.sequence))
        self._journal = None if lock is None else Journal(
            path, Head(opened.sequence, opened.chain, b""), {k: dict(v) for k, v in opened.stamps.items()}, opened.shots,
            self._parts(opened))
        self.locations = Locations(path, opened.locations, self._store_location if self._journal is not None else None)
        if self._journal is not None:
            atexit.register(self._at_exit)

    @classmethod
    def create(cls, path: Path | str, records: Iterable[Record], *, session: int, actor: str,
               snapshot_every: int = SNAPSHOT_EVERY) -> ProjectFile:
        """Makes a project file with these records and opens it. It appears under its name complete, or not at all.

        Raises ProjectExists if there is anything of that name, NotAllowed or NotSaved where the folder cannot take it.
        """
        target = Path(path)
        first = opening.first_change(cast("Iterable[AnyRecord]", records), session, actor)
        opening.make_file(target, first)
        return cls.open(target, session=session, snapshot_every=snapshot_every)

    @classmethod
    def open(cls, path: Path | str, *, session: int, read_only: bool = False, wait: float = 0.0,
             snapshot_every: int = SNAPSHOT_EVERY, trusted: bool = False) -> ProjectFile:
        """Opens a project; a damaged one is mended first, and `problems` says what was lost.

        A project of a newer format opens read-only whatever is asked. A link is followed, so that a project has one lock
        whatever it is called. `wait` is how many seconds to wait for another writer
        to leave; `trusted` as in `recover`. Raises ProjectMissing, NotAProject, ProjectInUse, NotAllowed, NewerProject, ProjectDamaged.
        """
        target = opening.look_at(Path(path))
        lock = None if read_only else Lock(target, wait=wait)
        try:
            if lock is not None:
                opening.may_write(target)
            opened = opening.open_file(target, writable=lock is not None, trusted=trusted)
            if lock is not None and not opened.writable:
                lock.release()
                lock = None
            return cls(target, opened, lock, session=session, snapshot_every=snapshot_every)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def _parts(self, opened: Opened) -> list[bytes]:
        """The updates that make the replica; in one piece where they have become many."""
        parts = opened.timeline
        few = len(parts) <= PARTS and sum(map(len, parts[1:])) <= SMALL + len(parts[0] if parts else b"") // 4
        return parts if few else [self.replica.timeline_state()]

    @property
    def read_only(self) -> bool:
        """Whether changes are refused: asked for, or a project of a newer format."""
        return self._journal is None

    @property
    def saved_revision(self) -> int:
        """The last revision that is on disk."""
        return self._journal.saved if self._journal is not None else self._sequence

    @property
    def settled(self) -> bool:
        """Whether everything recorded so far, of whatever kind, is on disk."""
        return self._journal is None or self._journal.waiting == 0

    @property
    def trouble(self) -> str:
        """What keeps changes from being saved, in words; empty while all is well."""
        return self._journal.trouble if self._journal is not None else ""

    def announce(self, address: str) -> None:
        """Writes into the lock file where this process listens, so that others can hand their commands over."""
        if self._lock is not None:
            self._lock.announce(address)

    def on_saved(self, callback: Saved) -> Callable[[], None]:
        """Calls `callback(revision, Unix time)` on the journal thread after each commit; call the result to stop."""
        return self._journal.on_saved(callback) if self._journal is not None else lambda: None

    def on_trouble(self, callback: Trouble) -> Callable[[], None]:
        """Calls `callback(message)` on the journal thread when saving fails; it is tried again until it succeeds."""
        return self._journal.on_trouble(callback) if self._journal is not None else lambda: None

    def record(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> Ticket:
        """Writes the replica and queues the journal entry of a change that is being applied.

        Raises ReadOnlyProject or StorageError (closed, stamp used twice, too large, replica broken), and then nothing has been
        written.
        """
        return self._append(change, after, lambda packed: self.replica.write(change, after, packed))

    def record_received(self, change: ChangeSet, before: Snapshot, after: Snapshot, received: bytes, packed: bytes | None = None,
                        checked: bool = False) -> Ticket:
        """The same for a change of kind `merge`: what the parcel `received` from another copy did here.

        The parcel goes into the replica and, as it came, into the journal entry; the change itself is local to this file and
        is not written into the replica. `packed` is the change's packed form when the caller has it, `checked` says that it has looked
        into the parcel. Raises as `record` does, StorageError also for a damaged parcel.
        """
        def take(packed: bytes) -> bytes:
            self.replica.apply_update(received, checked=checked)
            return received

        return self._append(change, after, take, packed)

    def _append(self, change: ChangeSet, after: Snapshot, write: Callable[[bytes], bytes], packed: bytes | None = None) -> Ticket:
        journal = self._writable()
        if change.stamp in self._numbers:
            raise StorageError(f"“{change.label}” bears a stamp that was used before; open the project with a new session")
        try:
            packed = pack(change) if packed is None else packed
            written = write(packed)
        except SyncError as error:
            raise StorageError(str(error)) from error
        self._sequence += 1
        self._numbers[change.stamp] = self._sequence
        self._recent[change.stamp] = packed
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        if len(written) <= SMALL:
            self._fresh[change.stamp] = written
            while len(self._fresh) > FRESH:
                self._fresh.popitem(last=False)
        self._written_since += sum(len(op.clips) if isinstance(op, Shift) else 1 for op in change.operations)
        return journal.append(self._sequence, change, packed, written, self._shot_if_due(journal, after))

    def _shot_if_due(self, journal: Journal, after: Snapshot) -> opening.Shot | None:
        done = max(self._shot, journal.last_shot)
        if self._sequence - done < min(self._every, max(self._every // 12, self._sequence // 4)):
            return None
        if self._written_since < len(after.records) // SNAPSHOT_PART:
            return None
        self._shot, self._written_since = self._sequence, 0
        return after, tuple(self.replica.unreadable), self.replica.timeline_state() if journal.wants_whole else None

    def has(self, stamp: Stamp) -> bool:
        """Whether an entry of this file bears a stamp."""
        return stamp in self._numbers

    def change(self, stamp: Stamp) -> ChangeSet:
        """The whole ChangeSet of a line of history, also of one that a merge brought. Raises StorageError if it is not there or only a
        newer version can read it."""
        packed = self._recent.get(stamp)
        if packed is None:
            number = self._numbers.get(stamp)
            if number is None:
                merged = self.replica.change(stamp)
                if merged is None:
                    raise StorageError("That step of the history is not in this project file")
                return merged
            packed = self._reader.packed(number)
        try:
            return unpack(packed, MAX_MERGE)
        except SyncError as error:
            raise StorageError(f"That step cannot be undone here: {error}") from None

    def parcel(self, stamp: Stamp) -> bytes:
        """The replica parcel that is stored with an entry of this file, or on its way there. Raises StorageError."""
        fresh = self._fresh.get(stamp)
        if fresh is not None:
            return fresh
        number = self._numbers.get(stamp)
        if number is None:
            raise StorageError("That step of the history is not in this project file")
        return self._reader.entry(number)[1]

    def work(self, run: Callable[[sqlite3.Connection], None]) -> Ticket:
        """Queues work on tables that stand beside the journal (see `rooms`). Raises StorageError, ReadOnlyProject."""
        return self._writable().run(run)

    def reading(self) -> sqlite3.Connection:
        """A new connection for reading what is on disk; the caller closes it, soon: it keeps the writer waiting. Raises StorageError."""
        return self._reader.connection()

    def state_on_disk(self) -> bytes:
        """Both replicated documents as they are on disk, as a parcel, on any thread. Raises StorageError where the file is damaged."""
        with contextlib.closing(self.reading()) as connection:
            rows = found.read(connection)
        if rows.defects:
            raise StorageError(f"{self.path.name} is damaged; close it and open it again")
        state = recover(rows)
        reader = looking.Reader(self.path)
        try:
            state.replica.remember(lambda: reader.parcels(state.sequence))
            return state.replica.state()
        finally:
            reader.close()

    def replay(self) -> Document:
        """The document as all entries make it, from the first on; for tests and checks. Raises StorageError where one is missing."""
        document = Document()
        for stamp, _ in sorted(self._numbers.items(), key=lambda item: item[1]):
            document.apply(self.change(stamp))
        return document

    def dismiss(self, problem: Problem) -> None:
        """Takes a problem off the list, for good if the file remembers it."""
        self.problems = [p for p in self.problems if p != problem]
        if problem.number and self._journal is not None:
            self._journal.run(lambda connection: delete(connection, "problems", problem.number))

    def save_copy(self, path: Path | str, *, timeout: float | None = 60.0) -> None:
        """Writes everything recorded so far to another file, which appears complete or not at all.

        Raises ProjectExists, NotAllowed, NotSaved.
        """
        target = Path(path)
        copying.refuse_taken(target)
        if self._journal is None:
            with contextlib.closing(self._reader.connection()) as connection:
                copying.copy_database(connection, target)
        else:
            self._journal.run(lambda connection: copying.copy_database(connection, target), alone=True).wait(timeout)

    def flush(self, timeout: float | None = 30.0) -> None:
        """Returns when everything recorded so far is on disk. Raises NotSaved."""
        if self._journal is not None:
            self._journal.run(lambda connection: None).wait(timeout)

    def close(self, timeout: float | None = 30.0) -> None:
        """Writes what is queued, then lets go of the file. Raises NotSaved after `timeout` seconds, and the project stays open."""
        if self._closed:
            return
        if self._journal is not None:
            self._journal.close(timeout)
        self._let_go()

    def abandon(self) -> None:
        """Closes without waiting for what cannot be saved; only for a person who has been asked."""
        if not self._closed and self._journal is not None:
            self._journal.abandon()
        self._let_go()

    def _let_go(self) -> None:
        self._closed = True
        atexit.unregister(self._at_exit)
        self._reader.close()
        if self._lock is not None:
            self._lock.release()
        if self._stale_copy is not None:
            opening.forget_copy(self._stale_copy)

    def _at_exit(self) -> None:
        try:
            self.close(timeout=10.0)
        except StorageError as error:
            log.error("%s", error)

    def _writable(self) -> Journal:
        if self._closed:
            raise StorageError(f"{self.path.name} is closed")
        if self._journal is None:
            raise ReadOnlyProject(f"{self.path.name} is open read-only; copy it under another name to change it")
        return self._journal

    def _store_location(self, number: int, asset: str, body: bytes) -> Ticket:
        row = marked("locations", number, asset, body)
        return self._writable().run(lambda connection: insert(connection, "locations", row))

    def __enter__(self) -> ProjectFile:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
