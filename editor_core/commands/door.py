"""The one door through which everything changes a document.

Owns: look up, permission, argument checks, one transaction, ChangeSet, replica and journal in one step, the outcome.
Refuses: a second way in; knowledge of any particular command.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, Protocol, cast

import msgspec

from editor_core.commands.arguments import parse
from editor_core.commands.context import Actor, Context
from editor_core.commands.registry import CommandError, CommandSpec, Nothing, Registry
from editor_core.commands.talking import Provider, TalkHistory, Talking
from editor_core.comments import ActRefused, Person
from editor_core.document import (
    NOBODY,
    ChangeSet,
    Document,
    DocumentError,
    Draft,
    History,
    Snapshot,
    Stamp,
    UndoRefused,
    entry_of,
    integrity,
)
from editor_core.edits.settle import settle
from editor_core.schema import IdSource, SchemaError, new_id
from editor_core.timing import TimingError


class Ticket(Protocol):
    """A journal entry on its way to disk."""

    def wait(self, timeout: float | None = None) -> None:
        """Returns when the entry is durable. Raises the storage error that prevents it, or TimeoutError."""
        ...


class Recorder(Protocol):
    """Writes replica and journal for a change that is being applied, and returns its ticket."""

    def __call__(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> Ticket: ...


Permission = Callable[[Actor, CommandSpec], str | None]
"""A reason to refuse, in words, or None."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a command: its result as plain JSON values, the change (None if nothing changed), its ticket."""

    result: Any
    change: ChangeSet | None = None
    ticket: Any = None

    def wait(self, timeout: float | None = None) -> None:
        """Returns when the command is durable; at once when it changed nothing."""
        if self.ticket is not None:
            self.ticket.wait(timeout)


