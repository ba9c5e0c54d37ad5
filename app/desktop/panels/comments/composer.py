"""Writing a comment: its time, its text, whose task it is, what is drawn with it.

Owns: the form above the threads. Refuses: drawing itself (the picture has it), and where the comment goes (`bench.comments`).
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QComboBox, QFrame, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.comments.mentions import MentionField
from app.desktop.widgets.basics import LiveIconButton, button, label, row
from editor_core.timing import format_timecode

UNSENT = "comments/unsent"
"""Setting: what was written and not sent, by project file."""


class Composer(QFrame):
    """Shown while `bench.comments.draft` is. `left` when it goes and the cursor was in it."""

    left = Signal()

    def __init__(self, bench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        theme, talk = bench.theme, bench.comments
        self.setProperty("surface", "raised")
        self.field = MentionField(theme, "Comment", "Say something, @ names somebody", talk.people, 8)
        self.field.sent.connect(self.send)
        self.field.left.connect(self._escaped)
        self._drawn = 0
        self._keep_soon = QTimer(self, singleShot=True, interval=600)
        self._keep_soon.timeout.connect(lambda: self._keep(self.field.text()))
        self.field.textChanged.connect(self._typed)
        self._time = label(theme, "", "accent", "strong")
        self._point = LiveIconButton(theme, "x", "About this moment alone", talk.to_point, size=12, side=18)
        self._drawing = label(theme, "", "tertiary", "label")
        self._undraw = LiveIconButton(theme, "undo-2", "Take the last shape away", talk.undraw, size=13, side=20)
        self._who = QComboBox()
        self._who.setAccessibleName("Whose task")
        self._who.setToolTip("Makes the comment somebody's task")
        self._who.setFont(theme.font("label", 400))
        self._who.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._who.setMinimumContentsLength(7)
        self._send = button(theme, "Send", self.send, kind="primary", compact=True)
        self._cancel = button(theme, "Cancel", self._give_up, kind="ghost", compact=True)
        layout = QVBoxLayout(self)
        px = theme.px
        layout.setContentsMargins(px(12), px(8), px(12), px(8))
        layout.setSpacing(px(6))
        layout.addLayout(row(self._time, self._point, None, self._drawing, self._undraw))
        layout.addWidget(self.field)
        layout.addLayout(row(self._who, None, self._cancel, self._send))
        self._shown: object = None
        talk.drafted.connect(self.refresh)
        self.hide()
        self.refresh()

    def refresh(self) -> None:
        """Follows what is being written."""
        talk, bench = self._bench.comments, self._bench
        draft = talk.draft
        focus = QApplication.focusWidget()
        left = draft is None and focus is not None and self.isAncestorOf(focus)
        self.setVisible(draft is not None)
        if draft is None:
            self._leave()
            if left:
                self.left.emit()
            return
        edits = draft.edits
        code = format_timecode(draft.at, bench.rate)
        if draft.duration:
            code += f" – {format_timecode(draft.at + draft.duration, bench.rate)}"
        about = f"{talk.subject}, {code}" if talk.subject else code
        self._time.setText(f"Edit, {code}" if edits is not None else about)
        self._point.setVisible(bool(draft.duration or draft.clip) and edits is None)
        count = len(talk.shapes)
        self._drawing.setText("" if not count else f"{count} drawn")
        self._undraw.setVisible(bool(count))
        self._who.setVisible(edits is None)
        self._send.setText("Save" if edits is not None else "Send")
        begun = edits.id if edits is not None else "new"
        if begun != self._shown:
            self._shown = begun
            self.field.set_text(edits.text if edits is not None else str(bench.settings.get(UNSENT, {}).get(self._key, "")))
            self._fill_people()
        more, self._drawn = count > self._drawn, count
        if (more or not talk.tool) and self.isVisible():  # there is a panel in each workspace; what is typed after drawing is the comment
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    # what was written and not sent comes back with the next comment, also after the window was closed

    @property
    def _key(self) -> str:
        return str(self._bench.project_path)

    def _typed(self) -> None:
        draft = self._bench.comments.draft
        if draft is not None and draft.edits is None and self._shown == "new" and self.isVisible():
            self._keep_soon.start()

    def _keep(self, text: str) -> None:
        kept = dict(self._bench.settings.get(UNSENT, {}))
        kept.pop(self._key, None)
        if text:
            kept[self._key] = text
        self._bench.settings.set(UNSENT, dict(list(kept.items())[-20:]))

    def _leave(self) -> None:
        if self._keep_soon.isActive():
            self._keep_soon.stop()
            self._keep(self.field.text())
        self._shown, self._drawn = None, 0
        self.field.clear()

    def _escaped(self) -> None:
        """Esc ends drawing first, then what is being written."""
        talk = self._bench.comments
        if talk.tool:
            talk.set_tool("")
        else:
            talk.drop()

    def _give_up(self) -> None:
        """Cancelled on purpose: nothing of it is kept."""
        self._keep_soon.stop()
        if self._shown == "new":
            self._keep("")
        self._shown = None
        self._bench.comments.drop()

    def _fill_people(self) -> None:
        self._who.clear()
        self._who.addItem("No task", "")
        for person in self._bench.comments.people():
            self._who.addItem(f"Task for {self._bench.comments.name(person).replace('You', 'me')}", person.actor or person.name)

    def send(self) -> None:
        """Says it. A drawing alone needs a word too: who hears the panel instead of seeing it would have nothing."""
        if not self.field.text():
            self._bench.say("Write what it is about, then press Enter", "info")
            self.field.setFocus()
            return
        fresh, text = self._shown == "new", self.field.text()
        if self._bench.comments.send(text, str(self._who.currentData() or "")) and fresh:
            self._keep("")
