"""Who the people of a film are, by name.

Owns: signing a film with one's name when one changes it, taking over names from a copy that is merged, looking names up.
Refuses: proof (see the members of a room).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from app.services.open_project import OpenProject
from editor_core.storage import StorageError
from editor_core.storage import people as stored
from editor_core.storage.rooms import Rooms
from editor_core.sync.envelope import EnvelopeRefused, open_envelope
from editor_core.sync.members import Members

log = logging.getLogger(__name__)


def names(project: OpenProject, *, room: bool = False) -> dict[str, str]:
    """Names by actor id, as far as they are known; of this person always. `room` asks the members of its room, too, which takes longer."""
    try:
        found = stored.names(project.file)
        if room:
            found |= _members(project)
    except StorageError as error:
        log.warning("names cannot be read: %s", error)
        found = {}
    actor = project.door.actor
    return {**found, actor.id: actor.name} if actor.name else found


def _members(project: OpenProject) -> dict[str, str]:
    """Names as the members of the film's room signed them; none where it is in no room."""
    rooms = Rooms(project.file)
    if rooms.room is None:
        return {}
    members = Members(rooms.room.id)
    try:
        for raw in rooms.bodies(rooms.all("members")):
            members.add(open_envelope(raw, room=rooms.room.id))
    except EnvelopeRefused as error:
        log.warning("the members of %s cannot be read: %s", project.path.name, error)
    gone = dict(members.person(key) for key in members.removed())  # what they did is still theirs
    return {actor: person for actor, person in gone.items() if actor and person} | {
        one.actor: one.person for one in members.present() if one.actor and one.person}


def sign(project: OpenProject) -> None:
    """Notes this person's name in a film that they changed."""
    actor = project.door.actor
    if actor.name:
        take_names(project, {actor.id: actor.name}, over=True)


def take_names(project: OpenProject, told: Mapping[str, str], *, over: bool = False) -> None:
    """Notes names that another copy knows. A film that cannot take them is none the worse."""
    if project.file.read_only:
        return
    try:
        stored.note(project.file, told, over=over)
    except StorageError as error:
        log.warning("names cannot be kept: %s", error)