class CommandDoor:
    """Runs commands on a document. Everything happens on the thread that owns the document."""

    def __init__(self, document: Document, registry: Registry, history: History, *, actor: Actor, session: int,
                 recorder: Recorder | None = None, permission: Permission = lambda actor, spec: None,
                 clock: Callable[[], float] = time.time, ids: IdSource = new_id, counter: int = 0) -> None:
        self.document = document
        self.registry = registry
        self.history = history
        self.actor = actor
        self._session = session
        self._counter = counter
        self._recorder = recorder
        self._permission = permission
        self._clock = clock
        self._ids = ids
        self._ticket: Ticket | None = None
        self._batch: Draft | None = None
        self._batch_talk: Talking | None = None
        self._spoilt = False
        self.talk: Provider | None = None
        self.said = TalkHistory()
        document.recorder = self._record

    def restrict(self, permission: Permission) -> None:
        """From now on `permission` says who may run what; a role in a shared project can change while it is open."""
        self._permission = permission

    def may(self, command_id: str, actor: Actor | None = None) -> str:
        """Why somebody may not run a command, in words; empty if they may. Raises CommandError for an unknown one."""
        return self._permission(actor or self.actor, self.registry.get(command_id)) or ""

    def execute(self, command_id: str, args: Mapping[str, Any] | None = None, *, actor: Actor | None = None,
                gesture: str = "") -> Outcome:
        """Runs one command, all or nothing.

        `gesture` joins ChangeSets that are undone together. Raises CommandError (and nothing has changed) for an unknown
        command, wrong arguments, refusal, or an edit that the document cannot take.
        """
        who = actor or self.actor
        spec = self.registry.get(command_id)
        reason = self._permission(who, spec)
        if reason:
            raise CommandError(reason)
        given = dict(args or {})
        parsed = parse(spec, given)
        made: list[tuple[ChangeSet | None, Ticket | None]] = []
        draft = self._batch or Draft(self.document.snapshot, self._ids)
        talking = self._batch_talk or self._talking(who)
        ctx = Context(draft, who, spec.title, lambda kind, said: self._take_back(kind, spec, who, made, talking if said else None), talking)
        try:
            with _plain_errors():
                result = spec.run(ctx, parsed)
                if self._batch is not None:
                    _finish(draft, draft.take_fresh())
        except CommandError:
            self._spoilt = self._batch is not None
            raise
        if made:
            return Outcome(_result(result), *made[0])
        if self._batch is not None:
            return Outcome(_result(result))
        change, ticket = self._commit(draft, who, spec.id, given, ctx.label, gesture)
        return Outcome(_result(result), change, self._say(talking, ctx.label) or ticket)

    def preview(self, command_id: str, args: Mapping[str, Any] | None = None) -> Draft:
        """What a command would do, as a draft on the current snapshot; nothing is changed, stored or announced.

        Raises CommandError as `execute` does. Undo and redo have no preview.
        """
        spec = self.registry.get(command_id)
        if reason := self._permission(self.actor, spec):
            raise CommandError(reason)
        draft = Draft(self.document.snapshot, self._ids)
        with _plain_errors():
            spec.run(Context(draft, self.actor, spec.title, _no_take_back, self._talking(self.actor)), parse(spec, dict(args or {})))
            _finish(draft, draft.touched)
        return draft

    @contextlib.contextmanager
    def batch(self, label: str) -> Iterator[Callable[[], Outcome]]:
        """Commands executed inside share one draft; the yielded function commits it as one ChangeSet. Leaving without
        committing drops everything; after a command that was refused, committing is refused too."""
        if self._batch is not None:
            raise CommandError("A batch is already open")
        self._spoilt = False
        draft = self._batch = Draft(self.document.snapshot, self._ids)
        talking = self._batch_talk = self._talking(self.actor)

        def commit() -> Outcome:
            change, ticket = self._commit(draft, self.actor, "script.run", {}, label, "")
            return Outcome(None, change, self._say(talking, label) or ticket)

        try:
            yield commit
        finally:
            self._batch = self._batch_talk = None

    def apply_operations(self, command_id: str, label: str, draft: Draft, args: Any = None, gesture: str = "") -> Outcome:
        """Commits a draft made elsewhere in this process (importers, merge review) as one ChangeSet of the door's actor."""
        return Outcome(None, *self._commit(draft, self.actor, command_id, args, label, gesture))

    def _commit(self, draft: Draft, actor: Actor, command_id: str, args: Any, label: str,
                gesture: str) -> tuple[ChangeSet | None, Ticket | None]:
        if draft.base is not self.document.snapshot:
            raise CommandError("The project changed meanwhile; try again")
        if draft is self._batch and self._spoilt:
            raise CommandError(f"{label}: a command in it was refused, so nothing is done")
        with _plain_errors():
            _finish(draft, draft.touched)
            operations = draft.operations(self.document, self.history.edge)
            if not operations:
                return None, None
            stamp = self.next_stamp()
            change = ChangeSet(stamp=stamp, actor=actor.id, command=command_id, label=label[:200], time=int(self._clock() * 1000),
                               operations=operations, args=args or None, gesture=gesture, after=self._knowing(stamp))
            self.said.forget_undone(actor.id)
            return self._apply(change, (draft.base, draft.outcome(operations)))

    @property
    def session(self) -> int:
        """The session under which this door writes."""
        return self._session

    def _talking(self, who: Actor) -> Talking:
        return Talking(self.talk, Person(who.id, who.name))

    def _say(self, talking: Talking, label: str) -> Ticket | None:
        """Keeps what a command said beside what it did."""
        if not talking.said:
            return None
        with _plain_errors():
            acts, ticket = talking.commit()
        actor = talking.author.actor
        self.said.add(actor, label, self.history.depth("undo", actor), acts)
        return cast("Ticket | None", ticket)

    def next_label(self, kind: Literal["undo", "redo"], actor: str) -> str | None:
        """What `edit.undo` or `edit.redo` would take; None for nothing."""
        said = self.said.next(kind, actor, self.history.depth(kind, actor))
        if said is not None:
            return said
        entry = self.history.next_undo(actor) if kind == "undo" else self.history.next_redo(actor)
        return entry.label if entry is not None else None

    def _take_back(self, kind: str, spec: CommandSpec, actor: Actor, made: list[tuple[ChangeSet | None, Ticket | None]],
                   talking: Talking | None) -> dict[str, Any]:
        if self._batch is not None:
            raise CommandError(f"{spec.id} cannot be part of an atomic script")
        depths = self.history.depth(kind, actor.id), self.history.depth("redo" if kind == "undo" else "undo", actor.id)
        said = self.said.take_back(kind, actor.id, depths, talking) if talking is not None else None
        if said is not None and talking is not None:
            made.append((None, cast("Ticket | None", talking.commit()[1])))
            return {"label": said, "kept": 0}
        step = self.history.undo if kind == "undo" else self.history.redo
        targets, operations, kept = step(actor.id, self.document)
        try:
            if not self.history.alone_since(min(change.stamp for change in targets), actor.id):
                trial = Draft(self.document.snapshot)
                for operation in operations:
                    trial.perform(operation)
                integrity.check(trial, trial.touched, trial.base)
        except integrity.IntegrityError as error:
            raise UndoRefused(f"Cannot {kind} “{targets[-1].label}”, because others have built on it: {error}") from error
        verb = "Undo" if kind == "undo" else "Redo"
        stamp = self.next_stamp()
        change = ChangeSet(stamp=stamp, actor=actor.id, command=spec.id, label=f"{verb} {targets[-1].label}"[:200],
                           time=int(self._clock() * 1000), operations=operations,
                           kind="undo" if kind == "undo" else "redo", target=targets[0].stamp, after=self._knowing(stamp))
        made.append(self._apply(change))
        return {"label": targets[-1].label, "kept": kept}

    def _apply(self, change: ChangeSet, made: tuple[Snapshot, Snapshot] | None = None) -> tuple[ChangeSet, Ticket | None]:
        self._ticket = None
        self.document.apply(change, made=made)
        return change, self._ticket

    def _record(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        if self._recorder is not None:
            self._ticket = self._recorder(change, before, after)
        self.history.add(entry_of(change))

    def _knowing(self, stamp: Stamp) -> tuple[Stamp, ...]:
        """What a change says it comes after; nothing where that goes without saying."""
        heads = self.history.heads or (NOBODY,)
        return () if heads == (Stamp(stamp.session, stamp.counter - 1),) or (stamp.counter == 1 and heads == (NOBODY,)) else heads

    @property
    def coming_stamp(self) -> Stamp:
        """What `next_stamp` will give, unless something is done before."""
        return Stamp(self._session, self._counter + 1)

    def next_stamp(self) -> Stamp:
        """A stamp of this session that was not used before."""
        self._counter += 1
        return Stamp(self._session, self._counter)


def _finish(draft: Draft, touched: Iterable[str]) -> None:
    """Cleans up after an edit and checks what it touched. Raises IntegrityError."""
    settle(draft)
    integrity.check(draft, touched, draft.base)


def _no_take_back(kind: str, said: bool) -> dict[str, Any]:
    raise CommandError(f"There is no preview of {kind}")


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (ActRefused, DocumentError, SchemaError, TimingError) as error:
        raise CommandError(str(error)) from error


def _result(result: Any) -> Any:
    return {} if result is None or isinstance(result, Nothing) else msgspec.to_builtins(result)
