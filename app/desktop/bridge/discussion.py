"""The comments of the open project, as the window shows them.

Owns: which threads there are and where they stand, which one is chosen, a comment that is being written with its drawing, what is unread.
Refuses: widgets and painting; what is said goes through the door as commands.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.notices import Notice, Notices
from app.desktop.bridge.speakers import Speakers
from app.services.commenting import RoomStanding, placed, wanted
from editor_core.comments import Comment, Comments, Person, Place, Thread
from editor_core.comments.acts import Shape, shape_plain
from editor_core.comments.talk import Talk
from editor_core.comments.threads import same_author
from editor_core.document import ChangeSet, Snapshot
from editor_core.schema import Clip, MediaReference
from editor_core.storage import StorageError

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench

log = logging.getLogger(__name__)
FILTERS = (("open", "Open"), ("mine", "Mine"), ("tasks", "Tasks"), ("resolved", "Resolved"))
"""Keys and words of the filters of threads."""
TOOLS = ("stroke", "arrow", "rectangle", "text")
LINGER = 1.5
"""Seconds for which the drawing of a comment at a point stays on the picture while the film plays."""


class Shown(NamedTuple):
    """A thread and where it stands in the film now."""

    thread: Thread
    place: Place


class Draft(NamedTuple):
    """A comment that is being written: a new one at `at`, ticks, about a `clip` as a whole where one is named; or the text of `edits`."""

    at: int
    duration: int = 0
    clip: str = ""
    edits: Comment | None = None


class Discussion(QObject, Speakers):
    """`shown` are all threads in the order of the film. Everything happens on the interface thread."""

    changed = Signal()
    """Threads, their places, or the chosen one."""
    drafted = Signal()
    """What is being written began or ended, or its drawing or tool is another."""
    replied = Signal()
    """The reply field is wanted."""

    def __init__(self, bench: Workbench, talk: Talk, *, read_only: bool = False, parent: QObject | None = None) -> None:
        QObject.__init__(self, parent)
        Speakers.__init__(self)
        self._bench = bench
        self._talk = talk
        self._read_only = read_only
        self.comments: Comments = talk.comments
        self._view: Snapshot | None = None
        self._shown: tuple[Shown, ...] = ()
        self._told = self._shown
        """What listeners were last told of; pictures that are painted look for the places before them."""
        self._on_clips: dict[str, int] = {}
        self.chosen: bytes | None = None
        self.filter = "open"
        self.draft: Draft | None = None
        self.tool = ""
        self.shapes: tuple[Shape, ...] = ()
        self.notices = Notices(bench, talk, self.me, self)
        self._soon = QTimer(self, singleShot=True, interval=30)
        self._soon.timeout.connect(self._follow)
        self._leave = self.comments.subscribe(self._said)
        if isinstance(talk.standing, RoomStanding):
            talk.standing.postpone()
            threading.Thread(target=self._look, args=(talk.standing,), name="who-may-comment", daemon=True).start()

    def _look(self, standing: RoomStanding) -> None:
        """What the file tells of the room, read beside the window."""
        try:
            found = standing.read()
        except StorageError as error:
            log.warning("who may comment cannot be read: %s", error)
            return
        self._bench.post(self._looked, standing, found)

    def _looked(self, standing: RoomStanding, found: Any) -> None:
        standing.settle(found)
        self.changed.emit()

    def close(self) -> None:
        """The project is being closed."""
        self._leave()
        self.notices.close()

    # what there is

    @property
    def shown(self) -> tuple[Shown, ...]:
        """Every thread, where it stands now."""
        if self._view is not self._bench.snapshot:
            self._place()
        return self._shown

    def _place(self) -> None:
        self._view = self._bench.snapshot
        self._shown = tuple(Shown(t, p) for t, p in placed(self.comments.threads(), self._view))
        counts: dict[str, int] = {}
        for thread, place in self._shown:
            if thread.open and place.clip:
                counts[place.clip] = counts.get(place.clip, 0) + 1
        self._on_clips = counts

    def filtered(self, key: str = "") -> list[Shown]:
        """Threads of a filter; `open`, `mine` and `tasks` are open ones."""
        key = key or self.filter
        kept = {t.id for t in wanted((s.thread for s in self.shown), self.me, opened=key != "resolved", mine=key == "mine",
                                     tasks=key == "tasks", resolved=key == "resolved")}
        return [one for one in self.shown if one.thread.id in kept]

    def on_clip(self, clip: str) -> int:
        """How many open threads stand on a clip."""
        return self._on_clips.get(clip, 0) if self._shown or self.shown else 0

    def counts(self) -> dict[str, int]:
        """The same for all clips on which any stand."""
        return dict(self._on_clips) if self.shown else {}

    @property
    def current(self) -> Shown | None:
        """The chosen thread."""
        return next((one for one in self.shown if one.thread.id == self.chosen), None)

    def at_playhead(self, ticks: int, *, playing: bool) -> list[Shown]:
        """Threads whose drawing belongs on the picture of that time: open ones, and the chosen one."""
        frame = self._bench.transport.frame
        linger = round(LINGER * self._bench.rate.fps) * frame if playing else frame
        return [one for one in self.shown if (one.thread.open or one.thread.id == self.chosen) and one.thread.drawing
                and one.place.start // frame * frame <= ticks < one.place.start + max(one.place.duration, linger)]

    def mine(self, comment: Comment) -> bool:
        """Whether this person said it."""
        return same_author(comment.author, self.me)

    def may_change(self, comment: Comment) -> bool:
        """Whether this person may edit or delete it."""
        return self.mine(comment) or self._talk.standing.moderates()

    @property
    def refusal(self) -> str:
        """Why this person may not comment; empty if they may."""
        if self._read_only:
            return "This project is open for reading only"
        return self._talk.standing.refusal()

    def people(self) -> list[Person]:
        """Everyone who can be named or given a task."""
        return self._talk.people(self.me)

    def waits(self, comment: Comment) -> bool:
        """Whether it was said here, in a shared project, and has not gone out yet."""
        standing = self._talk.standing
        return isinstance(standing, RoomStanding) and self.mine(comment) and standing.waits(comment.id)

    # choosing

    def choose(self, thread_id: bytes | None, *, seek: bool = True, panel: bool = False) -> None:
        """Opens a thread, goes to where it stands, shows the panel."""
        if thread_id != self.chosen:
            self.chosen = thread_id
            self.changed.emit()
        one = self.current
        if one is None:
            return
        if self.filter == "resolved" and one.thread.open:
            self.set_filter("open")
        elif self.filter != "resolved" and not one.thread.open:
            self.set_filter("resolved")
        self.notices.read(one.thread.id)
        if seek:
            self._bench.transport.stop()
            self._bench.transport.seek(one.place.start)
        if panel:
            self._bench.shell.show_panel("comments")

    def step(self, by: int) -> None:
        """Chooses the next thread of the filter, or the one before, from the chosen one or the playhead."""
        some = self.filtered()
        if not some:
            self._bench.say("No comments here", "info")
            return
        ids = [one.thread.id for one in some]
        if self.chosen in ids:
            number = ids.index(self.chosen) + by
        else:
            now = self._bench.transport.ticks
            later = [n for n, one in enumerate(some) if one.place.start >= now + (by > 0)]
            number = (later[0] if later else len(some)) - (by < 0)
        if 0 <= number < len(some):
            self.choose(ids[number])
        else:
            self._bench.say("That was the last comment" if by > 0 else "That was the first comment", "info")

    def set_filter(self, key: str) -> None:
        if key != self.filter:
            self.filter = key
            self.changed.emit()

    # writing

    def compose(self, tool: str = "", clip: Clip | None = None) -> None:
        """Begins a comment at the playhead, over the in-out range where the playhead is in it; or about a clip."""
        if self.refusal:
            self._bench.say(self.refusal, "warn")
            return
        if clip is not None:
            at = self._bench.transport.ticks
            self.shapes = ()
            self.draft = Draft(at if clip.start <= at < clip.end else clip.start, clip=clip.id)
        elif self.draft is None or self.draft.edits is not None:
            transport = self._bench.transport
            transport.stop()
            at, duration = transport.ticks, 0
            if transport.mark_in is not None and transport.mark_out is not None:
                start, end = transport.marks()
                if start <= at < end:
                    at, duration = start, end - start
            self.shapes = ()
            self.draft = Draft(at, duration)
        self.tool = tool
        self.drafted.emit()
        if not tool:
            self._bench.shell.show_panel("comments")

    @property
    def subject(self) -> str:
        """The name of the clip that the comment being written is about; empty for a moment or a range."""
        view = self._bench.snapshot
        clip = view.find(Clip, self.draft.clip) if self.draft is not None and self.draft.clip else None
        media = view.find(MediaReference, clip.asset) if clip is not None and clip.asset else None
        if clip is None:
            return ""
        return clip.name or (media.name if media is not None else "") or clip.text.split("\n", 1)[0] or clip.kind

    def edit(self, comment: Comment) -> None:
        """Begins to change a text."""
        thread = self.comments.thread(comment.id)
        here = next((one for one in self.shown if thread is not None and one.thread.id == thread.id), None)
        self.draft = Draft(here.place.start if here is not None else 0, edits=comment)
        self.tool, self.shapes = "", ()
        self.drafted.emit()

    def to_point(self) -> None:
        """The comment being written is about a moment and not the range."""
        if self.draft is not None:
            self.draft = self.draft._replace(at=self._bench.transport.ticks, duration=0, clip="")
            self.drafted.emit()

    def set_tool(self, tool: str) -> None:
        """Picks a drawing tool, empty for none; begins a comment where none is being written."""
        if tool and self.draft is None:
            self.compose(tool)
            return
        self.tool = tool
        self.drafted.emit()

    def draw(self, shape: Shape) -> None:
        """Adds a shape to the comment that is being written."""
        self.shapes = (*self.shapes, shape)
        self._bench.shell.show_panel("comments")
        self.drafted.emit()

    def undraw(self) -> None:
        """Takes the last shape away."""
        self.shapes = self.shapes[:-1]
        self.drafted.emit()

    def drop(self) -> None:
        """Gives up what is being written."""
        self.draft, self.tool, self.shapes = None, "", ()
        self.drafted.emit()

    def send(self, text: str, assign: str = "") -> bool:
        """Says what is being written; whether it was done."""
        draft = self.draft
        if draft is None or not text.strip():
            return False
        if draft.edits is not None:
            done = self._bench.run("comment.edit", {"comment": draft.edits.name, "text": text.strip()})
        else:
            args: dict[str, Any] = {"text": text.strip(), "at": draft.at, "duration": draft.duration, "drawing": shapes_plain(self.shapes)}
            if assign:
                args["assign"] = assign
            if draft.clip:
                args["clip"] = draft.clip
            done = self._bench.run("comment.add", args)
        if done is None:
            return False
        self.drop()
        made = self.comments.find(str(done.get("comment"))) if isinstance(done, dict) and done.get("comment") else None
        if made is not None:
            self.choose(made, seek=False)
        return True

    def reply(self, text: str) -> bool:
        """Says something in the chosen thread; whether it was done."""
        one = self.current
        if one is None or not text.strip():
            return False
        return self._bench.run("comment.reply", {"comment": one.thread.name, "text": text.strip()}) is not None

    def toggle_resolved(self, thread: Thread) -> None:
        """Resolves an open thread, opens a resolved one; the next of the list is chosen."""
        ids = [one.thread.id for one in self.filtered()]
        self._bench.run("comment.resolve" if thread.open else "comment.reopen", {"comment": thread.name})
        if thread.id in ids and self.chosen == thread.id:
            rest = [i for i in ids if i != thread.id]
            where = ids.index(thread.id)
            self.chosen = rest[min(where, len(rest) - 1)] if rest else None
            self.changed.emit()

    # following

    def document_changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        """For the document's listener: threads may stand elsewhere now."""
        if len(self.comments):
            self._soon.start()

    def _follow(self) -> None:
        if self._told != self.shown:
            self._told = self.shown
            self.changed.emit()

    def _said(self, ids: list[bytes]) -> None:
        self._view = None
        self.notices.arrived(ids)
        self.changed.emit()
        together = self._bench.late.get("together")
        if together is not None:  # what was said here goes out
            together.document_changed()

    def open_notice(self, notice: Notice) -> None:
        """Goes to what a notice is about."""
        if notice.thread:
            self.choose(notice.thread, panel=True)


def shapes_plain(shapes: Sequence[Shape]) -> list[dict[str, Any]]:
    """Shapes as the commands take them."""
    return [shape_plain(one) for one in shapes]
