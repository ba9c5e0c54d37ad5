"""How often media are used, counted in slices and followed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject

from app.desktop.panels.media.uses import FEW, SLICE, Uses
from app.desktop.start import application
from editor_core.document import NOBODY, ChangeSet, Document, Put, Snapshot, Stamp
from editor_core.document.new_project import new_records
from editor_core.schema import Clip, Record
from editor_core.timing import TimeRange

ASSETS = ("a", "b", "c")


def film(shots: int) -> Document:
    counter = iter(range(10))
    records: list[Record] = list(new_records(lambda prefix: f"{prefix}{next(counter)}"))
    for n in range(shots):
        for kind in ("video", "audio"):
            records.append(Clip(id=f"{kind}{n}", track=kind, kind=kind, asset=ASSETS[n % 3], start=n * 10,  # type: ignore[arg-type]
                                source_range=TimeRange(0, 10), link=f"l{n}" if n % 2 else ""))
    return Document(records)


def counted(view: Snapshot) -> dict[str, int]:
    shots = {(c.asset, c.link or c.id) for c in view.of_kind(Clip)}
    return {asset: sum(1 for one, _ in shots if one == asset) for asset in ASSETS}


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often all clips were asked for."""
    asked: list[int] = []
    of_kind = Snapshot.of_kind

    def count(self: Snapshot, kind: type[Any]) -> list[Any]:
        asked.append(1)
        return of_kind(self, kind)

    monkeypatch.setattr(Snapshot, "of_kind", count)
    return asked


def put(number: int, *writes: tuple[str, str, object]) -> ChangeSet:
    return ChangeSet(stamp=Stamp(5, number), actor="ana", command="x", label="Try", time=0,
                     operations=tuple(Put(record, field, None, value, NOBODY) for record, field, value in writes))


def test_shots_are_counted_in_slices_and_changes_of_few_are_followed_without_counting_again(looked: list[int]) -> None:
    app, owner = application(), QObject()
    document = film(SLICE)  # two clips a shot: more than one turn
    uses = Uses(SimpleNamespace(snapshot=document.snapshot), owner)  # type: ignore[arg-type]
    document.subscribe(uses.follow)
    document.apply(put(1, ("video4", "asset", "a"), ("video7", "deleted", True)))  # while it is still being counted
    while uses._turns.isActive():
        app.processEvents()
    known, before = document.snapshot, len(looked)
    assert {asset: uses.of(asset) for asset in ASSETS} == counted(known)
    before = len(looked)
    told: list[int] = []
    uses.changed.connect(lambda: told.append(1))
    document.apply(put(2, ("video7", "deleted", False), ("audio7", "deleted", True)))
    assert told == [], "picture and sound of a shot count once"
    document.apply(put(3, ("video7", "deleted", True), ("video9", "link", ""), ("video12", "asset", "c"), ("audio12", "asset", "b")))
    document.apply(put(4, ("video11", "start", 4_000_000)))
    assert told == [1] and len(looked) == before
    assert {asset: uses.of(asset) for asset in ASSETS} == counted(document.snapshot)


def test_after_a_change_of_very_many_clips_the_old_numbers_stay_until_all_are_counted() -> None:
    app, owner = application(), QObject()
    document = film(SLICE)
    uses = Uses(SimpleNamespace(snapshot=document.snapshot), owner)  # type: ignore[arg-type]
    while uses._turns.isActive():
        app.processEvents()
    document.subscribe(uses.follow)
    old = uses.of("a")
    document.apply(put(1, *((f"video{n}", "deleted", True) for n in range(FEW + 1))))
    assert uses.of("a") == old and uses._turns.isActive()
    while uses._turns.isActive():
        app.processEvents()
    assert {asset: uses.of(asset) for asset in ASSETS} == counted(document.snapshot) and uses.of("a") != old
