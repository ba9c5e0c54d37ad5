"""Damage anywhere in a project file: never a crash, never a hang, never a silent change.

Owns: the short run of `tests.fuzz.project_file`, and proof that its oracle would notice. Refuses: long runs (`dev.py fuzz`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from editor_core.storage import found, layout, salvage
from tests.fuzz import forged_project, project_file

ENTRIES = 130
"""Of the file that is damaged: the same kinds of pages as 260 entries make, planted faults are found as often, in half the time."""
pytestmark = [pytest.mark.fresh_process, pytest.mark.timeout(900)]


def test_a_thousand_damaged_project_files_open_whole_or_say_what_was_lost() -> None:
    outcome = project_file.run(1000, seed=3, entries=ENTRIES)
    assert not outcome.failures, [f"--only {seed}: {what}" for seed, what in outcome.failures[:5]]
    assert outcome.exact > 400 and outcome.recovered > 100, outcome
    assert set(outcome.refused) <= {"cut", "cut page"}, "damage to one place must not make a project unopenable"


def _believing(subject: project_file.Subject, seed: int, folder: Path) -> dict[str, Any]:
    """A version that believes every row."""
    for module in (found, layout, salvage):
        module.intact = lambda table, row: True  # type: ignore[attr-defined]
    return project_file.examine(subject, seed, folder)


def _trusting(subject: project_file.Subject, seed: int, folder: Path) -> dict[str, Any]:
    """A version that does not look whether rows are missing at the end or beside."""
    found.Found._take_head = lambda self, row: setattr(self, "head", None)  # type: ignore[method-assign]
    found.Found.sides_complete = lambda self: True  # type: ignore[method-assign]
    return project_file.examine(subject, seed, folder)


@pytest.mark.parametrize("planted", [_believing, _trusting])
def test_the_damage_oracle_catches_a_planted_fault(planted: Any) -> None:
    # not one failure alone: files are never the same twice, and what the plant does may first show as an error
    outcome = project_file.run(250, seed=8, entries=ENTRIES, examine=planted, stop_at=4)
    assert any("silent" in what or "not a state" in what for _, what in outcome.failures), outcome


def test_forged_project_files_never_crash_the_program() -> None:
    said, failures = forged_project.run(150, seed=2)
    assert not failures, (said, failures[:3])
