"""The panel: filters with counts, the threads, reply field and Resolve, notices, export.

Owns: putting the parts together and what clicks and keys in them do. Refuses: layout of a card (see `cards`).
"""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.discussion import FILTERS, Shown
from app.desktop.canvas.header_note import refresh_note
from app.desktop.panels.comments.cards import Cards
from app.desktop.panels.comments.composer import Composer
from app.desktop.panels.comments.mentions import MentionField
from app.desktop.panels.comments.thread_list import ThreadList, Threads
from app.desktop.widgets.basics import LiveIconButton, button, label, plain_tip
from app.desktop.widgets.empty import Empty
from app.services.commenting import comments_plain, marker_steps, write_csv
from app.services.errors import AppError
from editor_core.comments import Comment

_EMPTY = {"open": ("No comments", "Press {key} to comment at the playhead."),
          "mine": ("Nothing concerns you", "Comments that name you, that you made or that are your task stand here."),
          "tasks": ("No tasks", "A comment becomes a task when it is given to somebody."),
          "resolved": ("Nothing resolved yet", "Threads that are done stand here.")}


class CommentsPanel(QWidget):
    """Everything about comments."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self.talk = bench.comments
        theme = bench.theme
        self.cards = Cards(bench)
        self.list = ThreadList(bench, self.cards)
        self.model = Threads(self.cards, self)
        self.list.setModel(self.model)
        self.list.customContextMenuRequested.connect(self._menu)
        self.reply = MentionField(theme, "Reply", "Reply", self.talk.people, 1)
        self.reply.sent.connect(self._send_reply)
        self.reply.left.connect(lambda: self.list.setFocus())
        self._resolve = button(theme, "Resolve", lambda: bench.actions.trigger("comment.resolve"), kind="outline", icon="check",
                               compact=True)
        foot = QHBoxLayout(self.list.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(theme.px(6))
        foot.addWidget(self.reply, 1)
        foot.addWidget(self._resolve)
        self.composer = Composer(bench, self)
        self.composer.left.connect(self.list.setFocus)
        self._chips: dict[str, QToolButton] = {}
        chips = QHBoxLayout()
        chips.setContentsMargins(theme.px(8), theme.px(5), theme.px(6), theme.px(5))
        chips.setSpacing(theme.px(4))
        for key, words in FILTERS:
            chips.addWidget(self._chip(key, words))
        chips.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self.talk.drafted.connect(self.refresh)  # what to do is not said while it is being done
        self._empties: dict[str, Empty] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._refusal = label(theme, "", "tertiary", "label", wrap=True)
        self._refusal.setContentsMargins(theme.px(12), 0, theme.px(12), theme.px(6))
        layout.addLayout(chips)
        layout.addWidget(self._refusal)
        layout.addWidget(self.composer)
        layout.addWidget(self._stack, 1)
        self._bell = LiveIconButton(theme, "bell", "Notices", size=15, side=22)
        self._bell.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._bell_menu = QMenu(self._bell)
        self._bell_menu.aboutToShow.connect(self._fill_bell)
        self._bell.setMenu(self._bell_menu)
        self._export = LiveIconButton(theme, "download", "Export as a list or as markers", size=15, side=22)
        self._export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._export.setMenu(self._out_menu())
        self._unread = label(theme, "", "accent", "label")
        chips.addWidget(self._bell)
        chips.addWidget(self._unread)
        chips.addWidget(self._export)
        self.talk.changed.connect(self.refresh)
        self.talk.replied.connect(self.to_reply)
        self.talk.notices.changed.connect(self._tell_bell)
        bench.together.changed.connect(self._room_changed)
        bench.theme.changed.connect(self._rethemed)
        self._lend()
        self.refresh()
        self._tell_bell()

    def header_note(self) -> str:
        """How many are open."""
        count = len(self.talk.filtered("open"))
        return str(count) if count else ""

    def focus_target(self) -> QWidget:
        return self.composer.field if self.talk.draft is not None else self.list

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._dress_chips()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # filters

    def _chip(self, key: str, words: str) -> QToolButton:
        chip = QToolButton()
        chip.setCheckable(True)
        chip.setObjectName("filterChip")
        chip.setFont(self._bench.theme.font("label", 500))
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.clicked.connect(lambda _checked=False: self.talk.set_filter(key))
        self._chips[key] = chip
        return chip

    def _dress_chips(self) -> None:
        theme = self._bench.theme
        counts = {key: len(self.talk.filtered(key)) for key, _ in FILTERS}
        room = self.width() - theme.px(14 + 22) - len(FILTERS) * theme.px(18)
        if self._unread.text():
            room -= self._unread.sizeHint().width() + theme.px(22 + 12)
        metrics = QFontMetrics(self._chips["open"].font())
        whole = sum(metrics.horizontalAdvance(f"{words} {counts[key]}" if counts[key] else words) for key, words in FILTERS)
        few = whole + theme.px(26) > room  # a narrow panel counts only what it shows; the list is exported from the menu
        self._export.setVisible(not few or self.width() == 0)
        for key, words in FILTERS:
            chip, count = self._chips[key], counts[key]
            chip.setText(f"{words} {count}" if count and (not few or key == self.talk.filter) else words)
            chip.setAccessibleName(f"{words}, {count}")
            on = self.talk.filter == key
            chip.setChecked(on)
            fill, ink = (theme.hex("accent-soft"), theme.hex("accent")) if on else (theme.hex("hover"), theme.hex("text-2"))
            side = theme.px(2 if few else 6)
            chip.setStyleSheet(f"QToolButton{{background:{fill};color:{ink};border:0;border-radius:{theme.px(8)}px;"
                               f"padding:{theme.px(2)}px {side}px}}QToolButton:focus{{border:1px solid {theme.hex('focus')}}}")

    # following

    def refresh(self) -> None:
        """Shows the threads of the filter."""
        if not self.isVisible() and self.model.rows:
            refresh_note(self)
            return
        rows = self.talk.filtered()
        self.model.show(rows)
        self._dress_chips()
        self._refusal.setText(self.talk.refusal)
        self._refusal.setVisible(bool(self.talk.refusal))
        self._stack.setCurrentWidget(self.list if rows or self.talk.draft is not None else self._empty())
        index = self.list.row_of(self.talk.chosen)
        if index.isValid():
            self.list.selectionModel().setCurrentIndex(index, self.list.selectionModel().SelectionFlag.ClearAndSelect)
        else:
            self.list.selectionModel().clear()
        self.list.doItemsLayout()
        self.list.reveal()
        one = self.talk.current
        self._resolve.setText(" Resolve" if one is None or one.thread.open else " Reopen")
        self.list.viewport().update()
        refresh_note(self)

    def _empty(self) -> Empty:
        key = self.talk.filter
        if key not in self._empties:
            bench = self._bench
            keys = bench.actions.keys("comment.add")
            sentence, more = _EMPTY[key]
            made = button(bench.theme, "Add comment", lambda: bench.actions.trigger("comment.add"), kind="outline",
                          icon="message-square-plus") if key == "open" else None
            self._empties[key] = Empty(bench.theme, "message-square", sentence, more.format(key=keys[0] if keys else "Add comment"), made)
            self._stack.addWidget(self._empties[key])
        return self._empties[key]

    def _room_changed(self) -> None:
        self.cards.forget()
        if self.isVisible():
            self.refresh()

    def _rethemed(self) -> None:
        self.cards.forget()
        self._dress_chips()
        self.list.doItemsLayout()

    # doing

    def _lend(self) -> None:
        bind = self._bench.actions.bind
        bind("comment.export", self.export)
        bind("comment.markers", self.make_markers)

    def _out_menu(self) -> QMenu:
        """Ways out of here for what is said: a table for others, markers for the timeline."""
        menu, actions = QMenu(self), self._bench.actions
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: actions.refresh(("comment.export", "comment.markers")))
        menu.addActions([actions.get("comment.export"), actions.get("comment.markers")])
        return menu

    def to_reply(self) -> None:
        """The cursor goes into the reply field of the chosen thread."""
        if self.talk.current is not None:
            self._bench.shell.show_panel("comments")
            if not self.isVisible():  # there is a panel in each workspace
                return
            self.list.place_foot()
            self.reply.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _send_reply(self) -> None:
        if self.talk.reply(self.reply.text()):
            self.reply.clear()

    def export(self) -> None:
        """Asks for a file and writes the threads of the filter as a table."""
        bench = self._bench
        name = f"{Path(str(bench.project_path or 'film')).stem} comments.csv"
        folder = Path(str(bench.settings.get("folders/last", str(Path.home()))))
        path, _ = QFileDialog.getSaveFileName(self, "Export comments", str(folder / name), "Table (*.csv)")
        if path:
            self.export_to(Path(path))

    def export_to(self, path: Path) -> None:
        """Writes a table."""
        try:
            count = write_csv(self._bench.services.project, path, **self._filters())
        except AppError as error:
            self._bench.say(str(error), "danger")
            return
        self._bench.say(f"{count} rows written to {path.name}", "ok")

    def _filters(self) -> dict[str, bool]:
        key = self.talk.filter
        return {"opened": key != "resolved", "mine": key == "mine", "tasks": key == "tasks", "resolved": key == "resolved"}

    def make_markers(self) -> None:
        """A marker for each thread of the filter, as one step."""
        gesture = f"comment markers {self._bench.document.revision}"
        steps = [json.loads(step) for step in marker_steps(comments_plain(self._bench.services.project, **self._filters()))]
        for step in steps:
            self._bench.run(step["command"], step["args"], gesture=gesture)
        self._bench.say(f"{len(steps)} marker{'' if len(steps) == 1 else 's'} made", "ok")

    def _menu(self, spot: QPoint) -> None:
        found = self.list.comment_at(spot)
        if found is not None:
            self.menu_of(*found).exec(self.list.viewport().mapToGlobal(spot))

    def menu_of(self, one: Shown, comment: Comment) -> QMenu:
        """What can be done with a comment; its thread is chosen then."""
        self.talk.choose(one.thread.id, seek=False)
        bench, thread, menu = self._bench, one.thread, QMenu(self)
        name = thread.name
        menu.setToolTipsVisible(True)
        bench.actions.refresh(("comment.reply", "comment.resolve"))
        menu.addAction("Go there", lambda: self.talk.choose(thread.id))
        menu.addAction(bench.actions.get("comment.reply"))
        menu.addAction(bench.actions.get("comment.resolve"))
        tasks = menu.addMenu("Task for")
        for person in self.talk.people():
            made = tasks.addAction(self.talk.name(person).replace("You", "Me").replace("&", "&&"))
            made.setCheckable(True)
            made.setChecked(thread.assignee is not None and thread.assignee.is_(person))
            who = person.actor or person.name
            made.triggered.connect(lambda _checked=False, to=who: bench.run("comment.assign", {"comment": name, "to": to}))
        tasks.addSeparator()
        tasks.addAction("Nobody", lambda: bench.run("comment.assign", {"comment": name}))
        menu.addAction("Move to playhead", lambda: bench.run("comment.move", {"comment": name, "at": bench.transport.ticks}))
        marker = menu.addAction("Make marker", lambda: bench.run("comment.marker", {"comment": name}))
        markers = menu.addAction("Make markers of all these", self.make_markers)
        if why := bench.barred("marker.add"):
            for action in (marker, markers):
                action.setEnabled(False)
                action.setToolTip(plain_tip(why))
        menu.addSeparator()
        edit = menu.addAction("Edit", lambda: self.talk.edit(comment))
        delete = menu.addAction("Delete", lambda: bench.run("comment.delete", {"comment": comment.name}))
        for action in (edit, delete):
            action.setEnabled(self.talk.may_change(comment) and not comment.removed)
        if self.talk.refusal:
            for action in menu.actions()[1:]:
                action.setEnabled(False)
                action.setToolTip(self.talk.refusal)
        return menu

    # notices

    def _tell_bell(self) -> None:
        count = self.talk.notices.unread
        self._bell.set_icon("bell-dot" if count else "bell", f"{count} new" if count else "Notices")
        self._unread.setText(str(count) if count else "")
        self._unread.setVisible(bool(count))
        self._dress_chips()
        self.list.viewport().update()

    def _fill_bell(self) -> None:
        menu, notices = self._bell_menu, self.talk.notices
        menu.clear()
        if not notices.rows:
            menu.addAction("Nothing new").setEnabled(False)
        for one in notices.rows[:25]:
            made = menu.addAction(one.words.replace("&", "&&"))
            if one.unread:
                made.setIcon(self._bench.theme.icon("dot", "accent"))
                made.setIconVisibleInMenu(True)
            made.triggered.connect(lambda _checked=False, notice=one: self.talk.open_notice(notice))
        if notices.unread:
            menu.addSeparator()
            menu.addAction("Mark all as read", lambda: notices.read())
