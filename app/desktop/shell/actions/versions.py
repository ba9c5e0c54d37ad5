"""Versions, branches, and who made a clip what it is.

Owns: asking for names and choices. Refuses: doing the work (see `bridge.versions`, `shell.blame_card`).
"""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from app.desktop.bridge import ActionSpec, Workbench, action
from app.desktop.shell.actions import needs
from app.desktop.widgets.asking import ask_one, ask_words, sure
from app.services.errors import AppError


def _writable(bench: Workbench) -> str:
    project = bench.services.project if bench.services is not None else None
    return "This project is open for reading only" if project is None or project.file.read_only else ""


def _ask(title: str, words: str, given: str, do: str) -> str:
    return ask_words(QApplication.activeWindow(), title, words, given, do) or ""


def _choose(bench: Workbench, title: str, words: str) -> str:
    others = [one.name for one in bench.versions.branches if not one.current]
    if len(others) == 1:
        return others[0]
    return ask_one(QApplication.activeWindow(), title, words, others, title.partition(" ")[0]) or ""


def _others(bench: Workbench) -> str:
    return _writable(bench) or ("" if len(bench.versions.branches) > 1 else "There is no other branch yet; try a version first")


@action("version.save", "Save version …", menu="File", icon="bookmark", reason=_writable)
def save(bench: Workbench) -> None:
    """Keeps the film as it is under a name, to come back to. Every edit is on disk anyway."""
    taken = {row["name"] for row in bench.versions.rows}
    free = next(f"Version {number}" for number in range(1, len(taken) + 2) if f"Version {number}" not in taken)
    name = _ask("Save version", "Name of this version", free, "Save version")
    replace = name in taken
    if replace and not sure(f"There is a version “{name}” already. Replace it with the film as it is now?", "Replace"):
        return
    if name:
        bench.versions.save(name, bench.transport.ticks, replace=replace)


@action("branch.new", "Try a version …", menu="File", icon="git-branch", reason=_writable)
def new(bench: Workbench) -> None:
    """Makes a branch of the film and goes on there; the film as it is now stays on its own branch."""
    name = _ask("Try a version", "Name of the branch", "trial", "Try it")
    if name:
        bench.versions.new_branch(name, lambda: bench.shell.switch_branch(name))


@action("branch.switch", "Switch branch …", menu="File", reason=_others)
def switch(bench: Workbench) -> None:
    """Goes on with another branch of the film."""
    if name := _choose(bench, "Switch branch", "Go on with"):
        bench.shell.switch_branch(name)


@action("branch.compare", "Compare with branch …", menu="File", icon="git-compare", reason=_others)
def compare(bench: Workbench) -> None:
    """Plays the film and a branch side by side and lists what differs."""
    if name := _choose(bench, "Compare", "Compare the film with"):
        bench.shell.open_compare("", name, "branch")


@action("branch.merge", "Merge branch …", menu="File", icon="git-merge", reason=_others)
def merge(bench: Workbench) -> None:
    """Reviews what a branch has and brings it into the film."""
    if name := _choose(bench, "Merge branch", "Bring into the film"):
        review_branch(bench, name)


@action("branch.drop", "Drop branch …", menu="File", reason=_others)
def drop(bench: Workbench) -> None:
    """Deletes a branch that the film is not on."""
    if name := _choose(bench, "Drop branch", "Delete the branch"):
        drop_branch(bench, name)


def review_branch(bench: Workbench, name: str) -> None:
    """Opens the merge review of a branch."""
    from app.services.branch_review import BranchIncoming

    try:
        incoming = BranchIncoming(bench.services.project, name)
    except AppError as error:
        bench.say(str(error), "warn")
        bench.versions.refresh()
        return
    bench.shell.open_review(incoming)


def drop_branch(bench: Workbench, name: str) -> None:
    """Deletes a branch after asking."""
    if sure(f"Delete the branch “{name}”? What is only there is lost.", "Delete"):
        bench.versions.drop_branch(name)


def _one_clip(bench: Workbench) -> str:
    return needs.clips(bench) if not needs.clips_at_playhead(bench) else ""


def _clip(bench: Workbench) -> str:
    if bench.selection.clips:
        return bench.selection.clips[0]
    here = needs.clips_at_playhead(bench, targets=True) or needs.clips_at_playhead(bench)
    return here[0].id if here else ""


@action("clip.blame", "Why is this clip like this?", menu="Clip", icon="history", reason=_one_clip)
def blame(bench: Workbench) -> None:
    """Shows who changed what of the selected clip, when and by which command, and brings it back to any of it."""
    if clip := _clip(bench):
        bench.shell.blame(clip)


@action("clip.history", "History of this clip", menu="Clip", reason=_one_clip)
def history(bench: Workbench) -> None:
    """Shows only the steps that changed the selected clip."""
    if clip := _clip(bench):
        show_history(bench, clip)


def show_history(bench: Workbench, clip: str) -> None:
    """The history panel with the steps of one clip."""
    bench.shell.show_panel("history")
    panel = bench.shell.panel("history")
    if panel is not None:
        panel.only_clip(clip)


@action("attention.next", "Next that needs attention", menu="Markers", icon="circle-alert",
        reason=lambda bench: "" if bench.attention.rows else "Nothing needs attention")
def next_matter(bench: Workbench) -> None:
    """Goes to the next thing that needs attention."""
    rows = bench.attention.rows
    ahead = [row for row in rows if row.at > bench.transport.ticks] or list(rows)
    bench.transport.seek(max(0, ahead[0].at))
    bench.selection.set([clip for clip in ahead[0].clips if bench.snapshot.record(clip) is not None])


ACTIONS = [
    ActionSpec("compare.next", "Next difference", menu="Markers", help="Shows the next difference between the two cuts.", palette=False),
    ActionSpec("compare.previous", "Previous difference", menu="Markers", help="Shows the difference before.", palette=False),
    ActionSpec("panel.versions", "Versions", run=lambda bench: bench.shell.show_panel("versions"), menu="Panels", icon="git-branch",
               help="Shows the Versions panel and gives it the focus."),
    ActionSpec("panel.attention", "Attention", run=lambda bench: bench.shell.show_panel("attention"), menu="Panels", icon="circle-alert",
               help="Shows the Attention panel and gives it the focus."),
]
