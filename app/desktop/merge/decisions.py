"""What has to be decided, as cards beside the players; below them what was checked and who did what.

Owns: a card for each question with its options, one suggested, each to be played before it is chosen. Refuses: deciding.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QProgressBar, QRadioButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.canvas.look import Look
from app.desktop.merge.delegate import paint_thumbnail
from app.desktop.merge.players import Badge, badge_of
from app.desktop.merge.reviewer import Reviewer
from app.desktop.widgets.basics import IconLabel, LiveIconButton, button, clear, column, frame, label, line, plain_tip, row
from app.services.review.questions import Option, Question
from editor_core.schema import Clip
from editor_core.timing import format_timecode

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench

MOST_CARDS = 200
"""With more to decide the list has the rest."""
CARDS_MS = 120
"""When cards are made after it is known what to decide: the list, the strips and the first picture come first."""
AHEAD = 3
"""So many cards below those in sight are there; the rest are made when they come near."""


class Thumb(QWidget):
    """A small picture of a clip."""

    def __init__(self, bench: Workbench, clip: Clip | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench, self._clip = bench, clip
        self.look = Look(bench.theme)
        self.setFixedSize(QSize(bench.theme.px(64), bench.theme.px(36)))
        bench.tiles.ready.connect(self._ready)

    def _ready(self, asset: str) -> None:
        if self._clip is not None and asset == self._clip.asset:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_thumbnail(painter, self._bench, self.look, self.rect(), self._clip)
        painter.end()


class Card(QFrame):
    """One question. `picked(question)` when it is clicked, `answered(question, key)`, `tried(question, key)` to play an option."""

    picked = Signal(object)
    answered = Signal(object, str)
    tried = Signal(object, str)

    def __init__(self, bench: Workbench, question: Question, clips: list[Clip | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._theme = theme
        self.question = question
        self._on = False
        self.setProperty("surface", "raised")
        self.setAccessibleName(f"{question.title}, {question.text}")
        self.icon = IconLabel(theme, "triangle-alert", "warn", 16)
        title = label(theme, question.title, font="strong", cut=True)
        when = button(theme, format_timecode(question.at, bench.rate), lambda: self.picked.emit(question), kind="link")
        head = row(self.icon, title, when, spacing=theme.px(8))
        text = label(theme, question.text, "secondary", wrap=True)
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        about = row(text, *(Thumb(bench, clip) for clip in clips[:2]), spacing=theme.px(4))
        about.setStretch(0, 1)
        layout = column(head, about, line(), spacing=theme.px(6), margins=(theme.px(10), theme.px(8), theme.px(10), theme.px(6)))
        self._group = QButtonGroup(self)
        self.radios: dict[str, QRadioButton] = {}
        for option in question.options:
            layout.addLayout(self._option(bench, option))
        self.setLayout(layout)

    def _option(self, bench: Workbench, option: Option) -> Any:
        theme = bench.theme
        made = Choice(option.title, theme.px(24))
        made.setFont(theme.font("body"))
        made.setToolTip(plain_tip(option.title))
        made.setAccessibleName(option.title + (", suggested" if option.suggested else ""))
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        made.clicked.connect(lambda _checked=False, key=option.key: self.answered.emit(self.question, key))
        self._group.addButton(made)
        self.radios[option.key] = made
        play = LiveIconButton(theme, "play", f"Play: {option.title}", lambda key=option.key: self.tried.emit(self.question, key), size=14)
        words = [label(theme, "Suggested", "tertiary")] if option.suggested else []
        laid = row(made, *words, play, spacing=theme.px(6))
        laid.setStretch(0, 1)
        return laid

    def show_answer(self, key: str, settled: bool) -> None:
        """Which option is chosen; `settled` also where the list decided it."""
        self._group.setExclusive(False)
        for name, made in self.radios.items():
            made.setChecked(name == key)
        self._group.setExclusive(True)
        self.icon.set("circle-check" if settled else "triangle-alert", "ok" if settled else "warn")

    def set_on(self, on: bool) -> None:
        if on != self._on:
            self._on = on
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.picked.emit(self.question)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._theme.color("raised"))
        painter.setPen(QPen(self._theme.color("warn" if self._on else "line-subtle"), 1.5 if self._on else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()


class Choice(QRadioButton):
    """A radio button whose words end in … where there is no room; `mark` is the width of its circle in pixels."""

    def __init__(self, words: str, mark: int) -> None:
        super().__init__()
        self._words, self._mark = words, mark
        self.setText(words.replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        cut = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, max(20, self.width() - self._mark))
        self.setText(cut.replace("&", "&&"))


class Decisions(QFrame):
    """The right side of the page. Signals as those of the cards."""

    picked = Signal(object)
    tried = Signal(object, str)

    def __init__(self, bench: Workbench, reviewer: Reviewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._bench, self._reviewer = bench, reviewer
        self.setProperty("surface", "panel")
        self.setAccessibleName("Decisions")
        self.title = label(theme, "Needs a decision", font="strong")
        self.count = label(theme, "", "tertiary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(theme.px(60))
        self.bar.setAccessibleName("Decided")
        head = row(self.title, None, self.count, self.bar, spacing=theme.px(8),
                   margins=(theme.px(12), theme.px(8), theme.px(12), theme.px(8)))
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(theme.px(10), 0, theme.px(10), theme.px(10))
        self._list.setSpacing(theme.px(8))
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self.area = area
        self.cards: dict[str, Card] = {}
        self._waiting: list[Question] = []
        self._boxes: list[Any] = []
        self._shown = ""
        self._wanted = ""
        area.verticalScrollBar().valueChanged.connect(self._go_on)
        area.verticalScrollBar().rangeChanged.connect(self._go_on)
        layout = column(head, line(), area)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        reviewer.looked.connect(self._fill)
        reviewer.chosen.connect(self.tell)

    def _fill(self) -> None:
        clear(self._list)
        while self._list.count():
            self._list.takeAt(0)
        self.cards, self._waiting = {}, []
        found = self._reviewer.outlook
        if found is None:
            return
        self._waiting = list(found.questions[:MOST_CARDS])
        if not found.questions:
            nothing = label(self._bench.theme, "Nothing has to be decided.", "secondary")
            nothing.setContentsMargins(self._bench.theme.px(4), self._bench.theme.px(6), 0, self._bench.theme.px(4))
            self._list.addWidget(nothing)
        self._wanted, self._boxes = "", [self._checked, self._who]
        self.tell()
        QTimer.singleShot(CARDS_MS, self, self._more)

    def _more(self) -> None:
        self._bench.turns.add(self._add_card, self)

    def _go_on(self) -> None:
        if self._near() and (self._waiting or self._boxes):
            self._more()

    def _near(self) -> bool:
        """Whether the end of what was made is in sight, or nearly."""
        bar = self.area.verticalScrollBar()
        return self._list.sizeHint().height() < bar.value() + self.area.viewport().height() + AHEAD * self._bench.theme.px(150)

    def _add_card(self) -> None:
        """One card, or what stands below them; the next a moment later, so that the window goes on answering."""
        with undisturbed(self._bench):
            if self._waiting:
                self._make(self._waiting.pop(0))
            elif self._boxes:
                self._list.addWidget(self._boxes.pop(0)())
                if not self._boxes:
                    self._list.addStretch(1)
        if (self._waiting or self._boxes) and (self._wanted or self._near()):
            self._more()

    def _make(self, question: Question) -> None:
        card = Card(self._bench, question, [self._clip(i) for i in question.clips])
        card.picked.connect(self.picked)
        card.answered.connect(self._reviewer.answer)
        card.tried.connect(self.tried)
        card.set_on(question.id == self._shown)
        card.show_answer(self._reviewer.choices.answers.get(question.id, ""), question not in self._reviewer.open)
        self._list.insertWidget(len(self.cards), card)
        self.cards[question.id] = card
        if question.id == self._wanted:
            self._wanted = ""
            QTimer.singleShot(0, self, lambda: self.show_question(question.id))

    def _clip(self, clip: str) -> Clip | None:
        found = self._reviewer.outlook
        assert found is not None
        sides = found.sides
        every = [view.record(clip) for view in (sides.merged, sides.mine, sides.theirs)]
        return next((r for r in every if isinstance(r, Clip)), None)

    def tell(self) -> None:
        """Answers and counts as they are now."""
        found = self._reviewer.outlook
        if found is None:
            return
        open_ = {one.id for one in self._reviewer.open}
        for key, card in self.cards.items():
            card.show_answer(self._reviewer.choices.answers.get(key, ""), key not in open_)
        total = len(found.questions)
        done = total - len(open_)
        self.title.setText(f"Needs a decision  {total}" if total else "Needs a decision")
        self.count.setText(f"{done} of {total} decided" if total else "")
        self.bar.setVisible(bool(total))
        self.bar.setUpdatesEnabled(False)  # a bar that is set paints itself, and all that waits to be painted, at once
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self.bar.setUpdatesEnabled(True)

    def show_question(self, question_id: str) -> None:
        """Frames the card that is looked at."""
        self._shown = question_id
        for key, card in self.cards.items():
            card.set_on(key == question_id)
        self._wanted = question_id if any(one.id == question_id for one in self._waiting) else ""
        if self._wanted:
            self._more()
        if question_id in self.cards:
            self.area.ensureWidgetVisible(self.cards[question_id], 0, 40)

    def _checked(self) -> QWidget:
        theme, found = self._bench.theme, self._reviewer.outlook
        assert found is not None
        made, layout = self._box("circle-check", "ok", "Checked and clean")
        for one in found.checked:
            layout.addLayout(row(label(theme, one.what, "secondary"), None, label(theme, one.found, "" if one.well else "warn")))
        return made

    def _who(self) -> QWidget:
        theme, found = self._bench.theme, self._reviewer.outlook
        assert found is not None
        made, layout = self._box("users", "text-3", "Who changed what")
        for share in found.who:
            when = datetime.datetime.fromtimestamp(share.last / 1000)
            today = when.date() == datetime.datetime.now().date()
            words = f"{share.name}, last at {when:%H:%M}" if today else f"{share.name}, last on {when:%d %b %H:%M}"
            badge = Badge(theme, *badge_of(self._bench, share.name, share.mine), share.name, 16)
            layout.addLayout(row(badge, label(theme, words, "secondary", cut=True), label(theme, str(share.edits)), spacing=theme.px(8)))
        return made

    def _box(self, icon: str, colour: str, title: str) -> tuple[QWidget, QVBoxLayout]:
        theme = self._bench.theme
        made = frame("well")
        made.setAccessibleName(title)
        layout = column(row(IconLabel(theme, icon, colour, 16), label(theme, title, font="strong"), None, spacing=theme.px(8)),
                        spacing=theme.px(6), margins=(theme.px(10), theme.px(8), theme.px(10), theme.px(8)))
        made.setLayout(layout)
        return made, layout
