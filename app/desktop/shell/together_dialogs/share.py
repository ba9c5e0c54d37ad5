"""Share: makes links that invite.

Owns: its fields, and showing what came of them. Refuses: the work (see `bridge.together`), which happens beside the window.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.desktop.bridge import Workbench
from app.desktop.shell.together_dialogs.asking import Asking
from app.desktop.widgets.basics import button, label, line, row
from app.desktop.widgets.segments import Segments
from app.services.collab.words import NO_MEDIA, PLAINLY
from app.services.errors import AppError
from editor_core.sync.members import ROLES

_SPANS = (("1 hour", 3600.0), ("1 day", 86400.0), ("7 days", 7 * 86400.0), ("30 days", 30 * 86400.0), ("no end", 0.0))
_ROLE_WORDS = {"viewer": "Viewer: watches", "commenter": "Commenter: watches and comments", "editor": "Editor: edits the film",
               "owner": "Owner: edits, invites and removes"}


class Share(Asking):
    """Makes links that invite."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(bench.theme, "Share this film", parent)
        theme, together = bench.theme, bench.together
        self._bench = bench
        shared = together.state != "off"
        words = ("Whoever has the link can join. Nothing leaves this computer before you make one." if not shared else
                 f"This film is shared over {together.over}. Another link can give another role.")
        self._layout.addWidget(label(theme, words, "tertiary", "label", wrap=True))
        self.way = Segments(theme, "How", [("relay", "Through a relay"), ("lan", "Local network"), ("plain", "Plain room")],
                            "relay")
        self.way.chosen.connect(lambda _way: self._check())
        way_row = self._row("Over", self.way, None)
        self.relay = QLineEdit(together.link_relay)
        self.relay.setAccessibleName("Relay")
        self.relay.setPlaceholderText("ws://HOST:PORT, as the command proeditor relay prints it")
        self.relay.textChanged.connect(lambda _text: self._check())
        self._relay_row = self._row("Relay", self.relay)
        self.plainly = label(theme, f"{PLAINLY}. {NO_MEDIA}. It is for programs that speak Yjs, and needs a relay on this machine or the "
                             "local network.", "warn", "label", wrap=True)
        self.plainly.setMinimumHeight(self.plainly.heightForWidth(self.minimumWidth() - theme.px(40)))  # a dialog's size asks no label
        self._layout.addWidget(self.plainly)
        self.role = QComboBox()
        self.role.setAccessibleName("Role")
        for role in ROLES:
            self.role.addItem(_ROLE_WORDS[role], role)
        self.role.setCurrentIndex(ROLES.index("editor"))
        role_row = self._row("Role", self.role, None)
        self.expires = QComboBox()
        self.expires.setAccessibleName("The link is valid for")
        for text, seconds in _SPANS:
            self.expires.addItem(text, seconds)
        self.expires.setCurrentIndex(2)
        span_row = self._row("Valid for", self.expires, None)
        self.name = QLineEdit(together.my_name)
        self.name.setAccessibleName("Your name")
        self.name.setMaxLength(60)
        self._row("Your name", self.name)
        self._seal = {"relay": False, "lan": True}
        """Whether it shall be encrypted, for each way of its own: what one way suggests is not carried over into the other."""
        self.sealed = QCheckBox()
        self.sealed.toggled.connect(lambda on: self._seal.__setitem__(self.way.value, on))
        self._seal_row = self._row("", self.sealed, None)
        self._member_rows = (role_row, span_row)
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
        self._shared = shared
        if shared:
            self.way.set("plain" if together.plain else "lan" if (together.now.relay or "").startswith("lan") else "relay")
            for part in (way_row, self._relay_row, self._seal_row):
                part.hide()
        self._check()
        if not shared:
            self.relay.setFocus()

    def _check(self) -> None:
        lan, plain = self.way.value == "lan", self.way.value == "plain"
        if not self._shared:
            self._relay_row.setVisible(not lan)
            self._seal_row.setVisible(not plain)
            if not plain:
                self.sealed.setChecked(self._seal[self.way.value])
                self.sealed.setText("Members alone can read it" if lan else "Members alone can read it, not even the relay")
        self.plainly.setVisible(plain)
        for part in self._member_rows:
            part.setVisible(not plain)
        QTimer.singleShot(0, self, self.adjustSize)
        self.make.setEnabled(self._shared or lan or bool(self.relay.text().strip()))

    def _make(self) -> None:
        from app.services.collab import links

        together, lan, plain = self._bench.together, self.way.value == "lan", self.way.value == "plain"
        together.rename(self.name.text())
        try:
            if self._shared:
                address = (together.now.relay or together.link_relay).removeprefix("plain+")
            else:
                address = links.LAN if lan else links.parse_relay(self.relay.text())
            encrypt = None if self._shared else self.sealed.isChecked()
            promised = together.share(address, self.role.currentData(), float(self.expires.currentData()), encrypt, plain)
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
        self._say("Send the link to those who shall join; " + ("whoever knows it may write" if self.way.value == "plain" else
                                                                "what stands behind # is a secret"), "tertiary")
        self.make.setEnabled(True)
        self.make.setText(" Make another link")
        self.make.setVisible(self.way.value != "plain")  # a plain room has one link
        self.copy.setFocus()
        self._bench.actions.touch()

    def _failed(self, words: str) -> None:
        self._say(words)
        self.make.setEnabled(True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.link.text())
        self._say("The link is in the clipboard", "ok")
