"""Comparing two versions or branches: two players on one clock, two strips, what differs, and taking it over.

Owns: the page. Refuses: reading versions and branches (see `bridge.versions`), and the merge review.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QStackedWidget, QTableView, QVBoxLayout, QWidget

from app.desktop.bridge import Deck, Workbench
from app.desktop.canvas.look import Look
from app.desktop.canvas.picture import Picture
from app.desktop.canvas.timecode_field import TimecodeField
from app.desktop.compare.pair import SIDES, Cut, Pair
from app.desktop.compare.strips import COLOURS, Strips
from app.desktop.compare.table import Changes
from app.desktop.shell.actions.versions import review_branch
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.basics import IconLabel, LiveIconButton, Words, button, column, frame, label, row, set_role
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.segments import Segments
from app.services.branch_picks import Look as Offered
from editor_core.document import Snapshot
from editor_core.schema import Clip
from editor_core.sync.differences import Difference

NOW = "The film"


class ComparePage(QFrame):
    """`first` stands left, `second` right; an empty name is the film as it is. `kind` is version or branch."""

    context = "compare"

    def __init__(self, bench: Workbench, first: str, second: str, kind: str) -> None:
        super().__init__()
        self._bench, self._names, self._kind = bench, (first, second), kind
        self.setProperty("surface", "canvas")
        self.setAccessibleName("Compare")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.pair: Pair | None = None
        self._cuts: dict[str, Cut] = {}
        self._offered: Offered | None = None
        self._down = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(bench.theme.px(4))
        self._waiting = Empty(bench.theme, "git-compare", "Reading …")
        self._layout.addWidget(self._waiting)
        self._again = QTimer(self, singleShot=True, interval=500)
        self._again.timeout.connect(self._read)
        bench.listen(lambda *_: self._again.start() if "" in self._names else None, self)
        self._read()

    @property
    def branch(self) -> str:
        """The branch whose changes can be taken, if this compares the film with one."""
        return self._names[1] if self._kind == "branch" and self._names[0] == "" else ""

    def take_down(self) -> None:
        """Ends the players' processes; the program's viewer has its renderer back."""
        self._down = True
        self._again.stop()
        self._bench.actions.unbind("compare.next", "compare.previous")
        if self.pair is not None:
            self._bench.late.pop("page deck", None)
            self.pair.close()

    # reading

    def _read(self) -> None:
        if self.branch:
            self._bench.versions.read_branch(self.branch, self._offers)
            return
        for side, name in zip(SIDES, self._names, strict=True):
            if name:
                self._bench.versions.read(name, lambda view, s=side, n=name: self._came(s, Cut(n, self._when(n), view)))
            else:
                self._came(side, self._film())

    def _film(self) -> Cut:
        current = self._bench.versions.current
        return Cut(current if self._kind == "branch" else NOW, "as it is now", self._bench.snapshot, {}, True)

    def _when(self, name: str) -> str:
        from app.services.blaming import clock

        found = next((one for one in self._bench.versions.rows if one["name"] == name), None)
        return f"of {clock(found['time'])}" if found is not None else ""

    def _offers(self, found: Offered, places: Any) -> None:
        self._offered = found
        self._cuts = {"left": Cut(self._bench.versions.current, "the film as it is", found.film, {}, True),
                      "right": Cut(self.branch, "the branch", found.copy, places)}
        self._ready()

    def _came(self, side: str, cut: Cut) -> None:
        self._cuts[side] = cut
        if len(self._cuts) == 2:
            self._ready()

    def _ready(self) -> None:
        if not self._down:
            left, right = self._cuts["left"].view, self._cuts["right"].view
            self._bench.versions.compare(left, right, lambda found: self._show(found, left, right))

    # showing

    def _show(self, found: list[Difference], left: Snapshot, right: Snapshot) -> None:
        if self._down:
            return
        if self.pair is None:
            self._build()
        else:
            for side in SIDES:
                if self.pair.cuts[side].view is not self._cuts[side].view:
                    self.pair.replace(side, self._cuts[side])
        offers = self._offered.offers if self._offered is not None else None
        pickable = offers.ids if offers is not None else []
        new = self.changes.rows == [] and not self.changes.pickable
        self.changes.show(found, left, right, pickable, offers.both if offers is not None else {})
        if new and pickable:
            self.changes.tick(set(pickable))
        self.strips.show_differences(found)
        totals = {kind: sum(one.kind == kind for one in found) for kind in COLOURS}
        for kind, widget in self._totals.items():
            widget.setText(f"{kind.capitalize()}  <b>{totals[kind]}</b>")
        self._body.setCurrentIndex(0 if found else 1)
        if new and found:
            self.choose(0)

    def _build(self) -> None:
        bench, theme = self._bench, self._bench.theme
        self._waiting.hide()
        places = {asset: list(bench.services.project.file.locations.get(asset)) for asset in bench.services.project.file.locations}
        self.pair = Pair(bench, self._cuts["left"], self._cuts["right"], places, self)
        bench.late["page deck"] = Deck(self.pair.transport, self.pair.feeds["right"])
        self._layout.addWidget(self._header())
        middle = frame("panel")
        inside = column(margins=(0, 0, 0, 0))
        players = row(*(self._player(side) for side in SIDES), spacing=theme.px(4), margins=(theme.px(4), theme.px(2), theme.px(4), 0))
        inside.addLayout(players, 1)
        inside.addWidget(self._transport())
        middle.setLayout(inside)
        self._layout.addWidget(middle, 5)
        self.strips = Strips(theme, self.pair)
        self.strips.went.connect(self.pair.transport.seek)
        self.strips.picked.connect(lambda record: self.choose(self.changes.place_of(record)))
        self._layout.addWidget(self.strips)
        self._layout.addWidget(self._table(), 4)
        self._layout.addWidget(self._footer())
        bench.actions.bind("compare.next", lambda: self.step(1))
        bench.actions.bind("compare.previous", lambda: self.step(-1))
        self.pair.again()

    def _header(self) -> QWidget:
        theme = self._bench.theme
        bar = frame("panel")
        self._totals: dict[str, QLabel] = {}
        words = f"{self._cuts['left'].name} and {self._cuts['right'].name}"
        items: list[QWidget | int | None] = [IconLabel(theme, "git-compare", "accent", 20), label(theme, "Compare", font="title"),
                                             label(theme, words, "secondary"), None]
        for kind, token in COLOURS.items():
            dot = QLabel()
            dot.setFixedSize(theme.px(8), theme.px(8))
            dot.setStyleSheet(f"background: {theme.color(token).name()}; border-radius: {theme.px(2)}px;")
            self._totals[kind] = label(theme, "", font="body")
            self._totals[kind].setTextFormat(Qt.TextFormat.RichText)
            items += [dot, self._totals[kind], theme.px(6)]
        items += [theme.px(6), LiveIconButton(theme, "x", "Close (Esc)", self.close_page)]
        bar.setLayout(row(*items, spacing=theme.px(8), margins=(theme.px(14), theme.px(6), theme.px(10), theme.px(6))))
        return bar

    def _player(self, side: str) -> QWidget:
        assert self.pair is not None
        theme, cut, feed = self._bench.theme, self._cuts[side], self.pair.feeds[side]
        holder = QWidget()
        picture = Picture(self._bench, Look(theme), holder)
        picture.size_of = lambda: self.pair.size(side) if self.pair is not None else (16, 9)
        picture.feed = None if cut.now else feed
        picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        picture.setAccessibleName(f"{cut.name} picture")
        icon = "git-branch" if self._kind == "branch" else "film" if cut.now else "bookmark"
        head = row(IconLabel(theme, icon, "text-2", 14), label(theme, cut.name, font="strong"), label(theme, cut.words, "secondary"), None,
                   spacing=theme.px(6), margins=(theme.px(6), 0, theme.px(6), 0))
        inside = column(spacing=theme.px(4), margins=(0, theme.px(4), 0, 0))
        inside.addLayout(head)
        inside.addWidget(picture, 1)
        holder.setLayout(inside)

        def arrived(image: QImage, ticks: object) -> None:
            picture.show_frame(image)

        connect_for(feed.arrived, arrived, picture)
        if not feed.image.isNull():
            picture.show_frame(feed.image)
        return holder

    def _transport(self) -> QWidget:
        assert self.pair is not None
        theme, pair = self._bench.theme, self.pair
        bar = QWidget()
        self.timecode = TimecodeField(Look(theme), lambda: pair.transport.rate, "Time", parent=bar)
        self.timecode.went.connect(pair.transport.seek)
        pair.transport.moved.connect(lambda ticks: self.timecode.set_ticks(ticks))
        self._place = label(theme, "", "secondary")
        self.play = LiveIconButton(theme, "play", "Play (Space)", pair.transport.toggle, side=28)
        pair.transport.state_changed.connect(self._dress_play)
        self.sound = Segments(theme, "Whose sound is heard", [(side, self._cuts[side].name[:24]) for side in SIDES], pair.heard, height=24)
        self.sound.chosen.connect(pair.hear)
        previous = button(theme, "Previous change", lambda: self.step(-1), icon="chevron-left", kind="outline")
        following = button(theme, "Next change", lambda: self.step(1), icon="chevron-right", kind="outline")
        back = LiveIconButton(theme, "step-back", "One frame back (Left)", lambda: pair.transport.step(-1))
        forward = LiveIconButton(theme, "step-forward", "One frame forward (Right)", lambda: pair.transport.step(1))
        for one in (previous, following):
            one.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space to playing
        left = row(self.timecode, self._place, None, spacing=theme.px(8))
        right = row(None, label(theme, "Sound", "tertiary", "label"), self.sound, spacing=theme.px(6))
        whole = row(spacing=theme.px(6), margins=(theme.px(10), theme.px(4), theme.px(10), theme.px(4)))
        whole.addLayout(left, 1)
        for one in (previous, back, self.play, forward, following):
            whole.addWidget(one)
        whole.addLayout(right, 1)
        bar.setLayout(whole)
        return bar

    def _table(self) -> QWidget:
        bench, theme = self._bench, self._bench.theme
        holder = frame("panel")
        self.changes = Changes(bench, (self._cuts["left"].name, self._cuts["right"].name), self)
        self.table = QTableView()
        self.table.setObjectName("compareTable")
        self.table.setModel(self.changes)
        self.table.setFont(theme.font("body"))
        self.table.setAccessibleName("What differs")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(30))
        self.table.setIconSize(QSize(theme.px(38), theme.px(22)))
        header = self.table.horizontalHeader()
        header.setFont(theme.font("label"))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for section, width in enumerate((30, 110, 260)):
            header.resizeSection(section, theme.px(width))
        for section in (3, 4):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnHidden(0, not self.branch)
        self.table.selectionModel().currentRowChanged.connect(self._moved_to)
        self.table.doubleClicked.connect(lambda index: self.look_at(index.row(), play=True))
        self.changes.ticks_changed.connect(self._tell)
        self._body = QStackedWidget()
        self._body.addWidget(self.table)
        self._body.addWidget(Empty(theme, "circle-check", "Nothing differs"))
        holder.setLayout(column(self._body, margins=(theme.px(4), theme.px(4), theme.px(4), 0)))
        return holder

    def _footer(self) -> QWidget:
        bench, theme = self._bench, self._bench.theme
        bar = frame("panel")
        self._count = Words("")
        self._count.setFont(theme.font("body"))
        items: list[Any] = [self._count, None]
        if self.branch:
            self.none = button(theme, "Tick none", lambda: self.changes.tick(set()), kind="ghost")
            self.all = button(theme, "Tick all", lambda: self.changes.tick(set(self.changes.pickable)), kind="ghost")
            self.switch = button(theme, "Switch to it", lambda: bench.shell.switch_branch(self.branch), kind="outline", icon="git-branch")
            self.whole = button(theme, "Merge all …", lambda: review_branch(bench, self.branch), kind="outline", icon="git-merge")
            self.take = button(theme, "Take the ticked ones", self._take, kind="primary")
            items += [self.none, self.all, theme.px(8), self.switch, self.whole, self.take]
        elif self._kind == "version":
            name = self._names[0] or self._names[1]
            self.restore = button(theme, f"Restore {name[:40]}", lambda: bench.versions.restore(name, self.close_page), kind="primary")
            items.append(self.restore)
        bar.setLayout(row(*items, spacing=theme.px(6), margins=(theme.px(14), theme.px(8), theme.px(10), theme.px(8))))
        self._tell()
        return bar

    # doing

    def close_page(self) -> None:
        self._bench.shell.close_page()

    def step(self, direction: int) -> None:
        """To the next or previous change."""
        rows = len(self.changes.rows)
        if rows:
            here = self.table.currentIndex().row()
            self.choose((here + direction) % rows if here >= 0 else 0 if direction > 0 else rows - 1)

    def choose(self, place: int) -> None:
        """Selects a row and shows it."""
        if 0 <= place < len(self.changes.rows):
            self.table.selectRow(place)
            self.table.setCurrentIndex(self.changes.index(place, 2))

    def look_at(self, place: int, *, play: bool = False) -> None:
        """Shows a change in the players and the strips."""
        assert self.pair is not None
        one = self.changes.rows[place]
        self.strips.choose(one.id)
        self._place.setText(f"Change {place + 1} of {len(self.changes.rows)}")
        if any(isinstance(self._cuts[side].view.record(one.id), Clip) for side in SIDES) or one.start:
            self.pair.go(one.start, play=play)

    def _moved_to(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.look_at(current.row())

    def _take(self) -> None:
        if self._offered is not None:
            self.table.setFocus()  # else Qt gives the keys to whatever comes next when the button is greyed: the top bar
            self.take.setEnabled(False)
            self._bench.versions.pick(self.branch, self._offered, sorted(self.changes.ticked), lambda _: self._again.start())
            self._tell()

    def _tell(self) -> None:
        if not self.branch:
            count = len(self.changes.rows)
            self._count.setText(f"{count} difference{'' if count == 1 else 's'}")
            return
        ticked, whole = len(self.changes.ticked), len(self.changes.pickable)
        needed = len(self._offered.offers.with_needs(self.changes.ticked)) - ticked if self._offered is not None else 0
        words = f"{ticked} of {whole} changes ticked" if whole else f"The film has all that {self.branch} changed"
        self._count.setText(words + (f"; {needed} more come along, because they are needed" if needed > 0 else ""))
        set_role(self._count, "role", "")
        if hasattr(self, "take"):
            self.take.setEnabled(bool(ticked))
            self.take.setText("Take the ticked one" if ticked == 1 else f"Take the ticked {ticked}" if ticked else "Take the ticked ones")
            self.whole.setEnabled(bool(whole))
            self.none.setEnabled(bool(ticked))
            self.all.setEnabled(ticked < whole)

    def _dress_play(self) -> None:
        assert self.pair is not None
        playing = self.pair.transport.playing
        self.play.set_icon("pause" if playing else "play", "Pause (Space)" if playing else "Play (Space)")
