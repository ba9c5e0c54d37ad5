"""What another process may ask of an open project that is more than a command: merging, deciding, versions, branches.

Owns: the table of these requests. Refuses: doing the work (see the services it names).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject
from app.services.roles import EDITS, refuse_edit
from editor_core.document import ChangeSet


def serve(project: OpenProject, what: str, args: dict[str, Any]) -> Any:
    """The answer to one request, on the thread that owns the document. Raises AppError, CommandError, StorageError."""
    if what in EDITS:
        refuse_edit(project)
    if what == "merge":
        return _merge(project, Path(str(args.get("other"))))
    if what == "resolve":
        from app.services.deciding import resolve

        return resolve(project, str(args.get("conflict")), str(args.get("choice")))
    if what in ("version.save", "version.restore", "version.drop"):
        from app.services import versions

        if what == "version.save":
            return versions.save_version(project, str(args.get("name")), replace=bool(args.get("replace")))
        return getattr(versions, f"{what.removeprefix('version.')}_version")(project, str(args.get("name")))
    if what == "blame.restore":
        from app.services.blaming import restore_clip

        return restore_clip(project, str(args.get("clip")), str(args.get("stamp")))
    if what.startswith("branch."):
        from app.services.branches import serve as serve_branches

        changes = args.get("changes")
        chosen = [str(one) for one in changes] if isinstance(changes, list) else None
        return serve_branches(project, what.removeprefix("branch."), str(args.get("name", "")), chosen)
    raise AppError(f"unknown request {what!r}")


def _merge(project: OpenProject, other: Path) -> Any:
    from app.services.merging import merge_copy, open_other
    from app.services.reading import read_project

    theirs = read_project(open_other(other, project.path), project)
    try:
        return merge_copy(project, theirs)
    finally:
        theirs.close()


def needs_aligning(change: ChangeSet) -> bool:
    """Whether `align` is owed after a change that was made here."""
    from editor_core.sync.merging import astray

    return change.kind in ("undo", "redo") and astray(change)


def align(project: OpenProject) -> None:
    """After an undo or redo in a project that was merged: brings clips to where the rule for merged ripples has them."""
    from app.services.merging import align as align_project

    if any(entry.kind == "merge" for entry in project.door.history.entries):
        align_project(project)
