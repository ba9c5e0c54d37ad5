"""Changes of thousands of clips take short cuts: what comes of them is what one by one makes."""

from __future__ import annotations

import random
from collections.abc import Iterable

import msgspec
import pytest

from editor_core.document import ChangeSet, Create, Document, Draft, Entry, History, Shift, Snapshot, Stamp, StampRow, entry_of
from editor_core.document import history as histories
from editor_core.document.new_project import new_records
from editor_core.document.staging import stage
from editor_core.schema import Clip, Point, Record, SchemaError, field_types, replace
from editor_core.schema.record import validated
from editor_core.timing import TimeRange


def records(rng: random.Random, clips: int) -> list[Record]:
    ids = iter(range(10))
    made: list[Record] = [*new_records(lambda prefix: f"{prefix}{next(ids)}")]
    starts = [start for track in range(2) for start in (0,) * track + tuple(range(0, clips * 10, 20))]
    for number in range(clips):
        made.append(Clip(id=f"c{number}", track=f"k{1 + number % 2}", kind="title", start=starts[number // 2] + rng.randrange(3),
                         source_range=TimeRange(0, 10), link=f"l{number // 2}" if rng.random() < 0.7 else "", deleted=rng.random() < 0.1))
    return made


def scribble(draft: Draft, rng: random.Random) -> None:
    """One write of any sort, of one clip or many."""
    clips = rng.sample(draft.of_kind(Clip), rng.choice((1, 3, 60)))
    what = rng.randrange(7)
    if what == 0:
        draft.shift(clips, rng.randrange(50), placing=rng.random() < 0.3)
    elif what == 1:
        draft.put_all(clips, link=rng.choice(("", "l1", "new")))
    elif what == 2:
        draft.put_all(clips[:20], deleted=True)
    elif what == 3:
        draft.create(msgspec.structs.replace(clips[0], id=draft.new_id("c"), start=rng.randrange(500)))
    elif what == 4:
        draft.put_all(clips, track=rng.choice(("k1", "k2")))
    elif what == 5:
        for clip in clips:
            draft.put(clip, start=rng.randrange(900))
    else:
        gone = draft.record(f"c{rng.randrange(120)}")
        assert gone is not None
        draft.put(gone, deleted=False)


def in_rows(found: Iterable[Clip]) -> dict[str, list[Clip]]:
    rows: dict[str, list[Clip]] = {}
    for clip in sorted(found, key=lambda c: (c.start, c.id)):
        rows.setdefault(clip.track, []).append(clip)
    return rows


def test_a_drafts_rows_are_in_order_whenever_somebody_looks() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        draft = Draft(Snapshot.of(records(rng, 140)))
        for _ in range(12):
            scribble(draft, rng)
            if rng.random() < 0.5:
                rows = in_rows(draft.of_kind(Clip))
                assert {track: list(draft.clips_on(track)) for track in ("k1", "k2")} == {t: rows.get(t, []) for t in ("k1", "k2")}
                some = rng.choice(rows["k1"])
                assert some in draft.clips_between("k1", some.start, some.start + 1)


def test_what_a_draft_comes_to_is_what_applying_its_operations_makes() -> None:
    many = 0
    for seed in range(60):
        rng = random.Random(seed)
        document = Document(records(rng, 140))
        draft = Draft(document.snapshot)
        for _ in range(rng.randrange(1, 6)):
            scribble(draft, rng)
        operations = draft.operations(document)
        change = ChangeSet(stamp=Stamp(1, 1), actor="a", command="c", label="l", time=0, operations=operations)
        outcome, applied = draft.outcome(operations), document.snapshot.changed(stage(change, document.snapshot.records))
        afresh = Snapshot.of(applied.records.values())
        for one in (outcome, applied):
            assert dict(one.records) == dict(afresh.records)
            assert [c.id for c in one.of_kind(Clip)] == [c.id for c in applied.of_kind(Clip)]
            assert all(one.clips_on(track) == afresh.clips_on(track) for track in ("k1", "k2"))
            assert all(c is one.records[c.id] for track in ("k1", "k2") for c in one.clips_on(track))
            for link in {c.link for c in afresh.of_kind(Clip)}:
                assert {c.id for c in one.clips_linked(link)} == {c.id for c in afresh.clips_linked(link)}
        many += sum(isinstance(op, Shift) and len(op.clips) > 40 for op in operations)
    assert many > 2


def one_by_one(stamps: list[Stamp]) -> StampRow:
    """Runs as they were always made: a stamp goes on with a run whose step it keeps to."""
    sessions: dict[int, int] = {}
    runs: list[list[int]] = []
    last: Stamp | None = None
    for stamp in stamps:
        run = runs[-1] if runs else None
        further = stamp.counter - last.counter if last is not None else 0
        if last is not None and run is not None and stamp.session == last.session and (run[3] == 1 or run[2] == further):
            run[2], run[3] = further, run[3] + 1
        else:
            runs.append([sessions.setdefault(stamp.session, len(sessions)), stamp.counter, 0, 1])
        last = stamp
    return StampRow(tuple(sessions), tuple(number for run in runs for number in run))


def test_runs_of_stamps_are_written_as_ever() -> None:
    rng = random.Random(3)
    for _ in range(400):
        stamps = [stamp for _ in range(rng.randrange(7))
                  for stamp in [Stamp(rng.choice((1, 2)), rng.randrange(4))] * rng.choice((1, 1, 2, 3, 4, 9))]
        row = StampRow.of(stamps)
        assert row == one_by_one(stamps)
        assert list(row) == stamps


def test_a_ripple_is_taken_back_together_as_it_is_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    together = 0
    for seed in range(60):
        rng = random.Random(seed)
        document = Document(records(rng, 140))
        kept: dict[Stamp, ChangeSet] = {}
        history = History(kept.__getitem__)
        for number in range(1, 5):
            draft = Draft(document.snapshot)
            for _ in range(rng.choice((1, 1, 3))):
                scribble(draft, rng)
            operations = draft.operations(document)
            if not operations:
                continue
            change = ChangeSet(stamp=Stamp(1, number), actor=rng.choice("aab"), command="c", label="l", time=0, operations=operations)
            kept[change.stamp] = change
            document.apply(change)
            history.add(entry_of(change))
        for actor in "ab":
            found = [_undone(history, actor, document)]
            with monkeypatch.context() as patch:
                patch.setattr(histories._Writes, "_goes_together", lambda *args: False)
                found.append(_undone(history, actor, document))
            assert found[0] == found[1]
            together += any(isinstance(op, Shift) and len(op.clips) > 40 for op in found[0])
    assert together > 5


def _undone(history: History, actor: str, document: Document) -> tuple[object, ...]:
    try:
        return history.undo(actor, document)[1]
    except histories.UndoRefused as error:
        return (str(error),)


def test_a_record_is_checked_all_at_once_as_it_is_field_by_field() -> None:
    clip = Clip(id="c1", track="k1", kind="title", start=5, source_range=TimeRange(0, 10), position=Point(1, 2), opacity=1)
    singly = replace(clip, **{name: getattr(clip, name) for name in field_types(Clip)})
    assert msgspec.msgpack.encode(validated(clip)) == msgspec.msgpack.encode(singly)
    with pytest.raises(SchemaError, match="opacity of a clip"):
        validated(msgspec.structs.replace(clip, opacity=7.0))


def test_a_start_put_where_the_ripple_of_the_same_change_had_carried_it_is_taken_back_whole() -> None:
    """No edit writes a start twice, but a file might."""
    base = Clip(id="c1", track="k1", kind="title", start=10, source_range=TimeRange(0, 5))
    document = Document([*new_records(lambda prefix: prefix + "1"), base])
    made = Create(msgspec.structs.replace(base, id="c2", start=50))
    nobody = StampRow.of([Stamp(0, 0)])
    change = ChangeSet(stamp=Stamp(1, 1), actor="a", command="c", label="l", time=0,
                       operations=(made, Shift(("c1",), 5, nobody), Shift(("c1",), 7, StampRow.of([Stamp(1, 1)]))))
    document.apply(change)
    history = History({change.stamp: change}.__getitem__, [Entry(stamp=change.stamp, actor="a", command="c", label="l", time=0)])
    _, operations, _ = history.undo("a", document)
    assert [op.clips for op in operations if isinstance(op, Shift)] == [("c1",)]
    document.apply(ChangeSet(stamp=Stamp(1, 2), actor="a", command="c", label="l", time=0, operations=operations))
    assert document.snapshot.get(Clip, "c1").start == 10
