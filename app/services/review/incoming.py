"""What waits to be merged.

Owns: `Incoming`, what a review asks of it, and `CopyIncoming`, another copy of the film. Refuses: reviewing (see
`app.services.reviewing`), and anything that came over a network (see `app.services.collab.returning`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from app.services.merging import Coming, bring_in, coming, merger_of, open_other, take_comments, take_places
from app.services.open_project import OpenProject
from app.services.people import names, take_names
from app.services.reading import read_project
from editor_core.sync.merging import Merged


class Incoming(Protocol):
    """What waits to be merged: a copy of the film, changes that came over the network, a branch.

    `title` is what people call it. Both methods belong to the document's thread. Besides, an Incoming may have `locations()`, where its
    media lie on this machine, `names()`, people by actor id, and `coming_into(film)`, which stands for `coming` on any thread, for a
    copy of the film in memory. With `took(wait, merged)`, that is called in place of `take` once what it gave is in the film. One with a
    `path` is read from that file where looking happens elsewhere, and `told(places, names, acts)` what that file says besides; `alone`
    may refuse that.
    """

    title: str

    def coming(self) -> Coming:
        """Changes that are not in the document yet, oldest first, and the parcels that hold them. Raises AppError, StorageError."""
        ...

    def take(self, wait: bool = True) -> Merged | None:
        """Brings them into the document as one history line; on the document's thread. On disk on return unless `wait` is False. Raises
        AppError, StorageError."""
        ...


class CopyIncoming:
    """Another copy of the project file, edited elsewhere. Nothing is ever written into it."""

    def __init__(self, film: OpenProject, path: Path, title: str = "") -> None:
        """Raises AppError when `path` is the film itself."""
        self._film = film
        self.path = open_other(path, film.path)
        self.title = title or path.name
        self._coming: Coming | None = None
        self._acts: tuple[bytes, ...] = ()
        self._places: dict[str, list[Path]] = {}
        self._names: dict[str, str] = {}

    def coming(self) -> Coming:
        """As `Incoming.coming`. Raises NotACopy besides."""
        with contextlib.closing(read_project(self._film.path, self._film)) as film:
            return self.coming_into(film)

    def coming_into(self, film: OpenProject) -> Coming:
        """As `coming`, for a copy of the film that is open already."""
        with contextlib.closing(read_project(self.path, self._film)) as other:
            found = coming(film, other, merger_of(film), private=True)
            self._places = {asset: list(other.file.locations.get(asset)) for asset in other.file.locations}
            self._names = names(other)
            self.saw(film, other)
        self._coming, self._acts = found, found.acts
        return found

    def told(self, places: dict[str, list[Path]], names: dict[str, str], acts: tuple[bytes, ...]) -> None:
        """What it says besides, where it was looked at elsewhere."""
        self._places, self._names, self._acts = places, names, acts
        self._coming = None

    def saw(self, film: OpenProject, other: OpenProject) -> None:
        """Both projects, each time they are looked at; for what has more to note."""

    def take(self, wait: bool = True) -> Merged | None:
        """As `Incoming.take`; also notes where the copy's media lie."""
        arriving = self._coming if self._coming is not None else self.coming()
        merged = bring_in(self._film, arriving, merger_of(self._film), wait=wait)
        self.took(wait, merged)
        return merged

    def took(self, wait: bool = True, merged: Merged | None = None) -> None:
        """After what it brings is in the film (as `merged`): its comments, and places of media of which the film knows none. On disk on
        return unless `wait` is False."""
        if self._acts:
            take_comments(self._film, self._acts, wait=wait)
        take_places(self._film, self._places, wait=wait)
        take_names(self._film, self._names)

    def names(self) -> Mapping[str, str]:
        """People by actor id, as the copy knows them."""
        return {actor: name for actor, name in self._names.items() if actor != self._film.door.actor.id}

    def locations(self) -> Mapping[str, list[Path]]:
        """Where the copy's media lie on this machine, by asset."""
        return self._places
