"""A branch as something that waits to be merged.

Owns: `BranchIncoming`, for the merge review. Refuses: the review itself (see `app.services.reviewing`).
"""

from __future__ import annotations

from app.services import branch_picks, branches
from app.services.open_project import OpenProject
from app.services.reviewing import CopyIncoming
from editor_core.document import Snapshot
from editor_core.sync.merging import Merged
from editor_core.sync.story import lines_in


class BranchIncoming(CopyIncoming):
    """A branch of the film by its name. Raises AppError where there is none, or the film is on it."""

    def __init__(self, film: OpenProject, name: str) -> None:
        super().__init__(film, branches.path_of(film.path, name), name)
        self.name = name
        self._project = film
        self._before: dict[str, int] = {}
        self._branch: Snapshot | None = None

    @property
    def alone(self) -> bool:
        """Whether it can be looked at without this film's other parts: nothing was chosen out of the branch before."""
        return not any(line.command == branch_picks.PICK for line in lines_in(self._project.door.history.entries))

    def saw(self, film: OpenProject, other: OpenProject) -> None:
        self._before, self._branch = branch_picks.places_picked(film, self.name), other.snapshot

    def took(self, wait: bool = True, merged: Merged | None = None) -> None:
        """Also settles what was chosen out of the branch before."""
        super().took(wait, merged)
        if self._branch is not None:
            branch_picks.settle_picks(self._project, self.name, self._before, self._branch)
