"""A review on the interface thread: work goes to a thread of its own, what comes of it arrives as signals.

Owns: that thread, looking again after edits, the newest choices as a cut that can be played, taking back a choice that cannot be.
Refuses: widgets, and what choices mean (see `app.services.review`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.merge.marks import Marking
from app.desktop.theme.connect import connect_for
from app.services.errors import AppError
from app.services.review.choices import Choices, answering_along, open_questions
from app.services.review.outlook import Cuts, Outlook
from app.services.review.questions import Question
from app.services.review.rows import Row
from app.services.reviewing import Applied, Review
from editor_core.commands.registry import CommandError
from editor_core.document import ChangeSet, Snapshot, Stamp, Take
from editor_core.schema import Record, replace
from editor_core.storage import StorageError

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench

log = logging.getLogger(__name__)
SOON_MS = 20
"""When choices are gone through after something was found: what has to be shown is shown first."""
AGAIN_MS = 600
"""How long after an edit of the film the outlook is worked out again."""


class Reviewer(QObject):
    """`went(side, change, cut)` when a cut is another, theirs or merged, with the ChangeSet that leads there from the one before; the
    first time before anything else is known. `looked` when there is an outlook (again), `chosen` when choices changed, `shown` when the
    merged cut is that of the choices. `failed(words)`, `applied(Applied)`, `branched(name)`. `busy_changed` tells of work."""

    went = Signal(str, object, object)
    looked = Signal()
    chosen = Signal()
    shown = Signal()
    failed = Signal(str)
    applied = Signal(object)
    branched = Signal(str)
    busy_changed = Signal()

    def __init__(self, bench: Workbench, review: Review, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.review = review
        self._thread = ThreadPoolExecutor(1, "merge review")
        self._closed = self._begun = False
        self._kept: list[Callable[[], Any]] = []
        self._work = 0
        self._asked = 0
        self._to_decide: int | None = None
        self.merged: Snapshot | None = None
        """The merged cut with the choices, as it is played; None until it is known."""
        self.marking: Marking | None = None
        self._played = dict.fromkeys(("theirs", "merged"), bench.snapshot)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self.look)
        bench.listen(lambda *_: self._edited(), self)
        together = bench.late.get("together")
        self._waiting = together.waiting if together is not None else 0
        if together is not None:
            connect_for(together.changed, self._came, self)

    @property
    def outlook(self) -> Outlook | None:
        return self.review.outlook

    @property
    def choices(self) -> Choices:
        return self.review.choices

    @property
    def busy(self) -> bool:
        return self._work > 0

    @property
    def open(self) -> list[Question]:
        """Questions that nothing has settled yet."""
        found = self.outlook
        return open_questions(list(found.questions), self.choices, found.by_id) if found is not None else []

    def close(self) -> None:
        """Ends the thread once it has done what it does now. What was chosen is not left behind where the rest came in already."""
        self._decide()
        self._closed = True
        self._again.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)
        self.review.close()

    # looking

    def look(self) -> None:
        """Works the outlook out, now or again."""
        self._asked += 1  # what was being tried out is of the outlook before

        def work() -> Marking:
            return Marking(self.review.look(cuts=self._found))

        self._do(work, self._looked)

    def _found(self, cuts: Cuts) -> None:
        """On the thread: what there is to play is known."""
        views = {"theirs": cuts.theirs, **({} if self.choices.any else {"merged": cuts.merged})}
        steps = {side: _step(self._played[side], view) for side, view in views.items()}
        for view in (cuts.mine, *(after for after, _ in steps.values())):
            view.end()  # known from now on; it takes a while to tell
        self._played.update({side: after for side, (after, _) in steps.items()})
        self._bench.post(self._go_on, steps)

    def begin(self) -> None:
        """From now on what is found is told: whoever shows it is there."""
        self._begun = True
        kept, self._kept = self._kept, []
        for call in kept:
            call()

    def _go_on(self, steps: dict[str, tuple[Snapshot, ChangeSet]]) -> None:
        if not self._begun:
            self._kept.append(lambda: self._go_on(steps))
        elif not self._closed:
            for side, (after, change) in reversed(steps.items()):  # the one that matters first
                self.went.emit(side, change, after)

    def _looked(self, marking: Marking) -> None:
        self.merged, self.marking = None, marking
        self.looked.emit()
        self._tell_absence()
        QTimer.singleShot(SOON_MS, self, self._choose_again)

    def _tell_absence(self) -> None:
        """Once, when this is about what came while the person was away: how much, by how many, what has to be decided."""
        found, incoming = self.outlook, self.review.incoming
        if found is not None and getattr(incoming, "absence", False):
            incoming.absence = False
            theirs = [one.edits for one in found.who if not one.mine]
            self._bench.comments.notices.away(sum(theirs), len(theirs), len(found.questions))

    def _choose_again(self) -> None:
        if not self._closed:
            self.chosen.emit()
            self._preview(self.choices)

    def _came(self) -> None:
        """More came, perhaps a decision of somebody else's: there may be less to decide now."""
        before, self._waiting = self._waiting, self._bench.together.waiting
        if self._waiting > before:
            self._edited()

    def _edited(self) -> None:
        if self.outlook is not None and not self._closed:
            self._again.start()

    # choosing

    def choose(self, row: Row, choice: str) -> None:
        """mine, theirs, merged, or nothing for a row. Competing values of it are decided along."""
        self._choose(self._unanswered(self.choices.choosing(row.id, choice), [row]))

    def _unanswered(self, choices: Choices, rows: list[Row]) -> Choices:
        """Without what was answered of competing values of some rows: the choice of the row decides them now."""
        about, found = {i for row in rows for i in row.questions}, self.outlook
        for one in found.questions if found is not None else ():
            if one.id in about and one.stamps and one.id in choices.answers:
                choices = choices.answering(one.id, "")
        return choices

    def answer(self, question: Question, option: str) -> None:
        """An answer, to what came of the same edits as well."""
        found = self.outlook
        self._choose(answering_along(self.choices, question, option, found.questions if found is not None else ()))

    def choose_all(self, choice: str, rows: list[Row]) -> None:
        """The same choice for many rows, where it means something."""
        self._choose(self._unanswered(self.choices.choosing_all([row.id for row in rows], "" if choice == "merged" else choice), rows))

    def tick(self, row: Row) -> None:
        """A row takes part, or not: then what was before stays. Where both sides changed it, it stays as I have it."""
        chosen = self.choices.rows.get(row.id, "")
        off = "theirs" if row.sides == "mine" else "mine"
        self.choose(row, "" if chosen == off else off)

    def left_out(self, row: Row) -> bool:
        """Whether the one change of a row was taken out by a choice."""
        return self.choices.rows.get(row.id, "") == {"mine": "theirs", "theirs": "mine"}.get(row.sides)

    def _choose(self, choices: Choices) -> None:
        before, self.review.choices = self.review.choices, choices
        self.chosen.emit()
        self._preview(choices, before)

    def try_out(self, choices: Choices) -> None:
        """Shows the cut with other choices without choosing them."""
        self._preview(choices)

    def _preview(self, choices: Choices, before: Choices | None = None) -> None:
        """Works the cut out with choices; one that cannot be is taken back, and why is said."""
        self._asked += 1
        number, review, marking = self._asked, self.review, self.marking

        def work() -> tuple[Snapshot | None, str, ChangeSet | None] | None:
            if number != self._asked or review.outlook is None or marking is None:
                return None
            view, refused = review.preview(choices)
            if refused and before is not None:
                return None, refused, None
            after, change = _step(self._played["merged"], view)
            after.end()
            self._played["merged"] = after
            marking.look_again(after, review.open(choices))
            return after, refused, change

        def done(found: tuple[Snapshot | None, str, ChangeSet | None] | None) -> None:
            if found is None:
                return
            view, refused, change = found
            if view is not None:
                self.went.emit("merged", change, view)
            if number != self._asked:
                return
            if view is None:
                self._bench.say(f"That cannot be: {refused}", "warn")
                assert before is not None
                self.review.choices = before
                self.chosen.emit()
                self._preview(before)
                return
            self.merged = view
            self.shown.emit()

        self._do(work, done)

    # what comes of it

    def apply(self) -> None:
        """Keeps a version, brings everything in with the choices; `applied` or `failed`."""
        if self.review.stale:
            self._again.stop()
            self._do(self.review.look, lambda _: self.apply())
            return
        def work() -> None:
            self.review.keep_version()
            self.review.prepare()

        self._do(work, lambda _: self._apply())

    def _apply(self) -> None:
        """In two turns of the window's thread: what comes, then what was chosen."""
        if self.review.stale:
            self.apply()  # somebody was quicker
            return
        try:
            merged = self.review.bring(wait=False)
        except (AppError, StorageError, CommandError) as error:
            self.failed.emit(str(error))
            return
        self._to_decide = merged
        QTimer.singleShot(0, self, self._decide)

    def _decide(self) -> None:
        merged, self._to_decide = self._to_decide, None
        if merged is None:
            return
        try:
            found: Applied = self.review.decide(merged, wait=False)
        except (AppError, StorageError, CommandError) as error:
            self.failed.emit(str(error))
            return
        self._again.stop()  # it is over
        self._do(self.review.settle, lambda _: self.applied.emit(found))

    def keep_as_branch(self) -> None:
        self._do(self.review.keep_as_branch, self.branched.emit)

    # the thread

    def _do(self, work: Callable[[], Any], done: Callable[[Any], Any]) -> None:
        if self._closed:
            return
        self._work += 1
        self.busy_changed.emit()

        def run() -> None:
            try:
                found, error = work(), ""
            except (AppError, StorageError, CommandError) as refusal:
                found, error = None, str(refusal)
            except Exception:
                log.exception("the merge review failed")
                found, error = None, "The merge could not be worked out; the details are in the log"
            if self._closed:
                self.review.close()  # what was begun when it was closed may have started the other process
            self._bench.post(self._done, done, found, error)

        self._thread.submit(run)

    def _done(self, done: Callable[[Any], Any], found: Any, error: str) -> None:
        if self._closed:
            return
        if not self._begun:
            self._kept.append(lambda: self._done(done, found, error))
            return
        self._work -= 1
        self.busy_changed.emit()
        if error:
            self.failed.emit(error)
        else:
            done(found)


def _step(last: Snapshot, view: Snapshot) -> tuple[Snapshot, ChangeSet]:
    """The snapshot that shows `view`, one revision after `last`, and the change that leads there."""
    old, new = last.records.whole(), view.records.whole()
    written: dict[str, Record] = {i: r for i, r in new.items() if old.get(i) is not r}
    gone = {i: replace(r, deleted=True) for i, r in old.items() if i not in new and not r.deleted}
    written.update(gone)
    change = ChangeSet(stamp=Stamp(1, last.revision + 1), actor="", command="merge.look", label="Look", time=0, kind="merge",
                       operations=tuple(Take(record, {}) for record in written.values()))  # type: ignore[arg-type]
    return last.changed(written) if gone else view.at(last.revision + 1), change
