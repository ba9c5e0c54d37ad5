"""The document: records, the ChangeSets that change them, history and integrity.

Owns: the public names of the package. Refuses: commands, storage and replicas, which build on it.
"""

from __future__ import annotations

from editor_core.document.change_set import (
    LISTED,
    NOBODY,
    ChangeSet,
    Create,
    Entry,
    Operation,
    Put,
    Shift,
    Stamp,
    StampRow,
    Take,
    entry_of,
)
from editor_core.document.document import Document
from editor_core.document.draft import Draft
from editor_core.document.history import History, UndoRefused
from editor_core.document.integrity import Breach, IntegrityError
from editor_core.document.staging import CREATED
from editor_core.document.view import DocumentError, Snapshot, UnknownRecord, View

__all__ = [
    "CREATED", "LISTED", "NOBODY", "Breach", "ChangeSet", "Create", "Document", "DocumentError", "Draft", "Entry", "History",
    "IntegrityError", "Operation", "Put", "Shift", "Snapshot", "Stamp", "StampRow", "Take", "UndoRefused",
    "UnknownRecord", "View", "entry_of",
]
