"""The main window: the welcome page, or the page of the open project.

Owns: opening, making and closing projects, dialogs, drops of files, geometry, the one way to shut down.
Refuses: anything inside a project (see `project_page`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMainWindow, QMessageBox
from shiboken6 import delete

from app.desktop.bridge import Post
from app.desktop.bridge.keymap import keymap_file
from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.makers import Makers, Sharing
from app.desktop.session import Session, Tools
from app.desktop.shell.about import About
from app.desktop.shell.leaving import question, unfinished
from app.desktop.shell.new_project import NewProject, Shape
from app.desktop.shell.preferences import Preferences
from app.desktop.shell.project_page import ProjectPage
from app.desktop.shell.shortcuts import Shortcuts
from app.desktop.shell.toasts import Toasts
from app.desktop.shell.together_dialogs import Join, Leave, MembersDialog, Share
from app.desktop.shell.welcome import Welcome
from app.desktop.shell.window_place import WindowPlace
from app.desktop.widgets.taking import take_a_copy
from app.services import branches
from app.services.errors import AppError
from app.services.open_project import OpenProject
from app.services.reviewing import CopyIncoming, is_copy
from editor_core.commands.registry import CommandError
from editor_core.storage import NotAllowed, ProjectInUse, StorageError
from editor_core.timing import TimingError

log = logging.getLogger(__name__)
MEDIA_FILTER = ("Media (*.mp4 *.mov *.m4v *.mkv *.webm *.avi *.mts *.m2ts *.mxf *.mpg *.ts *.3gp *.wav *.mp3 *.m4a *.aac *.flac *.ogg "
                "*.opus *.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.gif);;All files (*)")


class MainWindow(QMainWindow):
    """One window, one project at a time."""

    def __init__(self, makers: Makers, tools: Tools) -> None:
        super().__init__()
        self._makers, self._tools = makers, tools
        self._post = Post(self)
        self.session: Session | None = None
        self.page: ProjectPage | None = None
        self.welcome_page: Welcome | None = None
        self._toasts: Toasts | None = None
        self._dialogs: dict[str, QDialog] = {}
        self._down = False
        self._sure = False
        self.place = WindowPlace(self, tools.settings)
        self.setWindowTitle("ProEditor")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        tools.settings.changed.connect(self._setting)

    def begin(self, film: Path | None) -> None:
        """Shows the window, with a project or the welcome page."""
        self.place.restore()
        opened = film is not None and self.open_project(film)
        if not opened and self.page is None:
            self.show_welcome()
        self.show()

    # projects

    def open_project(self, path: Path | None = None) -> bool:
        """Opens a project in place of the one that is shown; asks for the file when none is given."""
        if path is None:
            kinds = "ProEditor projects (*.proedit);;All files (*)"
            name, _ = QFileDialog.getOpenFileName(self, "Open a project", self._last_folder(), kinds)
            if not name:
                return False
            self.offer_merge(Path(name))
            return False
        path = path.expanduser().absolute()  # recent films and remembered places are found again from any folder
        try:
            if self.session is not None and self.session.project.path.resolve() == path.resolve():
                self.say(f"{path.stem} is open already", "info")
                return False
            project = self._opened(path)
        except (StorageError, AppError, OSError) as error:
            self.say(str(error), "danger")
            return False
        self._enter(project)
        return True

    def merge_copy(self, path: Path | None = None) -> None:
        """Shows what a copy of the film would bring; asks for the file when none is given."""
        if self.session is None or self.page is None:
            return
        if path is None:
            self.page.look_ahead()
            kinds = "ProEditor projects (*.proedit);;All files (*)"
            name, _ = QFileDialog.getOpenFileName(self, "Merge a copy of this film", self._last_folder(), kinds)
            if not name:
                self.page.look_ahead(False)
                return
            path = Path(name)
        try:
            self.page.open_review(CopyIncoming(self.session.project, path))
        except (StorageError, AppError, OSError) as error:
            self.page.look_ahead(False)
            self.say(str(error), "danger")

    def offer_merge(self, path: Path) -> None:
        """Opens a project; where it is a copy of the film that is open, asks whether to merge it instead."""
        session = self.session
        if session is None or session.project.path.resolve() == path.resolve():
            self.open_project(path)
            return
        thread = threading.Thread(target=lambda: self._post(self._offered, session, path, is_copy(session.project, path)), daemon=True)
        thread.start()

    def _offered(self, session: Session, path: Path, copy: bool) -> None:
        if session is not self.session:
            return
        if not copy:
            self.open_project(path)
            return
        box = QMessageBox(QMessageBox.Icon.NoIcon, "A copy of this film", f"{path.name} is a copy of the film that is open.", parent=self)
        box.setInformativeText("Merge it, and see what differs before anything changes? Or open it by itself?")
        merge = box.addButton("Merge …", QMessageBox.ButtonRole.AcceptRole)
        alone = box.addButton("Open it", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(merge)
        if self.page is not None:
            self.page.look_ahead()
            box.rejected.connect(lambda: self.page and self.page.look_ahead(False))
        merge.clicked.connect(lambda: self._post(self.merge_copy, path))
        alone.clicked.connect(lambda: self._post(self.open_project, path))
        self._keep("copy", box).open()

    def new_project(self) -> None:
        """Asks for shape and place, makes the file, opens it."""
        dialog = NewProject(self._tools.theme, self._last_folder(), self)
        dialog.made.connect(lambda path, shape: self.create(Path(path), shape))
        self._keep("new", dialog)
        dialog.open()

    def create(self, path: Path, shape: Shape) -> bool:
        """Makes a project file and opens it."""
        try:
            project = self._makers.create_project(path, shape.width, shape.height, shape.rate)
        except (StorageError, CommandError, TimingError, AppError, OSError) as error:
            self.say(str(error), "danger")
            return False
        self._enter(project)
        return True

    def open_sample(self) -> None:
        """Makes the sample film in the background (or finds it) and opens it."""
        film = self._makers.sample_film()
        if film.exists():
            self.open_project(film)
            return
        self.say("The sample film is being made; this takes a few seconds", "info")
        job = self._tools.queue.start("sample", "Make the sample film", lambda job: self._makers.make_sample())

        def ended(changed: Any) -> None:
            if changed is job and job.state in ("done", "failed"):
                leave()
                self._post(self._sample_made, job)

        leave = self._tools.queue.subscribe(ended)

    def _sample_made(self, job: Any) -> None:
        if job.state == "done":
            self.open_project(Path(job.result))
        else:
            self.say(f"The sample film could not be made: {job.error}", "danger")

    def switch_branch(self, name: str) -> None:
        """Makes the film another of its branches, and opens that."""
        if self.session is None:
            return
        path = self.session.project.path
        try:
            branches.keep_here(self.session.project, name)
        except (AppError, StorageError, OSError) as error:
            self.say(str(error), "warn")
            return
        here, workspace = branches.current(path), self.page.workspace() if self.page is not None else ""
        self._leave_project()
        words, kind = f"The film is on {name} now", "ok"
        try:
            branches.put_in_place(path, name, here)
        except (AppError, StorageError, OSError) as error:
            words, kind = str(error), "danger"
        if self.open_project(path):
            if workspace and self.page is not None:
                self.page.show_workspace(workspace)
            self.say(words, kind)
        else:
            self.show_welcome()
            self.say(words if kind == "danger" else f"{path.name} could not be opened again", "danger")

    def show_welcome(self) -> None:
        """Closes the project, if any, and shows the first page."""
        self._leave_project()
        self.welcome_page = Welcome(self._tools, self)
        self._toasts = Toasts(self._tools.theme, self.welcome_page)
        self.setCentralWidget(self.welcome_page)
        self.setWindowTitle("ProEditor")
        self.welcome_page.setFocus()

    def import_media(self, paths: Sequence[Path] = (), *, folder: bool = False) -> None:
        """Imports files into the project; asks which, or for a folder, when none are given."""
        if self.session is None:
            return
        if not paths and folder:
            paths = [Path(name) for name in [QFileDialog.getExistingDirectory(self, "Import a folder", self._last_folder())] if name]
        elif not paths:
            names, _ = QFileDialog.getOpenFileNames(self, "Import media", self._last_folder(), MEDIA_FILTER)
            paths = [Path(name) for name in names]
        if paths:
            self._tools.settings.set("folders/last", str(Path(paths[0]).parent))
            self.session.bench.imports.add(paths)

    def say(self, message: str, kind: str = "info") -> None:
        """A note over whatever page is shown."""
        if self.session is not None:
            self.session.bench.say(message, kind)
        elif self._toasts is not None:
            self._toasts.say(message, kind)
        else:
            QTimer.singleShot(0, self, lambda: self._toasts.say(message, kind) if self._toasts is not None else None)

    def dialog(self, name: str) -> None:
        """preferences, shortcuts, about, share, join, members or leave; brought to the front when it is open."""
        found = self._dialogs.get(name)
        if found is not None:
            found.raise_()
            found.activateWindow()
            return
        bench = self.session.bench if self.session is not None else None
        with undisturbed(bench) if bench is not None else contextlib.nullcontext():
            made = self._dialog(name)
            if made is not None:
                self._keep(name, made).show()
        if made is not None:
            made.activateWindow()

    def _dialog(self, name: str) -> QDialog | None:
        bench = self.session.bench if self.session is not None else None
        if name == "preferences":
            return Preferences(self._tools, self)
        if name == "shortcuts" and bench is not None:
            return Shortcuts(bench, self)
        if name == "about":
            return About(self._tools.theme, self)
        if name == "join" and self._tools.sharing is not None:
            return self._join(self._tools.sharing)
        if name in ("share", "members", "leave") and bench is not None:
            return {"share": Share, "members": MembersDialog, "leave": Leave}[name](bench, self)
        return None

    def _join(self, lent: Sharing) -> Join:
        made = Join(self._tools.theme, self._tools.settings, lent, self._last_folder(), self)
        made.joined.connect(lambda path: QTimer.singleShot(0, self, lambda: self.open_project(Path(path))))
        return made

    def quit(self) -> None:
        """Ends; asks first where a film is being exported."""
        self.close()

    def end(self) -> None:
        """Ends without asking."""
        self._sure = True
        self.close()

    def take_down(self) -> None:
        """The one way to shut down: page, project, processes, timers, in that order. Safe to call twice."""
        if self._down:
            return
        self._down = True
        self.place.keep()
        for dialog in list(self._dialogs.values()):
            dialog.close()
        self._leave_project()
        self._post.close()
        self._tools.settings.sync()
        self.deleteLater()
        QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete: nothing may outlive the processes it talks to

    # events

    def closeEvent(self, event: QCloseEvent) -> None:
        left = unfinished(self._tools.queue)
        if left and not (self._sure or self._down):
            event.ignore()
            if "quit" not in self._dialogs:
                self._keep("quit", question(left, lambda: self._post(self.end), self)).open()
            return
        self.take_down()
        event.accept()
        QApplication.quit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and any(url.isLocalFile() for url in event.mimeData().urls()):
            take_a_copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        take_a_copy(event)
        self.dropped(paths)

    def dropped(self, paths: list[Path]) -> None:
        """Files fell on the window: a project is opened, everything else is imported."""
        project = next((p for p in paths if p.suffix == ".proedit"), None)
        if project is not None:
            self.offer_merge(project)
        elif self.session is not None:
            self.import_media(paths)
        else:
            self.say("Make or open a project first, then drop the files again", "info")

    # inside

    def _opened(self, path: Path) -> OpenProject:
        try:
            return self._makers.open_project(path)
        except (ProjectInUse, NotAllowed) as error:  # a folder that cannot be written in is no reason to show nothing
            words = f"Another program holds {path.stem}, so it is open for reading only. Close it there to edit here."
            if isinstance(error, NotAllowed):
                words = f"{path.stem} is open for reading only: {str(error).partition(';')[0]}. Copy it to a folder of yours to edit it."
            project = self._makers.look_at_project(path)
            QTimer.singleShot(400, self, lambda: self.say(words, "warn"))
            return project

    def _enter(self, project: OpenProject) -> None:
        self._leave_project()
        self.session = Session(project, self._tools, self)
        self._show_page()
        self._remember(project.path)
        self.setWindowTitle(f"{project.snapshot.project.name or project.path.stem} – ProEditor")
        QTimer.singleShot(0, self.session, self.session.start)

    def _show_page(self) -> None:
        assert self.session is not None
        self.welcome_page, self._toasts = None, None
        self.page = ProjectPage(self.session.bench, self)
        self.setCentralWidget(self.page)

    def _leave_project(self) -> None:
        for dialog in list(self._dialogs.values()):
            dialog.close()
        page, self.page = self.page, None
        if page is not None:
            page.take_down()
        session, self.session = self.session, None
        if session is not None:
            session.close()
        if page is not None:
            self.takeCentralWidget()
            page.hide()
            page.deleteLater()
        if session is not None:
            session.deleteLater()

    def _rebuild(self) -> None:
        """Theme or scale changed: the page is made again; the project stays open."""
        workspace, old = self.page.workspace() if self.page is not None else "", self.page
        if old is not None:
            old.take_down()
            self.takeCentralWidget()
            old.hide()
            delete(old)  # first: Qt would dress each of its widgets anew, which takes several times as long as making the new ones
            self.page = None
        settings = self._tools.settings
        self._tools.theme.set(str(settings.get("look/theme", "dark")), float(settings.get("look/scale", 1.0)))
        if old is None:
            if self.session is None:
                self.show_welcome()
            return
        assert self.session is not None
        self.session.bench.actions.recolour()
        self._show_page()
        assert self.page is not None
        self.session.bench.selection.changed.emit()  # what was made anew shows what was selected before
        if workspace != "edit":
            self.page.show_workspace(workspace)

    def _setting(self, key: str) -> None:
        if key in ("look/theme", "look/scale"):
            QTimer.singleShot(0, self, self._rebuild)
        elif key == "keys/map":
            self._tools.keymap.replace(keymap_file(self._tools.settings))
        elif self.session is not None and key == "playback/quality":
            self.session.bench.frames.set_quality(str(self._tools.settings.get(key, "auto")))
        elif self.session is not None and key == "playback/scrub_sound":
            self.session.bench.transport.scrub_sound = bool(self._tools.settings.get(key, True))

    def _keep(self, name: str, dialog: QDialog) -> QDialog:
        self._dialogs[name] = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(lambda: self._dialogs.pop(name, None))
        dialog.finished.connect(lambda _code: self._dialogs.pop(name, None))
        return dialog

    def _remember(self, path: Path) -> None:
        settings = self._tools.settings
        recent = [p for p in settings.get("recent", []) if p != str(path)]
        settings.set("recent", [str(path), *recent][:20])
        settings.set("folders/last", str(path.parent))

    def _last_folder(self) -> str:
        folder = Path(str(self._tools.settings.get("folders/last", str(Path.home()))))
        return str(folder if folder.is_dir() else Path.home())
