"""Comments through the door: said, taken back, refused, part of scripts.

Owns: the comment commands. Refuses: what a set of acts amounts to (see `tests.editor_core.comments`).
"""

from __future__ import annotations

import pytest

from editor_core.commands.registry import CommandError
from editor_core.comments import Thread
from editor_core.comments.talk import Talk
from editor_core.schema import Marker
from tests.support.cutting import BEN, Film
from tests.support.talking import Anywhere, talk


class Scene:
    """A film with one clip and a talk."""

    def __init__(self) -> None:
        self.film = Film()
        self.talk: Talk = talk(77)
        self.film.door.talk = lambda: self.talk
        self.clip = self.film.run("clip.append", asset=self.film.shot(frames=100))["clip"]

    @property
    def threads(self) -> tuple[Thread, ...]:
        return self.talk.comments.threads()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_comment_is_pinned_to_what_is_seen_and_its_drawing_is_kept(scene: Scene) -> None:
    made = scene.film.run("comment.add", text="Earlier? @Ben", at="10f", assign="Ben",
                          drawing=[{"kind": "arrow", "points": [[0, 0.5], [1, 1]]}])
    thread = scene.threads[0]
    assert thread.name == made["comment"] and thread.anchor.clip == scene.clip
    assert thread.assignee is not None and thread.assignee.name == "Ben"
    assert thread.root.drawing[0].points == (0, 32768, 65535, 65535)
    assert scene.film.run("comment.reply", comment=made["comment"], text="Moved it", actor=BEN)
    scene.film.run("comment.resolve", comment=made["comment"][:6])
    thread = scene.threads[0]
    assert (thread.state, thread.replies[0].author.name) == ("resolved", "Ben")


def test_undo_takes_back_gestures_and_comments_in_the_order_they_were_made(scene: Scene) -> None:
    film = scene.film
    film.run("marker.add", at="5f")
    film.run("comment.add", text="one", at="10f")
    film.run("marker.add", at="6f")
    film.run("comment.resolve", comment=scene.threads[0].name)
    assert film.door.next_label("undo", "ana") == "Resolve comment"
    film.run("edit.undo")
    assert scene.threads[0].open
    film.run("edit.undo")
    assert len(film.view.of_kind(Marker)) == 1 and len(scene.threads) == 1
    film.run("edit.undo")
    assert not scene.threads
    film.run("edit.redo")
    assert [t.root.text for t in scene.threads] == ["one"]
    film.run("edit.redo")
    assert len(film.view.of_kind(Marker)) == 2
    film.run("edit.redo")
    assert not scene.threads[0].open
    film.run("edit.undo")
    assert scene.threads[0].open


def test_going_back_in_the_films_history_leaves_comments_alone(scene: Scene) -> None:
    film = scene.film
    film.run("marker.add", at="5f")
    film.run("comment.add", text="one", at="10f")
    film.run("edit.undo", comments=False)
    assert film.view.of_kind(Marker) == [] and len(scene.threads) == 1
    film.run("edit.undo")
    assert not scene.threads


def test_what_others_built_on_is_not_undone_and_the_next_step_can_be(scene: Scene) -> None:
    film = scene.film
    film.run("marker.add", at="5f")
    made = film.run("comment.add", text="one", at="10f")["comment"]
    film.run("comment.reply", comment=made, text="no", actor=BEN)
    with pytest.raises(CommandError, match="replied"):
        film.run("edit.undo")
    film.run("edit.undo")
    assert film.view.of_kind(Marker) == []


def test_only_its_author_edits_or_deletes_a_comment(scene: Scene) -> None:
    made = scene.film.run("comment.add", text="one", at="10f", actor=BEN)["comment"]
    for command, more in (("comment.edit", {"text": "two"}), ("comment.delete", {}), ("comment.move", {"at": "20f"})):
        with pytest.raises(CommandError, match="Only Ben or an owner"):
            scene.film.door.execute(command, {"comment": made, **more})
    scene.film.run("comment.edit", comment=made, text="two", actor=BEN)
    scene.film.run("comment.delete", comment=made, actor=BEN)
    assert not scene.threads


class _Viewer(Anywhere):
    def refusal(self) -> str:
        return "A viewer reads comments and cannot write any. Ask Ana to make you a commenter"


def test_who_may_not_comment_is_told_so_and_nothing_happens(scene: Scene) -> None:
    scene.talk.standing = _Viewer()
    with pytest.raises(CommandError, match="Ask Ana"):
        scene.film.run("comment.add", text="one", at="10f")
    assert len(scene.talk.comments) == 0


class _Commenter(Anywhere):
    def edits(self) -> bool:
        return False


def test_a_commenter_makes_no_markers(scene: Scene) -> None:
    scene.talk.standing = _Commenter()
    made = scene.film.run("comment.add", text="one", at="10f")["comment"]
    with pytest.raises(CommandError, match="not edit it"):
        scene.film.run("comment.marker", comment=made)


def test_a_script_says_all_or_nothing_and_can_reply_to_itself(scene: Scene) -> None:
    door = scene.film.door
    with door.batch("Notes") as commit:
        made = door.execute("comment.add", {"text": "one", "at": "5f"}).result["comment"]
        door.execute("comment.reply", {"comment": made, "text": "two"})
        door.execute("comment.marker", {"comment": made})
        assert not scene.threads
        commit()
    assert [r.text for r in scene.threads[0].replies] == ["two"]
    assert [m.text for m in scene.film.view.of_kind(Marker)] == ["Ana: one"]
    with pytest.raises(CommandError), door.batch("Notes") as commit:
        door.execute("comment.add", {"text": "three", "at": "5f"})
        door.execute("comment.reply", {"comment": "knothing", "text": "two"})
        commit()
    assert len(scene.threads) == 1


@pytest.mark.parametrize("args", [
    {"text": "", "at": "1f"}, {"text": "x" * 5001, "at": "1f"}, {"text": "x"}, {"text": "x", "at": "-1f"}, {"text": "x", "clip": "nope"},
    {"text": "x", "at": "1f", "drawing": [{"kind": "arrow", "points": [[0, 0]]}]},
    {"text": "x", "at": "1f", "drawing": [{"kind": "stroke", "points": [[0, 2]]}]}])
def test_arguments_that_cannot_be_are_refused_in_words(scene: Scene, args: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        scene.film.door.execute("comment.add", args)
    assert not scene.threads
