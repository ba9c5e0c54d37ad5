"""A killed process loses nothing that it called saved: 500 real kills, and proof that the harness would notice.

Owns: the short run of `tests.fuzz.kill`. Refuses: more points than a normal run has time for (`dev.py fuzz` has).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import kill, syscalls

pytestmark = [pytest.mark.fresh_process, pytest.mark.timeout(900)]


def test_what_was_called_saved_is_there_after_250_kills_on_disk(tmp_path: Path) -> None:
    folder = tmp_path / "kills"
    folder.mkdir()
    outcome = kill.run(250, seed=11, folder=folder)
    assert not outcome.failures, outcome.failures
    assert outcome.cut_short > 50, outcome
    assert outcome.hot > 0, "no kill fell into a commit"


def test_what_was_called_saved_is_there_after_260_kills_in_memory() -> None:
    outcome = kill.run(260, seed=12)
    assert not outcome.failures, outcome.failures
    assert outcome.saved > 1000, outcome
    assert outcome.cut_short > 50, outcome


@pytest.mark.parametrize(("plant", "sign"), [(kill.plant_early_acknowledgement, "acknowledged"), (kill.plant_forgotten_entry, "")])
def test_the_kill_harness_catches_a_planted_fault(plant: kill.Plant, sign: str) -> None:
    outcome = kill.run(60, seed=13, plant=plant, stop_at=1)
    assert outcome.failures and sign in outcome.failures[0][1], outcome.failures


@pytest.mark.skipif(not syscalls.permitted(), reason="strace is missing or not permitted")
def test_any_call_to_the_disk_may_be_the_last_or_fail() -> None:
    numbers = {"pwrite64": (3, 60, 110, 160), "fdatasync": (9, 31), "fsync": (1,), "ftruncate": (1,), "link": (1,), "unlink": (2,)}
    said, failures, reached = syscalls.run((call, number, fault) for fault in syscalls.FAULTS[:2] for call, some in numbers.items()
                                           for number in some)
    assert not failures, (said, failures)
    assert reached >= 14, said
