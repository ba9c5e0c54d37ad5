"""The page on which a merge is watched and decided before it is accepted.

Owns: putting header, players, strips, list, decisions and footer together, which change is looked at, the page's actions.
Refuses: what a merge is (see `app.services.reviewing`), and when the page is shown (see the shell).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QSplitter,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop.merge.decisions import Decisions
from app.desktop.merge.delegate import ChangePainter
from app.desktop.merge.marks import marks_of, tracks_shown
from app.desktop.merge.parts import Footer, Header, PlayRow
from app.desktop.merge.players import SIDES, Player, Sides, side_badge
from app.desktop.merge.reviewer import Reviewer
from app.desktop.merge.strips import Strips
from app.desktop.merge.table import CLIP, MINE, RESULT, THEIRS, TICK, TIME, Changes
from app.desktop.session import locations
from app.desktop.widgets.basics import column, label, row
from app.desktop.widgets.segments import Segments
from app.services.review.questions import Question
from app.services.review.rows import Row
from app.services.reviewing import Applied, Incoming, Review
from editor_core.document import ChangeSet
from editor_core.timing import format_timecode

if TYPE_CHECKING:
    from app.desktop.bridge import RenderPort, SoundPort, Workbench

ACTIONS = ("merge.player_mine", "merge.player_theirs", "merge.player_merged", "merge.next", "merge.previous", "merge.play", "merge.tick",
           "merge.apply", "merge.not_now", "merge.branch", "merge.decide_next", "merge.step_back", "merge.step_forward", "merge.all_theirs",
           "merge.all_mine")
FOR_ALL = (("Take theirs for all that is listed", "theirs", False), ("Keep mine for all that is listed", "mine", False),
           ("Leave all that is listed as merged", "merged", False), ("Take theirs from the playhead on", "theirs", True),
           ("Keep mine from the playhead on", "mine", True))


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
        self._first = True
        self.reviewer = Reviewer(bench, review or Review(bench.services.project, incoming, bench.post.ask), self)
        self.sides = Sides(bench, makers, self)
        self._build()
        self._connect()
        self._lend()
        self._tell_where()
        self._tell_counts()
        self.reviewer.look()

    # putting it together

    def _build(self) -> None:
        bench, theme = self._bench, self._bench.theme
        self.header = Header(bench)
        self.header.set(f"Your cut and {self.incoming.title}", {})
        self.players = {side: Player(bench, side, self.sides.feeds[side], side.capitalize(), words,
                                     side_badge(bench, side, self.incoming.title))
                        for side, words in zip(SIDES, ("your cut", self.incoming.title, "with your choices"), strict=True)}
        self.players["merged"].set_on(True)
        self.play_row = PlayRow(bench, {"previous": lambda: self.step(-1), "next": lambda: self.step(1), "play": self.toggle,
                                        "back": lambda: self._frames(-1), "forward": lambda: self._frames(1)})
        self.strips = Strips(bench)
        self.strips.names["theirs"] = self.incoming.title
        self.decisions = Decisions(bench, self.reviewer)
        self.footer = Footer(bench, {"not_now": self.not_now, "branch": self.keep_as_branch, "decide": self.decide_next,
                                     "apply": self.apply})
        upper = QFrame()
        upper.setProperty("surface", "panel")
        three = QHBoxLayout()
        three.setContentsMargins(theme.px(2), 0, theme.px(2), 0)
        three.setSpacing(theme.px(4))
        for player in self.players.values():
            three.addWidget(player, 1)
        inner = QVBoxLayout(upper)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addLayout(three, 1)
        inner.addWidget(self.play_row)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(upper)
        split.addWidget(self._lower())
        split.setSizes([theme.px(380), theme.px(560)])
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        self.decisions.setFixedWidth(theme.px(400))
        middle = row(split, self.decisions, spacing=theme.px(4))
        middle.setStretch(0, 1)
        layout = column(self.header, middle, self.footer, spacing=theme.px(4), margins=(0, theme.px(2), 0, theme.px(4)))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setAccessibleName("Merge preview")

    def _lower(self) -> QWidget:
        bench, theme = self._bench, self._bench.theme
        self.changes = Changes(self.reviewer, bench.rate, self)
        self.painter_of_changes = ChangePainter(bench, self.changes, self)
        self.table = QTableView()
        table = self.table
        table.setModel(self.changes)
        table.setItemDelegate(self.painter_of_changes)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setMouseTracking(True)
        table.verticalHeader().hide()
        table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setAccessibleName("Changes")
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setFixedHeight(theme.px(28))
        for number, wide in ((TICK, 40), (TIME, 104), (CLIP, 240), (RESULT, 280)):
            head.setSectionResizeMode(number, QHeaderView.ResizeMode.Fixed)
            table.setColumnWidth(number, theme.px(wide))
        for number in (MINE, THEIRS):
            head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        self.order = Segments(theme, "Order of the list", [("time", "Changes"), ("track", "By track"), ("person", "By person")], "time")
        self.filter = Segments(theme, "Which changes", [("all", "All"), ("mine", "Mine"), ("theirs", "Theirs"), ("decide", "Decide")],
                               "all")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search changes")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(theme.px(200))
        self.search.setAccessibleName("Search changes")
        self.empty = label(theme, "Nothing differs", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.hide()
        made = QFrame()
        made.setProperty("surface", "panel")
        self.all = QToolButton()
        self.all.setText("Choose for all  ▾")
        self.all.setProperty("chip", "true")
        self.all.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.all.setAccessibleName("Choose for all changes that are listed")
        self.all.setToolTip("For every change that the list shows: filter it by person, track or words first")
        menu = QMenu(self.all)
        for words, choice, later in FOR_ALL:
            menu.addAction(words).triggered.connect(lambda _checked=False, c=choice, n=later: self.choose_all(c, from_playhead=n))
        self.all.setMenu(menu)
        edge = (theme.px(8), theme.px(6), theme.px(8), theme.px(6))
        bar = row(self.order, self.all, None, self.filter, self.search, spacing=theme.px(8), margins=edge)
        layout = column(self.strips, bar, table, self.empty)
        layout.setStretch(2, 1)
        made.setLayout(layout)
        return made

    def _connect(self) -> None:
        reviewer, sides = self.reviewer, self.sides
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
        self.order.chosen.connect(lambda key: self.changes.set(order=key))
        self.filter.chosen.connect(lambda key: self.changes.set(show=key))
        self.search.textChanged.connect(lambda text: self.changes.set(words=text))
        self.changes.filtered.connect(self._filtered)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _before: self._row_chosen(now.row()))
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
            "merge.step_back": lambda: self._frames(-1), "merge.step_forward": lambda: self._frames(1),
            "merge.all_theirs": lambda: self.choose_all("theirs"), "merge.all_mine": lambda: self.choose_all("mine")}
        for name, run in runs.items():
            if name in actions:
                actions.bind(name, run)

    # what came

    def _looked(self) -> None:
        found = self.reviewer.outlook
        assert found is not None
        where = getattr(self.incoming, "locations", None)
        places = {**(where() if where is not None else {}), **locations(self._bench.services.project)}
        if where is not None:
            places.update({asset: paths for asset, paths in where().items() if not places.get(asset)})
        self._places = places
        self.header.set(self._whose(), found.totals)
        self.filter.button("all").setText(f"All {len(found.rows)}")
        self.filter.button("mine").setText(f"Mine {sum(1 for r in found.rows if r.mine)}")
        self.filter.button("theirs").setText(f"Theirs {sum(1 for r in found.rows if r.theirs)}")
        self.filter.button("decide").setText(f"Decide {sum(1 for r in found.rows if r.questions)}")
        self.changes.refill()
        self.empty.setVisible(not found.rows)
        self.table.setVisible(bool(found.rows))
        tracks = tracks_shown(found)
        marks = marks_of(found, self.reviewer.open, found.sides.merged)
        for side, view in (("mine", found.sides.mine), ("theirs", found.sides.theirs), ("merged", found.sides.merged)):
            self.strips.take(side, view, tracks, marks[side])

    def _whose(self) -> str:
        found = self.reviewer.outlook
        assert found is not None
        mine, theirs = (sum(s.edits for s in found.who if s.mine is side) for side in (True, False))
        return f"Your cut with {mine} edit{'s' if mine != 1 else ''} and {self.incoming.title} with {theirs}"

    def _chosen(self) -> None:
        self.changes.choices_changed()
        self._tell_counts()
        self.table.viewport().update()

    def _shown(self, change: ChangeSet | None) -> None:
        found, merged = self.reviewer.outlook, self.reviewer.merged
        if found is None or merged is None:
            return
        if change is None:
            self.sides.load(found.sides.theirs, merged, self._places)
            if self._first:
                self._first = False
                self._begin()
        else:
            self.sides.change(change, merged)
        marks = marks_of(found, self.reviewer.open, merged)
        self.strips.take("merged", merged, self._tracks(), marks["merged"])
        QTimer.singleShot(0, self, self._keep_in_sight)  # the strips may have taken room from the list

    def _keep_in_sight(self) -> None:
        number = self.changes.number_of(self.current.id) if self.current is not None else None
        if number is not None:
            self.table.scrollTo(self.changes.index(number, 0))

    def _tracks(self) -> list[str]:
        """The tracks of the strips, with those that a choice made on top."""
        found, merged = self.reviewer.outlook, self.reviewer.merged
        assert found is not None and merged is not None
        shown = tracks_shown(found)
        made = [t.id for t in merged.tracks() if found.sides.merged.record(t.id) is None]
        return [*reversed(made), *shown]

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
            self.empty.setText(words)
            self.empty.show()
            self.table.hide()
        self._tell_counts()

    # looking at changes

    def show_row(self, row: Row, *, play: bool | None = None) -> None:
        """Looks at a change: selected, marked, played from three seconds before."""
        self.current = row
        number = self.changes.number_of(row.id)
        if number is not None and self.table.currentIndex().row() != number:
            self.table.selectRow(number)
            self.table.scrollTo(self.changes.index(number, 0))
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
        rows = [line for line in self.changes.lines if isinstance(line, Row)]
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

    def _row_chosen(self, number: int) -> None:
        row = self.changes.row(number)
        if row is not None and (self.current is None or row.id != self.current.id):
            self.show_row(row)

    def _picked(self, clip: str) -> None:
        number = self.changes.number_of(clip)
        row = self.changes.row(number) if number is not None else None
        if row is not None:
            self.show_row(row)

    def _filtered(self) -> None:
        self.table.clearSpans()
        for number, shown in enumerate(self.changes.lines):
            self.table.setRowHeight(number, self.painter_of_changes.height(number))
            if isinstance(shown, str):
                self.table.setSpan(number, 0, 1, self.changes.columnCount())
        if self.current is not None and (number := self.changes.number_of(self.current.id)) is not None:
            self.table.selectRow(number)
        self._tell_where()

    def _tile(self, _asset: str) -> None:
        self.table.viewport().update()

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

    def _frames(self, by: int) -> None:
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

    def choose_all(self, choice: str, *, from_playhead: bool = False) -> None:
        """Mine, theirs or merged for everything that the list shows, or for what of it ends after the playhead."""
        first = self.sides.transport.ticks if from_playhead else -1
        self.reviewer.choose_all(choice, [line for line in self.changes.lines if isinstance(line, Row) and line.end > first])

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
        self.closed.emit(True)

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
        rows = [line for line in self.changes.lines if isinstance(line, Row)]
        at = next((n for n, one in enumerate(rows) if self.current is not None and one.id == self.current.id), None)
        self.play_row.where.setText(f"Change {at + 1} of {len(rows)}" if at is not None else f"{len(rows)} changes" if rows else "")
        if at is not None and self.current is not None:
            asks = ", needs a decision" if self.changes.state(self.current)[0] == "open" else ""
            self.table.setAccessibleDescription(f"Change {at + 1} of {len(rows)}, {self.current.name}{asks}")

    def _tell_counts(self) -> None:
        found = self.reviewer.outlook
        rows = found.rows if found is not None else ()
        open_ = len(self.reviewer.open)
        ticked = sum(1 for one in rows if not one.questions and not self.reviewer.left_out(one))
        self.footer.set(ticked, (len(found.questions) if found is not None else 0) - open_, open_, ready=found is not None)
        if self.reviewer.merged is not None:
            self.players["merged"].words.setText("with your choices")

    def take_down(self) -> None:
        """Before the page goes: processes and the thread end, actions are given back. Safe to call twice."""
        if self._down:
            return
        self._down = True
        self._bench.actions.unbind(*(name for name in ACTIONS if name in self._bench.actions))
        self._bench.tiles.ready.disconnect(self._tile)
        self.reviewer.close()
        self.sides.close()
