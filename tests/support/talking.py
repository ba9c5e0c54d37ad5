"""People who comment on one film without files or network.

Owns: a person with a set of acts, random acts that a seed replays, handing acts on. Refuses: judging the outcome.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from editor_core.comments import Anchor, Comments, Person, Shape
from editor_core.comments.acts import SetAnchor, SetAssignee, SetDrawing, SetRemoved, SetState, SetText
from editor_core.comments.talk import Talk, Ticket


class Done:
    """A ticket of something that is durable at once."""

    def wait(self, timeout: float | None = None) -> None:
        return


class Anywhere:
    """A project that is in no room."""

    def refusal(self) -> str:
        return ""

    def moderates(self) -> bool:
        return False

    def edits(self) -> bool:
        return True

    def people(self) -> list[Person]:
        return []


def keep(raws: Sequence[bytes]) -> Ticket:
    """Keeps nothing."""
    return Done()


def talk(session: int = 1) -> Talk:
    """Comments of a film in memory; the clock goes on by a second with each act."""
    ticking = itertools.count(1_780_000_000)
    return Talk(Comments(), keep, Anywhere(), session=session, clock=lambda: float(next(ticking)))


class Speaker:
    """One person at random."""

    def __init__(self, name: str, session: int) -> None:
        self.person = Person(name.lower(), name)
        self.talk = talk(session)

    def act(self, chance: random.Random) -> None:
        """Says or writes one thing about something that is known here."""
        draft = self.talk.draft(self.person)
        threads = self.talk.comments.threads()
        what = chance.randrange(9) if threads else 0
        if what == 0:
            draft.start(f"t{chance.random()}", Anchor(start=chance.randrange(1000)))
        else:
            thread = chance.choice(threads)
            one = chance.choice(thread.comments).id
            if what in (1, 2):
                draft.reply(thread, f"r{chance.random()}")
            elif what in (3, 4):
                draft.write(SetText, one, text=f"e{chance.random()}", moderating=chance.random() < 0.5)
            elif what == 5:
                draft.write(SetState, thread.id, state=chance.choice(["open", "resolved"]))
            elif what == 6:
                draft.write(SetAssignee, thread.id, assignee=chance.choice([None, Person("", "Ben"), self.person]))
            elif what == 7:
                draft.write(SetRemoved, one, removed=chance.random() < 0.6, moderating=chance.random() < 0.3)
            elif chance.random() < 0.5:
                draft.write(SetDrawing, one, drawing=(Shape("arrow", (0, 0, 5, chance.randrange(9))),), moderating=True)
            else:
                draft.write(SetAnchor, thread.id, anchor=Anchor(start=chance.randrange(1000)), moderating=True)
        self.talk.commit(draft)

    def raws(self) -> list[bytes]:
        """All acts here."""
        comments = self.talk.comments
        return [comments.raw(i) for i in comments.ids]
