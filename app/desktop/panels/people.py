"""People: who is here, what they do, and following them.

Owns: the list. Refuses: connecting and roles (see `bridge.together`, and the Members dialog).
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.people import Person, activity, initials_of
from app.desktop.canvas.header_note import refresh_note
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.avatar import paint_sign
from app.desktop.widgets.basics import LiveIconButton, button, label, plain_tip
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.rows import ROW, Index, Rows, as_list, paint_words
from app.services.collab.words import NO_MEDIA, PLAIN_ROOM, PLAINLY
from editor_core.timing import format_timecode

PANEL = PanelSpec("people", "People", "right", "users", order=85, context="people", workspaces=("edit", "review"))

_HEIGHT = 44
AWAY = 0.45
"""Opacity of the sign of somebody who is not to be seen."""


def build(bench: Workbench) -> QWidget:
    return PeoplePanel(bench)


class People(Rows[Person]):
    """This person first, then the others. Rows keep their places; only what somebody does is told as changed."""

    def __init__(self, bench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._words: list[str] = []

    def spoken(self, one: Person) -> str:
        following = ", following" if self._bench.together.following == one.session else ""
        return f"{one.name}, {one.role}, {self.doing(one)}{following}"

    def doing(self, one: Person) -> str:
        """What somebody does, and where."""
        view, rate = self._bench.snapshot, self._bench.rate
        if not one.session:
            transport = self._bench.transport
            words = "hidden from others" if self._bench.together.hidden else "playing" if transport.playing else "at"
            return words if words.startswith("hidden") else f"{words} {format_timecode(transport.ticks, rate)}"
        words = activity(one, view)
        if one.held:
            words += f", holds {one.waiting} back" if one.waiting else ", held"
        if differs := self._bench.together.light.with_whom(one.session):
            return f"{differs[:1].upper()}{differs[1:]}, {words}"
        if one.playhead is None or one.doing:
            return words
        return f"{words} {format_timecode(one.playhead, rate)}" if one.playing else f"{words}, {format_timecode(one.playhead, rate)}"

    def refresh(self) -> None:
        together = self._bench.together
        mine = Person(0, b"", "You", initials_of("You"), 0, together.role)
        rows = [mine, *together.people] if together.state != "off" else []
        words = [self.doing(one) for one in rows]
        if [one.session for one in rows] != [one.session for one in self.rows]:
            self._words = words
            self.show(rows)
            return
        changed = [number for number, (new, old) in enumerate(zip(rows, self.rows, strict=True))
                   if words[number] != self._words[number] or new.role != old.role]
        self.rows, self._words = rows, words
        for number in changed:
            self.dataChanged.emit(self.index(number), self.index(number))


class PersonRows(QStyledItemDelegate):
    """A round sign, name and role over what they do, and Follow at the right."""

    def __init__(self, bench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, self._bench.theme.px(_HEIGHT))

    def button(self, area: QRect, following: bool) -> QRect:
        """Where Follow stands in a row."""
        theme = self._bench.theme
        width = theme.px(38) + QFontMetrics(theme.font("body", 500)).horizontalAdvance(_button_words(following))
        return QRect(area.right() - width - theme.px(8), area.top() + (area.height() - theme.px(24)) // 2, width, theme.px(24))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, bench = self._bench.theme, self._bench
        one: Person = index.data(ROW)
        area: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("accent-soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("hover"))
        mine = not one.session
        following = bench.together.following == one.session and not mine
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRect(area.left() + theme.px(10), area.top() + theme.px(9), theme.px(26), theme.px(26))
        painter.setOpacity(1.0 if mine or one.playhead is not None else AWAY)
        fill, ink = ("accent-fill", "text-on-accent") if mine else (one.token, "peer-ink")
        paint_sign(painter, theme, disc, "You" if mine else one.initials, fill, ink)
        painter.setOpacity(1.0)
        left = disc.right() + theme.px(10)
        right = area.right() - theme.px(10) if mine else self.button(area, following).left() - theme.px(8)
        name = QRect(left, area.top() + theme.px(5), right - left, theme.px(17))
        role = f" · {one.role.capitalize() or 'Guest'}"
        strong, plain = theme.font("strong", 600), theme.font("body", 400)
        free = max(name.width() - QFontMetrics(plain).horizontalAdvance(role) - theme.px(2), name.width() // 3)  # a long name gives way
        wide = min(QFontMetrics(strong).horizontalAdvance(one.name) + 1, free)
        paint_words(painter, theme, QRect(name.left(), name.top(), wide, name.height()), one.name, "text", strong)
        paint_words(painter, theme, name.adjusted(wide, 0, 0, 0), role, "text-3", plain)
        model = index.model()
        words = model.doing(one) if isinstance(model, People) else ""
        below = QRect(left, name.bottom(), right - left, theme.px(17))
        paint_words(painter, theme, below, words[:1].upper() + words[1:], "text-2", theme.font("label", 400))
        if not mine:
            self._paint_button(painter, self.button(area, following), one, following)
        painter.restore()

    def _paint_button(self, painter: QPainter, box: QRect, one: Person, following: bool) -> None:
        theme = self._bench.theme
        painter.setPen(Qt.PenStyle.NoPen if following else theme.color("line"))
        painter.setBrush(theme.color(one.token) if following else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 4, 4)
        ink = "peer-ink" if following else "text" if one.playhead is not None else "text-off"
        icon = theme.pixmap("locate-fixed" if following else "locate", ink, 14)
        painter.drawPixmap(box.left() + theme.px(8), box.top() + theme.px(5), icon)
        paint_words(painter, theme, box.adjusted(theme.px(28), 0, 0, 0), _button_words(following), ink, theme.font("body", 500))


def _button_words(following: bool) -> str:
    return "Following" if following else "Follow"


class PeopleList(QListView):
    """Follows with a click on Follow, a double click or Enter."""

    def __init__(self, bench: Workbench, model: People) -> None:
        super().__init__()
        self._bench = bench
        self._rows = PersonRows(bench, self)
        self.setModel(model)
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(True)
        as_list(self, "People")

    def _follow(self, index: Index) -> None:
        one = index.data(ROW)
        if isinstance(one, Person) and one.session:
            together = self._bench.together
            together.follow(None if together.following == one.session else one.session)

    def _button(self, index: Index) -> QRect:
        one = index.data(ROW)
        return self._rows.button(self.visualRect(index), isinstance(one, Person) and one.session == self._bench.together.following)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        spot = event.position().toPoint()
        index = self.indexAt(spot)
        if index.isValid() and self._button(index).contains(spot):
            self._follow(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self._button(index).contains(event.position().toPoint()):
            self._follow(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._follow(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(QPoint(event.pos()))  # type: ignore[attr-defined]
            self.setToolTip(plain_tip(words) if (words := str(index.data() or "")) else "")
        return super().viewportEvent(event)


class PeoplePanel(QWidget):
    """Who is here; while nobody can be, how to share."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        theme = bench.theme
        self._bench = bench
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(4), 0, 0)
        layout.setSpacing(0)
        self._stack = QStackedWidget()
        self._model = People(bench, self)
        self.list = PeopleList(bench, self._model)
        self._stack.addWidget(self.list)
        actions = bench.actions
        opener = button(theme, "Share …", lambda: actions.trigger("together.share"), kind="primary", icon="user-plus")
        words = "Share it, and others edit the same cut with you"
        self._stack.addWidget(Empty(theme, "users", "Only you work on this film", words, opener))
        layout.addWidget(self._stack, 1)
        self.plain = label(theme, PLAIN_ROOM, "warn", "label", wrap=True)
        self.plain.setToolTip(plain_tip(f"{PLAINLY}. {NO_MEDIA}."))
        self.plain.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(6))
        layout.addWidget(self.plain)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(6))
        self._hint = label(theme, "", "tertiary", "label")
        foot.addWidget(self._hint, 1)
        self._members: QPushButton = button(theme, "Members …", lambda: actions.trigger("together.members"), kind="ghost", compact=True)
        foot.addWidget(self._members)
        layout.addWidget(self._foot)
        self._hide = LiveIconButton(theme, "eye-off", "Hide my cursor", lambda: actions.trigger("together.hide_cursor"), checkable=True)
        together = bench.together
        connect_for(together.changed, self._changed, self)
        connect_for(together.peers_changed, self._moved, self)
        connect_for(together.following_changed, self._followed, self)
        connect_for(bench.transport.moved, lambda _ticks: self._moved(), self)
        self._changed()

    def header_widgets(self) -> list[QWidget]:
        return [self._hide]

    def header_note(self) -> str:
        together = self._bench.together
        return f"{1 + len(together.people)} · {together.secrecy}" if together.state == "online" else ""

    def _moved(self) -> None:
        if self.isVisible():
            self._model.refresh()

    def _followed(self) -> None:
        self._model.refresh()
        self.list.viewport().update()

    def showEvent(self, event: object) -> None:
        self._model.refresh()

    def _changed(self) -> None:
        together = self._bench.together
        self._model.refresh()
        refresh_note(self)
        on = together.state != "off"
        self._stack.setCurrentIndex(0 if on else 1)
        self.plain.setVisible(together.plain)
        self._foot.setVisible(on and not together.plain)  # a plain room has no list of members
        self._hide.setChecked(together.hidden)
        others = len(together.now.members) - len({one.key for one in together.people}) - 1
        self._hint.setText(f"{others} more not here now" if others > 0 else "")
