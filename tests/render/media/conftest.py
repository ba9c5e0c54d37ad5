"""Footage for the media tests, made once a session, and pools on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from editor_core.schema import MediaReference
from render.media.pool import PicturePool
from render.media.probe import describe
from render.media.sound_pool import SoundPool
from tests.support import footage

Make = Callable[[Path], object]


class Shelf:
    """Files by name, each made at most once a session, with their descriptions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}
        self._described: dict[Path, MediaReference] = {}

    def get(self, name: str, make: Make) -> Path:
        """The file `name`, made by `make(path)` when it is first wanted."""
        if name not in self._made:
            path = self._folder / name
            make(path)
            self._made[name] = path
        return self._made[name]

    def numbered(self, name: str, count: int = 130, **how: object) -> Path:
        return self.get(name, lambda path: footage.numbered(path, count, **how))  # type: ignore[arg-type]

    def described(self, path: Path) -> MediaReference:
        if path not in self._described:
            self._described[path] = describe(path, path.name)
        return self._described[path]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("footage"))


@pytest.fixture
def pictures(shelf: Shelf) -> Iterator[Callable[[Path], PicturePool]]:
    """Pools whose only asset is the file itself, under any id; closed after the test."""
    made: list[PicturePool] = []

    def pool(path: Path, **how: object) -> PicturePool:
        made.append(PicturePool(lambda asset: (path, shelf.described(path)), **how))  # type: ignore[arg-type]
        return made[-1]

    yield pool
    for each in made:
        each.close()


@pytest.fixture
def sounds(shelf: Shelf) -> Iterator[Callable[[Path], SoundPool]]:
    made: list[SoundPool] = []

    def pool(path: Path, **how: object) -> SoundPool:
        made.append(SoundPool(lambda asset: (path, shelf.described(path)), **how))  # type: ignore[arg-type]
        return made[-1]

    yield pool
    for each in made:
        each.close()
