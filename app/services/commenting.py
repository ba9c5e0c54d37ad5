"""The comments of an open project: put together from its file and its room.

Owns: who may comment, which people there are, comments as lines and as plain values, as CSV. Refuses: saying anything itself (see
`editor_core.commands.comment`).
"""

from __future__ import annotations

import csv
import datetime
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.services.collab.links import PLAIN
from app.services.errors import AppError
from editor_core.comments import Comments, Person, Thread
from editor_core.comments.acts import shape_plain
from editor_core.comments.placing import Place, places
from editor_core.comments.talk import Talk
from editor_core.document import Snapshot
from editor_core.schema import Clip
from editor_core.storage.comment_rows import CommentRows
from editor_core.storage.rooms import Rooms, room_of
from editor_core.sync.envelope import EnvelopeRefused, open_envelope
from editor_core.sync.members import Members, may
from editor_core.timing import format_timecode, seconds

if TYPE_CHECKING:
    from app.services.open_project import OpenProject

log = logging.getLogger(__name__)


class RoomStanding:
    """What this device may do in a project's room, as the file tells, or as whoever takes part in the room tells."""

    def __init__(self, load: Callable[[], tuple[Members, bytes] | None]) -> None:
        """`load` gives the members and this device's key; None for a project that is not shared."""
        self._load = load
        self._known: tuple[Members, bytes] | None = None
        self._looked = False
        self._given: Callable[[bytes], bool] = lambda act_id: True

    def follow(self, members: Members, key: bytes, given: Callable[[bytes], bool]) -> None:
        """From now on these members count, which somebody keeps up to date; `given` says whether an act has gone out."""
        self._known, self._looked, self._given = (members, key), True, given

    def waits(self, act_id: bytes) -> bool:
        """Whether an act that was made here has not gone out yet."""
        return self.shared and not self._given(act_id)

    def postpone(self) -> None:
        """For a window: until `read` has come back and was given to `settle`, or somebody takes part, nothing is refused."""
        self._looked = True

    def read(self) -> tuple[Members, bytes] | None:
        """What the file tells, on any thread: a large room takes longer than a frame. Raises StorageError."""
        return self._load()

    def settle(self, found: tuple[Members, bytes] | None) -> None:
        """Takes over what was read, unless somebody takes part meanwhile."""
        if self._known is None:
            self._known = found

    def _room(self) -> tuple[Members, bytes] | None:
        if not self._looked:
            self._known, self._looked = self._load(), True
        return self._known

    @property
    def shared(self) -> bool:
        """Whether the project is in a room."""
        return self._room() is not None

    @property
    def role(self) -> str:
        """This device's role; empty for none, or where the project is not shared."""
        room = self._room()
        return (room[0].role(room[1]) or "") if room is not None else ""

    def refusal(self) -> str:
        room = self._room()
        if room is None or may(room[0].role(room[1]), "comments"):
            return ""
        owners = [m.person for m in room[0].present() if m.role == "owner" and m.person]
        ask = f"Ask {' or '.join(owners[:2]) or 'an owner'} to make you a commenter"
        if not self.role:
            return f"You are no member of this film's room any more, so you cannot comment. {ask}"
        return f"A {self.role} reads comments and cannot write any. {ask}"

    def moderates(self) -> bool:
        room = self._room()
        return room is not None and room[0].role(room[1]) == "owner"

    def edits(self) -> bool:
        room = self._room()
        return room is None or may(room[0].role(room[1]), "timeline")

    def people(self) -> list[Person]:
        room = self._room()
        return [Person(m.actor, m.person) for m in room[0].present() if m.person] if room is not None else []


def talk_of(project: OpenProject) -> Talk:
    """The comments of a project, read from its file. Raises StorageError."""
    rows = CommentRows(project.file)
    comments = Comments(body for _, body in sorted(rows.bodies.items()))
    return Talk(comments, rows.append, RoomStanding(lambda: members_of(project)), session=project.door.session)


def members_of(project: OpenProject) -> tuple[Members, bytes] | None:
    """The members as the file tells; what cannot be read of them is passed over. A plain room has none."""
    room = room_of(project.file)
    if room is None or room.relay.startswith(PLAIN):
        return None
    rooms = Rooms(project.file)
    if rooms.room is None:
        return None
    members = Members(rooms.room.id)
    try:
        for raw in rooms.bodies(rooms.all("members")):
            members.add(open_envelope(raw, room=rooms.room.id))
    except EnvelopeRefused as error:
        log.warning("the members of %s cannot be read: %s", project.path.name, error)
    return members, rooms.room.key


def me(project: OpenProject) -> Person:
    """The person at this computer."""
    return Person(project.door.actor.id, project.door.actor.name)


def placed(threads: Iterable[Thread], view: Snapshot) -> list[tuple[Thread, Place]]:
    """Threads with where they stand in the film now, in the order of the film."""
    some = list(threads)
    where = places({t.id: t.anchor for t in some}, view)
    return sorted(((t, where[t.id]) for t in some), key=lambda pair: (pair[1].start, pair[0].root.time, pair[0].id))


def wanted(threads: Iterable[Thread], person: Person, *, opened: bool = False, mine: bool = False, tasks: bool = False,
           resolved: bool = False) -> list[Thread]:
    """Threads that pass every filter that is set: open; the person's; somebody's task; resolved."""
    return [t for t in threads if (not opened or t.open) and (not resolved or not t.open) and (not mine or t.concerns(person))
            and (not tasks or t.assignee is not None)]


