"""Link and group: clips that belong together.

Owns: writing links (picture and sound of a shot) and groups (whatever a person put together). Refuses: moving anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import require_open
from editor_core.schema import Clip


def link(draft: Draft, clips: Sequence[Clip]) -> str:
    """Links clips with each other, and with nothing else any more; returns the link. Raises EditError for fewer than two."""
    if len(clips) < 2:
        raise EditError("Linking needs two clips or more, such as a picture and its sound")
    _clear_links(draft, clips)
    made = draft.new_id("l")
    draft.put_all(clips, link=made)
    return made


def unlink(draft: Draft, clips: Sequence[Clip]) -> int:
    """Takes apart every link that the clips are in; returns how many clips were linked before. Raises EditError if none was."""
    loose = _clear_links(draft, clips)
    if not loose:
        raise EditError("None of these clips is linked")
    return loose


def _clear_links(draft: Draft, clips: Sequence[Clip]) -> int:
    require_open(draft, clips)
    members = {member.id: member for clip in clips if clip.link for member in draft.linked(clip)}
    require_open(draft, members.values(), ", which is linked to it,")
    draft.put_all(members.values(), link="")
    return len(members)


def group(draft: Draft, clips: Sequence[Clip]) -> str:
    """Groups clips, taking them out of groups they were in; returns the group. Raises EditError for fewer than two."""
    if len(clips) < 2:
        raise EditError("A group needs two clips or more")
    require_open(draft, clips)
    made = draft.new_id("g")
    draft.put_all(clips, group=made)
    return made


def ungroup(draft: Draft, clips: Sequence[Clip]) -> int:
    """Takes apart every group that the clips are in; returns how many clips were in one. Raises EditError if none was."""
    groups = {clip.group for clip in clips if clip.group}
    members = [clip for clip in draft.of_kind(Clip) if clip.group in groups]
    if not members:
        raise EditError("None of these clips is in a group")
    require_open(draft, members)
    draft.put_all(members, group="")
    return len(members)
