"""Threads: what a set of acts amounts to, the same whatever order they came in.

Owns: which write of a property counts, texts that two people wrote at once, the order of replies. Refuses: clocks as judges (a time is
only shown), and where a thread stands in the film now (see `placing`).

Of writes that did not know each other: the one with the longest line of writes before it counts, then the higher id. Two differ from that:
a thread is open when any of them says so, because what is open cannot be overlooked; and texts that did not know each other all stay
readable in `versions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from editor_core.comments.acts import (
    OWN,
    Act,
    Anchor,
    Person,
    Say,
    SetAnchor,
    SetAssignee,
    SetDrawing,
    SetRemoved,
    SetState,
    SetText,
    Shape,
    State,
    Write,
    name_of,
)


class Version(msgspec.Struct, frozen=True, gc=False):
    """A text that somebody wrote while somebody else wrote another."""

    author: Person
    time: int
    text: str


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said. `edited` is Unix milliseconds of its newest text, 0 for the first one. `versions` has more than one entry where
    people wrote texts at once, the one that counts first. A `removed` one keeps its place for the sake of the replies."""

    id: bytes
    author: Person
    time: int
    text: str
    mentions: tuple[Person, ...] = ()
    drawing: tuple[Shape, ...] = ()
    edited: int = 0
    versions: tuple[Version, ...] = ()
    removed: bool = False

    @property
    def name(self) -> str:
        """Its id as people write it."""
        return name_of(self.id)


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with its replies. `newest` is when anything was said in it last, `decided` who resolved or opened it last and when."""

    root: Comment
    anchor: Anchor
    replies: tuple[Comment, ...] = ()
    state: State = "open"
    assignee: Person | None = None
    newest: int = 0
    decided: tuple[Person, int] | None = None

    @property
    def id(self) -> bytes:
        return self.root.id

    @property
    def name(self) -> str:
        """Its id as people write it."""
        return self.root.name

    @property
    def gone(self) -> bool:
        """Whether nothing of it is left to be read."""
        return self.root.removed and all(reply.removed for reply in self.replies)

    @property
    def open(self) -> bool:
        return self.state == "open"

    @property
    def comments(self) -> tuple[Comment, ...]:
        """Everything said in it, the beginning first."""
        return (self.root, *self.replies)

    @property
    def drawing(self) -> tuple[tuple[Person, Shape], ...]:
        """Everything drawn in it that was not removed, with who drew it."""
        return tuple((one.author, shape) for one in self.comments if not one.removed for shape in one.drawing)

    def concerns(self, person: Person) -> bool:
        """Whether it is a person's: theirs to do, begun by them, or they are named in it."""
        if self.assignee is not None and self.assignee.is_(person):
            return True
        return any(not one.removed and (one.author.is_(person) or any(m.is_(person) for m in one.mentions)) for one in self.comments)


Acts = Mapping[bytes, Act]


def thread_of(root: bytes, acts: Acts) -> Thread | None:
    """The thread that an act began, from the acts about it (others are passed over); None where it is not there."""
    begun = acts.get(root)
    if not isinstance(begun, Say) or begun.anchor is None:
        return None
    writes: dict[bytes, dict[bytes, Write]] = {}
    said: dict[bytes, Say] = {}
    for act_id, act in acts.items():
        if isinstance(act, Say):
            if act_id == root or act.thread == root:
                said[act_id] = act
        else:
            writes.setdefault(act.comment, {})[act_id] = act
    made = {act_id: _comment(act_id, one, writes.get(act_id, {})) for act_id, one in said.items()}
    order = sorted((i for i in made if i != root), key=lambda i: (said[i].order, said[i].time, i))
    about = _allowed(begun, writes.get(root, {}))
    state, decided = _state(root, about)
    assignee = _winner(root, about, SetAssignee)
    anchor = _winner(root, about, SetAnchor)
    return Thread(root=made[root], replies=tuple(made[i] for i in order), state=state, decided=decided,
                  assignee=assignee.assignee if assignee is not None else begun.assignee,
                  anchor=anchor.anchor if anchor is not None else begun.anchor,
                  newest=max(max(one.time, one.edited) for one in made.values()))


