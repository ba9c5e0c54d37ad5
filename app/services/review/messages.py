"""What a review and the process that looks for it say to each other.

Owns: the messages, and an outlook as messages of bounded length and back. Refuses: pipes and processes (see `elsewhere`).

The side that asks holds the film as it is; what comes back says only what differs from it. Long lists come in parts: a message is taken
apart in one go, and nothing else happens in the window meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.services.merging import Coming
from app.services.review.outlook import Checked, Cuts, Outlook, Share
from app.services.review.questions import Question
from app.services.review.rows import Row
from editor_core.document import ChangeSet, Snapshot, Stamp, Take
from editor_core.document.change_set import Operation
from editor_core.schema import AnyRecord, Record
from editor_core.sync.merging import Merged
from editor_core.sync.sides import Move, Sides, Work

PART = 400
"""Records, rows or operations in one message."""


class Came(msgspec.Struct, frozen=True, tag="came"):
    """What waits, where it is no file: as `Coming`."""

    changes: list[ChangeSet]
    parcels: list[bytes]
    holes: bool
    acts: tuple[bytes, ...]
    also: dict[str, list[str]]


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """The film's file and the other's (empty where `came` is given), who asks, what is waiting is called, known people."""

    film: str
    other: str
    me: str
    title: str
    names: dict[str, str]
    came: Came | None = None


class Near(msgspec.Struct, frozen=True, tag="near"):
    """Somebody is about to ask about a film: it may be read now. Nothing is answered."""

    film: str
    me: str


class Part(msgspec.Struct, frozen=True, tag="part"):
    """Some of a list: `of` base, theirs, operations, rows, questions, my_moves or their_moves."""

    of: str
    items: msgspec.Raw


class Merging(msgspec.Struct, frozen=True, tag="cuts"):
    """All that there is to play has come. `change` is without its operations; None where nothing differs."""

    revision: int
    change: ChangeSet | None
    parcel: bytes


class Told(msgspec.Struct, frozen=True, tag="told"):
    """The rest of an outlook. `my_fields` and `their_fields` are names of fields by record, `my_created` … records that were made."""

    totals: dict[str, int]
    checked: tuple[Checked, ...]
    who: tuple[Share, ...]
    seconds: float
    my_fields: dict[str, set[str]]
    their_fields: dict[str, set[str]]
    my_created: set[str]
    their_created: set[str]
    places: dict[str, list[str]]
    names: dict[str, str]
    acts: tuple[bytes, ...]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why it cannot be done, in words for people; `copy` says that the other file is no copy of the film."""

    words: str
    copy: bool = False


ToLooking = Ask | Near
FromLooking = Part | Merging | Told | Refused

Moved = tuple[Stamp, Move]
_ITEMS: dict[str, Any] = {"base": list[AnyRecord], "theirs": list[AnyRecord], "operations": list[Operation], "rows": list[Row],
                          "questions": list[Question], "my_moves": list[Moved], "their_moves": list[Moved]}
_DECODERS = {of: msgspec.msgpack.Decoder(kind) for of, kind in _ITEMS.items()}


class Looked(msgspec.Struct, frozen=True):
    """What came of looking: the outlook, and what the copy says of media (paths by asset), people and comments."""

    outlook: Outlook
    places: dict[str, list[Path]]
    names: dict[str, str]
    acts: tuple[bytes, ...]


def cuts_said(cuts: Cuts) -> Iterator[Part | Merging]:
    """What there is to play, in messages."""
    yield from _parts("base", _differing(cuts.mine, cuts.base))
    yield from _parts("theirs", _differing(cuts.mine, cuts.theirs))
    change = cuts.change.change if cuts.change is not None else None
    if change is not None:
        yield from _parts("operations", change.operations)
        change = msgspec.structs.replace(change, operations=())
    yield Merging(cuts.revision, change, cuts.change.parcel if cuts.change is not None else b"")


def outlook_said(found: Outlook, places: Mapping[str, list[Path]], names: Mapping[str, str],
                 acts: tuple[bytes, ...]) -> Iterator[Part | Told]:
    """The rest of an outlook, in messages."""
    mine, theirs = found.sides.my_work, found.sides.their_work
    yield from _parts("rows", found.rows)
    yield from _parts("questions", found.questions)
    yield from _parts("my_moves", list(mine.moves.items()), 8)
    yield from _parts("their_moves", list(theirs.moves.items()), 8)
    yield Told(dict(found.totals), found.checked, found.who, found.seconds, mine.fields, theirs.fields, mine.created, theirs.created,
               {asset: [str(path) for path in paths] for asset, paths in places.items()}, dict(names), acts)


def _parts(of: str, items: Sequence[Any], size: int = PART) -> Iterator[Part]:
    for first in range(0, len(items), size):
        yield Part(of, msgspec.Raw(msgspec.msgpack.encode(items[first:first + size])))


def _differing(mine: Snapshot, view: Snapshot) -> list[Record]:
    known = mine.records.whole()
    return [record for record_id, record in view.records.whole().items() if known.get(record_id) is not record]


class Heard:
    """Puts messages together again, beside the film as it is here."""

    def __init__(self) -> None:
        self._lists: dict[str, list[Any]] = {of: [] for of in _ITEMS}
        self.cuts: Cuts | None = None

    def part(self, part: Part) -> None:
        """Raises msgspec.ValidationError, KeyError for what is no such part."""
        self._lists[part.of].extend(_DECODERS[part.of].decode(part.items))

    def merging(self, said: Merging, mine: Snapshot) -> Cuts:
        """What there is to play. `mine` is the film at the revision that is meant."""
        lists = self._lists
        merged = None
        if said.change is not None:
            merged = Merged(msgspec.structs.replace(said.change, operations=tuple(lists["operations"])), said.parcel)
        after = _with(mine, (op.record for op in lists["operations"] if isinstance(op, Take)))
        self.cuts = Cuts(said.revision, _with(mine, lists["base"]), mine, _with(mine, lists["theirs"]), after, merged)
        return self.cuts

    def told(self, said: Told) -> Looked:
        """The whole outlook."""
        cuts, lists = self.cuts, self._lists
        assert cuts is not None, "what there is to play comes first"
        sides = Sides(cuts.base, cuts.mine, cuts.theirs, cuts.merged, Work.restored(said.my_fields, said.my_created, lists["my_moves"]),
                      Work.restored(said.their_fields, said.their_created, lists["their_moves"]))
        outlook = Outlook(cuts.revision, sides, tuple(lists["rows"]), tuple(lists["questions"]), said.totals, said.checked, said.who,
                          cuts.change, said.seconds)
        places = {asset: [Path(path) for path in paths] for asset, paths in said.places.items()}
        return Looked(outlook, places, said.names, said.acts)


def _with(mine: Snapshot, records: Iterable[Record]) -> Snapshot:
    return mine.changed({record.id: record for record in records})


def came_of(arriving: Coming) -> Came:
    """What waits, as it is told."""
    return Came(arriving.changes, arriving.parcels, arriving.holes, arriving.acts,
                {record_id: list(fields) for record_id, fields in arriving.also.items()})
