"""The project file: journal, snapshots, locations, problems.

Owns: the public names of the package. Refuses: knowing what records mean.
"""

from __future__ import annotations

from editor_core.storage.errors import (
    NewerProject,
    NotAllowed,
    NotAProject,
    NotSaved,
    ProjectDamaged,
    ProjectExists,
    ProjectInUse,
    ProjectMissing,
    ReadOnlyProject,
    StorageError,
)
from editor_core.storage.journal import Ticket
from editor_core.storage.locations import Locations
from editor_core.storage.problems import Problem
from editor_core.storage.project_file import DocumentState, ProjectFile

__all__ = [
    "DocumentState", "Locations", "NewerProject", "NotAProject", "NotAllowed", "NotSaved", "Problem", "ProjectDamaged", "ProjectExists",
    "ProjectFile", "ProjectInUse", "ProjectMissing", "ReadOnlyProject", "StorageError", "Ticket",
]
