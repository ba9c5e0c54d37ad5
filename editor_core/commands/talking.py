"""Comments in commands: what a command says is kept with what it does, and can be taken back.

Owns: the draft of comments that a command or an atomic script writes, the order of gestures and comments for undo. Refuses: a second door
(see `door`), and what comments are (see `editor_core.comments`).

Undo reaches the comments of this run of the program: each remembers how many gestures of its author's history lay below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from editor_core.commands.registry import CommandError
from editor_core.comments import ActRefused, CommentsDraft, Person
from editor_core.comments.talk import Talk

Provider = Callable[[], Talk]


class Talking:
    """What one command, or one atomic script, says. Made anew for each; nothing happens until `draft` is first asked for."""

    def __init__(self, provider: Provider | None, author: Person) -> None:
        self._provider = provider
        self.author = author
        self._draft: CommentsDraft | None = None

    @property
    def talk(self) -> Talk:
        """The comments of the project. Raises CommandError where there are none."""
        if self._provider is None:
            raise CommandError("There are no comments here")
        return self._provider()

    @property
    def draft(self) -> CommentsDraft:
        """Raises CommandError for who may not comment."""
        if self._draft is None:
            talk = self.talk
            refusal = talk.standing.refusal()
            if refusal:
                raise CommandError(refusal)
            self._draft = talk.draft(self.author)
        return self._draft

    @property
    def said(self) -> bool:
        """Whether anything was."""
        return self._draft is not None and bool(self._draft.made)

    def commit(self) -> tuple[list[bytes], Any]:
        """Keeps what was said: ids and the ticket."""
        return self.talk.commit(self._draft) if self._draft is not None and self.said else ([], None)


class _Said(NamedTuple):
    label: str
    depth: int
    acts: list[bytes]


class TalkHistory:
    """Comments of this run that can be taken back or said again, by actor."""

    def __init__(self) -> None:
        self._done: dict[str, list[_Said]] = {}
        self._undone: dict[str, list[_Said]] = {}

    def add(self, actor: str, label: str, depth: int, acts: list[bytes]) -> None:
        """Takes in what was said while `depth` gestures of the actor lay below."""
        self._done.setdefault(actor, []).append(_Said(label, depth, acts))
        self._undone.pop(actor, None)

    def forget_undone(self, actor: str) -> None:
        """Something else was done: what was undone is not said again."""
        self._undone.pop(actor, None)

    def next(self, kind: str, actor: str, depth: int) -> str | None:
        """The label of what `kind` (`undo`, `redo`) would take, if it comes before the gesture on top of `depth` others."""
        stack = (self._done if kind == "undo" else self._undone).get(actor)
        return stack[-1].label if stack and stack[-1].depth >= depth else None

    def take_back(self, kind: str, actor: str, depths: tuple[int, int], talking: Talking) -> str | None:
        """Takes back (or says again) the last that was said, in the draft; its label. None where a gesture comes first. `depths` are
        the gestures that `kind` could take and those that its opposite could.

        Raises CommandError where others have built on it, and then it is passed over from now on.
        """
        if self.next(kind, actor, depths[0]) is None:
            return None
        here, there = (self._done, self._undone) if kind == "undo" else (self._undone, self._done)
        said = here[actor].pop()
        draft = talking.draft
        try:
            for act_id in reversed(said.acts):
                draft.undo(act_id)
        except ActRefused as error:
            raise CommandError(f"Cannot {kind} “{said.label}”. {error}") from None
        there.setdefault(actor, []).append(said._replace(acts=list(draft.made), depth=depths[1]))
        return said.label
