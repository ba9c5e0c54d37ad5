"""What all tests share.

Owns: the markers `fresh_process` and `own_mounts`; that property tests try the same examples in every run, so that a landing is refused
for what it changed (`dev.py fuzz properties` tries new ones). Refuses: fixtures of any one part.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("same", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

_INSIDE = "PROEDITOR_TEST_IN_FRESH_PROCESS"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a test marked `fresh_process` in a Python of its own: what it forks must not inherit the memory of all tests before. One
    marked `own_mounts` too, where the user is not root: in a user namespace, in which they may mount what nobody else sees."""
    mounts = pyfuncitem.get_closest_marker("own_mounts") is not None and os.geteuid() != 0
    if os.environ.get(_INSIDE) or not (mounts or pyfuncitem.get_closest_marker("fresh_process")):
        return None
    words = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", pyfuncitem.nodeid]
    words = [*(["unshare", "-rm"] if mounts else []), *words]
    done = subprocess.run(words, env={**os.environ, _INSIDE: "1"}, cwd=pyfuncitem.config.rootpath, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"in a process of its own:\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}", pytrace=False)
    if mounts and "SKIPPED" in done.stdout:
        pytest.skip(done.stdout.rpartition("SKIPPED")[2].strip())
    return True
