"""Named versions in the project file: kept, replaced, forgotten, and carried over when a file is mended.

Owns: the rows of versions. Refuses: restoring (see the end-to-end tests).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from editor_core.storage import ProjectFile, StorageError, versions
from tests.editor_core.storage.conftest import SESSION
from tests.support.random_edits import RandomEditor, door_on, first_records


def test_a_version_is_there_after_reopening_and_after_mending(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    with ProjectFile.create(path, first_records(), session=SESSION, actor="a") as file:
        door = door_on(file, session=SESSION)
        RandomEditor(door, 1).steps(20)
        kept = dict(door.document.snapshot.records)
        versions.save(file, "first", kept.values(), actor="a", time=5, revision=20)
        versions.save(file, "other", [], actor="a", time=6, revision=20)
        versions.save(file, "first", kept.values(), actor="b", time=7, revision=21)
        RandomEditor(door, 2).steps(20)
        versions.drop(file, "other")
    with ProjectFile.open(path, session=SESSION + 1) as file:
        (one,) = versions.versions(file)
        assert (one.name, one.actor, one.time) == ("first", "b", 7)
        assert {r.id: r for r in versions.records_of(one)} == kept
        assert not file.problems
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"person-test")
    place = at if at > 0 else len(raw) - 2000
    raw[place:place + 40] = bytes(40)
    path.write_bytes(bytes(raw))
    with ProjectFile.open(path, session=SESSION + 2) as file:
        assert [v.name for v in versions.versions(file)] == ["first"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with ProjectFile.create(tmp_path / "film.proedit", first_records(), session=SESSION, actor="a") as file, pytest.raises(StorageError):
        versions.save(file, name, [], actor="a", time=1, revision=1)


def test_automatic_versions_are_kept_beside_named_ones_and_thinned_in_the_same_step(tmp_path: Path) -> None:
    hour = versions.HOUR
    with ProjectFile.create(tmp_path / "film.proedit", first_records(), session=SESSION, actor="a") as file:
        versions.save(file, "Automatic", [], actor="a", time=1, revision=1)
        for number in range(8):  # every 20 minutes, ending now
            versions.keep(file, f"Automatic {number}", [], actor="a", time=10 * hour + number * hour // 3, revision=number)
        file.flush()
        found = versions.versions(file)
        assert [one.name for one in found] == ["Automatic", *(f"Automatic {n}" for n in range(2, 8))]
        assert [one.kind for one in found] == ["named", *["automatic"] * 6]
        assert versions.latest(file) == (10 * hour + 7 * hour // 3, 7)
        versions.drop(file, "Automatic 7")
        assert versions.latest(file) == (10 * hour + 2 * hour, 6)
        with pytest.raises(StorageError, match="no version"):
            versions.drop(file, "Automatic 7")


def test_thinning_keeps_all_of_an_hour_one_an_hour_for_a_day_one_a_day_before_and_stays_in_its_bounds() -> None:
    now = 400 * versions.DAY
    rows = [versions.Row(n, now - n * 10 * 60_000, 1000) for n in range(6 * 24 * 30)]  # 30 days, every ten minutes
    gone = set(versions.thinned(rows, now))
    ages = [now - row.time for row in rows if row.number not in gone]
    assert sum(age <= versions.HOUR for age in ages) == 7
    assert 23 <= sum(versions.HOUR < age <= versions.DAY for age in ages) <= 25
    assert 28 <= sum(age > versions.DAY for age in ages) <= 31
    assert set(versions.thinned([row for row in rows if row.number not in gone], now)) == set()
    assert len(rows) - len(versions.thinned(rows, now, most=5)) == 5
    too_much = set(versions.thinned(rows, now, budget=2500))
    assert [row.number for row in rows if row.number not in too_much] == [0, 1]
    assert 0 not in versions.thinned(rows, now, budget=10)
