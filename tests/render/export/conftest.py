"""Footage and workers shared by the export's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from render.pool import TaskPool
from tests.render.export.films import Material, make_material


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("footage"))


@pytest.fixture(scope="session")
def pool() -> Iterator[TaskPool]:
    with TaskPool(2) as workers:
        yield workers
