"""What is in received updates is looked at before anything is kept of it."""

from __future__ import annotations

import pytest
from pycrdt import Doc, Map

from editor_core.document import ChangeSet, Stamp
from editor_core.sync import arriving
from editor_core.sync.arriving import changes_in
from editor_core.sync.envelope import EnvelopeRefused
from editor_core.sync.packing import pack


def journal(*changes: ChangeSet) -> bytes:
    doc = Doc()
    entries = doc.get("entries", type=Map)
    for change in changes:
        entries[f"{change.stamp.session}:{change.stamp.counter}"] = pack(change)
    return doc.get_update()


def said(number: int, label: str = "Mark", **more: str) -> ChangeSet:
    return ChangeSet(stamp=Stamp(7, number), actor="u", command="marker.add", label=label, time=1, operations=(), **more)


def test_changes_come_out_as_they_went_in():
    changes = [said(1), said(2, "Trim")]
    assert changes_in(journal(*changes)) == changes


def test_an_update_that_unpacks_to_much_more_than_it_is_long_is_refused(monkeypatch):
    monkeypatch.setattr(arriving, "MAX_CHANGE", 100_000)
    bombs = journal(*(said(number, "x" * 60_000) for number in range(1, 20)))
    assert len(bombs) < 10_000
    with pytest.raises(EnvelopeRefused, match="much more"):
        changes_in(bombs)
    assert len(changes_in(journal(said(1, "x" * 60_000)))) == 1


def test_a_merge_and_a_change_under_another_name_are_refused():
    with pytest.raises(EnvelopeRefused, match="not its own"):
        changes_in(journal(said(1, kind="merge")))
    doc = Doc()
    doc.get("entries", type=Map)["7:9"] = pack(said(1))
    with pytest.raises(EnvelopeRefused, match="not its own"):
        changes_in(doc.get_update())
