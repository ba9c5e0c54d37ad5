"""Working with others: sharing, joining, Live and Held, following.

Owns: actions of the Collaborate menu. Refuses: dialogs (the shell has them) and the work itself (see `bridge.together`).
"""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.desktop.bridge import ActionSpec, Workbench, action


def _shared(bench: Workbench) -> str:
    return "" if bench.together.state != "off" else "This project is not shared"


def _online(bench: Workbench) -> str:
    return _shared(bench) or ("" if bench.together.state == "online" else "There is no connection now")


def _may_share(bench: Workbench) -> str:
    if bench.services is not None and bench.services.project.file.read_only:
        return "The project is open for reading only"
    together = bench.together
    if together.out:
        return "You do not take part in this film’s room any more; share a copy of it"
    if together.state != "off" and together.role not in ("owner", ""):
        return f"Only owners may invite others; you are {together.role}"
    return ""


@action("together.share", "Share …", menu="Collaborate", icon="user-plus", reason=_may_share)
def share(bench: Workbench) -> None:
    """Lets others edit this film with you: makes a link that invites."""
    bench.shell.dialog("share")


@action("together.join", "Join …", menu="Collaborate", icon="log-in")
def join(bench: Workbench) -> None:
    """Takes a link and makes the film that it leads to on this computer."""
    bench.shell.dialog("join")


@action("together.copy_link", "Copy link", menu="Collaborate", icon="share-2",
        reason=lambda bench: _shared(bench) or ("" if bench.late.get("link") else "Make a link first, with Share …"))
def copy_link(bench: Workbench) -> None:
    """Puts the link that was made last into the clipboard."""
    QGuiApplication.clipboard().setText(str(bench.late["link"]))
    bench.say("The link is in the clipboard", "ok")


@action("together.members", "Members …", menu="Collaborate", icon="users",
        reason=lambda bench: _shared(bench) or ("A plain room has no list of members" if bench.together.plain else ""))
def members(bench: Workbench) -> None:
    """Who takes part, with which role; owners change roles and remove people."""
    bench.shell.dialog("members")


@action("together.hold", "Hold others’ changes", menu="Collaborate", icon="pe-held", reason=_online,
        checked=lambda bench: bench.together.held)
def hold(bench: Workbench) -> None:
    """Held: what others do waits until you take it. Live: it appears at once."""
    bench.together.hold(not bench.together.held)


@action("together.take", "Take what waits", menu="Collaborate", icon="download",
        reason=lambda bench: _shared(bench) or ("" if bench.together.waiting else "Nothing waits"),
        label=lambda bench: f"Take what waits ({bench.together.waiting})" if bench.together.waiting else "Take what waits")
def take(bench: Workbench) -> None:
    """Brings in the changes of others that wait."""
    bench.together.take_waiting()


@action("together.review", "Review what waits …", menu="Collaborate", icon="git-merge",
        reason=lambda bench: _shared(bench) or ("" if bench.together.waiting else "Nothing waits"))
def review(bench: Workbench) -> None:
    """Plays what others did beside your cut before you take it."""
    incoming = bench.together.incoming()
    opener = getattr(bench.shell, "open_review", None)
    if incoming is not None and callable(opener):
        opener(incoming)
    else:
        bench.together.take_waiting()


@action("together.follow_next", "Follow next person", menu="Collaborate", icon="locate", reason=_online)
def follow_next(bench: Workbench) -> None:
    """Goes where the next person goes, until you do something yourself."""
    bench.together.follow_next()


@action("together.hide_cursor", "Hide my cursor", menu="Collaborate", icon="eye-off", reason=_shared,
        checked=lambda bench: bench.together.hidden)
def hide_cursor(bench: Workbench) -> None:
    """Others see neither your playhead nor your selection."""
    bench.together.hide_cursor(not bench.together.hidden)


@action("together.offline", "Work offline", menu="Collaborate", icon="wifi-off", reason=_shared,
        checked=lambda bench: bench.together.by_choice)
def offline(bench: Workbench) -> None:
    """Ends the connection until you switch this off again; edits are kept and sent then."""
    bench.together.work_offline(not bench.together.by_choice)


@action("together.resync", "Resync", menu="Collaborate", icon="refresh-cw", reason=_shared)
def resync(bench: Workbench) -> None:
    """Connects anew, and works the film out again from everything that everybody did."""
    bench.together.resync()


@action("together.leave", "Leave …", menu="Collaborate", icon="log-out", reason=_shared)
def leave(bench: Workbench) -> None:
    """Ends working together on this computer; the film stays as it is."""
    bench.shell.dialog("leave")


ACTIONS = [
    ActionSpec("panel.people", "People", run=lambda bench: bench.shell.show_panel("people"), menu="Panels", icon="users",
               help="Shows who is here and what they do, and gives it the focus."),
    ActionSpec("workspace.review", "Review workspace", run=lambda bench: bench.shell.visit_workspace("review"), menu="Window",
               checked=lambda bench: bench.shell.workspace() == "review",
               help="People, comments, a large picture, and the timeline below."),
]
