"""Coming back to a room: what waits there, and whether it meets what was done here.

Owns: `RoomIncoming`, which a review plays and takes, and the rough test that decides whether a review is worth a person's time.
Refuses: the exact list of conflicts (see `app.services.deciding`); that is known once all of it is merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from app.services.collab.participant import Participant
from app.services.merging import Coming
from editor_core.document import ChangeSet, Create, Put, Snapshot, Stamp
from editor_core.schema import Clip
from editor_core.sync.arriving import needs
from editor_core.sync.causality import Causality
from editor_core.sync.merging import Merged

_PLACING = {"start", "track", "source_range"}


class RoomIncoming:
    """What waits in a room, for a review. Belongs to the document's thread."""

    def __init__(self, participant: Participant, title: str, taken: Callable[[Merged | None], None]) -> None:
        self._participant = participant
        self.title = title
        self._taken = taken
        self._names: dict[str, str] = {}
        self.absence = False
        """Whether it came while this person was away, of which nothing has been said yet."""

    def coming(self) -> Coming:
        """Changes and parcels that are not in the document yet; more may come while they are looked at."""
        me = self._participant.project.door.actor.id
        self._names = {one.actor: one.person for one in self._participant.members.present() if one.person and one.actor not in ("", me)}
        return self._participant.coming()[0]

    def names(self) -> dict[str, str]:
        """Who else takes part, by the ids of their changes, as it was when somebody asked what is coming."""
        return self._names

    def take(self, wait: bool = True) -> Merged | None:
        """Brings all of it in as one line of history; durable on return unless `wait` is False. Raises AppError, StorageError."""
        merged = self._participant.bring(*self._participant.coming(), wait=wait)
        self._taken(merged)
        return merged

    def took(self, wait: bool, merged: Merged | None) -> None:
        """For `Review`: what `coming` gave was worked out beside the window and is in the document. What came since goes on waiting."""
        self._participant.brought_in(merged)
        self._taken(merged)


def own_unsent(one: Participant, has: dict[str, dict[int, int]]) -> list[Stamp]:
    """Stamps of what was done here and is not known to be on the relay; `has` is what it has."""
    counts = has.get("journal", {})
    rooms = one.rooms
    found = [stamp for stamp, (session, sequence) in rooms.carried.items()
             if sequence > counts.get(session, 0) and rooms.actors.get(session) == one.room.key]
    return [*found, *not_given(one)]


def not_given(one: Participant) -> list[Stamp]:
    """Stamps of what was done here and is in no envelope yet, newest first."""
    found: list[Stamp] = []
    for line in reversed(one.project.door.history.entries):
        if line.kind == "merge":
            continue
        if line.stamp in one.rooms.carried:
            break
        found.append(line.stamp)
    return found


class Apart:
    """What was done here while there was no connection, and whether what others did meanwhile meets it."""

    def __init__(self, mine: Sequence[ChangeSet], view: Snapshot) -> None:
        """`mine` oldest first."""
        self._stamps = [change.stamp for change in mine]
        self._fields: dict[tuple[str, str], int] = {}
        self._records: dict[str, int] = {}
        self._gone: dict[str, int] = {}
        self._places: list[tuple[str, int, int, int]] = []
        for number, change in enumerate(mine):
            touched = _Touched(change, view)
            self._fields.update(dict.fromkeys(touched.fields, number))
            self._records.update(dict.fromkeys(touched.records, number))
            self._gone.update(dict.fromkeys(touched.gone, number))
            self._places.extend((*place, number) for place in touched.places)

    def __len__(self) -> int:
        return len(self._stamps)

    def meets(self, theirs: Iterable[ChangeSet], order: Causality, view: Snapshot) -> bool:
        """Whether others, not knowing of it, wrote a field that was written here, deleted what was changed here or changed what was
        deleted, or placed clips in the same stretch of a track. `theirs` come each after what it builds on."""
        if not self._stamps:
            return False
        knew: dict[Stamp, int] = {}
        for change in theirs:
            knows = knew[change.stamp] = max((self._known(stamp, order, knew) for stamp in needs(change)), default=0)
            touched = _Touched(change, view)
            if any(self._fields.get(one, -1) >= knows for one in touched.fields):
                return True
            if any(self._gone.get(one, -1) >= knows for one in touched.records):
                return True
            if any(self._records.get(one, -1) >= knows for one in touched.gone):
                return True
            if any(number >= knows and track == other and start < far and begin < end
                   for other, begin, far in touched.places for track, start, end, number in self._places):
                return True
        return False

    def _known(self, stamp: Stamp, order: Causality, knew: dict[Stamp, int]) -> int:
        """How many of the changes here, from the first on, whoever made a change knew."""
        found = knew.get(stamp)
        if found is None:
            count = sum(1 for one in self._stamps if one == stamp or order.before(one, stamp)) if stamp in order else 0
            found = knew[stamp] = count
        return found


class _Touched:
    """What one change wrote."""

    def __init__(self, change: ChangeSet, view: Snapshot) -> None:
        self.fields: set[tuple[str, str]] = set()
        self.records: set[str] = set()
        self.gone: set[str] = set()
        placed: dict[str, dict[str, object]] = {}
        for op in change.operations:
            if isinstance(op, Create) and isinstance(op.record, Clip):
                placed[op.record.id] = {"clip": op.record}
            elif isinstance(op, Put):
                self.fields.add((op.id, op.field))
                self.records.add(op.id)
                if op.field == "deleted" and op.after:
                    self.gone.add(op.id)
                if op.field in _PLACING:
                    placed.setdefault(op.id, {})[op.field] = op.after
        self.places = [place for record, fields in list(placed.items())[:200] if (place := _place(record, fields, view)) is not None]


def _place(record: str, fields: dict[str, object], view: Snapshot) -> tuple[str, int, int] | None:
    """(track, start, end) of a clip as one side left it, where that can be told without merging."""
    clip = fields.get("clip") or view.find(Clip, record)
    if not isinstance(clip, Clip):
        return None
    start = fields.get("start", clip.start)
    track = fields.get("track", clip.track)
    stretch = fields.get("source_range")
    length = clip.end - clip.start
    if isinstance(stretch, Sequence) and len(stretch) == 2 and isinstance(stretch[1], int):
        length = stretch[1]
    return (str(track), start, start + length) if isinstance(start, int) else None
