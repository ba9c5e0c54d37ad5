"""Saying something in a project: from a draft to acts that are on their way to disk.

Owns: the one way in for acts made here and for those that came from elsewhere, asking whether this person may comment, mentions in a text.
Refuses: files and rooms themselves; it is handed functions.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from editor_core.comments.acts import MAX_MENTIONS, MAX_NAME, Person, encode
from editor_core.comments.document import Comments, CommentsDraft

_MENTION = re.compile(r"(?<![\w@])@(\w[\w.\-]*)")


class Ticket(Protocol):
    """Acts on their way to disk."""

    def wait(self, timeout: float | None = None) -> None: ...


class Standing(Protocol):
    """What this person may do in the project's room."""

    def refusal(self) -> str:
        """Why they may not comment, in words; empty if they may, or if the project is not shared."""
        ...

    def moderates(self) -> bool:
        """Whether they may write what is another's."""
        ...

    def edits(self) -> bool:
        """Whether they may change the film itself."""
        ...

    def people(self) -> list[Person]:
        """Everyone who takes part."""
        ...


class Talk:
    """The comments of an open project. Belongs to the thread that owns its document."""

    def __init__(self, comments: Comments, keep: Callable[[Sequence[bytes]], Ticket], standing: Standing, *, session: int,
                 clock: Callable[[], float] = time.time) -> None:
        """`keep` puts acts on their way to disk, or raises, and then nothing has changed."""
        self.comments = comments
        self.standing = standing
        self._keep = keep
        self._session = session
        self._clock = clock
        self._number = len(comments)

    def draft(self, author: Person) -> CommentsDraft:
        """A draft of a person's acts."""
        return CommentsDraft(self.comments, author, self._session, self._next, lambda: int(self._clock() * 1000))

    def _next(self) -> int:
        self._number += 1
        return self._number

    def commit(self, draft: CommentsDraft) -> tuple[list[bytes], Ticket | None]:
        """Makes a draft part of the document; ids, and the ticket. Raises what `keep` raises."""
        return self.receive([encode(act) for act in draft.made.values()])

    def receive(self, raws: Iterable[bytes]) -> tuple[list[bytes], Ticket | None]:
        """Takes acts in, from wherever they come; ids of those that were new. Raises ActRefused where there are too many."""
        new = self.comments.new(raws)
        if not new:
            return [], None
        ticket = self._keep(new)
        return self.comments.add(new), ticket

    def people(self, me: Person | None = None) -> list[Person]:
        """Everyone who can be named: who takes part, who has said something, this person."""
        found: list[Person] = []
        for person in [*([me] if me is not None else []), *self.standing.people(), *self.comments.people()]:
            if person.name and not any(person.is_(known) for known in found):
                found.append(person)
        return found


def mentions_in(text: str, people: Sequence[Person]) -> tuple[Person, ...]:
    """Who is named in a text: `@` and a name, the longest known one; `@word` that is no known name means somebody of that name."""
    found: list[Person] = []
    by_length = sorted((p for p in people if p.name), key=lambda p: -len(p.name))
    for match in _MENTION.finditer(text):
        rest = text[match.start() + 1:]
        known = next((p for p in by_length if rest[:len(p.name)].casefold() == p.name.casefold()
                      and not rest[len(p.name):len(p.name) + 1].isalnum()), None)
        person = known or _by_first_name(match[1].rstrip(".-"), people) or Person("", match[1].rstrip(".-")[:MAX_NAME])
        if person not in found:
            found.append(person)
    return tuple(found[:MAX_MENTIONS])


def _by_first_name(word: str, people: Sequence[Person]) -> Person | None:
    """The only person whose name begins with that word."""
    near = [p for p in people if p.name.casefold().split(" ")[0] == word.casefold()]
    return near[0] if len(near) == 1 else None


def person_named(words: str, people: Sequence[Person]) -> Person:
    """The person of that name or id; somebody known by name only where there is none."""
    word = words.strip().lstrip("@").strip()
    same = next((p for p in people if word and (p.actor == word or p.name.casefold() == word.casefold())), None)
    return same or _by_first_name(word, people) or Person("", word[:MAX_NAME])
