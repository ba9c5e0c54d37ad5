"""What the dialogs of working together have in common.

Owns: a title, rows, the line for trouble, waiting for work beside the window, a member's sign. Refuses: that work itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.desktop.bridge import Post
from app.desktop.bridge.people import PEERS, initials_of
from app.desktop.bridge.who import Who
from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import label, row, set_role
from app.services.errors import AppError
from editor_core.sync.members import Member


class Asking(QDialog):
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


def sign_of(one: Member, number: int, own: bool = False, now: str = "") -> Who:
    """A member's round sign; `now` is how somebody who is here is called now."""
    name = now or one.person or one.key.hex()[:6]
    if own:
        return Who(one.actor, "you", "You", "accent-fill", "text-on-accent", True)
    return Who(one.actor, name, initials_of(name), PEERS[number % len(PEERS)], "peer-ink")
