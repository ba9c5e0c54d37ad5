"""The column of bins: kinds of media, collections, and bins that fill themselves.

Owns: painting a bin, naming a collection in place, what may be dropped on one. Refuses: rows of media (model) and running anything but
collection commands and imports.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QVBoxLayout, QWidget

from app.desktop.bridge import ASSETS_MIME, Workbench
from app.desktop.panels.media.model import IN_COLLECTION, KINDS, SMART, MediaModel
from app.desktop.widgets.basics import line, plain_tip
from app.desktop.widgets.taking import take_a_copy
from editor_core.edits.wording import one_line
from editor_core.schema import Collection

_ALARMING = ("offline", "replaced", "unreadable")


class BinButton(QToolButton):
    """A bin: icon, name, count at the right. `dropped(asset ids, files)` where `takes` says that it may hold them."""

    dropped = Signal(list, list)

    def __init__(self, bench: Workbench, name: str, words: str, icon: str, *, takes: bool = False) -> None:
        super().__init__()
        theme = self._theme = bench.theme
        self.name, self.words, self._icon, self._count, self._over = name, words, icon, 0, False
        self.setProperty("bin", "true")
        self.setCheckable(True)
        self.setFont(theme.font("body"))
        self.setFixedHeight(theme.px(24))
        self.setMinimumWidth(theme.px(114))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAcceptDrops(takes)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        self._count = count
        self.setAccessibleName(f"{self.words}, {count}")
        self.setToolTip(plain_tip(self.words))
        if self.name in _ALARMING:
            self.setVisible(count > 0 or self.isChecked())
        self.update()

    def text_box(self) -> QRect:
        """Where the name stands."""
        left = self._theme.px(26)
        return QRect(left, 0, self.width() - left - self._theme.px(4), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        if self._over:
            option.state |= QStyle.StateFlag.State_MouseOver
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        alarm = self.name in _ALARMING
        chosen = self.isChecked()
        side = theme.px(14)
        painter.drawPixmap(theme.px(6), (self.height() - side) // 2,
                           theme.pixmap(self._icon, "danger" if alarm else "accent" if chosen else "text-3", 14))
        box = self.text_box()
        painter.setFont(self.font())
        if self._count:
            painter.setPen(theme.color("text-3"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(self._count))
            box.setRight(box.right() - painter.fontMetrics().horizontalAdvance(str(self._count)) - theme.px(4))
        painter.setPen(theme.color("text" if chosen else "text-2"))
        words = painter.fontMetrics().elidedText(one_line(self.words), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
        if self._over:
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), theme.px(4), theme.px(4))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasFormat(ASSETS_MIME) or any(url.isLocalFile() for url in mime.urls()):
            take_a_copy(event)
            self._mark(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._mark(False)
        mime = event.mimeData()
        assets: list[str] = []
        if mime.hasFormat(ASSETS_MIME):
            try:
                assets = [str(asset) for asset in json.loads(bytes(mime.data(ASSETS_MIME).data()))]
            except ValueError:
                return
        files = [] if assets else [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        take_a_copy(event)
        self.dropped.emit(assets, files)

    def _mark(self, over: bool) -> None:
        self._over = over
        self.update()


class BinColumn(QWidget):
    """All bins, one chosen. `chosen(name)`; `count` says how many rows a bin has."""

    chosen = Signal(str)

    def __init__(self, bench: Workbench, model: MediaModel) -> None:
        super().__init__()
        self._bench, self._model = bench, model
        theme = bench.theme
        self.setObjectName("scrolled")
        self.current = "all"
        self.buttons: dict[str, BinButton] = {}
        self._editor: QLineEdit | None = None
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(theme.px(6), 0, theme.px(4), theme.px(6))
        self._stack.setSpacing(0)
        for name, words, icon in KINDS:
            self._stack.addWidget(self._button(name, words, icon, takes=name == "all"))
        self._collections = QVBoxLayout()
        self._collections.setContentsMargins(0, 0, 0, 0)
        self._collections.setSpacing(0)
        self._rule()
        self._stack.addLayout(self._collections)
        self._new = self._button("new", "New …", "folder-plus", takes=True)
        self._new.setToolTip("New collection, also by dropping media here")
        self._new.setAccessibleName("New collection")
        self._new.setCheckable(False)
        self._stack.addWidget(self._new)
        self._rule()
        for name, words, icon in SMART:
            self._stack.addWidget(self._button(name, words, icon))
        self._stack.addStretch(1)
        self.buttons.pop("new")
        self._known: list[tuple[str, str]] = []
        self.show_collections()
        self.choose("all")

    def choose(self, name: str) -> None:
        """Shows a bin; one that is not there (any more) is all media."""
        self.current = name if name in self.buttons else "all"
        for key, made in self.buttons.items():
            made.setChecked(key == self.current)
        self.chosen.emit(self.current)

    def show_counts(self) -> None:
        for name, made in self.buttons.items():
            made.show_count(self._model.count(name))

    def show_collections(self) -> None:
        """Makes the buttons of the collections anew where they differ, by name."""
        view = self._bench.snapshot
        now = sorted(((one.name, one.id) for one in view.of_kind(Collection)), key=lambda pair: (pair[0].casefold(), pair[1]))
        if now == self._known:
            return
        self._known = now
        while (item := self._collections.takeAt(0)) is not None:
            old = item.widget()
            if isinstance(old, BinButton):
                self.buttons.pop(old.name, None)
                old.hide()
                old.deleteLater()
        for words, collection in now:
            made = self._button(IN_COLLECTION + collection, words, "folder", takes=True)
            made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            made.customContextMenuRequested.connect(lambda at, b=made: self._menu(b, at))
            made.installEventFilter(self)
            self._collections.addWidget(made)
        self.show_counts()
        if self.current not in self.buttons:
            self.choose("all")
        else:
            self.buttons[self.current].setChecked(True)

    def make(self, assets: tuple[str, ...] = ()) -> None:
        """A new collection with a name of its own, to be typed over at once."""
        taken = {name.casefold() for name, _ in self._known}
        number = next(n for n in range(1, 10_000) if f"collection {n}" not in taken)
        gesture = f"new collection {self._bench.document.revision}"
        made = self._bench.run("collection.add", {"name": f"Collection {number}", "assets": list(assets)}, gesture)
        if made is not None:
            self.show_collections()
            if assets:  # an empty one is filled from what is shown now
                self.choose(IN_COLLECTION + made["collection"])
            QTimer.singleShot(0, self, lambda: self.rename(made["collection"], gesture))

    def rename(self, collection: str, gesture: str = "") -> None:
        """Opens the name of a collection for typing, in place."""
        made = self.buttons.get(IN_COLLECTION + collection)
        if made is None:
            return
        editor = self._editor = QLineEdit(made.words, made)
        editor.setFont(made.font())
        editor.setAccessibleName("Name of the collection")
        editor.setMaxLength(200)
        editor.setGeometry(made.text_box().adjusted(-self._bench.theme.px(4), 1, 0, -1))
        editor.selectAll()
        editor.editingFinished.connect(lambda: self._named(editor, collection, gesture))
        editor.show()
        editor.setFocus()

    def _named(self, editor: QLineEdit, collection: str, gesture: str) -> None:
        if self._editor is not editor:
            return
        self._editor = None
        words = " ".join(editor.text().split())
        editor.hide()
        editor.deleteLater()
        record = self._bench.snapshot.find(Collection, collection)
        if record is not None and words and words != record.name:
            self._bench.run("collection.set", {"collection": collection, "name": words}, gesture)

    def eventFilter(self, watched: object, event: object) -> bool:
        kind = event.type()  # type: ignore[attr-defined]
        if isinstance(watched, BinButton) and kind == event.Type.MouseButtonDblClick:  # type: ignore[attr-defined]
            self.rename(watched.name.removeprefix(IN_COLLECTION))
            return True
        if isinstance(watched, BinButton) and kind == event.Type.KeyPress and event.key() == Qt.Key.Key_F2:  # type: ignore[attr-defined]
            self.rename(watched.name.removeprefix(IN_COLLECTION))
            return True
        return False

    def _button(self, name: str, words: str, icon: str, *, takes: bool = False) -> BinButton:
        made = BinButton(self._bench, name, words, icon, takes=takes)
        made.clicked.connect(lambda _checked=False: self.make() if name == "new" else self.choose(name))
        made.dropped.connect(lambda assets, files: self._dropped(name, assets, files))
        self.buttons[name] = made
        return made

    def _dropped(self, name: str, assets: list[str], files: list[Path]) -> None:
        """Assets are put where they fell: into a collection, a new one, or on All media: out of theirs."""
        if files:
            self._bench.imports.add(files, name.removeprefix(IN_COLLECTION) if name.startswith(IN_COLLECTION) else "")
        elif name == "new":
            self.make(tuple(assets))
        elif assets:
            into = name.removeprefix(IN_COLLECTION) if name.startswith(IN_COLLECTION) else None
            self._bench.run("collection.put", {"assets": assets, "collection": into})

    def _menu(self, made: BinButton, at: QPoint) -> None:
        collection = made.name.removeprefix(IN_COLLECTION)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entry(menu, "Rename", lambda: self.rename(collection))
        entry(menu, "Remove collection", lambda: self._bench.run("collection.remove", {"collection": collection}))
        menu.popup(made.mapToGlobal(at))

    def _rule(self) -> None:
        px = self._bench.theme.px
        self._stack.addSpacing(px(6))
        self._stack.addWidget(line())
        self._stack.addSpacing(px(6))


def entry(menu: QMenu, words: str, call: Callable[[], object], *, enabled: bool = True) -> None:
    """A line of a menu that calls something."""
    made = QAction(words, menu)
    made.setEnabled(enabled)
    made.triggered.connect(lambda _checked=False: call())
    menu.addAction(made)
