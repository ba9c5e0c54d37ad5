"""What all tests share.

Owns: the markers `fresh_process`, `own_mounts` and `real_time`; that property tests try the same examples in every run, so that a
landing is refused for what it changed (`dev.py fuzz properties` tries new ones); that slow tests begin first where several workers
share them. Refuses: fixtures of any one part.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, settings

from tests.support.punctual import Punctual

settings.register_profile("same", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

_INSIDE = "PROEDITOR_TEST_IN_FRESH_PROCESS"
_TRIES = 4


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several workers each begins with some of the tests that have a time limit of their own: one that began last would have the
    others wait for it. Each worker is given an equal run of the list, and takes from the ends of others' when that is done."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = slow_first(items, workers)


def slow_first(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests, in equal runs for so many workers, each with its share of the slow ones at its head."""
    limits = {item: limit.args[0] for item in items if (limit := item.get_closest_marker("timeout"))}
    slow = sorted(limits, key=lambda item: -limits[item])
    rest = iter([item for item in items if item not in limits])
    found: list[pytest.Item] = []
    for number in range(workers):
        share = slow[number::workers]
        length = (len(items) - len(found)) // (workers - number)
        found += [*share, *itertools.islice(rest, max(0, length - len(share)))]
    return [*found, *rest]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a test marked `fresh_process` in a Python of its own: what it forks must not inherit the memory of all tests before. One
    marked `own_mounts` too, where the user is not root: in a user namespace, in which they may mount what nobody else sees. One marked
    `real_time` fails for what happened while the machine kept time itself: see `Punctual`."""
    mounts = pyfuncitem.get_closest_marker("own_mounts") is not None and os.geteuid() != 0
    if os.environ.get(_INSIDE):
        return None
    if pyfuncitem.get_closest_marker("real_time") is not None:
        _in_real_time(pyfuncitem)
        return True
    if not (mounts or pyfuncitem.get_closest_marker("fresh_process")):
        return None
    _in_its_own_process(pyfuncitem, ["unshare", "-rm"] if mounts else [])
    return True


def _in_its_own_process(item: pytest.Function, front: Sequence[str] = ()) -> None:
    words = [*front, sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", item.nodeid]
    done = subprocess.run(words, env={**os.environ, _INSIDE: "1"}, cwd=item.config.rootpath, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"in a process of its own:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}", pytrace=False)
    if front and "SKIPPED" in done.stdout:
        pytest.skip(done.stdout.rpartition("SKIPPED")[2].strip())


def _in_real_time(item: pytest.Function) -> None:
    """Here first; where that failed on a machine that was late, again in processes of its own, each after a wait for a quiet moment."""
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    for attempt in range(_TRIES):
        with Punctual() as machine:
            try:
                _in_its_own_process(item) if attempt else item.obj(**arguments)
                return
            except Exception:
                if machine.late < Punctual.LATE:
                    raise
            except pytest.fail.Exception:
                if machine.late < Punctual.LATE:
                    raise
        Punctual.wait(20)
    pytest.skip(f"this machine is too busy for a test of real time: it was up to {machine.late * 1000:.0f} ms late")
