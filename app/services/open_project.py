"""One project open in this process, and the two ways for commands to reach it.

Owns: the parts that belong to one open file, the targets `LocalTarget` and `RemoteTarget` that the command line writes to.
Refuses: building the parts (see `app.bootstrap`); windows.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import msgspec

from app.services.errors import AppError
from app.services.owner import OwnerClient
from app.services.script import run_lines
from editor_core.commands.door import CommandDoor
from editor_core.commands.registry import CommandError
from editor_core.comments.talk import Talk
from editor_core.document import Document, Snapshot
from editor_core.schema import MediaReference, new_id
from editor_core.storage import NotSaved, Problem, ProjectFile, StorageError

DURABLE_WITHIN = 60.0
TROUBLE_WITHIN = 5.0
"""Seconds that whoever waits for a command hopes for a disk that reports errors, such as a full one."""
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

    @cached_property
    def talk(self) -> Talk:
        """The comments, read from the file when they are first asked for. Raises StorageError."""
        from app.services.commenting import talk_of

        return talk_of(self)

    def close(self) -> None:
        self.file.close()


class Target(Protocol):
    """Where commands go: a project in this process, or the process that holds it."""

    @property
    def problems(self) -> list[Problem]:
        """What opening it here found."""
        ...

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


class Durable(Protocol):
    """What is on disk when `wait` returns; it raises NotSaved after `timeout` seconds."""

    def wait(self, timeout: float | None = None) -> None: ...


def durable(project: OpenProject, outcome: Durable) -> None:
    """Returns when a change is on disk. Raises NotSaved when that takes too long, or the disk goes on reporting errors."""
    until = time.monotonic() + DURABLE_WITHIN
    while True:
        try:
            outcome.wait(TROUBLE_WITHIN)
            return
        except NotSaved:
            if project.file.trouble or time.monotonic() > until:
                raise


def add_media(project: OpenProject, reference: MediaReference, path: Path) -> str:
    """As `Target.add_media`, for the thread that owns the document."""
    same = next((m for m in project.snapshot.of_kind(MediaReference) if m.hash == reference.hash), None)
    if same is None:
        fields = {k: v for k, v in msgspec.to_builtins(reference).items() if k not in ("id", "type", "deleted")}
        outcome = project.door.execute("asset.add", fields)
        durable(project, outcome)
        asset = str(outcome.result["asset"])
    else:
        asset = same.id
    project.file.locations.set(asset, path)
    return asset


def run_batch(project: OpenProject, steps: Iterable[str], label: str) -> list[tuple[int, Any]]:
    """As `Target.batch`, for the thread that owns the document."""
    from app.services import versions

    lines = list(steps)
    if len(lines) >= versions.BIG_BATCH:
        versions.keep_version(project, "Before a script")
    with project.door.batch(label) as commit:
        results = list(run_lines(lines, lambda command, args: project.door.execute(command, args).result, REFUSALS))
        outcome = commit()
    durable(project, outcome)
    return results


class LocalTarget:
    """Commands on a project that this process holds."""

    def __init__(self, project: OpenProject) -> None:
        from app.services.roles import hold_to_role

        self.project = project
        hold_to_role(project)
        self._gave_up = False
        self._began = project.snapshot.revision

    @property
    def problems(self) -> list[Problem]:
        return self.project.file.problems

    def execute(self, command: str, args: dict[str, Any]) -> Any:
        with self._saving():
            outcome = self.project.door.execute(command, args)
            durable(self.project, outcome)
            if outcome.change is not None and outcome.change.kind in ("undo", "redo"):
                from app.services.together import align, needs_aligning

                if needs_aligning(outcome.change):
                    align(self.project)
        return outcome.result

    def batch(self, steps: list[str], label: str) -> list[tuple[int, Any]]:
        with self._saving():
            return run_batch(self.project, steps, label)

    def add_media(self, reference: MediaReference, path: Path) -> str:
        with self._saving():
            return add_media(self.project, reference, path)

    @contextlib.contextmanager
    def _saving(self) -> Iterator[None]:
        """What cannot be saved is given up with this process, and said so: nobody is there to go on trying."""
        try:
            yield
        except NotSaved as error:
            self._gave_up = True
            why = str(error).partition(". ")[0]
            raise AppError(f"{why}. The last command was not saved; everything before it is safe") from error

    def together(self, what: str, args: dict[str, Any]) -> Any:
        from app.services.together import serve

        return serve(self.project, what, args)

    def close(self) -> None:
        if self._gave_up:
            self.project.file.abandon()
            return
        if self.project.snapshot.revision != self._began:
            from app.services.people import sign
            from app.services.versions import Keeper

            sign(self.project)
            Keeper(self.project, self._began).look()
        self.project.close()


class RemoteTarget:
    """Commands through the door of the process that holds the project; they appear in its window."""

    def __init__(self, client: OwnerClient) -> None:
        self._client = client

    @property
    def problems(self) -> list[Problem]:
        return []

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
        durable(project, outcome)
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
    if doing == "live":
        raise AppError("Another command is connected with this film already; try again when that is done")
    raise AppError(f"unknown request {doing!r}")


def fresh_asset_id() -> str:
    """An id for media that is being probed; the project keeps it unless it has the same content already."""
    return new_id("m")
