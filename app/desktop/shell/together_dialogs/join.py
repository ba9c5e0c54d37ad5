"""Join: takes a link, shows where it leads, makes the film.

Owns: its fields, looking through a link, showing what came of it. Refuses: the work (see `app.services.collab`), which happens beside the
window.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from app.desktop.bridge import Settings
from app.desktop.bridge.room_work import suggest_film
from app.desktop.makers import Sharing
from app.desktop.shell.together_dialogs.asking import Asking, beside, sign_of
from app.desktop.theme.theme import Theme
from app.desktop.widgets.avatar import Avatar
from app.desktop.widgets.basics import LiveIconButton, button, clear, label, line, row
from app.services.collab.words import NO_MEDIA, PLAINLY
from app.services.errors import AppError


class Join(Asking):
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
        self._people.hide()
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
        if text.startswith(("proeditor://", "proeditors://", "proeditor-")):
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
        from app.services.collab.links import is_plain, parse_link, parse_plain
        from app.services.collab.peeking import peek

        text = self.link.text().strip()
        if text == self._asked:
            return
        if not text:
            self._asked, self._found = "", None
            self._nobody()
            self._say("")
            self._check()
            return
        self._asked, self._found = text, None
        self._nobody()
        self._check()
        try:
            if is_plain(text):
                self._looked_plain(parse_plain(text))
                return
            link = parse_link(text)
        except AppError as error:
            self._say(str(error))
            return
        self._say("Looking who is there …", "tertiary")
        lent = self._lent
        self._when(beside(lambda: (text, peek(link, lent.key(), lent.session))), self._looked)

    def _nobody(self) -> None:
        """Where the link leads is not known now; the dialog takes no room for it."""
        clear(self._people_layout)
        self._people.hide()
        QTimer.singleShot(0, self, self.adjustSize)

    def _looked_plain(self, link: Any) -> None:
        """Nobody can be seen before joining: whoever has the link is in."""
        self._found = link
        self._people_layout.addWidget(label(self._theme, "A film in a plain room · you join as editor", font="strong"))
        self._people_layout.addWidget(label(self._theme, f"{PLAINLY}. {NO_MEDIA}.", "warn", "label", wrap=True))
        self._people.show()
        self._say("")
        if not self.name.text().strip():
            self.name.setText(suggest_film(Path(self.folder.text()), "Shared film").stem)
        self._check()

    def _looked(self, found: tuple[str, Any]) -> None:
        text, seen = found
        if text != self._asked:
            return
        self._found = seen
        theme = self._theme
        self._nobody()
        self._people_layout.addWidget(label(theme, f"{seen.name or 'A film'} · you join as {seen.role}", font="strong"))
        for number, one in enumerate(seen.members[:6]):
            self._people_layout.addLayout(row(Avatar(theme, sign_of(one, number)), label(theme, one.person or one.key.hex()[:8]),
                                              label(theme, one.role, "tertiary", "label"), None, spacing=theme.px(6)))
        if len(seen.members) > 6:
            self._people_layout.addWidget(label(theme, f"and {len(seen.members) - 6} more", "tertiary", "label"))
        self._people.show()
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
        from app.services.collab.links import is_plain, parse_link, parse_plain
        from app.services.collab.plain import join_plain

        text, path, lent = self._asked, self.path, self._lent

        def work() -> Any:
            if is_plain(text):
                return join_plain(parse_plain(text), path, lent.key(), lent.session, making=lent.making)
            return sharing.join(parse_link(text), path, lent.key(), lent.session, lent.profile, making=lent.making)

        lent.rename(self.person.text())
        self._say("Fetching the film …", "tertiary")
        self.go.setEnabled(False)
        self._when(beside(work), lambda _report: self._joined(path))

    def _joined(self, path: Path) -> None:
        self.joined.emit(str(path))
        self.accept()

    def _failed(self, words: str) -> None:
        super()._failed(words)
        self.go.setEnabled(self._found is not None)
