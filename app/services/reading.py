"""A second project opened for reading beside the one that is being edited.

Owns: building its parts from the first one's. Refuses: writing.
"""

from __future__ import annotations

from pathlib import Path

from app.services.open_project import OpenProject
from editor_core.commands.context import Actor
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import Registry
from editor_core.document import Document, History
from editor_core.storage import ProjectFile


def read_project(path: Path, beside: OpenProject) -> OpenProject:
    """The project of a file, as it is on disk. Raises StorageError."""
    return project_at(path, beside.door.registry, beside.door.actor)


def project_at(path: Path, registry: Registry, actor: Actor, *, trusted: bool = False) -> OpenProject:
    """The same with parts that are given; `trusted` as in `ProjectFile.open`. Raises StorageError."""
    file = ProjectFile.open(path, session=1, read_only=True, trusted=trusted)
    state = file.document_state
    document = Document(state.records, state.stamps, state.revision)
    door = CommandDoor(document, registry, History(file.change, file.entries), actor=actor, session=1, recorder=file.record)
    return OpenProject(path, file, document, door)
