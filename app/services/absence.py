"""What happened to a project while somebody was away.

Owns: counting others' edits and comments since a point, in one line. Refuses: remembering the point, and finding conflicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from editor_core.comments import Comments, Person
from editor_core.comments.acts import Say
from editor_core.comments.threads import same_author
from editor_core.document import Entry


class Absence(NamedTuple):
    """Edits of others, how many people made them, comments of others."""

    edits: int
    people: int
    comments: int

    @property
    def told(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.edits or self.comments)

    def words(self, conflicts: int) -> str:
        """`37 edits by 2 people, 1 conflict, 3 comments`."""
        parts: list[str] = []
        if self.edits:
            parts.append(f"{_count(self.edits, 'edit')} by {_count(self.people, 'person', 'people')}")
        if conflicts:
            parts.append(_count(conflicts, "conflict"))
        if self.comments:
            parts.append(_count(self.comments, "comment"))
        return ", ".join(parts)


def absence_of(entries: Sequence[Entry], comments: Comments, person: Person, lines: int, acts: int) -> Absence:
    """What others did after so many history lines and so many acts of comments were here."""
    made: list[Entry] = []
    for line in entries[lines:]:
        made.extend(line.merged if line.kind == "merge" else (line,))
    others = [line for line in made if line.actor != person.actor]
    said = [act for i in comments.ids[acts:] if isinstance(act := comments.act(i), Say) and not same_author(act.author, person)]
    return Absence(len(others), len({line.actor for line in others}), len(said))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
