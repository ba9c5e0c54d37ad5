"""The door: one way in, all or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from editor_core.commands.context import Actor
from editor_core.commands.registry import CommandError, CommandSpec
from editor_core.document import ChangeSet, Draft, Snapshot
from editor_core.schema import Marker
from tests.support.cutting import ANA, Film


@pytest.fixture
def film() -> Film:
    made = Film()
    made.append(made.shot(), 0, 100)
    return made


def test_a_change_says_who_what_why_and_when(film: Film) -> None:
    outcome = film.outcome("clip.set", clip=film.ids("V1")[0], property="opacity", value=0.5, gesture="g1")
    change = outcome.change
    assert change is not None
    assert (change.actor, change.command, change.label, change.gesture) == ("ana", "clip.set", "Set opacity 50 % of lake.mp4", "g1")
    assert change.args == {"clip": film.ids("V1")[0], "property": "opacity", "value": 0.5}
    assert change.time == 1_780_000_000_000
    assert outcome.wait() is None


def test_a_command_that_changes_nothing_makes_no_line_of_history(film: Film) -> None:
    lines = len(film.door.history.entries)
    outcome = film.outcome("clip.set", clip=film.ids("V1")[0], property="opacity", value=1)
    assert outcome.change is None
    assert len(film.door.history.entries) == lines


def test_a_refused_command_changes_nothing(film: Film) -> None:
    before, lines = film.view, len(film.door.history.entries)
    with pytest.raises(CommandError):
        film.run("clip.move", clips=film.ids("V1"), by="-5f")
    assert film.view is before
    assert len(film.door.history.entries) == lines


def test_permission_is_asked_with_actor_and_command(film: Film) -> None:
    asked: list[tuple[str, str]] = []

    def refuse(actor: Actor, spec: CommandSpec) -> str | None:
        asked.append((actor.id, spec.id))
        return "Commenters cannot trim" if spec.id == "clip.trim" else None

    film.door._permission = refuse
    with pytest.raises(CommandError, match="Commenters cannot trim"):
        film.run("clip.trim", clip=film.ids("V1")[0], edge="tail", to="50f")
    film.run("marker.add", at=0)
    assert asked == [("ana", "clip.trim"), ("ana", "marker.add")]
    with pytest.raises(CommandError, match="Commenters cannot trim"):  # nor is shown what would be refused
        film.door.preview("clip.trim", {"clip": film.ids("V1")[0], "edge": "tail", "to": "50f"})


def test_a_batch_is_one_change_and_one_undo(film: Film) -> None:
    lines = len(film.door.history.entries)
    with film.door.batch("Script") as commit:
        made = film.door.execute("track.add", {"kind": "video"}).result["track"]
        film.door.execute("title.add", {"text": "Hi", "at": 0, "duration": "1s", "track": made})
        clip = film.ids("V1")[0]
        film.door.execute("clip.trim", {"clip": clip, "edge": "tail", "to": "50f"})
        assert film.labels() == ["V1", "A1"]
        outcome = commit()
    assert outcome.change is not None
    assert len(film.door.history.entries) == lines + 1
    assert (film.lane("V1"), film.lane("V2")) == ([(0, 50)], [(0, 25)])
    film.run("edit.undo")
    assert film.labels() == ["V1", "A1"]
    assert film.lane("V1") == [(0, 100)]


def test_a_batch_that_is_left_without_committing_changes_nothing(film: Film) -> None:
    before = film.view
    with film.door.batch("Script"):
        film.door.execute("marker.add", {"at": 0})
    assert film.view is before
    film.run("marker.add", at="1s")
    assert len(film.view.of_kind(Marker)) == 1


def test_a_batch_with_a_refused_command_cannot_be_committed(film: Film) -> None:
    before = film.view
    with film.door.batch("Script") as commit:
        film.door.execute("marker.add", {"at": 0})
        with pytest.raises(CommandError):
            film.door.execute("clip.move", {"clips": film.ids("V1"), "by": "-5f"})
        with pytest.raises(CommandError, match="a command in it was refused, so nothing is done"):
            commit()
    assert film.view is before


def test_undo_cannot_be_part_of_a_batch(film: Film) -> None:
    first = film.ids("V1")[0]
    with film.door.batch("Script"):
        film.door.execute("clip.append", {"asset": film.clip(first).asset})
        with pytest.raises(CommandError, match=r"edit\.undo cannot be part of an atomic script"):
            film.door.execute("edit.undo")


def test_transitions_settle_after_each_command_of_a_batch(film: Film) -> None:
    second = film.append(film.clip(film.ids("V1")[0]).asset, 120, 50)[0]
    first = film.ids("V1")[0]
    with film.door.batch("Script") as commit:
        film.door.execute("transition.add", {"from": first, "to": second, "duration": "10f"})
        film.door.execute("clip.trim", {"clip": first, "edge": "tail", "to": "90f"})
        film.door.execute("clip.trim", {"clip": first, "edge": "tail", "to": "100f"})
        film.door.execute("transition.add", {"from": first, "to": second, "duration": "20f"})
        commit()
    assert len(film.view.transitions_on(film.track("V1").id)) == 1


def test_batches_do_not_nest(film: Film) -> None:
    with film.door.batch("One"), pytest.raises(CommandError, match="already open"), film.door.batch("Two"):
        raise AssertionError("never reached")


def test_a_draft_on_an_old_snapshot_is_refused(film: Film) -> None:
    draft = Draft(film.view)
    draft.create(Marker(id="n1", timeline=film.view.timeline.id, start=0))
    film.run("marker.add", at="1s")
    with pytest.raises(CommandError, match="changed meanwhile"):
        film.door.apply_operations("import", "Import", draft)


def test_a_draft_made_elsewhere_is_committed_as_one_change(film: Film) -> None:
    draft = Draft(film.view)
    draft.create(Marker(id="n1", timeline=film.view.timeline.id, start=0))
    outcome = film.door.apply_operations("import", "Import cut", draft)
    assert outcome.change is not None
    assert outcome.change.label == film.label() == "Import cut"


def test_a_recorder_that_fails_takes_the_change_back(film: Film) -> None:
    def full(change: ChangeSet, before: Snapshot, after: Snapshot) -> Any:
        raise OSError("no space left")

    before = film.view
    film.door._recorder = full
    with pytest.raises(OSError, match="no space left"):
        film.run("marker.add", at=0)
    assert film.view is before
    assert film.door.history.next_undo(ANA.id) is not None
    film.door._recorder = None
    film.run("marker.add", at=0)
    assert len(film.view.of_kind(Marker)) == 1


def test_outcomes_wait_for_their_ticket(film: Film) -> None:
    waited: list[float | None] = []

    class Slow:
        def wait(self, timeout: float | None = None) -> None:
            waited.append(timeout)

    film.door._recorder = lambda change, before, after: Slow()
    film.outcome("marker.add", at=0).wait(2.0)
    film.outcome("clip.set", clip=film.ids("V1")[0], property="opacity", value=1).wait(3.0)
    assert waited == [2.0]


def test_a_preview_changes_nothing_and_has_none_for_undo(film: Film) -> None:
    before = film.view
    draft = film.door.preview("clip.trim", {"clip": film.ids("V1")[0], "edge": "tail", "to": "50f"})
    assert [clip.end // film.f for clip in draft.clips_on(film.track("V1").id)] == [50]
    assert film.view is before
    with pytest.raises(CommandError, match="no preview of undo"):
        film.door.preview("edit.undo")


@pytest.mark.parametrize(("command", "args", "words"), [
    ("title.add", {"text": "Hi", "at": 0}, "title.add: missing argument `duration`"),
    ("title.add", {"text": "Hi", "at": 0, "duration": 1, "colour": 1},
     "title.add: unknown argument `colour`; it takes text, at, duration, track, style"),
    ("title.add", {"text": "Hi", "at": 0, "duration": 1, "style": {"colour": "red"}}, "title.add: unknown entry `colour` in `style`"),
    ("clip.split", {"clips": "c1", "at": 0}, "clip.split: `clips` wants a list or nothing, not text"),
    ("clip.lift", {"clips": []}, "clip.lift: `clips` wants a list of length >= 1"),
    ("clip.lift", {"clips": [5]}, "clip.lift: `clips[0]` wants text, not a whole number"),
    ("solid.add", {"color": 7, "at": 0, "duration": 1}, "solid.add: `color` wants text, not a whole number"),
    ("solid.add", {"color": "#12345", "at": 0, "duration": "1s"}, "color: '#12345' is no colour; write sRGB as #RRGGBB or #RRGGBBAA, as "
     "#RGB or #RGBA for short, or a CSS name such as red, navy or transparent"),
    ("timeline.set", {"width": 4}, "timeline.set: `width` wants a whole number >= 16"),
    ("transition.add", {"from": "a", "to": "b", "duration": 1, "kind": "wipe"},
     "transition.add: `kind` wants dissolve, not 'wipe'"),
    ("track.add", {"kind": "midi"}, "track.add: `kind` wants audio or caption or video, not 'midi'"),
])
def test_error_words_are_for_people(film: Film, command: str, args: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError) as caught:
        film.run(command, **args)
    assert str(caught.value) == words
