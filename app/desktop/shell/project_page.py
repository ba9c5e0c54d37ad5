"""The window's page while a project is open: top bar, workspaces, status bar, what floats over them.

Owns: switching workspaces, the palette, toasts and popovers, the window's side of actions. Refuses: opening and closing projects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QFrame, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.merge import at_hand
from app.desktop.merge.ahead import look_ahead, look_no_more
from app.desktop.shell.dock_space import DockSpace
from app.desktop.shell.full_screen import FullScreenPicture
from app.desktop.shell.jobs_popover import JobsPopover
from app.desktop.shell.keys import KeyRouter
from app.desktop.shell.palette import Palette
from app.desktop.shell.put_away import put_away
from app.desktop.shell.statusbar import StatusBar
from app.desktop.shell.toasts import Toasts
from app.desktop.shell.topbar import TopBar
from app.desktop.shell.workspaces import Workspaces

if TYPE_CHECKING:
    from app.desktop.shell.blame_card import BlameCard
    from app.services.reviewing import Incoming, Review

PUT_AWAY_MS = 250
"""When a page that was closed is deleted: after what stood under it is painted again."""
AT_HAND_MS = 4000
"""When pages that are rarely opened are read, after the window has come up."""


class Opener(Protocol):
    """Those who open projects and dialogs: the application."""

    def new_project(self) -> None: ...

    def open_project(self, path: Path | None = None) -> None: ...

    def open_sample(self) -> None: ...

    def switch_branch(self, name: str) -> None: ...

    def merge_copy(self, path: Path | None = None) -> None: ...

    def show_welcome(self) -> None: ...

    def import_media(self, paths: Sequence[Path] = (), *, folder: bool = False) -> None: ...

    def dialog(self, name: str) -> None: ...

    def quit(self) -> None: ...


class ProjectPage(QFrame):
    """Implements the window's side of actions (ShellPort)."""

    workspace_changed = Signal(str)

    def __init__(self, bench: Workbench, opener: Opener) -> None:
        super().__init__()
        self.setProperty("surface", "canvas")
        self._bench, self._opener = bench, opener
        theme = bench.theme
        bench.late["shell"] = self
        self._shown = "edit"
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._stack = QStackedWidget()
        self._workspaces = Workspaces(bench, self._stack, self._focused, self.show_workspace)
        self.spaces = self._workspaces.made
        self.top = TopBar(bench)
        layout.addWidget(self.top)
        self._stack.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        layout.addWidget(self._stack, 1)
        self.status = StatusBar(bench)
        layout.addWidget(self.status)
        self._workspaces.get("edit")
        bench.turns.ahead = lambda: any(space.revealing for space in self.spaces.values())
        self.toasts = Toasts(theme, self)
        self._palette = Palette(bench, self)
        self._jobs: JobsPopover | None = None
        self._full: FullScreenPicture | None = None
        self._over: QWidget | None = None
        self._card: BlameCard | None = None
        bench.signals.said.connect(self.toasts.say)
        bench.actions.asked.connect(self._asked)
        self.keys = KeyRouter(bench.actions, self._context, self._ours, self._escape, self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self.keys.listen(True)
            bench.late["keys"] = self.keys
            self.keys.pressed.connect(self._pressed)
            app.focusChanged.connect(self._focus_moved)
        QTimer.singleShot(AT_HAND_MS, self, at_hand)

    @property
    def space(self) -> DockSpace:
        """The workspace that is shown."""
        found = self._stack.currentWidget()
        return found if isinstance(found, DockSpace) else self._workspaces.get(self._shown)

    def take_down(self) -> None:
        """Before the page is deleted: filters off, layouts kept, panels put away."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self.keys.listen(False)
            app.focusChanged.disconnect(self._focus_moved)
        self._bench.signals.said.disconnect(self.toasts.say)
        self._bench.actions.asked.disconnect(self._asked)
        self.toasts.clear()
        self.look_ahead(False)
        if self._full is not None:
            self._full.close()
        self.close_page()
        for space in self._workspaces:
            space.close_panels()

    # what actions ask of the window

    def show_panel(self, panel: str) -> None:
        if self.space.show_panel(panel):
            return
        for name in self._workspaces.of(panel):
            self.show_workspace(name)
            if self.space.show_panel(panel):
                return

    def panel(self, panel: str) -> QWidget | None:
        """The widget of a panel of the workspace that is shown."""
        found = self.space.panels.get(panel)
        return found.content if found is not None else None

    def panel_ids(self) -> list[tuple[str, str]]:
        return [(panel, dock.spec.title) for panel, dock in self.space.panels.items()]

    def panel_shown(self, panel: str) -> bool:
        dock = self.space.panels.get(panel)
        return dock is not None and not dock.isHidden()

    def toggle_panel(self, panel: str) -> None:
        self.space.toggle(panel)

    def open_page(self, page: QWidget) -> None:
        """Lays a page over the workspaces, under the top bar; one at a time. A page may have `take_down()`, called before it goes."""
        self.close_page()
        self._over = page
        self._workspaces.stay()
        self._tell_workspace()
        with self.keys.resting():
            self._stack.addWidget(page)
            self._stack.setCurrentWidget(page)
        page.setFocus()
        self._bench.actions.touch()

    def close_page(self) -> None:
        """Back to the workspace under the page."""
        page, self._over = self._over, None
        if page is None:
            return
        down = getattr(page, "take_down", None)
        if callable(down):
            down()
        space = self._workspaces.get(self._shown)
        with self.keys.resting():
            space.shown(lambda: self._stack.setCurrentWidget(space))
            self._stack.removeWidget(page)
            page.hide()
        put_away(page, PUT_AWAY_MS)
        self._bench.actions.touch()

    @property
    def page(self) -> QWidget | None:
        """The page over the workspaces, if there is one."""
        return self._over

    def open_compare(self, first: str, second: str, kind: str) -> None:
        """Compares two versions or two branches (`kind` says which); an empty name is the film as it is."""
        from app.desktop.compare.page import ComparePage

        self.open_page(ComparePage(self._bench, first, second, kind))

    def open_review(self, incoming: Incoming) -> None:
        """Shows what waits to be merged, over the workspaces; nothing changes until it is applied. The choices of a review that was left
        for later are there again."""
        from app.desktop.merge.page import MergePage

        now, kept = self._over, self._review
        if isinstance(now, MergePage) and (now.incoming is incoming or (not hasattr(incoming, "path") and
                                           type(now.incoming) is type(incoming))):
            now.reviewer.look()  # of a room, more may have come meanwhile
            return
        self.close_page()
        services = self._bench.services
        page = MergePage(self._bench, incoming, (services.make_render, services.make_sound), kept if kept is not None and
                         kept.incoming is incoming else None)
        self._bench.late["review"] = page.reviewer.review
        page.closed.connect(self._review_left)
        self.open_page(page)

    @property
    def _review(self) -> Review | None:
        """The review that was left for later; it outlives this page, which a change of theme makes anew."""
        found: Review | None = self._bench.late.get("review")
        return found

    def look_ahead(self, on: bool = True) -> None:
        """A merge may be asked for in a moment; `on` False: it was not."""
        (look_ahead if on else look_no_more)(self._bench)

    def review_waits(self) -> bool:
        """Whether a merge was looked at and left for later."""
        return self._review is not None

    def show_review(self) -> None:
        if self._review is not None:
            self.open_review(self._review.incoming)

    def _context(self) -> str:
        """Whose keys work now: those of the page over the workspaces, else of the panel in focus."""
        return str(getattr(self._over, "context", "")) or self.space.context

    def _review_left(self, done: bool) -> None:
        page = self._over
        if done and isinstance(page, QWidget):
            self._bench.late.pop("review", None)
            page.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, True)
            down = getattr(page, "take_down", None)
            if callable(down):
                down()
            QTimer.singleShot(0, page, lambda: self._review_done(page))  # after a merge there is much else to do in this turn
        else:
            self._review_done(page)

    def _review_done(self, page: QWidget | None) -> None:
        if page is not self._over:
            return  # something else was opened meanwhile
        self.close_page()
        self.space.show_panel(self.space.focused_panel or "timeline")

    def merge_copy(self) -> None:
        self._opener.merge_copy()

    def switch_branch(self, name: str) -> None:
        """Makes the film another of its branches: the project closes and opens again."""
        self._opener.switch_branch(name)

    def blame(self, clip: str, at: QPoint | None = None) -> None:
        """The card that says who made a clip what it is; `at` in coordinates of the screen."""
        from app.desktop.shell.blame_card import BlameCard

        if self._card is not None:
            self._card.close_card()
        card = BlameCard(self._bench, clip, self)
        card.destroyed.connect(lambda: setattr(self, "_card", None) if self._card is card else None)
        self._card = card
        card.place(self.mapFromGlobal(at if at is not None else QCursor.pos()))

    def show_workspace(self, name: str) -> None:
        self.close_page()
        self._shown = name
        self._workspaces.stay()
        with self.keys.resting():
            space = self._workspaces.get(name)
        if self._stack.currentWidget() is not space:
            old, keys = self._stack.currentWidget(), QApplication.focusWidget()
            followed = keys is None or (old is not None and old.isAncestorOf(keys))
            with self.keys.resting():
                space.shown(lambda: (self._stack.setCurrentWidget(space), space.place()))
            self._focused(space.focused_panel)
            if followed:
                space.take_keys()
            self.workspace_changed.emit(name)
        self._tell_workspace()
        self._bench.actions.touch()

    def _tell_workspace(self) -> None:
        if self.top.workspaces.value != self._shown:
            self.top.workspaces.set(self._shown)

    def workspace(self) -> str:
        found = self._stack.currentWidget()
        return found.name if isinstance(found, DockSpace) else self._shown

    def reset_workspace(self) -> None:
        self.space.reset()

    def maximise_panel(self) -> None:
        self.space.maximise()

    def next_panel(self, direction: int) -> None:
        self.space.next_panel(direction)

    def full_screen_picture(self) -> None:
        if self._full is not None:
            self._full.close()
            return
        self._full = FullScreenPicture(self._bench, self.window())
        self._full.closed.connect(self._full_gone)

    def palette(self, text: str = "", command: str = "", given: Mapping[str, Any] | None = None) -> None:  # type: ignore[override]
        if self._palette.isVisible() and not text and not command:
            self._palette.close_palette()
        else:
            self._palette.open(text, command, given)

    def dialog(self, name: str) -> None:
        self._opener.dialog(name)

    def popover(self, name: str) -> None:
        if self._jobs is not None and self._jobs.isVisible():
            self._jobs.hide()
            return
        if self._jobs is None:
            self._jobs = JobsPopover(self._bench, self)
        self._jobs.show_above(self.status.jobs if self.status.jobs.isVisible() else self.status)

    def new_project(self) -> None:
        self._opener.new_project()

    def open_project(self, path: Path | None = None) -> None:
        self._opener.open_project(path)

    def open_sample(self) -> None:
        self._opener.open_sample()

    def welcome(self) -> None:
        self._opener.show_welcome()

    def import_media(self, paths: Sequence[Path] = (), *, folder: bool = False) -> None:
        self._opener.import_media(paths, folder=folder)

    def quit(self) -> None:
        self._opener.quit()

    # events

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.space.place()
        if not self.space.focused_panel:
            self.space.focus("timeline")
            self.space.take_keys()  # Qt would give them to the first button of the top bar, which Space then presses

    def _pressed(self, watched: QWidget) -> None:
        panel = self.space.panel_of(watched)
        if panel:
            self.space.focus(panel)
            QTimer.singleShot(0, self, lambda: self.space.bring_keys(panel))  # after what the press itself does to the focus
        if self._card is not None and not self._card.isAncestorOf(watched) and self._card is not watched:
            self._card.close_card()
            self._card = None
        for over in (self._palette, self._jobs):
            if over is not None and over.isVisible() and not over.isAncestorOf(watched) and over is not watched:
                if isinstance(over, Palette):
                    over.close_palette()
                elif watched is not self.status.jobs:
                    over.hide()

    def visit_workspace(self, name: str) -> None:
        """Shows a workspace as soon as it is there: the first time it is made panel by panel, while the one before still stands."""
        self.top.workspaces.set(name)
        self._workspaces.visit(name)

    def _focused(self, panel: str) -> None:
        self._bench.late["focus"] = panel
        self._bench.actions.touch()

    def _focus_moved(self, old: QWidget | None, now: QWidget | None) -> None:
        panel = self.space.panel_of(now)
        if panel:
            self.space.focus(panel)

    def _asked(self, command: str) -> None:
        self.palette(command=command)

    def _ours(self, window: QWidget) -> bool:
        return window is self.window() or window.parentWidget() is self.space or window is self._full

    def _escape(self) -> bool:
        if self._full is not None:
            self._full.close()
            return True
        if self._palette.isVisible():
            self._palette.close_palette()
            return True
        if self._jobs is not None and self._jobs.isVisible():
            self._jobs.hide()
            return True
        if self._card is not None:
            self._card.close_card()
            self._card = None
            return True
        if self._over is not None:
            self.close_page()
            return True
        return False

    def _full_gone(self) -> None:
        self._full = None
        self.window().activateWindow()

    def keyPressEvent(self, event: object) -> None:
        if event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self._bench.transport.stop()
