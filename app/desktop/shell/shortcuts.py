"""Every key and what it does; keys can be changed.

Owns: the choice of the map, the list, search by name or by pressing keys, conflicts, reset.
Refuses: keymap files, which stay as they are; own keys are settings.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QComboBox, QDialog, QHeaderView, QLineEdit, QPushButton, QTableView, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.keymap import bundled
from app.desktop.shell.keys import key_of
from app.desktop.widgets.basics import button, label, line, row

Index = QModelIndex | QPersistentModelIndex
_HEADS = ("Command", "Also", "Key", "Where")
KEY_COLUMN = 2


class KeyModel(QAbstractTableModel):
    """Actions with their keys, filtered by name or by one key."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.rows: list[str] = []
        self._words, self._key, self._lost = "", "", False
        self.refresh()

    def search(self, words: str = "", key: str = "", *, conflicts: bool = False) -> None:
        """Commands whose title holds the words, that have the key, or that lost one to another."""
        self._words, self._key, self._lost = words.casefold().strip(), key, conflicts
        self.refresh()

    def conflicts(self) -> list[str]:
        """Actions that lost a key of the map to one of the person's own."""
        actions = self._bench.actions
        return [spec.id for spec in actions if actions.keymap.lost(spec.id)]

    def also(self, action: str) -> str:
        """What shares a key with an action, in a few words: first what took it, then what it does elsewhere."""
        actions = self._bench.actions
        took = [f"{_shown(key)} is now {actions.spec(now).title}" for key, now in actions.keymap.lost(action) if now in actions]
        other = [f"{actions.spec(now).title} in {context.capitalize()}" for _, context, now in actions.keymap.elsewhere(action)
                 if now in actions]
        return ", ".join([*took, *other])

    def refresh(self) -> None:
        actions = self._bench.actions
        self.beginResetModel()
        found = [spec.id for spec in actions if (not self._words or self._words in spec.title.casefold())
                 and (not self._key or self._key in actions.keymap.keys_of(spec.id))
                 and (not self._lost or actions.keymap.lost(spec.id))]
        self.rows = sorted(found, key=lambda i: (not actions.keymap.keys_of(i), actions.spec(i).menu, actions.spec(i).title))
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return _HEADS[section] if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        action, actions = self.rows[index.row()], self._bench.actions
        if role == Qt.ItemDataRole.DisplayRole:
            where = actions.keymap.context_of(action).capitalize()
            return (actions.spec(action).title, self.also(action), "  ".join(actions.keys(action)), where)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.also(action) if index.column() == 1 else actions.spec(action).help
        if role == Qt.ItemDataRole.ForegroundRole and index.column() in (1, 3):
            return self._bench.theme.color("warn" if index.column() == 1 and actions.keymap.lost(action) else "text-3")
        return None


