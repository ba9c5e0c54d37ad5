"""Comments: saying something, going from one to the next, answering, resolving, drawing.

Owns: actions of comments. Refuses: the panel and the picture, which `bench.comments` tells.
"""

from __future__ import annotations

from app.desktop.bridge import ActionSpec, Workbench, action
from app.desktop.shell.actions import needs


def _may(bench: Workbench) -> str:
    return bench.comments.refusal


def _chosen(bench: Workbench) -> str:
    if bench.comments.current is None:
        return "Choose a comment first"
    return bench.comments.refusal


def _resolve_words(bench: Workbench) -> str:
    one = bench.comments.current
    return "Reopen comment" if one is not None and not one.thread.open else "Resolve comment"


@action("comment.add", "Comment at playhead", menu="Markers", icon="message-square-plus", reason=_may, command="comment.add")
def add(bench: Workbench) -> None:
    """Says something about what is seen at the playhead, or about the in-out range there; it follows the clip when the film is cut."""
    bench.comments.compose()


@action("comment.on_clip", "Comment on clip", menu="Clip", icon="message-square-plus",
        reason=lambda bench: needs.clips(bench) or bench.comments.refusal, command="comment.add")
def on_clip(bench: Workbench) -> None:
    """Says something about the selected clip as a whole; it stays with the clip however it is trimmed and wherever it is moved."""
    bench.comments.compose(clip=next(iter(needs.chosen_clips(bench)), None))


@action("comment.next", "Next comment", menu="Markers", icon="chevron-down")
def following(bench: Workbench) -> None:
    """Goes to the next comment of the list."""
    bench.comments.step(1)


@action("comment.previous", "Previous comment", menu="Markers", icon="chevron-up")
def previous(bench: Workbench) -> None:
    """Goes to the comment before."""
    bench.comments.step(-1)


@action("comment.reply", "Reply to comment", menu="Markers", icon="reply", reason=_chosen, command="comment.reply")
def reply(bench: Workbench) -> None:
    """Puts the cursor into the reply field of the chosen comment."""
    bench.comments.replied.emit()


@action("comment.resolve", "Resolve comment", menu="Markers", icon="check", reason=_chosen, label=_resolve_words, command="comment.resolve")
def resolve(bench: Workbench) -> None:
    """Closes the chosen comment, or opens it again."""
    one = bench.comments.current
    if one is not None:
        bench.comments.toggle_resolved(one.thread)


def _tool(key: str, title: str, icon: str, words: str) -> ActionSpec:
    def run(bench: Workbench) -> None:
        bench.comments.set_tool("" if bench.comments.tool == key else key)

    return ActionSpec(f"draw.{key}", title, run=run, menu="Markers", icon=icon, help=words, reason=_may,
                      checked=lambda bench: bench.comments.tool == key)


ACTIONS = [
    _tool("stroke", "Draw with the pen", "pencil", "Draws over the picture, as part of a comment."),
    _tool("arrow", "Draw an arrow", "arrow-up-right", "Draws an arrow over the picture, as part of a comment."),
    _tool("rectangle", "Draw a rectangle", "square", "Frames a part of the picture, as part of a comment."),
    _tool("text", "Write on the picture", "type", "Writes a few words over the picture, as part of a comment."),
    ActionSpec("comment.export", "Export comments …", menu="Markers", icon="download",
               help="Writes the comments of the list as a table."),
    ActionSpec("comment.markers", "Make markers of comments", menu="Markers", icon="bookmark-plus", command="marker.add",
               help="Puts a marker of the timeline at each comment of the list, as one step."),
    ActionSpec("panel.comments", "Comments", run=lambda bench: bench.shell.show_panel("comments"), menu="Panels", icon="message-square",
               help="Shows the Comments panel and gives it the focus."),
]
