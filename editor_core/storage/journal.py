"""The journal thread: the only one that writes a project file.

Owns: the queue, group commits, the chain of marks, snapshots and archive blocks, trying again after trouble, tickets.
Refuses: saying "saved" before SQLite's commit, with full sync, has returned; dropping anything from the queue.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from editor_core.document import ChangeSet
from editor_core.document.staging import Stamps, write_stamps
from editor_core.storage.entries import BLOCK, Head, JournalRow, fold, make_block, make_snapshot
from editor_core.storage.errors import NotSaved, StorageError
from editor_core.storage.layout import connect_writing, insert, marked, sides_in
from editor_core.storage.opening import Shot
from editor_core.storage.trouble import in_words
from editor_core.sync.parcel import timeline_of

log = logging.getLogger(__name__)

GROUP = 256
"""Entries in one commit at most."""
PIECES = 4 * 2**20
"""Bytes of updates in a snapshot, besides as many as the whole replica had."""
PATIENCE = 10.0
"""Seconds that a wait without a limit goes on once there is trouble."""
RETRY = (0.1, 2.0)
"""Seconds to the first and between later tries."""

Saved = Callable[[int, float], None]
"""(entry number, Unix time): everything up to that entry is on disk."""
Trouble = Callable[[str], None]
"""What keeps the journal from saving, in words."""


class Ticket:
    """One thing on its way to disk."""

    __slots__ = ("_done", "_error", "_journal", "sequence")

    def __init__(self, journal: Journal, sequence: int = 0) -> None:
        self._journal = journal
        self._done = threading.Event()
        self._error: BaseException | None = None
        self.sequence = sequence

    @property
    def done(self) -> bool:
        """Whether it is on disk."""
        return self._done.is_set() and self._error is None

    def wait(self, timeout: float | None = None) -> None:
        """Returns when it is on disk. Raises NotSaved after `timeout` seconds, without one `PATIENCE` seconds into trouble.

        It is still in the queue then, and may be waited for again.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not self._done.wait(0.25 if until is None else max(0.0, min(0.25, until - time.monotonic()))):
            trouble, since = self._journal.trouble, self._journal.trouble_since
            if until is not None and time.monotonic() >= until:
                raise NotSaved(trouble or "The disk has not answered yet: the last change is kept in memory and not saved")
            if until is None and trouble and time.monotonic() - since > PATIENCE:
                raise NotSaved(trouble)
        if self._error is not None:
            raise self._error

    def settle(self, error: BaseException | None = None) -> None:
        """For the journal: it is on disk, or will never be."""
        self._error = error
        self._done.set()


class Append:
    """An entry to be written. `shot` asks for a snapshot after it: records, what was unreadable, the timeline replica where the journal
    `wants_whole`."""

    __slots__ = ("change", "packed", "replica", "sequence", "shot", "ticket")

    def __init__(self, sequence: int, change: ChangeSet, packed: bytes, replica: bytes, ticket: Ticket,
                 shot: Shot | None = None) -> None:
        self.sequence = sequence
        self.change = change
        self.packed = packed
        self.replica = replica
        self.ticket = ticket
        self.shot = shot


class Work:
    """Anything else that needs the writing connection, inside a transaction unless `alone`."""

    __slots__ = ("alone", "run", "ticket")

    def __init__(self, run: Callable[[sqlite3.Connection], None], ticket: Ticket, alone: bool) -> None:
        self.run = run
        self.ticket = ticket
        self.alone = alone


