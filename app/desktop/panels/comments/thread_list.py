"""The list of threads: its rows, painting them, where clicks in a card go.

Owns: the model, the list widget, the place of the reply field under the chosen card. Refuses: layout of a card (see `cards`), and the rest
of the panel (see `view`).
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.discussion import Shown
from app.desktop.panels.comments.cards import REPLY_ROW, Card, Cards, spoken, zone_at
from app.desktop.widgets.rows import ROW, Index, Rows, as_list
from editor_core.comments import Comment

_WALKS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return,
          Qt.Key.Key_Enter, Qt.Key.Key_Space}


class Threads(Rows[Shown]):
    """Threads of the filter that is on."""

    def __init__(self, cards: Cards, parent: QObject) -> None:
        super().__init__(parent)
        self._cards = cards

    def key(self, one: Shown) -> object:
        return one.thread.id

    def spoken(self, one: Shown) -> str:
        return spoken(one, self._cards.talk, self._cards.timecode(one.place.start))


class _Painter(QStyledItemDelegate):
    def __init__(self, cards: Cards, view: ThreadList) -> None:
        super().__init__(view)
        self._cards, self._view = cards, view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._view.viewport().width()
        return QSize(width, self._view.card(index.data(ROW)).height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one: Shown = index.data(ROW)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)  # type: ignore[attr-defined]
        self._cards.paint(painter, self._view.card(one), option.rect,  # type: ignore[attr-defined]
                          chosen=one.thread.id == self._cards.talk.chosen, hovered=hovered)


class ThreadList(QListView):
    """The cards. The reply field lies over the foot of the chosen one."""

    def __init__(self, bench: Workbench, cards: Cards) -> None:
        super().__init__()
        self._bench, self._cards = bench, cards
        self.setItemDelegate(_Painter(cards, self))
        as_list(self, "Comments")
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(80)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.foot = QWidget(self.viewport())
        self.foot.hide()
        self.verticalScrollBar().valueChanged.connect(self.place_foot)
        self._again = QTimer(self, singleShot=True, interval=40)
        self._again.timeout.connect(self.reveal)

    def card(self, one: Shown) -> Card:
        return self._cards.card(one, self.viewport().width(), chosen=one.thread.id == self._cards.talk.chosen)

    def row_of(self, thread: bytes | None) -> QModelIndex:
        model = self.model()
        rows = model.rows if isinstance(model, Threads) else []
        return next((model.index(n, 0) for n, one in enumerate(rows) if one.thread.id == thread), QModelIndex())

    def reveal(self) -> None:
        """Scrolls to the chosen card; long lists are laid out little by little, so that it may not have its place yet."""
        index = self.row_of(self._cards.talk.chosen)
        if index.isValid():
            self.scrollTo(index)
            if self.viewport().height() > 0 and self.isVisible() and not self.viewport().rect().intersects(self.visualRect(index)):
                self._again.start()
        self.place_foot()

    def place_foot(self, *_: object) -> None:
        """Puts the reply field where the chosen card has room for it."""
        index = self.row_of(self._cards.talk.chosen)
        box, px = self.visualRect(index), self._cards.theme.px
        if not box.isValid() or self._cards.talk.refusal:
            self.foot.hide()
            return
        height = px(REPLY_ROW - 4)
        self.foot.setGeometry(QRect(px(46), box.bottom() - px(6) - height, max(60, box.width() - px(58)), height))
        self.foot.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        QTimer.singleShot(0, self, self.place_foot)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            one: Shown = index.data(ROW)
            what = zone_at(self.card(one), event.position().toPoint() - self.visualRect(index).topLeft())
            if what == "history":
                self._bench.comments.choose(one.thread.id, seek=False)
                self._bench.shell.show_panel("history")
            else:
                self._bench.comments.choose(one.thread.id)
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moving in the list by key opens what it comes to; what comes in from elsewhere opens nothing."""
        super().keyPressEvent(event)
        index = self.currentIndex()
        if event.key() in _WALKS and index.isValid() and (one := index.data(ROW)).thread.id != self._cards.talk.chosen:
            self._bench.comments.choose(one.thread.id)

    def comment_at(self, spot: QPoint) -> tuple[Shown, Comment] | None:
        """What was said at a place of the viewport."""
        index = self.indexAt(spot)
        if not index.isValid():
            return None
        one: Shown = index.data(ROW)
        what = zone_at(self.card(one), spot - self.visualRect(index).topLeft())
        name = what.removeprefix("reply:") if what.startswith("reply:") else ""
        return one, next((c for c in one.thread.replies if name and c.name == name), one.thread.root)
