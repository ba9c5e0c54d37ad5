"""What another process may ask of an open project that is more than a command: merging, deciding, versions, branches.

Owns: the table of these requests. Refuses: doing the work (see the services it names).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject


def serve(project: OpenProject, what: str, args: dict[str, Any]) -> Any:
    """The answer to one request, on the thread that owns the document. Raises AppError, CommandError, StorageError."""
    if what == "merge":
        return _merge(project, Path(str(args.get("other"))))
    raise AppError(f"unknown request {what!r}")


def _merge(project: OpenProject, other: Path) -> Any:
    from app.services.merging import merge_copy, open_other
    from app.services.reading import read_project

    theirs = read_project(open_other(other, project.path), project)
    try:
        return merge_copy(project, theirs)
    finally:
        theirs.close()
