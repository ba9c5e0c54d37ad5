"""Errors of project files.

Owns: the exception tree of `editor_core.storage`; every message names the file and what would do. Refuses: tracebacks as messages.
"""

from __future__ import annotations


class StorageError(Exception):
    """The root of what `editor_core.storage` raises; the message is for people."""


class ProjectMissing(StorageError):
    """There is no such file."""


class ProjectExists(StorageError):
    """A file of that name is there already; nothing is ever overwritten."""


class NotAProject(StorageError):
    """The file is something else: a folder, empty, or of another program."""


class ProjectDamaged(StorageError):
    """The file is a project, but so little of it is left that nothing could be recovered. It was not touched."""


class NewerProject(StorageError):
    """The file comes from a newer version and cannot even be shown by this one. It was not touched."""


class NotAllowed(StorageError):
    """The file or its folder cannot be read or written by this user."""


class ReadOnlyProject(StorageError):
    """A change was tried on a project that is open read-only."""


class NotSaved(StorageError, TimeoutError):
    """What was waited for is not on disk yet; it is kept in memory and tried again."""


class ProjectInUse(StorageError):
    """Another process holds the project open for writing. `address` is where it listens, empty if it has not said."""

    def __init__(self, message: str, address: str = "") -> None:
        super().__init__(message)
        self.address = address
