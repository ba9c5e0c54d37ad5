"""A server process that is always there: started, fed in order, started again when it dies or hangs.

Owns: the supervising thread, the outbox, the document that a new process is greeted with, back-off between restarts.
Refuses: what is asked of the server (see `client` and `sound`); nothing here loads media libraries or Qt.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from editor_core.document import ChangeSet, Document, Snapshot
from render.confine import Limits
from render.messages import Change, Load, Locate, NeedLoad, Ready
from render.playback.errors import PlaybackError
from render.spawn import WorkerProcess
from render.wire import WireError

_log = logging.getLogger(__name__)

Locations = Mapping[str, list[Path]]
"""Where assets lie on this machine, by asset id; the first path that exists counts."""

_FORGIVEN = 5.0
"""Seconds after which an earlier end no longer delays the next start."""


class ServerLink:
    """Keeps one server process of a role alive and its document in step.

    `greeting` gives the messages for a new process besides the document; `on_message` gets what the server says, on the reader
    thread; `on_down(reason)` and `on_up()` tell of ends and starts. `overdue` gives a reason to end a process that does not answer.
    All methods may be called from any thread and return at once.
    """

    def __init__(self, role: str, incoming: Any, *, limits: Limits, shared: tuple[int, ...], silence: float,
                 greeting: Callable[[], list[Any]], on_message: Callable[[Any], None], on_down: Callable[[str], None],
                 on_up: Callable[[], None] = lambda: None, overdue: Callable[[], str] = lambda: "") -> None:
        self._role = role
        self._incoming = incoming
        self._limits = limits
        self._shared = shared
        self._silence = silence
        self._greeting = greeting
        self._on_message = on_message
        self._on_down = on_down
        self._on_up = on_up
        self._overdue = overdue
        self._changed = threading.Condition()
        self._outbox: dict[object, Any] = {}
        self._snapshot: Snapshot | None = None
        self._mirror: Document | None = None
        self._locations: dict[str, list[str]] = {}
        self._worker: WorkerProcess | None = None
        self._gone: str | None = None
        self._closed = False
        self._ends: deque[float] = deque(maxlen=8)
        self.restarts = 0
        self._thread = threading.Thread(target=self._supervise, name=f"{role} supervisor", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """Of the present process; 0 while there is none."""
        worker = self._worker
        return worker.pid if worker is not None and worker.alive else 0

    @property
    def resident(self) -> int:
        """MiB of memory at its last heartbeat."""
        worker = self._worker
        return worker.resident if worker is not None else 0

    @property
    def loaded(self) -> bool:
        """Whether there is a document yet."""
        return self._snapshot is not None

    @property
    def revision(self) -> int:
        snapshot = self._snapshot
        return snapshot.revision if snapshot is not None else 0

    def post(self, message: Any, key: object = None) -> None:
        """Sends a message after those before it. One that is still unsent under the same `key` is replaced."""
        with self._changed:
            slot = object() if key is None else key
            self._outbox.pop(slot, None)
            self._outbox[slot] = message
            self._changed.notify()

    def load(self, snapshot: Snapshot, locations: Locations) -> None:
        """The document from now on."""
        with self._changed:
            self._snapshot = snapshot
            self._locations = {asset: [str(path) for path in paths] for asset, paths in locations.items()}
            self._post_document()

    def change(self, change: ChangeSet, after: Snapshot | None = None) -> None:
        """The document went on: `after` is the snapshot that `change` made; worked out here when it is not given."""
        with self._changed:
            if after is None:
                after = self._apply(change)
            in_step = self._snapshot is not None and after.revision == self._snapshot.revision + 1
            self._snapshot = after
            if in_step:
                self._outbox[object()] = Change(revision=after.revision, change=change)
                self._changed.notify()
            else:
                self._post_document()

    def locate(self, asset: str, paths: list[Path]) -> None:
        """An asset lies elsewhere now."""
        with self._changed:
            self._locations[asset] = [str(path) for path in paths]
            self._outbox[("locate", asset)] = Locate(asset=asset, paths=self._locations[asset])
            self._changed.notify()

    def end_worker(self, reason: str) -> None:
        """Ends the present process, which broke a rule; another one follows."""
        worker = self._worker
        if worker is not None:
            worker.kill(reason)

    def close(self) -> None:
        """Ends the process and waits for that."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.end_worker("closed")
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    def _apply(self, change: ChangeSet) -> Snapshot:
        if self._snapshot is None:
            raise PlaybackError("A change came before the document was loaded")
        if self._mirror is None or self._mirror.snapshot is not self._snapshot:
            self._mirror = Document(self._snapshot.records.values(), revision=self._snapshot.revision)
        return self._mirror.apply(change)

    def _post_document(self) -> None:
        for key in [key for key, message in self._outbox.items() if isinstance(message, (Change, Load, Locate))]:
            del self._outbox[key]
        if self._snapshot is not None:  # first, for what is asked next may need it
            self._outbox = {"document": self._document(), **self._outbox}
        self._changed.notify()

    def _document(self) -> Load:
        assert self._snapshot is not None
        records: tuple[Any, ...] = tuple(self._snapshot.records.values())
        return Load(revision=self._snapshot.revision, records=records, locations=self._locations)

    def _supervise(self) -> None:
        while not self._closed:
            self._gone = None
            try:
                self._start()
            except OSError as error:
                self._gone = f"could not be started: {error}"
            while self._gone is None and not self._closed:
                self._send_waiting()
            if self._worker is not None:
                self._worker.kill()
            if not self._closed:
                self._ended(self._gone or "")

    def _start(self) -> None:
        with self._changed:
            self._outbox = {}
        greeting = self._greeting()  # outside the lock: it takes the owner's, which is held while posting
        with self._changed:
            first: dict[object, Any] = {} if self._snapshot is None else {"document": self._document()}
            self._outbox = {**first, **{object(): message for message in greeting}, **self._outbox}
        self._worker = WorkerProcess(self._role, self._incoming, on_message=self._hear, on_gone=self._went, limits=self._limits,
                                     shared=self._shared, silence=self._silence, overdue=self._overdue)
        if self._closed:
            self._worker.kill()

    def _send_waiting(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._outbox or self._gone is not None or self._closed)
            waiting, self._outbox = self._outbox, {}
        try:
            for message in waiting.values():
                if self._worker is not None:
                    self._worker.send(message)
        except WireError:
            with self._changed:  # it has gone; the reader thread says why
                self._changed.wait_for(lambda: self._gone is not None or self._closed, 5)

    def _hear(self, message: Any) -> None:
        if isinstance(message, NeedLoad):
            with self._changed:
                self._post_document()
        elif isinstance(message, Ready):
            self._on_up()
        else:
            self._on_message(message)

    def _went(self, reason: str) -> None:
        with self._changed:
            self._gone = reason
            self._changed.notify_all()

    def _ended(self, reason: str) -> None:
        printed = self._worker.printed if self._worker is not None else ""
        _log.warning("the %s process %s; starting another\n%s", self._role, reason, printed)
        self.restarts += 1
        now = time.monotonic()
        recent = sum(1 for end in self._ends if now - end < _FORGIVEN)
        self._ends.append(now)
        self._on_down(reason)
        if recent:
            with self._changed:
                self._changed.wait_for(lambda: self._closed, min(5.0, 0.25 * 2 ** (recent - 1)))
