"""Commands on a project whichever process holds it, also when that changes in the midst of a script.

Owns: going on elsewhere when the process that held the project lets go of it. Refuses: finding who holds it (see `app.bootstrap`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from app.services.open_project import Target
from app.services.owner import OwnerLeft
from editor_core.schema import MediaReference
from editor_core.storage import Problem

T = TypeVar("T")


class Following:
    """A `Target` that begins with the process that holds the project; `find` says who holds it next."""

    def __init__(self, target: Target, find: Callable[[], Target]) -> None:
        self._target = target
        self._find = find

    @property
    def now(self) -> Target:
        """Where commands go at the moment."""
        return self._target

    @property
    def problems(self) -> list[Problem]:
        return self._target.problems

    def execute(self, command: str, args: dict[str, Any]) -> Any:
        return self._there(lambda target: target.execute(command, args))

    def batch(self, steps: list[str], label: str) -> list[tuple[int, Any]]:
        return self._there(lambda target: target.batch(steps, label))

    def add_media(self, reference: MediaReference, path: Path) -> str:
        return self._there(lambda target: target.add_media(reference, path))

    def together(self, what: str, args: dict[str, Any]) -> Any:
        return self._there(lambda target: target.together(what, args))

    def close(self) -> None:
        self._target.close()

    def _there(self, work: Callable[[Target], T]) -> T:
        while True:
            try:
                return work(self._target)
            except OwnerLeft:  # what was asked was not done
                self._target.close()
                self._target = self._find()
