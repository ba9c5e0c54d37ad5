"""Actions of the merge preview.

Owns: opening a copy to merge, coming back to a review, and what the page lends while it is shown. Refuses: merging.
"""

from __future__ import annotations

from app.desktop.bridge import ActionSpec, Workbench, action


@action("merge.copy", "Merge a copy …", menu="File", icon="git-merge")
def merge_copy(bench: Workbench) -> None:
    """Compares this film with a copy that was edited elsewhere; what differs is played and chosen before anything changes."""
    bench.shell.merge_copy()


@action("merge.show", "Show merge preview", menu="File", icon="git-merge",
        reason=lambda bench: "" if bench.shell.review_waits() else "No merge is being looked at")
def show(bench: Workbench) -> None:
    """Goes back to the merge that is being looked at."""
    bench.shell.show_review()


def _page(key: str, title: str, help_: str, icon: str = "") -> ActionSpec:
    return ActionSpec(f"merge.{key}", title, menu="Merge", icon=icon, help=help_)


ACTIONS = [
    _page("player_mine", "Hear my cut", "The sound of my cut is heard in the merge preview."),
    _page("player_theirs", "Hear their cut", "The sound of their cut is heard in the merge preview."),
    _page("player_merged", "Hear the merged cut", "The sound of the merged cut is heard in the merge preview."),
    _page("next", "Next change", "Looks at the next change of the merge.", "chevron-right"),
    _page("previous", "Previous change", "Looks at the change before.", "chevron-left"),
    _page("play", "Play the change", "Plays the three cuts from three seconds before the change.", "play"),
    _page("step_back", "One frame back in the merge", "Moves the three cuts back by a frame."),
    _page("step_forward", "One frame forward in the merge", "Moves the three cuts forward by a frame."),
    _page("tick", "Tick the change", "Takes the change into the merge, or leaves it out.", "check"),
    _page("all_theirs", "Take theirs for all that is listed", "Chooses theirs for every change that the list shows."),
    _page("all_mine", "Keep mine for all that is listed", "Chooses mine for every change that the list shows."),
    _page("mark_in", "Mark in for choices", "Choices for the marked range begin at the playhead.", "pe-trim-out"),
    _page("mark_out", "Mark out for choices", "Choices for the marked range end with the frame at the playhead.", "pe-trim-in"),
    _page("clear_marks", "Clear the marked range", "No range of the merge is marked any more.", "brackets"),
    _page("range_theirs", "Take theirs in the marked range", "Chooses theirs for every change that is listed and in the marked range."),
    _page("range_mine", "Keep mine in the marked range", "Chooses mine for every change that is listed and in the marked range."),
    _page("range_merged", "Leave the marked range as merged", "Takes back choices for what is listed and in the marked range."),
    _page("decide_next", "Next open decision", "Looks at the next matter that is not decided.", "triangle-alert"),
    _page("branch", "Keep the merge as a branch", "Keeps the merge with its choices beside the film, which stays as it is.", "git-branch"),
    _page("not_now", "Leave the merge for later", "Closes the merge preview; nothing has changed."),
    _page("apply", "Apply the merge as one step", "Brings everything in, with the choices; undone in one step.", "git-merge"),
]