def _comment(act_id: bytes, said: Say, writes: Mapping[bytes, Write]) -> Comment:
    allowed = _allowed(said, writes)
    leaves = standing(act_id, "text", allowed)
    texts = [_version(said if one == act_id else allowed[one]) for one in leaves]
    text = _winner(act_id, allowed, SetText)
    drawing = _winner(act_id, allowed, SetDrawing)
    removed = _winner(act_id, allowed, SetRemoved)
    return Comment(id=act_id, author=said.author, time=said.time, text=said.text if text is None else text.text,
                   mentions=said.mentions if text is None else text.mentions, edited=0 if text is None else text.time,
                   drawing=said.drawing if drawing is None else drawing.drawing, removed=removed is not None and removed.removed,
                   versions=tuple(texts) if len({v.text for v in texts}) > 1 else ())


def _version(act: Act) -> Version:
    return Version(act.author, act.time, act.text if isinstance(act, (Say, SetText)) else "")


def _allowed(said: Say, writes: Mapping[bytes, Write]) -> dict[bytes, Write]:
    """Those writes that their authors were entitled to."""
    return {i: w for i, w in writes.items() if w.field not in OWN or w.moderating or same_author(w.author, said.author)}


def same_author(one: Person, other: Person) -> bool:
    """Whether one may write what is the other's: by id alone, because anybody can bear a name."""
    return one.actor == other.actor and (bool(one.actor) or one.name == other.name)


def standing(root: bytes, field: str, writes: Mapping[bytes, Write]) -> list[bytes]:
    """Ids of the writes of a property that nobody replaced, what counts first; that of the saying itself where nobody wrote."""
    mine = {i: w for i, w in writes.items() if w.field == field}
    replaced = {one for write in mine.values() for one in write.replaces}
    leaves = [i for i in mine if i not in replaced]
    if root not in replaced:
        leaves.append(root)
    depths: dict[bytes, int] = {root: 0}
    return sorted(leaves, key=lambda i: (_depth(i, mine, depths), i != root, i), reverse=True)


def _depth(act_id: bytes, writes: Mapping[bytes, Write], known: dict[bytes, int]) -> int:
    """How long the longest line of writes up to this one is. An id is a hash of what it names, so no line is a circle."""
    waiting = [act_id]
    while waiting:
        one = waiting[-1]
        before = [b for b in writes[one].replaces if b in writes] if one in writes else []
        lacking = [b for b in before if b not in known]
        if one not in known and not lacking:
            known[one] = 1 + max((known[b] for b in before), default=0)
        if one in known:
            waiting.pop()
        else:
            waiting.extend(lacking)
    return known[act_id]


def _winner(root: bytes, writes: Mapping[bytes, Write], kind: type[Any]) -> Any:
    """The write of a kind that counts, or None where it is the saying itself."""
    field = _FIELD[kind]
    first = standing(root, field, writes)[0]
    return None if first == root else writes[first]


_FIELD: dict[type[Any], str] = {SetText: "text", SetState: "state", SetAssignee: "assignee", SetAnchor: "anchor", SetDrawing: "drawing",
                                SetRemoved: "removed"}


def _state(root: bytes, writes: Mapping[bytes, Write]) -> tuple[State, tuple[Person, int] | None]:
    leaves = standing(root, "state", writes)
    found: Iterable[Write] = [writes[i] for i in leaves if i != root]
    states = [w for w in found if isinstance(w, SetState)]
    if not states:
        return "open", None
    opened = root in leaves or any(w.state == "open" for w in states)
    shown = next((w for w in states if (w.state == "open") == opened), states[0])
    return ("open" if opened else "resolved"), (shown.author, shown.time)
