"""Dialogs of working together: Share, Join, Members, Leave.

Owns: their fields, and showing what came of them. Refuses: the work (see `bridge.together` and `app.services.collab`); it happens
beside the window, and a dialog that waits says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import Post, Settings, Workbench
from app.desktop.bridge.people import PEERS, initials_of
from app.desktop.bridge.together import suggest_film
from app.desktop.bridge.who import Who
from app.desktop.makers import Sharing
from app.desktop.theme.connect import connect_for
from app.desktop.theme.theme import Theme
from app.desktop.widgets.avatar import Avatar
from app.desktop.widgets.basics import LiveIconButton, button, clear, label, line, row, set_role
from app.desktop.widgets.segments import Segments
from app.services.errors import AppError
from editor_core.sync.members import ROLES, Member

_SPANS = (("1 hour", 3600.0), ("1 day", 86400.0), ("7 days", 7 * 86400.0), ("30 days", 30 * 86400.0), ("no end", 0.0))
_ROLE_WORDS = {"viewer": "Viewer: watches", "commenter": "Commenter: watches and comments", "editor": "Editor: edits the film",
               "owner": "Owner: edits, invites and removes"}


class _Asking(QDialog):
    """A dialog with a title, rows and a line for trouble."""

    def __init__(self, theme: Theme, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._post = Post(self)
        self.setWindowTitle(title)
        self.setMinimumWidth(theme.px(500))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(16))
        self._layout.setSpacing(theme.px(10))
        self._layout.addWidget(label(theme, title, font="title"))
        self._trouble = label(theme, "", "warn", "label", wrap=True)
        self.finished.connect(lambda _code: self._post.close())

    def _row(self, word: str, *parts: Any) -> QWidget:
        holder = QWidget()
        name = label(self._theme, word, "secondary")
        name.setFixedWidth(self._theme.px(72))
        made = row(name, *parts, spacing=self._theme.px(8))
        made.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(made)
        self._layout.addWidget(holder)
        return holder

    def _say(self, words: str, role: str = "warn") -> None:
        set_role(self._trouble, "role", role)
        self._trouble.setText(words)

    def _when(self, promised: Future[Any], then: Callable[[Any], None]) -> None:
        """Calls `then` with the result on this thread; what failed is said."""
        def done(future: Future[Any]) -> None:
            error = future.exception()
            if error is None:
                self._post(then, future.result())
            else:
                words = str(error) if isinstance(error, AppError) else f"That did not work: {error or type(error).__name__}"
                self._post(self._failed, words)

        promised.add_done_callback(done)

    def _failed(self, words: str) -> None:
        self._say(words)


def beside(work: Callable[[], Any]) -> Future[Any]:
    """Runs something on a thread of its own."""
    answer: Future[Any] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="together", daemon=True).start()
    return answer


class Share(_Asking):
    """Makes links that invite."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(bench.theme, "Share this film", parent)
        theme, together = bench.theme, bench.together
        self._bench = bench
        shared = together.state != "off"
        words = ("Whoever has the link can join. Nothing leaves this computer before you make one." if not shared else
                 f"This film is shared over {together.over}. Another link can give another role.")
        self._layout.addWidget(label(theme, words, "tertiary", "label", wrap=True))
        self.way = Segments(theme, "How", [("relay", "Through a relay"), ("lan", "Local network")], "relay")
        self.way.chosen.connect(lambda _way: self._check())
        way_row = self._row("Over", self.way, None)
        self.relay = QLineEdit(together.link_relay)
        self.relay.setAccessibleName("Relay")
        self.relay.setPlaceholderText("ws://HOST:PORT, as `proeditor relay` prints it")
        self.relay.textChanged.connect(lambda _text: self._check())
        self._relay_row = self._row("Relay", self.relay)
        self.role = QComboBox()
        self.role.setAccessibleName("Role")
        for role in ROLES:
            self.role.addItem(_ROLE_WORDS[role], role)
        self.role.setCurrentIndex(ROLES.index("editor"))
        self._row("Role", self.role, None)
        self.expires = QComboBox()
        self.expires.setAccessibleName("The link is valid for")
        for text, seconds in _SPANS:
            self.expires.addItem(text, seconds)
        self.expires.setCurrentIndex(2)
        self._row("Valid for", self.expires, None)
        self.name = QLineEdit(together.my_name)
        self.name.setAccessibleName("Your name")
        self.name.setMaxLength(60)
        self._row("Your name", self.name)
        self.sealed = QCheckBox("Members alone can read it, not even the relay")
        seal_row = self._row("", self.sealed, None)
        self.link = QLineEdit()
        self.link.setReadOnly(True)
        self.link.setAccessibleName("Link")
        self.copy = button(theme, "Copy", self._copy, icon="copy", kind="outline")
        self._link_row = self._row("Link", self.link, self.copy)
        self._layout.addWidget(self._trouble)
        self._layout.addWidget(line())
        self.make = button(theme, "Make link", self._make, kind="primary", icon="share-2")
        self.make.setDefault(True)
        self._layout.addLayout(row(None, button(theme, "Close", self.reject), self.make, spacing=theme.px(8)))
        self._link_row.hide()
        if shared:
            self.way.set("lan" if (together.now.relay or "").startswith("lan") else "relay")
            for part in (way_row, self._relay_row, seal_row):
                part.hide()
        self._shared = shared
        self._check()

    def _check(self) -> None:
        lan = self.way.value == "lan"
        if not self._shared:
            self._relay_row.setVisible(not lan)
            self.sealed.setChecked(self.sealed.isChecked() or lan)
        self.make.setEnabled(self._shared or lan or bool(self.relay.text().strip()))

    def _make(self) -> None:
        from app.services.collab import links

        together, lan = self._bench.together, self.way.value == "lan"
        together.rename(self.name.text())
        try:
            if self._shared:
                address = together.now.relay or together.link_relay
            else:
                address = links.LAN if lan else links.parse_relay(self.relay.text())
            encrypt = None if self._shared else self.sealed.isChecked()
            promised = together.share(address, self.role.currentData(), float(self.expires.currentData()), encrypt)
        except AppError as error:
            self._say(str(error))
            return
        if not lan and not self._shared:
            self._bench.settings.set("together/relay", address)
        self._say("Making the link …", "tertiary")
        self.make.setEnabled(False)
        self._when(promised, self._made)

    def _made(self, made: dict[str, Any]) -> None:
        self._shared = True
        for part in (self.way, self.relay, self.sealed):  # a film is in one room, and stays as it was first shared
            part.setEnabled(False)
        self.link.setText(made["link"])
        self.link.setCursorPosition(0)
        self._bench.late["link"] = made["link"]
        self._link_row.show()
        self._say("Send the link to those who shall join; what stands behind # is a secret", "tertiary")
        self.make.setEnabled(True)
        self.make.setText(" Make another link")
        self.copy.setFocus()
        self._bench.actions.touch()

    def _failed(self, words: str) -> None:
        self._say(words)
        self.make.setEnabled(True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.link.text())
        self._say("The link is in the clipboard", "ok")


