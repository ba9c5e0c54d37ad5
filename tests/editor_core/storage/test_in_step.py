"""Records, replica and journal say the same, whatever was done, and after every reopening.

Owns: the property that holds the three together. Refuses: kills and damage, tested beside.
"""

from __future__ import annotations

import shutil

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from editor_core.document import Document
from editor_core.storage import ProjectFile
from editor_core.sync import Replica
from tests.fuzz.children import quick_folder
from tests.support.random_edits import RandomEditor, door_on, first_records


class ProjectLife(RuleBasedStateMachine):
    """Edits, undo, closing and opening again, copies; a plain document that replays every ChangeSet is the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = quick_folder()
        self.path = self.folder / "film.proedit"
        self.session = 1000
        self.file = ProjectFile.create(self.path, first_records(), session=1, actor="person-test", snapshot_every=13)
        self.model = self.file.replay()
        self._open_door()

    def _open_door(self) -> None:
        self.session += 1
        self.door = door_on(self.file, session=self.session)
        self.door.document.subscribe(lambda change, before, after: self.model.apply(change))

    @rule(seed=st.integers(0, 10_000), count=st.integers(1, 12))
    def edit(self, seed: int, count: int) -> None:
        RandomEditor(self.door, seed).steps(count)

    @rule(seed=st.integers(0, 10_000), count=st.integers(2, 6))
    def drag(self, seed: int, count: int) -> None:
        editor = RandomEditor(self.door, seed)
        for _ in range(count):
            editor.step(gesture=f"drag {seed}")

    @rule()
    @precondition(lambda self: self.door.history.can_undo("person-test"))
    def undo_what_the_window_would_undo(self) -> None:
        before = self.door.document.revision
        RandomEditor(self.door, 0).door.execute("marker.add", {"at": 1, "text": "x"})
        self.door.execute("edit.undo")
        assert self.door.document.revision == before + 2

    @rule()
    def reopen(self) -> None:
        lines, stamps = list(self.door.history.entries), self.door.document.stamps
        done = self.door.history.next_undo("person-test"), self.door.history.next_redo("person-test")
        self.file.close()
        assert [p.name for p in self.path.parent.iterdir()] == ["film.proedit"]
        self.file = ProjectFile.open(self.path, session=self.session + 1, snapshot_every=13)
        assert not self.file.problems
        self._open_door()
        assert self.door.history.entries == lines
        assert self.door.document.stamps == stamps
        assert (self.door.history.next_undo("person-test"), self.door.history.next_redo("person-test")) == done

    @rule()
    def copy_while_open(self) -> None:
        copy = self.path.with_name("copy.proedit")
        self.file.save_copy(copy)
        with ProjectFile.open(copy, session=5, read_only=True) as file:
            assert not file.problems
            assert {r.id: r for r in file.document_state.records} == self.door.document.snapshot.records
        copy.unlink()

    @invariant()
    def all_three_say_the_same(self) -> None:
        records = self.door.document.snapshot.records
        assert records == self.model.snapshot.records
        assert {r.id: r for r in self.file.replica.records()} == records
        assert self.door.document.stamps == self.model.stamps

    def teardown(self) -> None:
        replayed: Document = self.file.replay()
        assert replayed.snapshot.records == self.door.document.snapshot.records
        assert len(self.file.replica.changes()) == self.door.document.revision
        self.file.close()
        shutil.rmtree(self.folder)


TestProjectLife = ProjectLife.TestCase
TestProjectLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None,
                                    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def test_what_is_on_disk_can_be_read_whole_beside_the_open_file(tmp_path):
    with ProjectFile.create(tmp_path / "a.proedit", first_records(), session=9, actor="u") as file:
        RandomEditor(door_on(file, session=9), 5).steps(350)
        file.flush()
        there = Replica.from_state(file.state_on_disk())
        assert there.records() == file.replica.records() and there.changes().keys() == file.replica.changes().keys()
