"""Documents that anybody in a plain room may write: looked at before they are believed.

Owns: `PlainDocument`, what a relay keeps of one document of a plain room; `Mirror`, a peer's second copy of both documents, in which what
came is tried out, and which tells what in it is new. Refuses: sockets, the project's document.

Whoever is in a plain room is trusted with the film and not with this program: their bytes meet an empty scratch document first, then the
mirror, and only what native code took without complaint reaches the project's replica. What is no record stays where it is, unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pycrdt import Doc, Map, merge_updates

from editor_core.document import ChangeSet, Stamp
from editor_core.sync.arriving import FIRST_COMMAND
from editor_core.sync.errors import UNDECODABLE, UpdateRefused
from editor_core.sync.packing import MAX_PACKED, unpack
from editor_core.sync.parcel import check_header, seal
from editor_core.sync.replica import Replica
from editor_core.sync.shape import check_shape

MAX_PLAIN = 256 * 2**20
"""Most bytes of updates in one document of a plain room."""
MAX_ID = 100
"""Longest id of a record that is read, in characters."""
DOCUMENTS = ("timeline", "journal", "comments")
"""The documents of a plain room."""


def tried(update: bytes, longest: int = MAX_PLAIN) -> None:
    """Tries an update on an empty document. Raises UpdateRefused."""
    if len(update) > longest:
        raise UpdateRefused(f"an update of {len(update)} bytes is too long")
    check_header(update)
    check_shape(update, forks=False)
    scratch: Doc[Any] = Doc(allow_multithreading=True)
    _guarded(lambda: scratch.apply_update(update))


def _guarded(work: Callable[[], Any]) -> Any:
    """Native code panics with BaseExceptions; they become refusals."""
    try:
        return work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise UpdateRefused(f"an update cannot be decoded: {str(error)[:200]}") from None


def merged(updates: list[bytes]) -> bytes:
    """One update that does what some do. Raises UpdateRefused."""
    return updates[0] if len(updates) == 1 else bytes(_guarded(lambda: merge_updates(*updates)))


class PlainDocument:
    """One document of a plain room, as the relay keeps it. When a refusal left it `worn`, make a new one."""

    def __init__(self, updates: list[bytes]) -> None:
        """From what was kept; what cannot be read any more is left out."""
        self._doc: Doc[Any] = Doc(allow_multithreading=True)
        self.size = 0
        self.worn = False
        for update in updates:
            try:
                self.take(update)
            except UpdateRefused:
                continue

    def take(self, update: bytes) -> bytes:
        """Merges an update; what of it was new, empty for nothing. Raises UpdateRefused."""
        if self.size + len(update) > MAX_PLAIN:
            raise UpdateRefused("the room is full")
        tried(update)
        try:
            news = heard(self._doc, update)
        except UpdateRefused:
            self.worn = True
            raise
        self.size += len(news)
        return news

    def state(self) -> bytes:
        """Its state vector."""
        return self._doc.get_state()

    def beyond(self, state: bytes) -> bytes:
        """What one lacks who has `state`. Raises UpdateRefused."""
        return beyond(self._doc, state)


class Mirror(Replica):
    """Both documents of a project together with what came from a plain room and was not merged yet.

    `touched` are the fields by record that came (all of them once `settled` has looked), `arrived` the changes, `received` the
    updates by document. Belongs to the document's thread.
    """

    def __init__(self, *, client: int | None = None) -> None:
        super().__init__(client=client)
        self._subscribed: list[tuple[Map[Any], Any]] = []
        self._watched: set[str] = set()
        self.clear()

    def clear(self) -> None:
        """What came has been merged."""
        self.touched: dict[str, set[str]] = {}
        self.arrived: dict[Stamp, ChangeSet] = {}
        self.received: dict[str, list[bytes]] = {"timeline": [], "journal": []}

    def watch(self) -> None:
        """From now on notes what comes; for 20,000 records this takes half a second."""
        for record_id in self.ids():
            self._watch(record_id)
        self._subscribed.append((self._entries, self._entries.observe(lambda event: self._note_changes(_keys(event)))))

    def close(self) -> None:
        """Lets go of the memory: a subscription keeps its document for ever."""
        for target, subscription in self._subscribed:
            target.unobserve(subscription)
        self._subscribed.clear()

    def state_of(self, document: str) -> bytes:
        """A document's state vector."""
        return self._document(document).get_state()

    def update_for(self, document: str, state: bytes) -> bytes:
        """What of a document one lacks who has `state`. Raises UpdateRefused."""
        return beyond(self._document(document), state)

    def take(self, document: str, update: bytes) -> bool:
        """Takes in what came; whether it was new. Raises UpdateRefused; when that makes it `broken`, a new mirror is needed."""
        tried(update)
        try:
            news = heard(self._document(document), update)
        except UpdateRefused:
            self._broken = True
            raise
        if news:
            self.received[document].append(news)
        return bool(news)

    @property
    def broken(self) -> bool:
        """Whether native code failed in it."""
        return self._broken

    @property
    def pending(self) -> bool:
        """Whether something came that has not been merged."""
        return any(self.received.values())

    def add(self, timeline: bytes, journal: bytes) -> None:
        """Takes in updates that were made here, which are no news. Raises UpdateRefused, ReplicaBroken."""
        self.find_new()
        held = {record_id: set(fields) for record_id, fields in self.touched.items()}, dict(self.arrived)
        self.apply_update(seal(timeline, journal))
        self._watch_new()
        self.touched, self.arrived = held

    def find_new(self) -> None:
        """Notes records that came and were not here before. With 20,000 records it takes a quarter of a second: once for all that came
        together, not for each update."""
        if self.received["timeline"]:
            for record_id in self._watch_new():
                self.touched.setdefault(record_id, set()).update(self.texts(record_id))

    def _watch_new(self) -> list[str]:
        new = [record_id for record_id in self._timeline.keys() if record_id not in self._watched]  # noqa: SIM118
        for record_id in new:
            self._watch(record_id)
        return [record_id for record_id in new if record_id in self._watched]

    def parcel(self) -> bytes:
        """What came and was not merged yet. Raises UpdateRefused."""
        return seal(*(merged(self.received[name]) if self.received[name] else b"" for name in ("timeline", "journal")))

    def settled(self) -> bool:
        """Whether what came fits together: no field bears the stamp of a change that is not here, and every change that is here
        has left a field. Both documents come by lines of their own."""
        self.find_new()
        for record_id, fields in self.touched.items():
            stamps = self.stamps(record_id)
            if any(self._entries.get(f"{stamps[f].session}:{stamps[f].counter}") is None for f in fields if f in stamps):
                return False
        return all(any(change.stamp in self.stamps(record_id).values() for record_id in change.touched) or not change.touched
                   for change in self.arrived.values())

    def _document(self, name: str) -> Doc[Any]:
        return self._timeline if name == "timeline" else self._journal

    def _watch(self, record_id: str) -> None:
        if record_id not in self._watched and len(record_id) <= MAX_ID:
            self._watched.add(record_id)
            target = self._map(record_id)
            self._subscribed.append((target, target.observe(lambda event: self._note(record_id, _keys(event)))))

    def _note(self, record_id: str, keys: Iterable[str]) -> None:
        self.touched.setdefault(record_id, set()).update(keys)

    def _note_changes(self, keys: Mapping[str, Any]) -> None:
        for key, what in keys.items():
            change = _change(key, what.get("newValue"))
            if change is not None:
                self.arrived[change.stamp] = change