class Join(_Asking):
    """Takes a link, shows who is there, makes the film. `joined(path)` when it is made."""

    joined = Signal(str)

    def __init__(self, theme: Theme, settings: Settings, lent: Sharing, folder: str, parent: QWidget) -> None:
        super().__init__(theme, "Join a shared film", parent)
        self._lent, self._folder_setting = lent, settings
        self._found: Any = None
        self._asked = ""
        self.link = QLineEdit()
        self.link.setAccessibleName("Link")
        self.link.setPlaceholderText("proeditor://…")
        self._row("Link", self.link, LiveIconButton(theme, "clipboard-paste", "Paste", self._paste))
        self._people = QWidget()
        self._people_layout = QVBoxLayout(self._people)
        self._people_layout.setContentsMargins(theme.px(80), 0, 0, 0)
        self._people_layout.setSpacing(theme.px(4))
        self._layout.addWidget(self._people)
        self.person = QLineEdit(lent.profile.name)
        self.person.setAccessibleName("Your name")
        self.person.setMaxLength(60)
        self._row("Your name", self.person)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the file")
        self.name.textChanged.connect(lambda _text: self._check())
        self._row("File", self.name)
        self.folder = QLineEdit(folder)
        self.folder.setAccessibleName("Folder")
        self.folder.textChanged.connect(lambda _text: self._check())
        self._row("Folder", self.folder, LiveIconButton(theme, "folder-open", "Choose a folder", self._choose))
        self._layout.addWidget(self._trouble)
        self._layout.addWidget(line())
        self.go = button(theme, "Join", self._join, kind="primary", icon="log-in")
        self.go.setDefault(True)
        self._layout.addLayout(row(None, button(theme, "Cancel", self.reject), self.go, spacing=theme.px(8)))
        self._soon = QTimer(self, singleShot=True, interval=250)
        self._soon.timeout.connect(self._look)
        self.link.textChanged.connect(lambda _text: self._soon.start())
        self._check()
        text = QGuiApplication.clipboard().text().strip()
        if text.startswith(("proeditor://", "proeditors://", "proeditor+")):
            self.link.setText(text)

    @property
    def path(self) -> Path:
        return Path(self.folder.text()).expanduser() / f"{self.name.text().strip()}.proedit"

    def _paste(self) -> None:
        self.link.setText(QGuiApplication.clipboard().text().strip())

    def _choose(self) -> None:
        found = QFileDialog.getExistingDirectory(self, "Folder of the film", self.folder.text())
        if found:
            self.folder.setText(found)

    def _look(self) -> None:
        """Asks the relay what the link leads to."""
        from app.services.collab.links import parse_link
        from app.services.collab.peeking import peek

        text = self.link.text().strip()
        if not text or text == self._asked:
            return
        self._asked, self._found = text, None
        clear(self._people_layout)
        self._check()
        try:
            link = parse_link(text)
        except AppError as error:
            self._say(str(error))
            return
        self._say("Looking who is there …", "tertiary")
        lent = self._lent
        self._when(beside(lambda: (text, peek(link, lent.key(), lent.session))), self._looked)

    def _looked(self, found: tuple[str, Any]) -> None:
        text, seen = found
        if text != self._asked:
            return
        self._found = seen
        theme = self._theme
        clear(self._people_layout)
        self._people_layout.addWidget(label(theme, f"{seen.name or 'A film'} · you join as {seen.role}", font="strong"))
        for number, one in enumerate(seen.members[:6]):
            self._people_layout.addLayout(row(Avatar(theme, sign_of(one, number)), label(theme, one.person or one.key.hex()[:8]),
                                              label(theme, one.role, "tertiary", "label"), None, spacing=theme.px(6)))
        if len(seen.members) > 6:
            self._people_layout.addWidget(label(theme, f"and {len(seen.members) - 6} more", "tertiary", "label"))
        self._say("You take part already; this makes another copy of the film here" if seen.mine else "", "tertiary")
        if not self.name.text().strip():
            self.name.setText(suggest_film(Path(self.folder.text()), seen.name).stem)
        self._check()

    def _check(self) -> None:
        name, path = self.name.text().strip(), self.path
        words = ""
        if any(c in name for c in '/\\:*?"<>|'):
            words = "Give it a name without / \\ : * ? \" < > |"
        elif self._found is not None and not path.parent.is_dir():
            words = f"There is no folder {path.parent}"
        elif self._found is not None and path.exists():
            words = f"There is a project {path.name} in that folder already; choose another name"
        if words:
            self._say(words)
        elif self._trouble.text().startswith(("Give it", "There is a", "There is no folder")):
            self._say("")
        self.go.setEnabled(self._found is not None and bool(name) and not words)

    def _join(self) -> None:
        from app.services.collab import sharing
        from app.services.collab.links import parse_link

        link, path, lent = parse_link(self._asked), self.path, self._lent
        lent.rename(self.person.text())
        self._say("Fetching the film …", "tertiary")
        self.go.setEnabled(False)
        self._when(beside(lambda: sharing.join(link, path, lent.key(), lent.session, lent.profile, making=lent.making)),
                   lambda _report: self._joined(path))

    def _joined(self, path: Path) -> None:
        self.joined.emit(str(path))
        self.accept()

    def _failed(self, words: str) -> None:
        super()._failed(words)
        self.go.setEnabled(self._found is not None)


