"""Workers split off from a process that is loaded already. Owns: tests of render.nursery that tests of the pool do not hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from render.confine import Limits
from render.export.export import export
from render.nursery import Nursery
from render.pool import TaskPool
from tests.render.export.films import Material, make_material, numbers_in, two_shots

PLANTED = {"PROEDITOR_TASK_PACKAGES": "tests.render.planted_tasks"}


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def _nursery_of(worker: int) -> psutil.Process:
    parent = psutil.Process(worker).parent()
    assert parent is not None and "nursery" in parent.cmdline()
    return parent


def test_workers_come_from_one_process_which_ends_with_the_pool() -> None:
    with TaskPool(3, environment=PLANTED, nursery=Nursery(["echo"], Limits(), PLANTED)) as pool:
        waiting = [pool.submit("echo", {"seconds": 0.5}) for _ in range(3)]
        pids = {int(future.result(25)["pid"]) for future in waiting}
        nursery = _nursery_of(next(iter(pids)))
        assert len(pids) == 3 and {child.pid for child in nursery.children()} == pids
    assert _until(lambda: not psutil.pid_exists(nursery.pid) and not any(map(psutil.pid_exists, pids)))


def test_where_the_nursery_is_gone_workers_are_started_the_ordinary_way() -> None:
    with TaskPool(1, environment=PLANTED, nursery=Nursery(["echo"], Limits(), PLANTED)) as pool:
        first = int(pool.submit("echo", {}).result(20)["pid"])
        _nursery_of(first).kill()
        assert _until(lambda: not psutil.pid_exists(first))  # it dies with what it came from
        again = pool.submit("echo", {"x": 1}).result(20)
        assert again["args"] == {"x": 1}
        assert "task" in psutil.Process(int(again["pid"])).cmdline()


def test_a_nursery_that_cannot_load_leaves_a_pool_that_works() -> None:
    with TaskPool(1, environment=PLANTED, nursery=Nursery(["no such task"], Limits(), PLANTED)) as pool:
        assert pool.submit("echo", {"x": 2}).result(20)["args"] == {"x": 2}


def test_closing_does_not_wait_for_a_nursery_that_does_not_answer() -> None:
    nursery = Nursery(["echo"], Limits(), PLANTED)
    pool = TaskPool(2, environment=PLANTED, nursery=nursery)
    stuck = _nursery_of(int(pool.submit("echo", {}).result(20)["pid"]))
    stuck.suspend()
    pool.submit("echo", {"seconds": 0.2})
    pool.submit("echo", {})  # asks for a second worker, in vain
    time.sleep(0.3)
    begun = time.monotonic()
    pool.close()
    assert time.monotonic() - begun < 15 and _until(lambda: not psutil.pid_exists(stuck.pid))


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_material(tmp_path_factory.mktemp("footage"))


def test_an_export_by_workers_split_off_has_the_bytes_of_one_by_workers_started(material: Material, tmp_path: Path) -> None:
    snapshot, wanted = two_shots(material, 40)
    films = []
    for name, nursery in (("started", None), ("split", Nursery(["export_segment", "export_sound", "export_join"], Limits()))):
        with TaskPool(3, nursery=nursery) as pool:
            export(snapshot, material.locations, tmp_path / f"{name}.mp4", settings={"speed": "veryfast"}, pool=pool)
        films.append((tmp_path / f"{name}.mp4").read_bytes())
    assert films[0] == films[1] and numbers_in(tmp_path / "split.mp4") == wanted
