"""Every property test with new random examples, and many more of them. `python -m tests.fuzz.properties --times 20 --seed 1 [WORDS]`

Owns: finding the tests that Hypothesis feeds, their examples and the seed. Refuses: the properties themselves; the usual run of the
tests tries the same examples each time, so that what fails there was broken by what changed.

WORDS go to pytest: `-k NAME`, `-x`. A finding is repeated with the seed that was printed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

_TIMES = "PROEDITOR_TIMES"
_PATIENCE = 3600
"""Seconds that one test may take."""

settings.register_profile("any", derandomize=False, deadline=None, database=None, print_blob=True,
                          suppress_health_check=[HealthCheck.too_slow])


def made_longer(found: Any, times: int) -> None:
    """Gives a test, or the test case of a state machine, so many times its examples."""
    case = getattr(found, "__self__", None)
    if case is not None and hasattr(case, "settings"):
        of = type(case)
        if of not in _longer:
            _longer.add(of)
            of.settings = settings(of.settings, max_examples=of.settings.max_examples * times)
        return
    usual = found._hypothesis_internal_use_settings or settings.default
    found._hypothesis_internal_use_settings = settings(usual, max_examples=usual.max_examples * times)


_longer: set[type] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """As a plug-in of pytest: leaves out what is no property test."""
    times = int(os.environ[_TIMES])
    kept, left_out = [], []
    for item in items:
        found = getattr(item, "obj", None)
        (kept if found is not None and is_hypothesis_test(found) else left_out).append(item)
    for item in kept:
        made_longer(item.obj, times)  # type: ignore[attr-defined]
        item.add_marker(pytest.mark.timeout(_PATIENCE))
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def files() -> list[str]:
    """The test files that Hypothesis has a part in."""
    tests = Path(__file__).parents[1]
    return sorted(str(path) for path in tests.rglob("test_*.py") if re.search(r"^from hypothesis import", path.read_text(), re.MULTILINE))


def play(times: int, seed: int, words: Sequence[str]) -> int:
    """Exit status of the run."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.fuzz.properties", "--hypothesis-profile", "any", "--hypothesis-seed", str(seed),
               "-p", "no:cacheprovider", "--durations", "5", *files(), *words]
    return subprocess.run(command, env={**os.environ, _TIMES: str(times)}).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20, help="how many times the usual number of examples")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    given, words = parser.parse_known_args()
    repeat = f"--times {given.times} --seed {given.seed}"
    print(f"properties {repeat}", flush=True)
    code = play(given.times, given.seed, words)
    if code:
        print(f"Something was found; repeat with {repeat}")
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
