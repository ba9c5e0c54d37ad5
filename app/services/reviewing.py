"""A merge that is looked at before it is accepted.

Owns: what waits to be merged (`Incoming`, `CopyIncoming`), working out its outlook away from the document's thread, applying it with the
choices made, keeping it as a branch. Refuses: changing anything before `apply`; widgets and sockets.

Looking happens on a copy of the film that is read from its file, so the film can be edited and played meanwhile. What was edited since
is in the merge all the same: `apply` merges into the film as it is, and `stale` says that the outlook should be worked out again.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from app.services import branches
from app.services.errors import AppError
from app.services.identity import new_session
from app.services.merging import Coming, NotACopy, Ready, apply_ready, bring_in, merger_of
from app.services.open_project import DURABLE_WITHIN, OpenProject
from app.services.people import names
from app.services.reading import read_project
from app.services.review.choices import Choices, Writes, carry_out, look_at, moot, open_questions, without_markers, writes_of
from app.services.review.elsewhere import Elsewhere
from app.services.review.incoming import CopyIncoming, Incoming
from app.services.review.messages import Ask, came_of
from app.services.review.outlook import Cuts, Outlook, naming, outlook
from app.services.review.rows import Row
from app.services.versions import poster_of
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import CommandError
from editor_core.document import Document, History, Snapshot
from editor_core.schema import Timeline
from editor_core.storage import ProjectFile
from editor_core.storage import versions as stored
from editor_core.sync import SyncError
from editor_core.sync.merging import Merged
from editor_core.sync.packing import pack
from editor_core.sync.parcel import unseal


class Applied(msgspec.Struct, frozen=True):
    """What came of `apply`: changes brought in, values written by choices, questions left open, and what could not be done."""

    merged: int
    written: int
    open: int
    refused: str = ""


class Review:
    """The review of one Incoming into one film.

    `look` works out the outlook and belongs on a thread of its own; `preview` is quick and may run on any thread, one at a time;
    `apply` belongs to the document's thread. `choices` is what was chosen so far.
    """

    def __init__(self, film: OpenProject, incoming: Incoming, ask: Callable[[Callable[[], Coming]], Coming] = lambda call: call(),
                 elsewhere: Elsewhere | None = None) -> None:
        """`ask` has a call done on the document's thread and gives what came of it. `elsewhere` is a process that does the looking;
        without one it is done on the thread that calls `look`."""
        self._ask = ask
        self._elsewhere = elsewhere
        self.film = film
        self.incoming = incoming
        self.choices = Choices()
        self.outlook: Outlook | None = None
        self._arriving: Coming | None = None
        self._ready: Ready | None = None
        self._moot: tuple[Choices, list[Any]] | None = None

    @property
    def stale(self) -> bool:
        """Whether the film was edited since the outlook was worked out."""
        return self.outlook is None or self.outlook.revision != self.film.document.revision

    def look(self, *, here: bool = False, cuts: Callable[[Cuts], None] = lambda _: None) -> Outlook:
        """Works out what the merge would be, from what is on disk. `here` says that this is the document's thread already; `cuts` is told
        what there is to play before the rest is known.

        Raises AppError, StorageError.
        """
        if self._elsewhere is not None and not here and getattr(self.incoming, "alone", True):
            return self._look_elsewhere(self._elsewhere, cuts)
        return self._look_here(here, cuts)

    def _look_here(self, here: bool = False, cuts: Callable[[Cuts], None] = lambda _: None) -> Outlook:
        self.film.file.flush()
        with contextlib.closing(read_project(self.film.path, self.film)) as copy:
            into = getattr(self.incoming, "coming_into", None)
            come = self.incoming.coming
            arriving: Coming = into(copy) if into is not None else come() if here else self._ask(come)
            found = outlook(copy, arriving, self.name_of, cuts=cuts)
        self._arriving = arriving
        return self._looked(found)

    def _look_elsewhere(self, elsewhere: Elsewhere, cuts: Callable[[Cuts], None]) -> Outlook:
        """The same in the other process, which reads the file; meanwhile the film may go on."""
        film, path = self.film, getattr(self.incoming, "path", None)
        elsewhere.start()
        known: dict[int, Snapshot] = {}
        leave = film.document.subscribe(lambda change, before, after: known.__setitem__(after.revision, after))
        try:
            now = film.snapshot
            known[now.revision] = now
            came = None if path is not None else came_of(self._ask(self.incoming.coming))
            if not film.file.settled:  # a file that nothing is written into need not be read again
                film.file.flush()
            names = getattr(self.incoming, "names", None)
            found = elsewhere.look(Ask(str(film.path), str(path or ""), film.door.actor.id, self.incoming.title,
                                       dict(names()) if names is not None and came is not None else {}, came), known, cuts)
        finally:
            leave()
        self._arriving = None
        told = getattr(self.incoming, "told", None)
        if told is not None:
            told(found.places, found.names, found.acts)
        return self._looked(found.outlook)

    def _looked(self, found: Outlook) -> Outlook:
        self._moot = None
        self.outlook = found
        self.choices = self._fitting(found)
        return found

    def close(self) -> None:
        """Ends what was started for looking; it may be looked at again."""
        if self._elsewhere is not None:
            self._elsewhere.close()

    def _fitting(self, found: Outlook) -> Choices:
        """The choices made so far, as far as there still is what they were about."""
        rows = {row.id: row for row in found.rows}
        options = {one.id: one for one in found.questions}
        return Choices({key: choice for key, choice in self.choices.rows.items() if key in rows},
                       {key: answer for key, answer in self.choices.answers.items() if key in options and options[key].option(answer)})

    def name_of(self, actor: str, mine: bool) -> str:
        """What people call somebody: `You`, a known name, else the title of what waits."""
        told = getattr(self.incoming, "names", None)
        return naming(self.film.door.actor.id, self.incoming.title, told() if told is not None else {},
                      lambda: names(self.film, room=True))(actor, mine)

    # choosing

    def _found(self) -> Outlook:
        if self.outlook is None:
            raise AppError("The merge was not looked at yet")
        return self.outlook

    def choose(self, row: str, choice: str) -> Choices:
        """mine, theirs or merged for a row; empty: as the merge has it. Raises AppError where that has no meaning."""
        found = self._found().by_id.get(row)
        if found is None or (choice and choice not in (*found.choices, "merged")):
            raise AppError(f"{choice!r} has no meaning there")
        self.choices = self.choices.choosing(row, choice)
        return self.choices

    def answer(self, question: str, option: str) -> Choices:
        """An option of a question by its key; empty: open again. Raises AppError for one that is not there."""
        asked = next((one for one in self._found().questions if one.id == question), None)
        if asked is None or (option and asked.option(option) is None):
            raise AppError(f"{option!r} is no answer to that")
        self.choices = self.choices.answering(question, option)
        return self.choices

    def choose_all(self, choice: str, *, person: str = "", start: int | None = None, end: int | None = None) -> Choices:
        """mine, theirs or merged for every row of a person, or in a range of time (ticks), or all."""
        rows = [row.id for row in self._found().rows if (not person or person in row.people) and within(row, start, end)]
        self.choices = self.choices.choosing_all(rows, "" if choice == "merged" else choice)
        return self.choices

    def open(self, choices: Choices | None = None) -> list[Any]:
        """Questions that are not settled."""
        found = self._found()
        return open_questions(list(found.questions), choices or self.choices, found.by_id)

    def writes(self, choices: Choices | None = None, *, markers: bool = True) -> Writes:
        """What the choices come to."""
        found = self._found()
        return writes_of(found.sides, found.by_id, list(found.questions), choices or self.choices, markers=markers)

    def preview(self, choices: Choices | None = None) -> tuple[Snapshot, str]:
        """The cut with choices, and why they cannot be carried out, if so. Nothing is changed."""
        found, door = self._found(), self.film.door
        return look_at(found.sides.merged, door.registry, door.actor, self.writes(choices, markers=False))

    # what comes of it

    def keep_version(self) -> str:
        """Keeps the film as it is under "Before merge, HH:MM"; may run on any thread. Its name. Raises StorageError."""
        film, view = self.film, self.film.snapshot
        name = f"Before merge, {datetime.datetime.now():%H:%M}"
        stored.keep(film.file, name, view.records.values(), actor=film.door.actor.id, time=int(time.time() * 1000), revision=view.revision,
                    poster=poster_of(view, None)).wait(30.0)
        return name

    def prepare(self) -> None:
        """Does beforehand what of `apply` needs not be done on the document's thread; on any other. Raises AppError."""
        found = self._found()
        if found.merged is not None and not self.stale:
            try:
                unseal(found.merged.parcel)
            except SyncError as error:
                raise AppError(f"the copy cannot be merged: {error}") from error
            change = msgspec.structs.replace(found.merged.change, stamp=self.film.door.coming_stamp, time=_time_of(found.merged))
            found.sides.merged.end()  # asked for by everybody who shows the film; to tell it takes a while
            _ = change.touched  # as well
            self._ready = Ready(Merged(change, found.merged.parcel), found.sides.mine, found.sides.merged, pack(change))
        self._moot = self.choices, self._look_for_moot()

    def _look_for_moot(self) -> list[Any]:
        """Open questions about what other choices take away: nobody has to settle them later."""
        open_ = [one for one in self.open() if not one.record]
        view, refused = self.preview() if open_ else (None, "")
        return [] if view is None or refused else [one for one in open_ if moot(one, self._found().sides.merged, view)]

    def settle(self) -> None:
        """Returns when all that `apply` did is on disk; on any thread. Raises StorageError."""
        self.film.file.flush(DURABLE_WITHIN)

    def apply(self, choices: Choices | None = None, *, version: bool = True, wait: bool = True) -> Applied:
        """Brings everything in, with the choices as one step that can be undone; durable on return unless `wait` is False, then `settle`.

        Edits made since the outlook are kept: it is worked out again first. A choice that has become impossible is left out, and said in
        `refused`. `version` is off where `keep_version` was called before. Raises AppError, StorageError; then nothing has changed.
        """
        if choices is not None:
            self.choices = choices
        if self.stale:
            self.look(here=True)
        if version:
            self.keep_version()
        return self.decide(self.bring(wait), wait)

    def bring(self, wait: bool = True) -> int:
        """The first half of `apply`: brings everything in as the merge has it; how many changes. The outlook must be of the film as it is.
        Raises AppError, StorageError."""
        if self._moot is None or self._moot[0] is not self.choices:
            self._moot = self.choices, self._look_for_moot()
        merged = self._take(self._found(), wait)
        return 0 if merged is None else len(merged.change.merged)

    def decide(self, merged: int, wait: bool = True) -> Applied:
        """The second half: the choices, as one step. Raises StorageError."""
        over = self._moot[1] if self._moot is not None else []
        written, refused = self._write(without_markers(self.writes(), over), wait)
        return Applied(merged, written, len(self.open()) - len(over), refused)

    def _take(self, found: Outlook, wait: bool) -> Merged | None:
        """What was worked out is applied as it is where the film is still the same; else the incoming merges anew."""
        took = getattr(self.incoming, "took", None)
        if took is None or self.stale:
            return self.incoming.take(wait)
        if found.merged is None:
            took(wait, None)  # comments may have come all the same
            return None
        stamp, ready, self._ready = self.film.door.coming_stamp, self._ready, None
        if ready is None or ready.merged.change.stamp != stamp or ready.after is not found.sides.merged:
            self.prepare()
            ready, self._ready = self._ready, None
        assert ready is not None
        self.film.door.next_stamp()
        merged = apply_ready(self.film, ready, wait=wait)
        took(wait, merged)
        return merged

    def _write(self, writes: Writes, wait: bool) -> tuple[int, str]:
        label = f"Merge decisions on {self.incoming.title}"
        try:
            outcome = carry_out(self.film.door, writes, label)
            refused = ""
        except CommandError as error:
            refused = str(error)
            left = Writes([], [], [], [], writes.markers)
            outcome = carry_out(self.film.door, left, label)
        if outcome is None:
            return 0, refused
        if wait:
            outcome.wait(DURABLE_WITHIN)
        return len(outcome.change.operations) if outcome.change is not None else 0, refused

    def keep_as_branch(self, name: str = "") -> str:
        """The merge with the choices so far as a branch beside the film, which stays as it is; may run on any thread. Its name.

        Raises AppError, StorageError.
        """
        if self.outlook is None or self._arriving is None:
            self._look_here()
        film = self.film
        made = branches.serve(film, "new", name or self._branch_name())
        path = Path(made["file"])
        file = ProjectFile.open(path, session=(session := new_session()))
        with contextlib.closing(file):
            state = file.document_state
            document = Document(state.records, state.stamps, state.revision)
            door = CommandDoor(document, film.door.registry, History(file.change, file.entries), actor=film.door.actor, session=session,
                               recorder=file.record, counter=state.counter)
            branch = OpenProject(path, file, document, door)
            assert self._arriving is not None
            bring_in(branch, self._arriving, merger_of(branch))
            with contextlib.suppress(CommandError):
                carry_out(door, self.writes(), f"Merge decisions on {self.incoming.title}")
            file.flush()
        return str(made["branch"])

    def _branch_name(self) -> str:
        plain = re.sub(r"[^\w .-]", " ", Path(self.incoming.title).stem).strip()[:60] or "merge"
        names, number = branches.names(self.film.path), 1
        while (found := f"Merge of {plain}" + (f" {number}" if number > 1 else "")) in names:
            number += 1
        return found


def within(row: Row, start: int | None, end: int | None) -> bool:
    """Whether a row is, as far as it goes, in a range of time (ticks, end exclusive; None: without that end)."""
    return (start is None or row.end > start) and (end is None or row.at < end)


def _time_of(merged: Merged) -> int:
    return merged.change.time if len(merged.change.merged) == 1 else int(time.time() * 1000)


def is_copy(film: OpenProject, path: Path) -> bool:
    """Whether another file is a copy of the same project, so that it can be merged. False for what cannot be read."""
    try:
        with contextlib.closing(read_project(path, film)) as other:
            ours = {t.id for t in film.snapshot.of_kind(Timeline)}
            return path.resolve() != film.path.resolve() and bool(ours & {t.id for t in other.snapshot.of_kind(Timeline)})
    except (AppError, OSError, ValueError):
        return False
    except Exception as error:  # a file that is no project at all
        from editor_core.storage import StorageError

        if isinstance(error, StorageError):
            return False
        raise


Names = Callable[[], Mapping[str, str]]
__all__ = ["Applied", "Choices", "CopyIncoming", "Incoming", "NotACopy", "Outlook", "Review", "is_copy"]