def comments_plain(project: OpenProject, **filters: bool) -> dict[str, Any]:
    """The comments of a project as JSON values, in the order of the film; filters as in `wanted`."""
    everything = project.talk.comments.threads()
    person, view = me(project), project.snapshot
    found = placed(wanted(everything, person, **filters), view)
    return {"comments": [thread_plain(t, p, view) for t, p in found],
            "counts": {"open": len(wanted(everything, person, opened=True)),
                       "mine": len(wanted(everything, person, opened=True, mine=True)),
                       "tasks": len(wanted(everything, person, opened=True, tasks=True)),
                       "resolved": len(wanted(everything, person, resolved=True))}}


def thread_plain(thread: Thread, where: Place, view: Snapshot) -> dict[str, Any]:
    """A thread as JSON values."""
    clip = view.find(Clip, where.clip) if where.clip else None
    rate = view.timeline.rate
    made: dict[str, Any] = {
        "id": thread.name, "at": where.start, "timecode": format_timecode(where.start, rate), "duration": where.duration,
        "following": where.following, "clip": where.clip or None, "clip_name": clip.name if clip is not None else None,
        "pinned": thread.anchor.pinned, "state": thread.state, **_plain(thread.root),
        "assignee": _person(thread.assignee) if thread.assignee is not None else None,
        "anchor": {"clip": thread.anchor.clip or None, "asset": thread.anchor.asset or None, "source": thread.anchor.source,
                   "source_seconds": round(seconds(thread.anchor.source), 4), "start": thread.anchor.start},
        "replies": [{"id": one.name, **_plain(one)} for one in thread.replies if not one.removed]}
    if thread.decided is not None:
        made["decided"] = {**_person(thread.decided[0]), "time": thread.decided[1]}
    return made


def _plain(comment: Any) -> dict[str, Any]:
    made = {"author": _person(comment.author), "time": comment.time, "text": "" if comment.removed else comment.text,
            "mentions": [_person(p) for p in comment.mentions], "drawing": [shape_plain(s) for s in comment.drawing],
            "edited": comment.edited, "removed": comment.removed}
    if comment.versions:
        made["versions"] = [{"author": _person(v.author), "time": v.time, "text": v.text} for v in comment.versions]
    return made


def _person(person: Person) -> dict[str, str]:
    return {"actor": person.actor, "name": person.name}


def comment_lines(found: dict[str, Any]) -> list[str]:
    """Comments for people."""
    counts = found["counts"]
    lines: list[str] = []
    for one in found["comments"]:
        lines.append(f"{one['id']}  {one['timecode']}  {_name(one['author'])}: {_said(one)}{_marks(one)}")
        lines.extend(f"    {r['id']}  {_name(r['author'])}: {_said(r)}{_drawn(r)}" for r in one["replies"])
    if not lines:
        lines.append("No comments")
    summary = f"{counts['open']} open, {counts['mine']} mine, {counts['tasks']} tasks, {counts['resolved']} resolved"
    return [*(_printable(line) for line in lines), summary]


def _printable(line: str) -> str:
    """A line without anything that would steer a terminal: words come from others."""
    return "".join(c if c.isprintable() else " / " if c == "\n" else " " for c in line)


def _said(one: dict[str, Any]) -> str:
    if one["removed"]:
        return "(removed)"
    texts = [v["text"] for v in one.get("versions", ())]
    return "  |at once|  ".join(texts) if texts else str(one["text"])


def _marks(one: dict[str, Any]) -> str:
    words = [one["state"]] if one["state"] != "open" else []
    if one["assignee"]:
        words.append(f"task of {_name(one['assignee'])}")
    if one["following"] == "removed":
        words.append("clip removed")
    elif one["following"] == "trimmed":
        words.append("cut away")
    elif one["clip_name"]:
        words.append(f"on {one['clip_name']}")
    return (f"  [{', '.join(words)}]" if words else "") + _drawn(one)


def _drawn(one: dict[str, Any]) -> str:
    return "  (drawing)" if one["drawing"] else ""


def _name(person: dict[str, str]) -> str:
    return person["name"] or person["actor"] or "Somebody"


COLUMNS = ("id", "timecode", "end", "state", "author", "text", "assignee", "clip", "following", "time", "reply to", "drawing")


def write_csv(project: OpenProject, out: Path, **filters: bool) -> int:
    """Comments as a table, a row for each and for each reply; how many. Raises AppError where the file cannot be written.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    rate = project.snapshot.timeline.rate
    rows: list[Sequence[object]] = []
    for one in comments_plain(project, **filters)["comments"]:
        end = format_timecode(one["at"] + one["duration"], rate)
        rows.append((one["id"], one["timecode"], end, one["state"], _name(one["author"]), _said(one),
                     _name(one["assignee"]) if one["assignee"] else "", one["clip_name"] or "", one["following"], _when(one["time"]), "",
                     len(one["drawing"])))
        rows.extend((r["id"], one["timecode"], end, "", _name(r["author"]), _said(r), "", one["clip_name"] or "", one["following"],
                     _when(r["time"]), one["id"], len(r["drawing"])) for r in one["replies"])
    part = out.with_name(out.name + ".part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([_harmless(cell) for cell in row] for row in rows)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise AppError(f"{out} cannot be written: {error.strerror}") from None
    return len(rows)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


def _when(milliseconds: int) -> str:
    return datetime.datetime.fromtimestamp(milliseconds / 1000).astimezone().isoformat(timespec="seconds")


def marker_steps(project_comments: dict[str, Any]) -> list[str]:
    """A script that makes a marker of each of some comments."""
    import json

    return [json.dumps({"command": "comment.marker", "args": {"comment": one["id"]}}) for one in project_comments["comments"]]