def _shown(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class Shortcuts(QDialog):
    """Double-click or Enter on a row, then press the new key; Backspace takes the key away, Esc leaves it."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._bench = bench
        self._listening = ""
        self._clash: tuple[str, str, str] | None = None
        self.setWindowTitle("Keyboard shortcuts")
        self.resize((parent.size() - QSize(48, 64)).boundedTo(QSize(theme.px(760), theme.px(580))))  # fits into the window at 200 %
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(14), theme.px(14), theme.px(14), theme.px(12))
        layout.setSpacing(theme.px(8))
        self.maps = bundled()
        self.map = QComboBox()
        self.map.setFont(theme.font("body"))
        self.map.setAccessibleName("Keymap")
        for name, file in sorted(self.maps.items(), key=lambda pair: (pair[0] != "proeditor", pair[1].name)):
            self.map.addItem(file.name, name)
        self.map.setCurrentIndex(max(0, self.map.findData(str(bench.settings.get("keys/map", "proeditor")))))
        self.map.activated.connect(lambda _n: self.choose_map(str(self.map.currentData())))
        self.conflicts = button(theme, "", lambda: self._show_conflicts(), compact=True)
        self.conflicts.setProperty("kind", "warn")
        layout.addLayout(row(label(theme, "Keys like", "secondary"), self.map, None, self.conflicts, spacing=theme.px(8)))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Name of a command")
        self.search.setAccessibleName("Search by name")
        self.search.textChanged.connect(lambda words: self.model.search(words))
        self._by_key = QPushButton("Press a key …")
        self._by_key.setCheckable(True)
        self._by_key.toggled.connect(self._find_by_key)
        layout.addLayout(row(self.search, self._by_key, spacing=theme.px(8)))
        self.model = KeyModel(bench, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in ((1, 210), (2, 150), (3, 84)):
            self.table.setColumnWidth(column, theme.px(width))
        self.table.setWordWrap(False)
        self.table.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.table.doubleClicked.connect(lambda index: self._listen(self.model.rows[index.row()]))
        self.table.installEventFilter(self)
        self.table.setAccessibleName("Shortcuts")
        layout.addWidget(self.table, 1)
        self._note = label(theme, "", "secondary", wrap=True)
        self._replace = button(theme, "Use it here instead", self._take_over, kind="outline", compact=True)
        self._replace.hide()
        told = row(self._note, self._replace)
        told.setStretchFactor(self._note, 1)
        layout.addLayout(told)
        layout.addWidget(line())
        reset = button(theme, "Reset all", self._reset_all, kind="ghost")
        layout.addLayout(row(reset, None, button(theme, "Close", self.close, kind="primary"), spacing=theme.px(8)))
        self._count()
        self._say("Double-click a command, then press the key you want.")

    def choose_map(self, name: str) -> None:
        """Another map; the person's own keys stay on top of it."""
        file = self.maps[name]
        self._bench.settings.set("keys/map", name)  # the window puts it in place
        self.model.refresh()
        self._count()
        self._say(f"The keys are {file.name}'s now" + (", with your own on top." if self._bench.actions.keymap.own else "."))

    def _count(self) -> None:
        number = len(self.model.conflicts())
        self.conflicts.setVisible(number > 0)
        self.conflicts.setText(f"{number} conflict{'s' if number != 1 else ''}")

    def _show_conflicts(self) -> None:
        self.search.clear()
        self.model.search(conflicts=True)
        self._say("These commands lost a key to one of yours. Give them another, or reset.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            if self._listening or self._by_key.isChecked():
                if event.type() == QEvent.Type.KeyPress:
                    self._pressed(event)
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                index = self.table.currentIndex()
                if index.isValid():
                    self._listen(self.model.rows[index.row()])
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._by_key.isChecked() or self._listening:
            self._pressed(event)
        else:
            super().keyPressEvent(event)

    def _pressed(self, event: QKeyEvent) -> None:
        key = key_of(event)
        if not key:
            return
        if self._by_key.isChecked():
            self._by_key.setChecked(False)
            self.model.search(self.search.text(), key)
            found = len(self.model.rows)
            shown = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            self._say(f"{shown}: {found} command{'s' if found != 1 else ''}" if found else f"No command uses {shown}")
            return
        action, self._listening = self._listening, ""
        if key == "Esc":
            self._say("The key stays as it was.")
        elif key == "Backspace":
            self._set(action, [])
        else:
            clash = self._bench.actions.keymap.clash(action, key)
            if clash is None:
                self._set(action, [key])
            else:
                self._clash = (action, key, clash)
                self._replace.show()
                self._say(f"{key} is “{self._bench.actions.spec(clash).title}”.")

    def _listen(self, action: str) -> None:
        self._listening = action
        self._clash = None
        self._replace.hide()
        self._say(f"Press the key for “{self._bench.actions.spec(action).title}”. Backspace takes it away, Esc leaves it.")
        self.table.setFocus()

    def _take_over(self) -> None:
        if self._clash is None:
            return
        action, key, other = self._clash
        self._clash = None
        self._set(action, [key])
        self._say(f"“{self._bench.actions.spec(action).title}” now has {key}; “{self._bench.actions.spec(other).title}” lost it.")

    def _set(self, action: str, keys: list[str]) -> None:
        own = {name: kept for name, kept in self._bench.actions.keymap.own.items() if name != action}
        own[action] = keys  # last: what was set last has a key that two want
        self._keep(own)
        self._say(f"“{self._bench.actions.spec(action).title}” now has {keys[0] if keys else 'no key'}.")

    def _reset_all(self) -> None:
        self._keep({})
        self._say("All keys are as they came.")

    def _keep(self, own: dict[str, list[str]]) -> None:
        self._replace.hide()
        self._bench.settings.set("keys/own", own)
        self._bench.actions.keymap.set_own(own)
        self.model.refresh()
        self._count()

    def _find_by_key(self, on: bool) -> None:
        if on:
            self._say("Press a key to see what it does.")
            self.table.setFocus()
        elif not self._listening:
            self.model.search(self.search.text())

    def _say(self, words: str) -> None:
        self._note.setText(words)
