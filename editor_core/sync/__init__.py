"""The replica of a project: what makes copies of it mergeable.

Owns: the public names of the package. Refuses: networking (app.services) and storage (editor_core.storage).
"""

from __future__ import annotations

from editor_core.sync.errors import ReplicaBroken, SyncError, UpdateRefused
from editor_core.sync.fields import Unreadable
from editor_core.sync.replica import Replica

__all__ = ["Replica", "ReplicaBroken", "SyncError", "Unreadable", "UpdateRefused"]