class Journal:
    """Starts its thread at once. `stamps` and `timeline` become the thread's own."""

    def __init__(self, path: Path, head: Head, stamps: Stamps, shots: list[int], timeline: list[bytes]) -> None:
        """`shots` are the entry numbers of the snapshots in the file; `timeline` the updates that make the replicated document so far."""
        self._path = path
        self._head = head
        self._stamps = stamps
        self._shots = sorted(shots)
        self._timeline = timeline
        self._pieces = sum(map(len, timeline[1:]))
        self._queue: deque[Append | Work] = deque()
        self._condition = threading.Condition()
        self._closing = False
        self._abandoned = False
        self._connection: sqlite3.Connection | None = None
        self._identity = _identity(path)
        self._on_saved: list[Saved] = []
        self._on_trouble: list[Trouble] = []
        self.trouble = ""
        self.trouble_since = 0.0
        self.saved = head.sequence
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def last_shot(self) -> int:
        """Entry number of the newest snapshot in the file, 0 without one."""
        return self._shots[-1] if self._shots else 0

    @property
    def wants_whole(self) -> bool:
        """Whether so much was written since the timeline replica was last had whole that it is better had so again."""
        return self._pieces > PIECES + len(self._timeline[0] if self._timeline else b"")

    @property
    def waiting(self) -> int:
        """How many things are queued and not on disk."""
        return len(self._queue)

    def on_saved(self, callback: Saved) -> Callable[[], None]:
        """Calls back on the journal thread after each commit; call the result to stop."""
        self._on_saved.append(callback)
        return lambda: self._on_saved.remove(callback)

    def on_trouble(self, callback: Trouble) -> Callable[[], None]:
        """Calls back on the journal thread when saving fails, and again when the reason changes."""
        self._on_trouble.append(callback)
        return lambda: self._on_trouble.remove(callback)

    def append(self, sequence: int, change: ChangeSet, packed: bytes, replica: bytes,
               shot: Shot | None = None) -> Ticket:
        """Queues an entry. Raises StorageError when the journal is closed."""
        ticket = Ticket(self, sequence)
        self._put(Append(sequence, change, packed, replica, ticket, shot))
        return ticket

    def run(self, work: Callable[[sqlite3.Connection], None], *, alone: bool = False) -> Ticket:
        """Queues work on the file. What it raises that is not trouble with the disk, its ticket raises."""
        ticket = Ticket(self)
        self._put(Work(work, ticket, alone))
        return ticket

    def _put(self, item: Append | Work) -> None:
        with self._condition:
            if self._closing:
                raise StorageError(f"{self._path.name} is closed")
            self._queue.append(item)
            self._condition.notify_all()

    def close(self, timeout: float | None = 30.0) -> None:
        """Writes what is queued, then ends the thread. Raises NotSaved after `timeout` seconds; nothing is given up then."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join(timeout)
        if self._thread.is_alive():
            with self._condition:
                self._closing = False
            raise NotSaved(self.trouble or f"{self._path.name} is still being written")

    def abandon(self) -> None:
        """Ends the thread and gives up what is still queued."""
        with self._condition:
            self._closing = self._abandoned = True
            self._condition.notify_all()
        self._thread.join()

    def _run(self) -> None:
        delay = RETRY[0]
        while True:
            batch = self._next_batch()
            if not batch:
                break
            try:
                self._write(batch)
            except Exception as error:  # whatever it is, the queue is kept and tried again
                self._complain(error)
                self._rest(delay)
                delay = min(delay * 2, RETRY[1])
                continue
            delay = RETRY[0]
            self._acknowledge(batch)
            self._keep_up(batch)
        self._leave()

    def _next_batch(self) -> list[Append | Work]:
        """The first of the queue, still in it; up to the first that wants a snapshot or to be alone. Empty at the end."""
        with self._condition:
            while not self._queue and not self._closing:
                self._condition.wait()
            if self._abandoned:
                return []
            batch: list[Append | Work] = []
            for item in self._queue:
                if isinstance(item, Work) and item.alone:
                    return batch or [item]
                batch.append(item)
                if len(batch) == GROUP or (isinstance(item, Append) and item.shot is not None):
                    break
            return batch

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        with self._condition:
            while not self._abandoned and (left := until - time.monotonic()) > 0:
                self._condition.wait(left)

    def _open(self) -> sqlite3.Connection:
        if _identity(self._path) != self._identity:
            self._drop()
            raise FileNotFoundError(f"{self._path.name} is not where it was")
        if self._connection is None:
            self._connection = connect_writing(self._path)
        return self._connection

    def _write(self, batch: list[Append | Work]) -> None:
        connection = self._open()
        if isinstance(batch[0], Work) and batch[0].alone:
            self._do(batch[0], connection)
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            head = self._head_in_file(connection)
            for item in batch:
                if isinstance(item, Work):
                    self._do(item, connection)
                elif item.sequence <= head.sequence:
                    self._must_be_ours(connection, item)
                else:
                    row = marked("journal", item.sequence, head.chain, item.packed, fold(item.packed, item.replica))
                    insert(connection, "journal", row)
                    head = Head(item.sequence, row[-1], head.sides)
            if any(isinstance(item, Work) for item in batch):
                head = head._replace(sides=sides_in(connection))
            insert(connection, "head", marked("head", 1, *head))
            connection.execute("COMMIT")
        except BaseException:
            self._drop()
            raise
        self._head = head

    def _head_in_file(self, connection: sqlite3.Connection) -> Head:
        """The end mark as it stands in the file. After trouble it may be further than was known: a commit can reach the disk
        and still seem to fail. Anything else means that the file is no longer the one that was opened."""
        row = connection.execute("SELECT sequence, chain, sides FROM head WHERE id = 1").fetchone()
        head = Head(int(row[0]), bytes(row[1]), bytes(row[2])) if row is not None else Head(-1, b"", b"")
        if head.sequence < self.saved or (head.sequence == self._head.sequence and head.chain != self._head.chain):
            raise FileNotFoundError(f"{self._path.name} is no longer what was opened")
        return head

    def _must_be_ours(self, connection: sqlite3.Connection, item: Append) -> None:
        row = connection.execute("SELECT change FROM journal WHERE sequence = ?", (item.sequence,)).fetchone()
        if row is None or row[0] != item.packed:
            raise FileNotFoundError(f"{self._path.name} was written by somebody else")

    def _do(self, item: Work, connection: sqlite3.Connection) -> None:
        try:
            item.run(connection)
        except (sqlite3.Error, OSError):
            raise
        except Exception as error:
            log.warning("work on %s failed", self._path.name, exc_info=True)
            item.ticket.settle(error)

    def _drop(self) -> None:
        """Closes the connection; the next one starts from what is really in the file."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            connection.close()

    def _acknowledge(self, batch: list[Append | Work]) -> None:
        for item in batch:
            if isinstance(item, Append):
                write_stamps(item.change, self._stamps)
                self._heard(item)
                self.saved = item.sequence
        self.trouble = ""
        with self._condition:
            for _ in batch:
                self._queue.popleft()
        for item in batch:
            if not item.ticket._done.is_set():
                item.ticket.settle()
        now = time.time()
        for callback in list(self._on_saved):
            self._call(callback, self.saved, now)

    def _heard(self, item: Append) -> None:
        """Notes what an entry wrote to the timeline, so that a snapshot needs nothing of the replica, which is its owner's."""
        update = timeline_of(item.replica)
        if update:
            self._timeline.append(update)
            self._pieces += len(update)

    def _complain(self, error: Exception) -> None:
        words = in_words(error, self._path, len(self._queue))
        log.warning("journal of %s: %s", self._path.name, error)
        if not self.trouble:
            self.trouble_since = time.monotonic()
        news = words != self.trouble
        self.trouble = words
        if news:
            for callback in list(self._on_trouble):
                self._call(callback, words)

    def _call(self, callback: Callable[..., None], *args: Any) -> None:
        try:
            callback(*args)
        except Exception:
            log.exception("a listener of the journal failed")

    def _keep_up(self, batch: list[Append | Work]) -> None:
        """Writes the snapshot that the batch asked for, archives what it makes old. Failing is no trouble: nothing depends on it."""
        last = batch[-1]
        if not isinstance(last, Append) or last.shot is None or self._connection is None:
            return
        after, unreadable, whole = last.shot
        if whole is not None:
            self._timeline, self._pieces = [whole], 0
        try:
            row = make_snapshot(last.sequence, self._head.chain, after.records.values(), self._stamps, self._timeline, unreadable)
            self._connection.execute("BEGIN IMMEDIATE")
            insert(self._connection, "snapshots", row)
            keep = [*self._shots, last.sequence][-2:]
            self._connection.execute("DELETE FROM snapshots WHERE sequence < ?", (keep[0],))
            if len(keep) == 2:
                archive(self._connection, keep[0])
            self._connection.execute("COMMIT")
            self._shots = keep
        except Exception as error:
            log.warning("no snapshot of %s: %s", self._path.name, error)
            self._drop()

    def _leave(self) -> None:
        for item in self._queue:
            item.ticket.settle(NotSaved(f"{self._path.name} was closed without saving the last changes"))
        with contextlib.suppress(sqlite3.Error, OSError):
            if self._connection is not None or self._path.with_name(self._path.name + "-journal").exists():
                self._open().execute("PRAGMA journal_mode=DELETE")
        self._drop()


def archive(connection: sqlite3.Connection, until: int) -> None:
    """Moves entries up to number `until` from journal rows to compressed blocks, inside the open transaction."""
    while True:
        rows = [JournalRow(*row) for row in connection.execute(
            "SELECT sequence, previous, change, replica, mark FROM journal WHERE sequence <= ? ORDER BY sequence LIMIT ?", (until, BLOCK))]
        if not rows:
            return
        insert(connection, "archive", make_block(rows))
        connection.execute("DELETE FROM journal WHERE sequence <= ?", (rows[-1].sequence,))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        there = path.stat()
    except OSError:
        return None
    return there.st_dev, there.st_ino
