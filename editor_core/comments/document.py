"""The document of comments: acts that are here, threads made of them, and making new ones.

Owns: taking acts in, looking threads up, drafts that become acts all at once. Refuses: durability (its keeper is told first) and judging
who may comment at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from editor_core.comments.acts import (
    MAX_MENTIONS,
    MAX_REPLACED,
    Act,
    ActRefused,
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
    Write,
    decode,
    encode,
    id_of,
    name_of,
)
from editor_core.comments.threads import Comment, Thread, standing, thread_of

log = logging.getLogger(__name__)

MOST = 500_000
"""Acts in a project at most."""
Listener = Callable[[list[bytes]], None]
"""Told the ids of acts that are new."""


class Comments:
    """All acts of a project. Belongs to the thread that owns the document. Acts of a newer version are kept and shown by nobody."""

    def __init__(self, raws: Iterable[bytes] = ()) -> None:
        self._raw: dict[bytes, bytes] = {}
        self._acts: dict[bytes, Act] = {}
        self._of: dict[bytes, dict[bytes, Act]] = {}
        self._home: dict[bytes, bytes] = {}
        self._early: dict[bytes, list[bytes]] = {}
        self._names: dict[str, bytes] = {}
        self._known: dict[bytes, Thread | None] = {}
        self._listeners: list[Listener] = []
        self._sorted: tuple[Thread, ...] | None = None
        for raw in raws:
            self._take(raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, act_id: object) -> bool:
        return act_id in self._raw

    @property
    def ids(self) -> list[bytes]:
        """Of all acts, in the order they came."""
        return list(self._raw)

    def raw(self, act_id: bytes) -> bytes:
        """An act's bytes. Raises KeyError."""
        return self._raw[act_id]

    def act(self, act_id: bytes) -> Act | None:
        """An act, or None where it is not here or only a newer version can read it."""
        return self._acts.get(act_id)

    def new(self, raws: Iterable[bytes]) -> list[bytes]:
        """Those of some acts that are not here, each once, as bytes. Raises ActRefused where there are too many."""
        found = {i: raw for raw in raws if (i := id_of(raw)) not in self._raw}
        if len(self._raw) + len(found) > MOST:
            raise ActRefused(f"This project has {len(self._raw)} comments and changes of comments; it cannot take more")
        return list(found.values())

    def add(self, raws: Iterable[bytes]) -> list[bytes]:
        """Takes acts in, tells listeners once; ids of those that were new. What cannot be read is kept and passed over."""
        added = [act_id for raw in raws if (act_id := self._take(raw)) is not None]
        if added:
            self._sorted = None
            for listener in list(self._listeners):
                listener(added)
        return added

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(ids)` after acts came in; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _take(self, raw: bytes) -> bytes | None:
        act_id = id_of(raw)
        if act_id in self._raw:
            return None
        self._raw[act_id] = raw
        try:
            act = decode(raw)
        except ActRefused as error:
            log.info("a comment is passed over: %s", error)
            return act_id
        self._acts[act_id] = act
        self._names.setdefault(name_of(act_id), act_id)
        self._settle(act_id, act)
        return act_id

    def _settle(self, act_id: bytes, act: Act) -> None:
        """Puts an act to its thread; one about something that is not here yet waits for it."""
        about = (act.thread or act_id) if isinstance(act, Say) else act.comment
        if about != act_id and about not in self._home:
            self._early.setdefault(about, []).append(act_id)
            return
        if isinstance(act, Say) and act.thread and self._home[act.thread] != act.thread:
            return  # a reply to a reply: no program makes one
        home = act_id if about == act_id else self._home[about]
        self._of.setdefault(home, {})[act_id] = act
        self._known.pop(home, None)
        if isinstance(act, Say):
            self._home[act_id] = home
            for waiting in self._early.pop(act_id, ()):
                self._settle(waiting, self._acts[waiting])

    def threads(self) -> tuple[Thread, ...]:
        """Every thread of which something is left to read, oldest first."""
        if self._sorted is None:
            found = [t for root in self._of if (t := self.thread(root)) is not None and not t.gone]
            self._sorted = tuple(sorted(found, key=lambda t: (t.root.time, t.id)))
        return self._sorted

    def thread(self, act_id: bytes) -> Thread | None:
        """The thread in which something was said, removed or not."""
        home = self._home.get(act_id)
        if home is None:
            return None
        if home not in self._known:
            self._known[home] = thread_of(home, self._of[home])
        return self._known[home]

    def acts_of(self, root: bytes) -> dict[bytes, Act]:
        """The acts of a thread."""
        return dict(self._of.get(root, {}))

    def find(self, name: str) -> bytes | None:
        """The act of that name, or the only one whose name begins so (four characters at least)."""
        exact = self._names.get(name)
        if exact is not None or len(name) < 4:
            return exact
        near = [i for known, i in self._names.items() if known.startswith(name) and i in self._home]
        return near[0] if len(near) == 1 else None

    def people(self) -> list[Person]:
        """Everyone who said something or was named, each once; those with an id first."""
        found: dict[str, Person] = {}
        for act in self._acts.values():
            named = [act.author, *(getattr(act, "mentions", ())), *([act.assignee] if getattr(act, "assignee", None) else [])]  # type: ignore[union-attr]
            for person in named:
                found.setdefault(person.actor or person.name.casefold(), person)
        known = {p.name.casefold() for p in found.values() if p.actor}
        return sorted((p for p in found.values() if p.actor or p.name.casefold() not in known), key=lambda p: (not p.actor, p.name))


class CommentsDraft:
    """Acts in the making, all of one author; they become part of the document together or not at all (see `made`)."""

    def __init__(self, base: Comments, author: Person, session: int, next_number: Callable[[], int], now: Callable[[], int]) -> None:
        """`now` gives Unix milliseconds."""
        self.author = author
        self._base = base
        self._session = session
        self._next = next_number
        self._now = now
        self.made: dict[bytes, Act] = {}

    def _common(self) -> dict[str, Any]:
        return {"session": self._session, "number": self._next(), "author": self.author, "time": self._now()}

    def _add(self, act: Act) -> bytes:
        act_id = id_of(encode(act))
        self.made[act_id] = act
        return act_id

    def thread(self, name: str) -> Thread:
        """The thread of that id, or in which that was said. Raises ActRefused."""
        thread, _ = self.comment(name)
        return thread

    def comment(self, name: str) -> tuple[Thread, Comment]:
        """A thread and what was said in it under an id. Raises ActRefused."""
        act_id = next((i for i in self.made if name_of(i) == name), None) or self._base.find(name)
        if act_id is not None:
            home = self._root(act_id)
            thread = thread_of(home, self._acts(home)) if home is not None else None
            found = next((c for c in thread.comments if c.id == act_id), None) if thread is not None else None
            if thread is not None and found is not None:
                return thread, found
        raise ActRefused(f"There is no comment {name!r}; `proeditor comments FILM` lists them")

    def _root(self, act_id: bytes) -> bytes | None:
        act = self.made.get(act_id)
        if isinstance(act, Say):
            return act.thread or act_id
        known = self._base.act(act_id)
        return (known.thread or act_id) if isinstance(known, Say) else None

    def _acts(self, root: bytes) -> dict[bytes, Act]:
        return {**self._base.acts_of(root), **self.made}

    def start(self, text: str, anchor: Anchor, *, mentions: tuple[Person, ...] = (), drawing: tuple[Shape, ...] = (),
              assignee: Person | None = None) -> bytes:
        """Begins a thread."""
        return self._add(Say(**self._common(), text=text, anchor=anchor, mentions=mentions[:MAX_MENTIONS], drawing=drawing,
                             assignee=assignee))

    def reply(self, thread: Thread, text: str, *, mentions: tuple[Person, ...] = (), drawing: tuple[Shape, ...] = ()) -> bytes:
        """Says something in a thread."""
        acts = self._acts(thread.id)
        read = [act.order for act in acts.values() if isinstance(act, Say) and act.thread == thread.id]
        return self._add(Say(**self._common(), text=text, thread=thread.id, order=min(1_000_000, 1 + max(read, default=0)),
                             mentions=mentions[:MAX_MENTIONS], drawing=drawing))

    def write(self, kind: type[Any], comment: bytes, *, moderating: bool = False, **value: Any) -> bytes:
        """Writes a property of a comment; it replaces all that stands now."""
        root = self._root(comment)
        acts = self._acts(root) if root is not None else {}
        about: dict[bytes, Write] = {i: a for i, a in acts.items() if not isinstance(a, Say) and a.comment == comment}
        field = kind(session=0, number=0, author=self.author, time=0, comment=comment, **value).field
        replaces = tuple(standing(comment, field, about)[:MAX_REPLACED])
        return self._add(kind(**self._common(), comment=comment, replaces=replaces, moderating=moderating, **value))

    def counts(self, act_id: bytes) -> bool:
        """Whether a write (or saying) still is what counts of the property it wrote."""
        act = self._base.act(act_id)
        if act is None or isinstance(act, Say):
            return act is not None
        acts = self._acts(self._root(act.comment) or b"")
        about: dict[bytes, Write] = {i: a for i, a in acts.items() if not isinstance(a, Say) and a.comment == act.comment}
        return standing(act.comment, act.field, about) == [act_id]

    def undo(self, act_id: bytes) -> None:
        """Takes back one act of this author. Raises ActRefused where others have built on it."""
        act = self._base.act(act_id)
        if act is None:
            raise ActRefused("That comment is not here any more")
        thread = self._base.thread(act_id if isinstance(act, Say) else act.comment)
        if thread is None:
            raise ActRefused("That comment is not here any more")
        if isinstance(act, Say):
            others = [c for c in thread.replies if c.id != act_id and not c.removed] if act_id == thread.id else []
            if others:
                raise ActRefused("Others have replied to that comment; delete it instead if it must go")
            self.write(SetRemoved, act_id, removed=True)
            return
        if not self.counts(act_id):
            raise ActRefused("Others have changed the same thing since")
        self._write_back(act, thread)

    def _write_back(self, act: Write, thread: Thread) -> None:
        """Writes again what stood before an act."""
        acts = self._base.acts_of(thread.id)
        before = next((acts[i] for i in act.replaces if i in acts), None)
        said = acts.get(act.comment)
        source: Any = before if before is not None else said
        if isinstance(act, SetText) and isinstance(source, (Say, SetText)):
            self.write(SetText, act.comment, text=source.text, mentions=source.mentions, moderating=act.moderating)
        elif isinstance(act, SetState):
            self.write(SetState, act.comment, state=getattr(source, "state", "open"))
        elif isinstance(act, SetAssignee):
            self.write(SetAssignee, act.comment, assignee=getattr(source, "assignee", None))
        elif isinstance(act, SetDrawing):
            self.write(SetDrawing, act.comment, drawing=getattr(source, "drawing", ()), moderating=act.moderating)
        elif isinstance(act, SetRemoved):
            self.write(SetRemoved, act.comment, removed=not act.removed, moderating=act.moderating)
        elif isinstance(act, SetAnchor) and getattr(source, "anchor", None) is not None:
            self.write(SetAnchor, act.comment, anchor=source.anchor, moderating=act.moderating)
