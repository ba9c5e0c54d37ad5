"""Undo of starts that are not a clip's.

Owns: that a moved marker comes back. Refuses: the rest of undo, which is tested beside.
"""

from __future__ import annotations

import pytest

from editor_core.commands.door import CommandDoor
from editor_core.document import Document, History
from editor_core.schema import Marker
from tests.support.random_edits import ME, REGISTRY, counting_ids, first_records


@pytest.fixture
def door() -> CommandDoor:
    changes = {}
    document = Document(first_records())
    made = CommandDoor(document, REGISTRY, History(changes.__getitem__), actor=ME, session=9, ids=counting_ids())
    document.subscribe(lambda change, before, after: changes.update({change.stamp: change}))
    return made


def test_markers_that_moved_together_come_back_by_undo(door: CommandDoor) -> None:
    for start in (0, 1000):
        door.execute("marker.add", {"at": start, "text": f"at {start}"})
    snapshot = door.document.snapshot
    for marker in snapshot.of_kind(Marker):
        door.execute("marker.set", {"marker": marker.id, "at": marker.start + 7 * 28224000}, gesture="drag")
    door.execute("edit.undo")
    assert [m.start for m in door.document.snapshot.of_kind(Marker)] == [m.start for m in snapshot.of_kind(Marker)]
