"""Writing a comment: its time, its text, whose task it is, what is drawn with it.

Owns: the form above the threads. Refuses: drawing itself (the picture has it), and where the comment goes (`bench.comments`).
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QComboBox, QFrame, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.comments.mentions import MentionField
from app.desktop.widgets.basics import LiveIconButton, button, label, row
from editor_core.timing import format_timecode


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
        self.field.left.connect(talk.drop)
        self._time = label(theme, "", "accent", "strong")
        self._point = LiveIconButton(theme, "x", "About this moment alone", talk.to_point, size=12, side=18)
        self._drawing = label(theme, "", "tertiary", "label")
        self._undraw = LiveIconButton(theme, "undo-2", "Take the last shape away", talk.undraw, size=13, side=20)
        self._who = QComboBox()
        self._who.setAccessibleName("Whose task")
        self._who.setToolTip("Makes the comment somebody's task")
        self._who.setFont(theme.font("label", 400))
        self._send = button(theme, "Comment", self.send, kind="primary", compact=True)
        self._cancel = button(theme, "Cancel", talk.drop, kind="ghost", compact=True)
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
            self._shown = None
            self.field.clear()
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
        self._send.setText("Save" if edits is not None else "Comment")
        begun = edits.id if edits is not None else "new"
        if begun != self._shown:
            self._shown = begun
            self.field.set_text(edits.text if edits is not None else "")
            self._fill_people()
        if not talk.tool:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

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
        self._bench.comments.send(self.field.text(), str(self._who.currentData() or ""))