class MembersDialog(_Asking):
    """Who takes part; owners change roles and remove people."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(bench.theme, "Members", parent)
        theme = bench.theme
        self._bench = bench
        self._readers = label(theme, "", "tertiary", "label", wrap=True)
        self._layout.addWidget(self._readers)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setMinimumHeight(theme.px(220))
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(4))
        area.setWidget(inner)
        self._layout.addWidget(area, 1)
        self._layout.addWidget(self._trouble)
        self._layout.addWidget(line())
        invite = button(theme, "Invite …", lambda: bench.actions.trigger("together.share"), icon="user-plus")
        self._layout.addLayout(row(invite, None, button(theme, "Close", self.accept, kind="primary"), spacing=theme.px(8)))
        self._shown: tuple[Any, ...] = ()
        connect_for(bench.together.changed, self._refresh, self)
        self._refresh()

    def _refresh(self) -> None:
        together, theme = self._bench.together, self._theme
        here = {one.key: one for one in together.people}
        shown = (together.now.members, frozenset(here), together.role, together.state, together.now.encrypted)
        if shown == self._shown:
            return
        self._shown = shown
        self._readers.setText("Encrypted: members alone can read this film" if together.now.encrypted else
                              "Not encrypted: who runs the relay can read this film as well")
        clear(self._list)
        mine = self._bench.door.actor.id
        owner = together.role == "owner" and together.state == "online"
        for number, one in enumerate(together.now.members):
            own = one.actor == mine
            person = here.get(one.key)
            sign = sign_of(one, person.colour if person is not None else number, own, person.name if person is not None else "")
            words: list[QLabel] = [label(theme, sign.subject, font="strong")]
            words.append(label(theme, "here now" if own or person is not None else "", "ok", "label"))
            bar = row(Avatar(theme, sign, 24), *words, None, spacing=theme.px(8), margins=(theme.px(2),) * 4)
            if owner and not own:
                self._choices(bar, one)
            else:
                bar.addWidget(label(theme, one.role, "tertiary"))
            holder = QWidget()
            holder.setLayout(bar)
            self._list.addWidget(holder)
        self._list.addStretch(1)

    def _choices(self, bar: QHBoxLayout, one: Member) -> None:
        name = one.person or one.key.hex()[:8]
        pick = QComboBox()
        pick.setAccessibleName(f"Role of {name}")
        pick.addItems([role.capitalize() for role in ROLES])
        pick.setCurrentIndex(ROLES.index(one.role))
        pick.activated.connect(lambda number: self._change(one, ROLES[number]))
        bar.addWidget(pick)
        bar.addWidget(LiveIconButton(self._theme, "user-minus", f"Remove {name}", lambda: self._change(one, None)))

    def _change(self, one: Member, role: Any) -> None:
        if role == one.role:
            return
        try:
            promised = self._bench.together.change_member(one.key, role)
        except AppError as error:
            self._say(str(error))
            return
        name = one.person or one.key.hex()[:8]
        self._say(f"Removing {name} …" if role is None else f"Making {name} {role} …", "tertiary")
        done = f"{name} was removed; what they did stays" if role is None else f"{name} is {role} now"
        self._when(promised, lambda _none: self._say(done, "ok"))

    def _failed(self, words: str) -> None:
        super()._failed(words)
        self._shown = ()
        self._refresh()


class Leave(_Asking):
    """Asks before ending it."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(bench.theme, "Leave the shared film", parent)
        theme, together = bench.theme, bench.together
        words = "The connection ends and is not made again. The film stays on this computer as it is, and you can go on editing it alone."
        self._layout.addWidget(label(theme, words, "secondary", wrap=True))
        if together.to_send:
            self._layout.addWidget(label(theme, f"{together.to_send} of your changes were not sent yet; others will not get them.", "warn",
                                         "label", wrap=True))
        self._layout.addWidget(line())
        go = button(theme, "Leave", self._leave, kind="primary", icon="log-out")
        self._bench = bench
        self._layout.addLayout(row(None, button(theme, "Stay", self.reject), go, spacing=theme.px(8)))

    def _leave(self) -> None:
        self._bench.together.leave()
        self.accept()


def sign_of(one: Member, number: int, own: bool = False, now: str = "") -> Who:
    """A member's round sign; `now` is how somebody who is here is called now."""
    name = now or one.person or one.key.hex()[:6]
    if own:
        return Who(one.actor, "you", "You", "accent-fill", "text-on-accent", True)
    return Who(one.actor, name, initials_of(name), PEERS[number % len(PEERS)], "peer-ink")


__all__ = ["Join", "Leave", "MembersDialog", "Share"]
