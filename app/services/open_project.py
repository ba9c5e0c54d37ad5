"""One project open in this process, and the two ways for commands to reach it.

Owns: the parts that belong to one open file, the targets `LocalTarget` and `RemoteTarget` that the command line writes to.
Refuses: building the parts (see `app.bootstrap`); windows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec

from app.services.errors import AppError
from app.services.owner import OwnerClient
from app.services.script import run_lines
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import CommandError
from editor_core.document import Document, Snapshot
from editor_core.schema import MediaReference, new_id
from editor_core.storage import ProjectFile, StorageError

DURABLE_WITHIN = 60.0
REFUSALS: tuple[type[Exception], ...] = (CommandError, StorageError, AppError)
"""What a person may be told as it is."""


@dataclass(frozen=True)
class OpenProject:
    """A project file with its document and door. `close` waits until everything is on disk."""

    path: Path
    file: ProjectFile
    document: Document
    door: CommandDoor

    @property
    def snapshot(self) -> Snapshot:
        return self.document.snapshot

    def close(self) -> None:
        self.file.close()


class Target(Protocol):
    """Where commands go: a project in this process, or the process that holds it."""

    def execute(self, command: str, args: dict[str, Any]) -> Any:
        """The result as plain JSON values, once the command is durable. Raises one of REFUSALS."""
        ...

    def batch(self, steps: list[str], label: str) -> list[tuple[int, Any]]:
        """Runs lines of a script as one change, all or none; (line, result) of each."""
        ...

    def add_media(self, reference: MediaReference, path: Path) -> str:
        """Takes media into the project (once for equal content) and notes where it lies here; the asset's id."""
        ...

    def together(self, what: str, args: dict[str, Any]) -> Any:
        """Merging, deciding, versions and branches (see `app.services.together`)."""
        ...

    def close(self) -> None: ...


def add_media(project: OpenProject, reference: MediaReference, path: Path) -> str:
    """As `Target.add_media`, for the thread that owns the document."""
    same = next((m for m in project.snapshot.of_kind(MediaReference) if m.hash == reference.hash), None)
    if same is None:
        fields = {k: v for k, v in msgspec.to_builtins(reference).items() if k not in ("id", "type", "deleted")}
        outcome = project.door.execute("asset.add", fields)
        outcome.wait(DURABLE_WITHIN)
        asset = str(outcome.result["asset"])
    else:
        asset = same.id
    project.file.locations.set(asset, path)
    return asset


def run_batch(project: OpenProject, steps: Iterable[str], label: str) -> list[tuple[int, Any]]:
    """As `Target.batch`, for the thread that owns the document."""
    with project.door.batch(label) as commit:
        results = list(run_lines(steps, lambda command, args: project.door.execute(command, args).result, REFUSALS))
        outcome = commit()
    outcome.wait(DURABLE_WITHIN)
    return results


class LocalTarget:
    """Commands on a project that this process holds."""

    def __init__(self, project: OpenProject) -> None:
        self.project = project

    def execute(self, command: str, args: dict[str, Any]) -> Any:
        outcome = self.project.door.execute(command, args)
        outcome.wait(DURABLE_WITHIN)
        return outcome.result

    def batch(self, steps: list[str], label: str) -> list[tuple[int, Any]]:
        return run_batch(self.project, steps, label)

    def add_media(self, reference: MediaReference, path: Path) -> str:
        return add_media(self.project, reference, path)

    def together(self, what: str, args: dict[str, Any]) -> Any:
        from app.services.together import serve

        return serve(self.project, what, args)

    def close(self) -> None:
        self.project.close()


class RemoteTarget:
    """Commands through the door of the process that holds the project; they appear in its window."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client

    def execute(self, command: str, args: dict[str, Any]) -> Any:
        return self._client.ask({"do": "run", "command": command, "args": args})

    def batch(self, steps: list[str], label: str) -> list[tuple[int, Any]]:
        answer = self._client.ask({"do": "batch", "steps": steps, "label": label})
        return [(int(line), result) for line, result in answer]

    def add_media(self, reference: MediaReference, path: Path) -> str:
        return str(self._client.ask({"do": "add_media", "reference": msgspec.to_builtins(reference), "path": str(path)}))

    def together(self, what: str, args: dict[str, Any]) -> Any:
        return self._client.ask({"do": "together", "what": what, "args": args})

    def close(self) -> None:
        self._client.close()


def answer(project: OpenProject, request: dict[str, Any]) -> Any:
    """Serves a RemoteTarget's request on the thread that owns the document. Raises one of REFUSALS."""
    doing = request.get("do")
    if doing == "run" and isinstance(request.get("command"), str) and isinstance(request.get("args"), dict):
        outcome = project.door.execute(request["command"], request["args"])
        outcome.wait(DURABLE_WITHIN)
        return outcome.result
    if doing == "batch" and isinstance(request.get("steps"), list):
        return run_batch(project, [str(step) for step in request["steps"]], str(request.get("label", "Script")))
    if doing == "together" and isinstance(request.get("what"), str) and isinstance(request.get("args"), dict):
        from app.services.together import serve

        return serve(project, request["what"], request["args"])
    if doing == "add_media":
        try:
            reference = msgspec.convert(request.get("reference"), MediaReference)
        except msgspec.ValidationError as error:
            raise AppError(f"not a media reference: {error}") from None
        return add_media(project, reference, Path(str(request.get("path"))))
    raise AppError(f"unknown request {doing!r}")


def fresh_asset_id() -> str:
    """An id for media that is being probed; the project keeps it unless it has the same content already."""
    return new_id("m")