def heard(doc: Doc[Any], update: bytes) -> bytes:
    """Merges an update into a document; what of it was new, empty for nothing. Raises UpdateRefused."""
    events: list[bytes] = []
    subscription = doc.observe(lambda event: events.append(event.update))
    try:
        _guarded(lambda: doc.apply_update(update))
    finally:
        doc.unobserve(subscription)
    return merged(events) if events else b""


def beyond(doc: Doc[Any], state: bytes) -> bytes:
    """What of a document one lacks who has `state`. Raises UpdateRefused."""
    clients = 0
    for shift, byte in zip(range(0, 35, 7), state, strict=False):
        clients |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    if clients * 2 > len(state):
        raise UpdateRefused("a state claims more writers than it has bytes")
    return bytes(_guarded(lambda: doc.get_update(state or b"\x00")))


def _keys(event: Any) -> dict[str, Any]:
    """What an event says of each key, which lives no longer than its callback."""
    return dict(event.keys)


def _change(key: str, packed: object) -> ChangeSet | None:
    """A change of the journal, None for what cannot be one."""
    session, _, counter = key.partition(":")
    if len(key) > 40 or not (session.isdecimal() and counter.isdecimal()):
        return None
    if not isinstance(packed, (bytes, bytearray)) or len(packed) > MAX_PACKED:
        return None
    try:
        change = unpack(bytes(packed))
    except (UpdateRefused, *UNDECODABLE):
        return None
    usual = change.stamp == Stamp(int(session), int(counter)) and change.kind != "merge" and change.command != FIRST_COMMAND
    return change if usual else None
