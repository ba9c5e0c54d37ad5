"""What this device's role in a film's room allows here: what everybody else would refuse is not done here either.

Owns: the permission that a command door asks, from the film's file alone. Refuses: who may comment (see `commenting`), and changing roles
(see `collab.sharing`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from editor_core.commands.registry import CommandError
from editor_core.storage.rooms import room_of

if TYPE_CHECKING:
    from app.services.open_project import OpenProject

EDITS = frozenset({"merge", "resolve", "version.restore", "blame.restore", "branch.merge"})
"""Requests of `app.services.together` that change the film."""


def may_do(role: str, owner: str) -> Callable[[Any, Any], str]:
    """The permission that a command door asks for somebody of a role.

    `owner` is whom to ask, as a name.
    """
    if role not in ("viewer", "commenter"):
        return lambda _actor, _spec: ""
    words = f"{role.capitalize()}s cannot edit this film; ask {owner or 'an owner'} to make you an editor"
    allowed = ("comment.", "edit.undo", "edit.redo") if role == "commenter" else ("comment.",)  # comments say themselves who may
    return lambda _actor, spec: "" if spec.id.startswith(allowed) else words


def hold_to_role(project: OpenProject) -> None:
    """From now on commands on a film that is in a room are held to the role that its file tells of, which is read with the first one.
    Whose time is over does with the copy what they like: nobody else gets it."""
    if room_of(project.file) is None:
        return
    known: list[Callable[[Any, Any], str]] = []

    def permission(actor: Any, spec: Any) -> str:
        if not known:
            known.append(may_do(*_role_and_owner(project)))
        return known[0](actor, spec)

    project.door.restrict(permission)


def refuse_edit(project: OpenProject) -> None:
    """Raises CommandError where the role does not let anybody here change the film."""
    if reason := project.door.may("conflict.decide"):
        raise CommandError(reason)


def _role_and_owner(project: OpenProject) -> tuple[str, str]:
    from app.services.commenting import members_of
    from editor_core.sync.members import over

    found = members_of(project)
    if found is None:
        return "", ""
    members, key = found
    if over(members.until(key), time.time()):
        return "", ""
    return members.role(key) or "", next((m.person for m in members.present() if m.role == "owner" and m.person), "")
