"""The project as a replica that can be merged with any other copy of it.

Owns: the two replicated documents, `timeline` and `journal`; writing a ChangeSet into both; records and changes read back.
Refuses: storing, sending, and deciding what a merge means. Nothing else in the program touches pycrdt.

`timeline` has one root map per record id (two people who make a container under one key would lose one of them), each
field one text `[value, session, counter]`; integers stay exact inside text, and deleting is a flag. `journal` maps
`session:counter` to the packed ChangeSet. Facts about the library that bind: a root type must not be opened inside a
transaction (it deadlocks), native panics are BaseExceptions, a transaction is not rolled back by an exception, and of
concurrent writes of one key the higher client id wins, so ids are random over one 53-bit range and new for each replica.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pycrdt import Doc, Map, get_state, merge_updates

from editor_core.document import ChangeSet, Snapshot, Stamp
from editor_core.schema import Record
from editor_core.sync.errors import ReplicaBroken, UpdateRefused
from editor_core.sync.fields import Unreadable, parse_text, put_together, stamps_in, writes
from editor_core.sync.packing import MAX_PACKED, pack, unpack
from editor_core.sync.parcel import is_sealed_as, seal, seal_of, unseal

CLIENT_BITS = 53
MAX_RECORDS = 2_000_000
_ENTRIES = "entries"

Loader = Callable[[], Iterable[bytes]]
"""Fetches stored parcels whose journal part this replica has not been given yet."""


class _Ear:
    """The bytes of a document's update event that happens while it is entered.

    It listens only then: a subscription that stays keeps its document in memory for ever, because the library makes a circle
    of the two that the garbage collector cannot see.
    """

    def __init__(self, doc: Doc[Any]) -> None:
        self._doc = doc
        self._events: list[bytes] = []

    def __enter__(self) -> _Ear:
        self._subscription = self._doc.observe(lambda event: self._events.append(event.update))
        return self

    def __exit__(self, *exc: object) -> None:
        self._doc.unobserve(self._subscription)

    @property
    def heard(self) -> bytes:
        """The update, empty if nothing was written."""
        return self._events[-1] if self._events else b""


class Replica:
    """Both documents. Belongs to one thread at a time. `unreadable` is what the last `records()` could not use."""

    def __init__(self, *, client: int | None = None) -> None:
        number = client if client is not None else secrets.randbelow(2**CLIENT_BITS - 1) + 1
        self._timeline: Doc[Any] = Doc(client_id=number, allow_multithreading=True)
        self._journal: Doc[Any] = Doc(client_id=number, allow_multithreading=True)
        self._entries: Map[Any] = self._journal.get(_ENTRIES, type=Map)
        self._maps: dict[str, Any] = {}
        self._older: Loader | None = None
        self._broken = False
        self._taken = b""
        self.unreadable: list[Unreadable] = []

    @classmethod
    def from_state(cls, raw: bytes, *, client: int | None = None) -> Replica:
        """A new replica that holds what `state()` gave. Raises UpdateRefused."""
        replica = cls(client=client)
        replica.apply_update(raw)
        return replica

    def remember(self, older: Loader) -> None:
        """Says where the journal's earlier updates are. They are fetched once, when the whole journal is first asked for:
        editing does not need them in memory."""
        self._older = older

    @property
    def client(self) -> int:
        """The id under which this replica writes."""
        return self._timeline.client_id

    def write(self, change: ChangeSet, after: Snapshot, packed: bytes | None = None) -> bytes:
        """Writes a ChangeSet into both documents and returns the parcel of their update events.

        `packed` is the ChangeSet's packed form when the caller has it. Raises UpdateRefused, and nothing is written, when
        the change is too large; ReplicaBroken when the library fails.
        """
        if self._broken:
            raise ReplicaBroken("The project's replica failed before; close the project and open it again")
        packed = pack(change) if packed is None else packed
        texts = writes(change, after)
        try:
            maps = self._natives(texts)
            with _Ear(self._timeline) as timeline, self._timeline.transaction() as transaction:
                inside = transaction._txn
                for target, fields in zip(maps, texts.values(), strict=True):
                    for name, text in fields.items():
                        target.insert(inside, name, text)
            with _Ear(self._journal) as journal, self._journal.transaction():
                self._entries[_key(change.stamp)] = packed
        except BaseException as error:
            self._broken = True
            raise ReplicaBroken(f"The project's replica failed ({error}); close the project and open it again") from error
        return seal(timeline.heard, journal.heard)

    def apply_update(self, raw: bytes, *, checked: bool = False) -> None:
        """Merges a parcel, checked first; `checked` says that `joined` made it just now, which looked at all that is in it. Raises
        UpdateRefused; ReplicaBroken if the library fails half-way."""
        if is_sealed_as(raw, self._taken):
            return  # a merge gives it first to see what comes of it, and then to be kept
        parcel = unseal(raw, checked=checked)
        self._apply(self._timeline, parcel.timeline)
        self._apply(self._journal, parcel.journal)
        self._taken = seal_of(raw)

    def apply_timeline(self, update: bytes) -> None:
        """Merges an update of the `timeline` document alone, as `timeline_state` gives it; its bytes must be verified."""
        self._apply(self._timeline, update)

    def _apply(self, doc: Doc[Any], update: bytes) -> None:
        if not update:
            return
        try:
            doc.apply_update(update)
        except ValueError as error:
            raise UpdateRefused(f"an update cannot be decoded: {error}") from None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            self._broken = True
            raise ReplicaBroken(f"The project's replica failed ({error}); close the project and open it again") from error

    def state(self) -> bytes:
        """Both documents whole, as a parcel."""
        self._fetch_older()
        return seal(self._timeline.get_update(), self._journal.get_update())

    def knows(self) -> bytes:
        """What this replica has, as the state vectors of both documents; for `news_for` of another copy."""
        self._fetch_older()
        return seal(self._timeline.get_state(), self._journal.get_state())

    def news_for(self, knows: bytes) -> bytes:
        """A parcel of everything that a replica that `knows` so much lacks. Raises UpdateRefused for bytes that `knows` never gave."""
        self._fetch_older()
        vectors = unseal(knows)
        try:
            return seal(self._timeline.get_update(vectors.timeline), self._journal.get_update(vectors.journal))
        except ValueError as error:
            raise UpdateRefused(f"what another copy says it has cannot be read: {error}") from None

    def timeline_state(self) -> bytes:
        """The `timeline` document whole; 2,000 clips take about 1 MB and 1 ms."""
        return self._timeline.get_update()

    def records(self) -> list[Record]:
        """Every record, validated, sorted by id. What cannot be used goes to `unreadable` with the reason."""
        made: list[Record] = []
        self.unreadable = []
        for record_id, texts in self._texts().items():
            record, bad = put_together(record_id, texts)
            self.unreadable.extend(bad)
            if record is not None:
                made.append(record)
        return made

    def changes(self) -> dict[Stamp, ChangeSet]:
        """Every ChangeSet of the replicated journal that this version can read, by stamp, in order of stamp."""
        self._fetch_older()
        with self._journal.transaction():
            items = dict(self._entries.items())
        found: dict[Stamp, ChangeSet] = {}
        for key, packed in items.items():
            stamp = _stamp(key)
            if stamp is None or not isinstance(packed, (bytes, bytearray)) or len(packed) > MAX_PACKED:
                continue
            try:
                found[stamp] = unpack(bytes(packed))
            except UpdateRefused:
                continue
        return dict(sorted(found.items()))

    def stamps(self, record_id: str) -> dict[str, Stamp]:
        """The stamp that each field of a record was written with, those that can be read."""
        return dict(stamps_in(dict(self._map(record_id).items())))

    def written_by(self, stamp: Stamp) -> dict[str, list[str]]:
        """Fields by record id whose surviving value was written with that stamp."""
        found = {record_id: [name for name, written in stamps_in(texts) if written == stamp]
                 for record_id, texts in self._texts().items()}
        return {record_id: names for record_id, names in found.items() if names}

    def change(self, stamp: Stamp) -> ChangeSet | None:
        """One ChangeSet of the replicated journal, or None where it is not there or cannot be read by this version."""
        packed = self._entries.get(_key(stamp))
        if packed is None and self._older is not None:
            self._fetch_older()
            packed = self._entries.get(_key(stamp))
        try:
            return unpack(bytes(packed)) if isinstance(packed, (bytes, bytearray)) else None
        except UpdateRefused:
            return None

    def text(self, record_id: str, field: str) -> object:
        """The text of one field as it is, or None."""
        return self._map(record_id).get(field)

    def texts(self, record_id: str) -> dict[str, object]:
        """The texts of all fields of a record."""
        return dict(self._map(record_id).items())

    def ids(self) -> list[str]:
        """Ids of all records."""
        return sorted(self._timeline.keys())

    def lacks(self, other: Replica) -> bool:
        """Whether `other` holds writes to the timeline that this replica has not seen."""
        here, there = (_clocks(replica._timeline.get_state()) for replica in (self, other))
        return any(count > here.get(client, 0) for client, count in there.items())

    def covers(self, whole: bytes, later: Iterable[bytes]) -> bool:
        """Whether all that another copy's timeline holds is here: `whole` as it once was, and what was written `later`, which is applied,
        so that this replica must be one that nobody else looks at."""
        here = _clocks(self._timeline.get_state())
        if whole and any(count > here.get(client, 0) for client, count in _clocks(get_state(whole)).items()):
            return False
        for update in later:
            self._apply(self._timeline, update)
        return _clocks(self._timeline.get_state()) == here

    def difference(self, other: Replica) -> bytes:
        """A parcel of what `other` holds of both documents and this replica does not."""
        self._fetch_older()
        other._fetch_older()
        return seal(other._timeline.get_update(self._timeline.get_state()), other._journal.get_update(self._journal.get_state()))

    def value(self, record_id: str, field: str) -> Any:
        """The plain value of one field, or None where there is none."""
        text = self._map(record_id).get(field)
        return None if text is None else parse_text(text).value

    def _map(self, record_id: str) -> Map[Any]:
        return Map(_doc=self._timeline, _integrated=self._native(record_id))

    def _native(self, record_id: str) -> Any:
        """A record's map without what the library puts around it: a ripple writes thousands, and each of the wrappers is ten objects
        for the garbage collector to visit."""
        found = self._maps.get(record_id)
        if found is None:
            found = self._maps[record_id] = self._timeline.get(record_id, type=Map).integrated
        return found

    def _natives(self, records: Iterable[str]) -> list[Any]:
        """The maps of records, those that were not looked at yet opened in one transaction: one each takes four times as long."""
        known = self._maps
        missing = [record_id for record_id in records if record_id not in known]
        if missing:
            with self._timeline.transaction() as transaction:
                inside: Any = transaction._txn
                root = self._timeline._doc.get_or_insert_map
                known.update((record_id, root(inside, record_id)) for record_id in missing)
        return [known[record_id] for record_id in records]

    def _texts(self) -> dict[str, dict[str, object]]:
        ids = sorted(self._timeline.keys())
        if len(ids) > MAX_RECORDS:
            raise ReplicaBroken(f"The replica holds {len(ids)} records, more than any project may")
        maps = {record_id: self._map(record_id) for record_id in ids}
        with self._timeline.transaction():
            texts: dict[str, dict[str, object]] = {record_id: dict(found.items()) for record_id, found in maps.items()}
        return {record_id: fields for record_id, fields in texts.items() if fields}

    def _fetch_older(self) -> None:
        older, self._older = self._older, None
        for raw in older() if older is not None else ():
            self._apply(self._journal, unseal(raw).journal)


def joined(parcels: Sequence[bytes]) -> bytes:
    """One parcel that does what some do, in their order. Raises UpdateRefused."""
    if len(parcels) == 1:
        return parcels[0]
    opened = [unseal(raw) for raw in parcels]
    sides = [[update for update in side if update] for side in ([p.timeline for p in opened], [p.journal for p in opened])]
    try:
        timeline, journal = (merge_updates(*side) if len(side) > 1 else b"".join(side) for side in sides)
    except ValueError as error:
        raise UpdateRefused(f"an update cannot be decoded: {error}") from None
    return seal(timeline, journal)


def _clocks(state: bytes) -> dict[int, int]:
    """A state vector as counts by client."""
    numbers: list[int] = []
    number = shift = 0
    for byte in state:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number = shift = 0
    return dict(zip(numbers[1::2], numbers[2::2], strict=True))


def _key(stamp: Stamp) -> str:
    return f"{stamp.session}:{stamp.counter}"


def _stamp(key: str) -> Stamp | None:
    session, _, counter = key.partition(":")
    if not (session.isdecimal() and counter.isdecimal()) or len(key) > 40:
        return None
    return Stamp(int(session), int(counter))
