"""Members: who takes part, and what an owner may change of that.

Owns: the list, its choices. Refuses: the work (see `bridge.together`), which happens beside the window.
"""

from __future__ import annotations

import datetime
from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.shell.together_dialogs.asking import Asking, sign_of
from app.desktop.theme.connect import connect_for
from app.desktop.widgets.asking import sure
from app.desktop.widgets.avatar import Avatar
from app.desktop.widgets.basics import IconLabel, LiveIconButton, button, clear, label, line, plain_tip, row
from app.services.collab.words import readers
from app.services.errors import AppError
from editor_core.sync.members import ROLES, Invite, Member

ENCRYPTING = ("From then on members alone can read what is done in this film: no relay, nobody on the network. Everyone stays in it with "
              "their role, and links that are open stay good. {} There is no way back.")
CLEAR = ("What the relay has now it was given in the clear: it is asked to throw that away, and nobody can see whether it did.",
         "What went over the local network until now went there in the clear.")
"""Of what was there before: at a relay, and without one."""


def _day(seconds: int) -> str:
    """A moment, as people say it."""
    return f"{datetime.datetime.fromtimestamp(seconds):%d %b %H:%M}"


class MembersDialog(Asking):
    """Who takes part; owners change roles and remove people."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(bench.theme, "Members", parent)
        theme = bench.theme
        self._bench = bench
        self._readers = label(theme, "", "tertiary", "label", wrap=True)
        self._seal = button(theme, "Encrypt …", self._ask_to_encrypt, icon="lock", compact=True)
        self._layout.addLayout(row(self._readers, self._seal, spacing=theme.px(8)))
        self._words = label(theme, "", "secondary", "label", wrap=True)
        self._really = QWidget()
        really = QVBoxLayout(self._really)
        really.setContentsMargins(0, 0, 0, 0)
        really.addWidget(self._words)
        self._do_it = button(theme, "Encrypt it", self._encrypt, kind="primary")
        really.addLayout(row(None, button(theme, "Not now", self._really.hide), self._do_it, spacing=theme.px(8)))
        self._layout.addWidget(self._really)
        self._really.hide()
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
        self._invite = button(theme, "Invite …", lambda: bench.actions.trigger("together.share"), icon="user-plus")
        close = button(theme, "Close", self.accept, kind="primary")
        close.setDefault(True)
        self._layout.addLayout(row(self._invite, None, close, spacing=theme.px(8)))
        close.setFocus()  # and not what stands first: Enter must not begin to encrypt
        self._shown: tuple[Any, ...] = ()
        connect_for(bench.together.changed, self._refresh, self)
        self._refresh()

    def _refresh(self) -> None:
        together, theme = self._bench.together, self._theme
        here = {one.key: one for one in together.people}
        now = together.now
        shown = (now.members, now.invites, now.ends, frozenset(here), together.role, together.state, now.encrypted)
        if shown == self._shown:
            return
        self._shown = shown
        self._readers.setText("Encrypted: members alone can read this film" if together.now.encrypted else
                              f"Not encrypted: {readers(together.now.relay)} can read this film as well")
        clear(self._list)
        why = self._bench.actions.reason("together.share")
        self._invite.setEnabled(not why)
        self._invite.setToolTip(plain_tip(why) if why else "")
        mine = self._bench.door.actor.id
        owner = together.role == "owner" and together.state == "online"
        self._seal.setVisible(owner and not together.now.encrypted)
        ends = dict(now.ends)
        for one in now.members:
            own = one.actor == mine
            person = here.get(one.key)
            sign = sign_of(one, together.colour_of(one.key), own, person.name if person is not None else "")
            words: list[QLabel] = [label(theme, sign.subject, font="strong")]
            words.append(label(theme, "here now" if own or person is not None else "", "ok", "label"))
            if one.key in ends:
                words.append(label(theme, f"until {_day(ends[one.key])}", "tertiary", "label"))
            bar = self._line(Avatar(theme, sign, 24), *words, None)
            if owner and not own:
                self._choices(bar, one)
            else:
                bar.addWidget(label(theme, one.role.capitalize(), "tertiary"))
        if owner:
            for link in now.invites:
                self._open_link(link)
        self._list.addStretch(1)

    def _line(self, *parts: Any) -> QHBoxLayout:
        theme = self._theme
        holder = QWidget()
        bar = row(*parts, spacing=theme.px(8), margins=(theme.px(2),) * 4)
        holder.setLayout(bar)
        self._list.addWidget(holder)
        return bar

    def _open_link(self, link: Invite) -> None:
        """A link that still lets people in, to be taken back."""
        theme = self._theme
        until = f"until {_day(link.expires)}" if link.expires else "without end"
        icon = IconLabel(theme, "link", "text-3", 16)
        icon.setFixedWidth(theme.px(24))
        words = label(theme, f"Open link · {link.role.capitalize()}", "secondary")
        bar = self._line(icon, words, label(theme, until, "tertiary", "label"), None)
        bar.addWidget(LiveIconButton(theme, "x", f"Take this link for {link.role}s back", lambda: self._take_back(link)))

    def _take_back(self, link: Invite) -> None:
        try:
            promised = self._bench.together.change_member(link.key, None)
        except AppError as error:
            self._say(str(error))
            return
        self._say("Taking the link back …", "tertiary")
        self._when(promised, lambda _none: self._say("Nobody can join by that link any more; who came by it stays", "ok"))

    def _choices(self, bar: QHBoxLayout, one: Member) -> None:
        name = one.person or one.key.hex()[:8]
        pick = QComboBox()
        pick.setAccessibleName(f"Role of {name}")
        pick.addItems([role.capitalize() for role in ROLES])
        pick.setCurrentIndex(ROLES.index(one.role))
        pick.activated.connect(lambda number: self._change(one, ROLES[number]))
        bar.addWidget(pick)
        bar.addWidget(LiveIconButton(self._theme, "user-minus", f"Remove {name} …", lambda: self._remove(one)))

    def _remove(self, one: Member) -> None:
        name = one.person or one.key.hex()[:8]
        if sure(f"Remove {name} from this film?\n\nWhat they did stays. They come back with a new link only.", "Remove", self):
            self._change(one, None)

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

    def _ask_to_encrypt(self) -> None:
        self._words.setText(ENCRYPTING.format(CLEAR[self._bench.together.now.relay.startswith("lan")]))
        self._really.show()
        self._do_it.setFocus()

    def _encrypt(self) -> None:
        from app.services.collab.moving import told

        self._really.hide()
        try:
            promised = self._bench.together.encrypt()
        except AppError as error:
            self._say(str(error))
            return
        self._seal.setEnabled(False)
        self._say("Encrypting …", "tertiary")
        self._when(promised, lambda made: self._say(told(made), "ok"))

    def _failed(self, words: str) -> None:
        super()._failed(words)
        self._seal.setEnabled(True)
        self._shown = ()
        self._refresh()
