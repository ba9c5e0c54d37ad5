"""A branch as something that waits to be merged.

Owns: `BranchIncoming`, for the merge review. Refuses: the review itself (see `app.services.reviewing`).
"""

from __future__ import annotations

from app.services import branches
from app.services.open_project import OpenProject
from app.services.reviewing import CopyIncoming


class BranchIncoming(CopyIncoming):
    """A branch of the film by its name. Raises AppError where there is none, or the film is on it."""

    def __init__(self, film: OpenProject, name: str) -> None:
        super().__init__(film, branches.path_of(film.path, name), name)
        self.name = name
        self._project = film

    def took(self) -> None:
        """Also settles what was chosen out of the branch before."""
        super().took()
        branches.settle_picks(self._project, self.name)
