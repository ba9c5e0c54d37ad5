"""The page on which a merge is watched and decided before it is accepted.

Owns: which change is looked at, what the parts tell each other, the page's actions. Their places are in `laying`.
Refuses: what a merge is (see `app.services.reviewing`), and when the page is shown (see the shell).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.merge.ahead import taken
from app.desktop.merge.laying import put_together
from app.desktop.merge.listing import HOW_TO_MARK
from app.desktop.merge.marks import tracks_of
from app.desktop.merge.reviewer import Reviewer
from app.desktop.merge.strips import MOST_LANES
from app.desktop.session import locations
from app.services.review.questions import Question
from app.services.review.rows import Row
from app.services.reviewing import Applied, Incoming, Review, within
from editor_core.document import ChangeSet, Snapshot
from editor_core.timing import format_timecode

if TYPE_CHECKING:
    from app.desktop.bridge import RenderPort, SoundPort, Workbench

ACTIONS = ("merge.player_mine", "merge.player_theirs", "merge.player_merged", "merge.next", "merge.previous", "merge.play", "merge.tick",
           "merge.apply", "merge.not_now", "merge.branch", "merge.decide_next", "merge.step_back", "merge.step_forward", "merge.all_theirs",
           "merge.all_mine", "merge.mark_in", "merge.mark_out", "merge.clear_marks", "merge.range_theirs", "merge.range_mine",
           "merge.range_merged")


class MergePage(QFrame):
    """`closed(done)` when the page is done with: applied or kept as a branch (`done`), or left for later."""

    closed = Signal(bool)
    context = "merge"

    def __init__(self, bench: Workbench, incoming: Incoming, makers: tuple[Callable[[], RenderPort], Callable[[], SoundPort]],
                 review: Review | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "canvas")
        self._bench = bench
        self.incoming = incoming
        self.current: Row | None = None
        self._down = False
        self._built = False
        self._first = True
        self._tracks: list[str] = []
        self.reviewer = Reviewer(bench, review or Review(bench.services.project, incoming, bench.post.ask, taken(bench)), self)
        self.reviewer.look()  # in a process of its own, which has begun when the page is there
        self.setAccessibleName("Merge preview")
        self._steps = self._build(makers)
        next(self._steps)
        bench.turns.add(self._build_on, self)

    # putting it together

    @property
    def bench(self) -> Workbench:
        return self._bench

    def _build_on(self) -> None:
        """The next part of the page: all at once would hold the window up for longer than a few frames."""
        with undisturbed(self._bench):
            done = next(self._steps, self) is self
        if not done and not self._down:
            self._bench.turns.add(self._build_on, self)

    def _build(self, makers: tuple[Callable[[], RenderPort], Callable[[], SoundPort]]) -> Generator[None, None, None]:
        yield from put_together(self, makers)
        self._built = True
        self._fit()
        self._connect()
        self._lend()
        self._tell_where()
        self._tell_counts()
        self.reviewer.begin()

    def _connect(self) -> None:
        reviewer, sides = self.reviewer, self.sides
        reviewer.went.connect(self._went)
        reviewer.looked.connect(self._looked)
        reviewer.chosen.connect(self._chosen)
        reviewer.shown.connect(self._shown)
        reviewer.failed.connect(self._failed)
        reviewer.applied.connect(self._applied)
        reviewer.branched.connect(self._branched)
        reviewer.busy_changed.connect(lambda: self.header.busy.set(0.6 if reviewer.busy else None))
        sides.transport.moved.connect(self._moved)
        sides.transport.state_changed.connect(lambda: self.play_row.tell_playing(sides.transport.playing))
        sides.heard_changed.connect(self._heard)
        for side, player in self.players.items():
            player.chosen.connect(lambda s=side: self.hear(s))
        self.play_row.heard.connect(self.hear)
        self.play_row.looped.connect(sides.transport.set_loop)
        self.strips.went.connect(self._go)
        self.strips.picked.connect(self._picked)
        self.list.selected.connect(self._row_chosen)
        self.list.chose_all.connect(self.choose_all)
        self.strips.ranged.connect(self.mark)
        self.list.refilled.connect(self._refilled)
        self.decisions.picked.connect(self.show_question)
        self.decisions.tried.connect(self._try)
        self._bench.tiles.ready.connect(self._tile)

    def _lend(self) -> None:
        actions = self._bench.actions
        runs: dict[str, Callable[[], Any]] = {
            "merge.player_mine": lambda: self.hear("mine"), "merge.player_theirs": lambda: self.hear("theirs"),
            "merge.player_merged": lambda: self.hear("merged"), "merge.next": lambda: self.step(1),
            "merge.previous": lambda: self.step(-1), "merge.play": self.toggle, "merge.tick": self.tick, "merge.apply": self.apply,
            "merge.not_now": self.not_now, "merge.branch": self.keep_as_branch, "merge.decide_next": self.decide_next,
            "merge.step_back": lambda: self.frames(-1), "merge.step_forward": lambda: self.frames(1),
            "merge.all_theirs": lambda: self.choose_all("theirs"), "merge.all_mine": lambda: self.choose_all("mine"),
            "merge.mark_in": lambda: self.mark(self.sides.transport.ticks, self.marked[1]),
            "merge.mark_out": lambda: self.mark(self.marked[0], self.sides.transport.ticks + self.sides.transport.frame),
            "merge.clear_marks": lambda: self.mark(None, None), "merge.range_theirs": lambda: self.choose_all("theirs", "range"),
            "merge.range_mine": lambda: self.choose_all("mine", "range"), "merge.range_merged": lambda: self.choose_all("merged", "range")}
        for name, run in runs.items():
            if name in actions:
                actions.bind(name, run)

    @property
    def lanes(self) -> int:
        """How many tracks of each cut the strips show: the list needs room, too."""
        px, height = self._bench.theme.px, self.height()
        return MOST_LANES if height >= px(900) else 2 if height >= px(560) else 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        if not self._built:
            return
        theme = self._bench.theme
        width = self.width()
        self.decisions.setFixedWidth(theme.px(400 if width >= theme.px(1500) else 320 if width >= theme.px(1100) else 304))
        self.list.set_narrow(self.width() < theme.px(1500))

    # what came

    def _looked(self) -> None:
        found = self.reviewer.outlook
        assert found is not None
        where = getattr(self.incoming, "locations", None)
        theirs = where() if where is not None else {}
        self.sides.locate({**theirs, **{asset: paths for asset, paths in locations(self._bench.services.project).items() if paths}})
        self.header.set(self._whose(), found.totals)
        self._tracks = []
        self._bench.turns.add(self._fill, self)

    def _fill(self) -> None:
        if self.reviewer.outlook is not None:
            self.list.fill(self.reviewer.outlook)

    def _went(self, side: str, change: ChangeSet, cut: Snapshot) -> None:
        """A side's cut is known, or went on: it can be played from now on."""
        self.sides.change(side, change, cut)
        self.players[side].begin()
        if self.reviewer.outlook is None:
            self.sides.again()

    def _strips(self, merged: Snapshot) -> None:
        """Fills the strips, with the tracks of the change that is looked at; those that a choice made stand on top of merged."""
        found = self.reviewer.outlook
        assert found is not None
        marking = self.reviewer.marking
        assert marking is not None
        shown = marking.tracks_shown(self.lanes, tracks_of(found, self.current))
        before, self._tracks = self._tracks, shown
        marks = marking.marks
        made = [t.id for t in merged.tracks() if found.sides.merged.record(t.id) is None]
        for side, view, tracks in (("mine", found.sides.mine, shown), ("theirs", found.sides.theirs, shown),
                                   ("merged", merged, [*reversed(made), *shown])):
            if side == "merged" or shown != before or self.strips.sides[side].view is not view:
                self.strips.take(side, view, tracks, marks[side])

    def _whose(self) -> str:
        found = self.reviewer.outlook
        assert found is not None
        mine, theirs = (sum(s.edits for s in found.who if s.mine is side) for side in (True, False))
        return f"Your cut with {mine} edit{'s' if mine != 1 else ''} and {self.incoming.title} with {theirs}"

    def _chosen(self) -> None:
        self.list.choices_changed()
        self._tell_counts()

    def _shown(self) -> None:
        merged = self.reviewer.merged
        if merged is None:
            return
        self._strips(merged)
        if self._first:
            self._first = False
            self._bench.turns.add(self._begin, self)
        self._bench.turns.add(self._keep_in_sight, self)  # the strips may have taken room from the list

    def _keep_in_sight(self) -> None:
        if self.current is not None:
            self.list.select(self.current.id)

    def _begin(self) -> None:
        """Looks at the first thing that has to be decided, else at the first change."""
        found = self.reviewer.outlook
        assert found is not None
        self.strips.fit(max(cut.end() for cut in self.sides.cuts.values()))
        first = next((row for row in found.rows if row.questions), found.rows[0] if found.rows else None)
        if first is not None:
            self.show_row(first, play=False)

    def _failed(self, words: str) -> None:
        self._bench.say(words, "danger")
        if self.reviewer.outlook is None:
            self.footer.words.setText(words)
            self.list.say(words)
        self._tell_counts()

    # looking at changes

    def show_row(self, row: Row, *, play: bool | None = None) -> None:
        """Looks at a change: selected, marked, played from three seconds before."""
        self.current = row
        found = self.reviewer.outlook
        if found is not None and not tracks_of(found, row) <= set(self._tracks):
            self._strips(self.reviewer.merged or found.sides.merged)
        self._bench.turns.add(self._keep_in_sight, self)
        self._look_at(row.at, row.end, play)
        self.decisions.show_question(row.questions[0] if row.questions else "")
        self._tell_where()

    def show_question(self, question: Question) -> None:
        """Looks at something that has to be decided."""
        found = self.reviewer.outlook
        row = found.by_id.get(question.row) if found is not None else None
        if row is not None:
            self.show_row(row)
        self._look_at(question.at, question.end, None)
        self.decisions.show_question(question.id)

    def _look_at(self, start: int, end: int, play: bool | None) -> None:
        self.strips.show_range(start, end)
        playing = self.sides.transport.playing if play is None else play
        self.sides.go(start, end, loop=self.play_row.loop.isChecked(), play=playing)

    def step(self, by: int) -> None:
        """The next or previous change of the list as it is shown."""
        rows = self.list.rows
        if not rows:
            return
        at = next((n for n, one in enumerate(rows) if self.current is not None and one.id == self.current.id), -1 if by > 0 else 0)
        self.show_row(rows[(at + by) % len(rows)])

    def decide_next(self) -> None:
        """Looks at the next one that is still open."""
        open_ = self.reviewer.open
        if open_:
            now = self.current.id if self.current is not None else ""
            self.show_question(next((one for one in open_ if one.row != now), open_[0]))

    def _row_chosen(self, row: Row) -> None:
        if self.current is None or row.id != self.current.id:
            self.show_row(row)

    def _picked(self, clip: str) -> None:
        row = next((one for one in self.list.rows if clip in one.records), None)
        if row is not None:
            self.show_row(row)

    def _refilled(self) -> None:
        if self.current is not None:
            self.list.select(self.current.id)
        self._tell_where()

    def _tile(self, _asset: str) -> None:
        self.list.pictured()

    # playing

    def toggle(self) -> None:
        self._bench.transport.stop()
        self.sides.transport.toggle()

    def hear(self, side: str) -> None:
        """Whose sound is heard."""
        self.sides.hear(side)

    def _heard(self) -> None:
        for side, player in self.players.items():
            player.set_on(side == self.sides.heard)
        self.play_row.tell_sound(self.sides.heard)

    def frames(self, by: int) -> None:
        self.sides.transport.step(by)

    def _go(self, ticks: int) -> None:
        self.sides.transport.seek(int(ticks))

    def _moved(self, ticks: int) -> None:
        self.strips.set_playhead(ticks)
        self.play_row.time.setText(format_timecode(ticks, self._bench.rate))

    # choosing

    def tick(self) -> None:
        """Ticks the change that is looked at, or takes the tick away."""
        if self.current is not None:
            self.reviewer.tick(self.current)

    def choose_all(self, choice: str, what: str = "all") -> None:
        """Mine, theirs or merged for all that the list shows, for what of it ends after the playhead (`later`), or for what of it is in
        the marked range (`range`)."""
        start, end = {"later": (self.sides.transport.ticks, None), "range": self.marked}.get(what, (None, None))
        if what == "range" and start is None and end is None:
            self._bench.say(HOW_TO_MARK, "info")
            return
        self.reviewer.choose_all(choice, [one for one in self.list.rows if within(one, start, end)])

    @property
    def marked(self) -> tuple[int | None, int | None]:
        """The range that choices can be made for (ticks, end exclusive); None: without that end."""
        return self.strips.marked

    def mark(self, start: int | None, end: int | None) -> None:
        """Marks a range; the newer of two ends that would cross removes the other."""
        if start is not None and end is not None and end <= start:
            start, end = (start, None) if end == self.marked[1] else (None, end)
        self.strips.set_marked(start, end)
        rate = self._bench.rate
        first, last = ("" if at is None else format_timecode(at, rate) for at in (start, end))
        self.list.tell_marked(f"{first or 'the start'} – {last or 'the end'}" if first or last else "")

    def _try(self, question: Question, key: str) -> None:
        """Plays an option without choosing it."""
        self.show_question(question)
        self.reviewer.try_out(self.reviewer.choices.answering(question.id, key))
        self._look_at(question.at, question.end, True)
        option = question.option(key)
        if option is not None:
            self.players["merged"].words.setText(f"as it would be: {option.title}")

    # the end

    def apply(self) -> None:
        if self.reviewer.outlook is not None and not self.reviewer.busy:
            self.footer.apply.setEnabled(False)
            self.reviewer.apply()

    def _applied(self, found: Applied) -> None:
        words = f"Merged {found.merged} edits from {self.incoming.title}"
        if found.open:
            words += f"; {found.open} to settle later, see the markers"
        self._bench.say(words, "ok")
        if found.refused:
            self._bench.say(f"A choice could not be carried out: {found.refused}", "warn")
        QTimer.singleShot(0, self, lambda: self.closed.emit(True))

    def keep_as_branch(self) -> None:
        if self.reviewer.outlook is not None and not self.reviewer.busy:
            self.reviewer.keep_as_branch()

    def _branched(self, name: str) -> None:
        self._bench.say(f"Kept as the branch “{name}”; your cut is as it was", "ok")
        self.closed.emit(True)

    def not_now(self) -> None:
        """Leaves everything as it is; what waits goes on waiting."""
        self.closed.emit(False)

    # words

    def _tell_where(self) -> None:
        rows = self.list.rows
        at = next((n for n, one in enumerate(rows) if self.current is not None and one.id == self.current.id), None)
        self.play_row.where.setText(f"Change {at + 1} of {len(rows)}" if at is not None else f"{len(rows)} changes" if rows else "")
        if at is not None and self.current is not None:
            asks = ", needs a decision" if self.list.changes.state(self.current)[0] == "open" else ""
            self.list.table.setAccessibleDescription(f"Change {at + 1} of {len(rows)}, {self.current.name}{asks}")

    def _tell_counts(self) -> None:
        found = self.reviewer.outlook
        open_ = len(self.reviewer.open)
        chosen = [found.by_id.get(row) for row in self.reviewer.choices.rows] if found is not None else []
        out = sum(1 for one in chosen if one is not None and not one.questions and self.reviewer.left_out(one))
        ticked = (sum(1 for one in found.rows if not one.questions) if found is not None else 0) - out
        self.footer.set(ticked, (len(found.questions) if found is not None else 0) - open_, open_, ready=found is not None)
        if self.reviewer.merged is not None:
            self.players["merged"].words.setText("with your choices")

    def take_down(self) -> None:
        """Before the page goes: processes and the thread end, actions are given back. Safe to call twice."""
        if self._down:
            return
        self._down = True
        self._bench.turns.leave(self)
        self._steps.close()
        if self._built:
            self._bench.actions.unbind(*(name for name in ACTIONS if name in self._bench.actions))
            self._bench.tiles.ready.disconnect(self._tile)
        self.reviewer.close()
        if hasattr(self, "sides"):
            self.sides.close()
